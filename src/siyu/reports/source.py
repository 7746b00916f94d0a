"""What the sections read from: datasets through the engine, and what `app` passes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.campaigns import Campaign
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import events
from siyu.engine.sql import query
from siyu.reports.settings import ReportSettings

Figures: TypeAlias = dict[str, Any]
"""Figures of one section: JSON values only, of no language; ``{"empty": reason key}`` where there is nothing to say."""

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """What is not a dataset.

    Attributes:
        ledger: rows of the campaign: person, state, reason, planned_at, sent_at (or handed_at), message_id, and
            decision where it is known.
        outcomes: one row a person (:func:`siyu.reports.outcomes.arm`); ``None`` where none were gathered.
        imports: source name to counts: ``read``, ``accepted``, ``quarantined``, and what else it counted.
        stages: mappings with ``stage``, ``seconds``, ``peak_mb``, and optionally ``rows`` and ``counts``.
        shown_settings: settings worth printing, by dotted name.
        hold_out: share that was to be held out, where it is not the campaign's alone (a global hold-out beside it).
    """

    ledger: pa.Table
    outcomes: pa.Table | None = None
    imports: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stages: Sequence[Mapping[str, Any]] = ()
    shown_settings: Mapping[str, Any] = field(default_factory=dict)
    hold_out: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Everything a section may ask."""

    engine: Engine
    material: Material
    campaign: Campaign
    settings: ReportSettings
    now: datetime

    @property
    def outcomes(self) -> pa.Table | None:
        """The outcomes of this campaign; ``None`` where there are none."""
        found = self.material.outcomes
        if found is not None and "campaign" in found.column_names:
            found = found.filter(pc.equal(found["campaign"], self.campaign.name))
        return found if found is not None and found.num_rows else None

    @property
    def hold_out(self) -> float:
        """Share of the audience that was to be held out."""
        given = self.material.hold_out
        return self.campaign.hold_out if given is None else given

    @property
    def final(self) -> bool:
        """Whether the window in which purchases count is over for everybody (outcomes may say so by ``mature``)."""
        found = self.outcomes
        if found is not None and "mature" in found.column_names:
            return bool(pc.all(pc.fill_null(found["mature"], False)).as_py())
        return self.now >= self.campaign.end + self.campaign.attribution

    def has(self, dataset: str) -> bool:
        """Whether ``dataset`` was published and has rows; if so it is readable in SQL under its own name."""
        found = manifest.find(self.engine.root, dataset)
        if found is None or not found.rows:
            return False
        if dataset == "events":
            events(self.engine)
        else:
            self.engine.table(dataset, dataset)
        return True

    def findings(self, dataset: str) -> list[Row]:
        """What was found that could not be worked out when ``dataset`` was made."""
        found = manifest.find(self.engine.root, dataset)
        rows: Any = found.meta.get("findings", []) if found else []
        return list(rows)

    @property
    def window_ends(self) -> datetime:
        """When the last purchase counts: by the outcomes where they say so (``until``), else by the campaign."""
        found = self.outcomes
        last = pc.max(found["until"]).as_py() if found is not None and "until" in found.column_names else None
        return last.replace(tzinfo=UTC) if last is not None else self.campaign.end + self.campaign.attribution

    def batches(self, name: str, **values: object) -> Iterator[pa.RecordBatch]:
        """The result of ``sql/<name>.sql``, batch by batch."""
        yield from self.engine.batches(query("siyu.reports", name, **values))

    def rows(self, name: str, **values: object) -> list[Row]:
        """Rows of ``sql/<name>.sql``: small results only."""
        return [row for batch in self.batches(name, **values) for row in batch.to_pylist()]


def empty(why: str, findings: Sequence[Row] = ()) -> Figures:
    """A section with nothing to show, the key of the reason, and what profiling found of it."""
    return {"empty": why, **({"findings": list(findings)} if findings else {})}

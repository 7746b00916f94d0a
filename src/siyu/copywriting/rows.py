"""Rows of ``MESSAGES``, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from siyu.copywriting.claims import Claims
from siyu.domain.copy import Finding
from siyu.domain.ids import stable_id
from siyu.engine.schemas import MESSAGES

_PLAIN = [name for name in MESSAGES.names if name not in ("parts", "facts")]


@dataclass(frozen=True, slots=True)
class Written:
    """A message before it becomes a row."""

    lines: list[tuple[str, str, str]]  # part, piece id, text
    findings: list[Finding]
    variant: str
    propensity: float


class Chosen(Protocol):
    """What was chosen for a reader."""

    @property
    def person(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def items(self) -> Sequence[str]: ...
    @property
    def brief_id(self) -> str: ...
    @property
    def angle_facet(self) -> str: ...
    @property
    def angle_value(self) -> str: ...
    @property
    def reason(self) -> str: ...


class Rows:
    """Collects the rows of one batch."""

    def __init__(self, campaign: str, step: int, channel: str) -> None:
        self._campaign, self._step, self._channel = campaign, step, channel
        self._rows: list[tuple[Any, ...]] = []
        self._lines: list[tuple[str, str, str]] = []
        self._offsets = [0]

    def nothing(self, person: str, language: str) -> None:
        """No product for this reader."""
        self._row(person, language, ("no-product", None, [], None, "", "", "", None, None, ()))

    def add(self, chosen: Chosen, written: Written, outcome: str) -> None:
        """A written message."""
        self._lines += written.lines
        self._row(
            chosen.person,
            chosen.language,
            (
                outcome, chosen.item, chosen.items, chosen.brief_id, chosen.angle_facet, chosen.angle_value,
                chosen.reason, written.variant, written.propensity, list(map(_plain, written.findings)),
            ),
        )  # fmt: skip

    def _row(self, person: str, language: str, rest: tuple[Any, ...]) -> None:
        self._offsets.append(len(self._lines))
        message_id = stable_id(self._campaign, str(self._step), person, self._channel)
        self._rows.append((message_id, self._campaign, self._step, person, self._channel, language, *rest))

    def batch(self, claims: Claims) -> pa.RecordBatch:
        """The batch."""
        texts = list(zip(*self._lines, strict=True)) or [(), (), ()]
        structs = pa.StructArray.from_arrays(
            [pa.array(column, pa.string()) for column in texts], ["part", "piece_id", "text"]
        )
        columns = (
            dict(zip(_PLAIN, zip(*self._rows, strict=True), strict=True)) if self._rows else dict.fromkeys(_PLAIN, ())
        )
        made = {name: pa.array(column, MESSAGES.field(name).type) for name, column in columns.items()}
        made["parts"] = pa.ListArray.from_arrays(pa.array(self._offsets, pa.int32()), structs)
        made["facts"] = claims.array(MESSAGES.field("facts").type)
        return pa.RecordBatch.from_arrays([made[name] for name in MESSAGES.names], schema=MESSAGES)


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule, "severity": str(finding.severity), "part": finding.part, "start": finding.start,
        "end": finding.end, "excerpt": finding.excerpt, "confidence": finding.confidence, "source": finding.source,
        "remedy": finding.remedy,
    }  # fmt: skip

"""Who must be written to: everybody the first time; later those for whom something changed and who got nothing yet."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from siyu.copywriting import digests
from siyu.copywriting.notary import rules_version
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.things import SCHEMA, STATE
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.policy import Policy
from siyu.engine import manifest, sql
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import INTERESTS, MESSAGES, RECOMMENDATIONS

_ROOM = "siyu.copywriting"
_SOURCES: Final = {"recommendations": RECOMMENDATIONS, "interests": INTERESTS}
_RULES, _ITEM = "rules", "item:"
_NOBODY = pa.table({"person": pa.array([], pa.string())})


class Renewal:
    """What one campaign step was last written from, and what it is written from now.

    Leaves the views ``mine`` (its messages), ``kept`` (people who were sent theirs: it is never changed again) and
    ``touched`` (people for whom something changed since); ``everyone`` says that all are to be written to.

    Args:
        shelf: facts in force.
        sent: ids of messages that have left, or may have (column ``message_id``).
    """

    def __init__(self, engine: Engine, campaign: Campaign, *, step: int, shelf: Shelf, sent: pa.Table) -> None:
        self._engine, self._run = engine, f"{campaign.name}/{step}"
        self._items = digests.products(shelf)
        self._versions = {name: _version(engine, name) for name in _SOURCES}
        mine = sql.fill("campaign = $campaign AND step = $step", campaign=campaign.name, step=step)
        written = manifest.find(engine.root, "messages") is not None
        engine.table("messages", "messages" if written else MESSAGES.empty_table())
        engine.table("mine", Sql(f"SELECT * FROM messages WHERE {mine}"))
        engine.table("earlier", Sql(f"SELECT * FROM messages WHERE NOT ({mine})"))
        engine.table("sent_messages", sent.select(["message_id"]))
        kept = (
            "SELECT m.person FROM mine m WHERE EXISTS (SELECT 1 FROM sent_messages s WHERE s.message_id = m.message_id)"
        )
        engine.table("kept", Sql(kept))
        self.everyone = True

    def compare(self, rules: str) -> None:
        """See what changed since the last run; ``rules`` is what else the words depend on, as a digest."""
        self._rules = rules
        before = self._last()
        versions = {name: int(before.get(name, -1)) for name in _SOURCES}
        later = [name for name, version in versions.items() if not 0 <= version <= self._versions[name]]
        self.everyone = before.get(_RULES) != rules or bool(later)
        changed = [] if self.everyone else self._changed(before)
        self._engine.table("changed_items", pa.table({"item": pa.array(changed, pa.string())}))
        for name, schema in _SOURCES.items():
            missing = self.everyone or manifest.find(self._engine.root, name) is None
            self._engine.table(f"new_{name}", schema.empty_table() if missing else name, after=versions[name])
        self._engine.table("touched", Sql(sql.load(_ROOM, "touched")))

    def remember(self, *, unfinished: bool = False) -> None:
        """Keep what this run was written from, for the next one; one that is ``unfinished`` begins anew then."""
        values = {
            _RULES: "" if unfinished else self._rules,
            **{name: str(version) for name, version in self._versions.items()},
        }
        rows = [*values.items(), *((f"{_ITEM}{item}", digest) for item, digest in self._items.items())]
        names, contents = zip(*rows, strict=True)
        table = pa.table([pa.array([self._run] * len(rows)), pa.array(names), pa.array(contents)], schema=SCHEMA)
        self._engine.table("state_run", pa.table({"run": [self._run]}))
        self._engine.write(table.to_reader(), STATE, supersede="SELECT run FROM state_run")

    def _last(self) -> dict[str, str]:
        if manifest.find(self._engine.root, STATE) is None:
            return {}
        self._engine.table(STATE, STATE)
        query = sql.fill(f"SELECT name, value FROM {STATE} WHERE run = $run", run=self._run)
        batches = [batch.columns for batch in self._engine.batches(query)]
        return {n: v for names, values in batches for n, v in zip(names.to_pylist(), values.to_pylist(), strict=True)}

    def _changed(self, before: dict[str, str]) -> Sequence[str]:
        """Products of which something else may be said than last time, and those that are gone."""
        known = {name.removeprefix(_ITEM): value for name, value in before.items() if name.startswith(_ITEM)}
        return sorted(item for item in known.keys() | self._items.keys() if known.get(item) != self._items.get(item))


def digest(
    campaign: Campaign, settings: CopySettings, vocabulary: Shelf, *, offers: Sequence[Offer], policy: Policy
) -> str:
    """Digest of all that the words of a campaign depend on beside people and products; its dates are no part of it."""
    told = {name: value for name, value in dataclasses.asdict(campaign).items() if name not in ("start", "end")}
    terms = [dataclasses.asdict(offer) for offer in offers]
    content = json.dumps([told, terms, policy.name], ensure_ascii=False, default=str, sort_keys=True)
    return hashlib.sha256((rules_version(campaign, settings, vocabulary) + content).encode()).hexdigest()


def _version(engine: Engine, dataset: str) -> int:
    found = manifest.find(engine.root, dataset)
    return found.version if found else 0

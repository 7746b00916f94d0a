"""The journal of imports: which files are in, and which import was cut off.

Three datasets cannot be switched in one step, so the journal frames them: an *intent* is written first, then the
aliases, the events and the quarantine are published (each all or nothing), and last the journal gets the files and
loses the intent. A kill leaves an intent behind; the next import of the same files under the same settings computes
the same rows again, sees by the versions in the intent which of the two datasets is in already, and publishes only
what is missing. Until then readers may see the events of an import whose quarantine is not there yet: never half of
either, and never a row twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT

IMPORTS = "imports"
"""Dataset: one row a file that was imported."""

SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),  # name, not path
        ("fingerprint", pa.string()),
        ("bytes", pa.int64()),
        ("imported_at", MOMENT),
        ("settings", pa.string()),  # digest of the settings it was read under; null in journals of old
        ("place", pa.string()),  # digest of its path and of when it was last written
    ]
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What an import was about to publish, and where the datasets stood before.

    Attributes:
        healed: ids of returns of earlier imports that it makes events of.
    """

    fingerprints: tuple[str, ...]
    settings: str
    events: int
    quarantine: int
    healed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Tells this import from every other one."""
        said = f"{self.fingerprints} {self.settings} {self.events} {self.quarantine}"
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _meta(engine: Engine) -> dict[str, Any]:
    found = manifest.find(engine.root, IMPORTS)
    return dict(found.meta) if found else {}


def _rows(engine: Engine) -> pa.Table:
    if manifest.find(engine.root, IMPORTS) is None:
        return SCHEMA.empty_table()
    engine.table("import_journal", IMPORTS)
    batches = list(engine.batches("SELECT * FROM import_journal"))
    if not batches:
        return SCHEMA.empty_table()
    found = pa.Table.from_batches(batches)
    columns = [
        found[field.name].cast(field.type) if field.name in found.column_names else pa.nulls(len(found), field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def version(engine: Engine, dataset: str) -> int:
    """Version of ``dataset`` now; 0 where it was never published."""
    found = manifest.find(engine.root, dataset)
    return found.version if found else 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that is in."""

    file: str
    fingerprint: str
    bytes: int
    settings: str | None
    place: str | None


def entries(engine: Engine, source: str) -> tuple[Entry, ...]:
    """The files of ``source`` that are in."""
    rows = _rows(engine).select(["source", "file", "fingerprint", "bytes", "settings", "place"]).to_pylist()
    return tuple(Entry(*list(row.values())[1:]) for row in rows if row["source"] == source)


def intent(engine: Engine, source: str) -> Intent | None:
    """The intent a cut-off import of ``source`` left behind."""
    left: Mapping[str, Any] | None = _meta(engine).get("intents", {}).get(source)
    if left is None:
        return None
    return Intent(tuple(left["fingerprints"]), left["settings"], left["events"], left["quarantine"])


def healing(engine: Engine, *, besides: str) -> tuple[str, ...]:
    """Ids of returns that cut-off imports of other sources are about to make events of."""
    intents = _meta(engine).get("intents", {})
    return tuple(sorted(one for name, left in intents.items() if name != besides for one in left.get("healed", ())))


def begin(engine: Engine, source: str, plan: Intent) -> None:
    """Write down what is about to be published."""
    intents = {
        **_meta(engine).get("intents", {}),
        source: {
            "fingerprints": list(plan.fingerprints),
            "settings": plan.settings,
            "events": plan.events,
            "quarantine": plan.quarantine,
            "healed": list(plan.healed),
        },
    }
    _publish(engine, _rows(engine), intents)


def finish(engine: Engine, source: str, added: Sequence[Entry], at: datetime, *, instead: bool = False) -> None:
    """The files are in; ``instead`` of all that were in before."""
    intents = {name: left for name, left in _meta(engine).get("intents", {}).items() if name != source}
    moment = at.replace(tzinfo=None)
    names = [field.name for field in SCHEMA]
    rows = [[source, one.file, one.fingerprint, one.bytes, moment, one.settings, one.place] for one in added]
    new = [dict(zip(names, row, strict=True)) for row in rows]
    before = _rows(engine)
    kept = before.filter(pc.not_equal(before["source"], source)) if instead else before
    _publish(engine, pa.concat_tables([kept, pa.Table.from_pylist(new, schema=SCHEMA)]), intents)


def _publish(engine: Engine, rows: pa.Table, intents: Mapping[str, object]) -> None:
    engine.write(rows.to_reader(), IMPORTS, meta={"intents": dict(intents)})

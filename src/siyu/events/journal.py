"""The journal of imports: which files are in, and which import was cut off.

Three datasets cannot be switched in one step, so the journal frames them: an *intent* is written first, then the
aliases, the events and the quarantine are published (each all or nothing), and last the journal gets the files and
loses the intent. A kill leaves an intent behind; the next import of the same files under the same settings computes
the same rows again, sees by the versions in the intent which of the two datasets is in already, and publishes only
what is missing. Until then readers may see the events of an import whose quarantine is not there yet: never half of
either, and never a row twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import MOMENT
from siyu.files import SourceFile

IMPORTS = "imports"
"""Dataset: one row a file that was imported."""

SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),  # name, not path
        ("fingerprint", pa.string()),
        ("bytes", pa.int64()),
        ("imported_at", MOMENT),
    ]
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What an import was about to publish, and where the datasets stood before."""

    fingerprints: tuple[str, ...]
    settings: str
    events: int
    quarantine: int


def _meta(engine: Engine) -> dict[str, Any]:
    found = manifest.find(engine.root, IMPORTS)
    return dict(found.meta) if found else {}


def _rows(engine: Engine) -> pa.Table:
    if manifest.find(engine.root, IMPORTS) is None:
        return SCHEMA.empty_table()
    engine.table("import_journal", IMPORTS)
    return pa.Table.from_batches(engine.batches("SELECT * FROM import_journal"), schema=SCHEMA)


def version(engine: Engine, dataset: str) -> int:
    """Version of ``dataset`` now; 0 where it was never published."""
    found = manifest.find(engine.root, dataset)
    return found.version if found else 0


def known(engine: Engine, source: str) -> frozenset[str]:
    """Fingerprints of the files of ``source`` that are in."""
    rows = _rows(engine)
    return frozenset(
        print_
        for name, print_ in zip(rows["source"].to_pylist(), rows["fingerprint"].to_pylist(), strict=True)
        if name == source
    )


def intent(engine: Engine, source: str) -> Intent | None:
    """The intent a cut-off import of ``source`` left behind."""
    left: Mapping[str, Any] | None = _meta(engine).get("intents", {}).get(source)
    if left is None:
        return None
    return Intent(tuple(left["fingerprints"]), left["settings"], left["events"], left["quarantine"])


def begin(engine: Engine, source: str, plan: Intent) -> None:
    """Write down what is about to be published."""
    intents = {
        **_meta(engine).get("intents", {}),
        source: {
            "fingerprints": list(plan.fingerprints),
            "settings": plan.settings,
            "events": plan.events,
            "quarantine": plan.quarantine,
        },
    }
    _publish(engine, _rows(engine), intents)


def finish(engine: Engine, source: str, files: Sequence[SourceFile], at: datetime) -> None:
    """The files are in."""
    intents = {name: left for name, left in _meta(engine).get("intents", {}).items() if name != source}
    moment = at.replace(tzinfo=None)
    added = [[source, file.name, file.fingerprint, file.size, moment] for file in files]
    columns = [list(column) for column in zip(*added, strict=True)] if added else [[] for _ in SCHEMA]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    _publish(engine, pa.concat_tables([_rows(engine), pa.Table.from_arrays(arrays, schema=SCHEMA)]), intents)


def _publish(engine: Engine, rows: pa.Table, intents: Mapping[str, object]) -> None:
    engine.write(rows.to_reader(), IMPORTS, meta={"intents": dict(intents)})

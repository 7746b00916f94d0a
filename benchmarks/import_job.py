"""What the benchmark of imports runs, each a process of its own: ``python -m benchmarks.import_job ours ...``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from babel.core import get_global

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.sql import literal
from siyu.events import SourceSettings, import_events
from siyu.privacy.envelope import Envelope
from siyu.privacy.keys import KeyRing
from siyu.privacy.pseudonyms import Pseudonymiser

SQL = Path(__file__).parent / "sql" / "import.sql"
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
LATEST = datetime(2027, 2, 1, tzinfo=UTC)
_ALIKE = "kind, ts, effective_ts, item, quantity, unit_price, currency, order_id, rating, channel, message_id"


def ours(state: Path, files: str, memory: str) -> dict[str, object]:
    """Import ``files``: pseudonyms and sealed quarantine by the real keys."""
    keys = KeyRing.open(state / "keys") if (state / "keys").exists() else KeyRing.create(state / "keys")
    report = import_events(
        EmbeddedEngine(state / "tables", memory=memory),
        SourceSettings(name="shop", paths=(files,), latest=LATEST),
        pseudonymise=Pseudonymiser(keys),
        encrypt=Envelope(keys).seal_payloads,
        clock=FixedClock(NOW + timedelta(days=30)),
    )
    return {"read": report.read, "events": report.events, "set_aside": sum(report.quarantined.values())}


def plain(answer: Path, files: str, memory: str) -> dict[str, object]:
    """``sql/import.sql``, statement by statement."""
    settings = {"memory_limit": memory, "temp_directory": str(answer.parent / "spill")}
    connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    text = "\n".join(line for line in SQL.read_text("utf-8").splitlines() if not line.startswith("--"))
    values = {
        "$files": literal(files),
        "$latest": f"{literal(LATEST)}::TIMESTAMPTZ",
        "$currencies": literal(tuple(sorted(get_global("all_currencies")))),
        "$answer": literal(str(answer)),
    }
    for name, value in values.items():
        text = text.replace(name, value)
    for statement in filter(str.strip, text.split(";")):
        connection.execute(statement)
    return {}


def checksums(state: Path, answer: Path) -> list[tuple[object, ...]]:
    """Of both: rows, what happened, to whom, and when each session began. People by the same pseudonyms."""
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW plain AS SELECT * FROM read_parquet({literal(str(answer))})")
    connection.execute(
        f"CREATE VIEW ours AS SELECT * FROM read_parquet({literal(str(state / 'tables/events/*/**/*.parquet'))})"
    )
    raw = connection.execute("SELECT DISTINCT person FROM plain").to_arrow_table()["person"].combine_chunks()
    names = pa.table({"raw": raw, "name": Pseudonymiser(KeyRing.open(state / "keys"))(raw)})
    connection.register("names", names)
    hashed = [
        f"sum(hash(event_id, {what})::HUGEINT)" for what in (_ALIKE, "person", "string_split(session_id, '-')[-1]")
    ]
    sums = f"count(*), count(DISTINCT session_id), {', '.join(hashed)}"
    named = "SELECT p.* REPLACE (n.name AS person) FROM plain p JOIN names n ON n.raw = p.person"
    return [connection.execute(f"SELECT {sums} FROM ({rows})").fetchall()[0] for rows in ("SELECT * FROM ours", named)]


_JOBS: dict[str, Callable[[Path, str, str], dict[str, object]]] = {"ours": ours, "plain": plain}

if __name__ == "__main__":
    print(json.dumps(_JOBS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3], sys.argv[4])))

"""What the benchmark of profiles runs, each a process of its own: ``python -m benchmarks.profiles_job build ...``."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.sql import fill, literal
from siyu.profiles import ProfileSettings, build_profiles
from siyu.text.tokenise import readable_forms, tokens

SQL = Path(__file__).parent / "sql" / "profiles.sql"


def build(folder: Path, memory: str, now: datetime) -> dict[str, object]:
    """Profiles of the datasets in ``folder``."""
    report = build_profiles(EmbeddedEngine(folder, memory=memory), ProfileSettings(), clock=FixedClock(now))
    return {"mode": report.mode, "events": report.events, "people": report.people}


def plain(shop: Path, memory: str, now: datetime, out: Path) -> dict[str, object]:
    """``sql/profiles.sql``, statement by statement."""
    spill = str(out / "spill")
    connection = duckdb.connect(config={"memory_limit": memory, "temp_directory": spill})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    for name in ("events", "products", "aliases"):
        files = f"read_parquet('{shop / name}/**/*.parquet', hive_partitioning = false)"
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {files}")
    for name in ("title_words", "forms"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{out / name}.parquet')")
    half_life = ProfileSettings().interests.half_life_days
    targets = {name: str(out / f"{name}.parquet") for name in ("interests", "people")}
    text = "\n".join(line for line in SQL.read_text("utf-8").splitlines() if not line.startswith("--"))
    for statement in filter(str.strip, text.split(";")):
        connection.execute(fill(statement, now=now, half_life=half_life, **targets))
    return {}


def prepare_words(shop: Path, out: Path, now: datetime) -> None:
    """The words of titles and their readable forms, which the plain way is given: tokenising is measured apart."""
    engine = EmbeddedEngine(shop)
    engine.table("shop_events", "events")
    engine.table("shop_products", "products")
    items: list[str] = []
    words: list[str] = []
    for batch in engine.batches("SELECT item, title, language FROM shop_products"):
        for item, title, language in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            own = sorted(set(tokens(title or "", language)))
            items += [item] * len(own)
            words += own
    seen = Counter(words)
    spoken = f"SELECT unnest(tokens) AS word FROM shop_events WHERE tokens IS NOT NULL AND ts <= {literal(now)}"
    for batch in engine.batches(f"SELECT word, count(*) FROM ({spoken}) w WHERE word <> '' GROUP BY word"):
        seen.update(dict(zip(*(column.to_pylist() for column in batch.columns), strict=True)))
    forms = readable_forms(seen)
    pq.write_table(pa.table({"item": items, "word": words}), out / "title_words.parquet")
    pq.write_table(pa.table({"word": list(forms), "shown": list(forms.values())}), out / "forms.parquet")


def checksums(ours: Path, out: Path) -> list[tuple[object, ...]]:
    """Of what Siyu made."""
    engine = EmbeddedEngine(ours)
    for name in ("interests", "people"):
        engine.table(name, name)
        (columns,) = (kept for dataset, kept in _COLUMNS if dataset == name)
        engine_rows = engine.batches(f"SELECT {columns} FROM {name}")
        _stored(engine_rows, out / f"ours_{name}.parquet")
    return _checksums(out, "ours_")


def plain_checksums(out: Path) -> list[tuple[object, ...]]:
    """Of what the plain way made."""
    return _checksums(out, "")


_COLUMNS = (
    ("interests", "person, facet, value, weight, lift, rank"),
    ("people", "person, first_ts, last_ts, events, orders, spend, recency_days, r, f, m"),
)


def _checksums(out: Path, prefix: str) -> list[tuple[object, ...]]:
    """Rows, and sums over rows of hashes of keys and of rounded numbers."""
    interests = (
        "SELECT count(*), sum(hash(person, facet, value, rank::INT)::HUGEINT), round(sum(weight), 3), "
        "sum(round(weight * 1e6)::HUGEINT), round(sum(ln(lift)), 2) "
        f"FROM read_parquet('{out / (prefix + 'interests')}.parquet')"
    )
    people = (
        "SELECT count(*), "
        "sum(hash(person, first_ts, last_ts, events::BIGINT, orders::BIGINT, r::INT, f::INT, m::INT)::HUGEINT), "
        "round(sum(spend), 1), round(sum(recency_days), 0) "
        f"FROM read_parquet('{out / (prefix + 'people')}.parquet')"
    )
    return [duckdb.sql(query).fetchall()[0] for query in (interests, people)]


def copy_until(shop: Path, folder: Path, day: datetime) -> None:
    """The shop as it was at ``day``: no later events, and no visitors who first came after it known by name."""
    engine, there = EmbeddedEngine(shop), EmbeddedEngine(folder)
    engine.table("shop_events", "events")
    engine.table("shop_aliases", "aliases")
    cut = literal(day)
    there.write(_reader(engine.batches(f"SELECT * FROM shop_events WHERE ts < {cut}")), "events")
    new = f"SELECT person FROM shop_events GROUP BY person HAVING min(ts) >= {cut}"
    known = f"SELECT a.* FROM shop_aliases a ANTI JOIN ({new}) n ON n.person = a.alias"
    there.write(_reader(engine.batches(known)), "aliases")
    for name in ("products", "declared"):
        shutil.copytree(shop / name, folder / name)


def add_since(shop: Path, folder: Path, day: datetime) -> None:
    """The rest of the events and aliases."""
    engine, there = EmbeddedEngine(shop), EmbeddedEngine(folder)
    engine.table("shop_events", "events")
    engine.table("shop_aliases", "aliases")
    rest = f"SELECT * FROM shop_events WHERE ts >= {literal(day)}"
    there.write(_reader(engine.batches(rest)), "events", append=True)
    there.write(_reader(engine.batches("SELECT * FROM shop_aliases")), "aliases")


def _reader(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    first = next(batches)

    def all_of_them() -> Iterator[pa.RecordBatch]:
        yield first
        yield from batches

    return pa.RecordBatchReader.from_batches(first.schema, all_of_them())


def _stored(batches: Iterator[pa.RecordBatch], path: Path) -> None:
    reader = _reader(batches)
    with pq.ParquetWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


def main(kind: str, folder: str, memory: str, now: str, *out: str) -> None:
    """One job; its result as JSON on the last line."""
    moment = datetime.fromisoformat(now).astimezone(UTC)
    found = (
        build(Path(folder), memory, moment) if kind == "build" else plain(Path(folder), memory, moment, Path(out[0]))
    )
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])

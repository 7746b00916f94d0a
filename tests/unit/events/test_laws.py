"""Laws that hold for any input: accounts balance, importing again changes nothing, cleaning what is clean keeps it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import EVENTS, QUARANTINE
from siyu.events import BotSettings, ImportReport, SourceSettings, import_events

from .conftest import Importer, encrypt, jsonl, pseudonymise, rows

DIRT: Any = st.one_of(
    st.none(), st.text(max_size=8), st.integers(-5, 5), st.floats(), st.booleans(), st.just("1e308"), st.just(" ")
)
MOMENTS = st.one_of(
    DIRT, st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1)).map(datetime.isoformat)  # noqa: DTZ001
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "user_id": st.one_of(DIRT, st.sampled_from(["u", "v"])),
        "kind": st.one_of(
            DIRT, st.sampled_from(["browse", "search", "cart", "purchase", "return", "review", "identify"])
        ),
        "ts": st.one_of(MOMENTS, st.sampled_from(["2026-05-01T10:00:00Z", "2026-05-01T10:10:00Z"])),
        "item": st.one_of(DIRT, st.sampled_from(["a", "b", "POST"])),
    },
    optional={
        "event_id": st.sampled_from(["m1", "m2", None]),
        "anonymous_id": st.sampled_from(["x", "y", "u"]),
        "quantity": DIRT,
        "unit_price": DIRT,
        "rating": DIRT,
        "currency": DIRT,
        "order_id": DIRT,
        "query": DIRT,
        "text": DIRT,
        "language": DIRT,
    },
)


def run(engine: EmbeddedEngine, path: str, **more: Any) -> ImportReport:
    source = SourceSettings(name="shop", paths=(path,), constants={"currency": "CNY"}, not_products=("POST",), **more)
    now = FixedClock(datetime(2026, 6, 1, tzinfo=UTC))
    report = import_events(engine, source, pseudonymise=pseudonymise, encrypt=encrypt, clock=now)
    assert report.read == report.accepted + sum(report.quarantined.values())
    return report


def _plain(kind: pa.DataType) -> str:
    return re.sub(r"<\w+: ", "<", str(kind))


@pytest.mark.slow
@settings(max_examples=20, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(lines=st.lists(ROW, min_size=1, max_size=30))
def test_any_dirt(lines: list[dict[str, Any]], tmp_path_factory: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("dirt")
    engine = EmbeddedEngine(folder / "tables", memory="1GB", threads=1)
    report = run(engine, jsonl(folder / "1.jsonl", *lines))
    assert report.read == len(lines)

    stored, aside = rows(engine, "events", "event_id"), rows(engine, "quarantine")
    assert len({row["event_id"] for row in stored}) == len(stored) == report.events
    assert len(aside) == sum(report.quarantined.values())
    assert all(row["session_id"] and row["person"] and row["quantity"] > 0 for row in stored)
    left: dict[tuple[str, str, Any], float] = {}
    for row in stored:
        if row["kind"] in ("purchase", "return"):
            key = (row["person"], row["item"], row["effective_ts"])
            left[key] = left.get(key, 0) + (row["quantity"] if row["kind"] == "purchase" else -row["quantity"])
    assert all(amount >= -1e-6 for amount in left.values())

    # the same rows in another file (other bytes): no event more
    again = run(engine, jsonl(folder / "2.jsonl", *lines, ""))
    assert again.read == 0 or rows(engine, "events", "event_id") == stored
    more = run(engine, jsonl(folder / "3.jsonl", *lines, {"user_id": None}))
    assert (more.events, rows(engine, "events", "event_id")) == (0, stored)

    for name, schema in (("events", EVENTS), ("quarantine", QUARANTINE)):
        engine.table(name, name)
        for batch in engine.batches(f"SELECT * FROM {name}"):
            assert batch.schema.names == schema.names
            # an engine names the elements of a list as it likes ("l", "item"); the types must be those of the schema
            assert [_plain(t) for t in batch.schema.types] == [_plain(t) for t in schema.types]


def test_cleaning_the_clean_keeps_it(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    """Events exported and imported anew, with their ids, are the same events."""
    moves = [("purchase", 1, 3), ("purchase", 2, 1), ("return", 3, 2), ("browse", 3, None), ("return", 9, 9)]
    lines = [{"user_id": "u", "kind": k, "ts": f"2026-05-{d:02d}", "item": "a", "quantity": q} for k, d, q in moves]
    take(paths=(jsonl(tmp_path / "1.jsonl", *lines, lines[0], {"user_id": "u"}),))
    stored = rows(engine, "events", "event_id")
    export = [{**row, "user_id": "u", "ts": row["ts"].isoformat()} for row in stored]
    fields = ("event_id", "user_id", "kind", "ts", "item", "quantity")
    clean = EmbeddedEngine(tmp_path / "clean", memory="1GB", threads=1)
    path = jsonl(tmp_path / "2.jsonl", *({name: row[name] for name in fields} for row in export))
    report = run(clean, path)
    assert not report.quarantined
    content = ("person", "kind", "ts", "effective_ts", "item", "quantity", "session_id")
    pick = lambda found: sorted(tuple(str(row[name]) for name in content) for row in found)  # noqa: E731
    assert pick(rows(clean, "events")) == pick(stored)


def test_bots(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    def clicks(user: str, minutes: range, a_minute: int) -> list[dict[str, Any]]:
        return [
            {"user_id": user, "kind": "browse", "ts": f"2026-05-01T10:{m:02d}:{s:02d}Z", "item": f"{m}-{s}"}
            for m in minutes
            for s in range(a_minute)
        ]

    order = [
        {"user_id": "wholesaler", "kind": "purchase", "ts": "2026-05-01T10:00:00Z", "item": f"i{n}", "order_id": "o"}
        for n in range(500)
    ]
    bought = {"user_id": "robot", "kind": "purchase", "ts": "2026-05-01T10:30:00Z", "item": "i"}
    lines = [*clicks("robot", range(3), 6), *clicks("burst", range(2), 6), *clicks("person", range(9), 5)]
    report = take(
        paths=(jsonl(tmp_path / "e.jsonl", *lines, *order, bought),), bots=BotSettings(events=18, seconds=130)
    )
    # robot: 18 rows within 125 seconds, out; its purchase stays. burst: 12 rows. person: at most 15 rows in 130 seconds
    assert dict(report.quarantined) == {"bot": 18}
    assert report.kinds == {"browse": 12 + 45, "purchase": 501}


def test_lines_alike_are_different_events_and_stay_so(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    line = {"user_id": "u", "kind": "purchase", "ts": "2026-05-01", "item": "a", "order_id": "o"}
    lines = [{**line, "shelf": 1}, {**line, "shelf": 2}, {**line, "shelf": 1}]
    report = take(paths=(jsonl(tmp_path / "1.jsonl", *lines),))
    assert (report.accepted, dict(report.quarantined)) == (2, {"exact-duplicate": 1})
    again = take(paths=(jsonl(tmp_path / "2.jsonl", {**line, "shelf": 3}, *lines),))
    assert (again.accepted, dict(again.quarantined)) == (1, {"duplicate-id": 2, "exact-duplicate": 1})
    assert len(rows(engine, "events")) == 3

"""Returns undo purchases last-in first-out, across imports; a full return leaves nothing at any moment."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import SourceSettings, import_events

from .conftest import Importer, encrypt, jsonl, pseudonymise, rows, set_aside


def line(kind: str, day: int, quantity: float, item: str = "a", **more: Any) -> dict[str, Any]:
    return {"user_id": "u", "kind": kind, "ts": f"2026-05-{day:02d}", "item": item, "quantity": quantity, **more}


def net(engine: EmbeddedEngine) -> dict[int, float]:
    """Day of the month to what was bought then and not returned."""
    left: dict[int, float] = defaultdict(float)
    for row in rows(engine, "events"):
        left[row["effective_ts"].day] += row["quantity"] if row["kind"] == "purchase" else -row["quantity"]
    return dict(left)


def test_one_return_over_two_purchases(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    report = take(
        paths=(jsonl(tmp_path / "e.jsonl", line("purchase", 1, 6), line("purchase", 2, 4), line("return", 3, 10)),)
    )
    assert net(engine) == {1: 0, 2: 0}
    assert (report.accepted, report.events, report.unmatched_quantity) == (3, 4, 0)
    parts = [row for row in rows(engine, "events", "event_id") if row["kind"] == "return"]
    assert [(row["effective_ts"].day, row["quantity"]) for row in parts] == [(2, 4), (1, 6)]
    assert parts[1]["event_id"] == parts[0]["event_id"] + "#2"
    assert {row["ts"].day for row in parts} == {3}


def test_the_latest_earlier_purchase_first(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    # 5 on day 1; 3 back on day 2 (of day 1); 4 on day 3; 5 back on day 4: 4 of day 3, 1 of day 1; 9 back on day 5:
    # the 1 left of day 1, and 8 that were never bought; what is bought on day 6 comes after it
    moves = [("purchase", 1, 5), ("return", 2, 3), ("purchase", 3, 4), ("return", 4, 5), ("return", 5, 9)]
    report = take(paths=(jsonl(tmp_path / "e.jsonl", *(line(*move) for move in moves), line("purchase", 6, 7)),))
    assert net(engine) == {1: 0, 3: 0, 6: 7}
    assert report.unmatched_quantity == 8


def test_across_imports(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    take(paths=(jsonl(tmp_path / "1.jsonl", line("purchase", 1, 2), line("purchase", 2, 2), line("return", 3, 1)),))
    take(paths=(jsonl(tmp_path / "2.jsonl", line("return", 4, 2), line("return", 4, 1, item="b")),))
    assert net(engine) == {1: 1, 2: 0}
    assert [reason for _, reason, _ in set_aside(engine)] == ["orphan-return"]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["purchase", "return"]), st.integers(1, 28), st.integers(1, 5), st.sampled_from(["a", "b"])
    ),
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, split=st.integers(0, 25))
def test_against_a_stack(moves: list[tuple[str, int, int, str]], split: int, tmp_path_factory: Any) -> None:
    """The same result as pushing and popping units one by one; in one import, or in two if in order of time."""
    folder = tmp_path_factory.mktemp("stack")
    engine = EmbeddedEngine(folder / "tables", memory="1GB", threads=1)
    ordered = sorted(moves, key=lambda move: (move[1], move[0]))
    days = [move[1] for move in ordered]
    while 0 < split < len(days) and days[split] == days[split - 1]:
        split += 1  # one moment is not torn apart
    stacks: dict[str, list[int]] = defaultdict(list)
    for kind, day, quantity, item in ordered:
        if kind == "purchase":
            stacks[item] += [day] * quantity
        else:
            del stacks[item][max(0, len(stacks[item]) - quantity) :]
    expected: dict[tuple[str, int], float] = defaultdict(float)
    for item, units in stacks.items():
        for day in units:
            expected[item, day] += 1

    for name, part in (("1", ordered[:split]), ("2", ordered[split:])):
        lines = [line(k, d, q, item, event_id=f"{name}-{n}") for n, (k, d, q, item) in enumerate(part)]
        source = SourceSettings(name="shop", paths=(jsonl(folder / f"{name}.jsonl", {"user_id": "x"}, *lines),))
        report = import_events(
            engine,
            source,
            pseudonymise=pseudonymise,
            encrypt=encrypt,
            clock=FixedClock(datetime(2026, 6, 1, tzinfo=UTC)),
        )
        assert report.read == report.accepted + sum(report.quarantined.values())
    found: dict[tuple[str, int], float] = defaultdict(float)
    for row in rows(engine, "events"):
        sign = 1 if row["kind"] == "purchase" else -1
        found[row["item"], row["effective_ts"].day] += sign * row["quantity"]
    assert {key: value for key, value in found.items() if value} == dict(expected)

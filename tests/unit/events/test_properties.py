"""Laws of sessions, identity and cleaning, for generated shops."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.engine import resolved
from siyu.engine.embedded import EmbeddedEngine

from .conftest import jsonl, name_of, rows
from .test_laws import run

pytestmark = pytest.mark.slow
FEW = settings(
    max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
GAP = timedelta(minutes=30)
BEGIN = datetime(2026, 5, 1)  # noqa: DTZ001 - datasets hold UTC without a zone

MINUTES = st.lists(st.integers(0, 600), min_size=1, max_size=25)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["purchase", "purchase", "return", "browse", "cart"]),
        st.sampled_from(["u", "v"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 20),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=25,
)
LINKS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("uvw"), st.integers(0, 50)), min_size=1, max_size=10
)


def fresh(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(folder / "tables", memory="500MB", threads=1)


def view(user: str, minute: int, item: str = "a") -> dict[str, Any]:
    return {"user_id": user, "kind": "browse", "ts": (BEGIN + timedelta(minutes=minute)).isoformat(), "item": item}


@FEW
@given(minutes=MINUTES, others=MINUTES)
def test_a_session_ends_where_more_than_the_gap_is_silent(
    minutes: list[int], others: list[int], tmp_path_factory: Any
) -> None:
    folder: Path = tmp_path_factory.mktemp("gap")
    engine = fresh(folder)
    lines = [view("u", minute, str(n)) for n, minute in enumerate(minutes)]
    run(engine, jsonl(folder / "e.jsonl", *lines, *(view("v", minute, str(n)) for n, minute in enumerate(others))))
    for user, wanted in (("u", minutes), ("v", others)):
        found = [row for row in rows(engine, "events", "ts") if row["person"] == name_of(user)]
        assert len(found) == len(wanted)
        for before, after in itertools.pairwise(found):
            assert (before["session_id"] == after["session_id"]) == (after["ts"] - before["ts"] <= GAP)
    assert not {row["session_id"] for row in rows(engine, "events") if row["person"] == name_of("u")} & {
        row["session_id"] for row in rows(engine, "events") if row["person"] == name_of("v")
    }


@FEW
@given(early=MINUTES, late=MINUTES)
def test_stored_sessions_never_change_and_new_events_stand_beside_their_neighbours(
    early: list[int], late: list[int], tmp_path_factory: Any
) -> None:
    folder: Path = tmp_path_factory.mktemp("days")
    engine = fresh(folder)
    run(engine, jsonl(folder / "1.jsonl", *(view("u", minute, f"e{n}") for n, minute in enumerate(early))))
    before = {row["event_id"]: row["session_id"] for row in rows(engine, "events")}
    run(engine, jsonl(folder / "2.jsonl", *(view("u", minute, f"l{n}") for n, minute in enumerate(late))))
    after = rows(engine, "events", "ts")
    assert {row["event_id"]: row["session_id"] for row in after if row["event_id"] in before} == before
    for row in after:
        if row["event_id"] in before:
            continue  # a new event between two stored sessions can join but one: the other stays alone beside it
        company = [other for other in after if other["session_id"] == row["session_id"] and other is not row]
        near = [other for other in after if other is not row and abs(other["ts"] - row["ts"]) <= GAP]
        assert not near or company  # nobody is alone with somebody near
        assert not company or min(abs(other["ts"] - row["ts"]) for other in company) <= GAP


def resolved_people(engine: EmbeddedEngine) -> dict[str, str]:
    resolved.events(engine, name="seen")
    return {
        row["item"]: row["person"]
        for batch in engine.batches("SELECT item, person FROM seen")
        for row in batch.to_pylist()
    }


@FEW
@given(links=LINKS, seed=st.integers(0, 9))
def test_the_order_of_alias_rows_does_not_matter(
    links: list[tuple[str, str, int]], seed: int, tmp_path_factory: Any
) -> None:
    """Distinct moments decide who was first, not the place in the files nor the file."""
    folder: Path = tmp_path_factory.mktemp("links")
    lines: list[Any] = [
        {"user_id": user, "anonymous_id": alias, "kind": "identify",
         "ts": (BEGIN + timedelta(minutes=minute, seconds=n)).isoformat()}
        for n, (alias, user, minute) in enumerate(links)
    ]  # fmt: skip
    seen = [{"anonymous_id": one, "kind": "browse", "ts": BEGIN.isoformat(), "item": one} for one in "abcde"]
    seen += [view(user, 0, user) for user in "uvw"]
    shuffled = random.Random(seed).sample(lines, len(lines))
    straight, mixed, parted = (fresh(folder / name) for name in ("straight", "mixed", "parted"))
    run(straight, jsonl(folder / "1.jsonl", *seen, *lines))
    run(mixed, jsonl(folder / "2.jsonl", *shuffled, *seen))
    half = len(shuffled) // 2
    run(parted, jsonl(folder / "3.jsonl", *seen, *shuffled[half:]))
    run(parted, jsonl(folder / "4.jsonl", *shuffled[:half], view("z", 0, "z")))
    expected = resolved_people(straight)
    assert resolved_people(mixed) == expected
    assert {item: person for item, person in resolved_people(parted).items() if item != "z"} == expected
    first = {
        alias: user
        for alias, user, _ in sorted(
            ((a, u, (m, n)) for n, (a, u, m) in enumerate(links)), key=lambda one: one[2], reverse=True
        )
    }
    for alias in "abcde":
        assert expected[alias] == name_of(first.get(alias, f"anonymous:{alias}"))


@FEW
@given(moves=MOVES)
def test_cleaning_what_is_clean_keeps_it(moves: list[tuple[str, str, str, int, int]], tmp_path_factory: Any) -> None:
    """Events that were stored, imported into an empty shop under their ids, are stored again as they are."""
    folder: Path = tmp_path_factory.mktemp("clean")
    lines: list[Any] = [
        {"user_id": user, "kind": kind, "ts": (BEGIN + timedelta(hours=hour)).isoformat(), "item": item, "quantity": n}
        for kind, user, item, hour, n in moves
    ]
    once, again = fresh(folder / "once"), fresh(folder / "again")
    report = run(once, jsonl(folder / "1.jsonl", *lines))
    assert report.read == len(lines)
    stored = rows(once, "events", "event_id")
    if not stored:
        return
    users = {name_of(user): user for user in "uv"}
    fields = ("event_id", "kind", "item", "quantity")
    export = [
        {"user_id": users[row["person"]], "ts": row["ts"].isoformat(), **{name: row[name] for name in fields}}
        for row in stored
    ]
    second = run(again, jsonl(folder / "2.jsonl", *export))
    assert not second.quarantined
    pick = ("person", "kind", "ts", "item", "session_id")
    left = sorted(tuple(str(row[name]) for name in pick) for row in rows(again, "events"))
    assert set(left) == {tuple(str(row[name]) for name in pick) for row in stored}
    for kind in ("purchase", "return"):
        total = [
            sum(row["quantity"] for row in found if row["kind"] == kind) for found in (stored, rows(again, "events"))
        ]
        assert total[0] == pytest.approx(total[1])


@FEW
@given(moves=MOVES, cut=st.integers(0, 25))
def test_what_comes_in_two_parts_ends_as_what_comes_at_once(
    moves: list[tuple[str, str, str, int, int]], cut: int, tmp_path_factory: Any
) -> None:
    """Rows that are read, kept or set aside; a return whose purchase comes with the second file is an event then."""
    folder: Path = tmp_path_factory.mktemp("parts")
    lines: list[Any] = [
        {"event_id": f"m{place}", "user_id": user, "kind": kind, "item": item, "quantity": n,
         "ts": (BEGIN + timedelta(hours=hour, minutes=place)).isoformat()}
        for place, (kind, user, item, hour, n) in enumerate(moves)
    ]  # fmt: skip
    engine = fresh(folder)
    parts = [part for part in (lines[:cut], lines[cut:]) if part]
    reports = [run(engine, jsonl(folder / f"{n}.jsonl", *part)) for n, part in enumerate(parts)]
    assert sum(report.read for report in reports) == len(lines)
    aside = rows(engine, "quarantine")
    stored = {row["event_id"].split("#")[0] for row in rows(engine, "events")}
    assert len(stored) + len(aside) == len(lines)  # a healed return has left the quarantine
    held: dict[tuple[str, str, Any], float] = {}
    for row in rows(engine, "events"):
        if row["kind"] in ("purchase", "return"):
            key = (row["person"], row["item"], row["effective_ts"])
            held[key] = held.get(key, 0) + (row["quantity"] if row["kind"] == "purchase" else -row["quantity"])
    assert all(amount >= -1e-6 for amount in held.values())

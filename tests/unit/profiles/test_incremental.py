"""Adding new events to the state gives what weighing all events gives."""

from __future__ import annotations

import random
from typing import Any

import pytest

from siyu.engine import manifest
from siyu.profiles import ProfileSettings, mark
from siyu.profiles.settings import InterestSettings

ITEMS = [
    {"item": f"p{n}", "title": f"{colour} {thing}", "category": f"Shop > {thing}", "brand": colour, "price_band": "2"}
    for n, (colour, thing) in enumerate((c, t) for c in ("red", "blue") for t in ("shirts", "shirt", "hat"))
]


def _history(shop: Any, draw: random.Random, days: range) -> list[dict[str, Any]]:
    """A day's events each: visits, searches, purchases with some returns, ratings, and some dated in the future."""
    rows = []
    for day in days:
        for _ in range(6):
            person, item = f"u{draw.randrange(6)}", f"p{draw.randrange(len(ITEMS))}"
            kind = draw.choice(["browse", "cart", "purchase", "purchase", "rating", "search"])
            more = {"rating": float(draw.randint(1, 5))} if kind == "rating" else {}
            more |= (
                {"text": draw.choice(["red hats", "blue hat", "warm shirt"])} if kind == "search" else {"item": item}
            )
            late = draw.random() < 0.15
            row = shop.event(person, kind, days=day - (15 if late else 0), quantity=float(draw.randint(1, 4)), **more)
            rows.append(row)
            if kind == "purchase" and draw.random() < 0.3:
                quantity = float(draw.randint(1, int(row["quantity"])))
                back = shop.event(person, "return", days=day - 2, item=item, quantity=quantity)
                rows.append(back | {"effective_ts": row["ts"]})
    return rows


def _same(step: Any, whole: Any, *, lift: bool = True) -> None:
    """Interests and people of two shops, to 1e-9."""
    one, other = step.rows(INTERESTS), whole.rows(INTERESTS)
    assert [(r["person"], r["facet"], r["value"]) for r in one] == [
        (r["person"], r["facet"], r["value"]) for r in other
    ]
    for mine, its in zip(one, other, strict=True):
        assert mine["weight"] == pytest.approx(its["weight"], abs=1e-9)
        assert not lift or mine["lift"] == pytest.approx(its["lift"], abs=1e-9)
        assert mine["rank"] == its["rank"]
        assert [e["event_id"] for e in mine["evidence"]] == [e["event_id"] for e in its["evidence"]]
        shares = [e["share"] for e in its["evidence"]]
        assert [e["share"] for e in mine["evidence"]] == pytest.approx(shares, abs=1e-9)
    for mine, its in zip(step.rows(PEOPLE), whole.rows(PEOPLE), strict=True):
        assert mine == {k: pytest.approx(v, abs=1e-9) if isinstance(v, float) else v for k, v in its.items()}


INTERESTS = "SELECT * FROM interests ORDER BY person, facet, value"
PEOPLE = "SELECT * FROM people ORDER BY person"
LASTING = ProfileSettings(refit_days=3650)
"""What is usual stays what it was at the first run."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_incremental_equals_full(new_shop: Any, seed: int) -> None:
    draw, step, whole = random.Random(seed), new_shop("step"), new_shop("whole")
    rows = _history(step, draw, range(60, 0, -1))
    parts = [rows[:150], rows[150:300], rows[300:]]
    for shop in (step, whole):
        shop.products(*ITEMS)
    modes = []
    for part, days in zip(parts, (40, 20, 0), strict=True):
        step.write(part)
        whole.write(part)
        report = step.build(LASTING, days=days)
        modes.append(report.mode)
    assert modes == ["full", "incremental", "incremental"]
    for shop in (step, whole):  # u5 turns out to be u0
        shop.write([{"alias": "u5", "person": "u0"}], "aliases")
    step.products(*ITEMS[:5])  # the catalogue changes: the state does not care
    whole.products(*ITEMS[:5])
    last = step.build(LASTING)
    assert (last.mode, last.events) == ("incremental", 0)
    assert whole.build(LASTING).mode == "full"
    _same(step, whole, lift=False)
    assert "u5" not in {row["person"] for row in step.rows(INTERESTS)}
    assert step.build().cause == "refit-due"
    _same(step, whole)


def test_only_new_events_are_read(shop: Any) -> None:
    shop.products(*ITEMS)
    shop.write([shop.event("u1", "browse", item="p0", days=2) for _ in range(5)])
    assert shop.build(days=1).events == 5
    shop.write([shop.event("u1", "browse", item="p1", days=0.5)])
    assert shop.build().events == 1


def test_future_events_wait_for_the_clock(shop: Any) -> None:
    shop.products(*ITEMS)
    shop.write([shop.event("u1", "browse", item="p0", days=5), shop.event("u1", "browse", item="p2", days=1)])
    first = shop.build(days=3)
    assert (first.events, first.pending) == (1, 1)
    assert "Shop > hat" not in shop.interests("u1", "category")
    second = shop.build()
    assert (second.mode, second.events, second.pending) == ("incremental", 1, 0)
    assert "Shop > hat" in shop.interests("u1", "category")


def test_a_future_return_does_not_cancel_yet(shop: Any) -> None:
    shop.products(*ITEMS)
    bought = shop.event("u1", "purchase", item="p0", days=5)
    shop.write([bought, shop.event("u1", "return", item="p0", days=1, effective_ts=bought["ts"])])
    shop.build(days=3)
    assert shop.interests("u1", "brand") == {"red": 1.0}
    shop.build()
    assert shop.interests("u1", "brand") == {}


def test_what_spoils_a_state(shop: Any) -> None:
    shop.products(*ITEMS)
    rows = [shop.event("u1", "browse", item="p0", days=5)]
    shop.write(rows)
    assert shop.build(days=1).cause == "first-run"
    faster = ProfileSettings(interests=InterestSettings(half_life_days=7))
    assert shop.build(faster, days=1).cause == "settings-changed"
    assert shop.build(faster, days=2).cause == "clock-moved-back"
    assert shop.build(faster, days=1).mode == "incremental"
    shop.write(rows, append=False)  # as erasure does
    assert shop.build(faster, days=1).cause == "events-rewritten"
    assert shop.build(faster, days=-5.9).mode == "incremental"
    assert shop.build(faster, days=-6).cause == "refit-due"
    mark.take_away(shop.engine)  # as a run does that is then cut off
    assert shop.build(faster, days=-6).cause == "interrupted"


def test_no_copy_of_a_person_is_left_but_in_the_state(shop: Any) -> None:
    shop.products(*ITEMS)
    shop.write([shop.event("u1", "purchase", item="p0", days=5), shop.event("u1", "review", text="good", days=5)])
    shop.build()
    shop.write([shop.event("u1", "return", item="p0", days=4)])
    shop.build()
    published = {"interests", "people", "segments", "events", "products"}
    published |= {"profile_histories", "profile_who", "profile_measures"}  # what the next run goes on from
    for folder in shop.engine.root.iterdir():
        found = manifest.find(shop.engine.root, folder.name) if folder.is_dir() else None
        if found is None or folder.name in published or not found.rows:
            continue
        shop.engine.table("t", folder.name)
        columns = next(iter(shop.engine.batches("SELECT * FROM t LIMIT 1"))).schema.names
        assert not {"person", "stored", "event_id", "no"} & set(columns), folder.name

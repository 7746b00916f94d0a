"""Adding new events to the state gives what weighing all events gives."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.profiles.conftest import NOW

from siyu.engine import manifest, money
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


def _written(shop: Any, dataset: str) -> int:
    """Rows that the last run added to a dataset."""
    found = manifest.require(shop.engine.root, dataset)
    return sum(file.rows for file in found.files if file.version == found.version)


def test_only_people_touched_are_made_again(new_shop: Any) -> None:
    """40 people; then one buys, one returns, a visitor turns out to be a third, an event of a fourth comes late."""
    step, whole = new_shop("step"), new_shop("whole")
    rows = [
        step.event(f"u{n:02}", kind, item=f"p{n % 6}", days=20 + n / 40)
        for n in range(40)
        for kind in ("browse", "purchase")
    ]
    rows += [step.event("v1", "browse", item="p4", days=12), step.event("u03", "cart", item="p1", days=2)]
    news = [
        step.event("u00", "purchase", item="p5", days=3),
        step.event("u01", "return", item="p1", days=3) | {"effective_ts": rows[3]["ts"]},
        step.event("u04", "browse", item="p2", days=19),  # comes late
    ]
    for shop in (step, whole):
        shop.products(*ITEMS)
        shop.write(rows)
    step.build(LASTING, days=10)  # the cart of u03 lies in the future
    before = {row["person"]: row for row in step.rows(PEOPLE)}
    for shop in (step, whole):
        shop.write(news)
        shop.write([{"alias": "v1", "person": "u02"}], "aliases")
    report = step.build(LASTING)
    whole.build(LASTING)
    assert (report.mode, report.events) == ("incremental", 4)
    _same(step, whole, lift=False)
    touched = {"u00", "u01", "u02", "u03", "u04"}
    expected = step.rows(f"SELECT count(*) AS n FROM interests WHERE person IN {tuple(sorted(touched))}")[0]["n"]
    assert _written(step, "interests") == expected
    assert _written(step, "profile_measures") == len(touched)
    after = {row["person"]: row for row in step.rows(PEOPLE)}
    assert before.keys() - after.keys() == {"v1"}
    # for the others only what depends on now and on everybody has moved
    for person in after.keys() - touched:
        moved = {name for name, value in after[person].items() if value != before[person][name]}
        assert moved <= {"recency_days", "r", "f", "m", "lifecycle", "segment"}
    # u00 bought what many have: its lift is measured against what was usual at the first run
    assert step.build().cause == "refit-due"
    _same(step, whole)


def test_a_new_catalogue_touches_who_knows_its_products(shop: Any) -> None:
    shop.products(*ITEMS)
    shop.write([shop.event(f"u{n}", "browse", item=f"p{n}", days=2) for n in range(6)])
    shop.build(LASTING, days=1)
    shop.products(ITEMS[0] | {"category": "Shop > caps"}, *ITEMS[1:])
    report = shop.build(LASTING)
    assert (report.mode, report.events) == ("incremental", 0)
    assert _written(shop, "profile_measures") == 1
    assert "Shop > caps" in shop.interests("u0", "category")
    # nobody had it at the first run: as rare as the rarest then. Shop > shirts (2), shirt (2), hat (2): 1/2 each, of 6
    (row,) = shop.rows("SELECT weight, lift FROM interests WHERE value = 'Shop > caps'")
    assert (row["weight"], row["lift"]) == (0.5, pytest.approx(0.5 / (0.5 * 2 / 6)))


def test_an_unmerged_visitor_is_two_people_again(new_shop: Any) -> None:
    step, whole = new_shop("step"), new_shop("whole")
    rows = [step.event("v1", "browse", item="p0", days=5), step.event("u1", "browse", item="p4", days=4)]
    for shop in (step, whole):
        shop.products(*ITEMS)
        shop.write(rows)
    step.write([{"alias": "v1", "person": "u1"}], "aliases")
    step.build(LASTING, days=3)
    assert [row["person"] for row in step.rows(PEOPLE)] == ["u1"]
    step.write([], "aliases", append=False)
    assert step.build(LASTING).mode == "incremental"
    whole.build(LASTING)
    _same(step, whole, lift=False)
    assert [row["person"] for row in step.rows(PEOPLE)] == ["u1", "v1"]


def test_erased_events_leave_no_trace(shop: Any, new_shop: Any) -> None:
    whole = new_shop("whole")
    kept = [shop.event("u1", "browse", item="p0", days=5), shop.event("u1", "search", text="red hats", days=5)]
    gone = [shop.event("u2", "purchase", item="p3", days=4), shop.event("u2", "search", text="warm shirt", days=4)]
    for each in (shop, whole):
        each.products(*ITEMS)
    shop.write(kept + gone)
    shop.build(days=3)
    shop.write(kept, append=False)
    whole.write(kept)
    assert shop.build().cause == "events-rewritten"
    whole.build()
    _same(shop, whole)
    for dataset in ("profile_histories", "profile_who", "profile_measures"):
        assert manifest.require(shop.engine.root, dataset).rows == manifest.require(whole.engine.root, dataset).rows


def test_prices_are_converted_again_when_rates_are_rewritten(shop: Any) -> None:
    shop.products(*ITEMS)
    shop.write([shop.event("u1", "purchase", item="p0", days=5, unit_price=10.0, currency="USD")])
    day = (NOW - timedelta(days=6)).date()
    for rate, cause in ((7.0, "first-run"), (7.0, ""), (8.0, "rates-rewritten")):
        money.publish(shop.engine, [money.Quote(day, "USD", "CNY", rate)], "CNY")
        assert shop.build().cause == cause
        assert shop.person("u1")["spend"] == pytest.approx(10 * rate)

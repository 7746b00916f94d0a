"""Odd shops: a crowd under one number, one product, none, one moment, a hundred thousand categories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from tests.unit.profiles.conftest import NOW
from tests.unit.profiles.test_laws import VALUES, acts_of, histories

from siyu.engine import schemas
from siyu.profiles import crowds, tastes
from siyu.profiles.settings import InterestSettings
from siyu.profiles.weights import Weighing


def _many(shop: Any, columns: dict[str, Any], rows: int) -> None:
    """Events by column: one value stands for all."""
    ts = np.full(rows, np.datetime64((NOW - timedelta(days=1)).replace(tzinfo=None), "us"))
    base = {"event_id": [f"e{n:07}" for n in range(rows)], "ts": ts, "effective_ts": ts, "quantity": np.ones(rows)}
    filled = base | {
        name: value if isinstance(value, (list, np.ndarray)) else [value] * rows for name, value in columns.items()
    }
    arrays = [
        pa.array(filled[name], kind) if name in filled else pa.nulls(rows, kind)
        for name, kind in zip(schemas.EVENTS.names, schemas.EVENTS.types, strict=True)
    ]
    table = pa.table(arrays, schema=schemas.EVENTS)
    shop.engine.write(pa.RecordBatchReader.from_batches(schemas.EVENTS, table.to_batches()), "events", append=True)


@pytest.mark.slow
def test_a_robot_with_half_a_million_events(shop: Any) -> None:
    rows = 500_000
    shop.products(*({"item": f"p{n}", "category": f"c{n}", "price_band": "1"} for n in range(4)))
    ages = np.arange(rows, dtype="timedelta64[s]")
    ts = np.datetime64(NOW.replace(tzinfo=None), "us") - ages
    _many(
        shop,
        {"person": "robot", "kind": "browse", "ts": ts, "effective_ts": ts, "item": [f"p{n % 4}" for n in range(rows)]},
        rows,
    )
    shop.write([shop.event("u1", "browse", item="p0")])
    report = shop.build()
    assert (report.people, report.events) == (2, rows + 1)
    weights = shop.interests("robot", "category")
    # p0, p1, ... take turns, each a second older: ratios of 2 ** (1 / 60 days)
    step = 2 ** (-1 / (60 * 86_400))
    whole = sum(step**n for n in range(4))
    assert weights == pytest.approx({f"c{n}": step**n / whole for n in range(4)}, abs=1e-9)
    (first,) = shop.rows("SELECT evidence FROM interests WHERE person = 'robot' AND value = 'c0'")
    assert [one["event_id"] for one in first["evidence"]] == ["e0000000", "e0000004", "e0000008"]
    assert shop.person("robot")["events"] == rows


@given(histories)
def test_a_crowd_is_condensed_without_loss(rows: list[dict[str, Any]]) -> None:
    found = []
    for crowd in (crowds.CROWD, 0):
        acts = acts_of(rows)
        weights, strength = Weighing.at(NOW, InterestSettings())(acts)
        kept = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tastes, "CROWD", crowd)
            for spread in tastes.Spreader(acts, weights, VALUES).slices():
                share = tastes.shares(spread, VALUES)
                ranked = tastes.ranked(spread, share, acts, 20)
                shown = tastes.evidence(spread, ranked, strength, acts.column("event_id"), acts)
                for row, pair in enumerate(ranked.pair.tolist()):
                    key = int(acts.people[spread.person[pair]]), int(spread.value[pair])
                    kept[key] = (
                        share.share[pair],
                        share.gross[pair],
                        float(ranked.rank[row]),
                        shown.amount[row].tolist(),
                    )
        found.append(kept)
    assert found[0].keys() == found[1].keys()
    for key, one in found[0].items():
        assert one[:3] == pytest.approx(found[1][key][:3], abs=1e-9)
        assert one[3] == pytest.approx(found[1][key][3], abs=1e-9)


def test_one_product_and_one_moment(shop: Any) -> None:
    shop.products({"item": "p1", "title": "hat", "category": "Hats", "brand": "A", "price_band": "3"})
    _many(
        shop, {"person": [f"u{n % 60}" for n in range(240)], "kind": "purchase", "item": "p1", "unit_price": 5.0}, 240
    )
    report = shop.build()
    assert report.segments == {"s1": 60}
    rows = shop.rows("SELECT DISTINCT weight, lift, rank FROM interests")
    assert rows == [{"weight": 1.0, "lift": 1.0, "rank": 1}]
    # four pieces at one moment are one order; everybody is like everybody: the middle fifth
    assert shop.rows("SELECT DISTINCT orders, spend, r, f, m, gap_days FROM people") == [
        {"orders": 1, "spend": 20.0, "r": 3, "f": 3, "m": 3, "gap_days": None}
    ]


def test_no_product_is_known(shop: Any) -> None:
    shop.write([shop.event("u1", "browse", item="p9"), shop.event("u1", "search", text="red hats")])
    report = shop.build()
    assert report.interests == {"keyword": 2}
    assert shop.person("u1")["events"] == 2


@pytest.mark.slow
def test_a_hundred_thousand_categories(shop: Any) -> None:
    wide = 100_000
    shop.products(*({"item": f"p{n}", "category": f"Shop > c{n}"} for n in range(wide)))
    _many(
        shop,
        {
            "person": [f"u{n % 500}" for n in range(5_000)],
            "kind": "browse",
            "item": [f"p{n * 20}" for n in range(5_000)],
        },
        5_000,
    )
    report = shop.build()
    # each of 500 people saw ten products: ten paths, and the shop at large
    assert report.interests == {"category": 5_500}
    assert shop.interests("u7", "category")["Shop"] == pytest.approx(0.5)


def test_people_of_the_future_do_not_exist_yet(shop: Any) -> None:
    shop.products({"item": "p1", "category": "Hats"})
    shop.write([shop.event("u1", "browse", item="p1", days=-3)])
    report = shop.build()
    assert (report.people, report.events, report.pending) == (0, 0, 1)
    assert shop.build(days=-4).people == 1

"""Every number in every reason is recomputable from the events: random shops and the real one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationSettings, recommend
from siyu.recommendations.reasons import merged, strongest

from .judge import Judge
from .shop import NOW, Shop


def random_shop(shop: Shop, seed: int) -> Shop:
    """400 visits of 25 people to 40 products: looks, carts, orders, returns in full and in part, ratings."""
    draw = np.random.default_rng(seed)
    chances = 1 / np.arange(1, 41)
    for _ in range(400):
        person, days = f"p{draw.integers(25):02}", float(draw.integers(-20, 200)) + draw.random()
        items = [
            f"i{n:02}" for n in draw.choice(40, size=draw.integers(1, 6), replace=False, p=chances / chances.sum())
        ]
        act = draw.random()
        if act < 0.3:
            shop.looked(person, *items, days=days)
        elif act < 0.4:
            shop.event(person, "cart", items[0], days=days)
        elif act < 0.5:
            shop.event(person, "rating", items[0], days=days, rating=float(draw.integers(1, 6)))
        else:
            shop.bought(person, *items, days=days, quantity=2.0)
            if act > 0.85:
                back = shop.events[-1]
                amount = float(draw.integers(1, 3))
                shop.event(person, "return", items[-1], days=days - 3, effective_ts=back["ts"], quantity=amount)
    return shop


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("window", ["basket", "person"])
def test_reasons_of_random_shops_are_true(shop: Shop, seed: int, window: str) -> None:
    random_shop(shop, seed).run(options={"item_to_item": {"window": window, "least_seen": 2}}, reasons=10)
    checked = Judge(pd.DataFrame(shop.events).assign(rating=_ratings(shop)), NOW).check(shop.rows())
    assert set(checked) == {"bought-together", "popular", "repeat", "similar", "viewed"}
    assert min(checked.values()) >= 20


@pytest.mark.slow
def test_reasons_of_a_real_shop_are_true(tmp_path: Path, real_data: Path) -> None:
    """A UK gift shop's invoices before 9 November 2011 (UCI Online Retail), its first 30,000 lines with a customer."""
    now = datetime(2011, 11, 9, tzinfo=UTC)
    engine = EmbeddedEngine(tmp_path / "tables", memory="1GB")
    events = _invoices(real_data / "online_retail" / "online_retail.parquet")
    shop = Shop(tmp_path / "shop")
    shop.engine, shop.events = engine, events.to_dict("records")
    shop.products = {
        item: {"item": item, "title": f"The {item}", "first_seen": datetime(2010, 12, 1)}  # noqa: DTZ001
        for item in events["item"].unique()
    }
    shop.publish()
    recommend(engine, RecommendationSettings(top=5), clock=FixedClock(now))
    judge = Judge(events, now)
    rows = shop.rows()[::7]
    checked = judge.check(rows)
    assert checked["bought-together"] > 500
    assert checked["repeat"] > 100


def test_the_strongest_come_first_and_equal_ones_as_they_came() -> None:
    winner = np.array([0, 1, 0, 0, 1, 0])
    share = np.array([0.2, 0.9, 0.5, 0.2, 0.9, 0.1])
    assert strongest(winner, share, kept=3).tolist() == [2, 0, 3, 1, 4]
    assert strongest(np.zeros(0, int), np.zeros(0), kept=3).tolist() == []


def test_parts_that_are_one_piece_of_evidence_are_summed() -> None:
    winner, part = np.array([0, 0, 1, 0]), np.array([0.1, 0.2, 0.3, 0.4])
    kept, summed = merged(winner, part, np.array([False, True, True, True]))
    # the second and fourth are winner 0's: 0.2 + 0.4; the third is all of winner 1's
    assert kept.tolist() == [0, 1, 2]
    assert summed.tolist() == pytest.approx([0.1, 0.6, 0.3])
    assert merged(winner, part, np.zeros(4, bool))[0].tolist() == [0, 1, 2, 3]


def _ratings(shop: Shop) -> list[float | None]:
    return [row.get("rating") for row in shop.events]


def _invoices(path: Path) -> pd.DataFrame:
    lines = pd.read_parquet(path)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)].head(30_000)
    ts = pd.to_datetime(lines["InvoiceDate"])
    return pd.DataFrame(
        {
            "event_id": [f"e{number}" for number in range(len(lines))],
            "person": lines["CustomerID"].astype(int).astype(str),
            "kind": "purchase",
            "ts": ts,
            "effective_ts": ts,
            "item": lines["StockCode"].astype(str),
            "quantity": lines["Quantity"].astype(float),
            "order_id": lines["InvoiceNo"].astype(str),
            "session_id": lines["InvoiceNo"].astype(str),
            "rating": None,
        }
    )

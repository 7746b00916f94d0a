"""Neighbours against an independent judge: numpy over the same events."""

from __future__ import annotations

import numpy as np
import pytest

from .shop import NOW, Shop, only, reason


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """200 baskets of 1 to 6 of 20 products by 40 people, over 300 days, drawn with a fixed seed."""
    draw = np.random.default_rng(7)
    for order in range(200):
        chosen = draw.choice(20, size=draw.integers(1, 7), replace=False, p=_uneven(20))
        shop.bought(f"p{order % 40:02}", *(f"i{item:02}" for item in chosen), days=float(draw.integers(1, 300)))
    return shop


def test_cosine_count_and_lift_are_those_of_linear_algebra(busy: Shop) -> None:
    busy.run(weights=only("item_to_item"))
    for name in ("rec_neighbours", "rec_codes"):
        busy.engine.table(name, name)
    sql = (
        "SELECT a.item AS a, b.item AS b, n.units, n.cosine, n.lift FROM rec_neighbours n "
        "JOIN rec_codes a ON a.code = n.item JOIN rec_codes b ON b.code = n.neighbour WHERE n.relation = 'bought'"
    )
    found = [row for batch in busy.engine.batches(sql) for row in batch.to_pylist()]
    baskets, ages, items = _matrix(busy)
    weighted = baskets.T @ (baskets * 0.5 ** (ages / 90)[:, None])
    together = baskets.T @ baskets
    expected = {
        (items[a], items[b]): (
            together[a, b],
            weighted[a, b] / np.sqrt(weighted[a, a] * weighted[b, b]),
            together[a, b] * len(baskets) / (together[a, a] * together[b, b]),
        )
        for a in range(len(items))
        for b in range(len(items))
        if a != b and together[a, b] >= 2
    }
    assert {(row["a"], row["b"]) for row in found} == set(expected)
    assert len(found) > 100
    for row in found:
        units, cosine, lift = expected[row["a"], row["b"]]
        assert row["units"] == units
        assert row["cosine"] == pytest.approx(cosine)
        assert row["lift"] == pytest.approx(lift)


def test_scores_are_history_times_neighbours(busy: Shop) -> None:
    busy.run(weights=only("item_to_item"), per_category=200)
    baskets, ages, items = _matrix(busy)
    together = baskets.T @ baskets
    weighted = baskets.T @ (baskets * 0.5 ** (ages / 90)[:, None])
    norm = np.sqrt(np.diag(weighted))
    cosine = np.where(together >= 2, weighted / np.outer(norm, norm), 0.0)
    np.fill_diagonal(cosine, 0)
    history = np.zeros(len(items))
    for row in (row for row in busy.events if row["person"] == "p03"):
        age = (NOW.replace(tzinfo=None) - row["ts"]).total_seconds() / 86_400
        history[items.index(row["item"])] += 5.0 * 0.5 ** (age / 90)
    scores = np.where(history > 0, 0, history @ cosine)
    found = busy.of("p03")
    assert len(found) == np.count_nonzero(scores)
    for row in found:
        assert row["score"] == pytest.approx(scores[items.index(row["item"])] / scores.max())
    assert [row["score"] for row in found] == sorted((row["score"] for row in found), reverse=True)


def test_heavy_baskets_are_left_out(shop: Shop) -> None:
    for person in ("p1", "p2", "p3"):
        shop.bought(person, "a", "b", "c", "d", "e", days=5)
        shop.bought(person, "a", "b", days=6)
    shop.bought("q", "a", days=1)
    shop.run(weights=only("item_to_item"), options={"item_to_item": {"heaviest": 4}})
    # baskets of five products are above the limit; the three of a and b remain: 3 * 4 / (4 * 3) = 1
    assert shop.items("q") == ["b"]
    assert reason(shop.of("q")[0], "bought-together")["count"] == 3
    assert reason(shop.of("q")[0], "bought-together")["number"] == pytest.approx(1.0)


def test_where_baskets_are_single_people_are_the_window(shop: Shop) -> None:
    for person in ("p1", "p2", "p3"):
        shop.bought(person, "a", days=9)
        shop.bought(person, "b", days=2)
    shop.bought("q", "a", days=1)
    shop.run(weights=only("item_to_item"))
    found = reason(shop.of("q")[0], "bought-together")
    # 4 people; a by 4, b by 3, both by 3: lift = 3 * 4 / (4 * 3) = 1
    assert (found["item"], found["value"], found["count"], found["number"]) == ("a", "person", 3, pytest.approx(1.0))


def test_looking_is_not_called_buying(shop: Shop) -> None:
    for person in ("p1", "p2", "p3"):
        shop.bought(person, "a", "b", days=9)
        shop.looked(person, "x", "y", days=8)
    shop.looked("q", "a", "x", days=1)
    shop.run(weights=only("item_to_item"))
    kinds = {row["item"]: {found["kind"] for found in row["reasons"]} for row in shop.of("q")}
    assert kinds == {"b": {"similar"}, "y": {"similar"}}
    by_item = {row["item"]: row["reasons"][0] for row in shop.of("q")}
    assert (by_item["b"]["value"], by_item["b"]["count"]) == ("basket", 3)
    assert (by_item["y"]["value"], by_item["y"]["count"]) == ("session", 3)


def _matrix(shop: Shop) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Baskets by items (0 or 1), the age of each basket in days, and the items."""
    items = sorted({row["item"] for row in shop.events})
    orders = sorted({row["order_id"] for row in shop.events})
    matrix = np.zeros((len(orders), len(items)))
    ages = np.zeros(len(orders))
    for row in shop.events:
        at = orders.index(row["order_id"])
        matrix[at, items.index(row["item"])] = 1
        ages[at] = (NOW.replace(tzinfo=None) - row["ts"]).total_seconds() / 86_400
    return matrix, ages, items


def _uneven(size: int) -> np.ndarray:
    weights = 1 / np.arange(1, size + 1)
    return weights / weights.sum()

"""A crowd with a fixed seed, and its events again as dense arrays, made without the code under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..shop import NOW, Shop

ITEMS = [f"i{number:02}" for number in range(20)]


def crowd(shop: Shop, *, people: int = 40, orders: int = 200) -> Shop:
    """Baskets of 1 to 6 of 20 products over 300 days; low numbers are bought more often."""
    draw = np.random.default_rng(7)
    uneven = np.arange(20, 0, -1) / 210
    for order in range(orders):
        bought = draw.choice(20, size=draw.integers(1, 7), replace=False, p=uneven)
        name = f"p{order % people:02}"
        shop.bought(name, *(ITEMS[item] for item in bought), days=float(draw.integers(1, 300)) + order / 1000)
    return shop


def acts(shop: Shop) -> Iterator[tuple[int, int, float]]:
    """Person, product and age in days of each purchase."""
    names = sorted({row["person"] for row in shop.events})
    for row in shop.events:
        age = (NOW.replace(tzinfo=None) - row["ts"]).total_seconds() // 1 / 86_400
        yield names.index(row["person"]), ITEMS.index(row["item"]), age


def weights(shop: Shop, half_life: float) -> np.ndarray[Any, Any]:
    """People by products: what age leaves of all purchases, 1 at most."""
    found = np.zeros((len({row["person"] for row in shop.events}), len(ITEMS)))
    for person, item, age in acts(shop):
        found[person, item] += 0.5 ** (age / half_life)
    return np.minimum(found, 1.0)


def learnt(shop: Shop, dataset: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of a dataset of neighbours by product and neighbour."""
    for name in (dataset, "rec_codes"):
        shop.engine.table(name, name)
    sql = (
        f"SELECT a.item AS a, b.item AS b, n.* FROM {dataset} n "
        "JOIN rec_codes a ON a.code = n.item JOIN rec_codes b ON b.code = n.neighbour"
    )
    return {(row["a"], row["b"]): row for batch in shop.engine.batches(sql) for row in batch.to_pylist()}

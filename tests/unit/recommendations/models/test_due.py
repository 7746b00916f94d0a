"""The chance of buying again: what it learns from a shop whose habits are known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from siyu.recommendations.models.due import learnt, summed
from siyu.recommendations.models.repurchase import FEATURES, features, habits_at
from siyu.recommendations.models.repurchase import Products as Sold
from siyu.recommendations.people import DAY, Act, People

from ..shop import Shop, only

NOW = 1000 * DAY + DAY // 2
"""Noon of a day."""


def bought(*acts: tuple[int, int, float]) -> People:
    """People with purchases: row, product, days ago."""
    ordered = sorted(acts, key=lambda act: (act[0], act[1], -act[2]))
    row, item, age = (np.array(column) for column in zip(*ordered, strict=True))
    second = (NOW - age * DAY).astype(np.int64)
    kind = np.full(len(row), Act.PURCHASE)
    ids = pa.array([f"p{number}" for number in range(int(row.max()) + 1)])
    return People(ids, row, item, kind, second, np.zeros(len(row), np.int64), NOW, (0.0,) * 6 + (5.0, 0.0))


def test_features_by_hand() -> None:
    people = bought((0, 0, 40), (0, 0, 20), (0, 0, 10), (0, 1, 10), (1, 0, 3))
    habits, sold = habits_at(people, NOW), Sold.of(2)
    sold.add(habits)
    table = features(people, habits, sold, NOW)
    found = dict(zip(FEATURES, table[0].tolist(), strict=True))
    assert (found["times"], found["last"], found["first"]) == (3, 10, 40)
    assert found["decayed_30"] == pytest.approx(0.5 ** (1 / 3) + 0.5 ** (2 / 3) + 0.5 ** (4 / 3))
    assert (found["visits"], found["last_visit"], found["products"]) == (3, 10, 2)
    # product 0: two buyers, one on two days or more, 30 days over two gaps; bought by both within 30 days, by one in 7
    assert (found["buyers"], found["month"], found["week"]) == (2, 2, 1)
    assert found["repeated"] == pytest.approx((1 + 1) / (2 + 5))
    assert found["interval"] == pytest.approx((30 + 60) / (2 + 1))
    assert found["own_interval"] == 15
    assert found["expected"] == pytest.approx((30 + 30) / 3)
    assert found["due"] == pytest.approx(10 / 20)
    # days between: 20, then 10; two of the three purchases within 28 days
    assert found["uneven"] == pytest.approx(50**0.5)
    assert (found["last_gap"], found["lately"], found["products_lately"]) == (10, 2, 2)


def test_products_of_one_kind_by_hand() -> None:
    people = bought((0, 0, 40), (0, 0, 20), (0, 0, 10), (0, 1, 10), (0, 1, 4), (1, 0, 3))
    habits, sold = habits_at(people, NOW), Sold.of(2, (np.zeros(2, np.int64), np.arange(2)))
    table = features(people, habits, sold, NOW)
    found = dict(zip(FEATURES, table[0].tolist(), strict=True))
    # both products are of one category: days 40, 20, 10 (once) and 4
    names = ("times", "last", "first", "products")
    assert [found[f"category_{name}"] for name in names] == [4, 4, 40, 2]
    assert found["category_decayed_15"] == pytest.approx(sum(0.5 ** (age / 15) for age in (40, 20, 10, 4)))
    assert found["category_due"] == pytest.approx(4 / ((36 + 30) / 4))
    own, all_of_them = (
        sum(0.5 ** (age / half) for age in ages) for half, ages in ((120, (40, 20, 10)), (60, (40, 20, 10, 4)))
    )
    assert found["category_share"] == pytest.approx(own / all_of_them)
    # no two are of one title
    assert [found[f"title_{name}"] for name in names] == [3, 10, 40, 1]


def test_nothing_after_the_cut_is_seen() -> None:
    acts = ((0, 0, 40.0), (0, 0, 20.0), (1, 0, 35.0), (1, 1, 33.0))
    cut = NOW - 15 * DAY
    early, later = bought(*acts), bought(*acts, (0, 1, 3.0), (1, 0, 14.0))
    for name in ("row", "item", "times", "last_age"):
        assert getattr(habits_at(early, cut), name).tolist() == getattr(habits_at(later, cut), name).tolist()
    sold = Sold.of(2)
    sold.add(habits_at(early, cut))
    assert (
        features(early, habits_at(early, cut), sold, cut) == features(later, habits_at(later, cut), sold, cut)
    ).all()


def test_sums_are_those_of_the_regression() -> None:
    draw = np.random.default_rng(5)
    described = draw.gamma(1.0, 5.0, size=(800, len(FEATURES)))
    again = described[:, 0] * draw.random(800) > described[:, 1]
    terms = learnt(described, again, 10.0)
    table = {name: terms.column(name).to_numpy() for name in terms.column_names}
    found = summed(described, table)
    assert np.corrcoef(found, again)[0, 1] > 0.5
    logs = (np.log1p(described) - table["mean"][: len(FEATURES)]) / table["scale"][: len(FEATURES)]
    expected = sum(
        by * (logs[:, one] if other < 0 else logs[:, one] * logs[:, other])
        for one, other, by in zip(table["one"], table["other"], table["by"], strict=True)
    )
    assert found == pytest.approx(np.clip(expected, -30, 30))


def habitual(shop: Shop) -> Shop:
    """Everyone buys milk weekly and tried a lamp every two months; beans are bought for three weeks, then no more."""
    for number in range(120):
        person = f"p{number:03}"
        for week in range(26):
            shop.bought(person, "milk", days=1 + 7 * week + number % 5)
        for turn in range(3):
            shop.bought(person, "lamp", days=2 + 60 * turn + number % 50)
    for number in range(120):
        for day in range(12):
            shop.bought(f"p{number:03}", "beans", days=100 + number + 2 * day)
    return shop


def test_what_is_bought_regularly_comes_first(shop: Shop) -> None:
    habitual(shop).run(weights=only("due"))
    shop.engine.table("rec_due", "rec_due")
    terms = next(iter(shop.engine.batches("SELECT count(*) AS n FROM rec_due")))
    assert terms.column(0)[0].as_py() > len(FEATURES)  # it did learn
    first = [shop.items(f"p{number:03}", "buy_again")[0] for number in range(120)]
    assert first.count("milk") == 120
    why = shop.of("p000", "buy_again")[0]["reasons"][0]
    assert (why["kind"], why["value"], why["count"], why["number"]) == ("repeat", "person", 26, 7.0)


def test_with_too_little_to_learn_from_frequency_decides(shop: Shop) -> None:
    for days in (3, 10, 17):
        shop.bought("p", "often", days=days)
    for days in (80, 90):
        shop.bought("p", "once", days=days)
    shop.run(weights=only("due"))
    assert shop.items("p", "buy_again") == ["often", "once"]


def test_learning_from_every_other_person_is_learning_too(shop: Shop) -> None:
    habitual(shop).run(weights=only("due"), options={"due": {"pairs": 1000}})
    assert shop.items("p003", "buy_again")[0] == "milk"

"""Neighbours of products, worked out again with dense linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from siyu.domain.errors import SettingsError
from siyu.recommendations.models.ease import EaseOptions, too_many

from ..shop import Shop, only
from .crowd import ITEMS, acts, crowd, learnt, weights


def test_ease_is_the_closed_form(shop: Shop) -> None:
    crowd(shop).run(weights=only("ease"), options={"ease": {"half_life": 60, "ridge": 2, "neighbours": 19}})
    known = weights(shop, 60)
    inverse = np.linalg.inv(known.T @ known + 2 * np.eye(20))
    expected = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(expected, 0)
    found = learnt(shop, "rec_ease")
    assert len(found) == np.count_nonzero(expected > 1e-7) > 100
    for (one, other), row in found.items():
        assert row["strength"] == pytest.approx(expected[ITEMS.index(one), ITEMS.index(other)], rel=1e-3, abs=1e-6)


def test_ease_keeps_the_strongest(shop: Shop) -> None:
    crowd(shop).run(weights=only("ease"), options={"ease": {"neighbours": 19}})
    whole = learnt(shop, "rec_ease")
    shop.run(weights=only("ease"), options={"ease": {"neighbours": 3}})
    cut = learnt(shop, "rec_ease")
    for item in ITEMS:
        best = sorted((row["strength"] for (one, _), row in whole.items() if one == item), reverse=True)[:3]
        assert sorted((row["strength"] for (one, _), row in cut.items() if one == item), reverse=True) == best


def test_ease_refuses_beyond_its_size_with_the_figure(shop: Shop) -> None:
    crowd(shop)
    with pytest.raises(SettingsError, match="20 products to solve for and stops at 10"):
        shop.run(weights=only("ease"), options={"ease": {"most": 10}})
    # 41,000 ^ 2 cells of 4 bytes and a fifth: 8.07 GB
    assert too_many(41_000, EaseOptions().most).facts == {"products": 41_000, "gigabytes": 8.1}


def test_cosine_is_that_of_linear_algebra(shop: Shop) -> None:
    options = {"measure": "cosine", "half_life": 50, "shrink": 3, "normal": 0.6, "least": 2}
    crowd(shop).run(weights=only("item_knn"), options={"item_knn": options})
    known = weights(shop, 50)
    ones = known > 0
    say = np.sqrt(known) * (ones.sum(axis=1) ** -0.3)[:, None]
    together = say.T @ say
    norm = np.sqrt(np.diag(together) + 3)
    found = learnt(shop, "rec_item_knn")
    both = ones.astype(int).T @ ones.astype(int)
    assert len(found) == np.count_nonzero(np.triu(both >= 2, 1)) * 2 > 100
    for (one, other), row in found.items():
        a, b = ITEMS.index(one), ITEMS.index(other)
        assert row["strength"] == pytest.approx(together[a, b] / (norm[a] * norm[b]), rel=1e-5)
        assert row["people"] == both[a, b]
        assert row["lift"] == pytest.approx(both[a, b] * len(ones) / (both[a, a] * both[b, b]))


def test_bm25_is_that_of_linear_algebra(shop: Shop) -> None:
    crowd(shop).run(weights=only("item_knn"), options={"item_knn": {"measure": "bm25", "half_life": 50, "least": 1}})
    known = weights(shop, 50)
    length = 0.25 + 0.75 * (known > 0).sum(axis=1) / (known > 0).sum(axis=1).mean()
    support = (known > 0).sum(axis=0)
    idf = np.log(1 + (len(known) - support + 0.5) / (support + 0.5))
    weighed = known * 2.2 / (1.2 * length[:, None] + known) * idf
    together = weighed.T @ weighed
    for (one, other), row in learnt(shop, "rec_item_knn").items():
        assert row["strength"] == pytest.approx(together[ITEMS.index(one), ITEMS.index(other)], rel=1e-4)


def test_windows_by_hand(shop: Shop) -> None:
    # p1: a, b, c a day apart, q1: b then a; half-life so long that age takes nothing
    for number, item in enumerate("abc"):
        shop.bought("p1", item, days=3 - number)
    shop.bought("q1", "b", days=2)
    shop.bought("q1", "a", days=1)
    options = {"window": 1, "normal": 1.0, "nearness": 1.0, "half_life": 36_500, "shrink": 0, "of_asked": 1}
    shop.run(weights=only("windowed"), options={"windowed": options | {"of_found": 0}})
    found = {pair: row["strength"] for pair, row in learnt(shop, "rec_windowed").items()}
    # a-b: 1/3 from p1 and 1/2 from q1; b-c: 1/3. Of two people with a, two with b, one with c.
    expected = {("a", "b"): 5 / 12, ("b", "a"): 5 / 12, ("b", "c"): 1 / 6, ("c", "b"): 1 / 3}
    assert found == pytest.approx(expected, rel=1e-3)
    shop.run(weights=only("windowed"), options={"windowed": options | {"window": 2, "of_found": 0}})
    wider = learnt(shop, "rec_windowed")
    assert wider["a", "c"]["strength"] == pytest.approx(1 / 3 / 2 / 2, rel=1e-3)  # two places apart, two people with a
    assert (wider["a", "c"]["people"], wider["a", "b"]["people"]) == (1, 2)


def test_windows_do_not_know_direction(shop: Shop) -> None:
    crowd(shop).run(weights=only("windowed"), options={"windowed": {"of_asked": 0.3, "of_found": 0.3}})
    found = learnt(shop, "rec_windowed")
    assert len(found) > 100
    for one, other in found:
        assert found[one, other]["strength"] == pytest.approx(found[other, one]["strength"])


def test_als_tells_groups_apart(shop: Shop) -> None:
    pytest.importorskip("implicit")
    draw = np.random.default_rng(3)
    for number in range(60):  # two tastes that never meet
        for item in draw.choice(10, size=5, replace=False):
            shop.bought(f"p{number:02}", ITEMS[item + 10 * (number % 2)])
    shop.run(weights=only("als"), options={"als": {"factors": 2}})
    found = learnt(shop, "rec_als")
    for item in ITEMS:
        mine = {other: row["strength"] for (one, other), row in found.items() if one == item}
        best = sorted(mine, key=lambda other: -mine[other])[:3]
        assert all((item < "i10") == (other < "i10") for other in best)
    for person in ("p00", "p01"):
        assert all((item < "i10") == (person == "p00") for item in shop.items(person)[:5])


@pytest.mark.parametrize("model", ["als", "ease", "item_knn", "windowed"])
def test_the_latest_events_count_without_learning_anew(shop: Shop, model: str) -> None:
    crowd(shop).bought("late", "i00", days=200)
    settings = {"weights": only(model), "refit": {"days": 30, "share": 1}}
    assert shop.run(days=2, **settings).why == "first"
    before = shop.items("late")
    shop.bought("late", "i15", days=1)
    assert shop.run(**settings).why == "news"
    reasons = [found["item"] for row in shop.of("late") for found in row["reasons"]]
    assert before
    assert "i15" in reasons


def test_of_a_long_history_the_latest_products_are_learnt_from(shop: Shop) -> None:
    for number, item in enumerate("abcd"):
        for person in ("p", "q"):
            shop.bought(person, item, days=10 - number)
    shop.run(weights=only("item_knn"), options={"item_knn": {"history": 2, "measure": "cosine"}})
    assert set(learnt(shop, "rec_item_knn")) == {("c", "d"), ("d", "c")}


def test_counts_are_those_of_the_events(shop: Shop) -> None:
    crowd(shop).run(weights=only("ease"), reasons=10)
    bought = {name: set() for name in {row["person"] for row in shop.events}}
    for row in shop.events:
        bought[row["person"]].add(row["item"])
    told = [(row, why) for row in shop.rows() for why in row["reasons"]]
    assert len(told) > 300
    for row, why in told:
        assert (why["kind"], why["value"]) == ("bought-together", "person")
        assert why["item"] in bought[row["person"]]
        assert why["count"] == sum({why["item"], row["item"]} <= mine for mine in bought.values())
    assert sum(1 for _ in acts(shop)) == len(shop.events)

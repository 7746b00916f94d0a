"""Arranging: judged by a greedy in plain Python, by laws, and by lists derived by hand."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from siyu.recommendations.arranging import SMOOTHED, Arranger, Limit
from siyu.recommendations.ranking import Order, best, chosen
from siyu.recommendations.ranking import Shelves as PlainShelves

from .shop import Shop, only

ITEMS = 12
ORDER = Order(ITEMS, 1.0)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Products with categories, groups, brands and terms; scores of a few people; their own shares."""
    numbers = st.lists(st.integers(-1, 3), min_size=ITEMS, max_size=ITEMS)
    rows = draw(st.integers(1, 4))
    scores = [
        [draw(st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.5, 0.75, 1.0])) for _ in range(ITEMS)] for _ in range(rows)
    ]
    shares = [[draw(st.sampled_from([0.0, 0.25, 0.5])) for _ in range(5)] for _ in range(rows)]
    terms = [[draw(st.sampled_from([0.0, 0.0, 1.0, 2.0])) for _ in range(5)] for _ in range(ITEMS)]
    return {
        "category": draw(numbers), "group": draw(numbers), "brand": draw(numbers), "scores": scores, "shares": shares,
        "terms": terms, "top": draw(st.integers(1, ITEMS)), "per_group": draw(st.integers(1, 3)),
        "per_brand": draw(st.integers(1, 4)), "cap": draw(st.integers(0, 3)),
        "per_category": draw(st.sampled_from([None, 1, 2])),
        "diversity": draw(st.sampled_from([0.0, 0.2, 0.5, 1.0])),
        "calibration": draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
    }  # fmt: skip


def unit(rows: list[list[float]]) -> list[list[float]]:
    """Rows of length one."""
    return [[value / (sqrt(sum(one**2 for one in row)) or 1.0) for value in row] for row in rows]


def arranged(world: dict[str, Any]) -> list[list[int]]:
    """Lists by the code under test."""
    scores = sparse.csr_array(np.array(world["scores"]))
    keys = best(ORDER.keys(scores.data.copy(), scores.indices), scores.indptr, kept=ITEMS)
    category = np.array(world["category"])
    limits = [Limit(np.array(world["group"]), world["per_group"]), Limit(np.array(world["brand"]), world["per_brand"])]
    limits.append(Limit(np.where(category == 0, 0, -1), world["cap"]))
    how = Arranger(
        ORDER, category, limits, world["per_category"], world["diversity"], world["calibration"],
        sparse.csr_array(np.array(unit(world["terms"]))),
    )  # fmt: skip
    items = np.where(keys == 0, 0, ORDER.item(keys))
    shares = np.array(
        [
            [row[category[item]] if category[item] >= 0 else 0.0 for item in line]
            for row, line in zip(world["shares"], items, strict=True)
        ]
    )
    listed, _ = how.listed(keys, shares, world["top"])
    return [[int(ORDER.item(key)) for key in line if key] for line in listed]


def judged(world: dict[str, Any]) -> list[list[int]]:
    """The same, one person and place after the other."""
    terms = unit(world["terms"])
    lists = []
    for scores, shares in zip(world["scores"], world["shares"], strict=True):
        left = sorted((item for item in range(ITEMS) if scores[item] > 0), key=lambda item: (-scores[item], item))
        most = max(scores)
        taken: list[int] = []
        while len(taken) < world["top"]:
            found = [
                (-round(worth(world, scores[item] / most, item, taken, shares, terms), 9), place)
                for place, item in enumerate(left)
                if item not in taken and fits(world, item, taken)
            ]
            if not found:
                break
            taken.append(left[min(found)[1]])
        lists.append(taken)
    return lists


def fits(world: dict[str, Any], item: int, taken: list[int]) -> bool:
    """Whether no limit is reached."""
    for name, limit in (("group", world["per_group"]), ("brand", world["per_brand"])):
        number = world[name][item]
        if number >= 0 and sum(world[name][other] == number for other in taken) >= limit:
            return False
    return world["category"][item] != 0 or sum(world["category"][other] == 0 for other in taken) < world["cap"]


def worth(
    world: dict[str, Any],
    score: float,
    item: int,
    taken: list[int],
    shares: list[float],
    terms: list[list[float]],
) -> float:
    """What a product adds to a list, from the formulas of the papers."""
    like = max((sum(a * b for a, b in zip(terms[item], terms[one], strict=True)) for one in taken), default=0.0)
    value = (1 - world["diversity"]) * score - world["diversity"] * like
    category = world["category"][item]
    if category >= 0:
        share, held = shares[category], sum(world["category"][one] == category for one in taken)
        with_it, without = ((1 - SMOOTHED) * count / (len(taken) + 1) + SMOOTHED * share for count in (held + 1, held))
        gain = share * log(with_it / without) if share else 0.0
        value = (1 - world["calibration"]) * value + world["calibration"] * gain
        if world["per_category"] is not None and held >= world["per_category"]:
            value -= 1000
    else:
        value = (1 - world["calibration"]) * value
    return value


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_a_plain_greedy_comes_to_the_same(world: dict[str, Any]) -> None:
    assert arranged(world) == judged(world)


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_with_weights_of_zero_it_is_the_plain_ranking(world: dict[str, Any]) -> None:
    """Variants are of one category here, as in any catalogue; else which limit speaks first would matter."""
    world |= {"diversity": 0.0, "calibration": 0.0, "per_brand": ITEMS, "cap": ITEMS}
    pairs = zip(world["category"], world["group"], strict=True)
    world["category"] = [category if group < 0 else group % 2 for category, group in pairs]
    scores = sparse.csr_array(np.array(world["scores"]))
    keys = ORDER.keys(scores.data.copy(), scores.indices)
    shelves = PlainShelves(
        ORDER, np.array(world["category"]), np.array(world["group"]), world["per_category"], world["per_group"]
    )
    plain, _ = chosen(keys, scores.indptr, shelves, kept=ITEMS, top=world["top"])
    assert arranged(world) == [[int(ORDER.item(key)) for key in line if key] for line in plain]


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_limits_hold_always_and_nothing_comes_in_that_has_no_score(world: dict[str, Any]) -> None:
    for scores, line in zip(world["scores"], arranged(world), strict=True):
        assert len(set(line)) == len(line) <= world["top"]
        assert all(scores[item] > 0 for item in line)
        for name, limit in (("group", world["per_group"]), ("brand", world["per_brand"])):
            numbers = [world[name][item] for item in line if world[name][item] >= 0]
            assert all(numbers.count(number) <= limit for number in numbers)
        assert sum(world["category"][item] == 0 for item in line) <= world["cap"]


@given(worlds(), st.integers(0, ITEMS - 1))
@settings(max_examples=100, deadline=None)
def test_a_shorter_list_is_the_beginning_of_a_longer_one(world: dict[str, Any], top: int) -> None:
    whole = arranged(world | {"top": ITEMS})
    assert arranged(world | {"top": top + 1}) == [line[: top + 1] for line in whole]


def simple(**more: Any) -> dict[str, Any]:
    """One person; products 0 to 3 score 1, .9, .8, .5."""
    nothing: dict[str, Any] = {
        "category": [-1] * ITEMS, "group": [-1] * ITEMS, "brand": [-1] * ITEMS, "shares": [[0.0] * 5],
        "scores": [[1.0, 0.9, 0.8, 0.5, *([0.0] * (ITEMS - 4))]], "terms": [[0.0] * 5 for _ in range(ITEMS)],
        "top": 4, "per_group": 9, "per_brand": 9, "cap": 9, "per_category": None, "diversity": 0.0, "calibration": 0.0,
    }  # fmt: skip
    return nothing | more


def test_diversity_by_hand() -> None:
    """Products 0 and 1 are twins, 2 shares half with them (cosine .7071), 3 nothing. At .5:

    first 0; then 1: .45 - .5 = -.05, 2: .4 - .3536 = .0464, 3: .25 -> 3; then 2 before 1.
    """
    terms = [[1.0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0], [1.0, 1.0, 0, 0, 0], [0, 0, 1.0, 0, 0], *[[0.0] * 5] * (ITEMS - 4)]
    assert arranged(simple(terms=terms, diversity=0.5)) == [[0, 3, 2, 1]]
    assert arranged(simple(terms=terms, diversity=0.0)) == [[0, 1, 2, 3]]


def test_calibration_by_hand() -> None:
    """Products 0 and 1 are of the first category, 2 and 3 of the second; the person has half of each. At .5, second
    place: 1 gains .5 ln((.99 + .005) / (.495 + .005)) = .344, 2 gains .5 ln((.495 + .005) / .005) = 2.303.
    """
    category = [0, 0, 1, 1, *([-1] * (ITEMS - 4))]
    world = simple(category=category, shares=[[0.5, 0.5, 0, 0, 0]])
    assert arranged(world | {"calibration": 0.5}) == [[0, 2, 1, 3]]
    assert arranged(world | {"calibration": 0.0}) == [[0, 1, 2, 3]]
    lopsided = world | {"shares": [[0.0, 1.0, 0, 0, 0]], "calibration": 1.0}
    assert arranged(lopsided) == [[2, 3, 0, 1]]


def test_passed_over_are_those_better_than_one_taken() -> None:
    how = Arranger(ORDER, np.full(ITEMS, -1), [Limit(np.array([0, 0, 0, *([-1] * (ITEMS - 3))]), 1)])
    keys = best(ORDER.keys(np.array([1.0, 0.9, 0.8, 0.5]), np.arange(4)), np.array([0, 4]), kept=ITEMS)
    listed, passed = how.listed(keys, np.zeros(keys.shape), 2)
    assert ORDER.item(listed).tolist() == [[0, 3]]
    assert passed.tolist() == [2]


@pytest.fixture
def shelf(shop: Shop) -> Shop:
    """Six products, the lower the number the more were sold; three knives of one brand first."""
    for number in range(6):
        for buyer in range(20 - 2 * number):
            shop.bought(f"b{buyer:02}", f"i{number}", days=3)
    kinds = ["Home > Knives"] * 3 + ["Home > Pans"] * 2 + ["Garden"]
    brands = ["Sharp", "Sharp", "Sharp", "Flat", "Sharp", None]
    shop.stock(*(
        {"item": f"i{n}", "title": f"{kind.split()[-1]} {n}", "category": kind, "brand": brand}
        for n, (kind, brand) in enumerate(zip(kinds, brands, strict=True))
    ))  # fmt: skip
    shop.event("new", "search", None)
    return shop


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["i0", "i1", "i2", "i3", "i4", "i5"]),
        ({"per_brand": 2}, ["i0", "i1", "i3", "i5"]),
        ({"caps": {"Home > Knives": 1}}, ["i0", "i3", "i4", "i5"]),
        ({"caps": {"Home": 2}}, ["i0", "i1", "i5"]),
        ({"caps": {"Home": 4, "Home > Knives": 0}, "per_brand": 1}, ["i3", "i4", "i5"]),
        ({"caps": {"Hom": 0}}, ["i0", "i1", "i2", "i3", "i4", "i5"]),
    ],
)
def test_caps_and_brands_from_the_settings(shelf: Shop, asked: dict[str, Any], expected: list[str]) -> None:
    shelf.run(weights=only("popularity"), **asked)
    assert shelf.items("new") == expected


def test_diversity_from_the_settings_parts_what_is_alike(shelf: Shop) -> None:
    shelf.run(weights=only("popularity"), diversity=0.5, top=3)
    assert shelf.items("new") == ["i0", "i3", "i5"]  # one of a kind each, where scores alone say i0, i1, i2


def test_calibration_follows_what_the_person_bought(shelf: Shop) -> None:
    """One pan and one of the garden were bought: half and half, as far as there are any left."""
    shelf.bought("half", "i3", "i5", days=9)
    shelf.stock({"item": "g", "title": "Hose", "category": "Garden"})
    shelf.bought("b00", "g", days=3)
    shelf.run(weights=only("popularity"), calibration=0.9, top=3)
    assert shelf.items("half")[:2] == ["i4", "g"]
    assert shelf.items("new") == ["i0", "i1", "i2"]  # who has nothing is shown the best


def test_filters_hold_whatever_is_asked_for(shelf: Shop) -> None:
    shelf.exclude("new", "i5")
    shelf.stock({"item": "i3", "title": "Pans 3", "category": "Home > Pans", "stock": 0})
    shelf.run(weights=only("popularity"), diversity=0.9, calibration=0.5, filters={"items": ("i4",)})
    assert sorted(shelf.items("new")) == ["i0", "i1", "i2"]

"""Like-minded people and what is distinctive."""

from __future__ import annotations

from math import log
from typing import Any

import pytest

from siyu.domain.ids import PersonId
from siyu.profiles import distinctive, like_minded

ITEMS = [{"item": f"p{n}", "category": name} for n, name in enumerate(("tea", "pots", "cups", "bikes"))]


def _taste(shop: Any, person: str, *items: int) -> None:
    shop.write([shop.event(person, "browse", item=f"p{item}") for item in items])


def test_like_minded_people(shop: Any) -> None:
    shop.products(*ITEMS)
    _taste(shop, "me", 0, 1)
    _taste(shop, "twin", 0, 1)
    _taste(shop, "cousin", 0, 2)
    _taste(shop, "stranger", 3)
    shop.build()
    found = like_minded(shop.engine, PersonId("me"), k=5)
    assert [one.person for one in found] == ["twin", "cousin"]
    assert found[0].similarity == pytest.approx(1.0)
    # mean shares: tea 3/8, pots 2/8, cups 1/8. "me" and "cousin" have 1/2 each: lifts 4/3, 2 and 4/3, 4
    tea, pots, cups = (0.5 * log(1 + lift) for lift in (4 / 3, 2, 4))
    cosine = tea * tea / ((tea**2 + pots**2) ** 0.5 * (tea**2 + cups**2) ** 0.5)
    assert found[1].similarity == pytest.approx(cosine)
    assert [one.value for one in found[1].shared] == ["tea"]
    assert [one.value for one in found[1].theirs] == ["cups"]
    assert found[0].theirs == ()


def test_distinctive_interests(shop: Any) -> None:
    shop.products(*ITEMS)
    _taste(shop, "me", 0, 1)
    _taste(shop, "other", 0)
    shop.build()
    # tea: 1/2 against 3/4: not distinctive. pots: 1/2 against 1/4: lift 2
    (found,) = distinctive(shop.engine, PersonId("me"))
    assert (found.value, found.weight, found.lift) == ("pots", pytest.approx(0.5), pytest.approx(2.0))


def test_unknown_people_and_odd_numbers(shop: Any) -> None:
    shop.products(*ITEMS)
    _taste(shop, "me", 0)
    shop.build()
    assert like_minded(shop.engine, PersonId("nobody' OR 1=1 --"), k=3) == []
    assert like_minded(shop.engine, PersonId("me"), k=3) == []
    assert like_minded(shop.engine, PersonId("me"), k=-1) == []
    assert distinctive(shop.engine, PersonId("nobody")) == []

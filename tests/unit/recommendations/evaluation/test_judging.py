"""The judge end to end: figures that can be told by hand, every model on the same people, what it says of settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siyu.domain.errors import InputError
from siyu.recommendations.evaluation.entrants import entrant
from siyu.recommendations.evaluation.exam import Part
from siyu.recommendations.evaluation.judging import Asking, Evaluation, judge
from siyu.recommendations.evaluation.splitting import LeaveOneOut, Split, TimeSplit
from siyu.recommendations.settings import RecommendationSettings

from ..shop import Shop
from .world import CUT, filled, shown


def examine(shop: Shop, split: Split, *models: str, **more: Any) -> Evaluation:
    entrants = [entrant(name, top=more.get("places", 5), base=RecommendationSettings()) for name in models]
    return judge(shown(shop), split, entrants, asking=Asking(**{"places": 5, "resamples": 50, **more}))


@pytest.fixture
def three(shop: Shop) -> Shop:
    """Of three people, before the cut: all buy a (and have before), two b, one c. Then one buys b, another d."""
    for person in ("p1", "p2", "p3"):
        shop.bought(person, "a", days=80)
    for person, items in {"p1": "a", "p2": "ab", "p3": "abc"}.items():
        shop.bought(person, *items, days=40)
    shop.bought("p1", "b", days=3)
    shop.bought("p2", "a", "d", days=3)
    shop.bought("p3", "a", days=3)
    return shop


def test_popularity_by_hand(three: Shop) -> None:
    found = examine(three, TimeSplit(CUT), "popularity", places=2)
    (task,) = found.tasks
    # new to p1: b; new to p2: d, which nobody had before; p3 bought nothing new
    assert (task.name, task.people, task.wanted) == ("discover", 2, 2)
    measures = {name: value["value"] for name, value in task.rows[0].measures.items()}
    # p1's list is b, c (a is owned): found at place 1. p2's is c alone: d is in the catalogue but was bought by nobody
    assert measures["recall"] == measures["hit"] == measures["ndcg"] == measures["mrr"] == 0.5
    assert measures["precision"] == 0.25
    # of the catalogue a, b, c, d the lists show b and c; places: b 1, c 2: Gini of 0, 0, 1, 2
    assert measures["coverage"] == 0.5
    assert measures["gini"] == pytest.approx((-3 * 0 - 1 * 0 + 1 * 1 + 3 * 2) / (4 * 3))
    # shares of 3 people: b 2/3, c 1/3 twice
    assert measures["novelty"] == pytest.approx(-np.log2([2 / 3, 1 / 3, 1 / 3]).mean())
    # buyers 3, 2, 1, 0: percentiles of b 5/8, c 3/8
    assert measures["popularity"] == pytest.approx((5 / 8 + 3 / 8 + 3 / 8) / 3)


def test_buy_again_is_asked_for_everything_bought(three: Shop) -> None:
    found = examine(three, TimeSplit(CUT), "personal_frequency", "default", places=2)
    assert [task.name for task in found.tasks] == ["discover", "buy_again", "both"]
    again = found.tasks[1]
    assert (again.people, again.wanted) == (3, 4)
    assert [row.model for row in again.rows] == ["personal_frequency", "default"]
    assert [row.model for row in found.tasks[2].rows] == ["default"]
    # only a was ever bought again. p1 wants b: nothing; p2 wants a and d: 1 of 2; p3 wants a
    assert again.rows[0].measures["recall"]["value"] == pytest.approx((0 + 0.5 + 1) / 3)
    assert again.rows[0].served == 3


def test_the_first_model_is_compared_against(shop: Shop) -> None:
    found = examine(filled(shop), TimeSplit(CUT), "popularity", "item_to_item", "item_to_item:half_life=10")
    rows = found.tasks[0].rows
    assert rows[0].against == {}
    for row in rows[1:]:
        gap = row.against["ndcg"]
        assert gap["value"] == pytest.approx(row.measures["ndcg"]["value"] - rows[0].measures["ndcg"]["value"])
        assert gap["low"] <= gap["value"] <= gap["high"]
    assert {model.model for model in found.models} == {"popularity", "item_to_item", "item_to_item:half_life=10"}


def test_who_chose_the_settings_is_said(shop: Shop) -> None:
    found = examine(filled(shop), TimeSplit(CUT), "popularity", "item_to_item:half_life=10", "default", budget=0.0)
    assert [model.origin for model in found.models] == ["chosen"] * 3
    chosen = found.models[1].chosen
    assert chosen is not None
    assert chosen["split"]["part"] == "validation"
    assert chosen["tried"] == 1
    assert not chosen["complete"]
    plain = examine(shop, TimeSplit(CUT), "popularity", "item_to_item:half_life=10")
    assert [(model.origin, model.chosen) for model in plain.models] == [("defaults", None), ("given", None)]
    assert plain.models[1].options == {"item_to_item": {"half_life": 10}}


def test_the_validation_part_says_so(shop: Shop) -> None:
    found = examine(filled(shop), LeaveOneOut(), "default", part=Part.VALIDATION)
    assert found.split["part"] == "validation"
    assert found.split["kind"] == "leave-one-out"


def test_costs_are_of_everyone_asked(shop: Shop) -> None:
    found = examine(filled(shop), TimeSplit(CUT), "default")
    cost = found.models[0].cost
    assert cost.people == 24
    assert set(cost.seconds) == set(cost.cpu_seconds) == {"prepare", "fit", "score"}
    assert all(value > 0 for value in cost.seconds.values())


def test_the_same_twice_is_the_same(shop: Shop) -> None:
    filled(shop)
    one, two = (examine(shop, TimeSplit(CUT), "default", "popularity").tasks for _ in range(2))
    assert one == two


def test_one_person_and_one_product(shop: Shop) -> None:
    shop.bought("only", "thing", days=70)
    shop.bought("only", "thing", days=40)
    shop.bought("only", "thing", days=2)
    found = examine(shop, TimeSplit(CUT), "personal_frequency", "default")
    row = found.tasks[0].rows[0]
    assert row.measures["recall"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert found.counts["asked"] == found.counts["items"] == 1
    # nothing new was bought, so of discoveries nothing can be said
    assert "discover" not in {task.name for task in found.tasks}


def test_a_lane_nobody_serves_is_said(shop: Shop) -> None:
    with pytest.raises(InputError, match="No model serves"):
        examine(filled(shop), TimeSplit(CUT), "popularity", tasks=("buy_again",))

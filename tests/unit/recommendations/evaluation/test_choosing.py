"""Choosing settings: within the budget, on the validation part, and better where there is something to choose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from siyu.recommendations.evaluation.choosing import Rating, choose, steps
from siyu.recommendations.evaluation.entrants import entrant
from siyu.recommendations.evaluation.exam import Exam, Part
from siyu.recommendations.evaluation.splitting import TimeSplit
from siyu.recommendations.settings import RecommendationSettings

from ..shop import Shop
from .world import CUT, filled, shown

BASE = RecommendationSettings()


@pytest.fixture
def trial(shop: Shop, tmp_path: Path) -> Exam:
    return TimeSplit(CUT).exam(shown(filled(shop)), Part.VALIDATION, tmp_path / "exam")


def ticking(step: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def test_better_settings_are_found_and_named(trial: Exam) -> None:
    """Everyone stays within one of three tastes: what is popular with all only misleads."""
    clock = ticking(0.01)
    first = entrant("item_to_item+popularity", top=5, base=BASE)
    found = choose(trial, first, places=5, budget=0.6, timer=lambda: next(clock))
    assert found.best > found.first
    assert found.tried > 3
    assert found.entrant.origin == "chosen"
    assert found.split["part"] == "validation"
    told = dict(found.changed)
    assert told
    for path, value in told.items():
        place: object = found.entrant.settings.model_dump()
        for key in path.split("."):
            assert isinstance(place, dict)
            place = place[key]
        assert place == value


@pytest.mark.parametrize("budget", [0.0, 2.5])
def test_the_budget_is_kept(trial: Exam, budget: float) -> None:
    clock = ticking(1.0)
    found = choose(trial, entrant("item_to_item", top=5, base=BASE), places=5, budget=budget, timer=lambda: next(clock))
    # the clock is read at the start, then before each step: at 1, 2, ... Not every step leads to other settings
    assert (found.tried == 1) if budget == 0 else (1 < found.tried <= 3)
    assert not found.complete


def test_every_number_and_choice_of_a_model_is_a_step() -> None:
    settings = entrant("item_to_item", top=5, base=BASE).settings
    tried = [made for step in steps(settings) if (made := step(settings)) is not None]
    changed = {name for made in tried for name in made.options["item_to_item"]}
    assert changed >= {"half_life", "neighbours", "window", "least", "seen"}
    windows = {made.options["item_to_item"]["window"] for made in tried if "window" in made.options["item_to_item"]}
    assert windows == {"basket", "person"}
    assert not any(
        "weights" in made.model_dump(exclude_defaults=True) and made.weights != settings.weights for made in tried
    )


def test_what_may_be_luck_is_no_improvement() -> None:
    even = Rating([np.array([0.2, 0.4, 0.6, 0.8])])
    # better for three by .1, worse for one by .25: .0125 on average, with a standard error of .076
    assert not Rating([np.array([0.3, 0.5, 0.7, 0.55])]).beats(even)
    # better for everyone by about .1: an error of .004
    assert Rating([np.array([0.3, 0.5, 0.71, 0.89])]).beats(even)
    assert not even.beats(even)
    assert Rating([]).value == 0.0

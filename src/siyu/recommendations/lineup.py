"""The line-up: which models take part, made with their own options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.recommendations.hybrid import ladder
from siyu.recommendations.port import Recommender
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

_LANES: Final = {"discover": (Lane.DISCOVER,), "buy_again": (Lane.BUY_AGAIN,), "both": tuple(Lane)}


def lanes_of(goal: str) -> tuple[Lane, ...]:
    """The lanes that a goal serves.

    Raises:
        SettingsError: there is no such goal.
    """
    if goal not in _LANES:
        raise SettingsError(
            f"Goal {goal!r} is unknown.", why=f"Known: {', '.join(_LANES)}.", next_step="Use one of them."
        )
    return _LANES[goal]


def chosen_models(settings: RecommendationSettings, goal: str = "both") -> dict[str, Recommender]:
    """The models with a weight that serve ``goal``, made with their own options, by name.

    Where no weight is named these are the plain defaults: which others are used is chosen when models learn.

    Raises:
        SettingsError: the goal, a model or an option is unknown.
    """
    lanes = lanes_of(goal)
    weights = settings.weights or plain_weights()
    known = settings.weights or {name for rung in ladder.LADDER for name in rung.weights}
    unused = sorted(set(settings.options) - set(known))
    if unused:
        raise SettingsError(
            f"There are options for {', '.join(unused)}, but no weight.",
            why="A model without a weight is not used.",
            next_step="Give it a weight under recommendations.weights, or drop its options.",
        )
    named = sorted({*(name for name, weight in weights.items() if weight > 0), *settings.options})
    found = {name: made(name, settings.options.get(name, {})) for name in named}
    return {name: model for name, model in found.items() if weights.get(name, 0) > 0 and model.lane in lanes}


def plain_weights() -> dict[str, float]:
    """The plain defaults of both lanes."""
    return {name: weight for lane in Lane for name, weight in ladder.plain(lane).weights.items()}


def made(name: str, given: Mapping[str, Any]) -> Recommender:
    """A model with the options given.

    Raises:
        SettingsError: there is no such model, or an option of it is not usable.
    """
    kind = RECOMMENDERS.load(name)
    try:
        options = kind.Options.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"An option of the recommender {name!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step=f"Mend it under recommendations.options.{name}.",
        ) from error
    return kind(options)

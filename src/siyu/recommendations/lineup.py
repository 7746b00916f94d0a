"""The line-up: which models take part, made with their own options."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.recommendations.port import Recommender
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

_LANES: Final = {"discover": (Lane.DISCOVER,), "buy_again": (Lane.BUY_AGAIN,), "both": tuple(Lane)}


def chosen_models(settings: RecommendationSettings, goal: str = "both") -> dict[str, Recommender]:
    """The models with a weight that serve ``goal``, made with their own options, by name.

    Raises:
        SettingsError: the goal, a model or an option is unknown.
    """
    if goal not in _LANES:
        raise SettingsError(
            f"Goal {goal!r} is unknown.", why=f"Known: {', '.join(_LANES)}.", next_step="Use one of them."
        )
    unused = sorted(set(settings.options) - set(settings.weights))
    if unused:
        raise SettingsError(
            f"There are options for {', '.join(unused)}, but no weight.",
            why="A model without a weight is not used.",
            next_step="Give it a weight under recommendations.weights, or drop its options.",
        )
    made = {name: _made(name, settings) for name, weight in sorted(settings.weights.items()) if weight > 0}
    return {name: model for name, model in made.items() if model.lane in _LANES[goal]}


def _made(name: str, settings: RecommendationSettings) -> Recommender:
    kind = RECOMMENDERS.load(name)
    try:
        options = kind.Options.model_validate(settings.options.get(name, {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"An option of the recommender {name!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step=f"Mend it under recommendations.options.{name}.",
        ) from error
    return kind(options)

"""Who takes part: models by name with their options, several together, or the whole stage as a shop gets it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.recommendations.lineup import chosen_models, plain_weights
from siyu.recommendations.settings import RecommendationSettings, RefitSettings
from siyu.recommendations.table import RECOMMENDERS

DEFAULT: Final = "default"
"""The whole stage: all models of the settings, their weights, filters and diversity."""

_ONCE: Final = RefitSettings(days=3650, share=1.0)
"""Models learn once in an exam."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One candidate.

    Attributes:
        label: as it was named.
        settings: of the stage.
        origin: who chose them: ``defaults``, ``project`` (its siyu.toml), ``given`` (with the command) or ``chosen``.
    """

    label: str
    settings: RecommendationSettings
    origin: str

    @property
    def lanes(self) -> frozenset[Lane]:
        """The lanes its models serve."""
        return frozenset(model.lane for model in chosen_models(self.settings).values())

    @property
    def reads_interests(self) -> bool:
        """Whether a model reads what the profiles found."""
        return any(model.interests for model in chosen_models(self.settings).values())


def entrant(text: str, *, top: int, base: RecommendationSettings, base_origin: str = "defaults") -> Entrant:
    """``NAME``, ``NAME:option=value,option=value``, ``NAME+NAME``, or ``default`` with any setting of the stage.

    A model is examined without the cap on products of one category; ``default`` is taken as ``base`` says. Values are
    read as TOML where they parse, else as text.

    Example:
        >>> found = entrant("item_to_item:half_life=30+popularity", top=10, base=RecommendationSettings())
        >>> found.settings.options, found.origin
        ({'item_to_item': {'half_life': 30}}, 'given')
        >>> entrant("default:weights.content=0.2", top=20, base=RecommendationSettings()).settings.weights["content"]
        0.2

    Raises:
        SettingsError: there is no such model, option or setting.
    """
    parts = [_part(part) for part in text.split("+")]
    if any(name == DEFAULT for name, _ in parts):
        return _stage(text, parts, top, base, base_origin)
    for name, _ in parts:
        if name not in RECOMMENDERS:
            raise SettingsError(
                f"There is no model called {name!r}.",
                why=f"Known: {', '.join([*RECOMMENDERS, DEFAULT])}.",
                next_step="Use one of these; several together as ONE+OTHER.",
                name=name,
            )
    settings = RecommendationSettings(
        top=top, reasons=1, per_category=200, candidates=max(200, top), refit=_ONCE, signals=base.signals,
        weights={name: 1.0 for name, _ in parts}, options={name: options for name, options in parts if options},
    )  # fmt: skip
    chosen_models(settings)  # options are validated by the models themselves
    return Entrant(text, settings, "given" if settings.options else "defaults")


def _stage(
    text: str, parts: list[tuple[str, dict[str, Any]]], top: int, base: RecommendationSettings, origin: str
) -> Entrant:
    if len(parts) > 1:
        raise SettingsError(
            f"{DEFAULT!r} stands for the whole stage and cannot be joined with models.",
            why=f"{text!r} joins them.",
            next_step=f"Give it weights instead: {DEFAULT}:weights.popularity=0.5",
        )
    given = base.model_dump()
    if any(path.startswith("weights.") for path in parts[0][1]):
        given["weights"] = given["weights"] or plain_weights()  # what is named is named against the plain defaults
    for path, value in parts[0][1].items():
        _put(given, path.split("."), value)
    given |= {"top": max(top, given["top"]), "reasons": 1, "refit": _ONCE.model_dump()}
    try:
        settings = RecommendationSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"A setting of {text!r} is not usable.",
            why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            next_step="`siyu doctor --settings` lists what lies under recommendations.",
        ) from error
    chosen_models(settings)
    return Entrant(text, settings, "given" if parts[0][1] else origin)


def _part(text: str) -> tuple[str, dict[str, Any]]:
    name, _, given = text.strip().partition(":")
    options: dict[str, Any] = {}
    for pair in re.split(r",(?![^\[{]*[\]}])", given) if given else ():
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise SettingsError(
                f"{pair!r} is no option.", why="It has no value.", next_step=f"Write {name}:half_life=30,neighbours=100"
            )
        options[key.strip()] = _value(value.strip())
    return name, options


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _put(target: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            raise SettingsError(
                f"{'.'.join(keys)!r} is no setting.", why=f"{key!r} holds a value.", next_step="Shorten the path."
            )
        target = inner
    target[keys[-1]] = value

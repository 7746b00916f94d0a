"""How much each event says: the weight of its kind, its quantity or valence, and its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from siyu.profiles.acts import CART, KINDS, PURCHASE, RETURN, Acts, Amounts, Numbers, runs
from siyu.profiles.settings import InterestSettings

DAY = 86_400_000_000
"""Microseconds."""
_MOST_PIECES = 1e6
_OPINIONS = tuple(KINDS.index(kind) for kind in ("review", "rating", "feedback"))


@dataclass(frozen=True, slots=True)
class Weighing:
    """What weights depend on: the settings, and the moment to which all is aged (any: shares do not change by it)."""

    settings: InterestSettings
    now: int

    @classmethod
    def at(cls, now: datetime, settings: InterestSettings) -> Weighing:
        """Weights of this moment."""
        return cls(settings, round(now.timestamp() * 1_000_000))

    @property
    def half_life(self) -> float:
        """Microseconds after which an event counts half."""
        return self.settings.half_life_days * DAY

    def __call__(self, acts: Acts) -> tuple[Amounts, Amounts]:
        """Weight of every event, and what decides which of two is the stronger: the logarithm of its weight.

        The logarithm is counted from 1970, not from now, so that what was a tie yesterday is one today.
        """
        fresh = self._fresh(acts)
        with np.errstate(divide="ignore"):
            strength = np.log2(np.abs(fresh)) + acts.counted / self.half_life
        return fresh * np.exp2((acts.counted - self.now) / self.half_life), strength

    def _fresh(self, acts: Acts) -> Amounts:
        """Weights without age."""
        weights = self.settings.weights.model_dump()
        of_kind = np.array([*(weights.get(kind, 0.0) for kind in KINDS), 0.0])  # the last is for unknown kinds
        fresh = of_kind[acts.kind]
        pieces = np.flatnonzero((acts.kind == CART) | (acts.kind == PURCHASE))
        taken = np.minimum(acts.quantity * kept_parts(acts), _MOST_PIECES)[pieces]
        fresh[pieces] *= np.log2(1 + taken)  # damped: 1, 2, 3 pieces count 1, 1.58, 2
        opinions = np.flatnonzero(np.isin(acts.kind, _OPINIONS))
        fresh[opinions] *= acts.valence[opinions]
        return fresh


def kept_parts(acts: Acts) -> Amounts:
    """Which part of each purchase was not returned, 0 to 1; 1 for other events.

    Purchases and returns meet by person, item and the moment of the purchase.
    """
    parts = np.ones(len(acts))
    places = _disputed(acts)
    if not len(places):
        return parts
    keys = acts.person[places], acts.item[places], acts.counted[places]
    order = np.lexsort(keys[::-1])
    starts = runs(*(key[order] for key in keys))
    group = np.empty(len(places), np.int64)
    group[order] = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    quantity, back = acts.quantity[places], acts.kind[places] == RETURN
    bought = np.bincount(group, np.where(back, 0.0, quantity))
    returned = np.bincount(group, np.where(back, quantity, 0.0))
    kept = np.where(bought > returned, 1 - returned / np.where(bought > 0, bought, 1.0), 0.0)
    kept[returned == 0] = 1.0
    parts[places] = np.where(back, 1.0, kept[group])
    return parts


def _disputed(acts: Acts) -> Numbers:
    """Returns, and purchases by people of items that they ever returned."""
    item = len(acts.items) + 1
    subject = acts.person * item + acts.item + 1
    returns = acts.kind == RETURN
    if not returns.any():
        return np.empty(0, np.int64)
    candidates = np.flatnonzero(returns | (acts.kind == PURCHASE))
    return candidates[np.isin(subject[candidates], subject[returns])]

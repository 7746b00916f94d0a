"""The two things foreseen of a person: that they buy soon, and that a buyer is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.profiles.needs.features import Floats, Known
from siyu.profiles.needs.findings import Finding
from siyu.profiles.needs.seen import Cut
from siyu.profiles.needs.settings import NeedsSettings
from siyu.profiles.value import Buying, fit_buying

BUY, CHURN = "buy", "churn"


@dataclass(frozen=True, slots=True)
class Target:
    """What is foreseen, within how many days.

    Attributes:
        name: ``buy`` (anybody known) or ``churn`` (buyers).
        window: days; of churn the most of them.
        gaps: churn comes after so many own gaps, if that is sooner.
    """

    name: str
    window: int
    gaps: float

    def within(self, known: Known) -> Floats:
        """Each person's own days."""
        if self.name == CHURN:
            return known.silence(self.gaps, float(self.window))
        return np.full(len(known), float(self.window))

    def concerns(self, known: Known) -> np.ndarray:
        """Whether it can be said of each person at all."""
        return known["buys"] > 0 if self.name == CHURN else np.ones(len(known), bool)

    def raw(self, known: Known, buying: Buying | None) -> Floats:
        """Features as they are."""
        return known.matrix(buying, self.within(known))


@dataclass(frozen=True, slots=True)
class Rows:
    """People at a moment: features as they are, and whether it happened."""

    raw: Floats
    happened: Floats

    def __len__(self) -> int:
        return len(self.happened)

    def only(self, chosen: np.ndarray) -> Rows:
        """Some of them."""
        return Rows(self.raw[chosen], self.happened[chosen])

    @classmethod
    def at(cls, cut: Cut, target: Target, buying: Buying | None) -> Rows:
        """Whom ``target`` concerns at ``cut``."""
        within = target.within(cut.known)
        bought = cut.after.next_days < within
        happened = (bought if target.name == BUY else ~bought).astype(float)
        return cls(target.raw(cut.known, buying), happened).only(target.concerns(cut.known))

    @classmethod
    def joined(cls, parts: list[Rows]) -> Rows:
        """Several moments as one."""
        return cls(np.concatenate([part.raw for part in parts]), np.concatenate([part.happened for part in parts]))


def buying_at(cut: Cut) -> Buying | None:
    """BG/NBD of the people known at ``cut``, by what was known then; ``None`` where it cannot be fitted."""
    repeats, last, age = (part[cut.known["buys"] > 0] for part in cut.known.history())
    found = fit_buying(repeats, last, age)
    return found if isinstance(found, Buying) else None


def lacking(target: Target, rows: Rows, settings: NeedsSettings, *, ever: bool) -> Finding | None:
    """Why nothing can be learnt from ``rows``; ``ever``: whether it concerns anybody at any moment."""
    facts = {"people": len(rows), "happened": float(rows.happened.sum()), "days": target.window}
    if len(rows) < settings.least_people:
        none = target.name == CHURN and not ever
        return Finding(target.name, "no-buyers" if none else "too-few-people", facts | {"least": settings.least_people})
    some, others = float(rows.happened.sum()), float((1 - rows.happened).sum())
    if min(some, others) >= settings.least_each:
        return None
    few = some < settings.least_each
    if target.name == BUY:
        return Finding(BUY, "nobody-bought" if few else "everybody-bought", facts | {"least": settings.least_each})
    return Finding(CHURN, "nobody-left" if few else "everybody-left", facts | {"least": settings.least_each})

"""The angle of a message: the interest of the reader that the product answers, and how much may be said of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from siyu.copywriting.terms import Terms

GLANCE, LIKING, HABIT = 0, 1, 2
"""What is known of an interest: a look, an interest that was meant, a habit. Lines that claim more are not used."""

RULE: Final = {"least": 0.1, "liked": 0.25, "usual": 0.5, "looks": 3, "common": 1.1}
"""How ``sql/work.sql`` tells them apart, by the interest's weight over that of the reader's first one of its facet.

Under ``least`` it is no angle. From ``liked`` on, with an event that was meant (anything but looking) or so many
``looks``, it is an interest; from ``usual`` on, bought on two days, a habit. A look or a word whose lift is under
``common`` is everybody's: it sets nobody apart, and is no more than a glance.
"""


Match: TypeAlias = tuple[int, int, float]
"""An interest that a product answers: number of the term, strength, and score (share by lift)."""


class Angle(NamedTuple):
    """What the message speaks to.

    Attributes:
        slot: slot of the product's fact that answers it.
        strength: ``GLANCE``, ``LIKING`` or ``HABIT``.
        score: how much it sets the reader apart (share by lift, added up).
    """

    facet: str
    value: str
    slot: str
    strength: int
    score: float


def choose_angle(matches: Iterable[Match], terms: Terms, language: str) -> Angle | None:
    """The angle that may be said strongest, then by score and by how well its facet reads; None where there is none.

    Interests that one fact answers add up: a search for "trend" and looks at trendy things are one interest.
    Ties go to what comes first in the alphabet, so that a run repeats itself.
    """
    found: dict[int, tuple[int, float]] = {}
    for term, strength, score in matches:
        if terms.said(term, language) is not None:
            strongest, so_far = found.get(term, (0, 0.0))
            found[term] = strength if strength > strongest else strongest, so_far + score
    best: tuple[tuple[float, float, str, str], Angle] | None = None
    for term, (strength, score) in found.items():
        said = terms.said(term, language)
        assert said is not None  # noqa: S101 - chosen above
        place = (-strength, -score * said.bias, said.facet, said.value)
        if best is None or place < best[0]:
            best = place, Angle(said.facet, said.value, said.slot, strength, score)
    return best[1] if best else None


def answering(matches: Iterable[Match], terms: Terms) -> list[str]:
    """Slots of the product that answer an interest, strongest first."""
    ordered = sorted((-strength, -score, term) for term, strength, score in matches)
    return list(dict.fromkeys(terms.slot(term) for _, _, term in ordered))

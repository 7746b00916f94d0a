"""The angle of a message: the interest of the reader that the product answers, and how much may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from siyu.copywriting.columns import Floats, Ints, Picks, first_of_each, listed, numbered
from siyu.copywriting.terms import Terms

GLANCE, LIKING, HABIT = 0, 1, 2
"""What is known of an interest: a look, an interest that was meant, a habit. Lines that claim more are not used."""

RULE: Final = {"least": 0.1, "liked": 0.25, "usual": 0.5, "looks": 3, "common": 1.1}
"""How ``sql/work.sql`` tells them apart, by the interest's weight over that of the reader's first one of its facet.

Under ``least`` it is no angle. From ``liked`` on, with an event that was meant (anything but looking) or so many
``looks``, it is an interest; from ``usual`` on, bought on two days, a habit. A look or a word whose lift is under
``common`` is everybody's: it sets nobody apart, and is no more than a glance.
"""


@dataclass(frozen=True, slots=True)
class Angles:
    """By pick: number of the angle (-1 for none), how strong it is, and how much it sets the reader apart."""

    angle: Ints
    strength: Ints
    score: Floats


class AngleBook:
    """Chooses angles: what is said of a term is looked up once, and what a product answers is grouped in columns."""

    def __init__(self, terms: Terms, languages: Sequence[str]) -> None:
        self._terms, self._languages = terms, languages
        self._numbers: dict[tuple[str, str], int] = {}
        self._angle = np.full((len(languages), terms.count), _UNKNOWN, np.int64)
        self._bias = np.zeros((len(languages), terms.count))
        slots: dict[str, int] = {}
        self._slot = np.fromiter((slots.setdefault(slot, len(slots)) for slot in terms.slots()), np.int64, terms.count)
        self._slots = pa.array(list(slots), pa.string())

    def choose(self, picks: Picks, language: Ints) -> Angles:
        """For each pick the angle that may be said strongest, then by score and by how well its facet reads.

        Interests that one fact answers add up: a search for "trend" and looks at trendy things are one interest.
        Ties go to what comes first in the alphabet, so that a run repeats itself.

        Args:
            language: number of the language, by pick.
        """
        pick, term, tongue = picks.match_pick, picks.match_term, language[picks.match_pick]
        self._learn(term, tongue)
        said = np.flatnonzero(self._angle[tongue, term] >= 0)
        said = said[np.lexsort((picks.match_score[said], term[said], pick[said]))]
        heads = np.flatnonzero((np.diff(pick[said], prepend=-1) != 0) | (np.diff(term[said], prepend=-1) != 0))
        one = said[heads]
        score = np.add.reduceat(picks.match_score[said], heads) if len(heads) else np.zeros(0)
        strength = np.maximum.reduceat(picks.match_strength[said], heads) if len(heads) else np.zeros(0, np.int64)
        angle, bias = self._angle[tongue[one], term[one]], self._bias[tongue[one], term[one]]
        best = first_of_each(pick[one], -strength, -score * bias, self._places(angle), size=len(picks.item))
        has = best >= 0
        return Angles(
            np.where(has, angle[best], -1) if len(one) else best,
            np.where(has, strength[best], 0) if len(one) else np.zeros_like(best),
            np.where(has, score[best], 0.0) if len(one) else np.zeros(len(best)),
        )

    def _learn(self, term: Ints, tongue: Ints) -> None:
        new = self._angle[tongue, term] == _UNKNOWN
        _, pairs = numbered(term[new], tongue[new]) if new.any() else (None, [])
        for number, language in pairs:
            said = self._terms.said(number, self._languages[language])
            if said is None:
                self._angle[language, number] = -1
                continue
            named = (str(said.facet), said.value)
            self._angle[language, number] = self._numbers.setdefault(named, len(self._numbers))
            self._bias[language, number] = said.bias

    def _places(self, angle: Ints) -> Ints:
        """Places of angles in the alphabet."""
        distinct, codes = np.unique(angle, return_inverse=True)
        names = list(self._numbers)
        order = sorted(range(len(distinct)), key=lambda at: names[distinct[at]])
        places = np.empty(len(distinct), np.int64)
        places[order] = np.arange(len(distinct))
        return places[codes.reshape(-1)]

    def names(self, numbers: Sequence[int]) -> list[tuple[str, str]]:
        """Facet and value of angles; empty for none."""
        known = list(self._numbers)
        return [known[number] if number >= 0 else ("", "") for number in numbers]

    def answering(self, picks: Picks, chosen: Ints) -> pa.ListArray:
        """For each of the ``chosen`` picks, slots of the product that answer an interest, strongest first."""
        row = np.full(len(picks.item), -1, np.int64)
        row[chosen] = np.arange(len(chosen))
        mine = np.flatnonzero(row[picks.match_pick] >= 0)
        rows, slots = row[picks.match_pick[mine]], self._slot[picks.match_term[mine]]
        order = np.lexsort((picks.match_term[mine], -picks.match_score[mine], -picks.match_strength[mine], rows))
        rows, slots = rows[order], slots[order]
        _, firsts = np.unique(rows * max(1, len(self._slots)) + slots, return_index=True)
        firsts.sort()
        return listed(self._slots, slots[firsts], np.bincount(rows[firsts], minlength=len(chosen)))


_UNKNOWN = -2

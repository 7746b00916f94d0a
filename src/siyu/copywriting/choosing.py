"""Choosing for each reader: products, angle, occasion and the brief they share with others. A batch function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting import occasions
from siyu.copywriting.angles import AngleBook, Angles
from siyu.copywriting.briefs import BriefMaker, Matter
from siyu.copywriting.columns import Bools, Floats, Ints, Picks, Readers, first_of_each, listed, numbered, read
from siyu.copywriting.display import Presenter
from siyu.copywriting.occasions import Case
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.terms import Terms
from siyu.domain.campaigns import Campaign

CHOICES: Final = pa.schema(
    [
        ("person", pa.string()),
        ("language", pa.string()),
        ("item", pa.string()),  # null: no product for this reader
        ("items", pa.list_(pa.string())),
        ("angle_facet", pa.string()),
        ("angle_value", pa.string()),
        ("strength", pa.int32()),  # of the angle
        ("reason", pa.string()),  # kind of the closest reason
        ("spoken", pa.string()),  # the same in words: see Chooser._spoken
        ("past", pa.string()),  # the past product the reason rests on
        ("deed", pa.int32()),  # what the reader did with it
        ("times", pa.int64()),
        ("occasion", pa.string()),
        ("likes", pa.list_(pa.string())),  # slots of the main product that answer an interest, strongest first
        ("brief_id", pa.string()),
    ]
)
"""Dataset ``copy_choices``: one row a person of the audience."""

BOUGHT, VIEWED = 2, 1
"""Deeds: the reader bought a past product and kept it; looked at it and did not buy."""


_PAIRED = ("bought-together", "similar")
_RANK = 0.25
"""A product one place further down must be so much nearer to the reader to lead."""


class Chooser:
    """Chooses for the readers of one campaign. A batch is sorted and grouped in columns, not walked through."""

    def __init__(
        self,
        campaign: Campaign,
        settings: CopySettings,
        shelf: Shelf,
        *,
        terms: Terms,
        presenters: Mapping[str, Presenter],
        now: datetime,
    ) -> None:
        self._campaign, self._shelf, self._now, self._presenters = campaign, shelf, now, presenters
        self._occasion = occasions.load(campaign.occasion)
        self._named_people = bool(campaign.audience.people or campaign.audience.segments)
        self._makers = BriefMaker(campaign, settings, shelf)
        self._least_count = settings.min_count
        self._items = terms.items
        self._names = pa.array(terms.items, pa.string())
        self._angles = AngleBook(terms, campaign.languages)
        self._shown: dict[str, int] = {"": 0}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/work.sql`` to rows of :data:`CHOICES`."""
        readers, picks = read(batch, self._campaign.languages)
        angles = self._angles.choose(picks, readers.language[picks.reader])
        suits = self._suits(readers, picks)
        main = self._lead(picks, angles, suits)
        return self._rows(readers, picks, angles, main=main, suits=suits)

    def _suits(self, readers: Readers, picks: Picks) -> Bools:
        """By pick, whether what the occasion says is true of reader and product; like cases are asked about once."""
        if self._occasion.about_product:
            codes, distinct = numbered(picks.item, picks.kind)
            cases = [self._case(self._items[item], picks.kinds[kind]) for item, kind in distinct]
        else:
            of = picks.reader
            did = [done[of].astype(np.int64) for done in (readers.viewed, readers.carted, readers.bought)]
            codes, distinct = numbered(*did, readers.lifecycle[of])
            cases = [
                Case(
                    bool(viewed), readers.lifecycles[lifecycle], "", {}, None, self._now, bool(carted), bool(bought),
                    self._named_people,
                )
                for viewed, carted, bought, lifecycle in distinct
            ]  # fmt: skip
        suits: Bools = np.fromiter(map(self._occasion.fits, cases), bool, len(cases))[codes]
        return suits

    def _case(self, item: str, kind: str) -> Case:
        return Case(False, "", kind, self._shelf.card(item), self._shelf.first_seen.get(item), self._now)

    def _lead(self, picks: Picks, angles: Angles, suits: Bools) -> Ints:
        """By reader, which pick comes first: the first that truly suits the occasion; on an ordinary day, the nearest.

        Only the products of the message compete, so that who leads never changes what is shown. -1: there is none.
        """
        if self._occasion.about_product:
            worth = suits.astype(np.float64)
        else:
            shown = picks.turn < self._campaign.limits.items
            worth = np.where(shown, self._nearness(picks, angles) - _RANK * picks.place, -np.inf)
        first = first_of_each(picks.reader, -worth, picks.turn, size=len(picks.begins) - 1)
        return np.where((first >= 0) & suits[first], first, -1) if self._occasion.strict and len(suits) else first

    def _nearness(self, picks: Picks, angles: Angles) -> Floats:
        """How much of the reader there is in a product: their own doing, the strength of the interest it answers."""
        repeat = picks.is_kind("repeat")
        own = repeat | (picks.is_kind(*_PAIRED) & (picks.deed == BOUGHT))  # bought before, or with what they bought
        told = np.where(repeat | (picks.times >= self._least_count), 1.5, 1.0)
        liked = angles.strength + np.minimum(angles.score, 2.0) / 2
        near: Floats = np.where(own, told, 0.0) + np.where(angles.angle >= 0, liked, 0.0)
        return near

    def _rows(self, readers: Readers, picks: Picks, angles: Angles, *, main: Ints, suits: Bools) -> pa.RecordBatch:
        at = main[main >= 0]
        item, language, angle = picks.item[at], readers.language[picks.reader[at]], angles.angle[at]
        spoken, kinds = self._spoken(picks, at)
        ordinary = np.where(suits[at], 0, 1)
        days = [self._occasion.name, occasions.GENERAL]
        codes, matters = numbered(item, angle, spoken, ordinary, language)
        named = self._angles.names([matter[1] for matter in matters])
        briefs = [
            self._makers.brief_id(
                Matter(self._items[of], *about, kinds[why], days[day], self._campaign.languages[tongue])
            )
            for (of, _, why, day, tongue), about in zip(matters, named, strict=True)
        ]
        past = np.where(self._is_itself(picks, at), -1, picks.past[at])
        facets, values = (pa.array(column, pa.string()) for column in zip(*(named or [("", "")]), strict=True))
        pair = pa.array(codes)
        columns = {
            "item": self._names.take(pa.array(item)),
            "items": self._listed(picks, at, language, past),
            "angle_facet": facets.take(pair),
            "angle_value": values.take(pair),
            "strength": pa.array(angles.strength[at]),
            "reason": pa.array(picks.kinds, pa.string()).take(pa.array(picks.kind[at])),
            "spoken": pa.array(kinds, pa.string()).take(pa.array(spoken)),
            "past": picks.pasts.take(pa.array(past, mask=past < 0)),
            "deed": pa.array(picks.deed[at]),
            "times": pa.array(picks.times[at]),
            "occasion": pa.array(days).take(pa.array(ordinary)),
            "likes": self._angles.answering(picks, at),
            "brief_id": pa.array(briefs, pa.string()).take(pair),
        }
        return self._together(readers, columns, main >= 0)

    def _together(self, readers: Readers, columns: Mapping[str, pa.Array], led: Bools) -> pa.RecordBatch:
        """Columns of those who have a product, with empty rows for the others."""
        place = pa.array(np.cumsum(led) - 1, mask=~led)
        languages = pa.array(self._campaign.languages).take(pa.array(readers.language))
        made = {"person": readers.person, "language": languages}
        made |= {name: column.take(place) for name, column in columns.items()}
        return pa.RecordBatch.from_arrays([made[f.name].cast(f.type) for f in CHOICES], schema=CHOICES)

    def _is_itself(self, picks: Picks, at: Ints) -> Bools:
        """Whether the past product is the one that leads."""
        same = pc.equal(self._names.take(pa.array(picks.item[at])), picks.pasts.take(_or_none(picks.past[at])))
        itself: Bools = pc.fill_null(same, False).to_numpy(zero_copy_only=False)
        return itself

    def _spoken(self, picks: Picks, at: Ints) -> tuple[Ints, list[str]]:
        """The reason in words: what is of the past product's own kind is near to it, what is not goes with it."""
        kinds = list(dict.fromkeys([*picks.kinds, *_PAIRED]))
        with_, near = (kinds.index(kind) for kind in _PAIRED)
        spoken = picks.kind[at].copy()
        paired = np.flatnonzero(picks.is_kind(*_PAIRED)[at] & (picks.past[at] >= 0))
        codes, pairs = numbered(picks.item[at][paired], picks.past[at][paired])
        pasts = picks.pasts.to_pylist()
        alike = [self._same_category(self._items[item], pasts[past]) for item, past in pairs]
        told = np.array([-1 if same is None else near if same else with_ for same in alike], np.int64)[codes]
        spoken[paired] = np.where(told < 0, spoken[paired], told)
        return spoken, kinds

    def _same_category(self, item: str, past: str) -> bool | None:
        mine, other = (self._shelf.card(one).get("category") for one in (item, past))
        return None if mine is None or other is None else mine.value == other.value

    def _listed(self, picks: Picks, at: Ints, language: Ints, past: Ints) -> pa.ListArray:
        """Products of each message, no two of which a reader would see under one name, nor under that of a past one."""
        pasts = picks.pasts.to_pylist()
        gone = self._named(past, language, lambda number: pasts[number] if number >= 0 else "")
        begins = picks.begins[picks.reader[at]]
        counts = picks.begins[picks.reader[at] + 1] - begins
        most = self._campaign.limits.items
        chosen = np.full((len(at), most), -1, np.int64)
        names = np.full((len(at), most), -1, np.int64)
        chosen[:, 0], names[:, 0] = at, self._named(picks.item[at], language, self._items.__getitem__)
        size = np.ones(len(at), np.int64)
        for turn in range(int(counts.max(initial=0))):
            rows = np.flatnonzero((turn < counts) & (size < most))
            pick = begins[rows] + turn
            name = self._named(picks.item[pick], language[rows], self._items.__getitem__)
            new = (pick != at[rows]) & (name != gone[rows]) & ~(names[rows] == name[:, None]).any(axis=1)
            kept = rows[new]
            chosen[kept, size[kept]], names[kept, size[kept]] = pick[new], name[new]
            size[kept] += 1
        return listed(self._names, picks.item[chosen[chosen >= 0]], size)

    def _named(self, numbers: Ints, language: Ints, item_of: Callable[[int], str]) -> Ints:
        """A number for the name under which each product is seen; 0 for no name."""
        codes, distinct = numbered(numbers, language)
        found = [self._name(item_of(number), self._campaign.languages[tongue]) for number, tongue in distinct]
        return np.array(found, np.int64)[codes]

    def _name(self, item: str, language: str) -> int:
        title = self._shelf.card(item, language).get("title")
        shown = self._presenters[language].name(title.value, "listed").casefold() if title else ""
        return self._shown.setdefault(shown, len(self._shown))


def _or_none(numbers: Ints) -> pa.Array:
    return pa.array(numbers, mask=numbers < 0)

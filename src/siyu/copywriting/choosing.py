"""Choosing for each reader: products, angle, occasion and the brief they share with others. A batch function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa

from siyu.copywriting import occasions
from siyu.copywriting.angles import Angle, Match, answering, choose_angle
from siyu.copywriting.briefs import BriefMaker, Matter
from siyu.copywriting.display import Presenter
from siyu.copywriting.occasions import Case, Occasion
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


class Pick(NamedTuple):
    """A recommended product with the closest of its reasons; see ``sql/work.sql``."""

    place: int
    item: str
    kind: str
    past: str
    times: int
    deed: int
    likes: Sequence[Match]

    @property
    def is_own(self) -> bool:
        """Whether the reason is the reader's own doing: bought before, or goes with what they bought."""
        return self.kind == "repeat" or (self.deed == BOUGHT and self.kind in _PAIRED)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person of the audience, as far as choosing needs them."""

    person: str
    language: str
    lifecycle: str
    viewed: bool
    picks: Sequence[Pick]


class Chooser:
    """Chooses for the readers of one campaign."""

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
        self._campaign = campaign
        self._shelf = shelf
        self._now = now
        self._terms = terms
        self._presenters = presenters
        self._occasion = occasions.load(campaign.occasion)
        self._general = occasions.load(occasions.GENERAL)
        self._makers = BriefMaker(campaign, settings, shelf)
        self._least_count = settings.min_count
        self._items = terms.items
        self._names: dict[tuple[str, str], str] = {}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/work.sql`` to rows of :data:`CHOICES`."""
        chosen = list(zip(*(self._choice(reader) for reader in readers(batch, self._items)), strict=True))
        columns = chosen or [()] * len(CHOICES)
        return pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, CHOICES, strict=True)], schema=CHOICES
        )

    def _choice(self, reader: Reader) -> tuple[object, ...]:
        language = self._language(reader.language)
        if not reader.picks:
            return (reader.person, language, *(None,) * 13)
        place, angle, occasion = self._lead(reader, language)
        ordered = _first(reader.picks, place)
        main = ordered[0]
        facet, value, strength = (angle.facet, angle.value, angle.strength) if angle else ("", "", 0)
        spoken = self._spoken(main)
        matter = Matter(main.item, facet, value, spoken, occasion.name, language)
        past = main.past if main.past and main.past != main.item else None
        return (
            reader.person, language, main.item, self._distinct(ordered, past, language), facet, value, strength,
            main.kind, spoken, past, main.deed, main.times, occasion.name, answering(main.likes, self._terms),
            self._makers.brief_id(matter),
        )  # fmt: skip

    def _distinct(self, ordered: Sequence[Pick], past: str | None, language: str) -> list[str]:
        """Products of the message, no two of which a reader would see under one name, nor under that of a past one."""
        main = ordered[0].item
        named = {self._name(main, language): main}
        gone = self._name(past, language) if past else ""
        for pick in ordered[1:]:
            name = self._name(pick.item, language)
            if len(named) < self._campaign.limits.items and name != gone:
                named.setdefault(name, pick.item)
        return list(named.values())

    def _name(self, item: str, language: str) -> str:
        found = self._names.get((item, language))
        if found is None:
            title = self._shelf.card(item, language).get("title")
            shown = self._presenters[language].name(title.value, "listed") if title else ""
            found = self._names[(item, language)] = shown.casefold()
        return found

    def _language(self, wanted: str) -> str:
        known = self._campaign.languages
        return next((language for language in known if wanted and wanted.split("-")[0] == language), known[0])

    def _lead(self, reader: Reader, language: str) -> tuple[int, Angle | None, Occasion]:
        """Place and angle of the first product that truly suits the occasion; on an ordinary day, of the one nearest
        to the reader. Only the products of the message compete, so that who leads never changes what is shown.
        """
        picks = reader.picks
        if self._occasion.about_product:
            fits = next((at for at, pick in enumerate(picks) if self._fits(reader, pick)), None)
            place, occasion = (0, self._general) if fits is None else (fits, self._occasion)
            return place, choose_angle(picks[place].likes, self._terms, language), occasion
        shown = picks[: self._campaign.limits.items]
        angles = [choose_angle(pick.likes, self._terms, language) if pick.likes else None for pick in shown]
        near = [self._nearness(pick, angle) - _RANK * pick.place for pick, angle in zip(shown, angles, strict=True)]
        place = near.index(max(near))
        return place, angles[place], self._occasion if self._fits(reader, picks[place]) else self._general

    def _nearness(self, pick: Pick, angle: Angle | None) -> float:
        """How much of the reader there is in a product: their own doing, the strength of the interest it answers."""
        own = (1.5 if pick.times >= self._least_count or pick.kind == "repeat" else 1.0) if pick.is_own else 0.0
        return own + (angle.strength + min(angle.score, 2.0) / 2 if angle else 0.0)

    def _spoken(self, pick: Pick) -> str:
        """The reason in words: what is of the past product's own kind is near to it, what is not goes with it."""
        if pick.kind not in _PAIRED or not pick.past:
            return pick.kind
        mine, past = (self._shelf.card(item).get("category") for item in (pick.item, pick.past))
        if mine is None or past is None:
            return pick.kind
        return "similar" if mine.value == past.value else "bought-together"

    def _fits(self, reader: Reader, pick: Pick) -> bool:
        card, seen = self._shelf.card(pick.item), self._shelf.first_seen.get(pick.item)
        return self._occasion.fits(Case(reader.viewed, reader.lifecycle, pick.kind, card, seen, self._now))


def _first(picks: Sequence[Pick], place: int) -> Sequence[Pick]:
    return picks if place == 0 else [picks[place], *picks[:place], *picks[place + 1 :]]


def readers(batch: pa.RecordBatch, items: Sequence[str]) -> Iterator[Reader]:
    """The rows of ``sql/work.sql`` as readers; nested columns are read flat, which is many times faster.

    Args:
        items: the products that the numbers in ``batch`` stand for.
    """
    plain = [batch.column(name).to_pylist() for name in ("person", "language", "lifecycle", "viewed")]
    picks = batch.column("picks")
    flat = picks.flatten()
    answers = flat.field("likes").flatten()
    rows = list(zip(*(answers.field(name).to_pylist() for name in ("term", "strength", "score")), strict=True))
    matches = _split(rows, flat.field("likes"))
    names = ("place", "item", "kind", "past", "times", "deed")
    columns = [flat.field(name).to_pylist() for name in names]
    made = [
        Pick(place, items[item], kind or "interest", past or "", times or 0, deed or 0, likes)
        for place, item, kind, past, times, deed, likes in zip(*columns, matches, strict=True)
    ]
    for person, language, lifecycle, viewed, mine in zip(*plain, _split(made, picks), strict=True):
        yield Reader(person, language or "", lifecycle or "", bool(viewed), sorted(mine))


def _split(rows: Sequence[Any], lists: pa.ListArray) -> list[Sequence[Any]]:
    """``rows``, the flat values of ``lists``, list by list; a missing list is empty."""
    found: list[Sequence[Any]] = []
    at = 0
    for length in lists.value_lengths().to_pylist():
        found.append(rows[at : at + (length or 0)])
        at += length or 0
    return found

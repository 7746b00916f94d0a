"""Choosing for each reader: products, angle, occasion and the brief they share with others. A batch function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa

from siyu.copywriting import occasions
from siyu.copywriting.angles import Features, Interest, Sensitive, choose_angle, features, matches
from siyu.copywriting.briefs import BriefMaker, Matter
from siyu.copywriting.display import Presenter
from siyu.copywriting.occasions import Case, Occasion
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.domain.campaigns import Campaign

CHOICES: Final = pa.schema(
    [
        ("person", pa.string()),
        ("language", pa.string()),
        ("item", pa.string()),  # null: no product for this reader
        ("items", pa.list_(pa.string())),
        ("angle_facet", pa.string()),
        ("angle_value", pa.string()),
        ("reason", pa.string()),
        ("past", pa.string()),  # the past product the reason rests on
        ("count", pa.int64()),
        ("occasion", pa.string()),
        ("likes", pa.list_(pa.string())),  # slots of the main product that answer an interest, strongest first
        ("brief_id", pa.string()),
    ]
)
"""Dataset ``copy_choices``: one row a person of the audience."""


class Candidate(NamedTuple):
    """A recommended product."""

    lane: str
    rank: int
    item: str
    reason: str
    past: str
    times: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A person of the audience, as far as choosing needs them."""

    person: str
    language: str
    lifecycle: str
    viewed: bool
    candidates: Sequence[Candidate]
    interests: Sequence[Interest]


class Chooser:
    """Chooses for the readers of one campaign."""

    def __init__(self, campaign: Campaign, settings: CopySettings, shelf: Shelf, *, now: datetime) -> None:
        self._campaign = campaign
        self._settings = settings
        self._shelf = shelf
        self._now = now
        self._sensitive = Sensitive(campaign.industry)
        self._occasion = occasions.load(campaign.occasion)
        self._general = occasions.load(occasions.GENERAL)
        self._lanes = occasions.lanes_of(self._occasion, campaign.goal)
        self._makers = BriefMaker(campaign, settings, shelf)
        self._features: dict[str, Features] = {}
        self._usable: dict[str, bool] = {}
        self._presenters = {
            language: Presenter(language, settings.timezone, settings.title_kind) for language in campaign.languages
        }

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/work.sql`` to rows of :data:`CHOICES`."""
        columns: dict[str, list[Any]] = {name: [] for name in CHOICES.names}
        for reader in readers(batch):
            for name, value in zip(CHOICES.names, self._choice(reader), strict=True):
                columns[name].append(value)
        return pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in CHOICES], schema=CHOICES)

    def _choice(self, reader: Reader) -> tuple[object, ...]:
        language = self._language(reader.language)
        picked = self._pick(reader.candidates)
        if not picked:
            return (reader.person, language, *(None,) * 10)
        ordered, occasion = self._lead(reader, picked)
        main = ordered[0]
        found = self._features_of(main.item)
        presenter = self._presenters[language]
        title = presenter.name(self._shelf.card(main.item)["title"].value)
        matched = matches((interest for interest in reader.interests if self._may_speak(interest.facet)), found)
        angle = choose_angle(matched, presenter, title=title, sensitive=self._sensitive)
        facet, value = (angle.facet, angle.value) if angle else ("", "")
        matter = Matter(main.item, facet, value, main.reason, occasion.name, language)
        items = self._distinct(ordered, presenter)
        return (
            reader.person, language, main.item, items, facet, value, main.reason, main.past or None, main.times,
            occasion.name, list(dict.fromkeys(slot for _, slot in matched)), self._makers.brief_id(matter),
        )  # fmt: skip

    def _distinct(self, ordered: Sequence[Candidate], presenter: Presenter) -> list[str]:
        """Products of the message, no two of which a reader would see under one name."""
        named: dict[str, str] = {}
        for candidate in ordered:
            if len(named) < self._campaign.limits.items:
                title = self._shelf.card(candidate.item)["title"].value
                named.setdefault(presenter.name(title, short=True).casefold(), candidate.item)
        return list(named.values())

    def _language(self, wanted: str) -> str:
        known = self._campaign.languages
        return next((language for language in known if wanted and wanted.split("-")[0] == language), known[0])

    def _may_speak(self, facet: str) -> bool:
        excluded = self._settings.exclude_slots
        return facet not in excluded and not (facet == "price_band" and "price" in excluded)

    def _pick(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Usable products, each once, the occasion's preferred lane first, by rank."""
        order = {lane: place for place, lane in enumerate(self._lanes)}
        fit = [c for c in candidates if c.lane in order and self._is_usable(c.item)]
        fit.sort(key=lambda c: (order[c.lane], c.rank, c.item))
        return list({c.item: c for c in reversed(fit)}.values())[::-1]

    def _is_usable(self, item: str) -> bool:
        known = self._usable.get(item)
        if known is None:
            known = self._usable[item] = self._check_usable(item)
        return known

    def _check_usable(self, item: str) -> bool:
        card = self._shelf.card(item)
        if "title" not in card or not self._presenters[self._campaign.languages[0]].name(card["title"].value):
            return False
        stock = card.get("stock")
        if stock is not None and stock.number is not None and stock.number <= 0:
            return False
        told = " ".join(card[slot].value for slot in ("title", "category") if slot in card)
        return self._settings.allow_sensitive or not self._sensitive.find(told)

    def _lead(self, reader: Reader, picked: list[Candidate]) -> tuple[list[Candidate], Occasion]:
        """The first product that truly suits the occasion leads; without one it is an ordinary day."""
        asked = picked if self._occasion.about_product else picked[:1]
        for place, candidate in enumerate(asked):
            case = Case(
                reader.viewed, reader.lifecycle, candidate.reason, self._shelf.card(candidate.item),
                self._shelf.first_seen.get(candidate.item), self._now,
            )  # fmt: skip
            if self._occasion.fits(case):
                return [candidate, *picked[:place], *picked[place + 1 :]], self._occasion
        return picked, self._general

    def _features_of(self, item: str) -> Features:
        known = self._features.get(item)
        if known is None:
            known = self._features[item] = features(self._shelf.card(item), self._shelf.bands.get(item, ""))
        return known


def readers(batch: pa.RecordBatch) -> Iterator[Reader]:
    """The rows of ``sql/work.sql`` as readers; nested columns are read flat, which is many times faster."""
    plain = {name: batch.column(name).to_pylist() for name in ("person", "language", "lifecycle", "viewed")}
    candidates = _lists(batch.column("recs"), Candidate, ("lane", "rank", "item", "kind", "past", "count"), _DEFAULTS)
    interests = _lists(
        batch.column("tags"), Interest, ("facet", "value", "score", "common"), {"score": 0.0, "common": True}
    )
    for row, person in enumerate(plain["person"]):
        yield Reader(
            person, plain["language"][row] or "", plain["lifecycle"][row] or "", bool(plain["viewed"][row]),
            candidates[row], interests[row],
        )  # fmt: skip


_DEFAULTS: Mapping[str, object] = {"kind": "interest", "past": "", "count": 0}


def _lists(
    column: pa.ListArray, kind: type[Any], fields: Sequence[str], defaults: Mapping[str, object]
) -> list[list[Any]]:
    flat = column.flatten()
    parts = [
        [defaults.get(name) if value is None else value for value in flat.field(name).to_pylist()] for name in fields
    ]
    rows = [kind(*values) for values in zip(*parts, strict=True)]
    lengths = [length or 0 for length in column.value_lengths().to_pylist()]
    found, at = [], 0
    for length in lengths:
        found.append(rows[at : at + length])
        at += length
    return found

"""Filling: pieces and facts become each reader's text, read once more by every check. A batch function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from siyu.copywriting import occasions
from siyu.copywriting.assembling import Focus, Kit, Plan, Situation, Stock
from siyu.copywriting.choosing import BOUGHT, VIEWED
from siyu.copywriting.claims import Claims
from siyu.copywriting.columns import Ints, coded, listed_once, numbered
from siyu.copywriting.display import Presenter, count, presenters_for
from siyu.copywriting.filled import Lines, flat
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.required import NOTE, lacking_note
from siyu.copywriting.reviewing import Reviewer, status
from siyu.copywriting.rows import Outcome, rows
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.slots import ANGLES, fact_slot
from siyu.copywriting.storing import Book
from siyu.copywriting.values import angles, more, shown
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

_MAY_GO = ("more", "point", "proof", "offer", "reveal")
"""Parts left out, in this order, where a body is wider than its channel shows."""

_REMEMBERED = 100_000  # lists of other products that are kept, about 40 MB
_DEEDS = {BOUGHT: "past.bought", VIEWED: "past.viewed"}
_OWN = {"repeat": "past.again", "viewed": "past.seen"}
_COUNTED = {"popular": "reason.count", "bought-together": "past.count"}


class Work(NamedTuple):
    """What readers share who get the same words but for their choice: columns of ``sql/relations.sql``."""

    language: str
    item: str
    angle_facet: str
    angle_value: str
    strength: int
    reason: str
    past: str
    deed: int
    times: int
    occasion: str
    brief_id: str


class _Others(NamedTuple):
    """The second and third product of a message."""

    text: str
    items: tuple[str, ...]


_NO_OTHERS = _Others("", ())


class _Shared(NamedTuple):
    """All that the readers of one brief share who have the same past product and the same strength of interest."""

    work: Work
    kit: Kit
    own: Mapping[str, str]  # values beside those of all readers of the brief
    values: Mapping[str, str]
    common: dict[StoredPiece, int]  # numbers of lines that take nothing of `own`
    lines: dict[StoredPiece, int]  # numbers of lines
    others: dict[tuple[StoredPiece, _Others], int]  # the same of lines that name other products


class _Told(NamedTuple):
    """A message before it becomes a row: lines by number, and which opening it has."""

    lines: Sequence[int]
    variant: str | None
    propensity: float | None


_NO_PRODUCT = _Told((), None, None)
_NO_OPENING = _Told((), "", 0.0)


class Filler:
    """Fills the messages of one campaign step."""

    def __init__(
        self,
        campaign: Campaign,
        settings: CopySettings,
        shelf: Shelf,
        *,
        step: int,
        plan: Plan,
        book: Book,
        reviewers: Mapping[str, Reviewer],
        now: datetime,
    ) -> None:
        self._campaign, self._settings, self._shelf, self._step = campaign, settings, shelf, step
        self._plan, self._book, self._reviewers, self._now = plan, book, reviewers, now
        self._presenters = presenters_for(campaign, settings)
        self._seed = f"{campaign.name}\x1f{step}\x1f{settings.seed}"
        self._sensitive = Sensitive(campaign.industry)
        self._base: dict[tuple[str, str], dict[str, str]] = {}
        self._past: dict[tuple[str, int, str], dict[str, str]] = {}
        self._more: dict[tuple[str, ...], str] = {}
        self._private: dict[str, bool] = {}
        self._lines = Lines()
        self._events = {name: occasions.load(name).leads for name in (campaign.occasion, occasions.GENERAL)}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/relations.sql`` to rows of :data:`siyu.copywriting.rows.WRITTEN`."""
        return self.write(batch)[0]

    def write(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.Array]:
        """The same, and every fact of the rows as bytes, as the notary wants them."""
        self._lines.begin()
        claims = Claims(self._shelf, self._now)
        told = self._told(batch, claims)
        findings = self._lines.checked(self._reviewers)
        numbers, offsets = flat([one.lines for one in told])
        facts, exact_facts = claims.array(self._lines.claims, numbers, offsets)
        columns = {"parts": self._lines.parts(numbers, offsets), "facts": facts}
        languages = batch.column("language").to_pylist()
        outcomes = [self._outcome(*one, findings) for one in zip(told, languages, strict=True)]
        about = (self._campaign.name, self._step, self._campaign.channel)
        return rows(batch, outcomes, columns, about=about), exact_facts

    def _outcome(self, told: _Told, language: str, findings: Mapping[int, Sequence[Finding]]) -> Outcome:
        if told is _NO_PRODUCT:
            return Outcome("no-product", None, None)
        found: list[Finding] = [] if told is not _NO_OPENING else [_NO_LINES]
        if findings:
            found += [finding for number in told.lines for finding in findings.get(number, ())]
        if NOTE in self._plan.parts and NOTE not in map(self._lines.part, told.lines):
            found += lacking_note((), self._campaign.place, self._campaign.industry, language)
        outcome = status(found, has_law=self._reviewers[language].has_law)
        return Outcome(outcome, told.variant, told.propensity, found)

    def _told(self, batch: pa.RecordBatch, claims: Claims) -> list[_Told]:
        """For each reader the lines of their message."""
        others, other = self._others(batch)
        shared, group = self._shared(batch, other)
        likes, liking = listed_once(batch.column("likes"))
        people, used = (batch.column(name).to_pylist() for name in ("person", "used"))
        limit, widths = self._plan.limits.get("body"), self._lines.widths
        told: list[_Told] = []
        for person, at, mine, before, rest in zip(
            people, group.tolist(), liking.tolist(), used, other.tolist(), strict=True
        ):
            of = shared[at]
            if of is None:
                told.append(_NO_PRODUCT)
                continue
            assembly = of.kit.assemble(Situation(person, self._seed, likes[mine], before or ()))
            if assembly is None:
                told.append(_NO_OPENING)
                continue
            known = of.lines
            lines = [
                known[piece] if piece in known else self._line(piece, of, others[rest], claims)
                for piece in assembly.pieces
            ]
            if limit is not None and sum([widths[line] for line in lines]) > limit:
                kept = fitting([(self._lines.part(line), widths[line]) for line in lines], limit)
                lines = [lines[place] for place in kept]
            told.append(_Told(lines, assembly.variant, assembly.propensity))
        return told

    def _others(self, batch: pa.RecordBatch) -> tuple[list[_Others], Ints]:
        """The second and third products of messages, and which of them each reader gets; 0: none."""
        items, codes = listed_once(batch.column("items"))
        spoken, languages = coded(batch.column("language"), "")
        codes, distinct = numbered(codes, spoken)
        found = [_NO_OTHERS]
        places = np.zeros(len(distinct), np.int64)
        for at, (listed, tongue) in enumerate(distinct):
            if len(items[listed]) > 1:
                places[at] = len(found)
                rest = items[listed][1:]
                found.append(_Others(self._more_of(languages[tongue], rest), rest))
        return found, places[codes]

    def _shared(self, batch: pa.RecordBatch, other: Ints) -> tuple[list[_Shared | None], Ints]:
        """What groups of readers share, and the group of each reader; None for those without a product."""
        texts = [coded(batch.column(name), "")[0] for name in ("brief_id", "reason", "past")]
        amounts = [coded(batch.column(name).cast(pa.string()), "0")[0] for name in ("strength", "deed", "times")]
        group, distinct = numbered(*texts, *amounts, (other > 0).astype(np.int64))
        _, firsts = np.unique(group, return_index=True)
        taken = batch.select(list(Work._fields)).take(pa.array(firsts))
        stocks: dict[tuple[object, ...], tuple[Stock, dict[StoredPiece, int]]] = {}
        found: list[_Shared | None] = []
        for values, (*_, has_others) in zip(
            zip(*(column.to_pylist() for column in taken.columns), strict=True), distinct, strict=True
        ):
            work = Work._make(values)
            found.append(self._prepared(work, stocks, bool(has_others)) if work.item else None)
        return found, group

    def _prepared(
        self, work: Work, stocks: dict[tuple[object, ...], tuple[Stock, dict[StoredPiece, int]]], has_others: bool
    ) -> _Shared:
        key = (work.brief_id, work.strength, work.reason)
        known = stocks.get(key)
        if known is None:
            focus = Focus(self._angle_slot(work), work.strength, self._events[work.occasion])
            known = stocks[key] = Stock(self._book.of(work.brief_id), self._values(work), self._plan, focus), {}
        stock, common = known
        own = self._own_values(work, stock.values)
        kit = stock.kit({**own, "more": ""} if has_others else own)
        return _Shared(work, kit, own, {**stock.values, **own} if own else stock.values, common, {}, {})

    def _line(self, piece: StoredPiece, of: _Shared, others: _Others, claims: Claims) -> int:
        """The number of a piece filled for a reader, with what it claims; once for all who share its values."""
        if "more" in piece.slots:
            found = of.others.get((piece, others))
            if found is None:
                values = {slot: others.text if slot == "more" else of.values[slot] for slot in piece.slots}
                claimed = self._claimed(of.work, piece.slots, claims, others.items)
                found = self._lines.number(piece, values, of.work.language, claimed)
                of.others[(piece, others)] = found
            return found
        is_common = not of.own or piece.slots.isdisjoint(of.own)
        found = of.common.get(piece) if is_common else None
        if found is None:
            claimed = self._claimed(of.work, piece.slots, claims)
            found = self._lines.number(piece, of.values, of.work.language, claimed)
            if is_common:
                of.common[piece] = found
        of.lines[piece] = found
        return found

    def _values(self, work: Work) -> dict[str, str]:
        """What can be filled in for all readers of a brief."""
        presenter = self._presenters[work.language]
        key = (work.item, work.language)
        base = self._base.get(key)
        if base is None:
            base = self._base[key] = shown(self._shelf.card(work.item, work.language).values(), presenter)
        values = dict(base)
        if work.angle_facet:
            values |= angles(presenter.angle(work.angle_facet, work.angle_value), work.strength)
        if self._is_private(work.item):
            values.pop("title.short", None)  # a subject is read over shoulders
        elif work.reason in _OWN:
            values |= _as_past(_OWN[work.reason], base)
        return values

    def _own_values(self, work: Work, shared: Mapping[str, str]) -> dict[str, str]:
        """What differs among them: the past product and its counts."""
        values: dict[str, str] = {}
        if work.past:
            past = self._past_values(work.past, work.deed, self._presenters[work.language])
            values |= past if past.get("past.title") != shared.get("title") else {}
        if work.times >= self._settings.min_count and work.reason in _COUNTED:
            values[_COUNTED[work.reason]] = count(work.times, work.language)
        return values

    def _is_private(self, item: str) -> bool:
        found = self._private.get(item)
        if found is None:
            facts = self._shelf.facts_by_language(item)
            told = (fact.value for fact in facts if fact.slot in ("title", "category"))
            found = self._private[item] = any(map(self._sensitive.keeps_quiet, told))
        return found

    def _past_values(self, past: str, deed: int, presenter: Presenter) -> dict[str, str]:
        """Values for a past product: its title, also as bought or viewed where the reader did so."""
        key = (past, deed, presenter.language)
        found = self._past.get(key)
        if found is None:
            title = self._shelf.card(past, presenter.language).get("title")
            quiet = title is None or self._is_private(past)
            found = self._past[key] = {} if quiet or title is None else past_values(title.value, deed, presenter)
        return found

    def _more_of(self, language: str, items: tuple[str, ...]) -> str:
        key = (language, *items)
        found = self._more.get(key)
        if found is None:
            if len(self._more) >= _REMEMBERED:
                self._more.clear()
            cards = [self._shelf.card(item, language) for item in items]
            found = self._more[key] = more(cards, self._presenters[language])
        return found

    def _angle_slot(self, work: Work) -> str:
        if work.angle_facet == "attribute":
            return f"attr.{work.angle_value.partition('=')[0]}"
        return "title" if work.angle_facet == "keyword" else work.angle_facet

    def _claimed(self, work: Work, slots: frozenset[str], claims: Claims, others: Sequence[str] = ()) -> frozenset[int]:
        """Rows of the facts that a line with these slots claims."""
        if not slots:
            return _NOTHING
        card = self._shelf.card(work.item, work.language)
        claimed: set[int] = set()
        for slot in slots:
            behind = self._angle_slot(work) if slot in ANGLES else fact_slot(slot)
            if behind in card:
                claimed.add(card[behind].row)
            if slot in ANGLES[1:]:
                claimed.add(claims.interest(work.item, slot, (work.angle_facet, work.angle_value)))
            elif behind in _COUNTED.values():
                claimed.add(claims.count(work.item, behind, work.past, work.times))
            elif behind.startswith("past."):
                owner = work.item if behind in _OWN.values() else work.past
                claimed.add(claims.past(owner, behind, work.language))
            elif behind == "more":
                cards = (self._shelf.card(item, work.language) for item in others)
                claimed |= {card[s].row for card in cards for s in ("title", "price") if s in card}
        return frozenset(claimed)


_NOTHING: frozenset[int] = frozenset()
_NO_LINES = Finding(
    "copy.no-lines",
    Severity.BLOCK,
    "body",
    0,
    0,
    "",
    1.0,
    "siyu",
    "No pieces fit: give the product a title, or raise the limits.",
)


def past_values(title: str, deed: int, presenter: Presenter) -> dict[str, str]:
    """Values for a past product by its title: ``past.title``, and what the reader did with it.

    Example:
        >>> past_values("Jeans", BOUGHT, Presenter("zh"))["past.bought"]
        '牛仔裤'
    """
    forms = {"title": presenter.name(title), "title.short": presenter.name(title, "short")}
    slots = ["past.title", *([_DEEDS[deed]] if deed in _DEEDS else [])]
    return {name: value for slot in slots for name, value in _as_past(slot, forms).items()}


def _as_past(slot: str, forms: Mapping[str, str]) -> dict[str, str]:
    values = {slot: forms.get("title", ""), f"{slot}.short": forms.get("title.short", "")}
    return {name: value for name, value in values.items() if value}


def fitting(widths: Sequence[tuple[str, float]], limit: float) -> list[int]:
    """Which lines (part, width) stay, the least needed going first until the rest is no wider than ``limit``.

    Example:
        >>> fitting([("hook", 10.0), ("point", 10.0), ("more", 10.0)], 20.0)
        [0, 1]
    """
    kept = list(range(len(widths)))
    for part in _MAY_GO:
        while sum(widths[at][1] for at in kept) > limit:
            last = next((at for at in reversed(kept) if widths[at][0] == part), None)
            if last is None:
                break
            kept.remove(last)
    return kept

"""Filling: pieces and facts become each reader's text, read once more by every check. A batch function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from siyu.copywriting import occasions
from siyu.copywriting.assembling import Focus, Kit, Plan, Situation, Stock
from siyu.copywriting.checks.port import Line
from siyu.copywriting.choosing import BOUGHT, VIEWED
from siyu.copywriting.claims import Claims
from siyu.copywriting.display import Presenter, count, presenters_for
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.reviewing import Reviewer, status
from siyu.copywriting.rows import Rows, Written
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.slots import ANGLES, fact_slot
from siyu.copywriting.storing import Book
from siyu.copywriting.titles import width
from siyu.copywriting.values import angles, more, shown
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Finding
from siyu.domain.kinds import Severity

OUTSIDE_BODY = frozenset({"subject", "preheader", "call"})
_MAY_GO = ("more", "point", "proof", "offer", "reveal")
"""Parts left out, in this order, where a body is wider than its channel shows."""

_REMEMBERED = 100_000  # filled lines that are kept, about 60 MB
_DEEDS = {BOUGHT: "past.bought", VIEWED: "past.viewed"}
_OWN = {"repeat": "past.again", "viewed": "past.seen"}
_COUNTED = {"popular": "reason.count", "bought-together": "past.count"}


class Work(NamedTuple):
    """One row of ``sql/relations.sql``."""

    person: str
    language: str
    item: str
    items: Sequence[str]
    angle_facet: str
    angle_value: str
    strength: int
    reason: str
    past: str
    deed: int
    times: int
    occasion: str
    likes: Sequence[str]
    brief_id: str
    used: Sequence[str]


class _Read(NamedTuple):
    """A line with its values in, and what the checks found in it."""

    text: str
    findings: tuple[Finding, ...]
    width: float  # as far as it counts for the body


class _Filled(NamedTuple):
    """A line as it stands in a message."""

    read: _Read
    facts: frozenset[int]  # rows of the facts it claims


class _Ready(NamedTuple):
    """What all readers of one brief share who have the same past product and the same strength of interest."""

    kit: Kit
    values: dict[str, str]
    lines: dict[str, _Filled]  # by piece


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
        self._read: dict[tuple[object, ...], _Read] = {}
        self._stocks: dict[tuple[object, ...], Stock] = {}
        self._events = {name: occasions.load(name).leads for name in (campaign.occasion, occasions.GENERAL)}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/relations.sql`` to rows of ``MESSAGES``."""
        columns = [batch.column(name).to_pylist() for name in Work._fields]
        ready: dict[tuple[object, ...], _Ready] = {}
        self._stocks.clear()
        claims = Claims(self._shelf, self._now)
        out = Rows(self._campaign.name, self._step, self._campaign.channel)
        for values in zip(*columns, strict=True):
            work = Work._make(values)
            if not work.item:
                claims.message(())
                out.nothing(work.person, work.language)
                continue
            written, facts = self._written(work, ready, claims)
            claims.message(facts)
            out.add(work, written, status(written.findings, has_law=self._reviewers[work.language].has_law))
        return out.batch(claims)

    def _written(
        self, work: Work, ready: dict[tuple[object, ...], _Ready], claims: Claims
    ) -> tuple[Written, frozenset[int]]:
        listed = self._more_of(work)
        key = (work.brief_id, work.strength, work.past, work.deed, work.times, bool(listed))
        shared = ready.get(key)
        if shared is None:
            shared = ready[key] = self._prepared(work, listed)
        assembly = shared.kit.assemble(Situation(work.person, self._seed, work.likes, work.used))
        if assembly is None:
            return Written([], [_NO_LINES], "", 0.0), frozenset()
        pieces, lines = self._fitting(
            assembly.pieces, [self._line(piece, shared, work, claims, listed) for piece in assembly.pieces]
        )
        texts = [(piece.part, piece.piece_id, line.read.text) for piece, line in zip(pieces, lines, strict=True)]
        findings = [finding for line in lines if line.read.findings for finding in line.read.findings]
        facts = frozenset().union(*[line.facts for line in lines])
        return Written(texts, findings, assembly.variant, assembly.propensity), facts

    def _fitting(
        self, pieces: Sequence[StoredPiece], lines: list[_Filled]
    ) -> tuple[Sequence[StoredPiece], Sequence[_Filled]]:
        """What the channel shows: the least needed goes first where a body would be too wide."""
        limit = self._plan.limits.get("body")
        if limit is None or sum([line.read.width for line in lines]) <= limit:
            return pieces, lines
        kept = fitting([(piece.part, line.read.width) for piece, line in zip(pieces, lines, strict=True)], limit)
        return [pieces[at] for at in kept], [lines[at] for at in kept]

    def _prepared(self, work: Work, listed: str) -> _Ready:
        key = (work.brief_id, work.strength, work.reason)
        stock = self._stocks.get(key)
        if stock is None:
            focus = Focus(self._angle_slot(work), work.strength, self._events[work.occasion])
            stock = Stock(self._book.of(work.brief_id), self._values(work), self._plan, focus)
            self._stocks[key] = stock
        own = self._own_values(work, stock.values)
        kit = stock.kit({**own, "more": listed} if listed else own)
        return _Ready(kit, {**stock.values, **own}, {})

    def _line(self, piece: StoredPiece, shared: _Ready, work: Work, claims: Claims, listed: str) -> _Filled:
        """A piece filled and read, with what it claims; once for all who share its values."""
        if "more" in piece.slots:
            read = self._looked_at(piece, {**shared.values, "more": listed}, work.language)
            return _Filled(read, self._claimed(work, piece.slots, claims))
        found = shared.lines.get(piece.piece_id)
        if found is None:
            read = self._looked_at(piece, shared.values, work.language)
            found = shared.lines[piece.piece_id] = _Filled(read, self._claimed(work, piece.slots, claims))
        return found

    def _looked_at(self, piece: StoredPiece, values: Mapping[str, str], language: str) -> _Read:
        """A piece with values in, as every check read it; once for each piece with the same values."""
        put = tuple([values[slot] for slot in piece.template.slots])
        key = (piece, language, put)
        read = self._read.get(key)
        if read is None:
            text = piece.template.fill(values)
            findings = self._reviewers[language].read(Line(piece.part, text, put, piece.slots))
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            read = self._read[key] = _Read(text, findings, 0.0 if piece.part in OUTSIDE_BODY else width(text))
        return read

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

    def _more_of(self, work: Work) -> str:
        if len(work.items) < 2:
            return ""
        key = (work.language, *work.items[1:])
        found = self._more.get(key)
        if found is None:
            cards = [self._shelf.card(item, work.language) for item in work.items[1:]]
            found = self._more[key] = more(cards, self._presenters[work.language])
        return found

    def _angle_slot(self, work: Work) -> str:
        if work.angle_facet == "attribute":
            return f"attr.{work.angle_value.partition('=')[0]}"
        return "title" if work.angle_facet == "keyword" else work.angle_facet

    def _claimed(self, work: Work, slots: frozenset[str], claims: Claims) -> frozenset[int]:
        card = self._shelf.card(work.item, work.language)
        rows: set[int] = set()
        for slot in slots:
            behind = self._angle_slot(work) if slot in ANGLES else fact_slot(slot)
            if behind in card:
                rows.add(card[behind].row)
            if slot in ANGLES[1:]:
                rows.add(claims.interest(work.item, slot, (work.angle_facet, work.angle_value)))
            elif behind in _COUNTED.values():
                rows.add(claims.count(work.item, behind, work.past, work.times))
            elif behind.startswith("past."):
                owner = work.item if behind in _OWN.values() else work.past
                rows.add(claims.past(owner, behind, work.language))
            elif behind == "more":
                others = (self._shelf.card(item, work.language) for item in work.items[1:])
                rows |= {other[s].row for other in others for s in ("title", "price") if s in other}
        return frozenset(rows)


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

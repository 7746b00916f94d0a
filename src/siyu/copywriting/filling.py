"""Filling: pieces and facts become each reader's text, read once more by every check. A batch function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from siyu.copywriting.angles import Features, Sensitive, features
from siyu.copywriting.assembling import Assembly, Kit, Plan, Situation, StoredPiece
from siyu.copywriting.checks.port import Line
from siyu.copywriting.claims import Claims
from siyu.copywriting.display import Presenter, count
from siyu.copywriting.reviewing import Reviewer, status
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.slots import fact_slot
from siyu.copywriting.storing import PieceStore
from siyu.copywriting.titles import width
from siyu.copywriting.values import more, shown
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Finding
from siyu.domain.facts import Fact
from siyu.domain.ids import stable_id
from siyu.domain.kinds import Severity
from siyu.engine.schemas import MESSAGES

OUTSIDE_BODY = frozenset({"subject", "preheader", "call"})
_MAY_GO = ("more", "point", "proof", "offer", "reveal")
"""Parts left out, in this order, where a body is wider than its channel shows."""

BOUGHT, VIEWED = 2, 1
_DEEDS = {BOUGHT: "past.bought", VIEWED: "past.viewed"}


@dataclass(frozen=True, slots=True)
class Work:
    """One row of ``sql/relations.sql``."""

    person: str
    language: str
    item: str
    items: tuple[str, ...]
    angle_facet: str
    angle_value: str
    reason: str
    past: str
    count: int
    likes: Sequence[str]
    brief_id: str
    deed: int
    used: Sequence[str]


@dataclass(frozen=True, slots=True)
class Written:
    """A message before it becomes a row."""

    lines: list[tuple[str, str, str]]  # part, piece id, text
    findings: list[Finding]
    variant: str
    propensity: float


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
        store: PieceStore,
        reviewers: Mapping[str, Reviewer],
        now: datetime,
    ) -> None:
        self._campaign, self._settings, self._shelf, self._step = campaign, settings, shelf, step
        self._plan, self._store, self._reviewers, self._now = plan, store, reviewers, now
        self._seed = f"{campaign.name}\x1f{step}\x1f{settings.seed}"
        self._sensitive = Sensitive(campaign.industry)
        self._presenters = {
            language: Presenter(language, settings.timezone, settings.title_kind) for language in campaign.languages
        }
        self._base: dict[tuple[str, str], dict[str, str]] = {}
        self._past: dict[tuple[str, int, str], dict[str, str]] = {}
        self._more: dict[tuple[str, ...], str] = {}
        self._features: dict[str, Features] = {}

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Rows of ``sql/relations.sql`` to rows of ``MESSAGES``."""
        columns = [batch.column(name).to_pylist() for name in _COLUMNS]
        pieces = self._store.of({brief for brief in columns[_COLUMNS.index("brief_id")] if brief})
        kits: dict[tuple[object, ...], Kit] = {}
        claims = Claims(self._shelf, self._now)
        out = _Rows(self._campaign.name, self._step, self._campaign.channel)
        for values in zip(*columns, strict=True):
            work = _work(values)
            if not work.item:
                claims.message(set())
                out.nothing(work)
                continue
            written, facts = self._written(work, pieces.get(work.brief_id, []), kits, claims)
            claims.message(facts)
            out.add(work, written, status(written.findings, has_law=self._reviewers[work.language].has_law))
        return out.batch(claims)

    def _written(
        self, work: Work, pieces: list[StoredPiece], kits: dict[tuple[object, ...], Kit], claims: Claims
    ) -> tuple[Written, set[int]]:
        values = self._values(work)
        key = (work.brief_id, work.past, work.deed, "reason.count" in values, "more" in values)
        kit = kits.get(key)
        if kit is None:
            angle = self._angle_slot(work)
            kit = kits[key] = Kit(pieces, values, self._plan, angle=angle)
        assembly = kit.assemble(Situation(work.person, self._seed, work.likes, work.used))
        if assembly is None:
            return Written([], [_NO_LINES], "", 0.0), set()
        written = self._fill(work, assembly, values)
        kept = {piece_id for _, piece_id, _ in written.lines}
        slots = {slot for piece in assembly.pieces if piece.piece_id in kept for slot in piece.slots}
        return written, self._claimed(work, slots, claims)

    def _values(self, work: Work) -> dict[str, str]:
        presenter = self._presenters[work.language]
        key = (work.item, work.language)
        base = self._base.get(key)
        if base is None:
            base = self._base[key] = shown(self._shelf.card(work.item).values(), presenter)
        values = dict(base)
        if work.angle_facet:
            values["angle"] = presenter.angle(work.angle_facet, work.angle_value)
        if work.past and work.past != work.item:
            past = self._past_values(work.past, work.deed, presenter)
            values.update(past if past.get("past.title") != base.get("title") else {})
        if work.count >= self._settings.min_count:
            values["reason.count"] = count(work.count, work.language)
        if len(work.items) > 1:
            values["more"] = self._more_of(work.items[1:], presenter)
        return values

    def _past_values(self, past: str, deed: int, presenter: Presenter) -> dict[str, str]:
        key = (past, deed, presenter.language)
        found = self._past.get(key)
        if found is None:
            found = self._past[key] = past_values(self._shelf, self._sensitive, past, deed, presenter)
        return found

    def _more_of(self, items: tuple[str, ...], presenter: Presenter) -> str:
        key = (presenter.language, *items)
        found = self._more.get(key)
        if found is None:
            found = self._more[key] = more([self._shelf.card(item) for item in items], presenter)
        return found

    def _angle_slot(self, work: Work) -> str:
        if not work.angle_facet:
            return ""
        found = self._features.get(work.item)
        if found is None:
            found = features(self._shelf.card(work.item), self._shelf.bands.get(work.item, ""))
            self._features[work.item] = found
        return found.proof(work.angle_facet, work.angle_value) or ""

    def _fill(self, work: Work, assembly: Assembly, values: Mapping[str, str]) -> Written:
        look = self._reviewers[work.language].look
        lines: list[tuple[str, str, str]] = []
        findings: list[Finding] = []
        for piece in fitting(assembly.pieces, values, self._plan.limits):
            text = piece.template.fill(values)
            lines.append((piece.part, piece.piece_id, text))
            findings += look(Line(piece.part, text, tuple(values[s] for s in piece.template.slots), piece.slots))
        return Written(lines, findings, assembly.variant, assembly.propensity)

    def _claimed(self, work: Work, slots: set[str], claims: Claims) -> set[int]:
        card = self._shelf.card(work.item)
        rows: set[int] = set()
        for slot in slots:
            behind = self._angle_slot(work) if slot == "angle" else fact_slot(slot)
            if behind in card:
                rows.add(card[behind].row)
            elif behind.startswith("past."):
                rows.add(claims.past(work.past, behind))
            elif behind == "reason.count":
                rows.add(claims.count(work.item, work.past, work.count))
            elif behind == "more":
                others = (self._shelf.card(item) for item in work.items[1:])
                rows |= {other[s].row for other in others for s in ("title", "price") if s in other}
        return rows


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
_COLUMNS = (
    "person", "language", "item", "items", "angle_facet", "angle_value", "reason", "past", "count", "likes", "brief_id",
    "deed", "used",
)  # fmt: skip


def _work(values: Sequence[Any]) -> Work:
    person, language, item, items, facet, value, reason, past, count, likes, brief_id, deed, used = values
    return Work(
        person, language, item or "", tuple(items or ()), facet or "", value or "", reason or "", past or "",
        count or 0, likes or (), brief_id or "", deed, used or (),
    )  # fmt: skip


def past_values(shelf: Shelf, sensitive: Sensitive, past: str, deed: int, presenter: Presenter) -> dict[str, str]:
    """Values for a past product: its title, also as bought or viewed where the reader did so. None if sensitive."""
    title = shelf.card(past).get("title")
    if title is None or sensitive.find(title.value):
        return {}
    plain, short = presenter.name(title.value), presenter.name(title.value, short=True)
    slots = ["past.title", *([_DEEDS[deed]] if deed in _DEEDS else [])]
    return {name: value for slot in slots for name, value in ((slot, plain), (f"{slot}.short", short))} if plain else {}


def values_of_claims(
    facts: Sequence[Fact], item: str, items: Sequence[str], angle: tuple[str, str], presenter: Presenter
) -> dict[str, str]:
    """Values of a written message from the facts it claims alone: what the gate fills its pieces with again."""
    about = [fact for fact in facts if fact.item == item and not fact.slot.startswith(("past.", "reason."))]
    reader = [fact for fact in facts if fact.slot.startswith(("past.", "reason."))]
    values = shown([*about, *reader], presenter)
    if angle[0]:
        values["angle"] = presenter.angle(*angle)
    others = [{fact.slot: fact for fact in facts if fact.item == other} for other in items[1:]]
    if others and all("title" in card for card in others):
        values["more"] = more(others, presenter)
    return values


def fitting(pieces: Sequence[StoredPiece], values: Mapping[str, str], limits: Mapping[str, int]) -> list[StoredPiece]:
    """``pieces`` without those that would make the body too wide, the least needed going first."""
    kept = list(pieces)
    limit = limits.get("body")
    if limit is None:
        return kept
    widths = {p.piece_id: p.template.constant_width + sum(width(values[s]) + 1 for s in p.template.slots) for p in kept}
    for part in _MAY_GO:
        while sum(widths[p.piece_id] for p in kept if p.part not in OUTSIDE_BODY) > limit:
            last = next((p for p in reversed(kept) if p.part == part), None)
            if last is None:
                break
            kept.remove(last)
    return kept


class _Rows:
    """Rows of ``MESSAGES``, column by column."""

    def __init__(self, campaign: str, step: int, channel: str) -> None:
        self._campaign, self._step, self._channel = campaign, step, channel
        self._columns: dict[str, list[Any]] = {name: [] for name in MESSAGES.names if name not in ("parts", "facts")}
        self._lines: list[tuple[str, str, str]] = []
        self._offsets = [0]

    def nothing(self, work: Work) -> None:
        """No product for this reader."""
        self._row(work, "no-product", (), variant=None, propensity=None)

    def add(self, work: Work, written: Written, outcome: str) -> None:
        """A written message."""
        self._lines += written.lines
        found = [
            {
                "rule": f.rule, "severity": str(f.severity), "part": f.part, "start": f.start, "end": f.end,
                "excerpt": f.excerpt,
                "confidence": f.confidence, "source": f.source, "remedy": f.remedy,
            }
            for f in written.findings
        ]  # fmt: skip
        self._row(work, outcome, found, variant=written.variant, propensity=written.propensity)

    def _row(
        self, work: Work, outcome: str, found: Sequence[object], *, variant: str | None, propensity: float | None
    ) -> None:
        self._offsets.append(len(self._lines))
        row = (
            stable_id(self._campaign, str(self._step), work.person, self._channel), self._campaign, self._step,
            work.person, self._channel, work.language, outcome, work.item or None, list(work.items),
            work.brief_id or None,
            work.angle_facet, work.angle_value, work.reason, variant, propensity, found,
        )  # fmt: skip
        for column, value in zip(self._columns.values(), row, strict=True):
            column.append(value)

    def batch(self, claims: Claims) -> pa.RecordBatch:
        """The batch."""
        parts, ids, texts = ([line[i] for line in self._lines] for i in range(3))
        structs = pa.StructArray.from_arrays(
            [pa.array(c, pa.string()) for c in (parts, ids, texts)], ["part", "piece_id", "text"]
        )
        made = {
            "parts": pa.ListArray.from_arrays(pa.array(self._offsets, pa.int32()), structs),
            "facts": claims.array(MESSAGES.field("facts").type),
        }
        arrays = [
            made[field.name] if field.name in made else pa.array(self._columns[field.name], field.type)
            for field in MESSAGES
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=MESSAGES)

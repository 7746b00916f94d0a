"""The review gate: the last look before a message leaves. It alone makes :class:`siyu.domain.copy.ApprovedCopy`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa

from siyu.copywriting import shelf
from siyu.copywriting.checks.port import Line
from siyu.copywriting.display import Presenter
from siyu.copywriting.filling import OUTSIDE_BODY
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.reviewing import Reviewer, context_for, status
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf, as_fact
from siyu.copywriting.slots import ABOUT_READER
from siyu.copywriting.storing import asked
from siyu.copywriting.titles import width
from siyu.copywriting.values import of_claims
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.copy import ApprovedCopy, Finding
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.kinds import Severity, SkipReason
from siyu.domain.proof import Seal, SealKind
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import FACTS
from siyu.engine.sql import literal


@dataclass(frozen=True, slots=True)
class Refusal:
    """The gate's no, and why.

    Attributes:
        reason: ``fact-changed``, ``copy-refused`` or ``no-product``.
        changed: slots of facts that are no longer so, as ``item/slot``.
    """

    message_id: str
    reason: SkipReason
    changed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of ``MESSAGES``, as far as the gate reads it."""

    message_id: str
    campaign: str
    person: str
    language: str
    status: str
    item: str | None
    items: tuple[str, ...]
    brief_id: str | None
    angle_facet: str
    angle_value: str
    parts: tuple[tuple[str, str, str], ...]
    facts: tuple[Fact, ...] = field(repr=False)


class Gate:
    """Releases written messages of one campaign, or refuses them.

    Args:
        seal: the right to make approved copy.
        offers: offers as they are now; only those the campaign names count.

    Raises:
        NotPermittedError: the seal is of another kind.
    """

    def __init__(
        self, seal: Seal, engine: Engine, campaign: Campaign, *, settings: CopySettings, offers: Sequence[Offer] = ()
    ) -> None:
        seal.require(SealKind.REVIEW)
        self._seal, self._engine, self._campaign, self._settings = seal, engine, campaign, settings
        self._offers = [offer for offer in offers if offer.name in campaign.offers]
        self._reviewers: dict[str, Reviewer] = {}

    def release(
        self,
        rows: pa.RecordBatch,
        now: datetime,
        *,
        current_facts: pa.Table | None = None,
        approved_by_person: Collection[str] = (),
    ) -> list[ApprovedCopy | Refusal]:
        """Approved copy or a refusal for each row of ``MESSAGES``, in order.

        Every text must be its pieces filled with the facts it claims; every such fact must still be in force and
        unchanged; nothing may be out of stock; and every check runs again. A price that changed is filled in anew where
        the settings allow it and no reduction was claimed.

        Args:
            current_facts: facts in force now (schema ``FACTS``); read from the engine where not given.
            approved_by_person: ids of messages with status ``human`` that a person has approved.
        """
        read = [_row(row) for row in rows.to_pylist()]
        current = self._current(read, now) if current_facts is None else Shelf(current_facts)
        briefs = {row.brief_id for row in read if row.brief_id}
        book = asked(self._engine, briefs, articles=self._settings.title_kind == "name")
        return [self._one(row, current, book.of(row.brief_id or ""), approved_by_person, now) for row in read]

    def _current(self, rows: Sequence[_Row], now: datetime) -> Shelf:
        self._engine.table("facts", "facts")
        self._engine.table(
            "products", Sql("SELECT item, NULL AS first_seen, NULL AS price_band FROM facts WHERE false")
        )
        items = sorted({fact.item for row in rows for fact in row.facts} | {item for row in rows for item in row.items})
        excluded = self._settings.exclude_slots
        return shelf.load(self._engine, excluded=excluded, offers=self._offers, now=now, items=items)

    def _one(
        self,
        row: _Row,
        current: Shelf,
        pieces: Sequence[StoredPiece],
        approved_by_person: Collection[str],
        now: datetime,
    ) -> ApprovedCopy | Refusal:
        refused = self._refused_outright(row, approved_by_person)
        if refused:
            return refused
        texts = self._filled(row, row.facts, pieces)
        if texts is None or texts != tuple(text for _, _, text in row.parts):
            return Refusal(row.message_id, SkipReason.COPY_REFUSED, findings=(_TAMPERED,))
        changed = tuple(name for name in map(_change(current), row.facts) if name) + _sold_out(row, current)
        facts = row.facts
        if changed:
            renewed = self._renewed(row, current, changed)
            texts = self._filled(row, renewed, pieces) if renewed else None
            if renewed is None or texts is None:
                return Refusal(row.message_id, SkipReason.FACT_CHANGED, changed=changed)
            facts = renewed
        findings = self._findings(row, texts, facts, pieces)
        outcome = status(findings, has_law=self._reviewer(row.language).has_law)
        if outcome == "refused" or (outcome == "human" and row.message_id not in approved_by_person):
            return Refusal(row.message_id, SkipReason.COPY_REFUSED, findings=tuple(findings))
        return self._approved(row, texts, facts, now)

    def _refused_outright(self, row: _Row, approved_by_person: Collection[str]) -> Refusal | None:
        if row.status == "no-product":
            return Refusal(row.message_id, SkipReason.NO_PRODUCT)
        allowed = row.status == "approved" or (row.status == "human" and row.message_id in approved_by_person)
        return None if allowed and row.parts else Refusal(row.message_id, SkipReason.COPY_REFUSED)

    def _filled(self, row: _Row, facts: Sequence[Fact], pieces: Sequence[StoredPiece]) -> tuple[str, ...] | None:
        """The texts that the row's pieces give with ``facts``; None where they cannot be filled."""
        values = self._values(row, facts)
        by_id = {piece.piece_id: piece for piece in pieces}
        chosen = [by_id.get(piece_id) for _, piece_id, _ in row.parts]
        parts = [part for part, _, _ in row.parts]
        if any(piece is None or piece.part != part for piece, part in zip(chosen, parts, strict=True)):
            return None
        if any(slot not in values for piece in chosen if piece for slot in piece.template.slots):
            return None
        return tuple(piece.template.fill(values) for piece in chosen if piece)

    def _values(self, row: _Row, facts: Sequence[Fact]) -> dict[str, str]:
        presenter = Presenter(row.language, self._settings.timezone, self._settings.title_kind)
        return of_claims(facts, row.items or ("",), (row.angle_facet, row.angle_value), presenter)

    def _renewed(self, row: _Row, current: Shelf, changed: Sequence[str]) -> tuple[Fact, ...] | None:
        """The row's facts with today's prices, where nothing else changed and no reduction was claimed."""
        only_prices = all(name.endswith("/price") for name in changed)
        reduced = any(fact.slot.startswith(("price.before", "offer.")) for fact in row.facts)
        if not (only_prices and self._settings.refill_price) or reduced:
            return None
        fresh: list[Fact] = []
        for fact in row.facts:
            today = {found.slot: found for found in current.facts(fact.item)} if fact.slot == "price" else {}
            fresh.append(today.get("price", fact))
        gone = any(fact.slot == "price" and "price" not in current.card(fact.item) for fact in row.facts)
        return None if gone else tuple(fresh)

    def _findings(
        self, row: _Row, texts: Sequence[str], facts: Sequence[Fact], pieces: Sequence[StoredPiece]
    ) -> list[Finding]:
        values = self._values(row, facts)
        by_id = {piece.piece_id: piece for piece in pieces}
        look = self._reviewer(row.language).look
        found: list[Finding] = []
        for (part, piece_id, _), text in zip(row.parts, texts, strict=True):
            slots = by_id[piece_id].template.slots
            found += look(Line(part, text, tuple(values[slot] for slot in slots), frozenset(slots)))
        return found + self._too_wide(row, texts)

    def _too_wide(self, row: _Row, texts: Sequence[str]) -> list[Finding]:
        limit = self._settings.limits.get(self._campaign.channel, {}).get("body")
        body = sum(width(text) for (part, _, _), text in zip(row.parts, texts, strict=True) if part not in OUTSIDE_BODY)
        return [replace(_TAMPERED, rule="limits.too-long", part="body")] if limit is not None and body > limit else []

    def _reviewer(self, language: str) -> Reviewer:
        found = self._reviewers.get(language)
        if found is None:
            self._engine.table("facts", "facts")
            context = context_for(self._campaign, self._settings, _names(self._engine), language)
            found = self._reviewers[language] = Reviewer(context)
        return found

    def _approved(self, row: _Row, texts: Sequence[str], facts: Sequence[Fact], now: datetime) -> ApprovedCopy:
        return ApprovedCopy(
            message_id=row.message_id,
            person=PersonId(row.person),
            campaign=row.campaign,
            language=row.language,
            parts=tuple((part, text) for (part, _, _), text in zip(row.parts, texts, strict=True)),
            items=tuple(ItemId(item) for item in row.items),
            facts=tuple(facts),
            pieces=tuple(piece_id for _, piece_id, _ in row.parts),
            brief_id=row.brief_id or "",
            approved_at=now,
            seal=self._seal,
        )


_TAMPERED = Finding(
    "gate.text",
    Severity.BLOCK,
    "body",
    0,
    0,
    "",
    1.0,
    "siyu",
    "The text is not its pieces filled with its facts: write it again.",
)


def _row(row: Mapping[str, object]) -> _Row:
    plain = {name: row[name] for name in ("message_id", "campaign", "person", "language", "status", "item", "brief_id")}
    parts, items, facts = ((row[name] or []) for name in ("parts", "items", "facts"))
    return _Row(
        **plain,  # type: ignore[arg-type]
        angle_facet=str(row["angle_facet"] or ""),
        angle_value=str(row["angle_value"] or ""),
        items=tuple(items),  # type: ignore[arg-type]
        parts=tuple((p["part"], p["piece_id"], p["text"]) for p in parts),  # type: ignore[attr-defined]
        facts=tuple(map(as_fact, facts)),  # type: ignore[call-overload]
    )


class _change:  # noqa: N801 - reads as a phrase: map(_change(current), facts)
    """Name of a claimed fact that is no longer so; empty where it still is."""

    def __init__(self, current: Shelf) -> None:
        self._current = current

    def __call__(self, fact: Fact) -> str:
        if fact.slot.startswith(ABOUT_READER):
            return ""
        now = self._current.card(fact.item, fact.language).get(fact.slot)
        same = now is not None and (now.value, now.number, now.unit) == (fact.value, fact.number, fact.unit)
        return "" if same else f"{fact.item}/{fact.slot}"


def _sold_out(row: _Row, current: Shelf) -> tuple[str, ...]:
    stocks = ((item, current.card(item).get("stock")) for item in row.items)
    return tuple(f"{item}/stock" for item, stock in stocks if stock and stock.number is not None and stock.number <= 0)


def _names(engine: Engine) -> Shelf:
    """A shelf with every brand and attribute value once: the vocabulary of the checks."""
    if manifest.find(engine.root, "facts") is None:
        return Shelf(FACTS.empty_table())
    chosen = (
        "SELECT min(item) AS item, slot, value, NULL AS number, '' AS unit, '' AS language, min(source) AS source, "
        "min(observed_at) AS observed_at, NULL AS valid_from, NULL AS valid_until FROM facts "
        f"WHERE slot = {literal('brand')} OR slot LIKE 'attr.%' GROUP BY slot, value"
    )
    batches = [pa.Table.from_batches([batch]).cast(FACTS) for batch in engine.batches(chosen)]
    return Shelf(pa.concat_tables(batches or [FACTS.empty_table()]))

"""Reading a message again from the beginning: its words are made anew from its pieces and claims, and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from siyu.copywriting.checks.port import Line
from siyu.copywriting.display import Presenter
from siyu.copywriting.filled import OUTSIDE_BODY
from siyu.copywriting.lines import StoredPiece
from siyu.copywriting.required import lacking_note
from siyu.copywriting.reviewing import Reviewer, context_for, status
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf, as_fact
from siyu.copywriting.standing import changed_name, sold_out
from siyu.copywriting.titles import width
from siyu.copywriting.values import of_claims
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Finding
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.kinds import Severity, SkipReason


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


class Cleared(NamedTuple):
    """What the gate may approve: an :class:`~siyu.domain.copy.ApprovedCopy` without its moment and seal."""

    message_id: str
    person: PersonId
    campaign: str
    language: str
    parts: tuple[tuple[str, str], ...]
    items: tuple[ItemId, ...]
    facts: tuple[Fact, ...]
    pieces: tuple[str, ...]
    brief_id: str


@dataclass(frozen=True, slots=True)
class Row:
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


class Rereader:
    """Reads messages of one campaign again.

    Args:
        vocabulary: every brand and attribute value of the catalogue, once.
    """

    def __init__(self, campaign: Campaign, settings: CopySettings, vocabulary: Shelf) -> None:
        self._campaign, self._settings, self._vocabulary = campaign, settings, vocabulary
        self._reviewers: dict[str, Reviewer] = {}

    def answer(
        self,
        row: Row,
        current: Shelf,
        pieces: Sequence[StoredPiece],
        approved_by_person: Collection[str],
    ) -> Cleared | Refusal:
        """The gate's answer for a row, given its pieces."""
        refused = self._refused_outright(row, approved_by_person)
        if refused:
            return refused
        texts = self._filled(row, row.facts, pieces)
        if texts is None or texts != tuple(text for _, _, text in row.parts):
            return Refusal(row.message_id, SkipReason.COPY_REFUSED, findings=(_TAMPERED,))
        changed = tuple(filter(None, (changed_name(current, fact) for fact in row.facts)))
        changed += tuple(f"{item}/stock" for item in row.items if sold_out(current, item))
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
        return self._cleared(row, texts, facts)

    def _refused_outright(self, row: Row, approved_by_person: Collection[str]) -> Refusal | None:
        if row.status == "no-product":
            return Refusal(row.message_id, SkipReason.NO_PRODUCT)
        allowed = row.status == "approved" or (row.status == "human" and row.message_id in approved_by_person)
        return None if allowed and row.parts else Refusal(row.message_id, SkipReason.COPY_REFUSED)

    def _filled(self, row: Row, facts: Sequence[Fact], pieces: Sequence[StoredPiece]) -> tuple[str, ...] | None:
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

    def _values(self, row: Row, facts: Sequence[Fact]) -> dict[str, str]:
        presenter = Presenter(row.language, self._settings.timezone, self._settings.title_kind)
        return of_claims(facts, row.items or ("",), (row.angle_facet, row.angle_value), presenter)

    def _renewed(self, row: Row, current: Shelf, changed: Sequence[str]) -> tuple[Fact, ...] | None:
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
        self, row: Row, texts: Sequence[str], facts: Sequence[Fact], pieces: Sequence[StoredPiece]
    ) -> list[Finding]:
        values = self._values(row, facts)
        by_id = {piece.piece_id: piece for piece in pieces}
        look = self._reviewer(row.language).look
        found: list[Finding] = []
        for (part, piece_id, _), text in zip(row.parts, texts, strict=True):
            slots = by_id[piece_id].template.slots
            found += look(Line(part, text, tuple(values[slot] for slot in slots), frozenset(slots)))
        found += lacking_note(texts, self._campaign.place, self._campaign.industry, row.language)
        return found + self._too_wide(row, texts)

    def _too_wide(self, row: Row, texts: Sequence[str]) -> list[Finding]:
        limit = self._settings.limits.get(self._campaign.channel, {}).get("body")
        body = sum(width(text) for (part, _, _), text in zip(row.parts, texts, strict=True) if part not in OUTSIDE_BODY)
        return [replace(_TAMPERED, rule="limits.too-long", part="body")] if limit is not None and body > limit else []

    def _reviewer(self, language: str) -> Reviewer:
        found = self._reviewers.get(language)
        if found is None:
            context = context_for(self._campaign, self._settings, self._vocabulary, language)
            found = self._reviewers[language] = Reviewer(context)
        return found

    def _cleared(self, row: Row, texts: Sequence[str], facts: Sequence[Fact]) -> Cleared:
        return Cleared(
            message_id=row.message_id,
            person=PersonId(row.person),
            campaign=row.campaign,
            language=row.language,
            parts=tuple((part, text) for (part, _, _), text in zip(row.parts, texts, strict=True)),
            items=tuple(ItemId(item) for item in row.items),
            facts=tuple(facts),
            pieces=tuple(piece_id for _, piece_id, _ in row.parts),
            brief_id=row.brief_id or "",
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


def row_of(row: Mapping[str, object]) -> Row:
    """A row of ``MESSAGES`` as the gate reads it."""
    plain = {name: row[name] for name in ("message_id", "campaign", "person", "language", "status", "item", "brief_id")}
    parts, items, facts = ((row[name] or []) for name in ("parts", "items", "facts"))
    return Row(
        **plain,  # type: ignore[arg-type]
        angle_facet=str(row["angle_facet"] or ""),
        angle_value=str(row["angle_value"] or ""),
        items=tuple(items),  # type: ignore[arg-type]
        parts=tuple((p["part"], p["piece_id"], p["text"]) for p in parts),  # type: ignore[attr-defined]
        facts=tuple(map(as_fact, facts)),  # type: ignore[call-overload]
    )

"""The review gate: the last look before a message leaves. It alone makes :class:`siyu.domain.copy.ApprovedCopy`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property

import numpy as np
import pyarrow as pa

from siyu.copywriting import shelf
from siyu.copywriting.marks import Marks
from siyu.copywriting.notary import Notary, rules_version
from siyu.copywriting.passing import Passing
from siyu.copywriting.rereading import Cleared, Refusal, Rereader, row_of
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.standing import Standing
from siyu.copywriting.storing import asked
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.copy import ApprovedCopy
from siyu.domain.proof import Seal, SealKind
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import FACTS, MESSAGES

__all__ = ["Gate", "Refusal"]


class Gate:
    """Releases written messages of one campaign, or refuses them.

    Args:
        seal: the right to make approved copy.
        offers: offers as they are now; only those the campaign names count.
        key: the notary's key; without one every message is read again from the beginning.

    Raises:
        NotPermittedError: the seal is of another kind.
    """

    def __init__(
        self,
        seal: Seal,
        engine: Engine,
        campaign: Campaign,
        *,
        settings: CopySettings,
        offers: Sequence[Offer] = (),
        key: bytes | None = None,
    ) -> None:
        seal.require(SealKind.REVIEW)
        self._seal, self._engine, self._campaign, self._settings, self._key = seal, engine, campaign, settings, key
        self._standing = Standing(engine, settings, [offer for offer in offers if offer.name in campaign.offers])
        self._marks = Marks(engine, campaign.name)
        self._passing = Passing(settings.limits.get(campaign.channel, {}).get("body"))

    def release(
        self,
        rows: pa.RecordBatch,
        now: datetime,
        *,
        current_facts: pa.Table | None = None,
        approved_by_person: Collection[str] = (),
    ) -> list[ApprovedCopy | Refusal]:
        """Approved copy or a refusal for each row of ``MESSAGES``, in order.

        Facts are those of ``now``. A message with a good mark, whose facts are all still so and whose products are in
        stock, goes as it is. Any other is read again: its text must be its pieces filled with the facts it claims, and
        every check runs again. A price that changed is filled in anew where the settings allow it and no reduction was
        claimed; any other change of a fact is a refusal.

        Args:
            current_facts: facts in force now (schema ``FACTS``); read from the engine where not given.
            approved_by_person: ids of messages with status ``human`` that a person has approved.
        """
        rows = rows.cast(MESSAGES)
        current = self._standing.at(now) if current_facts is None else Shelf(current_facts)
        answers: list[Cleared | Refusal | None] = [*self._as_they_are(rows, current, approved_by_person)]
        left = [place for place, answer in enumerate(answers) if answer is None]
        if left:
            again = [row_of(row) for row in rows.take(pa.array(left)).to_pylist()]
            book = asked(
                self._engine,
                (row.brief_id for row in again if row.brief_id),
                articles=self._settings.title_kind == "name",
            )
            for place, row in zip(left, again, strict=True):
                pieces = book.of(row.brief_id or "")
                answers[place] = self._rereader.answer(row, current, pieces, approved_by_person)
        return [self._sealed(answer, now) if isinstance(answer, Cleared) else answer for answer in answers if answer]

    def _sealed(self, cleared: Cleared, now: datetime) -> ApprovedCopy:
        message_id, person, campaign, language, parts, items, facts, pieces, brief_id = cleared
        return ApprovedCopy(
            message_id=message_id, person=person, campaign=campaign, language=language, parts=parts, items=items,
            facts=facts, pieces=pieces, brief_id=brief_id, approved_at=now, seal=self._seal,
        )  # fmt: skip

    def _as_they_are(
        self, rows: pa.RecordBatch, current: Shelf, approved_by_person: Collection[str]
    ) -> Sequence[Cleared | None]:
        """What may go without being read again; None for the others."""
        marks = self._marks.of(rows.column("message_id")) if self._key is not None else []
        if not any(marks):
            return [None] * rows.num_rows
        claims = self._passing.claims(rows, current)
        good = np.fromiter(self._notary.good(rows, marks, claims.exact), bool, rows.num_rows)
        return self._passing.cleared(rows, claims, good, approved_by_person)

    @cached_property
    def _vocabulary(self) -> Shelf:
        if manifest.find(self._engine.root, "facts") is None:
            return Shelf(FACTS.empty_table())
        self._engine.table("facts", "facts")
        return shelf.vocabulary(self._engine)

    @cached_property
    def _notary(self) -> Notary:
        return Notary(self._key or b"", rules_version(self._campaign, self._settings, self._vocabulary))

    @cached_property
    def _rereader(self) -> Rereader:
        return Rereader(self._campaign, self._settings, self._vocabulary)

"""What is so now: the facts in force at the moment of sending, read again as soon as they may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from siyu.copywriting import praise, shelf
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.slots import ABOUT_READER
from siyu.domain.campaigns import Offer
from siyu.domain.facts import Fact
from siyu.engine import manifest, sql
from siyu.engine.port import Engine


class Standing:
    """The shelf as it is now.

    Facts in force depend on the datasets ``facts`` and ``product_aspects``, and on the clock. All are looked at
    whenever it is asked: the shelf is read again when one has another version, or the moment has come at which some
    window opens or closes.
    """

    def __init__(self, engine: Engine, settings: CopySettings, offers: Sequence[Offer]) -> None:
        self._engine, self._settings, self._offers = engine, settings, offers
        self._shelf: Shelf | None = None
        self._version = (0, 0)
        self._since, self._until = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)

    def at(self, now: datetime) -> Shelf:
        """The facts in force at ``now``; the same object as long as nothing can have changed.

        Raises:
            MissingDataError: there are no facts.
        """
        praised = manifest.find(self._engine.root, praise.DATASET)
        version = manifest.require(self._engine.root, "facts").version, praised.version if praised else 0
        if self._shelf is None or version != self._version or not self._since <= now < self._until:
            self._engine.table("facts", "facts")
            excluded = self._settings.exclude_slots
            self._shelf = shelf.load(self._engine, excluded=excluded, offers=self._offers, now=now, seen=False)
            self._version, self._since, self._until = version, now, self._next_change(now)
        return self._shelf

    def _next_change(self, now: datetime) -> datetime:
        """The first moment after ``now`` at which a fact or an offer comes into force or ends."""
        query = sql.query("siyu.copywriting", "next_change", now=now)
        found = [moment for batch in self._engine.batches(query) for moment in batch.column(0).to_pylist() if moment]
        moments = [moment.replace(tzinfo=UTC) for moment in found]
        moments += [edge for offer in self._offers for edge in (offer.start, offer.end) if edge > now]
        return min(moments, default=datetime.max.replace(tzinfo=UTC))


def changed_name(current: Shelf, fact: Fact) -> str:
    """Name (``item/slot``) of a claimed fact that is no longer so; empty where it is, or is about the reader."""
    if fact.slot.startswith(ABOUT_READER):
        return ""
    now = current.card(fact.item, fact.language).get(fact.slot)
    same = now is not None and (now.value, now.number, now.unit) == (fact.value, fact.number, fact.unit)
    return "" if same else f"{fact.item}/{fact.slot}"


def sold_out(current: Shelf, item: str) -> bool:
    """Whether the shop says that a product is out of stock."""
    stock = current.card(item).get("stock")
    return stock is not None and stock.number is not None and stock.number <= 0

"""The facts in force of the products that may be written about, in memory, once for a run.

Size: one row a fact; the facts of 100,000 products with six facts each take about 150 MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting import praise
from siyu.copywriting.offers import offer_facts
from siyu.domain.campaigns import Offer
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId
from siyu.engine import sql
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import FACTS

_ROOM = "siyu.copywriting"


@dataclass(frozen=True, slots=True)
class ShelfFact:
    """A fact as far as words need it, and its row in the shelf's table."""

    row: int
    slot: str
    value: str
    number: float | None
    unit: str
    language: str = ""


class Shelf:
    """Facts by product, slot and language.

    Args:
        table: facts in force, schema ``FACTS``.
        excluded: slots that are never spoken of.
        first_seen: moment at which each product was first seen, where known.
        bands: price band of each product, where known.
    """

    def __init__(
        self,
        table: pa.Table,
        *,
        excluded: Sequence[str] = (),
        first_seen: Mapping[str, datetime] | None = None,
        bands: Mapping[str, str] | None = None,
    ) -> None:
        self.table = table.cast(FACTS).combine_chunks()
        self.first_seen = first_seen or {}
        self.bands = bands or {}
        self._excluded = frozenset(excluded)
        names = ("slot", "value", "number", "unit", "language")
        self._columns = [self.table.column(name).to_pylist() for name in names]
        self._rows: dict[str, list[int]] = {}
        for row, item in enumerate(self.table.column("item").to_pylist()):
            self._rows.setdefault(item, []).append(row)
        self._cards: dict[tuple[str, str], dict[str, ShelfFact]] = {}
        self._known: dict[str, tuple[ShelfFact, ...]] = {}

    @property
    def items(self) -> Iterable[str]:
        """Every product that has a fact."""
        return self._rows.keys()

    def card(self, item: str, language: str = "") -> dict[str, ShelfFact]:
        """Facts of ``item`` by slot, in ``language`` where the shop states them in it; empty for an unknown product.

        Else those of no language, else those of the one that comes first in the alphabet.
        """
        found = self._cards.get((item, language))
        if found is None:
            found = self._cards[(item, language)] = self._made(item, language)
        return found

    def _made(self, item: str, language: str) -> dict[str, ShelfFact]:
        facts = list(self.facts_by_language(item))
        facts.sort(key=lambda fact: (fact.language.split("-")[0] != language, fact.language), reverse=True)
        return {fact.slot: fact for fact in facts}

    def facts_by_language(self, item: str) -> tuple[ShelfFact, ...]:
        """Every fact of ``item`` in every language."""
        found = self._known.get(item)
        if found is None:
            facts = map(self._fact, self._rows.get(item, ()))
            found = self._known[item] = tuple(fact for fact in facts if self.speaks_of(fact.slot))
        return found

    def speaks_of(self, slot: str) -> bool:
        """Whether facts of a slot may be told."""
        return slot.split(".", 1)[0] not in self._excluded and slot not in self._excluded

    def _fact(self, row: int) -> ShelfFact:
        slots, values, numbers, units, languages = self._columns
        return ShelfFact(row, slots[row], values[row] or "", numbers[row], units[row] or "", languages[row] or "")

    def facts(self, item: str, language: str = "") -> tuple[Fact, ...]:
        """The facts of ``item`` in a language as domain facts, in order of their slots."""
        card = self.card(item, language)
        taken = self.table.take([card[slot].row for slot in sorted(card)])
        return tuple(facts_of([taken.column(name).to_pylist() for name in FACTS.names]))

    @cached_property
    def structs(self) -> pa.StructArray:
        """Every fact as a struct, for taking into messages."""
        return self.table.to_struct_array().combine_chunks() if self.table.num_rows else empty_facts()

    def taken(self, rows: Sequence[int] | np.ndarray[Any, np.dtype[np.int64]]) -> pa.StructArray:
        """Facts by their rows, as structs."""
        return self.structs.take(pa.array(rows, pa.int64())).cast(pa.struct(list(FACTS)))

    @cached_property
    def brands(self) -> frozenset[str]:
        """Every brand of the catalogue as far as it is loaded."""
        chosen = self.table.filter(pc.equal(self.table.column("slot"), "brand"))
        return frozenset(value for value in pc.unique(chosen.column("value")).to_pylist() if value)

    @cached_property
    def attribute_values(self) -> frozenset[str]:
        """Every attribute value of the catalogue as far as it is loaded."""
        chosen = self.table.filter(pc.starts_with(self.table.column("slot"), "attr."))
        return frozenset(value for value in pc.unique(chosen.column("value")).to_pylist() if value)


def empty_facts() -> pa.StructArray:
    """No facts, as an array of structs."""
    return pa.array([], pa.struct(list(FACTS)))


def as_fact(row: Mapping[str, object]) -> Fact:
    """A row of a facts table as a domain fact; moments become aware."""
    moments = {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
        for name, value in row.items()
    }
    text = {name: moments[name] or "" for name in ("slot", "value", "unit", "language", "source")}
    return Fact(
        item=ItemId(str(row["item"])),
        number=row["number"],  # type: ignore[arg-type]
        observed_at=moments["observed_at"],  # type: ignore[arg-type]
        valid_from=moments["valid_from"],  # type: ignore[arg-type]
        valid_until=moments["valid_until"],  # type: ignore[arg-type]
        **text,  # type: ignore[arg-type]
    )


def facts_of(columns: Sequence[Sequence[Any]]) -> Iterator[Fact]:
    """Domain facts from the columns of a facts table, in the order of ``FACTS``; moments become aware."""
    for item, slot, value, number, unit, language, source, seen, start, end in zip(*columns, strict=True):
        yield Fact(
            ItemId(item), slot or "", value or "", number, unit or "", language or "", source or "",
            seen.replace(tzinfo=UTC), start and start.replace(tzinfo=UTC), end and end.replace(tzinfo=UTC),
        )  # fmt: skip


def as_rows(facts: Iterable[Fact]) -> pa.Table:
    """Domain facts as a table of schema ``FACTS``."""

    def plain(moment: datetime | None) -> datetime | None:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment else None

    return pa.Table.from_pylist(
        [
            {
                **{
                    name: getattr(fact, name)
                    for name in ("item", "slot", "value", "number", "unit", "language", "source")
                },
                **{name: plain(getattr(fact, name)) for name in ("observed_at", "valid_from", "valid_until")},
            }
            for fact in facts
        ],
        FACTS,
    )


def load(
    engine: Engine,
    *,
    excluded: Sequence[str],
    offers: Sequence[Offer],
    now: datetime,
    seen: bool = True,
) -> Shelf:
    """Read the shelf from the tables ``facts`` and ``products`` registered with ``engine``; offers become facts.

    Args:
        seen: whether to read when products were first seen, and their price bands.
    """
    engine.table("shelf_facts", Sql("SELECT * FROM facts"))
    together = pa.concat_tables(
        [_table(engine, sql.query(_ROOM, name, now=now)) for name in ("facts_in_force", "prices_before", "restocked")]
    )
    together = pa.concat_tables([together, praise.facts(engine, now)])
    first_seen, bands = _product_facts(engine) if seen else ({}, {})
    if offers:
        together = pa.concat_tables([together, _offers(together, offers, now)])
    return Shelf(together, excluded=excluded, first_seen=first_seen, bands=bands)


def _table(engine: Engine, text: str) -> pa.Table:
    batches = [pa.Table.from_batches([batch]).cast(FACTS) for batch in engine.batches(text)]
    return pa.concat_tables(batches or [FACTS.empty_table()])


def _product_facts(engine: Engine) -> tuple[dict[str, datetime], dict[str, str]]:
    seen: dict[str, datetime] = {}
    bands: dict[str, str] = {}
    for batch in engine.batches("SELECT item, first_seen, price_band FROM products"):
        items, first, band = (column.to_pylist() for column in batch.columns)
        seen.update((item, moment) for item, moment in zip(items, first, strict=True) if moment)
        bands.update((item, value) for item, value in zip(items, band, strict=True) if value)
    return seen, bands


def _offers(facts: pa.Table, offers: Sequence[Offer], now: datetime) -> pa.Table:
    categories: dict[str, list[str]] = {}
    known = facts.filter(pc.is_in(facts.column("slot"), pa.array(["title", "category"])))
    for item, slot, value in zip(*(known.column(name).to_pylist() for name in ("item", "slot", "value")), strict=True):
        categories.setdefault(item, []).extend([value] if slot == "category" else [])
    made = (fact for item in sorted(categories) for fact in offer_facts(ItemId(item), categories[item], offers, now))
    return as_rows(made)


def vocabulary(engine: Engine) -> Shelf:
    """A shelf with every brand and attribute value that the table ``facts`` ever held, once: what checks call names."""
    chosen = (
        "SELECT min(item) AS item, slot, value, NULL AS number, '' AS unit, '' AS language, min(source) AS source, "
        "min(observed_at) AS observed_at, NULL AS valid_from, NULL AS valid_until FROM facts "
        "WHERE slot = 'brand' OR slot LIKE 'attr.%' GROUP BY slot, value"
    )
    return Shelf(_table(engine, chosen))

"""What a product can answer: every interest that one of its facts meets, in every form it may be written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from siyu.copywriting import saying
from siyu.copywriting.display import Presenter
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.shelf import Shelf, ShelfFact
from siyu.domain.kinds import Facet
from siyu.text.tokenise import tokens

TERMS: Final = pa.schema([("item_no", pa.int32()), ("code", pa.int32()), ("term", pa.int32())])
"""Which interests (by ``code``) a product answers, and by which of its terms."""
CODES: Final = pa.schema([("facet", pa.string()), ("value", pa.string()), ("code", pa.int32())])
"""Interests, numbered; values in lower case."""
_BIASES = {"style": 1.3, "material": 0.9, "colour": 0.8, "fit": 0.6}
_KEYWORD_BIAS = 0.7


class Said(NamedTuple):
    """A term as it is said in a language: facet and value of the angle, the slot that proves it, how well it reads."""

    facet: str
    value: str
    slot: str
    bias: float


class _Source(NamedTuple):
    item: str
    slot: str
    word: str  # of the title; empty where the whole fact is meant


class Terms:
    """Terms of the products that may be written about.

    Args:
        items: those products; their places are their numbers.
        presenters: one for each language of the campaign.
        things: by language, words that name a kind of thing in the shop.
    """

    def __init__(
        self,
        shelf: Shelf,
        items: Sequence[str],
        presenters: Mapping[str, Presenter],
        sensitive: Sensitive,
        *,
        things: Mapping[str, frozenset[str]],
    ) -> None:
        self._shelf, self._presenters, self._sensitive = shelf, presenters, sensitive
        self.items = items
        self._sources: list[_Source] = []
        self._said: dict[str, dict[int, Said | None]] = {language: {} for language in presenters}
        self._things = things
        codes: dict[tuple[str, str], int] = {}
        rows = [
            (no, codes.setdefault(value, len(codes)), term)
            for no, item in enumerate(items)
            for value, term in self._rows(item)
        ]
        self.table = _table(rows, TERMS)
        self.codes = _table([(*value, code) for value, code in codes.items()], CODES)

    def _rows(self, item: str) -> Iterator[tuple[tuple[str, str], int]]:
        found: dict[tuple[str, str], _Source] = {}
        facts = self._shelf.facts_by_language(item)
        for fact in sorted(facts, key=lambda fact: (_ORDER.get(fact.slot, 0), fact.slot, fact.language)):
            for facet, value, word in _values(fact):
                found.setdefault((facet, value), _Source(item, fact.slot, word))
        keys: dict[_Source, int] = {}
        for meant, source in found.items():
            key = keys.get(source)
            if key is None:
                key = keys[source] = len(self._sources)
                self._sources.append(source)
            yield meant, key

    @property
    def count(self) -> int:
        """How many terms there are."""
        return len(self._sources)

    def slots(self) -> Iterator[str]:
        """Slot of the fact that each term stands for, in order."""
        return (source.slot for source in self._sources)

    def said(self, key: int, language: str) -> Said | None:
        """How a term is said; None where it cannot be, or had better not be."""
        known = self._said[language]
        if key not in known:
            known[key] = self._as_said(self._sources[key], language)
        return known[key]

    def _as_said(self, source: _Source, language: str) -> Said | None:
        card = self._shelf.card(source.item, language)
        fact = card.get(source.slot)
        if fact is None:
            return None
        title = self._presenters[language].name(card["title"].value) if "title" in card else ""
        said = self._keyword(source, fact, language, title.casefold()) if source.word else _whole(fact)
        if said is None:
            return None
        shown = self._presenters[language].angle(said.facet, said.value)
        if not shown or shown.casefold() == title.casefold() or self._sensitive.keeps_quiet(f"{said.value} {shown}"):
            return None
        return said

    def _keyword(self, source: _Source, fact: ShelfFact, language: str, title: str) -> Said | None:
        """The word of this language's title that means the same, if readers see it there and titles end in it."""
        meant = saying.concept(source.word)
        word = next((word for word in tokens(fact.value, language) if saying.concept(word) == meant), "")
        if not word or word not in title or not (word in self._things[language] or saying.is_occasion(word)):
            return None
        return Said(Facet.KEYWORD, word, source.slot, _KEYWORD_BIAS)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


_ORDER = {"brand": 1, "category": 2, "title": 3}  # attributes first: a word that is an attribute's value is said as one


def _values(fact: ShelfFact) -> Iterator[tuple[str, str, str]]:
    """Facet and value of interests that a fact answers, in lower case, and the word of the title that does."""
    if fact.slot == "brand":
        yield Facet.BRAND, fact.value.casefold(), ""
        yield Facet.KEYWORD, fact.value.casefold(), ""
    elif fact.slot == "category":
        leaf = fact.value.rsplit(" > ", 1)[-1]
        yield Facet.CATEGORY, fact.value.casefold(), ""
        yield from ((Facet.KEYWORD, form, "") for form in sorted(saying.forms(leaf)))
    elif fact.slot.startswith("attr."):
        for form in sorted(saying.forms(fact.value)):
            yield Facet.ATTRIBUTE, f"{fact.slot[5:].casefold()}={form}", ""
            yield Facet.KEYWORD, form, ""
    elif fact.slot == "title":
        for word in tokens(fact.value, fact.language or None):
            yield from ((Facet.KEYWORD, form, word) for form in sorted(saying.forms(word)))


def _whole(fact: ShelfFact) -> Said:
    if fact.slot.startswith("attr."):
        bias = _BIASES.get(saying.attribute_group(fact.slot[5:]), 1.0)
        return Said(Facet.ATTRIBUTE, f"{fact.slot[5:]}={fact.value}", fact.slot, bias)
    return Said(Facet(fact.slot), fact.value, fact.slot, 1.0)

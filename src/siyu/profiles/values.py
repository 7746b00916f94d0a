"""What a product stands for: its category (whole path and top level), brand, price band, attributes, title words.

An event puts its weight on each facet once, divided over the values the product has there: a product with eight words
in its title does not speak eight times as loud as one with one word.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.kinds import Facet
from siyu.engine.port import Engine
from siyu.profiles.acts import Numbers, codes, runs, whole
from siyu.text.normalise import over_distinct
from siyu.text.tokenise import readable_forms, tokens

FACETS = tuple(sorted(facet.value for facet in Facet))
_KEYWORD = FACETS.index(Facet.KEYWORD)
_SCHEMA = pa.schema([(c.ITEM, pa.string()), (c.FACET, pa.string()), (c.VALUE, pa.string())])
_LEVEL = " > "


@dataclass(frozen=True, slots=True)
class Values:
    """Every value with a number, and those of every item and word.

    Numbers go by facet and by name, so that what is in the order of numbers is in that of the alphabet.

    Attributes:
        facet: of each value, as its place in ``FACETS``.
        name: of each value.
        items: items that have values, each with ``count`` of them from ``start`` on in ``of_item``.
        of_item: values of all items, one item after another.
        among: over how many values of the facet the item's events are divided.
        words: every known word; ``shown`` is the value of each.
    """

    facet: Numbers
    name: pa.Array
    items: pa.Array
    start: Numbers
    count: Numbers
    of_item: Numbers
    among: Numbers
    words: pa.Array
    shown: Numbers

    def __len__(self) -> int:
        return len(self.name)

    def has(self, facet: Facet) -> bool:
        """Whether any item or word says something of this facet."""
        return bool((self.facet == FACETS.index(facet)).any())

    def table(self) -> pa.Table:
        """Rows (item, facet, value): what every item says."""
        return pa.table(
            [
                self.items.take(pa.array(np.repeat(np.arange(len(self.items)), self.count))),
                pa.array(FACETS).take(pa.array(self.facet[self.of_item])),
                self.name.take(pa.array(self.of_item)),
            ],
            schema=_SCHEMA,
        )

    def forms(self) -> pa.Table:
        """Rows (word, shown): the form in which every word is shown."""
        return pa.table({"word": self.words, "shown": self.name.take(pa.array(self.shown))})

    def digest(self) -> str:
        """Changes whenever an item says something else, or a word is shown otherwise."""
        found = hashlib.sha256()
        for texts in (self.items, self.name, self.words):
            found.update("\x1f".join(texts.to_pylist()).encode("utf-8", "surrogatepass") + b"\x1e")
        for numbers in (self.facet, self.count, self.of_item, self.shown):
            found.update(numbers.tobytes())
        return found.hexdigest()


def values(engine: Engine, used: Mapping[str, int]) -> Values:
    """The values of view ``products``, and of the words people used (with how often)."""
    source = (
        f"SELECT {c.ITEM}, {c.TITLE}, {c.CATEGORY}, {c.BRAND}, {c.PRICE_BAND}, {c.LANGUAGE}, {c.ATTRIBUTES} "
        f"FROM products WHERE {c.ITEM} IS NOT NULL"
    )
    said = pa.concat_tables([_SCHEMA.empty_table(), *(_said(batch) for batch in engine.batches(source))])
    seen = Counter(used)
    words = said.filter(pc.equal(said.column(c.FACET), Facet.KEYWORD.value)).column(c.VALUE)
    for pair in pc.value_counts(whole(words)).to_pylist():
        seen[pair["values"]] += pair["counts"]
    return numbered(said, readable_forms(seen))


def numbered(said: pa.Table, forms: Mapping[str, str]) -> Values:
    words, shown = pa.array(list(forms), pa.string()), pa.array(list(forms.values()), pa.string())
    facet = codes(said.column(c.FACET), pa.array(FACETS))
    name = whole(said.column(c.VALUE))
    form = shown.take(pa.array(codes(name, words), mask=facet != _KEYWORD))
    name = pc.if_else(pa.array(facet == _KEYWORD), form, name)
    names = pa.concat_arrays([name, shown]).dictionary_encode()
    place, alphabet = _alphabetical(names.dictionary)
    facets = np.append(facet, np.full(len(shown), _KEYWORD))
    key = facets * (len(alphabet) + 1) + place[names.indices.to_numpy()]
    known, number = np.unique(key, return_inverse=True)
    items = whole(said.column(c.ITEM)).dictionary_encode()
    item = items.indices.to_numpy().astype(np.int64)
    pairs = np.unique(item * (len(known) + 1) + number[: len(item)])
    item, value = np.divmod(pairs, len(known) + 1)
    value_facet = known // (len(alphabet) + 1)
    starts = runs(item)
    return Values(
        facet=value_facet,
        name=alphabet.take(pa.array(known % (len(alphabet) + 1))),
        items=items.dictionary,
        start=starts[:-1],
        count=np.diff(starts),
        of_item=value,
        among=_among(item, value_facet[value]),
        words=words,
        shown=number[len(said) :],
    )


def _alphabetical(names: pa.Array) -> tuple[Numbers, pa.Array]:
    """The place of each name in the alphabet, and the names in that order."""
    order = pc.sort_indices(names).to_numpy().astype(np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place, names.take(pa.array(order))


def _among(item: Numbers, facet: Numbers) -> Numbers:
    """The number of values of the same item and facet; both are sorted."""
    size = np.diff(runs(item, facet))
    return np.repeat(size, size)


def _said(batch: pa.RecordBatch) -> pa.Table:
    items = batch.column(c.ITEM).cast(pa.string())
    titles = pc.binary_join_element_wise(
        pc.fill_null(batch.column(c.LANGUAGE).cast(pa.string()), ""), batch.column(c.TITLE).cast(pa.string()), "\x1f"
    )
    lists = [
        (Facet.CATEGORY, over_distinct(batch.column(c.CATEGORY), levels, pa.list_(pa.string()))),
        (Facet.ATTRIBUTE, _attributes(batch.column(c.ATTRIBUTES))),
        (Facet.KEYWORD, over_distinct(titles, _title_words, pa.list_(pa.string()))),
    ]
    parts = [
        _rows(facet, items.take(pc.list_parent_indices(lists_)), pc.list_flatten(lists_)) for facet, lists_ in lists
    ]
    parts += [
        _rows(facet, items, batch.column(name).cast(pa.string()))
        for facet, name in ((Facet.BRAND, c.BRAND), (Facet.PRICE_BAND, c.PRICE_BAND))
    ]
    return pa.concat_tables(parts)


def _rows(facet: Facet, items: pa.Array, values: pa.Array) -> pa.Table:
    table = pa.table([items, pa.array([facet.value] * len(items), pa.string()), values], schema=_SCHEMA)
    return table.filter(pc.fill_null(pc.not_equal(table.column(c.VALUE), ""), False))


def levels(category: str) -> list[str]:
    """A category's whole path and, where it has several levels, the top one.

    Example:
        >>> levels("Women > Tops > T-shirts"), levels("T-shirts"), levels(" ")
        (['Women > Tops > T-shirts', 'Women'], ['T-shirts'], [])
    """
    parts = [part.strip() for part in category.split(_LEVEL.strip()) if part.strip()]
    if len(parts) < 2:
        return parts
    return [_LEVEL.join(parts), parts[0]]


def _attributes(column: pa.Array) -> pa.Array:
    """``name=value`` for every attribute of every product; those without a name or a value are left out."""
    rows = pc.list_flatten(column)
    joined = pc.binary_join_element_wise(
        rows.field("name").cast(pa.string()), rows.field("value").cast(pa.string()), "="
    )
    lengths = np.bincount(pc.list_parent_indices(column).to_numpy(), minlength=len(column))
    return pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(lengths)), pa.int32()), joined)


def _title_words(pair: str) -> list[str]:
    language, _, title = pair.partition("\x1f")
    return sorted(set(tokens(title, language or None)))

"""Terms: the values of a product that an interest may be about, in a form that both sides share.

Words are compared by their stem, everything else as it is spelled. A product of ``A > B > C`` carries the terms ``A``,
``A > B`` and ``A > B > C``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.kinds import Facet
from siyu.text.tokenise import stem, tokens

ITEM_TERMS: Final = pa.schema([("item", pa.int32()), ("facet", pa.string()), ("term", pa.string())])
VALUE_TERMS: Final = pa.schema([("facet", pa.string()), ("value", pa.string()), ("term", pa.string())])
_STRINGS: Final = pa.list_(pa.string())


def item_terms(batch: pa.RecordBatch) -> pa.RecordBatch:
    """(item, facet, term) of products with the columns item, title, category, brand, attributes and band."""
    items = batch.column("item")
    lists = {
        Facet.KEYWORD: _over_distinct(batch.column("title"), title_terms),
        Facet.CATEGORY: _over_distinct(batch.column("category"), category_terms),
    }
    parts = [_rows(facet, items.take(pc.list_parent_indices(found)), found.flatten()) for facet, found in lists.items()]
    parts.append(_rows(Facet.BRAND, items, batch.column("brand")))
    parts.append(_rows(Facet.PRICE_BAND, items, batch.column("band").cast(pa.string())))
    attributes = batch.column("attributes")
    pairs = pc.list_flatten(attributes)
    named = pc.binary_join_element_wise(pairs.field("name"), pairs.field("value"), "=")
    parts.append(_rows(Facet.ATTRIBUTE, items.take(pc.list_parent_indices(attributes)), named))
    return _one_batch(pa.concat_tables(parts), ITEM_TERMS)


def value_terms(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The term of each distinct (facet, value) of interests: a word's stem, any other value itself."""
    facets, values = batch.column("facet").cast(pa.string()), batch.column("value").cast(pa.string())
    stems = _over_distinct(values, lambda word: [stem(word)]).flatten()
    terms = pc.if_else(pc.equal(facets, Facet.KEYWORD.value), stems, values)
    return pa.RecordBatch.from_arrays([facets, values, terms], schema=VALUE_TERMS)


def title_terms(title: str) -> list[str]:
    """Stems of the words of a title, each once.

    Example:
        >>> title_terms("Blue jeans, a blue jean")
        ['blue', 'jean']
    """
    return sorted({stem(word) for word in tokens(title)})


def category_terms(path: str) -> list[str]:
    """Every level of a category, as a path.

    Example:
        >>> category_terms("Women > Tops > T-shirts")
        ['Women', 'Women > Tops', 'Women > Tops > T-shirts']
    """
    parts = [part.strip() for part in path.split(">") if part.strip()]
    return [" > ".join(parts[: depth + 1]) for depth in range(len(parts))]


def _over_distinct(texts: pa.Array, function: Callable[[str], list[str]]) -> pa.Array:
    """``function`` of every text, worked out once for each distinct one; null gives an empty list."""
    coded = pc.fill_null(texts.cast(pa.string()), "").dictionary_encode()
    found = pa.array([function(text) for text in coded.dictionary.to_pylist()], _STRINGS)
    return found.take(coded.indices)


def _rows(facet: Facet, items: pa.Array, terms: pa.Array) -> pa.Table:
    facets = pa.repeat(pa.scalar(facet.value), len(items))
    table = pa.Table.from_arrays([items.cast(pa.int32()), facets, terms.cast(pa.string())], schema=ITEM_TERMS)
    return table.filter(pc.fill_null(pc.not_equal(table.column("term"), ""), False))


def _one_batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=schema)

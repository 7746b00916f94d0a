"""What a product stands for: its category (whole path and top level), brand, price band, attributes, title words.

An event puts its weight on each facet once, divided over the values the product has there: a product with eight words
in its title does not speak eight times as loud as one with one word.
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.kinds import Facet
from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.profiles.inputs import PACKAGE, counts
from siyu.text.normalise import over_distinct
from siyu.text.tokenise import readable_forms, tokens

SPOKEN = "profile_spoken"
NAMES = "profile_value_names"
ITEM_VALUES = "profile_item_values"

_SCHEMA = pa.schema([(c.ITEM, pa.string()), (c.FACET, pa.string()), (c.VALUE, pa.string())])
_LEVEL = " > "


def register(engine: Engine) -> None:
    """Make readable: ``profile_words`` (word, shown), ``profile_value_names`` and ``profile_item_values``.

    Needs ``products`` and ``profile_state``. Numbers stand for (facet, value) in what follows: people times values is
    the largest table of this room.
    """
    source = (
        f"SELECT {c.ITEM}, {c.TITLE}, {c.CATEGORY}, {c.BRAND}, {c.PRICE_BAND}, {c.LANGUAGE}, {c.ATTRIBUTES} "
        f"FROM products WHERE {c.ITEM} IS NOT NULL"
    )
    engine.map_arrow(source, _spoken, _SCHEMA, SPOKEN)
    engine.table(SPOKEN, SPOKEN)
    engine.table("profile_words", _words(engine))
    engine.write(query(PACKAGE, "value_names"), NAMES)
    engine.table(NAMES, NAMES)
    engine.write(query(PACKAGE, "item_values"), ITEM_VALUES)
    engine.table(ITEM_VALUES, ITEM_VALUES)


def _words(engine: Engine) -> pa.Table:
    """Every word with the form that is shown for its stem: the most frequent over titles and people's own words."""
    seen: Counter[str] = Counter(counts(engine, query(PACKAGE, "words")))
    shown = readable_forms(seen)
    return pa.table({"word": pa.array(list(shown), pa.string()), "shown": pa.array(list(shown.values()), pa.string())})


def _spoken(batch: pa.RecordBatch) -> pa.RecordBatch:
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
    table = pa.concat_tables(parts).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=_SCHEMA)


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
    parents = pc.list_parent_indices(column).to_numpy()
    offsets = _offsets(parents, len(column))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), joined)


def _offsets(parents, rows: int):  # type: ignore[no-untyped-def]
    import numpy as np

    return np.concatenate(([0], np.cumsum(np.bincount(parents, minlength=rows))))


def _title_words(pair: str) -> list[str]:
    language, _, title = pair.partition("\x1f")
    return sorted(set(tokens(title, language or None)))

"""Terms of products and of interests meet in one form."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from siyu.recommendations.terms import ITEM_TERMS, category_terms, item_terms, value_terms

ATTRIBUTES = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))


def products(*rows: dict[str, object]) -> pa.RecordBatch:
    names = {"item": pa.int32(), "title": pa.string(), "category": pa.string(), "brand": pa.string()}
    schema = pa.schema([*names.items(), ("attributes", ATTRIBUTES), ("band", pa.int32())])
    return pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def test_every_facet_of_a_product() -> None:
    found = item_terms(
        products(
            {"item": 1, "title": "Red jeans", "category": "A > B", "brand": "Acme", "band": 3},
            {"item": 2, "attributes": [{"name": "size", "value": "L"}, {"name": "x", "value": None}]},
        )
    ).to_pylist()
    assert {(row["item"], row["facet"], row["term"]) for row in found} == {
        (1, "keyword", "red"),
        (1, "keyword", "jean"),
        (1, "category", "A"),
        (1, "category", "A > B"),
        (1, "brand", "Acme"),
        (1, "price_band", "3"),
        (2, "attribute", "size=L"),
    }


def test_nothing_gives_nothing() -> None:
    assert item_terms(products()).num_rows == 0
    assert item_terms(products({"item": 1})).schema == ITEM_TERMS


def test_words_meet_by_stem_and_other_values_as_they_are() -> None:
    rows = [{"facet": "keyword", "value": "jeans"}, {"facet": "brand", "value": "Jeans"}]
    batch = pa.RecordBatch.from_pylist(rows, schema=pa.schema([("facet", pa.string()), ("value", pa.string())]))
    assert value_terms(batch).column("term").to_pylist() == ["jean", "Jeans"]


@given(st.lists(st.text("abcXYZ 中文&/-", min_size=1, max_size=8).map(str.strip).filter(bool), min_size=1, max_size=5))
def test_levels_are_prefixes_of_the_path(parts: list[str]) -> None:
    levels = category_terms(" > ".join(parts))
    assert len(levels) == len(parts)
    assert levels[-1] == " > ".join(parts)
    assert all(deeper.startswith(level + " > ") for level, deeper in pairwise(levels))

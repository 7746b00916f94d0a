"""Likeness of products: their words, categories, brand and attributes, rare ones saying more, as rows of length one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from siyu.domain.kinds import Facet
from siyu.engine.port import Engine
from siyu.recommendations.items import Items
from siyu.recommendations.links import narrow
from siyu.recommendations.port import Links
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.terms import ITEM_TERMS, item_terms

_DESCRIBED: Final = "SELECT code AS item, title, category, brand, attributes, band FROM rec_items WHERE veto IS NULL"


def read_terms(engine: Engine, items: int) -> Links:
    """Products of ``rec_items`` by terms; the product of two rows is the cosine. Price bands do not count.

    A term weighs ``ln(1 + products / products with it)``; one that only one product carries says nothing of likeness.
    """
    table = pa.Table.from_batches([item_terms(batch) for batch in engine.batches(_DESCRIBED)], ITEM_TERMS)
    table = table.filter(pc.not_equal(table["facet"], Facet.PRICE_BAND.value))
    spelled = pc.binary_join_element_wise(table["facet"], table["term"], "\x1f").combine_chunks().dictionary_encode()
    item = table["item"].to_numpy()
    _, first = np.unique(item.astype(np.int64) * max(len(spelled.dictionary), 1) + spelled.indices, return_index=True)
    item, term = item[first], np.asarray(spelled.indices)[first]
    with_it = np.bincount(term, minlength=len(spelled.dictionary))
    weight = np.where(with_it > 1, np.log1p(len(np.unique(item)) / np.maximum(with_it, 1)), 0.0)[term]
    length = np.sqrt(np.bincount(item, weights=weight**2, minlength=items))
    data = np.divide(weight, length[item], out=np.zeros(len(item)), where=length[item] > 0)
    kept = data > 0
    ends = np.searchsorted(item[kept], np.arange(items + 1))
    shape = (items, max(len(spelled.dictionary), 1))
    return narrow(sparse.csr_array((data[kept], term[kept].astype(np.int64), ends), shape=shape))


def described(engine: Engine, items: Items, settings: RecommendationSettings) -> Items:
    """``items`` with their terms, where lists are to differ by them."""
    return replace(items, terms=read_terms(engine, items.size)) if settings.diversity else items

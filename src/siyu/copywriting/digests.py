"""Digests of what may be said of products: who is to be written to again, and what need not be worked out again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.copywriting.exactly import exact
from siyu.copywriting.shelf import Shelf

_SAID = ("slot", "language", "value", "number", "unit")


def products(shelf: Shelf) -> dict[str, str]:
    """A digest of what may be said of each product; of its stock, only whether there is some.

    Example:
        >>> from siyu.engine.schemas import FACTS
        >>> fact = {"item": "mug", "slot": "title", "value": "Mug", "observed_at": 0}
        >>> one, other = (Shelf(pa.Table.from_pylist([{**fact, "value": name}], FACTS)) for name in ("Mug", "Cup"))
        >>> products(one)["mug"] == products(other)["mug"], len(products(one)["mug"])
        (False, 24)
    """
    table = spoken(shelf)
    if not table.num_rows:
        return dict.fromkeys(shelf.items, _digest(b""))
    fields = [table.column(name).combine_chunks() for name in _SAID]
    stock = pc.equal(fields[0], "stock")
    some = pc.if_else(pc.greater(pc.coalesce(fields[3], pa.scalar(1.0)), 0.0), "some", "none")
    fields[2], fields[3] = pc.if_else(stock, some, fields[2]), pc.if_else(stock, None, fields[3])
    facts = exact(pa.StructArray.from_arrays(fields, names=list(_SAID)))
    lines = pa.table({"item": table.column("item"), "fact": facts}).sort_by(
        [("item", "ascending"), ("fact", "ascending")]
    )
    items, said = (lines.column(name).combine_chunks() for name in ("item", "fact"))
    coded = items.dictionary_encode()
    begins = np.flatnonzero(np.diff(coded.indices.to_numpy(), prepend=-1, append=len(coded.dictionary)))
    whole = pc.binary_join(pa.ListArray.from_arrays(pa.array(begins, pa.int32()), said), b"")
    known = dict.fromkeys(shelf.items, _digest(b""))
    known.update(zip(coded.dictionary.to_pylist(), map(_digest, whole.to_pylist()), strict=True))
    return known


def spoken(shelf: Shelf, *slots: str) -> pa.Table:
    """Facts of the shelf that are spoken of, of some slots or of all."""
    column = shelf.table.column("slot")
    chosen = [slot for slot in pc.unique(column).to_pylist() if shelf.speaks_of(slot) and (not slots or slot in slots)]
    return shelf.table.filter(pc.is_in(column, pa.array(chosen, pa.string())))


def names(shelf: Shelf) -> str:
    """A digest of every title and category."""
    table = spoken(shelf, "title", "category").select(["item", *_SAID])
    digest = hashlib.sha256()
    for column in table.columns:
        digest.update(b"".join(_pieces(exact(column.combine_chunks()))))
    return digest.hexdigest()


def _pieces(column: pa.Array) -> Iterator[bytes]:
    yield b"|"
    yield from column.to_pylist()


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()

"""Reasons of recommendations: the strongest parts of each score, told by the model that found them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa

from siyu.engine.schemas import REASON
from siyu.recommendations.people import Floats, Ints, Mask
from siyu.recommendations.port import Reasons


def strongest(winner: Ints, share: Floats, *, kept: int) -> Ints:
    """Places of the ``kept`` greatest shares of each winner, by winner, greatest first; equal ones as they come.

    Shares, 0 to 1, are told apart at some six digits.
    """
    size = int(winner.max(initial=0)).bit_length()
    place = max(len(winner) - 1, 1).bit_length()
    fine = 62 - size - place
    if fine < 20:
        order = np.lexsort((-share, winner))
    else:  # winner, share and place in one number: plain integers sort many times faster
        key = (winner.astype(np.int64) << fine) | np.rint((1 - share) * (2.0 ** min(fine - 1, 40))).astype(np.int64)
        order = np.sort((key << place) | np.arange(len(winner))) & ((1 << place) - 1)
    counts = np.bincount(winner)
    start = np.repeat(np.cumsum(counts) - counts, counts)
    return order[np.arange(len(order)) - start < kept]


def merged(winner: Ints, part: Floats, together: Mask) -> tuple[Ints, Floats]:
    """Parts that are one piece of evidence, summed for each winner into the first; the places that stay, the parts."""
    if not together.any():
        return np.arange(len(part)), part
    places = np.flatnonzero(together)
    _, first, which = np.unique(winner[places], return_index=True, return_inverse=True)
    summed = part.copy()
    summed[places[first]] = np.bincount(which, weights=part[places])
    stays = ~together
    stays[places[first]] = True
    kept = np.flatnonzero(stays)
    return kept, summed[kept]


def told(reasons: Reasons, share: Floats, words: pa.Array, items: pa.Array) -> pa.StructArray:
    """Reasons as Arrow."""
    texts = {"kind": (words, reasons.kind), "item": (items, reasons.past)}
    texts |= {"facet": (words, reasons.facet), "value": (words, reasons.value)}
    arrays = {
        name: source.take(pa.array(places, pa.int64(), mask=places < 0)) for name, (source, places) in texts.items()
    }
    arrays["count"] = pa.array(reasons.count, pa.int64(), mask=reasons.count < 0)
    arrays["number"] = pa.array(reasons.number, pa.float64(), mask=np.isnan(reasons.number))
    arrays["share"] = pa.array(share, pa.float64())
    return pa.StructArray.from_arrays([arrays[field.name] for field in REASON], fields=list(REASON))


def blank(size: int) -> Reasons:
    """``size`` reasons to be filled in."""
    whole = {"number": np.full(size, np.nan)}
    return Reasons(**{one.name: whole.get(one.name, np.full(size, -1, np.int64)) for one in fields(Reasons)})


def put(reasons: Reasons, at: Ints, found: Reasons, first_word: int) -> None:
    """Fill ``found`` in at the places ``at``; its words are those from ``first_word`` on."""
    for one in fields(Reasons):
        values = getattr(found, one.name)
        if one.name in ("kind", "facet", "value"):
            values = np.where(values >= 0, values + first_word, -1)
        getattr(reasons, one.name)[at] = values

"""Each text made into a vector once: vectors are kept under a hash of what made them and of the text.

About products only; an interruption loses the stretch it was in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.tables import columns
from siyu.recommendations.vectors.port import Vectors
from siyu.recommendations.vectors.weighing import unit

KEPT: Final = "rec_embeddings"
_SCHEMA: Final = pa.schema([("key", pa.string()), ("vector", pa.list_(pa.float32()))])
_SAVED: Final = 2_048
"""Texts made into vectors before they are kept: what an interruption can lose."""


def each_once(
    engine: Engine, texts: Sequence[str], make: Callable[[list[str]], Any], *, name: str, characters: int = 2_000
) -> Vectors:
    """A vector of length 1 for each text, zeros for an empty one; ``make`` is called for texts that are not kept yet.

    Args:
        make: rows of numbers for a list of texts, as ``encode`` of most packages of sentence models gives them.
        name: of the model and its version: another name makes every vector anew.
        characters: of each text, the first so many count.

    Raises:
        InputError: ``make`` gives something else than a row of finite numbers, of one width, for each text.
    """
    keys = [key_of(text[:characters], name) for text in texts]
    wanted = {key: text[:characters] for key, text in zip(keys, texts, strict=True) if text}
    kept = kept_of(engine, wanted)
    missing = [key for key in wanted if key not in kept]
    for first in range(0, len(missing), _SAVED):
        part = missing[first : first + _SAVED]
        width = len(next(iter(kept.values()))) if kept else None
        made = _checked(make([wanted[key] for key in part]), len(part), width, name)
        fresh = dict(zip(part, made, strict=True))
        keep(engine, fresh)
        kept |= fresh
    return in_order(keys, kept)


def key_of(text: str, *made_by: str) -> str:
    """What a vector is kept under."""
    return hashlib.sha256("\x1f".join((*made_by, text)).encode("utf-8", "replace")).hexdigest()


def kept_of(engine: Engine, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The vectors kept of these keys."""
    if manifest.find(engine.root, KEPT) is None:
        return {}
    engine.table(KEPT, KEPT)
    table = columns(engine, f"SELECT key, vector FROM {KEPT}", _SCHEMA)
    vectors = table.column("vector")
    return {
        key: np.asarray(vectors[at].values.to_numpy(), np.float32)
        for at, key in enumerate(table.column("key").to_pylist())
        if key in wanted
    }


def keep(engine: Engine, fresh: Mapping[str, Any]) -> None:
    """Keep vectors beside those that are kept already."""
    lists = pa.array([vector.tolist() for vector in fresh.values()], pa.list_(pa.float32()))
    table = pa.table([pa.array(list(fresh), pa.string()), lists], schema=_SCHEMA)
    engine.write(table.to_reader(), KEPT, append=manifest.find(engine.root, KEPT) is not None)


def in_order(keys: Sequence[str], kept: Mapping[str, Any]) -> Vectors:
    """Kept vectors as rows of length 1; zeros where there is none."""
    width = len(next(iter(kept.values()))) if kept else 1
    whole = np.zeros((len(keys), width), np.float32)
    for at, key in enumerate(keys):
        if key in kept:
            whole[at] = kept[key]
    return unit(whole)


def _checked(made: Any, size: int, width: int | None, name: str) -> Vectors:
    try:
        rows = np.asarray(made, np.float32)
    except (TypeError, ValueError):
        rows = np.zeros(0, np.float32)
    fits = rows.ndim == 2 and len(rows) == size and rows.shape[1] >= 2 and width in (None, rows.shape[1])
    if not fits or not np.isfinite(rows).all():
        raise InputError(
            f"The embedder {name!r} gave something else than vectors.",
            why=f"For {size} texts it gave an array of the shape {rows.shape}"
            + ("." if width is None else f"; vectors kept of it have {width} numbers."),
            next_step="Let it give a row of finite numbers for each text, always as many; if it changed, name it anew.",
            name=name,
        )
    return rows

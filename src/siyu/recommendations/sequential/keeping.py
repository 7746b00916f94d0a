"""What was learnt as a dataset: named arrays of 32 bits, one a row, with what they were learnt from. No pickle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from siyu.domain.errors import MissingDataError
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.people import Ints
from siyu.recommendations.sequential.reading import Arrays

ARRAYS: Final = pa.schema([("name", pa.string()), ("shape", pa.list_(pa.int32())), ("numbers", pa.binary())])
"""``numbers``: the lowest byte first, row after row; float32, or int32 where ``name`` is ``codes``."""
FORMAT: Final = 1
CODES: Final = "codes"


def publish(engine: Engine, dataset: str, arrays: Arrays, codes: Ints, meta: Mapping[str, Any]) -> None:
    """Leave arrays as ``dataset``; ``codes``: the product that each row of ``item`` stands for."""
    told = {name: array.astype("<f4") for name, array in arrays.items()} | {CODES: codes.astype("<i4")}
    names = sorted(told)
    columns = [names, [told[name].shape for name in names], [told[name].tobytes() for name in names]]
    table = pa.Table.from_arrays(
        [pa.array(one, kind.type) for one, kind in zip(columns, ARRAYS, strict=True)], schema=ARRAYS
    )
    engine.write(table.to_reader(), dataset, meta={"format": FORMAT, **meta})


def learnt(engine: Engine, dataset: str) -> tuple[Arrays, Ints]:
    """Read :func:`publish` back: arrays, codes.

    Raises:
        MissingDataError: nothing was learnt, or by a version of Siyu that kept it otherwise.
    """
    if manifest.require(engine.root, dataset).meta.get("format") != FORMAT:
        raise MissingDataError(
            "What the recommender 'sequential' learnt is of another version of Siyu.",
            why=f"It is not kept as format {FORMAT}.",
            next_step="Let it learn anew: siyu recommend with recommendations.refit.days = 0",
        )
    engine.table(dataset, dataset)
    found: dict[str, Any] = {}
    for batch in engine.batches(f"SELECT name, shape, numbers FROM {dataset}", rows=16):
        for row in batch.to_pylist():
            kind = "<i4" if row["name"] == CODES else "<f4"
            found[row["name"]] = np.frombuffer(row["numbers"], kind).reshape(row["shape"])
    codes = found.pop(CODES)
    return found, codes

"""Prices that are no plain numbers (``¥1,299.00``, ``1.299,00 €``), read once each; numbers pay nothing."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from siyu.engine.port import Engine
from siyu.events.mapping import PRICES, Mapping
from siyu.text.prices import price

SCHEMA: Final = pa.schema([("price_said", pa.string()), ("price_amount", pa.float64()), ("price_code", pa.string())])
"""``import_prices``: what was said, the amount, and the currency where it names one."""


def read_prices(engine: Engine, mapping: Mapping) -> tuple[str, ...]:
    """Register ``import_prices`` with every text of a price that is no plain number and can be read.

    Returns:
        The fields that hold such texts.
    """
    found: dict[str, tuple[float, str]] = {}
    fields = []
    for field in PRICES:
        if not mapping.is_written(field):
            continue
        said = mapping.text(field)
        strange = f"{said} IS NOT NULL AND TRY_CAST({said} AS DOUBLE) IS NULL"
        texts = engine.batches(f"SELECT DISTINCT {said} AS said FROM import_raw WHERE {strange}")
        read = {text: price(text) for batch in texts for text in batch.column("said").to_pylist()}
        good = {text: (float(one[0]), one[1]) for text, one in read.items() if one is not None}
        fields += [field] if good else []
        found |= good
    amounts, codes = [amount for amount, _ in found.values()], [code or None for _, code in found.values()]
    rows = {"price_said": list(found), "price_amount": amounts, "price_code": codes}
    engine.table("import_prices", pa.table(rows, schema=SCHEMA))
    return tuple(fields)

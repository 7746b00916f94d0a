"""Online Retail: every count derived a second time, with pandas and a plain loop, from the file itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from siyu.domain.clock import Clock
from siyu.engine.embedded import EmbeddedEngine
from siyu.events import import_events, read_mapping

from .conftest import encrypt, name_of, pseudonymise, rows

MAPPING = Path(__file__).parent / "mappings" / "online_retail.toml"
CODES = {"POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"}


def lifo(frame: pd.DataFrame) -> tuple[int, float, float]:
    """Orphans, quantity undone and quantity asked for, by a stack of purchases per customer and item."""
    orphans, undone, asked = 0, 0.0, 0.0
    touched = frame[frame["is_return"]].set_index(["CustomerID", "item"]).index
    frame = frame[frame.set_index(["CustomerID", "item"]).index.isin(touched)]
    ordered = frame.sort_values(["CustomerID", "item", "ts", "is_return", "place"])
    for _, group in ordered.groupby(["CustomerID", "item"], sort=False):
        stack: list[float] = []
        for quantity, is_return in zip(group["Quantity"].abs(), group["is_return"], strict=True):
            if not is_return:
                stack.append(quantity)
                continue
            left = quantity
            while left and stack:
                part = min(left, stack[-1])
                left -= part
                stack[-1] -= part
                if not stack[-1]:
                    stack.pop()
            orphans += left == quantity
            if left < quantity:
                undone += quantity - left
                asked += quantity
    return orphans, undone, asked


def derived(path: Path) -> tuple[dict[str, int], pd.DataFrame]:
    """Expected count per reason, and the rows that pass every check of their own and are no copies."""
    frame = pd.read_parquet(path).reset_index(drop=True)
    frame = frame.drop(columns=[name for name in frame if name.startswith("__index_level")])
    frame["place"] = range(len(frame))
    frame["item"] = frame["StockCode"].str.strip().str.upper()
    frame["is_return"] = frame["InvoiceNo"].str.startswith("C") | (frame["Quantity"] < 0)
    frame["ts"] = pd.to_datetime(frame["InvoiceDate"])
    counts: Counter[str] = Counter()
    facts = {
        "missing-person": frame["CustomerID"].isna(),
        "not-a-product": frame["item"].isin(CODES) | frame["item"].str.fullmatch(r"GIFT_0001_\d+"),
        "bad-price": frame["UnitPrice"] < 0,
        "zero-price": frame["UnitPrice"] == 0,
    }
    alive = pd.Series(True, index=frame.index)
    for reason, mask in facts.items():
        counts[reason] = int((alive & mask).sum())
        alive &= ~mask
    frame = frame[alive]
    content = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
    copies = frame.duplicated(content)
    counts["exact-duplicate"] = int(copies.sum())
    return {reason: count for reason, count in counts.items() if count}, frame[~copies]


@pytest.mark.slow
def test_counts_are_those_of_the_file(real_data: Path, engine: EmbeddedEngine, clock: Clock) -> None:
    path = real_data / "online_retail" / "online_retail.parquet"
    settings: dict[str, Any] = {"pseudonymise": pseudonymise, "encrypt": encrypt, "clock": clock}
    source = read_mapping(MAPPING, paths=(str(path),))
    report = import_events(engine, source, **settings)

    expected, clean = derived(path)
    orphans, undone, asked = lifo(clean)
    assert report.read == 541_909  # the file's own count; 135,080 of them without a customer
    assert expected["missing-person"] == 135_080
    assert dict(report.quarantined) == {**expected, "orphan-return": orphans}
    assert report.accepted == 541_909 - sum(expected.values()) - orphans
    assert report.kinds["purchase"] == int((~clean["is_return"]).sum())
    assert report.unmatched_quantity == pytest.approx(asked - undone)

    stored = rows(engine, "events", "event_id")
    assert len({row["event_id"] for row in stored}) == len(stored) == report.events
    assert sum(row["quantity"] for row in stored if row["kind"] == "return") == pytest.approx(undone)
    assert {row["person"] for row in stored} <= {name_of(str(int(one))) for one in clean["CustomerID"].unique()}

    again = import_events(engine, source, **settings)
    assert (again.read, again.skipped) == (0, ("online_retail.parquet",))
    assert len(rows(engine, "quarantine")) == sum(report.quarantined.values())

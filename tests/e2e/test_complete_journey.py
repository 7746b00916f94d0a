"""A year of a grocery: a message for every household that may receive one, without a price or a brand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.e2e.conftest import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(example: Callable[..., Project], real_data: Path) -> Project:
    return example("complete_journey", real_data / "complete_journey")


@pytest.fixture(scope="module")
def run(project: Project) -> Any:
    return project.json("run")


def test_every_row_is_accounted_for(run: Any, real_data: Path) -> None:
    raw = pd.read_parquet(real_data / "complete_journey" / "transactions.parquet")
    events = run["prepared"]["imported"]["events"][0]
    assert events["read"] == len(raw) == 1_469_307
    assert events["quarantined"] == {"bad-quantity": int((raw["quantity"] <= 0).sum())}
    assert events["accepted"] == len(raw) - sum(events["quarantined"].values())


def test_every_household_has_a_message_or_a_reason(run: Any, real_data: Path) -> None:
    raw = pd.read_parquet(real_data / "complete_journey" / "transactions.parquet")
    known = raw[(raw["transaction_timestamp"] <= "2017-11-01 15:00") & (raw["quantity"] > 0)]["household_id"].nunique()
    standing = run["sent"]["standing"]
    assert run["prepared"]["copy"]["audience"] == known
    assert standing["sent"] + sum(standing["skipped"].values()) == known
    assert standing["waiting"] == 0
    assert standing["sent"] > 2_000


def test_no_message_names_a_price_or_a_brand(project: Project, run: Any) -> None:
    import pyarrow.parquet as pq

    tables = [pq.read_table(path) for path in (project.folder / ".siyu/tables/messages").rglob("*.parquet")]
    rows = [row for table in tables for row in table.to_pylist()]
    assert len(rows) == run["prepared"]["copy"]["audience"]
    slots = {fact["slot"] for row in rows for fact in row["facts"]}
    assert not {slot for slot in slots if slot.startswith(("price", "brand", "offer"))}
    texts = [part["text"] for row in rows for part in row["parts"]]
    assert not [text for text in texts if "$" in text or "Private" in text or "National" in text]

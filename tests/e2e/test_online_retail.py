"""Real, dirty rows: what is set aside adds up, returns net out, and everyone who may be written to is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e.conftest import Project

from siyu.reports.experiment import experiment
from siyu.reports.settings import ReportSettings

pytestmark = pytest.mark.slow
NOT_PRODUCTS = {"POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"}


@pytest.fixture(scope="module")
def raw(real_data: Path) -> pd.DataFrame:
    return pd.read_parquet(real_data / "online_retail" / "online_retail.parquet").reset_index(drop=True)


@pytest.fixture(scope="module")
def project(example: Callable[..., Project], real_data: Path) -> Project:
    return example("online_retail", real_data / "online_retail")


@pytest.fixture(scope="module")
def run(project: Project) -> Any:
    return project.json("run")


def expected_reasons(raw: pd.DataFrame) -> dict[str, int]:
    """Counts by reason, derived here with pandas: a row has the first reason that applies, in the documented order."""
    rows = raw
    code = rows["StockCode"].str.upper()
    reason = pd.Series("", index=rows.index)
    reason[reason.eq("") & rows["CustomerID"].isna()] = "missing-person"
    is_other = code.isin(NOT_PRODUCTS) | code.str.fullmatch(r"GIFT_0001_[0-9]+")
    reason[reason.eq("") & is_other] = "not-a-product"
    reason[reason.eq("") & rows["UnitPrice"].eq(0)] = "zero-price"
    left = rows[reason.eq("")]
    reason.loc[left.index[left.duplicated(keep="first")]] = "exact-duplicate"
    return {key: count for key, count in Counter(reason).items() if key}


def test_every_row_is_accounted_for(run: Any, raw: pd.DataFrame) -> None:
    events = run["prepared"]["imported"]["events"][0]
    assert events["read"] == len(raw) == 541_909
    assert events["read"] == events["accepted"] + sum(events["quarantined"].values())


def test_reasons_are_those_that_pandas_finds(run: Any, raw: pd.DataFrame) -> None:
    found = dict(run["prepared"]["imported"]["events"][0]["quarantined"])
    orphans = found.pop("orphan-return")
    assert found == expected_reasons(raw)
    assert found["missing-person"] == 135_080
    # every orphan is a cancellation line of a customer that is no duplicate and no postage; most returns are matched
    cancelled = raw["InvoiceNo"].str.startswith("C") & raw["CustomerID"].notna()
    assert 0 < orphans < 0.2 * cancelled.sum()


def test_messages_reach_every_customer_with_consent(run: Any) -> None:
    copy, sent = run["prepared"]["copy"], run["sent"]
    assert copy["audience"] == run["prepared"]["profiles"]["people"] == 4_064
    assert copy["approved"] == copy["audience"]
    standing = sent["standing"]
    assert standing["sent"] + sum(standing["skipped"].values()) == copy["audience"]
    assert set(standing["skipped"]) == {"hold-out"}
    assert 0.08 < standing["skipped"]["hold-out"] / copy["audience"] < 0.12  # a tenth, within four standard errors


def test_nothing_after_the_moment_is_known(project: Project, run: Any, raw: pd.DataFrame) -> None:
    """13085 bought after 2011-11-09 only what the later rows say; no interest may rest on them."""
    later = raw[raw["InvoiceDate"] >= "2011-11-09 10:00"]["CustomerID"].dropna().astype(int)
    earlier = set(raw[raw["InvoiceDate"] < "2011-11-09 10:00"]["CustomerID"].dropna().astype(int))
    newcomer = next(customer for customer in later if customer not in earlier)
    found = project.json("explain", str(newcomer))
    assert found["interests"] == found["messages"] == found["recommendations"] == []


def test_a_full_return_leaves_no_interest(project: Project, run: Any, raw: pd.DataFrame) -> None:
    """12346 bought 74,215 of one product and sent all of them back sixteen minutes later."""
    mine = raw[raw["CustomerID"].eq(12346)]
    assert mine["Quantity"].sum() == 0
    found = project.json("explain", "12346")
    assert found["interests"] == []
    assert found["profile"]["orders"] == 0


def test_where_nothing_was_sent_nothing_is_claimed_more_often_than_chance(project: Project, run: Any) -> None:
    """Nobody was really written to: whatever hold-out is drawn, both arms went on as they did.

    A 95 % interval is wrong on either side in 2.5 % of draws. Of 100 draws, 9 or more false gains have a chance of
    0.1 % (binomial), with purchases as uneven as these wholesalers' (the largest is 165 times the mean).
    """
    project.siyu("report", "--as-of", "2011-11-24")
    tables = [pq.read_table(path) for path in (project.folder / ".siyu/tables/outcomes").rglob("*.parquet")]
    outcomes = pa.concat_tables(tables).sort_by([("revenue", "ascending"), ("person", "ascending")])
    assert outcomes.num_rows == 4_064
    draws, place = np.random.default_rng(11), outcomes.schema.get_field_index("arm")
    settings = ReportSettings(currency="GBP", draws=500)
    gains = 0
    for _ in range(100):
        arm = np.where(draws.random(outcomes.num_rows) < 0.1, "hold_out", "treated")
        redrawn = outcomes.set_column(place, "arm", pa.array(arm))
        gains += experiment(redrawn, hold_out=0.1, settings=settings).verdict == "proven"
    assert gains <= 8


def test_rows_set_aside_can_be_read_again(project: Project, run: Any, raw: pd.DataFrame) -> None:
    found = project.json("quarantine", "--reason", "zero-price", "--lines", "100")
    events = [row for row in found["rows"] if row["source"] == "invoices"]
    assert len(events) == found["counts"]["invoices"]["zero-price"] == 33
    # the same file is the catalogue, where no customer need stand on a line: pandas counts the others
    assert {row["source"] for row in found["rows"]} == {"invoices", "invoices (catalogue)"}
    for row in events:
        came = raw.iloc[row["row"] - 1]
        assert row["values"]["UnitPrice"] == came["UnitPrice"] == 0
        assert row["values"]["InvoiceNo"] == came["InvoiceNo"]

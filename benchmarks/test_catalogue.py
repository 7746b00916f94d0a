"""Import of 200,000 products: a price history in CSV, a Google feed, a Shopify export; beside what pandas does of it.

``SIYU_BENCH_PRODUCTS`` sets how many; the files are made here, the same every time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.conftest import job

PRODUCTS = os.environ.get("SIYU_BENCH_PRODUCTS", "200000")
MEMORY = os.environ.get("SIYU_BENCH_MEMORY", "1500MB")


@pytest.mark.parametrize(("form", "name"), [("csv", "p.csv"), ("google", "p.tsv"), ("shopify", "p.csv")])
def test_catalogue(benchmark: Any, tmp_path: Path, form: str, name: str) -> None:
    path, state = tmp_path / name, tmp_path / "state"
    made = job("catalogue_job", "make", str(path), form, PRODUCTS)
    costs: list[dict[str, Any]] = []
    benchmark.pedantic(lambda: costs.append(job("catalogue_job", "ours", str(state), str(path), MEMORY)), rounds=1)
    plain = job("catalogue_job", "pandas", str(tmp_path / "plain.parquet"), str(path), MEMORY)
    benchmark.extra_info.update(made=made, ours=costs[0], pandas=plain)
    print(f"\n{form}: {benchmark.extra_info}")
    assert costs[0]["as"] == form
    assert costs[0]["read"] >= int(PRODUCTS)
    assert costs[0]["products"] == plain["products"] == int(PRODUCTS)

"""`siyu run` on simulated shops, as whole processes measured from outside; every stage's seconds, CPU and peak beside.

Each data set is a folder made by `siyu simulate`, named by an environment variable:

=====================  ============================================================================
``SIYU_BENCH_DATA``    10 M events: ``siyu simulate s10 --people 220000 --products 20000 --months 3``
``SIYU_BENCH_SMALL``   1 M events: ``siyu simulate s1 --people 22000 --products 20000 --months 3``
``SIYU_BENCH_LARGE``   50 M events: ``siyu simulate s50 --people 220000 --products 20000 --months 15``
=====================  ============================================================================
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
import pytest

from benchmarks.conftest import Cost, siyu

SHAPES = {
    "SIYU_BENCH_DATA": "siyu simulate s10 --people 220000 --products 20000 --months 3",
    "SIYU_BENCH_SMALL": "siyu simulate s1 --people 22000 --products 20000 --months 3",
    "SIYU_BENCH_LARGE": "siyu simulate s50 --people 220000 --products 20000 --months 15",
}


@dataclass(frozen=True)
class Stage:
    """What one stage of a run took, as the run itself noted it."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float


def data(variable: str) -> Path:
    folder = os.environ.get(variable)
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"set {variable} to a folder made by: {SHAPES[variable]}")
    return Path(folder)


def project(folder: Path, settings: Path) -> Path:
    """A fresh project with the settings of a simulated shop, its inputs elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(settings / "siyu.toml", folder)
    return folder


def run(folder: Path, inputs: Path, *arguments: str, **environment: str) -> tuple[Cost, list[Stage]]:
    """Run the whole job and read what its stages noted of themselves in the audit log."""
    before = len(stages(folder))
    cost = siyu("run", "--quiet", *arguments, folder=folder, SIYU_PROJECT__INPUTS=str(inputs), **environment)
    return cost, stages(folder)[before:]


def stages(folder: Path) -> list[Stage]:
    path = folder / ".siyu" / "store.db"
    if not path.exists():
        return []
    with sqlite3.connect(path) as store:
        rows = store.execute("SELECT action, detail FROM audit WHERE action LIKE 'stage.%' ORDER BY rowid").fetchall()
    return [
        Stage(action.removeprefix("stage."), found["seconds"], found["cpu_seconds"], found["peak_mb"])
        for action, found in ((action, json.loads(detail)) for action, detail in rows)
    ]


def show(benchmark: Any, name: str, cost: Cost, noted: list[Stage]) -> None:
    benchmark.extra_info |= {
        "cpu_seconds": round(cost.cpu_seconds, 1),
        "wall_seconds": round(cost.wall_seconds, 1),
        "peak_mb": round(cost.peak_mb),
        "stages": {stage.name: [stage.cpu_seconds, stage.seconds, stage.peak_mb] for stage in noted},
    }
    print(f"\n{name}: {cost.cpu_seconds:.1f} s of CPU, {cost.wall_seconds:.1f} s, peak {cost.peak_mb:,.0f} MB")
    for stage in noted:
        shown = f"{stage.cpu_seconds:8.1f} s of CPU {stage.seconds:8.1f} s {stage.peak_mb:8,.0f} MB"
        print(f"  {stage.name:10}{shown}")


@pytest.mark.parametrize("variable", ["SIYU_BENCH_SMALL", "SIYU_BENCH_DATA", "SIYU_BENCH_LARGE"])
def test_whole_run(benchmark: Any, tmp_path: Path, variable: str) -> None:
    """Everything from raw files to the report. Growth: compare the CPU of 1 M and 10 M events."""
    inputs = data(variable)
    kept: list[tuple[Cost, list[Stage]]] = []

    def job() -> None:
        kept.append(run(project(tmp_path / "shop", inputs), inputs))

    benchmark.pedantic(job, rounds=1, warmup_rounds=0)
    show(benchmark, f"{variable} ({events(inputs):,} rows)", *kept[0])
    shutil.rmtree(tmp_path / "shop")


def events(inputs: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in (inputs / "events").glob("*.parquet"))


@pytest.mark.parametrize("variable", ["SIYU_BENCH_SMALL", "SIYU_BENCH_DATA"])
def test_incremental_day(benchmark: Any, tmp_path: Path, variable: str) -> None:
    """A run as of the day before, then the last day: its events, and one person in a hundred more."""
    source = data(variable)
    now = datetime.fromisoformat(tomllib.loads((source / "siyu.toml").read_text("utf-8"))["project"]["as_of"])
    inputs, day = tmp_path / "inputs", tmp_path / "day"
    yesterday = now - timedelta(days=1)
    split(source, inputs, day, yesterday.replace(hour=0))
    shop = project(tmp_path / "shop", source)
    # the campaign is still open on the second day, and nobody is asleep for a day of it
    open_longer = {"SIYU_CAMPAIGN__DAYS": "7"}
    first = run(shop, inputs, "--as-of", yesterday.isoformat(), **open_longer)
    for path in sorted(day.iterdir()):
        shutil.move(path, inputs / ("events" if path.suffix == ".parquet" else "") / path.name)
    kept: list[tuple[Cost, list[Stage]]] = []
    benchmark.pedantic(lambda: kept.append(run(shop, inputs, **open_longer)), rounds=1, warmup_rounds=0)
    show(benchmark, "everything before", *first)
    show(benchmark, f"the day after, {variable}", *kept[0])
    share = kept[0][0].cpu_seconds / first[0].cpu_seconds
    benchmark.extra_info["share"] = round(share, 3)
    print(f"the day costs {share:.1%} of the CPU of the run before it")
    shutil.rmtree(shop)
    shutil.rmtree(inputs)


def split(source: Path, before: Path, day: Path, since: datetime) -> None:
    """``before``: the shop without its last day and without every hundredth person; ``day``: what came with it."""
    (before / "events").mkdir(parents=True)
    day.mkdir()
    late: list[pa.Table] = []
    limit = pa.scalar(since, pa.timestamp("us", "UTC"))
    for path in sorted((source / "events").glob("*.parquet")):
        rows = pq.read_table(path)
        new = pc.fill_null(pc.greater_equal(rows["ts"], limit), False)
        late.append(rows.filter(new))
        pq.write_table(rows.filter(pc.invert(new)), before / "events" / path.name, compression="zstd")
    pq.write_table(pa.concat_tables(late), day / "last-day.parquet", compression="zstd")
    for path in source.glob("products*"):
        shutil.copy(path, before)
    text = pv.ConvertOptions(column_types={name: pa.string() for name in header(source / "people.csv")})
    people = pv.read_csv(source / "people.csv", convert_options=text)
    old = pc.invert(pc.ends_with(people["user_id"], "00"))
    pv.write_csv(people.filter(old), before / "people.csv")
    pv.write_csv(people, day / "people.csv")


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [name.strip('"') for name in lines.readline().strip().split(",")]

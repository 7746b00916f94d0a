"""The whole main job, import to report, as a person runs it: wall seconds, CPU seconds, peak memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.conftest import Cost, fresh, siyu


@pytest.mark.parametrize("example", ["complete_journey", "online_retail"])
def test_run(benchmark: Any, real_data: Path, tmp_path: Path, example: str) -> None:
    costs: list[Cost] = []

    def job() -> None:
        folder = fresh(example, tmp_path)
        costs.append(siyu("run", folder=folder, SIYU_PROJECT__INPUTS=str(real_data / example)))

    benchmark.pedantic(job, rounds=3, warmup_rounds=0)
    benchmark.extra_info["cpu_seconds"] = round(sorted(cost.cpu_seconds for cost in costs)[1], 1)
    benchmark.extra_info["peak_mb"] = round(max(cost.peak_mb for cost in costs))
    print(f"\n{example}: {benchmark.extra_info}")


def test_incremental_day(benchmark: Any, real_data: Path, tmp_path: Path) -> None:
    """A second run with no new file: what a daily run costs before its new events."""
    folder = fresh("complete_journey", tmp_path)
    inputs = str(real_data / "complete_journey")
    siyu("run", folder=folder, SIYU_PROJECT__INPUTS=inputs)
    costs: list[Cost] = []
    benchmark.pedantic(
        lambda: costs.append(siyu("run", folder=folder, SIYU_PROJECT__INPUTS=inputs)), rounds=3, warmup_rounds=0
    )
    benchmark.extra_info["cpu_seconds"] = round(sorted(cost.cpu_seconds for cost in costs)[1], 1)
    print(f"\nsecond run: {benchmark.extra_info}")


def test_demo(benchmark: Any, tmp_path: Path) -> None:
    costs: list[Cost] = []
    benchmark.pedantic(
        lambda: costs.append(siyu("demo", "world", "--force", folder=tmp_path)), rounds=3, warmup_rounds=0
    )
    benchmark.extra_info["cpu_seconds"] = round(sorted(cost.cpu_seconds for cost in costs)[1], 1)
    benchmark.extra_info["peak_mb"] = round(max(cost.peak_mb for cost in costs))
    print(f"\ndemo: {benchmark.extra_info}")

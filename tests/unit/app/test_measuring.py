"""Each stage is charged with its own memory, not with what an earlier one needed."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from siyu.app.measuring import Measure, measured

MB = 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="memory held now is read from /proc")
def test_a_small_stage_after_a_great_one_is_small() -> None:
    with measured("great") as great:
        block = np.ones(400 * MB // 8)
        time.sleep(0.2)
        del block
    with measured("small") as small:
        block = np.ones(20 * MB // 8)
        time.sleep(0.2)
    assert great.peak_mb > 400
    assert small.peak_mb < great.peak_mb - 300
    del block


def test_time_and_failure_are_measured_too() -> None:
    def fail() -> None:
        with measured("fails") as taken:
            kept.append(taken)
            time.sleep(0.01)
            raise ZeroDivisionError

    kept: list[Measure] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept[0].seconds >= 0.01
    assert kept[0].peak_mb > 0

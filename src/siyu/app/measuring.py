"""How long a stage took and how much memory the process has needed."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Measure:
    """Seconds on the wall, seconds of CPU (all threads), and the process's peak memory in MB so far."""

    stage: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def measured(stage: str) -> Iterator[Measure]:
    """Measure what runs inside.

    Example:
        >>> with measured("sum") as taken:
        ...     _ = sum(range(1000))
        >>> taken.peak_mb > 0
        True
    """
    taken = Measure(stage)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        yield taken
    finally:
        taken.seconds = time.perf_counter() - wall
        taken.cpu_seconds = time.process_time() - cpu
        taken.peak_mb = peak_memory_mb()


def peak_memory_mb() -> float:
    """The most memory this process has held, in MB (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024

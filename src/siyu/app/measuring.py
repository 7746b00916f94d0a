"""How long a stage took, and the most memory the process held while it ran."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final

_HELD: Final = Path("/proc/self/statm")  # Linux; the second number is the pages held now
_EVERY: Final = 0.05  # seconds


@dataclass(slots=True)
class Measure:
    """Seconds on the wall, seconds of CPU (all threads), and the most memory in MB that the process held meanwhile."""

    stage: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def measured(stage: str) -> Iterator[Measure]:
    """Measure what runs inside.

    The system keeps one high-water mark for the whole process. A stage that raised it has that mark as its peak; for
    one that stayed below, the memory held is looked at twenty times a second.

    Example:
        >>> with measured("sum") as taken:
        ...     _ = sum(range(1000))
        >>> taken.peak_mb > 0
        True
    """
    taken = Measure(stage)
    before = peak_memory_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    watch = _Watch()
    watch.start()
    try:
        yield taken
    finally:
        watch.end()
        taken.seconds = time.perf_counter() - wall
        taken.cpu_seconds = time.process_time() - cpu
        after = peak_memory_mb()
        taken.peak_mb = after if after > before or not watch.most_mb else watch.most_mb


def peak_memory_mb() -> float:
    """The most memory this process has held so far, in MB (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024


def memory_mb() -> float:
    """The memory this process holds now, in MB; 0 where the system does not tell."""
    try:
        pages = int(_HELD.read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1024 * 1024)


class _Watch(Thread):
    """Looks at the memory held until it is told to end."""

    def __init__(self) -> None:
        super().__init__(name="siyu-memory", daemon=True)
        self.most_mb = memory_mb()
        self._over = Event()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self.most_mb = max(self.most_mb, memory_mb())

    def end(self) -> None:
        """Look once more, then stop."""
        self._over.set()
        self.join()
        self.most_mb = max(self.most_mb, memory_mb())

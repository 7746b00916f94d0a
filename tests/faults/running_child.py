"""Runs whole jobs for the kill tests: imports everything once, then forks a process for every folder it is told.

Reads folders from standard input, one a line. Prints ``pid N`` when a job has started and ``ended STATUS SECONDS``
when it is over, however it ended.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

from siyu.app import pipeline
from siyu.app.lock import project_lock
from siyu.app.shop import Shop


def job(folder: Path) -> int:
    """`siyu run` in this process."""
    try:
        shop = Shop(folder)
        with project_lock(shop.paths.lock, "siyu run"):
            pipeline.run(shop)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """One job after another."""
    for line in sys.stdin:
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            os._exit(job(Path(line.strip())))
        print(f"pid {child}", flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)} {time.monotonic() - begun:.3f}", flush=True)


if __name__ == "__main__":
    main()

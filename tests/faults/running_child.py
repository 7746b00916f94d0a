"""Runs whole jobs for the kill tests: imports everything once, then forks a process for every folder it is told.

Reads ``SECONDS<tab>FOLDER`` from standard input, one a line: the job of that folder is killed after so many seconds
(``inf``: not at all). Prints ``ended STATUS SECONDS`` when it is over, however it ended.
"""

from __future__ import annotations

import math
import os
import signal
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
        kill_after, folder = line.rstrip("\n").split("\t")
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            os._exit(job(Path(folder)))
        if (seconds := float(kill_after)) < math.inf:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)  # not waited for yet: over or not, the number is still this child's
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)} {time.monotonic() - begun:.3f}", flush=True)


if __name__ == "__main__":
    main()

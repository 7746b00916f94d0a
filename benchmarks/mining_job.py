"""What the benchmark of mining runs, each a process of its own: ``python -m benchmarks.mining_job rules FILE``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

LEAST = 100
"""Of the 100,000 baskets of T10I4D100K: support .001."""


def read(path: Path) -> list[list[int]]:
    """A basket a line."""
    return [[int(item) for item in line.split()] for line in path.read_text("ascii").splitlines()]


def rules(path: Path) -> dict[str, float]:
    """Frequent sets by our own miner: CPU seconds from flat arrays, as the stage gives them."""
    from siyu.profiles.rules.baskets import Baskets
    from siyu.profiles.rules.itemsets import frequent_itemsets

    lines = read(path)
    basket = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    items = np.concatenate([np.array(line) for line in lines])
    begun = time.process_time()
    held = Baskets.of(basket, items, count=len(lines), least=LEAST)
    found = frequent_itemsets(held, least=LEAST, most_items=40)
    return {"seconds": time.process_time() - begun, "sets": sum(sets.counts.size for sets in found)}


def pyfim(path: Path) -> dict[str, float]:
    """The same by ``pyfim`` (FP-growth, in C), from lists of its own kind."""
    import fim  # type: ignore[import-not-found]

    lines = read(path)
    begun = time.process_time()
    found = fim.fpgrowth(lines, target="s", supp=-LEAST, zmin=1)
    return {"seconds": time.process_time() - begun, "sets": len(found)}


def sentiment(path: Path) -> dict[str, float]:
    """``siyu reviews --judge``."""
    from siyu.app.judging import judge_reviews

    made = judge_reviews(path, text="review", label="label")
    return {"accuracy": made.accuracy, "reviews": made.reviews, "learned_from": made.learned_from}


JOBS = {"rules": rules, "pyfim": pyfim, "sentiment": sentiment}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]](Path(sys.argv[2]))))

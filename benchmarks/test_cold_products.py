"""Products that nobody has dealt with: how many of those bought later are found by what their texts say.

Every tenth product (by a hash of its id) loses all that happened with it before the split; only later purchases of such
are asked. Lists are judged twice: as they are, where a cold product must hold its own against all others, and
of cold products alone (everything else left out by a filter), as a shop fills a page of new arrivals.

    pytest -s benchmarks/test_cold_products.py
    python -m benchmarks.test_cold_products online_retail validation vectors content
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.conftest import REPOSITORY
from siyu.app.benchmarks.table import BENCHMARKS
from siyu.domain.progress import silent
from siyu.engine.port import Engine
from siyu.engine.schemas import EVENTS
from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.entrants import entrant
from siyu.recommendations.evaluation.exam import Exam, Part
from siyu.recommendations.evaluation.sitting import Desk, Sheet
from siyu.recommendations.evaluation.splitting import Shown, Split
from siyu.recommendations.settings import FilterSettings, RecommendationSettings

ONE_IN = 10


def cold(items: pa.Array) -> pa.Array:
    """Which products are cold."""
    told = {
        item: int(hashlib.sha256(item.encode()).hexdigest(), 16) % ONE_IN == 0 for item in items.unique().to_pylist()
    }
    return pa.array([told[item] for item in items.to_pylist()], pa.bool_())


@dataclass(frozen=True)
class ColdSplit:
    """Another split, from which everything about cold products is taken before anybody looks."""

    inner: Split

    def exam(self, shown: Shown, part: Part, folder: Path) -> Exam:
        """See :class:`siyu.recommendations.evaluation.splitting.Split`."""

        def prepare(view: Engine, now: datetime) -> None:
            view.table("events", "events")
            table = pa.Table.from_batches(
                [batch.cast(EVENTS) for batch in view.batches("SELECT * FROM events")], EVENTS
            )
            view.write(warm(table).to_reader(), "events")
            shown.prepare(view, now)

        exam = self.inner.exam(replace(shown, prepare=prepare), part, folder)
        wanted = exam.wanted.filter(cold(exam.wanted["item"].combine_chunks()))
        return replace(exam, wanted=wanted, late=None if exam.late is None else warm(exam.late))


def warm(events: pa.Table) -> pa.Table:
    """Events without those of cold products."""
    return events.filter(pc.invert(cold(events["item"].combine_chunks().fill_null(""))))


@contextmanager
def opened(name: str, part: Part, data: Path, split: Split | None = None) -> Iterator[tuple[Exam, int]]:
    """The cold exam of a benchmark, and its places."""
    benchmark = BENCHMARKS.load(name)
    with tempfile.TemporaryDirectory(prefix="siyu-cold-") as folder:
        found = benchmark.open(data, Path(folder) / "data", at=None, progress=silent)
        yield ColdSplit(split or found.split).exam(found.shown, part, Path(folder).resolve() / "exam"), benchmark.places


def judged(exam: Exam, places: int, model: str) -> dict[str, float]:
    """Recall among all products (``R``), and among cold ones (``R cold``); people served with a cold product."""
    sheet = Sheet.of(exam)
    truth, cool = sheet.truth("discover"), cold(sheet.items)
    named = entrant(model, top=places, base=RecommendationSettings()).settings
    others = tuple(sheet.items.filter(pc.invert(cool)).to_pylist())
    alone = named.model_copy(update={"filters": FilterSettings(items=others)})
    with Desk(exam, sheet, places) as desk:
        every, cost = desk.sit(named, model)
    with Desk(exam, sheet, places) as desk:
        only, _ = desk.sit(alone, model)
    found = {"people": float((truth.sizes > 0).sum()), "cold": float(pc.sum(cool).as_py())}
    for label, lists in (("", every), (" cold", only)):
        told = accuracy(lists["discover"], truth, places=places)
        found |= {f"R{label}": float(told["recall"].mean()), f"N{label}": float(told["ndcg"].mean())}
    served = pa.array((only["discover"] >= 0).any(axis=1)[truth.sizes > 0])
    return found | {"served": float(pc.mean(served.cast(pa.float64())).as_py()), "fit": cost.cpu_seconds["fit"]}


def table(name: str, part: Part, data: Path, models: Sequence[str]) -> dict[str, dict[str, float]]:
    """One line a model, printed."""
    with opened(name, part, data) as (exam, places):
        found = {}
        for model in models:
            found[model] = judged(exam, places, model)
            print(name, part.value, model, {key: round(value, 4) for key, value in found[model].items()}, flush=True)
        return found


@pytest.mark.slow
def test_texts_find_cold_products(real_data: Path) -> None:
    """Of some 380 cold products of Online Retail, drawn by chance 20 would name one in 19; nobody's history does."""
    found = table("online_retail", Part.TEST, real_data, ["vectors", "item_knn"])
    assert found["item_knn"]["R"] == found["item_knn"]["R cold"] == 0
    assert found["vectors"]["R cold"] > 2 * 20 / found["vectors"]["cold"]


if __name__ == "__main__":
    table(sys.argv[1], Part(sys.argv[2]), REPOSITORY.parent / "shared" / "data", sys.argv[3:])

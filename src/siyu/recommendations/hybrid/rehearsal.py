"""The rehearsal: models learn from what a sample of people did before the cut, and say what they find for some of them.

It is an exam of :mod:`siyu.recommendations.evaluation`: what may be seen is copied into a folder that holds nothing
else, and read through an engine that is sealed to it. Histories are read once; every model learns once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.schemas import FACTS, PRODUCTS
from siyu.engine.sql import fill, load, query
from siyu.recommendations import tables
from siyu.recommendations.evaluation.exam import Exam
from siyu.recommendations.evaluation.splitting import Shown, assemble
from siyu.recommendations.history import blocks, write_history
from siyu.recommendations.hybrid.sample import PACKAGE, Sample
from siyu.recommendations.hybrid.tastes import tastes
from siyu.recommendations.items import Items, read_items
from siyu.recommendations.lineup import made
from siyu.recommendations.people import People, block, signals
from siyu.recommendations.port import Recommender
from siyu.recommendations.scoring import Voice
from siyu.recommendations.settings import RecommendationSettings

_INTERESTS = 20
"""Interests of each facet that are read; models that use more are given these."""


@dataclass
class Rehearsal:
    """A stage of its own, set up as of the cut.

    Attributes:
        view: the sealed engine. ``everyone``: histories of the sample; ``asked``: of those who are asked for.
        wanted: person, item, owned: what they bought next.
    """

    view: Engine
    exam: Exam
    items: Items
    everyone: Sequence[People]
    asked: Sequence[People]
    settings: RecommendationSettings

    def voice(self, name: str, options: dict[str, Any], weight: float) -> Voice:
        """A model that has just learnt, ready to be listened to."""
        model = self.model(name, options)
        model.fit(self.view, lambda: iter(self.everyone), self.exam.now)
        return Voice.of(name, weight, model.scorer(self.view, self.exam.now), self.items)

    def model(self, name: str, options: dict[str, Any]) -> Recommender:
        """The model with these options and, before them, those of the shop."""
        return made(name, {**options, **self.settings.options.get(name, {})})


@contextmanager
def rehearsing(engine: Engine, sample: Sample, settings: RecommendationSettings) -> Iterator[Rehearsal]:
    """Set up; everything is gone afterwards.

    Raises:
        InputError: nobody who is asked for bought anything.
    """
    with TemporaryDirectory(prefix="siyu-rehearsal-") as folder:
        exam = _exam(engine, sample, Path(folder).resolve() / "tables")
        with exam.view() as view:
            yield _set_up(view, exam, settings, interests=has_interests(engine))


def has_interests(engine: Engine) -> bool:
    """Whether profiles were made: without them, models that read interests have nothing to say."""
    found = manifest.find(engine.root, "interests")
    return found is not None and found.rows > 0


def _exam(engine: Engine, sample: Sample, folder: Path) -> Exam:
    engine.table("rec_sample", sample.people)
    wanted = query(PACKAGE, "wanted", cut=sample.cut, until=sample.until)
    pairs = [batch.cast(_PAIR) for batch in engine.batches(wanted)]
    shown = Shown(
        engine, "rehearsal", catalogue=_catalogue(engine, sample), prepare=lambda view, now: None, memory="1GB"
    )  # fmt: skip
    return assemble(
        shown, folder, visible=query(PACKAGE, "visible", cut=sample.cut), wanted=pa.Table.from_batches(pairs, _PAIR),
        now=sample.cut, split={"kind": "time", "at": sample.cut.isoformat(), "until": sample.until.isoformat()},
    )  # fmt: skip


_PAIR = pa.schema([("person", pa.string()), ("item", pa.string())])


def _catalogue(engine: Engine, sample: Sample) -> Callable[[Engine, Any], tuple[str, ...]]:
    """Today's catalogue without stock; products that came after the cut are not there."""
    names = ", ".join("CAST(NULL AS BIGINT) AS stock" if name == "stock" else f"p.{name}" for name in PRODUCTS.names)
    listed = fill(load(PACKAGE, "listed").replace("$columns", names), cut=sample.cut)

    def catalogue(view: Engine, now: Any) -> tuple[str, ...]:
        view.write(_stream(engine, listed, PRODUCTS), "products")
        if manifest.find(engine.root, "facts") is not None:
            view.write(_stream(engine, "SELECT * FROM rec_facts WHERE slot = 'group'", FACTS), "facts")
        return ()

    return catalogue


def _stream(engine: Engine, sql: str, schema: pa.Schema) -> pa.RecordBatchReader:
    batches = (batch.select(schema.names).cast(schema) for batch in engine.batches(sql))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _set_up(view: Engine, exam: Exam, settings: RecommendationSettings, *, interests: bool) -> Rehearsal:
    now = exam.now
    tables.open_inputs(view)
    tables.write_items(view, settings, now, fresh=True)
    items = read_items(view)
    write_history(view, now, touched=False, rows=settings.block)
    everyone = list(blocks(view, now, settings.signals))
    view.table("rec_touched", exam.people)
    write_history(view, now, touched=True, rows=settings.block)
    if interests:
        view.table("rec_interests", tastes(view, list(blocks(view, now, settings.signals)), items.size))
    sql = tables.write_values(view, _INTERESTS if interests else 0)
    signal, moment = signals(settings.signals), int(now.timestamp())
    asked = [block(batch, moment, signal) for batch in view.batches(f"{sql} ORDER BY h.person", rows=settings.block)]
    return Rehearsal(view, exam, items, everyone, asked, settings)


def places(values: pa.Array, among: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Where each value lies; -1 for nowhere."""
    return np.asarray(pc.index_in(values, among).fill_null(-1).to_numpy(zero_copy_only=False), np.int64)

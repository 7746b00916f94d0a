"""Splits: by time, or each person's last act held out. Each makes exams of a test part and of a validation part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.errors import InputError
from siyu.engine import manifest
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.port import Engine, Sql
from siyu.engine.resolved import events
from siyu.engine.schemas import EVENTS
from siyu.engine.sql import query
from siyu.recommendations.evaluation.exam import WANTED, Exam, Part, Prepare
from siyu.recommendations.history import PACKAGE

_EVALUATION = f"{PACKAGE}.evaluation"
_PAIR = pa.schema([("person", pa.string()), ("item", pa.string())])


Catalogue: TypeAlias = Callable[[Engine, datetime], tuple[str, ...]]


@dataclass(frozen=True)
class Shown:
    """The data an exam is made of.

    Attributes:
        engine: with the datasets ``events`` and, where people were told apart, ``aliases``.
        name: as the report calls it.
        catalogue: leaves ``products`` as of a moment in a folder of visible rows, looking only at what was known then;
            answers with notes (keys of the report) where that was not possible.
        prepare: what earlier stages make of the visible rows.
        kind: the kind of act that is to be named.
        notes: what the reader must know of this data, as keys of the report.
    """

    engine: Engine
    name: str
    catalogue: Catalogue
    prepare: Prepare
    kind: str = "purchase"
    memory: str = "1500MB"
    threads: int = 0
    notes: tuple[str, ...] = ()


class Split(Protocol):
    """Makes exams."""

    def exam(self, shown: Shown, part: Part, folder: Path) -> Exam:
        """The exam of ``part``; what may be seen is written into ``folder``.

        Raises:
            InputError: nothing is left to learn from, or nobody to ask for.
        """
        ...


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Models see what happened up to ``at``; the truth is what happened from then until ``until`` (the last event).

    The validation part is the same, as long a stretch of time before: it ends at ``at``.
    """

    at: datetime
    until: datetime | None = None

    def exam(self, shown: Shown, part: Part, folder: Path) -> Exam:
        """See :class:`Split`."""
        events(shown.engine)
        first, last = _ends(shown.engine)
        until = min(self.until or last, last)
        if not first < self.at < until:
            raise InputError(
                f"A cut at {self.at:%Y-%m-%d %H:%M} leaves nothing on one of its sides.",
                why=f"The events lie between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M}.",
                next_step="Name a moment within, some weeks before the end, with --at.",
            )
        cut = self.at
        if part is Part.VALIDATION:
            stretch = min(until - self.at, (self.at - first) / 3)
            cut, until = self.at - stretch, self.at
        visible = query(_EVALUATION, "visible_before", cut=cut)
        wanted = _pairs(shown.engine, query(_EVALUATION, "wanted_after", kind=shown.kind, cut=cut, until=until))
        split = {"kind": "time", "at": cut.isoformat(), "until": until.isoformat(), "part": part.value}
        return assemble(shown, folder, visible=visible, wanted=wanted, now=cut, split=split)


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """The last act of each person is the test, the one before it the validation; models see the acts before both.

    Whoever has fewer than three acts is learnt from but not asked for. Of everyone else nothing is seen that they did
    at the moment of what is held out or later, of whatever kind. With ``refit`` the validation acts are learnt from.
    With ``ask_after`` they are not, but come before the list is asked for, so that it is made from a history that holds
    them: so SASRec, TIGER and most papers on sequences are measured. Its validation part is of the same kind, one act
    earlier: nothing is learnt from the last three acts, the last but two comes before the list, and the last but one is
    asked of whoever has four acts or more.
    """

    refit: bool = False
    ask_after: bool = False

    def exam(self, shown: Shown, part: Part, folder: Path) -> Exam:
        """See :class:`Split`."""
        events(shown.engine)
        _ends(shown.engine)
        ends = pa.Table.from_batches(
            [batch.cast(_END) for batch in shown.engine.batches(query(_EVALUATION, "ends", kind=shown.kind))], _END
        )
        shown.engine.table("held_out", ends)
        asked = 1 if part is Part.TEST else 2
        between = self.ask_after and not self.refit
        learnt_before = 1 if self.refit and part is Part.TEST else asked + 1 if between else 2
        visible = query(_EVALUATION, "visible_without_ends", place=learnt_before, kind=shown.kind)
        wanted = ends.filter(pc.equal(ends["place"], asked))
        split = {"kind": "leave-one-out", "part": part.value, "refit": self.refit and part is Part.TEST}
        late = None
        if between:
            # whoever is asked has done something before the two acts that are held out
            known = ends.filter(pc.equal(ends["place"], learnt_before + 1))
            wanted = wanted.filter(pc.is_in(wanted["person"], known["person"].combine_chunks()))
            split |= {"ask_after": True}
            late = _between(shown, (asked, learnt_before))
        wanted = wanted.select(["person", "item"])
        return assemble(shown, folder, visible=visible, wanted=wanted, now=None, split=split, late=late)


_END = pa.schema(
    [
        ("person", pa.string()),
        ("item", pa.string()),
        ("ts", pa.timestamp("us")),
        ("event_id", pa.string()),
        ("place", pa.int32()),
    ]
)


def assemble(
    shown: Shown,
    folder: Path,
    *,
    visible: str,
    wanted: pa.Table,
    now: datetime | None,
    split: Mapping[str, Any],
    late: pa.Table | None = None,
) -> Exam:
    """Copy what may be seen, let the earlier stages work on it, and close the books.

    Args:
        visible: query of the visible events; in the order of the columns of ``events`` it may hold more.
        wanted: pairs of person and item.
        now: where models stand; the last visible event where it is left out.

    Raises:
        InputError: nothing is left to learn from, or nobody to ask for.
    """
    view = EmbeddedEngine(folder, memory=shown.memory, threads=shown.threads)
    names = ", ".join(f"v.{name}" for name in EVENTS.names)
    view.write(_stream(shown.engine, f"SELECT {names} FROM ({visible}) v"), "events")
    _rates(shown.engine, view)
    view.seal()
    view.table("events", "events")
    counted = next(row for batch in view.batches(query(_EVALUATION, "counted")) for row in batch.to_pylist())
    if not counted["events"]:
        raise InputError(
            "Nothing is left to learn from.",
            why="The split leaves no event that models may see.",
            next_step="Choose another split, or a later moment.",
        )
    last = counted["last"] if late is None or not late.num_rows else max(counted["last"], pc.max(late["ts"]).as_py())
    moment = now or last.replace(tzinfo=UTC) + timedelta(seconds=1)
    notes = (*shown.notes, *shown.catalogue(view, moment))
    shown.prepare(view, moment)
    marked, counts = _marked(view, wanted, late, counted)
    if not marked.num_rows:
        raise InputError(
            "There is nobody to ask for.",
            why=f"Nobody who is known from before the split has an event of the kind {shown.kind!r} held out: "
            f"{counts['absent']:,} people have one and are unknown.",
            next_step="Choose another split, or another --kind of event.",
        )
    return Exam(
        folder, moment, marked, late, {**split, "now": moment.isoformat()}, counts,
        kind=shown.kind, memory=shown.memory, threads=shown.threads, notes=notes,
    )  # fmt: skip


def _marked(
    view: Engine, wanted: pa.Table, late: pa.Table | None, counted: Mapping[str, Any]
) -> tuple[pa.Table, dict[str, int]]:
    """The truth about people who are known, with what they own; and the counts of the exam."""
    view.table("wanted", wanted.cast(_PAIR))
    view.table("events", "events")
    view.table("products", "products")
    done = ["person", "item", "kind", "ts", "effective_ts", "quantity"]
    view.table("late", (EVENTS.empty_table() if late is None else late).select(done))
    names = ", ".join(done)
    view.table("known_events", Sql(f"SELECT {names} FROM events UNION ALL SELECT {names} FROM late"))
    known = "SELECT DISTINCT person FROM known_events"
    owned = query(_EVALUATION, "owned")
    sql = (
        "SELECT w.person, w.item, o.item IS NOT NULL AS owned FROM (SELECT DISTINCT person, item FROM wanted) w "
        f"JOIN ({known}) k ON k.person = w.person LEFT JOIN ({owned}) o ON o.person = w.person AND o.item = w.item"
    )
    marked = pa.Table.from_batches([batch.cast(WANTED) for batch in view.batches(sql)], WANTED)
    items = "SELECT item FROM products UNION SELECT item FROM events"
    absent = _count(view, f"SELECT count(DISTINCT w.person) FROM wanted w WHERE w.person NOT IN ({known})")
    lost = f"SELECT count(DISTINCT w.item) FROM wanted w LEFT JOIN ({items}) i ON i.item = w.item WHERE i.item IS NULL"
    counts = {
        "events": int(counted["events"]),
        "people": int(counted["people"]),
        "items": _count(view, f"SELECT count(*) FROM ({items}) i WHERE item IS NOT NULL"),
        "asked": marked.select(["person"]).group_by("person").aggregate([]).num_rows,
        "wanted": marked.num_rows,
        "absent": absent,
        "absent_items": _count(view, lost),
    }
    return marked.sort_by([("person", "ascending"), ("item", "ascending")]), counts


def _between(shown: Shown, places: tuple[int, int]) -> pa.Table:
    """What people did from the act that nothing is learnt from on, up to what is asked of them."""
    sides = [query(_EVALUATION, "visible_without_ends", place=place, kind=shown.kind) for place in places]
    sql = f"SELECT a.* FROM ({sides[0]}) a LEFT JOIN ({sides[1]}) b ON b.event_id = a.event_id WHERE b.event_id IS NULL"
    batches = [batch.select(EVENTS.names).cast(EVENTS) for batch in shown.engine.batches(sql)]
    return pa.Table.from_batches(batches, EVENTS)


def _stream(engine: Engine, sql: str) -> pa.RecordBatchReader:
    def cast() -> Iterator[pa.RecordBatch]:
        for batch in engine.batches(sql):
            yield batch.cast(EVENTS)

    return pa.RecordBatchReader.from_batches(EVENTS, cast())


def _rates(engine: Engine, view: Engine) -> None:
    """Exchange rates say nothing of what people do."""
    if manifest.find(engine.root, "rates") is not None:
        engine.table("evaluated_rates", "rates")
        batches = list(engine.batches("SELECT * FROM evaluated_rates"))
        if batches:
            view.write(pa.Table.from_batches(batches).to_reader(), "rates")


def _ends(engine: Engine) -> tuple[datetime, datetime]:
    found = next(row for batch in engine.batches(query(_EVALUATION, "counted")) for row in batch.to_pylist())
    if not found["events"]:
        raise InputError(
            "There are no events to evaluate on.",
            why="The dataset is empty.",
            next_step="Import some first: `siyu import`.",
        )
    return found["first"].replace(tzinfo=UTC), found["last"].replace(tzinfo=UTC)


def _pairs(engine: Engine, sql: str) -> pa.Table:
    return pa.Table.from_batches([batch.cast(_PAIR) for batch in engine.batches(sql)], _PAIR)


def _count(engine: Engine, sql: str) -> int:
    return int(next(batch.column(0)[0].as_py() for batch in engine.batches(sql)))

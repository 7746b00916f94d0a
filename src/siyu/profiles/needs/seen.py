"""What may be looked at: a view of the events before a moment, and one of those after it. No feature sees another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from siyu.engine import resolved
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import literal, query
from siyu.profiles.inputs import number
from siyu.profiles.needs.features import COLUMNS, Known

PACKAGE = "siyu.profiles.needs"
SAMPLE = "needs_sample"
OF_TOUCHED = "needs_of_touched"
SCRATCH = (SAMPLE, OF_TOUCHED, "needs_touched", "needs_kinds")
_MOMENT = timedelta(microseconds=1)


def until(now: datetime) -> datetime:
    """The first moment that is later than ``now``."""
    return now + _MOMENT


def open_events(engine: Engine, now: datetime) -> None:
    """Make ``needs_known`` readable: what everybody did up to now."""
    resolved.events(engine, name="needs_events")
    engine.table("needs_known", Sql(query(PACKAGE, "known", until=until(now))))


def draw(engine: Engine, most: int, seed: int) -> tuple[int, int]:
    """Make ``needs_sample`` readable: the events of at most about ``most`` people. Returns people known, and drawn."""
    people = number(engine, "SELECT count(*) FROM (SELECT person FROM needs_known GROUP BY person) p")
    share = min(1.0, most / max(people, 1))
    below = "g" if share >= 1 else f"{int(share * 2**32):08x}"  # g is above every hexadecimal digit
    engine.write(query(PACKAGE, "sampled", seed=str(seed), below=below), SAMPLE, scratch=True)
    engine.table(SAMPLE, SAMPLE)
    drawn = number(engine, f"SELECT count(*) FROM (SELECT person FROM {SAMPLE} GROUP BY person) p")
    return people, drawn


def span(engine: Engine) -> tuple[datetime, datetime] | None:
    """First and last moment of what is known; ``None`` where nothing is."""
    for batch in engine.batches("SELECT min(ts) AS first, max(ts) AS last FROM needs_known"):
        first, last = batch.column(0)[0].as_py(), batch.column(1)[0].as_py()
        if first is not None:
            return first, last
    return None


def see(engine: Engine, source: str, cut: datetime) -> None:
    """Make ``needs_seen`` readable: of ``source`` only what happened before ``cut``."""
    engine.table("needs_seen", Sql(f"SELECT * FROM {source} WHERE ts < {literal(cut)}"))


def see_later(engine: Engine, source: str, cut: datetime, days: float) -> None:
    """Make ``needs_later`` readable: of ``source`` only what happened within ``days`` from ``cut``."""
    end = cut + timedelta(days=days)
    engine.table("needs_later", Sql(f"SELECT * FROM {source} WHERE ts >= {literal(cut)} AND ts < {literal(end)}"))


def features_sql(cut: datetime) -> str:
    """The query over ``needs_seen`` that :class:`~siyu.profiles.needs.features.Known` reads."""
    week, month, quarter = (cut - timedelta(days=days) for days in (7, 30, 90))
    return query(PACKAGE, "features", now=cut, week=week, month=month, quarter=quarter)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What people did after a :class:`Cut`: days until they bought (infinite: not), days with purchases, money."""

    next_days: np.ndarray
    buys: np.ndarray
    amount: np.ndarray


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment of the past: who was known, what of them, and what they did next."""

    at: datetime
    people: np.ndarray
    known: Known
    after: Outcomes


def look_back(engine: Engine, source: str, cut: datetime, days: float) -> Cut:
    """What was known at ``cut`` of the people in ``source``, and what they did in the ``days`` after it."""
    see(engine, source, cut)
    rows = _table(engine.batches(features_sql(cut)), _schema(("person",), COLUMNS)).sort_by("person")
    people = rows.column("person").to_numpy()
    see_later(engine, source, cut, days)
    sql = query(PACKAGE, "outcomes", cut=cut)
    later = _table(engine.batches(sql), _schema(("person",), ("next_days", "buys", "amount")))
    place = np.searchsorted(people, later.column("person").to_numpy())
    there = place < len(people)
    there[there] = people[place[there]] == later.column("person").to_numpy()[there]
    next_days, buys, amount = np.full(len(people), np.inf), np.zeros(len(people)), np.zeros(len(people))
    found = later.filter(pa.array(there))
    next_days[place[there]] = _floats(found, "next_days", np.inf)
    buys[place[there]] = _floats(found, "buys", 0.0)
    amount[place[there]] = np.maximum(_floats(found, "amount", 0.0), 0)
    return Cut(cut, people, Known.of(rows), Outcomes(next_days, buys, amount))


def _schema(texts: tuple[str, ...], numbers: tuple[str, ...]) -> pa.Schema:
    return pa.schema([*((name, pa.string()) for name in texts), *((name, pa.float64()) for name in numbers)])


def _table(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches([batch.select(schema.names).cast(schema) for batch in batches], schema)


def _floats(rows: pa.Table, name: str, none: float) -> np.ndarray:
    found: np.ndarray = np.nan_to_num(rows.column(name).to_numpy(), nan=none, posinf=np.inf)
    return found

"""The histories of people: their events by number, in buckets of people, so that a run reads whom it needs.

Dataset ``profile_histories`` is added to by every run. It holds nothing that depends on settings, on now, or on who
somebody turned out to be: weights, returns and aliases are worked out when it is read. Dataset ``profile_who`` numbers
the stored pseudonyms and says which person each stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.engine import manifest, money
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS
from siyu.engine.sql import literal, query
from siyu.profiles import valence
from siyu.profiles.acts import table
from siyu.profiles.inputs import PACKAGE, number
from siyu.profiles.mark import Mark
from siyu.profiles.values import Values

HISTORIES = "profile_histories"
WHO = "profile_who"
_NUMBERS, _CHANGES = "profile_numbers_new", "profile_who_changes"
TOUCHED, _KEYS, _ROWS = "profile_touched", "profile_touched_people", "profile_touched_rows"
SCRATCH = (_NUMBERS, _CHANGES, TOUCHED, _KEYS, _ROWS, valence.DATASET)

FORMER = (
    "profile_state",
    "profile_restated",
    "profile_shares",
    "profile_population",
    "profile_spoken",
    "profile_value_names",
    "profile_item_values",
    "profile_orders",
)
"""Datasets of earlier versions: copies of people's data that nothing reads any more."""

ROWS_AT_ONCE = 500_000
"""A bucket holds the people of about so many events: this bounds memory, not the size of a shop."""
_HELD = 2_500_000
"""Up to so many events of the people touched are held in memory (about 100 bytes each) and not written aside."""

_WHO = pa.schema([("no", pa.int32()), ("stored", pa.string()), ("person_no", pa.int32())])


@dataclass(frozen=True, slots=True)
class Who:
    """Stored pseudonyms by number.

    Attributes:
        names: of each number, the pseudonym; number 0 is nobody.
        person_of: of each number, that of the person it stands for now.
    """

    names: pa.Array
    person_of: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Histories in ``count`` buckets of people; ``read`` gives the rows of one, each but once where they are held."""

    count: int
    read: Callable[[int], pa.Table]


def update(engine: Engine, mark: Mark | None) -> None:
    """Add the events that came after ``mark`` (all of them, without one).

    Makes ``profile_who``, ``profile_histories`` and ``profile_added`` (what was added) readable. Needs the views of
    :func:`siyu.profiles.inputs.register`.
    """
    engine.table("profile_stored", "events", after=mark.version if mark else 0)
    money.priced(engine, "profile_stored", "profile_new", EVENTS.names)  # spend is added up in one currency
    _number(engine, fresh=mark is None)
    added = number(engine, "SELECT count(*) FROM profile_new")
    before = manifest.require(engine.root, HISTORIES).version if mark else 0
    if mark is None or added:
        valence.register(engine, "profile_new")
        buckets = 1 if mark else _buckets(added)
        rows = _by_bucket(engine, query(PACKAGE, "histories", buckets=buckets), buckets)
        engine.write(rows, HISTORIES, append=mark is not None, meta={"buckets": buckets})
    engine.table("profile_added", HISTORIES, after=before)
    engine.table(HISTORIES, HISTORIES)


def _number(engine: Engine, *, fresh: bool) -> None:
    """Bring ``profile_who`` up to date, and make ``profile_who_changes`` (no, person_no, person_before) readable."""
    engine.table("profile_known", _WHO.empty_table() if fresh else WHO)
    known = number(engine, "SELECT max(no) FROM profile_known")
    engine.write(query(PACKAGE, "numbers", known=known), _NUMBERS, scratch=True)
    engine.table(_NUMBERS, _NUMBERS)
    engine.table(
        "profile_numbers",
        Sql(f"SELECT no, stored FROM profile_known UNION ALL SELECT no, stored FROM {_NUMBERS}"),
    )
    if fresh:
        engine.write(query(PACKAGE, "who"), WHO)
    else:
        engine.table("profile_who_now", Sql(query(PACKAGE, "who")))
        engine.write(query(PACKAGE, "who_changes"), _CHANGES, scratch=True)
        engine.table(_CHANGES, _CHANGES)
        engine.write(f"SELECT no, stored, person_no FROM {_CHANGES}", WHO, supersede=f"SELECT no FROM {_CHANGES}")
    engine.table(WHO, WHO)


def who(engine: Engine) -> Who:
    """Dataset ``profile_who`` as arrays."""
    rows = table(engine.batches(f"SELECT no, stored, person_no FROM {WHO}"), _WHO).sort_by("no")
    names = pa.concat_arrays([pa.nulls(1, pa.string()), *rows.column("stored").chunks])
    return Who(names, np.append(np.int32(0), rows.column("person_no").to_numpy()))


def touch(engine: Engine, values: Values, mark: Mark, now: datetime) -> int:
    """Find the people whose profiles must be made again, and return how many; see ``sql/touched.sql``."""
    changed = values.digest() != mark.said
    items, words = _changed(engine, values) if changed else (_texts("item"), _texts("word"))
    engine.table("profile_changed_items", items)
    engine.table("profile_changed_words", words)
    engine.write(
        query(PACKAGE, "touched", before=mark.now, now=now, pending=mark.pending, changed_words=words.num_rows),
        TOUCHED,
        scratch=True,
    )
    engine.table(TOUCHED, TOUCHED)
    engine.write(query(PACKAGE, "touched_people"), _KEYS, scratch=True)
    engine.table(_KEYS, _KEYS)
    return number(engine, f"SELECT count(*) FROM {TOUCHED}")


def _changed(engine: Engine, values: Values) -> tuple[pa.Table, pa.Table]:
    engine.table("profile_said", values.table())
    engine.table("profile_forms", values.forms())
    engine.table("profile_said_before", "profile_said")
    engine.table("profile_forms_before", "profile_forms")
    items = table(engine.batches(query(PACKAGE, "changed_items")), _texts("item").schema)
    words = table(engine.batches(query(PACKAGE, "changed_words")), _texts("word").schema)
    return items, words


def keep_said(engine: Engine, values: Values) -> None:
    """Remember what items and words stand for, for the next run to compare."""
    for name, rows in (("profile_said", values.table()), ("profile_forms", values.forms())):
        engine.write(pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches()), name)


def cluster_all(engine: Engine, now: datetime, *, again: bool) -> Buckets:
    """Everybody's histories in buckets; ``again`` puts them in buckets as people are now."""
    if again:
        buckets = _buckets(manifest.require(engine.root, HISTORIES).rows)
        engine.table("profile_source", HISTORIES)
        moved = _by_bucket(engine, query(PACKAGE, "clustered", buckets=buckets), buckets)
        engine.write(moved, HISTORIES, meta={"buckets": buckets})
        engine.table(HISTORIES, HISTORIES)
    engine.table("profile_clustered", HISTORIES)
    buckets = int(str(manifest.require(engine.root, HISTORIES).meta["buckets"]))
    return Buckets(buckets, partial(rows, engine, now))


def cluster_touched(engine: Engine, now: datetime) -> Buckets:
    """The histories of the people touched, in buckets."""
    engine.table(
        "profile_source",
        Sql(f"SELECT h.* FROM {HISTORIES} h SEMI JOIN {_KEYS} t ON t.no = h.no WHERE h.ts <= {literal(now)}"),
    )
    found = number(engine, "SELECT count(*) FROM profile_source")
    buckets = _buckets(found)
    sql = query(PACKAGE, "clustered", buckets=buckets)
    if found <= _HELD:
        held: dict[int, list[pa.RecordBatch]] = {}
        for piece in _pieces(engine, sql, buckets, _PLAIN):
            held.setdefault(piece.column("bucket")[0].as_py(), []).append(piece)
        return Buckets(buckets, lambda bucket: pa.Table.from_batches(held.pop(bucket, []), schema=_PLAIN))
    engine.write(_by_bucket(engine, sql, buckets), _ROWS, scratch=True)
    engine.table("profile_clustered", _ROWS)
    return Buckets(buckets, partial(rows, engine, now))


def rows(engine: Engine, now: datetime, bucket: int) -> pa.Table:
    """Rows of one bucket of ``profile_clustered``."""
    return table(engine.batches(query(PACKAGE, "rows", bucket=bucket, now=now), rows=ROWS_AT_ONCE), HISTORY)


def touched_keys(column: str) -> str:
    """A query of every key of the people touched: ``no``, or ``person`` (their pseudonyms)."""
    return f"SELECT no FROM {_KEYS}" if column == "no" else f"SELECT stored AS {column} FROM {_KEYS}"


def _by_bucket(engine: Engine, sql: str, buckets: int) -> pa.RecordBatchReader:
    """Rows of ``sql`` in pieces of one bucket: a reader of a bucket skips the pieces of the others."""
    return pa.RecordBatchReader.from_batches(_STORED, _pieces(engine, sql, buckets, _STORED))


def _pieces(engine: Engine, sql: str, buckets: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in engine.batches(sql, rows=ROWS_AT_ONCE // 2):
        columns = [_as(batch.column(field.name), field.type) for field in schema]
        bucket = columns[0].to_numpy()
        order = np.argsort(bucket.astype(np.int16), kind="stable")
        found = pa.record_batch(columns, schema=schema).take(pa.array(order))
        start = 0
        for end in np.cumsum(np.bincount(bucket, minlength=buckets)).tolist():
            if end > start:
                yield found.slice(start, end - start)
            start = end


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column.cast(kind.value_type).dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)


def _buckets(rows: int) -> int:
    return max(1, -(-rows // ROWS_AT_ONCE))


def _texts(name: str) -> pa.Table:
    return pa.table({name: pa.array([], pa.string())})


HISTORY = pa.schema(
    [
        ("no", pa.int32()),
        ("event_id", pa.string()),
        ("kind", pa.string()),
        ("ts", pa.timestamp("us")),
        ("effective_ts", pa.timestamp("us")),
        ("item", pa.string()),
        ("quantity", pa.float64()),
        ("unit_price", pa.float64()),
        ("order_id", pa.string()),
        ("tokens", pa.list_(pa.string())),
        ("valence", pa.float64()),
        ("channel", pa.string()),
        ("language", pa.string()),
    ]
)

_SAID_OFTEN = ("kind", "item", "channel", "language")
_PLAIN = pa.schema([pa.field("bucket", pa.int32()), *HISTORY])
_STORED = pa.schema(
    [
        field.with_type(pa.dictionary(pa.int32(), pa.string())) if field.name in _SAID_OFTEN else field
        for field in _PLAIN
    ]
)
"""Histories as they are stored: what is said often, as numbers into dictionaries."""

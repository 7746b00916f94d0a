"""Runs, bulk statements and moments."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from siyu.store import conflict, people, runs
from siyu.store.bulk import run_many
from siyu.store.database import open_store
from siyu.store.tables import Moment, microseconds

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-7))])))
def test_moments_keep_every_microsecond(moment: datetime) -> None:
    kept = Moment().process_bind_param(moment, postgresql.dialect())
    assert Moment().process_result_value(kept, postgresql.dialect()) == moment


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        microseconds(datetime(2026, 6, 1))  # noqa: DTZ001 - that is the point


def test_a_run_is_noted_from_start_to_end() -> None:
    store = open_store("sqlite://")
    with store.connection() as connection:
        first = runs.begin(connection, "events", NOW)
        second = runs.begin(connection, "events", NOW)
        ended = NOW + timedelta(seconds=3)
        runs.finish(connection, first, finished=ended, counts={"rows": 7}, seconds=3.0, peak_bytes=1 << 33)
        runs.finish(connection, second, finished=ended, seconds=3.0, peak_bytes=1, failure="disk full")
        newest, oldest = runs.latest(connection, "events")
        assert runs.latest(connection, "profiles") == []
    assert (newest.run, newest.outcome, newest.failure) == (second, "failed", "disk full")
    assert (oldest.outcome, json.loads(oldest.counts), oldest.peak_bytes) == ("done", {"rows": 7}, 1 << 33)
    assert oldest.finished == ended


def test_many_rows_take_defaults_from_the_schema_and_skip_what_is_there() -> None:
    store = open_store("sqlite://")
    row = {"person": "a" * 32, "external_id": b"1", "data_key": b"k", "registered_at": microseconds(NOW)}
    with store.connection() as connection:
        people.add(connection, [row])
        people.add(connection, [{**row, "data_key": b"other"}, {**row, "person": "b" * 32}])
        run_many(connection, people.PEOPLE.insert(), [])
        found = {one.person: one for one in people.find(connection, ["a" * 32, "b" * 32, "c" * 32])}
    assert sorted(found) == ["a" * 32, "b" * 32]
    assert (found["a" * 32].data_key, found["a" * 32].language, found["a" * 32].personalised) == (b"k", "", True)
    assert found["a" * 32].registered_at == NOW


def test_the_same_insert_is_written_for_postgresql() -> None:
    class Elsewhere:
        dialect = postgresql.dialect()

    statement = conflict.insert(Elsewhere(), people.PEOPLE).on_conflict_do_nothing(index_elements=["person"])  # type: ignore[arg-type]
    assert "ON CONFLICT (person) DO NOTHING" in str(statement.compile(dialect=Elsewhere.dialect))

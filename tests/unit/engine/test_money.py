"""Money of several currencies: by hand, and by laws (identity, round trip, the last known day, never across)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.engine import money, resolved
from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.money import Quote, known, series
from siyu.engine.schemas import EVENTS

DAY = date(2026, 5, 1)


def days(count: int) -> date:
    return DAY + timedelta(days=count)


def event(number: int, price: float | None, currency: str | None, day: float, **more: Any) -> dict[str, Any]:
    ts = datetime(2026, 5, 1) + timedelta(days=day)  # noqa: DTZ001 - stored without a zone, as UTC
    plain = {"event_id": f"e{number}", "person": "p", "kind": "purchase", "ts": ts, "effective_ts": ts, "item": "a"}
    return {**dict.fromkeys(EVENTS.names), **plain, "quantity": 1.0, "unit_price": price, "currency": currency, **more}


def base_prices(engine: EmbeddedEngine, *rows: dict[str, Any]) -> list[float | None]:
    engine.write(pa.Table.from_pylist(list(rows), EVENTS).to_reader(), "events")
    resolved.events(engine, name="seen")
    query = "SELECT base_price, unit_price FROM seen ORDER BY event_id"
    found = [row for batch in engine.batches(query) for row in batch.to_pylist()]
    assert [row["unit_price"] for row in found] == [row["unit_price"] for row in rows]  # as the shop wrote it
    return [None if row["base_price"] is None else round(row["base_price"], 6) for row in found]


def test_the_rate_of_the_day_is_the_last_known_one(engine: EmbeddedEngine) -> None:
    money.publish(engine, [Quote(days(2), "USD", "CNY", 7.0), Quote(days(5), "USD", "CNY", 8.0)], "CNY")
    found = base_prices(
        engine,
        event(1, 10, "USD", 1.99),  # before any rate: not converted
        event(2, 10, "USD", 2.0),
        event(3, 10, "USD", 4.99),
        event(4, 10, "USD", 5.0),
        event(5, 10, "USD", 400),
        event(6, 10, "CNY", 0),
        event(7, 10, "EUR", 3),
        event(8, None, None, 3),
    )
    assert found == [None, 70, 70, 80, 80, 10, None, None]
    assert money.unconverted(engine, "seen") == (
        money.Unconverted("EUR", 1, 10.0),
        money.Unconverted("USD", 1, 10.0),
    )


def test_a_return_takes_the_rate_of_what_it_undoes(engine: EmbeddedEngine) -> None:
    money.publish(engine, [Quote(days(0), "USD", "CNY", 7.0), Quote(days(5), "USD", "CNY", 8.0)], "CNY")
    bought = datetime(2026, 5, 2)  # noqa: DTZ001
    assert base_prices(engine, event(1, 10, "USD", 1), event(2, 10, "USD", 9, kind="return", effective_ts=bought)) == [
        70,
        70,
    ]


def test_without_any_rate_nothing_is_added_across(engine: EmbeddedEngine) -> None:
    money.publish(engine, [], "CNY")
    assert base_prices(engine, event(1, 10, "USD", 1), event(2, 10, "CNY", 1)) == [None, 10]


def test_a_stage_alone_has_one_currency(engine: EmbeddedEngine) -> None:
    assert base_prices(engine, event(1, 10, "USD", 1), event(2, 5, "USD", 1)) == [10, 5]


def test_people_are_resolved_and_money_converted_at_once(engine: EmbeddedEngine) -> None:
    money.publish(engine, [Quote(days(0), "USD", "CNY", 7.0)], "CNY")
    aliases = pa.table({"alias": ["p"], "person": ["known"]})
    engine.write(aliases.to_reader(), resolved.ALIASES)
    assert base_prices(engine, event(1, 10, "USD", 1)) == [70]
    assert [b.column(0)[0].as_py() for b in engine.batches("SELECT person FROM seen")] == ["known"]


def test_publishing_the_same_again_writes_nothing(engine: EmbeddedEngine) -> None:
    from siyu.engine import manifest

    for rate, version in ((7.0, 1), (7.0, 1), (7.5, 2)):
        money.publish(engine, [Quote(days(0), "USD", "CNY", rate)], "CNY")
        assert manifest.require(engine.root, money.RATES).version == version


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        ([("USD", "CNY", 7.0)], 7.0),
        ([("CNY", "USD", 0.125)], 8.0),  # the other way round
        ([("EUR", "USD", 1.25), ("EUR", "CNY", 8.0)], 6.4),  # through a third: 8 / 1.25
        ([("CNY", "USD", 0.125), ("USD", "CNY", 7.0)], 7.0),  # as quoted wins
        ([("GBP", "EUR", 1.2)], None),
    ],
)
def test_pairs_inverse_and_cross_rates(quotes: list[tuple[str, str, float]], expected: float | None) -> None:
    found = series([Quote(DAY, *one) for one in quotes], "CNY")
    assert (found["USD"][0][1] if "USD" in found else None) == (pytest.approx(expected) if expected else None)


rates = st.floats(min_value=1e-4, max_value=1e4)
dated = st.lists(st.tuples(st.integers(0, 400), rates), min_size=1, max_size=20, unique_by=lambda pair: pair[0])


@given(dated, st.floats(min_value=0.01, max_value=1e6), st.integers(0, 500))
def test_there_and_back_is_where_it_began(quoted: list[tuple[int, float]], amount: float, when: int) -> None:
    quotes = [Quote(days(day), "USD", "CNY", rate) for day, rate in quoted]
    there, back = known(series(quotes, "CNY")["USD"], days(when)), known(series(quotes, "USD")["CNY"], days(when))
    assert (there is None) == (back is None) == all(day > when for day, _ in quoted)
    if there is not None and back is not None:
        assert amount * there * back == pytest.approx(amount, rel=1e-12)


@given(dated, st.integers(0, 500))
def test_the_rate_is_that_of_the_latest_day_not_after(quoted: list[tuple[int, float]], when: int) -> None:
    found = known(series([Quote(days(day), "USD", "CNY", rate) for day, rate in quoted], "CNY")["USD"], days(when))
    past = [pair for pair in quoted if pair[0] <= when]
    assert found == (max(past)[1] if past else None)


@given(dated)
def test_days_are_in_order_and_the_base_needs_no_rate(quoted: list[tuple[int, float]]) -> None:
    quotes = [Quote(days(day), "EUR", other, rate) for day, rate in quoted for other in ("USD", "CNY")]
    for base in ("CNY", "EUR", "USD"):
        found = series(quotes, base)
        assert base not in found
        assert all(list(one) == sorted(one) and len({day for day, _ in one}) == len(one) for one in found.values())


@given(dated, st.lists(st.integers(0, 450), min_size=1, max_size=8))
def test_tables_say_what_the_series_say(quoted: list[tuple[int, float]], moments: list[int]) -> None:
    import tempfile
    from pathlib import Path

    quotes = [Quote(days(day), "USD", "CNY", rate) for day, rate in quoted]
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), memory="500MB", threads=1)
        money.publish(engine, quotes, "CNY")
        found = base_prices(engine, *(event(n, 1.0, "USD", moment + 0.5) for n, moment in enumerate(moments)))
    told = [known(series(quotes, "CNY")["USD"], days(moment)) for moment in moments]
    assert found == [None if rate is None else round(rate, 6) for rate in told]

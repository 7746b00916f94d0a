"""Money of several currencies as one: the price of an event in the project's currency, by the rate of its day.

The rate in force is the last one known on the event's UTC day or before. Without one there is no ``base_price``: what
stands in another currency is never added up as if it did not. The price as the shop wrote it stays in ``unit_price``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pyarrow as pa

from siyu.domain import columns as c
from siyu.engine import manifest
from siyu.engine.port import Engine, Sql
from siyu.engine.sql import literal

RATES: Final = "rates"
"""Dataset of (currency, day, rate): what one was worth in the project's currency, a row for every day."""

SCHEMA: Final = pa.schema([("currency", pa.string()), ("day", pa.date32()), ("rate", pa.float64())])


@dataclass(frozen=True, slots=True)
class Quote:
    """On ``day`` and until the next quote of the pair, one ``source`` buys ``rate`` of ``target``."""

    day: date
    source: str
    target: str
    rate: float


@dataclass(frozen=True, slots=True)
class Unconverted:
    """Priced events in a currency without a rate on their day; ``amount`` is in that currency."""

    currency: str
    events: int
    amount: float


Series = list[tuple[date, float]]


def series(quotes: Sequence[Quote], base: str) -> dict[str, Series]:
    """Rates to ``base`` for every currency that has some, by day.

    A pair is taken as quoted or the other way round (as quoted where a day has both); a currency without a pair with
    ``base`` goes through one third currency, that with the most quotes, as feeds quote everything against one.

    Example:
        >>> day = date(2026, 1, 2)
        >>> ecb = [Quote(day, "EUR", "USD", 1.25), Quote(day, "EUR", "CNY", 8.0)]
        >>> [(currency, rates[0][1]) for currency, rates in sorted(series(ecb, "CNY").items())]
        [('EUR', 8.0), ('USD', 6.4)]
    """
    pairs: dict[tuple[str, str], dict[date, float]] = defaultdict(dict)
    for quote in quotes:
        pairs[quote.target, quote.source].setdefault(quote.day, 1 / quote.rate)
    for quote in quotes:
        pairs[quote.source, quote.target][quote.day] = quote.rate
    ordered = {pair: sorted(days.items()) for pair, days in pairs.items()}
    found: dict[str, Series] = {}
    for currency in sorted({pair[0] for pair in ordered} - {base}):
        direct = ordered.get((currency, base))
        found[currency] = direct or _through(currency, base, ordered)
    return {currency: rates for currency, rates in found.items() if rates}


def _through(currency: str, base: str, ordered: Mapping[tuple[str, str], Series]) -> Series:
    between = [third for first, third in ordered if first == currency and (third, base) in ordered]
    if not between:
        return []
    third = min(between, key=lambda name: (-len(ordered[currency, name]) - len(ordered[name, base]), name))
    first, second = ordered[currency, third], ordered[third, base]
    days = sorted({day for day, _ in first} | {day for day, _ in second})
    both = ((day, known(first, day), known(second, day)) for day in days)
    return [(day, left * right) for day, left, right in both if left is not None and right is not None]


def known(rates: Series, day: date) -> float | None:
    """The last rate on ``day`` or before it; ``None`` where there is none yet."""
    place = bisect_right(rates, (day, float("inf")))
    return rates[place - 1][1] if place else None


def publish(engine: Engine, quotes: Sequence[Quote], base: str) -> None:
    """Publish the rates to ``base``, one row a currency and day from its first quote to the last day of any."""
    found = series(quotes, base)
    last = max((rates[-1][0] for rates in found.values()), default=None)
    rows = [row for currency, rates in found.items() for row in _daily(currency, rates, last or rates[-1][0])]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    table = pa.Table.from_arrays([pa.array(v, f.type) for v, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
    meta: dict[str, object] = {"currency": base, "last": last.isoformat() if last else ""}
    before = manifest.find(engine.root, RATES)
    if before is None or dict(before.meta) != meta or _stored(engine) != table:
        engine.write(table.to_reader(), RATES, meta=meta)


def _daily(currency: str, rates: Series, last: date) -> Iterator[tuple[str, date, float]]:
    ends = [day for day, _ in rates[1:]] + [last + timedelta(days=1)]
    for (day, rate), end in zip(rates, ends, strict=True):
        for ahead in range((end - day).days):
            yield currency, day + timedelta(days=ahead), rate


def _stored(engine: Engine) -> pa.Table:
    engine.table("money_stored", RATES)
    batches = engine.batches("SELECT currency, day, rate FROM money_stored ORDER BY currency, day")
    return pa.Table.from_batches([batch.cast(SCHEMA) for batch in batches], SCHEMA)


def on(engine: Engine, day: date) -> pa.Table:
    """Currency and rate on ``day``, the project's own (1) among them; empty where no rates were published."""
    found = manifest.find(engine.root, RATES)
    if found is None:
        return SCHEMA.empty_table().select([c.CURRENCY, "rate"])
    rows = [(str(found.meta["currency"]), 1.0)]
    if found.rows:
        engine.table("money_rates", RATES)
        asked = min(day, date.fromisoformat(str(found.meta["last"])))
        sql = f"SELECT currency, rate FROM money_rates WHERE day = CAST({literal(asked.isoformat())} AS DATE)"
        rows += [tuple(row.values()) for batch in engine.batches(sql) for row in batch.to_pylist()]
    columns = list(zip(*rows, strict=True))
    return pa.table({c.CURRENCY: pa.array(columns[0], pa.string()), "rate": pa.array(columns[1], pa.float64())})


def priced(engine: Engine, source: str, name: str, columns: Sequence[str]) -> None:
    """Make the events readable as ``source`` readable as ``name`` with one column more, ``base_price``.

    A return takes the rate of the purchase it undoes. A project that published no rates (a stage alone, under test)
    has one currency.
    """
    listed = ", ".join(f"e.{column}" for column in columns)
    found = manifest.find(engine.root, RATES)
    if found is None:
        engine.table(name, Sql(f"SELECT {listed}, e.{c.UNIT_PRICE} AS {c.BASE_PRICE} FROM {source} e"))
        return
    own = f"e.{c.CURRENCY} = {literal(str(found.meta['currency']))}"
    if not found.rows:
        plain = f"CASE WHEN {own} THEN e.{c.UNIT_PRICE} END"
        engine.table(name, Sql(f"SELECT {listed}, {plain} AS {c.BASE_PRICE} FROM {source} e"))
        return
    engine.table("money_rates", RATES)
    last = f"CAST({literal(str(found.meta['last']))} AS DATE)"
    day = f"CAST(e.{c.EFFECTIVE_TS} AS DATE)"
    price = f"CASE WHEN {own} THEN e.{c.UNIT_PRICE} ELSE e.{c.UNIT_PRICE} * r.rate END"
    join = f"r.currency = e.{c.CURRENCY} AND r.day = CASE WHEN {day} > {last} THEN {last} ELSE {day} END"
    engine.table(
        name, Sql(f"SELECT {listed}, {price} AS {c.BASE_PRICE} FROM {source} e LEFT JOIN money_rates r ON {join}")
    )


def unconverted(engine: Engine, events: str) -> tuple[Unconverted, ...]:
    """What ``events`` (with ``base_price``) holds in currencies without a rate, by currency."""
    sql = (
        f"SELECT {c.CURRENCY}, count(*) AS events, CAST(sum({c.QUANTITY} * {c.UNIT_PRICE}) AS DOUBLE) AS amount "
        f"FROM {events} WHERE {c.UNIT_PRICE} IS NOT NULL AND {c.BASE_PRICE} IS NULL "
        f"GROUP BY {c.CURRENCY} ORDER BY {c.CURRENCY}"
    )
    rows: list[dict[str, Any]] = [row for batch in engine.batches(sql) for row in batch.to_pylist()]
    return tuple(Unconverted(**row) for row in rows)

"""Reads a moment out of a column of any kind, as UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import pyarrow as pa

from siyu.engine.sql import literal

_CLOCK = r"[T ]\d{2}(:?\d{2}){0,2}([.,]\d+)? ?"
_ANY_OFFSET = _CLOCK + r"(Z|z|[+-]\d{2}(:?\d{2})?)$"
_OFFSET = _CLOCK + r"(Z|z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"  # the world's clocks lie within 14 hours of UTC


_PROBES = (datetime(2031, 5, 6, 7, 8, 9), datetime(2031, 12, 11, 10, 9, 8))  # noqa: DTZ001 - of no zone in particular


def require_unambiguous(formats: Sequence[str]) -> None:
    """Check that no text fits two of ``formats`` with two meanings: 03/04 must be a day of March or of April.

    Example:
        >>> require_unambiguous(("%d/%m/%Y", "%Y-%m-%d"))
        >>> require_unambiguous(("%d/%m/%Y", "%m/%d/%Y"))
        Traceback (most recent call last):
        ValueError: '%d/%m/%Y' and '%m/%d/%Y' read one text as two days; keep the one your files are written in

    Raises:
        ValueError: there are two such formats.
    """
    patterns = [form for form in formats if "%" in form]
    for one, other in permutations(patterns, 2):
        for probe in _PROBES:
            text = probe.strftime(one)
            if _read(text, other) not in (None, _read(text, one)):
                raise ValueError(
                    f"{one!r} and {other!r} read one text as two days; keep the one your files are written in"
                )


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - only compared with others
    except ValueError:
        return None


def moment(column: str, kind: pa.DataType, formats: Sequence[str], timezone: str) -> str:
    """SQL for the UTC moment in ``column``; null where it holds none.

    Text is read by the first of ``formats`` that fits. Numbers are seconds, or milliseconds from 10^11 on, unless a
    format says so. A time that states no offset is of ``timezone``; in a gap or fold of daylight saving the zone's
    own rule decides (ICU: the offset before the change).
    """
    if pa.types.is_timestamp(kind):
        plain = f"CAST({column} AS TIMESTAMP)"
        return plain if kind.tz else _to_utc(plain, timezone)
    if pa.types.is_date(kind):
        return _to_utc(f"CAST({column} AS TIMESTAMP)", timezone)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _epoch(f"CAST({column} AS DOUBLE)", formats[0])
    text = f"nullif(trim(CAST({column} AS VARCHAR)), '')"
    return "coalesce(" + ", ".join(_from_text(text, form, timezone) for form in formats) + ", NULL)"


def _from_text(text: str, form: str, timezone: str) -> str:
    if form == "iso":
        plain = _to_utc(f"TRY_CAST({text} AS TIMESTAMP)", timezone)
        return (
            f"CASE WHEN regexp_matches({text}, {literal(_OFFSET)}) "
            f"THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) "
            f"WHEN regexp_matches({text}, {literal(_ANY_OFFSET)}) THEN NULL ELSE {plain} END"
        )
    if form in ("epoch_s", "epoch_ms"):
        return _epoch(f"TRY_CAST({text} AS DOUBLE)", form)
    parsed = f"try_strptime({text}, {literal(form)})"
    return f"CAST({parsed} AS TIMESTAMP)" if "%z" in form else _to_utc(f"CAST({parsed} AS TIMESTAMP)", timezone)


def _epoch(number: str, form: str) -> str:
    unit = {"epoch_s": "1e6", "epoch_ms": "1e3"}.get(form, f"CASE WHEN abs({number}) < 1e11 THEN 1e6 ELSE 1e3 END")
    micros = f"{number} * {unit}"
    return f"CASE WHEN abs({micros}) < 9e17 THEN make_timestamp(CAST({micros} AS BIGINT)) END"


def _to_utc(expression: str, timezone: str) -> str:
    if timezone == "UTC":
        return expression
    return f"CAST(({expression} AT TIME ZONE {literal(timezone)}) AS TIMESTAMP)"

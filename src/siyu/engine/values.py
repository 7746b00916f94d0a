"""SQL that reads a column of any type: as text, and as a moment in UTC. For columns that come from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import pyarrow as pa

from siyu.engine.sql import literal

_CLOCK = r"[T ]\d{2}(:?\d{2}){0,2}([.,]\d+)? ?"
_ANY_OFFSET = _CLOCK + r"(Z|z|[+-]\d{2}(:?\d{2})?)$"
_OFFSET = _CLOCK + r"(Z|z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"  # the world's clocks lie within 14 hours of UTC
_PER_SECOND = {"epoch_s": "1e6", "epoch_ms": "1e3", "epoch_us": "1.0"}  # microseconds in one of each
_PROBES = (datetime(2031, 5, 6, 7, 8, 9), datetime(2031, 12, 11, 10, 9, 8))  # noqa: DTZ001 - of no zone in particular

ROUNDED = r"^[0-9]([.][0-9]+)?[eE][+][0-9]{2,3}$"
"""Fits an id that a spreadsheet has rounded (``6.90123E+12``): several people or products may have become one."""

WORDS = ("iso", *_PER_SECOND, "excel")
"""Formats of moments that are no strptime pattern; ``excel``: days since 1899-12-30, as spreadsheets count them."""


def text(column: str, kind: pa.DataType) -> str:
    """SQL for what ``column`` says as trimmed text; null where it is empty. Whole floats lose their ``.0``.

    NaN is empty; lists and documents are JSON, whose braces no id has.
    """
    if pa.types.is_floating(kind):
        whole = f"{column} = floor({column}) AND abs({column}) < 1e15"
        return (
            f"CASE WHEN isnan({column}) THEN NULL WHEN {whole} THEN CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) "
            f"ELSE CAST({column} AS VARCHAR) END"
        )
    if pa.types.is_nested(kind):
        return f"CASE WHEN {column} IS NOT NULL THEN CAST(to_json({column}) AS VARCHAR) END"
    return f"nullif(trim({column if pa.types.is_string(kind) else f'CAST({column} AS VARCHAR)'}), '')"


def require_unambiguous(formats: Sequence[str]) -> None:
    """Check that formats can be read, and that no text fits two of them with two meanings (03/04: March or April).

    Example:
        >>> require_unambiguous(("%d/%m/%Y", "%Y-%m-%d"))
        >>> require_unambiguous(("%d/%m/%Y", "%m/%d/%Y"))
        Traceback (most recent call last):
        ValueError: '%d/%m/%Y' and '%m/%d/%Y' read one text as two days; keep the one your files are written in

    Raises:
        ValueError: one is no format, or two read one text differently.
    """
    for form in formats:
        if "%" not in form and form not in WORDS:
            raise ValueError(f"{form!r} is no format of times; known: {', '.join(WORDS)} and strptime patterns")
    for one, other in permutations([form for form in formats if "%" in form], 2):
        for probe in _PROBES:
            written = probe.strftime(one)
            if _read(written, other) not in (None, _read(written, one)):
                raise ValueError(
                    f"{one!r} and {other!r} read one text as two days; keep the one your files are written in"
                )


def _read(written: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(written, form)  # noqa: DTZ007 - only compared with others
    except ValueError:
        return None


def moment(column: str, kind: pa.DataType, formats: Sequence[str], timezone: str) -> str:
    """SQL for the UTC moment in ``column``; null where it holds none.

    Text is read by the first of ``formats`` that fits. Numbers are seconds, or milliseconds from 10^11 on, or
    microseconds from 10^14 on, unless a format says so. A time that states no offset is of ``timezone``; in a gap or
    fold of daylight saving the zone's own rule decides (ICU: the offset before the change).
    """
    if pa.types.is_timestamp(kind):
        if kind.tz:  # nanoseconds with a zone have no cast of their own
            return f"CAST(CAST({column} AS TIMESTAMPTZ) AS TIMESTAMP)"
        return _to_utc(f"CAST({column} AS TIMESTAMP)", timezone)
    if pa.types.is_date(kind):
        return _to_utc(f"CAST({column} AS TIMESTAMP)", timezone)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _counted(f"CAST({column} AS DOUBLE)", formats[0], timezone)
    said = f"nullif(trim(CAST({column} AS VARCHAR)), '')"
    return "coalesce(" + ", ".join(_from_text(said, form, timezone) for form in formats) + ", NULL)"


def _from_text(said: str, form: str, timezone: str) -> str:
    if form == "iso":
        plain = _to_utc(f"TRY_CAST({said} AS TIMESTAMP)", timezone)
        return (
            f"CASE WHEN regexp_matches({said}, {literal(_OFFSET)}) "
            f"THEN CAST(TRY_CAST({said} AS TIMESTAMPTZ) AS TIMESTAMP) "
            f"WHEN regexp_matches({said}, {literal(_ANY_OFFSET)}) THEN NULL ELSE {plain} END"
        )
    if form in WORDS:
        return _counted(f"TRY_CAST({said} AS DOUBLE)", form, timezone)
    parsed = f"try_strptime({said}, {literal(form)})"
    return f"CAST({parsed} AS TIMESTAMP)" if "%z" in form else _to_utc(f"CAST({parsed} AS TIMESTAMP)", timezone)


def _counted(number: str, form: str, timezone: str) -> str:
    if form == "excel":
        micros = f"round(({number} - 25569) * 86400) * 1e6"  # 25569: 1970-01-01; cells hold seconds at the finest
        return _to_utc(_made(micros), timezone)
    told = f"CASE WHEN abs({number}) < 1e11 THEN 1e6 WHEN abs({number}) < 1e14 THEN 1e3 ELSE 1.0 END"
    return _made(f"{number} * {_PER_SECOND.get(form, told)}")


def _made(micros: str) -> str:
    return f"CASE WHEN abs({micros}) < 9e17 THEN make_timestamp(CAST({micros} AS BIGINT)) END"


def _to_utc(expression: str, timezone: str) -> str:
    if timezone == "UTC":
        return expression
    return f"CAST(({expression} AT TIME ZONE {literal(timezone)}) AS TIMESTAMP)"

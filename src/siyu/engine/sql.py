"""SQL files and their parameters. Values become typed literals here, so that the same text runs on any engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"\$([a-z_][a-z0-9_]*)")


@cache
def load(package: str, name: str) -> str:
    """Text of ``sql/<name>.sql`` beside the modules of ``package`` (``siyu.events``)."""
    return files(package).joinpath("sql", f"{name}.sql").read_text("utf-8")


def literal(value: object) -> str:
    """``value`` as an SQL literal; text is quoted, moments become UTC timestamps without a zone.

    Example:
        >>> literal("it's"), literal(1.5), literal(None), literal(datetime(2026, 1, 2, tzinfo=UTC))
        ("'it''s'", 'CAST(1.5 AS DOUBLE)', 'NULL', "TIMESTAMP '2026-01-02 00:00:00'")

    Raises:
        TypeError: there is no literal for values of this type.
    """
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    raise TypeError(f"no SQL literal for {type(value).__name__}")


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _moment(value: object) -> str:
    assert isinstance(value, datetime)  # noqa: S101 - chosen by the table below
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return f"TIMESTAMP '{plain.isoformat(sep=' ')}'"


def _sequence(value: object) -> str:
    assert isinstance(value, Sequence)  # noqa: S101 - chosen by the table below
    return "(" + (", ".join(literal(item) for item in value) or "NULL") + ")"


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[object], str]], ...] = (
    (type(None), lambda value: "NULL"),
    (bool, lambda value: "TRUE" if value else "FALSE"),
    (int, str),
    (float, lambda value: f"CAST({value!r} AS DOUBLE)"),
    (datetime, _moment),
    (str, _text),
    ((tuple, list), _sequence),
)


def fill(text: str, **values: object) -> str:
    """``text`` with every ``$name`` replaced by the literal of its value (a tuple becomes ``(a, b)`` for ``IN``).

    Example:
        >>> fill("SELECT * FROM t WHERE k IN $kinds AND n > $least", kinds=("a", "b"), least=2)
        "SELECT * FROM t WHERE k IN ('a', 'b') AND n > 2"

    Raises:
        KeyError: the text names a parameter that is not given.
    """
    return _NAME.sub(lambda match: literal(values[match.group(1)]), text)


def query(package: str, name: str, **values: object) -> str:
    """:func:`load` and :func:`fill` in one step."""
    return fill(load(package, name), **values)


def quote(identifier: str) -> str:
    """An identifier from outside (a column of a shop's file) in double quotes.

    Example:
        >>> quote('the "net" price')
        '"the ""net"" price"'
    """
    return '"' + identifier.replace('"', '""') + '"'

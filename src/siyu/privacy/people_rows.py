"""Checks on the rows of a people file: every refusal is counted under one reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.ids import PersonId
from siyu.privacy.consent import ANY, Decision
from siyu.privacy.people_files import COLUMNS
from siyu.privacy.pseudonyms import map_distinct
from siyu.store.consents import GRANTED, WITHDRAWN

_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)  # nobody shopped on the web before
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LONGEST_ID: Final = 256


def complete(table: pa.Table) -> pa.Table:
    """``table`` with every column of a people file, as text, spaces around dropped; empty text becomes null."""
    missing = pa.nulls(table.num_rows, pa.string())
    found = {name: table.column(name) if name in table.column_names else missing for name in COLUMNS}
    return pa.table({name: _tidy(column.cast(pa.string())) for name, column in found.items()})


def _tidy(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    trimmed = pc.utf8_trim(column, " \t\u3000\u00a0")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def with_user(rows: pa.Table, refused: Counter[str]) -> pa.Table:
    """Rows that name a user."""
    length = pc.fill_null(pc.utf8_length(rows.column("user_id")), 0)
    refused["missing-user"] += _count(pc.equal(length, 0))
    refused["user-too-long"] += _count(pc.greater(length, _LONGEST_ID))
    return rows.filter(pc.and_(pc.greater(length, 0), pc.less_equal(length, _LONGEST_ID)))


def contacts(rows: pa.Table, people: pa.Array, refused: Counter[str]) -> pa.Table:
    """The table that :meth:`ContactBook.put` takes; whole repetitions (one row for each consent) appear once."""
    table = pa.table(
        {
            "person": people,
            "email": rows.column("email"),
            "phone": rows.column("phone"),
            "language": _known(rows.column("language"), _language, "unknown-language", refused),
            "timezone": _known(rows.column("timezone"), _timezone, "unknown-timezone", refused),
        }
    )
    place = pa.array(range(table.num_rows), pa.int64())
    last = table.append_column("place", place).group_by(table.column_names).aggregate([("place", "max")])
    return last.sort_by("place_max").select(table.column_names).combine_chunks()


def decisions(
    rows: pa.Table, people: pa.Array, *, alive: Collection[str], how: str, now: datetime, refused: Counter[str]
) -> list[Decision]:
    """The decisions in the rows that hold one.

    Args:
        alive: people who are known and not erased; the others' decisions are refused.
        how: how consent was given where a row does not say.
    """
    told = rows.append_column("person", people)
    told = told.filter(pc.is_valid(told.column("consent_purpose")))
    moments = {text: _moment(text) for text in pc.unique(told.column("consent_at")).to_pylist()}
    names = ("person", "consent_purpose", "consent_channel", "consent_state", "consent_at", "consent_how")
    found = []
    for row in zip(*(told.column(name).to_pylist() for name in (*names, "consent_text")), strict=True):
        made = _decision(row, moments[row[4]], how)
        reason = _reason(made, row, now) or (None if row[0] in alive else "consent-of-unknown-person")
        if reason:
            refused[reason] += 1
        else:
            found.append(made)
    return found


def _decision(row: tuple[Any, ...], at: datetime | None, how: str) -> Decision:
    person, purpose, channel, state, _, said, text = row
    return Decision(
        PersonId(person),
        purpose,
        channel or "",
        granted=state != WITHDRAWN,
        source="people-file",
        how=said or how,
        text=text or "",
        at=at,
    )


def _reason(made: Decision, row: tuple[Any, ...], now: datetime) -> str | None:
    """The first thing that bars a decision. What a grant must have, a withdrawal need not: it counts in any case."""
    if not made.channel:
        return "consent-without-channel"
    if row[3] not in (None, GRANTED, WITHDRAWN):
        return "unknown-consent-state"
    if made.at is None:
        return "consent-without-time" if row[4] is None else "bad-consent-time"
    return _bars_grant(made, made.at, now) if made.granted else None


def _bars_grant(made: Decision, at: datetime, now: datetime) -> str | None:
    if ANY in (made.purpose, made.channel):
        return "consent-for-everything"
    if at > now:
        return "consent-in-the-future"
    return None if made.how else "consent-without-how"


def _moment(text: str | None) -> datetime | None:
    """An ISO 8601 moment (UTC where it names no zone) between 1995 and 9998, or ``None``."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if _EARLIEST.year <= found.year < 9999 and aware >= _EARLIEST else None


def _known(column: pa.ChunkedArray, check: Callable[[str], str | None], reason: str, refused: Counter[str]) -> pa.Array:
    found = map_distinct(column, check)
    refused[reason] += _count(pc.and_(pc.is_null(found), pc.is_valid(column).combine_chunks()))
    return found


def _language(text: str) -> str | None:
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(text: str) -> str | None:
    return text if text in _zones() else None


def _count(mask: pa.Array | pa.ChunkedArray) -> int:
    return pc.sum(mask).as_py() or 0

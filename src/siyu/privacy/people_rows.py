"""Checks on the rows of a people file: every refusal is counted under one reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Final
from zoneinfo import available_timezones

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.privacy.consent import ANY
from siyu.privacy.people_files import COLUMNS
from siyu.privacy.pseudonyms import map_distinct
from siyu.store.consents import GRANTED, WITHDRAWN
from siyu.store.tables import microseconds

_EARLIEST: Final = pa.scalar("1995-01-01").cast(pa.timestamp("us"))  # nobody shopped on the web before
_LATEST: Final = pa.scalar("9999-01-01").cast(pa.timestamp("us"))
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LONGEST_ID: Final = 256


class Refusals(Counter[str]):
    """Refusals by reason, and whose rows they were in: those are looked at again by the next import."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[pa.Array] = []

    def bar(self, reason: str, mask: pa.Array | pa.ChunkedArray, people: pa.Array | pa.ChunkedArray) -> None:
        """Count the rows in ``mask`` (aligned with ``people``) under ``reason``."""
        count = _count(mask)
        if count:
            self[reason] += count
            self.people.append(people.filter(mask))


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


def contacts(rows: pa.Table, people: pa.Array, refused: Refusals) -> pa.Table:
    """The table that :meth:`ContactBook.put` takes; whole repetitions (one row for each consent) appear once."""
    table = pa.table(
        {
            "person": people,
            "email": rows.column("email"),
            "phone": rows.column("phone"),
            "language": _known(rows.column("language"), _language, partial(refused.bar, "unknown-language"), people),
            "timezone": _known(rows.column("timezone"), _timezone, partial(refused.bar, "unknown-timezone"), people),
        }
    )
    place = pa.array(np.arange(table.num_rows))
    last = table.append_column("place", place).group_by(table.column_names).aggregate([("place", "max")])
    return last.sort_by("place_max").select(table.column_names).combine_chunks()


def decisions(
    rows: pa.Table, people: pa.Array, *, alive: pa.Array, how: str, now: datetime, refused: Refusals
) -> pa.Table:
    """The decisions in the rows that hold one, in the columns :meth:`ConsentLedger.record_table` takes.

    What a grant must have, a withdrawal need not: it counts in any case. The first thing that bars a row is its reason.

    Args:
        alive: people who are known and not erased; the others' decisions are refused.
        how: how consent was given where a row does not say.
    """
    told = rows.append_column("person", people)
    told = told.filter(pc.is_valid(told.column("consent_purpose"))).combine_chunks()
    state = pc.fill_null(told["consent_state"], GRANTED)
    at = moments(told["consent_at"])
    said = pc.coalesce(told["consent_how"], pa.scalar(how or None, pa.string()))
    grants = pc.not_equal(state, WITHDRAWN)
    every = pc.or_(pc.equal(told["consent_purpose"], ANY), pc.fill_null(pc.equal(told["consent_channel"], ANY), False))
    late = pc.greater(at, pa.scalar(microseconds(now), pa.int64()).cast(pa.timestamp("us")))
    bars = {
        "consent-without-channel": pc.is_null(told["consent_channel"]),
        "unknown-consent-state": pc.invert(pc.is_in(state, value_set=pa.array([GRANTED, WITHDRAWN]))),
        "consent-without-time": pc.is_null(told["consent_at"]),
        "bad-consent-time": pc.is_null(at),
        "consent-for-everything": pc.and_(grants, every),
        "consent-in-the-future": pc.and_(grants, pc.fill_null(late, False)),
        "consent-without-how": pc.and_(grants, pc.is_null(said)),
        "consent-of-unknown-person": pc.invert(pc.is_in(told["person"], value_set=alive)),
    }
    good = pa.array([True] * told.num_rows, pa.bool_())
    for reason, bar in bars.items():
        bar = bar.combine_chunks() if isinstance(bar, pa.ChunkedArray) else bar
        refused.bar(reason, pc.and_(good, bar), told["person"])
        good = pc.and_not(good, bar)
    made = pa.table(
        {
            "person": told["person"],
            "purpose": told["consent_purpose"],
            "channel": told["consent_channel"],
            "state": state,
            "at": at,
            "source": pa.repeat("people-file", told.num_rows),
            "how": pc.fill_null(said, ""),
            "text": pc.fill_null(told["consent_text"], ""),
        }
    )
    return made.filter(good)


_ZONED: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"


def moments(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """ISO 8601 moments (UTC where they name no zone) between 1995 and 9998 as timestamps in UTC; null for any other."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    usual = pc.fill_null(pc.match_substring_regex(whole, _ZONED), False)
    found = pa.nulls(len(whole), pa.timestamp("us", "UTC"))
    try:
        found = pc.if_else(usual, whole, None).cast(found.type)
    except pa.ArrowInvalid:  # a thirteenth month, for one: every text is then read on its own
        usual = pa.array([False] * len(whole), pa.bool_())
    distinct = pc.if_else(usual, None, whole).dictionary_encode()
    others = pa.array([_moment(text) for text in distinct.dictionary.to_pylist()], found.type).take(distinct.indices)
    plain = pc.coalesce(found, others).cast(pa.timestamp("us"))
    within = pc.and_(pc.greater_equal(plain, _EARLIEST), pc.less(plain, _LATEST))
    return pc.if_else(within, plain, None)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _known(
    column: pa.ChunkedArray,
    check: Callable[[str], str | None],
    bar: Callable[[pa.Array, pa.Array], None],
    people: pa.Array,
) -> pa.Array:
    found = map_distinct(column, check)
    bar(pc.and_(pc.is_null(found), pc.is_valid(column).combine_chunks()), people)
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

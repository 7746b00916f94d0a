"""Checks on the rows of a people file: a row that does not pass is set aside under one reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import cache, partial
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.values import ROUNDED
from siyu.files.batches import MALFORMED
from siyu.privacy.consent import ANY
from siyu.privacy.contacts import PutReport
from siyu.privacy.people_files import COLUMNS
from siyu.privacy.pseudonyms import map_distinct
from siyu.privacy.settings import PeopleSettings
from siyu.store.consents import GRANTED, WITHDRAWN
from siyu.store.tables import microseconds

_EARLIEST: Final = pa.scalar("1995-01-01").cast(pa.timestamp("us"))  # nobody shopped on the web before
_LATEST: Final = pa.scalar("9999-01-01").cast(pa.timestamp("us"))
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LONGEST_ID: Final = 256


PLACE: Final = "_place"
"""Column: the place of a row among all that were read, 0 = the first."""

_FIELDS: Final = {
    "malformed": "row",
    "missing-user": "user_id",
    "user-too-long": "user_id",
    "rounded-id": "user_id",
    "unknown-person": "user_id",
    "not-an-email-address": "email",
    "address-too-long": "email",
    "not-a-phone-number": "phone",
    "unknown-language": "language",
    "unknown-timezone": "timezone",
    "consent-without-channel": "consent_channel",
    "unknown-consent-state": "consent_state",
    "consent-without-time": "consent_at",
    "bad-consent-time": "consent_at",
    "consent-for-everything": "consent_purpose",
    "consent-in-the-future": "consent_at",
    "consent-without-how": "consent_how",
    "consent-of-unknown-person": "user_id",
}


def field_of(reason: str) -> str:
    """The column that ``reason`` is about."""
    return _FIELDS[reason]


class Refusals:
    """Which of the rows read are set aside, and why: the first reason of a row is its reason.

    What is good in such a row is taken all the same (an address beside a consent without a date); it is looked at
    again by the next import.
    """

    def __init__(self, rows: int) -> None:
        self._fate = np.zeros(rows, np.int16)
        self._reasons: list[str] = [""]

    def bar(self, reason: str, mask: pa.Array | pa.ChunkedArray, places: pa.Array | pa.ChunkedArray) -> None:
        """Set the rows in ``mask`` (aligned with ``places``) aside under ``reason``."""
        if not _count(mask):
            return
        if reason not in self._reasons:
            self._reasons.append(reason)
        barred = places.filter(mask).to_numpy()
        fresh = barred[self._fate[barred] == 0]
        self._fate[fresh] = self._reasons.index(reason)

    def counts(self) -> dict[str, int]:
        """Rows by reason."""
        found = np.bincount(self._fate, minlength=len(self._reasons)).tolist()
        return {reason: count for reason, count in sorted(zip(self._reasons, found, strict=True)) if reason and count}

    def places(self) -> pa.Array:
        """Places of the rows that are set aside, in order."""
        return pa.array(np.flatnonzero(self._fate), pa.int64())

    def reasons(self) -> pa.Array:
        """Their reasons."""
        return pa.array(self._reasons, pa.string()).take(pa.array(self._fate[self._fate > 0]))


def complete(table: pa.Table) -> pa.Table:
    """``table`` as read, spaces around its texts dropped (empty text becomes null), each row with its place."""
    tidied = {name: _tidy(table[name]) if name in COLUMNS else table[name] for name in table.column_names}
    return pa.table({**tidied, PLACE: pa.array(np.arange(table.num_rows))})


def _tidy(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    trimmed = pc.utf8_trim(column, " \t\u3000\u00a0")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def with_user(rows: pa.Table, refused: Refusals) -> pa.Table:
    """Rows that name a user."""
    users = rows["user_id"]
    length = pc.fill_null(pc.utf8_length(users), 0)
    bars = {
        "malformed": rows[MALFORMED],
        "missing-user": pc.equal(length, 0),
        "user-too-long": pc.greater(length, _LONGEST_ID),
        # a spreadsheet has rounded it: many people may have the same one
        "rounded-id": pc.fill_null(pc.match_substring_regex(users, ROUNDED), False),
    }
    for reason, mask in bars.items():
        refused.bar(reason, mask, rows[PLACE])
    return rows.filter(pc.invert(pc.is_in(rows[PLACE], value_set=refused.places())))


def contacts(rows: pa.Table, people: pa.Array, refused: Refusals) -> pa.Table:
    """The table that :meth:`ContactBook.put` takes; whole repetitions (one row for each consent) appear once."""
    table = pa.table(
        {
            "person": people,
            "email": rows.column("email"),
            "phone": rows.column("phone"),
            "language": _known(
                rows.column("language"), _language, partial(refused.bar, "unknown-language"), rows[PLACE]
            ),
            "timezone": _known(
                rows.column("timezone"), _timezone, partial(refused.bar, "unknown-timezone"), rows[PLACE]
            ),
        }
    )
    place = pa.array(np.arange(table.num_rows))
    last = table.append_column("place", place).group_by(table.column_names).aggregate([("place", "max")])
    return last.sort_by("place_max").select(table.column_names).combine_chunks()


def bar_addresses(put: PutReport, rows: pa.Table, people: pa.Array, refused: Refusals) -> None:
    """Set aside the rows whose address the contact book refused, or whose person it does not know."""
    refused.bar("unknown-person", pc.is_in(people, value_set=put.unknown), rows[PLACE])
    for column, reason, texts in put.bad:
        refused.bar(reason, pc.is_in(rows[column], value_set=texts), rows[PLACE])


def decisions(
    rows: pa.Table, people: pa.Array, *, alive: pa.Array, settings: PeopleSettings, now: datetime, refused: Refusals
) -> pa.Table:
    """The decisions in the rows that hold one, in the columns :meth:`ConsentLedger.record_table` takes.

    What a grant must have, a withdrawal need not: it counts in any case. The first thing that bars a row is its reason.

    Args:
        alive: people who are known and not erased; the others' decisions are refused.
        settings: how consent was given where a row does not say, and the zone of times that name none.
    """
    told = rows.append_column("person", people)
    told = told.filter(pc.is_valid(told.column("consent_purpose"))).combine_chunks()
    state = pc.fill_null(told["consent_state"], GRANTED)
    at = moments(told["consent_at"], ZoneInfo(settings.timezone))
    said = pc.coalesce(told["consent_how"], pa.scalar(settings.consent_how or None, pa.string()))
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
        refused.bar(reason, pc.and_(good, bar), told[PLACE])
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


def moments(texts: pa.ChunkedArray | pa.Array, zone: tzinfo = UTC) -> pa.Array:
    """ISO 8601 moments (in ``zone`` where they name none) in UTC; null for any other, and outside 1995-9998."""
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    usual = pc.fill_null(pc.match_substring_regex(whole, _ZONED), False)
    found = pa.nulls(len(whole), pa.timestamp("us", "UTC"))
    try:
        found = pc.if_else(usual, whole, None).cast(found.type)
    except pa.ArrowInvalid:  # a thirteenth month, for one: every text is then read on its own
        usual = pa.array([False] * len(whole), pa.bool_())
    distinct = pc.if_else(usual, None, whole).dictionary_encode()
    others = pa.array([_moment(text, zone) for text in distinct.dictionary.to_pylist()], found.type).take(
        distinct.indices
    )
    plain = pc.coalesce(found, others).cast(pa.timestamp("us"))
    within = pc.and_(pc.greater_equal(plain, _EARLIEST), pc.less(plain, _LATEST))
    return pc.if_else(within, plain, None)


def _moment(text: str | None, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _known(
    column: pa.ChunkedArray,
    check: Callable[[str], str | None],
    bar: Callable[[pa.Array, pa.ChunkedArray], None],
    places: pa.ChunkedArray,
) -> pa.Array:
    found = map_distinct(column, check)
    bar(pc.and_(pc.is_null(found), pc.is_valid(column).combine_chunks()), places)
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

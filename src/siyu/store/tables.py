"""What every table of the store shares: one metadata, the type of a moment, and the files whose tables make it up.

Each record family (people, consents, ledger ...) declares its tables in its own file, on :data:`METADATA`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION: Final = 3
"""Version of the schema that this code reads and writes; :mod:`siyu.store.migrations` brings older ones up to it."""

FAMILIES: Final = (
    "siyu.store.meta",
    "siyu.store.people",
    "siyu.store.links",
    "siyu.store.contacts",
    "siyu.store.consents",
    "siyu.store.suppressions",
    "siyu.store.campaigns",
    "siyu.store.approvals",
    "siyu.store.archived",
    "siyu.store.audit",
    "siyu.store.runs",
    "siyu.store.ledger",
)
"""Modules that declare tables. A new record family is one file and one line here."""

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds from 1970-01-01 UTC to ``moment``, exact.

    Example:
        >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
        1000000

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a stored moment needs a time zone: {moment}")
    return (moment - _EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as microseconds since 1970 UTC: exact, ordered and the same on every database.

    Bulk reads that go to Arrow take the plain integer with ``type_coerce(column, BigInteger)``.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Aware datetime to microseconds; integers pass as they are."""
        return microseconds(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Microseconds to a datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)

"""Moments as people write them on a command line or in settings."""

from __future__ import annotations

from datetime import UTC, datetime

from siyu.domain.errors import SettingsError


def moment(text: str) -> datetime:
    """An ISO 8601 date or moment; without a zone it is UTC.

    Example:
        >>> moment("2011-11-09").isoformat(), moment("2011-11-09T08:00+08:00").isoformat()
        ('2011-11-09T00:00:00+00:00', '2011-11-09T00:00:00+00:00')

    Raises:
        SettingsError: it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{text!r} is not a moment.", why=str(error), next_step="Write 2011-11-09 or 2011-11-09T08:00:00+08:00."
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

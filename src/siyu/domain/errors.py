"""Errors that say what happened, why, and the next step."""

from __future__ import annotations


class SiyuError(Exception):
    """Base of every error Siyu raises on purpose.

    Args:
        what: what happened, one sentence.
        why: the cause, as far as it is known.
        next_step: what the person can do now.
        retry: whether trying the same thing again can help.
        facts: values a program may need (file, row, field, limit ...).

    Example:
        >>> str(SiyuError("The file is empty.", why="It has 0 bytes.", next_step="Export it again."))
        'The file is empty. It has 0 bytes. Export it again.'
    """

    def __init__(self, what: str, *, why: str = "", next_step: str = "", retry: bool = False, **facts: object) -> None:
        super().__init__(" ".join(part for part in (what, why, next_step) if part))
        self.what = what
        self.why = why
        self.next_step = next_step
        self.retry = retry
        self.facts = facts


class SettingsError(SiyuError):
    """A setting is unknown, missing or of the wrong kind."""


class InputError(SiyuError):
    """Something from outside (file, feed, mapping) cannot be read as what it claims to be."""


class MissingDataError(SiyuError):
    """A stage needs a table that no earlier stage has made."""


class MissingExtraError(SiyuError):
    """An optional part is not installed; ``next_step`` holds the exact install command."""


class NotPermittedError(SiyuError):
    """Something was tried without the consent, key or capability it needs."""


class StorageError(SiyuError):
    """Reading or writing durable state failed (disk full, locked, damaged)."""


class ChannelError(SiyuError):
    """A channel refused or failed. ``kind``: recipient, content, throttle, provider or network."""

    def __init__(self, what: str, *, kind: str, **more: object) -> None:
        super().__init__(what, **more)  # type: ignore[arg-type]
        self.kind = kind

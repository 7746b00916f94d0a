"""Which medium a channel reaches people by: consent and addresses belong to the medium, not to the adapter."""

from __future__ import annotations

from typing import Final

_MEDIA: Final = {"mailbox": "email", "smtp": "email", "phone": "sms"}


def medium(channel: str) -> str:
    """The medium of ``channel``: the local mailbox is e-mail; a channel that is not listed is its own medium.

    Example:
        >>> medium("mailbox"), medium("sms")
        ('email', 'sms')
    """
    return _MEDIA.get(channel, channel)

"""Text and headers that the law of a place requires around the words: read from packs/law/<place>/required.toml."""

from __future__ import annotations

from siyu.delivery.settings import SenderIdentity
from siyu.domain.errors import SettingsError
from siyu.packs import names, read

AD_MARK = "ad-mark"
"""The message says that it is an advertisement."""

SUBJECT_AD_MARK = "subject-ad-mark"
"""Its subject begins with the word."""

POSTAL_ADDRESS = "postal-address"
"""It holds the sender's postal address. Sender and way to refuse stand in every message anyway."""


def required(place: str, channel: str) -> frozenset[str]:
    """What ``place`` requires of a message on ``channel``; nothing where no pack says so.

    Example:
        >>> sorted(required("cn", "email") & {AD_MARK, SUBJECT_AD_MARK})
        ['ad-mark', 'subject-ad-mark']
    """
    if place not in names("law") or "required" not in names("law", place):
        return frozenset()
    return frozenset(read("law", place, "required").get(channel, {}).get("items", ()))


def check_sender(place: str, channel: str, sender: SenderIdentity) -> None:
    """Refuse a sender who cannot meet what the place requires.

    Raises:
        SettingsError: a postal address is required and none is set.
    """
    if POSTAL_ADDRESS in required(place, channel) and not sender.postal:
        laws = ", ".join(f"{source['law']} {source['article']}" for source in read("law", place, "required")["source"])
        raise SettingsError(
            "The sender has no postal address.",
            why=f"On {channel} it is required in {place!r}: {laws}.",
            next_step="Set [delivery.sender] postal.",
        )

"""How carriers count a text message: GSM-7 with its extension table, UCS-2, and parts of a long one.

Source: 3GPP TS 23.038, 6.2.1 (alphabets); TS 23.040, 9.2.3.24.1 (concatenation: 7 of 160 septets, 3 of 70 code units).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the character."""


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as it is billed.

    Attributes:
        units: septets (GSM-7) or 16-bit code units (UCS-2).
        parts: messages it is sent as.
    """

    alphabet: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int


def segments(text: str) -> Segments:
    """How a carrier counts ``text``; a character is never cut in two by the end of a part.

    Example:
        >>> segments("a" * 160), segments("a" * 161).parts, segments("€" * 80).parts, segments("€" * 81).parts
        (Segments(alphabet='GSM-7', units=160, parts=1), 2, 1, 2)
        >>> segments("好" * 70).parts, segments("好" * 71).parts, segments("😀").units
        (1, 2, 2)
    """
    is_gsm = all(character in _BASIC or character in _EXTENDED for character in text)
    if is_gsm:
        sizes, whole, cut = [2 if character in _EXTENDED else 1 for character in text], 160, 153
    else:
        sizes, whole, cut = [2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67
    units = sum(sizes)
    return Segments("GSM-7" if is_gsm else "UCS-2", units, 1 if units <= whole else _parts(sizes, cut))


def _parts(sizes: list[int], room: int) -> int:
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts

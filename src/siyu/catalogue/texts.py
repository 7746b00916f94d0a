"""Text of a catalogue as plain text: no markup, no invisible characters, bounded, otherwise as the source spells it."""

from __future__ import annotations

import html
import re
import unicodedata

_BLOCK = re.compile(r"<(script|style)\b[^>]{0,1000}>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^>]{0,1000}>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]{0,5000}>")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s+")


def plain(text: str, length: int) -> str:
    """``text`` without tags, control, zero-width and bidi characters, in NFC, cut to ``length`` characters.

    Markup written as text (``&lt;b&gt;``) and template signs stay: they are inert where text is escaped.

    Example:
        >>> plain("<p>Blue&nbsp;&amp; <b>white</b>\u202e mug</p><script>alert(1)</script> {{7*7}}", 80)
        'Blue & white mug {{7*7}}'
    """
    bare = _TAG.sub("", _BREAK.sub(" ", _BLOCK.sub(" ", text)))
    seen = _INVISIBLE.sub("", html.unescape(bare))
    tidy = _SPACE.sub(" ", unicodedata.normalize("NFC", seen)).strip()
    return tidy[:length].rstrip()

"""Messages as bytes: RFC 5322 headers, RFC 2047 encoded words, a plain and an HTML part (RFC 2046).

Written out here because the standard library's writer takes 2.5 ms a message; its *parser* judges the result in the
tests. A header value that holds a line break or another control character is refused, never cleaned.
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from siyu.domain.errors import InputError

_UNCLEAN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_AS_IS = re.compile(r"[ -<>-~]{0,72}[!-<>-~]")  # nothing to encode, and no line to break
_PRINTABLE = bytes(range(0x20, 0x7F))
_FOLD = "\r\n "
_WORD_BYTES = 42  # 42 bytes are 56 in base64; with =?utf-8?B? and ?= an encoded word stays under 75 characters
_WIDTH = 76
_TEXT = b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
_HTML = b"\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
SOFT_BREAK = b"=\r\n"
"""Between two pieces of quoted-printable text that belong to one line."""


def compose(head: Sequence[str], *, text: str, html: bytes, boundary: str, date: datetime, message_id: str) -> bytes:
    """A multipart/alternative message, ready for a channel.

    Args:
        head: header lines made by :func:`header` and :func:`address`.
        html: in quoted-printable, as :func:`quoted` makes it, with a line break at its end.
        boundary: any unguessable or unique word: letters and digits.
        date: aware.
        message_id: with its host, without angle brackets.

    Raises:
        InputError: a header holds a control character.
    """
    top = (
        *head,
        _dated(date),
        header("Message-ID", f"<{message_id}>"),
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="=_{boundary}"\r\n',
    )
    edge = f"--=_{boundary}".encode("ascii")
    parts = (*_plain(text), b"\r\n", edge, _HTML, html, b"\r\n")
    return b"".join(("".join(top).encode("ascii"), b"\r\n", edge, *parts, edge, b"--\r\n"))


@lru_cache(maxsize=64)
def _dated(date: datetime) -> str:
    return header("Date", format_datetime(date.astimezone(UTC)))


def header(name: str, value: str) -> str:
    """One header line, folded, encoded where it is not ASCII, with its CRLF.

    Raises:
        InputError: ``value`` holds a control character (a line break would start a new header).

    Example:
        >>> header("Subject", "Your lamp")
        'Subject: Your lamp\\r\\n'
        >>> header("Subject", "你好")
        'Subject: =?utf-8?B?5L2g5aW9?=\\r\\n'
    """
    _require_clean(name, value)
    if value.isascii() and "=?" not in value:
        return f"{name}: {_folded(value, len(name) + 2)}\r\n"
    return f"{name}: {_FOLD.join(_encoded_words(value))}\r\n"


def address(name: str, mailbox: str, display: str = "") -> str:
    """A header line with one mailbox; the display name is quoted, or encoded where it is not ASCII.

    Raises:
        InputError: a control character, or an address that is not ``local@host`` in ASCII without spaces and commas.

    Example:
        >>> address("From", "shop@shop.example", "灯")
        'From: =?utf-8?B?54Gv?= <shop@shop.example>\\r\\n'
    """
    _require_clean(name, mailbox + display)
    if not _MAILBOX.fullmatch(mailbox):
        raise InputError(
            f"The header {name} cannot be written.",
            why="The address is not of the form local@host in ASCII.",
            next_step="Correct the address.",
            header=name,
        )
    if not display:
        return f"{name}: {mailbox}\r\n"
    if display.isascii() and "=?" not in display:
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{escaped}"'
    else:
        shown = _FOLD.join(_encoded_words(display))
    return f"{name}: {shown} <{mailbox}>\r\n"


def lines(text: str) -> str:
    """``text`` with every kind of line break as CRLF."""
    return _BREAK.sub("\r\n", text)


def quoted(text: str) -> bytes:
    """``text`` in quoted-printable (RFC 2045, 6.7); its line breaks are CRLF already. A soft break may follow.

    Example:
        >>> quoted("1 = 1, 灯")
        b'1 =3D 1, =E7=81=AF'
    """
    raw = text.encode("utf-8", "replace")
    if _AS_IS.fullmatch(text):
        return raw
    coded = b2a_qp(raw, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if len(coded) - coded.rfind(b"\n") <= _WIDTH:
        return coded
    last = -3 if coded[-3:-2] == b"=" else -1  # room for a soft break at its end
    return coded[:last] + SOFT_BREAK + coded[last:]


def _require_clean(name: str, value: str) -> None:
    if _UNCLEAN.search(value):
        raise InputError(
            f"The header {name} cannot be written.",
            why="It holds a line break or another control character.",
            next_step="Take it out of the text that the header was made of.",
            header=name,
        )


def _encoded_words(value: str) -> Iterable[str]:
    """RFC 2047: pieces that end at whole characters."""
    raw = value.encode()
    start = 0
    while True:
        end = min(start + _WORD_BYTES, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # amid a character
            end -= 1
        yield f"=?utf-8?B?{b2a_base64(raw[start:end], newline=False).decode()}?="
        if end == len(raw):
            return
        start = end


def _folded(value: str, used: int) -> str:
    """Break at single spaces before column 78; text without spaces stays whole (RFC 5322 allows 998)."""
    if len(value) + used <= _WIDTH or " " not in value:
        return value
    folded, line, width = [], "", _WIDTH - used
    for word in value.split(" "):
        if line.strip() and len(line) + 1 + len(word) > width and word:
            folded.append(line)
            line, width = word, _WIDTH
        else:
            line = f"{line} {word}" if line or folded else word
    return _FOLD.join([*folded, line])


def _plain(text: str) -> tuple[bytes, ...]:
    whole = "\r\n".join(text.splitlines()) + "\r\n"
    raw = whole.encode("utf-8", "replace")
    if len(raw.translate(None, _PRINTABLE)) < 0.15 * len(raw):
        return _TEXT, b"quoted-printable\r\n\r\n", quoted(whole)
    return _TEXT, b"base64\r\n\r\n", _base64_lines(raw)


def _base64_lines(raw: bytes) -> bytes:
    coded = b2a_base64(raw, newline=False)
    return b"\r\n".join([coded[start : start + 76] for start in range(0, len(coded), 76)])

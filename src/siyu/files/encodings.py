"""Which encoding a text is really in: so that an error can name the setting that would mend it."""

from __future__ import annotations

from collections.abc import Iterable

_GUESSES = ("big5", "shift_jis", "euc_kr", "cp1252")


def decodes(data: bytes, encoding: str) -> bool:
    """Whether ``data`` is text of ``encoding``.

    Raises:
        LookupError: there is no such encoding.
    """
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def foreign(head: bytes, encoding: str, *, cut: bool) -> list[bytes]:
    """Lines of ``head`` that are no text of ``encoding``, if most lines that could tell are not; else none.

    Args:
        cut: the last line goes on after ``head``, so it cannot tell.
    """
    if "\n".encode(encoding) != b"\n":
        return []
    if wide(head):
        return [head[:200]]
    lines = head.split(b"\n")
    telling = [line for line in (lines[:-1] if cut else lines) if not line.isascii()]
    strange = [line for line in telling if not decodes(line, encoding)]
    return strange if len(strange) * 2 > len(telling) else []


def wide(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` where every other byte of the beginning is mostly NUL, as of Latin text; else ''.

    Example:
        >>> wide("item,title".encode("utf-16-le")), wide(b"item,title")
        ('utf-16-le', '')
    """
    begun = head[:400]
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if begun[first::2].count(0) * 10 > len(begun) * 3 and begun[1 - first :: 2].count(0) * 20 < len(begun):
            return name
    return ""


def suggested(head: bytes, lines: Iterable[bytes]) -> str:
    """The encoding that ``lines`` are most likely in; ``head`` is the file's beginning.

    Example:
        >>> text = "顾客,商品\\n张三,真丝裙子".encode("gbk")
        >>> suggested(text, text.split(b"\\n"))
        'gb18030'
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if wide(head):
        return wide(head)
    found = b"\n".join(lines)
    if decodes(found, "gb18030") and _is_everyday_chinese(found):
        return "gb18030"
    return next(guess for guess in (*_GUESSES, "latin-1") if decodes(found, guess))


def _is_everyday_chinese(found: bytes) -> bool:
    """Most characters are of GB 2312's first level (the 3,755 in daily use) or its punctuation."""
    letters = [one for one in found.decode("gb18030") if ord(one) > 127]
    pairs = [one.encode("gb18030") for one in letters]
    everyday = sum(len(pair) == 2 and (0xB0 <= pair[0] <= 0xD7 or pair[0] in (0xA1, 0xA3)) for pair in pairs)
    return everyday * 2 > len(pairs)

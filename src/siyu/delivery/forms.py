"""Forms: a template rendered once for every shape of letter, with gaps where letters of that shape differ.

A template branches only on what is there (which texts, how many products, which of them have a picture). So letters of
one shape have the same text around their values, and rendering it anew for each of a hundred thousand readers is waste:
a template takes about 200 us, filling a form about 20. The templates stay what is edited; tests hold that a filled form
says what the template says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import AnyStr, cast

from markupsafe import escape

from siyu.delivery import mime
from siyu.delivery.letter import Letter, LetterItem
from siyu.delivery.links import Links

_GAP = re.compile("\ue000gap([0-9]+)\ue001")
_BARE = re.compile(r"[!#-%(-;?-~]*")  # nothing that HTML or quoted-printable escapes, no spaces
_LINE = 73  # characters; a soft break follows
_LISTS = ("reveals", "points", "proofs", "offers", "more", "notes")
_WORDS = ("subject", "preheader", "hook", "call", "reason")


def shape(letter: Letter) -> Hashable:
    """All that a template may branch on; letters of one shape differ in their values alone."""
    return (
        letter.language,
        letter.ad,
        letter.open_pixel,
        letter.honeypot,
        *[bool(getattr(letter, name)) for name in _WORDS],
        *[len(getattr(letter, name)) for name in _LISTS],
        *[(bool(item.title), bool(item.price), bool(item.image)) for item in letter.items],
    )


def values(letter: Letter) -> list[str]:
    """The values that fill the gaps of the letter's form, in their order. The unsubscribe link is the first."""
    links = letter.links
    found = [
        links.unsubscribe(),
        links.view(),
        links.why(),
        links.trap() if letter.honeypot else "",
        links.pixel() if letter.open_pixel else "",
        letter.subject,
        letter.preheader,
        letter.hook,
        letter.call,
        letter.reason,
        *letter.reveals,
        *letter.points,
        *letter.proofs,
        *letter.offers,
        *letter.more,
        *letter.notes,
    ]
    for item in letter.items:
        found += (item.title, item.price, item.image, item.link)
    return found


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Gaps in place of links."""

    def unsubscribe(self) -> str:
        return _gap(0)

    def view(self) -> str:
        return _gap(1)

    def why(self) -> str:
        return _gap(2)

    def trap(self) -> str:
        return _gap(3)

    def pixel(self) -> str:
        return _gap(4)


def blank(letter: Letter) -> Letter:
    """A letter of the same shape with gaps for values, numbered as in :func:`values`."""
    number = 4

    def gap(there: object = True) -> str:
        nonlocal number
        number += 1
        return _gap(number) if there else ""

    words = {name: gap(getattr(letter, name)) for name in _WORDS}
    lists = {name: tuple(gap() for _ in getattr(letter, name)) for name in _LISTS}
    items = tuple(LetterItem(gap(i.title), gap(i.price), gap(i.image), gap(i.link)) for i in letter.items)
    return replace(letter, **words, **lists, items=items, links=cast(Links, _Gaps()))  # type: ignore[arg-type]


def _gap(number: int) -> str:
    return f"\ue000gap{number}\ue001"


@dataclass(frozen=True, slots=True)
class Form:
    """The two parts of letters of one shape: text between the gaps, and which value fills each gap.

    The HTML is kept as it travels (quoted-printable, RFC 2045): every piece ends with a soft line break, so that pieces
    are encoded apart and only values are encoded for each reader.
    """

    text: tuple[str, ...]
    text_gaps: tuple[int, ...]
    html: tuple[bytes, ...]
    html_gaps: tuple[int, ...]
    html_values: tuple[int, ...]

    @classmethod
    def of(cls, letter: Letter, *, text: Callable[[Letter], str], html: Callable[[Letter], str]) -> Form:
        """The form of letters like ``letter``; ``text`` and ``html`` render the templates."""
        empty = blank(letter)
        texts, text_gaps = _cut(text(empty))
        pages, html_gaps = _cut(mime.lines(html(empty)))
        coded = tuple(map(mime.quoted, pages))
        return cls(texts, text_gaps, coded, html_gaps, tuple(sorted(set(html_gaps))))

    def plain(self, given: Sequence[str]) -> str:
        """The plain text, filled."""
        return _filled(self.text, [given[gap] for gap in self.text_gaps], "")

    def page(self, given: Sequence[str]) -> bytes:
        """The HTML, filled, in quoted-printable."""
        coded = {gap: _link(given[gap]) or _coded(given[gap]) for gap in self.html_values}
        return _filled(self.html, [coded[gap] for gap in self.html_gaps], mime.SOFT_BREAK)


def _cut(rendered: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    pieces = _GAP.split(rendered)
    return tuple(pieces[::2]), tuple(map(int, pieces[1::2]))


def _filled(fixed: Sequence[AnyStr], between: Sequence[AnyStr], joint: AnyStr) -> AnyStr:
    whole = [joint] * (2 * len(fixed) - 1)
    whole[::2] = fixed
    whole[1::2] = between
    return joint.join(whole)


def _link(value: str) -> bytes | None:
    """A long value in quoted-printable that needs nothing but soft breaks, as links do; they never repeat."""
    if len(value) <= _LINE or not _BARE.fullmatch(value):
        return None
    raw = value.encode("ascii")
    return mime.SOFT_BREAK.join([raw[start : start + _LINE] for start in range(0, len(raw), _LINE)])


@lru_cache(maxsize=16_384)
def _coded(value: str) -> bytes:
    """A value in HTML and in quoted-printable; titles, prices and calls are the same for many."""
    return mime.quoted(mime.lines(str(escape(value))))

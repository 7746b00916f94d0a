"""Product titles as a reader should see them. A presentation of the same fact: nothing is added, nothing renamed."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

from siyu import packs

Kind = Literal["name", "type"]
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<!--.*?-->|<[%?][^<>]*[%?]>")
_INERT = str.maketrans({"{": "｛", "}": "｝", "<": "＜", ">": "＞"})
_LONGEST, _LISTED, _SHORT = 40, 24, 17
_SPACE = re.compile(r"\s+")
_CAPITALS = re.compile(r"[A-Z]")
_LOWER = re.compile(r"[a-z]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_NAMING = re.compile(r"[A-Za-z]+|[\u3400-\u9fff]+")
_TYPE_ENDS = re.compile(r"\s*[:/,(&]\s*|\s[-–]\s|\s+(?=\S*\d)|\s(?:not|only|incl|excl|ex|all|other|misc)\b", re.I)
_SHORTEST_TYPE = 3
_VOWEL = re.compile(r"[aeiouy]", re.I)
_LONG_WORD = re.compile(r"[A-Za-z]{3,}")
_LETTERED = re.compile(r"\b[A-Z](?=-[a-z])")  # the letter of a T-shirt, a V-neck
_TENS = re.compile(r"(?<=\d['’])S(?![A-Za-z])")
_CUT = re.compile(r"\s*(?:[,;|/(（，；]|\s[-–—]\s|:\s)")
WIDE = re.compile(
    r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001faff]"
)
HAN = re.compile(r"[\u3400-\u9fff]")


def width(text: str) -> float:
    """Width in Chinese characters: a wide character counts one, any other a half.

    Example:
        >>> width("T恤ab")
        2.5
    """
    return (len(text) if text.isascii() else len(text) + len(WIDE.findall(text))) / 2


def clean(text: str) -> str:
    """``text`` without tags, control, bidi and zero-width characters; braces and angles become full-width, thus inert.

    Example:
        >>> clean("  <b>Mug</b>\\u200b {{7*7}}\\n")
        'Mug ｛｛7*7｝｝'
    """
    plain = _TAG.sub("", text) if "<" in text else text
    kept = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in plain)
    visible = "".join(c for c in kept if unicodedata.category(c) != "Cf") if not kept.isascii() else kept
    return _SPACE.sub(" ", visible).strip().translate(_INERT)


@cache
def _words(group: str, kind: str) -> frozenset[str]:
    return frozenset(packs.read("languages", "en", "glossary")[group][kind])


def _one_word(word: str, token: str, first: bool) -> str:
    low = word.lower()
    if low in _words("titles", "capitals"):
        return word.upper()
    if low in _words("titles", "small") and word == token and not first:  # of, but A-Line
        return low
    return word[:1].upper() + low[1:]


def _sensible_case(title: str) -> str:
    """Capitals all the way become title case; tokens with digits (12/18&15PK, A4) stay as they are."""
    shown = []
    tokens = title.split(" ")
    for position, token in enumerate(tokens):
        if any(c.isdigit() for c in token):
            shown.append(_LONG_WORD.sub(lambda match: match.group().capitalize(), _TENS.sub("s", token)))
        else:
            shown.append(_cased(token, first=position in (0, len(tokens) - 1)))
    return " ".join(shown)


def _cased(token: str, *, first: bool) -> str:
    return _WORD.sub(lambda match: _one_word(match.group(), token, first and match.start() == 0), token)


def _shouts(title: str) -> bool:
    capitals, lower = len(_CAPITALS.findall(title)), len(_LOWER.findall(title))
    return capitals > 3 and lower * 8 < capitals


def _is_sentence(title: str) -> bool:
    """Whether an English title is written like a sentence (Soft-crown cotton cap), and would read as one mid-line."""
    first, _, rest = title.partition(" ")
    begins = first[:1].isdigit() or (first[:1].isupper() and not _CAPITALS.search(first[1:]))
    rest = _LETTERED.sub("", rest)
    return bool(rest) and title.isascii() and begins and bool(_LOWER.search(rest)) and not _CAPITALS.search(rest)


def cut(text: str, limit: float, ellipsis: str = "…") -> str:
    """``text`` cut to ``limit`` wide characters, at a word's end, without a word that leads nowhere.

    Example:
        >>> cut("White Hanging Heart Holder", 10), cut("Set of Twelve", 5)
        ('White Hanging Heart…', 'Set…')
    """
    if width(text) <= limit:
        return text
    end = len(text)
    while end and width(text[:end]) + width(ellipsis) > limit:
        end -= 1
    head, after = text[:end], text[end : end + 1]
    if after.isascii() and after.isalnum() and head[-1:].isascii() and head[-1:].isalnum() and " " in head:
        head = head[: head.rfind(" ")]
    return _trimmed(head).rstrip(" -–,;:/&(（“\"'") + ellipsis


def _trimmed(title: str) -> str:
    """Without trailing words that lead nowhere: NUMBER TILE COTTAGE GARDEN No -> NUMBER TILE COTTAGE GARDEN."""
    words = title.split(" ")
    while len(words) > 1 and words[-1].lower() in _words("titles", "dangling"):
        words.pop()
    return " ".join(words)


def is_bare(title: str) -> bool:
    """Whether a title names nothing: a code, a colour, a size.

    Example:
        >>> is_bare("Blue"), is_bare("84520B"), is_bare("白色 大号"), is_bare("Blue Mug")
        (True, True, True, False)
    """
    words = _NAMING.findall(clean(title).casefold())
    coded = any(c.isdigit() for c in title) and " " not in title.strip() and title.isascii() and len(words) < 3
    groups = ("bare", "unfit", "people", "states")
    untelling = frozenset().union(*(_words(group, "words") for group in groups))
    telling = [word for word in words if len(word) > 1 and word not in untelling]
    return not telling or (coded and not any(_VOWEL.search(word) and len(word) > 3 for word in telling))


def type_head(title: str) -> str:
    """What a type is called without its qualifiers.

    Example:
        >>> type_head("FLUID MILK WHITE ONLY"), type_head("ICE - CRUSHED/CUBED")
        ('FLUID MILK WHITE', 'ICE')
    """
    return _TYPE_ENDS.split(title)[0].strip()


def _as_type(title: str) -> str:
    """A product type in lower case; empty where it is made of abbreviations (SFT DRNK SNGL SRV)."""
    head = type_head(title)
    return head.lower() if len(head) >= _SHORTEST_TYPE and _readable(head) else ""


def _readable(text: str) -> bool:
    words = _WORD.findall(text)
    return bool(HAN.search(text)) or (bool(words) and all(_VOWEL.search(word) for word in words))


@lru_cache(maxsize=200_000)
def whole(title: str, kind: Kind = "name") -> str:
    """The title in the case and the words of running text, however long.

    Example:
        >>> whole("WHITE HANGING HEART T-LIGHT HOLDER"), whole("SET/6 RED CD BOXES")
        ('White Hanging Heart T-Light Holder', 'Set/6 Red CD Boxes')
        >>> whole("Soft-crown cotton cap"), whole("NUMBER TILE COTTAGE GARDEN No")
        ('Soft-Crown Cotton Cap', 'Number Tile Cottage Garden')
        >>> whole("SOFT DRINKS 12/18&15PK CAN CAR", "type")
        'soft drinks'
    """
    shown = clean(title)
    if kind == "type":
        return _as_type(shown)
    shown = _trimmed(shown)
    if _shouts(shown):
        shown = _sensible_case(re.sub(r"(?<=[A-Z]):(?=[A-Z])", ": ", shown))
    elif _is_sentence(shown):
        shown = _sensible_case(shown)
    return shown.rstrip(" .,;:")


def full(title: str, kind: Kind = "name") -> str:
    """The title for running text, at most 40 wide characters."""
    return cut(whole(title, kind), _LONGEST)


def listed(title: str, kind: Kind = "name") -> str:
    """The title for a list, at most 24 wide characters: whole, or what stands before a comma, or cut at a word."""
    shown = whole(title, kind)
    return shown if width(shown) <= _LISTED else short(title, kind) or cut(shown, _LISTED)


@lru_cache(maxsize=200_000)
def short(title: str, kind: Kind = "name") -> str:
    """The title for subject lines, at most 17 wide characters (34 Latin letters); empty where it would have to be cut.

    Example:
        >>> short("Linen Shirt, long sleeve, navy, new season"), short("PACK OF 72 RETROSPOT PAPER CAKE CASES")
        ('Linen Shirt', '')
    """
    shown = whole(title, kind)
    if width(shown) > _SHORT:
        head = _CUT.split(shown)[0].strip()
        shown = head if len(head) >= 4 else ""
    return shown if width(shown) <= _SHORT else ""

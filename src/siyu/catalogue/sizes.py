"""Sizes of clothes and shoes: which system they are of, and one spelling of each.

Systems are never converted into each other: a European 42 is a different American size at every maker, so a converted
size would be a claim the shop did not make.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_ALPHA = {"XXS": -3, "XS": -2, "S": -1, "M": 0, "L": 1, "XL": 2, "XXL": 3, "XXXL": 4, "XXXXL": 5, "XXXXXL": 6}
_SAID = {
    "XS": "x-small extra_small",
    "S": "small 小 小码 小号",
    "M": "medium 中 中码 中号",
    "L": "large 大 大码 大号",
    "XL": "x-large extra_large 加大 加大码 加大号",
    "XXL": "xx-large 特大 特大码 特大号 加加大",
}
_WORDS = {word.replace("_", " "): name for name, words in _SAID.items() for word in words.split()}
_ONE = frozenset(
    {
        "均码",
        "通码",
        "一码通",
        "one size",
        "onesize",
        "one-size",
        "os",
        "o/s",
        "one size fits all",
        "free size",
        "freesize",
        "f",
    }
)
_COUNTRIES = {
    "eur": "eu",
    "欧码": "eu",
    "usa": "us",
    "美码": "us",
    "gb": "uk",
    "英码": "uk",
    "国码": "cn",
    "日码": "jp",
    **{code: code for code in ("eu", "us", "uk", "cn", "jp", "fr", "it", "de", "au")},
}


@dataclass(frozen=True, slots=True)
class Size:
    """A size in its own system.

    Attributes:
        system: ``alpha``, ``one-size``, ``eu``, ``us``, ``uk`` ..., ``cm``, ``gbt`` (GB/T 1335: height/girth and body
            type) or ``number`` where no system is stated.
        name: one spelling within the system: ``XL``, ``42.5``, ``170/92A``.
        order: sorts sizes of one system; of ``gbt``, by height and then girth.
    """

    system: str
    name: str
    order: float

    @property
    def key(self) -> str:
        """``system:name``."""
        return f"{self.system}:{self.name}"


def size(text: str) -> Size | None:
    """The size that ``text`` is; ``None`` where it is none or several.

    Example:
        >>> [size(word).key for word in ("xl", "2XL", "Medium", "大码", "均码", "EU 42,5", "170/92a")]
        ['alpha:XL', 'alpha:XXL', 'alpha:M', 'alpha:L', 'one-size:one-size', 'eu:42.5', 'gbt:170/92A']
        >>> size("S/M"), size("red")
        (None, None)
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if not plain or len(plain) > 30:
        return None
    return next((found for read in _READERS if (found := read(plain))), None)


def _alpha(plain: str) -> Size | None:
    bare = plain.removesuffix("码").removesuffix("号").strip() if plain[0].isascii() else plain
    repeated = re.fullmatch(r"(\d)\s*-?x\s*(-?l|-?s)?", bare)
    if repeated and repeated.group(2):
        bare = "x" * int(repeated.group(1)) + repeated.group(2).strip("-")
    name = _WORDS.get(plain) or bare.upper()
    return Size("alpha", name, _ALPHA[name]) if name in _ALPHA else None


def _one_size(plain: str) -> Size | None:
    return Size("one-size", "one-size", 0.0) if plain in _ONE else None


def _garment(plain: str) -> Size | None:
    """GB/T 1335: height in cm, girth in cm, body type Y, A, B or C."""
    match = re.fullmatch(r"(\d{2,3})\s*/\s*(\d{2,3})\s*([yabc])?(?:\s*\(?(?:xx?s|s|m|x{0,4}l)\)?)?", plain)
    if not match:
        return None
    height, girth, body = int(match.group(1)), int(match.group(2)), (match.group(3) or "").upper()
    return (
        Size("gbt", f"{height}/{girth}{body}", height * 1000.0 + girth)
        if 50 <= height <= 210 and 30 <= girth <= 160
        else None
    )


def _national(plain: str) -> Size | None:
    match = re.fullmatch(r"([a-z]{2,3}|[国欧美英日]码)\s*[:：-]?\s*(\d{1,3}(?:[.,]\d)?|x{0,4}[sl]|m)(?:\s*码)?", plain)
    match = match or re.fullmatch(r"(?P<n>\d{1,3}(?:[.,]\d)?)\s*(?P<c>[a-z]{2,3})", plain)
    if not match:
        return None
    country, name = (match.group("c"), match.group("n")) if "c" in match.groupdict() else match.groups()
    system = _COUNTRIES.get(country)
    if system is None:
        return None
    shown = name.replace(",", ".").upper()
    return Size(system, shown, float(shown) if shown[0].isdigit() else _ALPHA.get(shown, 0))


def _length(plain: str) -> Size | None:
    match = re.fullmatch(r"(\d{1,3}(?:[.,]\d)?)\s*(?:cm|厘米)", plain)
    return Size("cm", match.group(1).replace(",", "."), float(match.group(1).replace(",", "."))) if match else None


def _number(plain: str) -> Size | None:
    match = re.fullmatch(r"(\d{1,3}(?:[.,]5)?)\s*码?", plain)
    return Size("number", match.group(1).replace(",", "."), float(match.group(1).replace(",", "."))) if match else None


_READERS: tuple[Callable[[str], Size | None], ...] = (_one_size, _alpha, _garment, _length, _national, _number)

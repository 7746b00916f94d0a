"""Quantities as shops write them: a number with a unit of mass, volume, length or count, in Chinese or English.

The words stay what a message may say; the number in a base unit (g, ml, cm, piece) is for comparing and sorting only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from siyu.catalogue import vocabulary

_NUMBER = r"\d{1,9}(?:[.,]\d{1,6})?"
_TIMES = r"\s*[x×*]\s*"


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a base unit.

    Attributes:
        amount: in ``unit``; a pack of several is their sum.
        unit: ``g``, ``ml``, ``cm`` or ``piece``.
        kind: ``mass``, ``volume``, ``length`` or ``count``.
        packs: how many equal parts make the amount; 1 for one.
        exact: whether the words said this number in this unit, so that nothing was converted.
    """

    amount: float
    unit: str
    kind: str
    packs: int = 1
    exact: bool = False


def quantity(text: str) -> Quantity | None:
    """The one quantity that ``text`` is; ``None`` where it is none, several, or a range.

    斤 is 500 g and 两 50 g (State Council order of 1984, as in daily use); oz 28.349523125 g and lb 453.59237 g
    (international pound, 1959); fl oz 29.5735295625 ml (US). A bare ``oz`` is mass.

    Example:
        >>> quantity("2斤"), quantity("500 g").exact, quantity("6 x 330ml").amount
        (Quantity(amount=1000.0, unit='g', kind='mass', packs=1, exact=False), True, 1980.0)
        >>> quantity("50-60 cm"), quantity("large")
        (None, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = vocabulary.CONTENT_LABEL.sub("", plain).strip()
    if not plain or len(plain) > 40:
        return None
    found = _packed(plain) or _single(plain)
    return found if found and 0 < found.amount < 1e12 else None


def _single(plain: str) -> Quantity | None:
    match = re.fullmatch(rf"({_NUMBER})\s*([^\d\s][^\d]{{0,11}})", plain)
    return _made(match.group(1), match.group(2).strip(), 1) if match else None


def _packed(plain: str) -> Quantity | None:
    """``6 x 330 ml``, ``330ml*6瓶``, ``500g x 2``."""
    first = re.fullmatch(rf"(\d{{1,4}}){_TIMES}({_NUMBER})\s*([^\d\s*×x][^\d*×x]{{0,11}})", plain)
    if first:
        return _made(first.group(2), first.group(3).strip(), int(first.group(1)))
    last = re.fullmatch(rf"({_NUMBER})\s*([^\d\s*×x]{{1,12}}?){_TIMES}(\d{{1,4}})\s*([^\d\s*×x]{{0,4}})", plain)
    if not last or not (last.group(4) == "" or last.group(4) in vocabulary.COUNTERS):
        return None
    return _made(last.group(1), last.group(2).strip(), int(last.group(3)))


def _made(number: str, word: str, packs: int) -> Quantity | None:
    unit = vocabulary.UNITS.get(word.rstrip("."))
    if unit is None or packs == 0:
        return None
    try:
        amount = Decimal(_point(number)) * unit.factor * packs
    except InvalidOperation:
        return None
    return Quantity(float(amount), unit.base, unit.kind, packs, exact=packs == 1 and unit.factor == 1)


def _point(number: str) -> str:
    """A comma before three digits parts thousands, another is a decimal point."""
    if "," not in number:
        return number
    whole, _, rest = number.partition(",")
    return whole + rest if len(rest) == 3 else f"{whole}.{rest}"

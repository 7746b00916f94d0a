"""Figures and what they count: ¥99, 8.5折, 15%, 500 ml, 八五折, half price. What a text and its facts say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

NUMBER: Final = re.compile(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?")
_BEFORE: Final = re.compile(r"(?:[¥$€£]|\b(?:cny|rmb|usd|eur|gbp|jpy))\s?$", re.I)
_AFTER: Final = re.compile(
    r"\s?(?:(?P<money>元|块钱?|圆|人民币|美元|欧元|英镑|日元|円|yuan|rmb|dollars?|bucks|euros?|pounds?|€)"
    r"|(?P<zhe>折)|(?P<percent>%|％|percent\b|per cent\b|％)|(?P<times>倍|times\b|x\b)"
    r"|(?P<unit>[a-z]{1,12}\b|[\u3400-\u9fff]))",
    re.I,
)
_DIGITS: Final = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "半": 0.5,
}
_POWERS: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
HAN_NUMBER: Final = "〇零一二三四五六七八九十百千万亿两半"


class Amount(NamedTuple):
    """A figure with what it counts: ``money``, ``off`` (percent taken off), ``times``, a unit, or nothing."""

    kind: str
    number: str


def plain(number: str) -> str:
    """A figure in one spelling: no thousands separators, no closing zeros after the point.

    Example:
        >>> plain("1,299.50"), plain("8.0")
        ('1299.5', '8')
    """
    bare = number.replace(",", "")
    return bare.rstrip("0").rstrip(".") if "." in bare else bare


def shown(number: float) -> str:
    """A number as :func:`plain` spells it."""
    return plain(f"{number:.4f}")


def same_length(text: str) -> str:
    """``text`` with full-width figures and signs as plain ones, character for character."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return folded if len(folded) == len(text) else "".join(map(_one, text))


def _one(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def of_figure(text: str, match: re.Match[str]) -> Amount:
    """What a figure of ``text`` (of plain characters) counts."""
    number = plain(match.group())
    after = _AFTER.match(text, match.end())
    if _BEFORE.search(text, max(0, match.start() - 5), match.start()):
        return Amount("money", number)
    if after is None:
        return Amount("", number)
    kind = after.lastgroup or ""
    if kind == "zhe":
        return Amount("off", shown(100 - 10 * _tenths(number)))
    if kind == "percent":
        return Amount("off", number)
    return Amount(after.group().strip().lower() if kind == "unit" else kind, number)


def _tenths(number: str) -> float:
    """85折 is 8.5折."""
    value = float(number)
    return value / 10 if value > 10 else value


@lru_cache(maxsize=100_000)
def of_value(value: str) -> frozenset[Amount]:
    """Every amount that a fact's shown value states, a reduction in either way of telling it.

    Example:
        >>> sorted(of_value("8.5折")), sorted(of_value("¥1,299.50"))
        ([Amount(kind='off', number='15')], [Amount(kind='money', number='1299.5')])
    """
    text = same_length(value)
    found = {of_figure(text, match) for match in NUMBER.finditer(text)}
    return frozenset(found | set(said(text)))


def said(text: str) -> Iterator[Amount]:
    """Amounts that ``text`` states in Chinese words with a unit: 八五折, 九十九元."""
    for match in re.finditer(rf"([{HAN_NUMBER}]+)(折|元|块钱?|倍)", text):
        found = of_words(match.group(1), match.group(2))
        if found:
            yield found


def of_words(words: str, unit: str) -> Amount | None:
    """The amount of Chinese number words before a unit; None where they are no number.

    Example:
        >>> of_words("八五", "折"), of_words("一百九十九", "元"), of_words("七", "折").number
        (Amount(kind='off', number='15'), Amount(kind='money', number='199'), '30')
    """
    digits = [_DIGITS.get(character) for character in words]
    if unit == "折" and digits and None not in digits:
        tenths = sum(digit / 10**place for place, digit in enumerate(digits) if digit is not None)
        return Amount("off", shown(100 - 10 * tenths))
    number = _number(words)
    if number is None:
        return None
    return Amount({"元": "money", "块": "money", "块钱": "money", "倍": "times"}.get(unit, unit), shown(number))


def _number(words: str) -> float | None:
    total, section, digit = 0.0, 0.0, 0.0
    for character in words:
        if character in _DIGITS:
            digit = float(_DIGITS[character])
        elif character in "万亿":
            total, section, digit = (total + section + digit) * _POWERS[character], 0.0, 0.0
        elif character in _POWERS:
            section, digit = section + (digit or 1.0) * _POWERS[character], 0.0
        else:
            return None
    return total + section + digit


def any_of(amount: Amount, values: Iterable[str]) -> bool:
    """Whether some value states this amount; a figure that counts nothing may be a sum of money or a bare count."""
    known = frozenset[Amount]().union(*map(of_value, values))
    return amount in known or (not amount.kind and Amount("money", amount.number) in known)

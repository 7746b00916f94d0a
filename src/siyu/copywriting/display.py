"""How a fact is shown in a language: money, dates, percentages, names. The only maker of values for slots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from siyu import packs
from siyu.copywriting import titles
from siyu.copywriting.titles import HAN, width

_LOCALES = {"zh": "zh_CN", "en": "en_US"}
_UNVOICED = 3  # letters; longer words without a vowel are abbreviations (FRZN)


class FactLike(Protocol):
    """What is needed of a fact to show it."""

    @property
    def slot(self) -> str:
        """Name of the slot."""
        ...

    @property
    def value(self) -> str:
        """Text of the fact."""
        ...

    @property
    def number(self) -> float | None:
        """The same as a number."""
        ...

    @property
    def unit(self) -> str:
        """Currency or unit."""
        ...


@lru_cache(maxsize=100_000)
def money(amount: float, currency: str, language: str) -> str:
    """An amount of money; whole amounts lose their zeros.

    Example:
        >>> money(99.0, "CNY", "zh"), money(2.55, "GBP", "en"), money(1299.5, "USD", "en")
        ('¥99', '£2.55', '$1,299.50')
    """
    whole = float(amount).is_integer()
    return str(
        format_currency(
            amount, currency, format="¤#,##0" if whole else None, locale=_LOCALES[language], currency_digits=not whole
        )
    )


@lru_cache(maxsize=1000)
def percent_off(percent: float, language: str) -> str:
    """A reduction: 折 in Chinese, a percentage in English.

    Example:
        >>> percent_off(20, "zh"), percent_off(15, "zh"), percent_off(15, "en")
        ('8折', '8.5折', '15%')
    """
    if language == "zh":
        return f"{format_decimal(round((100 - percent) / 10, 2), locale='zh_CN')}折"
    return f"{format_decimal(percent, locale='en_US')}%"


@lru_cache(maxsize=10_000)
def count(number: int, language: str) -> str:
    """A count of people or purchases.

    Example:
        >>> count(1234, "en")
        '1,234'
    """
    return str(format_decimal(number, locale=_LOCALES[language]))


def last_day(end: datetime, zone: str, language: str) -> str:
    """The last day on which something that ends at ``end`` (exclusive, aware) still holds.

    Example:
        >>> from datetime import UTC
        >>> last_day(datetime(2026, 6, 30, 16, tzinfo=UTC), "Asia/Shanghai", "zh")
        '6月30日'
    """
    day = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return str(format_skeleton("MMMMd", day, locale=_LOCALES[language]))


@cache
def _terms() -> dict[str, str]:
    return dict(packs.read("languages", "zh", "glossary")["terms"])


@cache
def _back() -> dict[str, str]:
    back: dict[str, str] = {}
    for english, chinese in _terms().items():
        back.setdefault(chinese, english)
    return back


@cache
def _mass() -> frozenset[str]:
    return frozenset(packs.read("languages", "en", "glossary")["mass"]["words"])


@cache
def attribute_group(name: str) -> str:
    """Which group of phrases speaks of an attribute: ``colour``, ``material`` ...; ``detail`` for the rest.

    Example:
        >>> attribute_group("颜色"), attribute_group("Fabric"), attribute_group("zip")
        ('colour', 'material', 'detail')
    """
    low = name.casefold().strip()
    groups: dict[str, list[str]] = packs.read("languages", "zh", "glossary")["groups"]
    return next((group for group, names in groups.items() if low in names), "detail")


def _said(text: str, language: str) -> str | None:
    """``text`` in ``language`` through the glossary; None where the script is another and no word is known."""
    chinese = bool(HAN.search(text))
    if language == "zh":
        return text if chinese else _terms().get(text.casefold())
    return _back().get(text) if chinese else text


def _plural(noun: str) -> str:
    head = noun.rsplit(" ", 1)[-1]
    if head in _mass() or head.endswith(("s", "ware", "wear", "ing")):
        return noun
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if head.endswith(("ch", "sh", "x", "z")) else "s")


@lru_cache(maxsize=50_000)
def category(path: str, language: str) -> str:
    """Last level of a category path as a noun of running text; empty where it cannot be said well.

    Example:
        >>> category("Clothing > T-shirt", "zh"), category("CLOTHING > COATS", "en"), category("FRZN ICE", "en")
        ('T恤', 'coats', '')
    """
    leaf = titles.type_head(titles.clean(path.rsplit(" > ", 1)[-1]))
    words = [word for word in leaf.replace("-", " ").replace("/", " ").split() if word.isalpha()]
    if not HAN.search(leaf) and any(
        len(word) >= _UNVOICED and not set(word.casefold()) & set("aeiouy") for word in words
    ):
        return ""
    said = _said(leaf, language)
    if not said or width(said) > 12 or _is_unspeakable(said):
        return ""
    if language == "zh":
        return said
    plural = _plural(said.lower())
    return "T-shirts" if plural == "t-shirts" else plural


def _is_unspeakable(noun: str) -> bool:
    vague = packs.read("languages", "en", "glossary")["vague"]["words"]
    marks = any(c.isdigit() or c in "/:&+.-" for c in noun) and noun.casefold() not in ("t-shirt", "t-shirts")
    return marks or noun.casefold() in vague


@lru_cache(maxsize=50_000)
def attribute(name: str, value: str, language: str, *, sentence: bool = False) -> str:
    """An attribute's value; with ``sentence`` as a thing a reader can like. Empty where it cannot be said.

    Example:
        >>> attribute("style", "casual", "zh", sentence=True), attribute("颜色", "白色", "en")
        ('休闲风', 'white')
    """
    said = _said(titles.clean(value), language) or _numeric(value)
    if not said or width(said) > 16:
        return ""
    if language == "en":
        return said.lower() if said.isupper() and len(said) > _UNVOICED else said
    suffix = packs.read("languages", "zh", "glossary")["suffix"].get(attribute_group(name), "") if sentence else ""
    return said if said.endswith(suffix) else said + suffix


def _numeric(value: str) -> str:
    shown = titles.clean(value)
    return shown if shown and sum(c.isdigit() for c in shown) * 2 >= len(shown.replace(" ", "")) else ""


@lru_cache(maxsize=50_000)
def keyword(word: str, language: str) -> str:
    """A search word for quoting; empty where it is of another script and has no known translation.

    Example:
        >>> keyword("vintage", "zh"), keyword("42", "en")
        ('复古', '')
    """
    shown = titles.clean(word)
    said = _said(shown, language)
    longest, least = 10, 2
    if not said or width(said) > longest or len(said) < least or any(c.isdigit() for c in said):
        return ""
    return said


@lru_cache(maxsize=200_000)
def _name(title: str, language: str, kind: Literal["name", "type"], short: bool) -> str:
    said = _said(titles.clean(title), language)
    if said and language == "zh" and not HAN.search(title):
        return said
    shown = titles.short(title, kind) if short else titles.full(title, kind)
    foreign = bool(HAN.search(shown)) != (language == "zh")
    long_name = language == "zh" and not short and width(shown) > 12
    if not (foreign or long_name) or not shown:
        return shown
    opening, closing = packs.read("languages", language, "copy")["typography"]["quote"]
    return f"{opening}{shown.replace(opening, '‘').replace(closing, '’')}{closing}"


@dataclass(frozen=True, slots=True)
class Presenter:
    """Shows facts in one language, the shop's way."""

    language: str
    timezone: str = "Asia/Shanghai"
    title_kind: Literal["name", "type"] = "name"

    def name(self, title: str, *, short: bool = False) -> str:
        """A product's title: translated where the glossary knows all of it, else a name, quoted if foreign."""
        return _name(title, self.language, self.title_kind, short)

    def fact(self, fact: FactLike) -> str:
        """The value of a fact's own slot; empty where this language cannot say it."""
        slot = fact.slot
        if slot in ("price", "price.before", "offer.price"):
            return self._money(fact)
        if slot.startswith("attr."):
            return attribute(slot[5:], fact.value, self.language)
        show = _BY_SLOT.get(slot)
        return show(self, fact) if show else titles.cut(titles.clean(fact.value), 16)

    def _money(self, fact: FactLike) -> str:
        positive = fact.number is not None and 0 < fact.number < 1e9
        return money(fact.number or 0.0, fact.unit, self.language) if positive and len(fact.unit) == 3 else ""

    def angle(self, facet: str, value: str) -> str:
        """An interest as it is spoken of; empty where this language cannot say it."""
        if facet == "category":
            return category(value, self.language)
        if facet == "attribute":
            name, _, bare = value.partition("=")
            measured = attribute_group(name) == "size" or any(c.isdigit() for c in bare)  # nobody is fond of 20 oz
            return "" if measured else attribute(name, bare, self.language, sentence=True)
        if facet == "keyword":
            return keyword(value, self.language)
        return titles.cut(titles.clean(value), 12)


_BY_SLOT: dict[str, Callable[[Presenter, FactLike], str]] = {
    "title": lambda p, f: p.name(f.value),
    "past.title": lambda p, f: p.name(f.value),
    "past.bought": lambda p, f: p.name(f.value),
    "past.viewed": lambda p, f: p.name(f.value),
    "category": lambda p, f: category(f.value, p.language),
    "offer.percent_off": lambda p, f: percent_off(f.number, p.language) if f.number else "",
    "offer.ends": lambda p, f: last_day(datetime.fromisoformat(f.value), p.timezone, p.language),
    "reason.count": lambda p, f: count(int(f.number or 0), p.language),
}

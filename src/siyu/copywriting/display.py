"""How a fact is shown in a language: money, dates, percentages, names. The only maker of values for slots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal

from siyu import packs
from siyu.copywriting import saying, titles
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.slots import NAMES
from siyu.copywriting.titles import width
from siyu.copywriting.tongues import tongue
from siyu.domain.campaigns import Campaign

_ZEROS = re.compile(r"[.,]00(?!\d)")
_AMOUNT = re.compile(r"\{(?:off|left)\}")


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
    shape, locale = "¤#,##0" if whole and tongue(language).plain_money else None, tongue(language).locale
    shown = str(format_currency(amount, currency, format=shape, locale=locale, currency_digits=not whole))
    return shown if shape or not whole else _ZEROS.sub("", shown)


@lru_cache(maxsize=1000)
def percent_off(percent: float, language: str) -> str:
    """A reduction: 折 in Chinese, a percentage in English.

    Example:
        >>> percent_off(20, "zh"), percent_off(15, "zh"), percent_off(15, "en")
        ('8折', '8.5折', '15%')
    """
    spoken = tongue(language)
    amounts = {"{off}": percent, "{left}": round((100 - percent) / 10, 2)}
    return _AMOUNT.sub(
        lambda match: str(format_decimal(amounts[match.group()], locale=spoken.locale)), spoken.reduction
    )


@lru_cache(maxsize=10_000)
def count(number: int, language: str) -> str:
    """A count of people or purchases.

    Example:
        >>> count(1234, "en")
        '1,234'
    """
    return str(format_decimal(number, locale=tongue(language).locale))


def last_day(end: datetime, zone: str, language: str) -> str:
    """The last day on which something that ends at ``end`` (exclusive, aware) still holds.

    Example:
        >>> from datetime import UTC
        >>> last_day(datetime(2026, 6, 30, 16, tzinfo=UTC), "Asia/Shanghai", "zh")
        '6月30日'
    """
    day = (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    return str(format_skeleton("MMMMd", day, locale=tongue(language).locale))


@lru_cache(maxsize=200_000)
def _name(title: str, language: str, kind: titles.Kind, form: str) -> str:
    said = saying.said(titles.clean(title), language)
    spoken = tongue(language)
    if said and spoken.letters and not spoken.writes(title):
        return said
    shown = _FORMS[form](title, kind)
    foreign = not spoken.writes(shown)
    long_name = not spoken.spaced and form == "full" and width(shown) > 12
    if not (foreign or long_name) or not shown:
        return shown
    opening, closing = packs.read("languages", language, "copy")["typography"]["quote"]
    return f"{opening}{shown.replace(opening, '‘').replace(closing, '’')}{closing}"


_FORMS: dict[str, Callable[[str, titles.Kind], str]] = {
    "full": titles.full,
    "short": titles.short,
    "listed": titles.listed,
}


@dataclass(frozen=True, slots=True)
class Presenter:
    """Shows facts in one language, the shop's way."""

    language: str
    timezone: str = "Asia/Shanghai"
    title_kind: titles.Kind = "name"

    def name(self, title: str, form: Literal["full", "short", "listed"] = "full") -> str:
        """A product's title: translated where the glossary knows all of it, else a name, quoted if foreign.

        ``short`` is empty where the name would have to be cut.
        """
        return _name(title, self.language, self.title_kind, form)

    def fact(self, fact: FactLike) -> str:
        """The value of a fact's own slot; empty where this language cannot say it."""
        slot = fact.slot
        if slot in ("price", "price.before", "offer.price"):
            return self._money(fact)
        if slot.startswith("attr."):
            return saying.attribute(slot[5:], fact.value, self.language)
        show = _BY_SLOT.get(slot)
        return show(self, fact) if show else titles.cut(titles.clean(fact.value), 16)

    def _money(self, fact: FactLike) -> str:
        positive = fact.number is not None and 0 < fact.number < 1e9
        return money(fact.number or 0.0, fact.unit, self.language) if positive and len(fact.unit) == 3 else ""

    def angle(self, facet: str, value: str) -> str:
        """An interest as it is spoken of; empty where this language cannot say it."""
        if facet == "category":
            return saying.category(value, self.language)
        if facet == "attribute":
            name, _, bare = value.partition("=")
            return saying.liking(name, bare, self.language)
        if facet == "keyword":
            return saying.keyword(value, self.language)
        return titles.cut(titles.clean(value), 12) if facet == "brand" else ""


def presenters_for(campaign: Campaign, settings: CopySettings) -> dict[str, Presenter]:
    """A presenter for each language of a campaign."""
    return {language: Presenter(language, settings.timezone, settings.title_kind) for language in campaign.languages}


def _title(presenter: Presenter, fact: FactLike) -> str:
    return presenter.name(fact.value)


def _count(presenter: Presenter, fact: FactLike) -> str:
    return count(int(fact.number or 0), presenter.language)


_BY_SLOT: dict[str, Callable[[Presenter, FactLike], str]] = {
    **dict.fromkeys(NAMES, _title),
    "category": lambda p, f: saying.category(f.value, p.language),
    "offer.percent_off": lambda p, f: percent_off(f.number, p.language) if f.number else "",
    "offer.ends": lambda p, f: last_day(datetime.fromisoformat(f.value), p.timezone, p.language),
    "reason.count": _count,
    "past.count": _count,
}

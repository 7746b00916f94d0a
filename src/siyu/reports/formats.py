"""Numbers, money and moments as people write them, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from babel import Locale
from babel.dates import format_datetime, get_timezone
from babel.numbers import format_currency

from siyu.reports.words import Both, both, say

_LOCALES: Final = {"zh": Locale.parse("zh_CN"), "en": Locale.parse("en_US")}
_WHOLE = 100
"""Money from this amount on is shown without cents: its interval is wider than they are."""


def money(value: float, currency: str, *, signed: bool = False) -> Both:
    """An amount: ``¥1,234`` and ``CN¥1,234``; without cents where they would mean nothing."""
    pattern = "¤#,##0" if abs(value) >= _WHOLE or value == 0 else "¤#,##0.00"
    sign = "+\u2060" if signed and value > 0 else ""  # a word joiner: no line breaks between sign and amount

    def one(language: str) -> str:
        return sign + str(
            format_currency(value, currency, pattern, locale=_LOCALES[language], currency_digits=False)
        ).replace("-", "−")

    return both(one)


def price(value: float, currency: str) -> Both:
    """A price as a shop writes it: without cents where there are none.

    Example:
        >>> price(29.0, "CNY").zh, price(2.95, "GBP").en
        ('¥29', '£2.95')
    """
    pattern = "¤#,##0" if value == int(value) else "¤#,##0.00"
    return both(
        lambda language: str(
            format_currency(value, currency, pattern, locale=_LOCALES[language], currency_digits=False)
        )
    )


def number(value: float | int | None, digits: int = 0, *, signed: bool = False) -> str:
    """A count or a figure with thousands separated; an absent one is a dash.

    Example:
        >>> number(-1234.5), number(7, signed=True), number(None)
        ('−1,234', '+7', '–')
    """
    if value is None:
        return "–"
    shown = round(value, digits) + 0.0  # no "−0"
    return (f"{shown:+,.{digits}f}" if signed and shown else f"{shown:,.{digits}f}").replace("-", "−")


def percent(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A share as per cent.

    Example:
        >>> percent(0.1234), percent(-0.5, 0, signed=True)
        ('12.3%', '−50%')
    """
    if value is None:
        return "–"
    return (f"{100 * value:+.{digits}f}%" if signed else f"{100 * value:.{digits}f}%").replace("-", "−")


def points_interval(found: Mapping[str, Any] | None) -> Both:
    """A difference of shares with its interval: percentage points, for per cent would read as a relative change.

    Example:
        >>> points_interval({"value": -0.01, "low": -0.03, "high": 0.012}).en
        '−1.0 [−3.0, +1.2] pp'
    """
    if not found or "lacking" in found:
        return interval(found, str)
    shown = interval(found, lambda value: number(100 * value, 1, signed=True))
    return Both(f"{shown.zh} 个百分点", f"{shown.en} pp")


def p_value(value: float | None) -> str:
    """A p-value; below a thousandth its size no longer matters."""
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def p_phrase(value: float) -> str:
    """A p-value within a sentence.

    Example:
        >>> p_phrase(0.1841), p_phrase(2e-9)
        ('p = 0.184', 'p < 0.001')
    """
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def moment(value: datetime | str, *, time: bool = True, zone: str = "UTC") -> Both:
    """A moment as the clocks of ``zone`` show it; one without a zone of its own is UTC.

    Example:
        >>> moment("2026-10-31T18:30", zone="Asia/Shanghai").en
        '1 Nov 2026 02:30'
    """
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    shape = {"zh": "y年M月d日", "en": "d MMM y"}
    clock, place = " HH:mm" if time else "", get_timezone(zone)
    return both(
        lambda language: str(format_datetime(at, shape[language] + clock, tzinfo=place, locale=_LOCALES[language]))
    )


def interval(found: Mapping[str, Any] | None, write: Any) -> Both:
    """``value [low, high]``, or what is lacking."""
    if not found:
        return Both("–", "–")
    if "lacking" in found:
        return say(f"lack.{found['lacking']}")

    def one(language: str) -> str:
        value, low, high = (_text(write(found[key]), language) for key in ("value", "low", "high"))
        return f"{value} [{low}, {high}]"

    return both(one)


def hundredfold(found: Mapping[str, Any]) -> dict[str, Any]:
    """A share's reading in per cent."""
    return {key: 100 * value if key in ("value", "low", "high") else value for key, value in found.items()}


def _text(value: object, language: str) -> str:
    return getattr(value, language) if isinstance(value, Both) else str(value)

"""Prices as people and feeds write them: ``15.00 USD``, ``US$1,299``, ``1.299,00 €``, ``￥99``."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "us$": "USD",
    "hk$": "HKD",
    "nt$": "TWD",
    "a$": "AUD",
    "c$": "CAD",
    "rmb": "CNY",
    "元": "CNY",
    "人民币": "CNY",
    "₩": "KRW",
    "₹": "INR",
    "₽": "RUB",
}
_EITHER = ("¥", "$")  # several countries use them, so they name no currency
_FORM = re.compile(
    r"(?P<head>[^\d\s.,+-]{0,5})\s*(?P<number>[+-]?[\d.,' ]*\d(?:[.,])?(?:e[+-]?\d+)?)\s*(?P<tail>[^\d\s.,]{0,5})"
)


def price(text: str) -> tuple[Decimal, str] | None:
    """Amount and currency code (empty where the text names none); ``None`` where the text is no price.

    With both a comma and a point, the last is the decimal one. A lone comma before exactly three digits parts
    thousands, otherwise it is decimal. ``¥`` and ``$`` belong to several countries: the feed must say which.

    Example:
        >>> price("15.00 USD"), price("1.299,00 €"), price("￥1,299"), price("free")
        ((Decimal('15.00'), 'USD'), (Decimal('1299.00'), 'EUR'), (Decimal('1299'), ''), None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    match = _FORM.fullmatch(plain) if len(plain) <= 60 else None
    if not match:
        return None
    codes = {code for word in (match["head"], match["tail"]) if (code := _code(word))}
    if len(codes) > 1 or "?" in codes:
        return None
    amount = _amount(match["number"])
    return None if amount is None else (amount, next(iter(codes), ""))


def _code(word: str) -> str:
    if not word or word in _EITHER:
        return ""
    return _SIGNS.get(word) or (word.upper() if re.fullmatch(r"[a-z]{3}", word) else "?")


def _amount(number: str) -> Decimal | None:
    bare = number.replace(" ", "").replace("'", "").rstrip(".,")
    if "," in bare and "." in bare:
        point = "," if bare.rfind(",") > bare.rfind(".") else "."
        other = "." if point == "," else ","
        if bare.count(point) > 1:
            return None
        bare = bare.replace(other, "").replace(point, ".")
    elif bare.count(",") == 1 and not re.search(r",\d{3}$", bare):
        bare = bare.replace(",", ".")
    elif not re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+", bare) and "," in bare:
        return None
    bare = bare.replace(",", "")
    try:
        return Decimal(bare)
    except ArithmeticError:
        return None

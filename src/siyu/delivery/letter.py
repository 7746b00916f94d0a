"""The letter: everything a template shows, from approved copy, its facts, the permit and the sender's identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Template
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_currency

from siyu.delivery.links import Links
from siyu.delivery.required import AD_MARK, SUBJECT_AD_MARK
from siyu.delivery.settings import SenderIdentity
from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId
from siyu.packs import reading

FALLBACK = "en"
_SHAPED = frozenset({"subject", "preheader", "hook", "reveal", "point", "proof", "offer", "call", "more"})
_PRICES = ("offer.price", "price")  # the first that is claimed is the price in force


@dataclass(frozen=True, slots=True)
class LetterItem:
    """A product as the letter shows it; empty text for what is not known."""

    title: str
    price: str
    image: str
    link: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a template may show. All of it is plain text; the template engine escapes it."""

    language: str
    html_language: str
    labels: Mapping[str, str]
    subject: str
    preheader: str
    hook: str
    reveals: tuple[str, ...]  # introduce the product
    points: tuple[str, ...]
    proofs: tuple[str, ...]
    offers: tuple[str, ...]
    call: str
    more: tuple[str, ...]  # introduce the other products
    notes: tuple[str, ...]  # approved parts of no shape of their own, such as texts that a law requires
    items: tuple[LetterItem, ...]
    reason: str
    ad: str  # the word for advertisement, where the law requires it
    sender: SenderIdentity
    links: Links
    open_pixel: bool
    honeypot: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What letters of one campaign have in common.

    Attributes:
        title_of: how a product's title is shown (a feed in capitals, for one).
        required: what the law of the campaign's place requires (:mod:`siyu.delivery.required`).
    """

    sender: SenderIdentity
    open_pixel: bool = False
    honeypot: bool = True
    title_of: Callable[[str], str] = str
    required: frozenset[str] = frozenset()


def write_letter(copy: ApprovedCopy, permit: Permit, *, look: Look, links: Links) -> Letter:
    """The letter of one approved copy; every approved part is shown, whatever its name."""
    pack = _pack(copy.language)
    labels: Mapping[str, str] = pack["labels"]
    return Letter(
        language=copy.language,
        html_language=pack["html_language"],
        labels=labels,
        subject=(labels["subject_ad"] if SUBJECT_AD_MARK in look.required else "") + copy.part("subject"),
        preheader=copy.part("preheader"),
        hook=copy.part("hook"),
        reveals=_texts(copy, "reveal"),
        points=_texts(copy, "point"),
        proofs=_texts(copy, "proof"),
        offers=_texts(copy, "offer"),
        call=copy.part("call") or labels["call"],
        more=_texts(copy, "more"),
        notes=tuple(text for part, text in copy.parts if part not in _SHAPED and text),
        items=_items(copy, links, pack["locale"], look.title_of),
        reason=_reason(look.sender.name, permit.granted_at.date(), copy.language),
        ad=labels["ad"] if AD_MARK in look.required else "",
        sender=look.sender,
        links=links,
        open_pixel=look.open_pixel,
        honeypot=look.honeypot,
    )


def label(language: str, key: str) -> str:
    """One of the texts of ``packs/languages/<language>/delivery.toml``."""
    text: str = _pack(language)["labels"][key]
    return text


@lru_cache(maxsize=64)
def _pack(language: str) -> dict[str, Any]:
    code = language.replace("_", "-")
    tried = [code, code.split("-")[0].lower()]
    known = [one for one in reading.names("languages") if "delivery" in reading.names("languages", one)]
    found = next((one for one in tried if one in known), FALLBACK)
    return reading.read("languages", found, "delivery")


def _texts(copy: ApprovedCopy, name: str) -> tuple[str, ...]:
    return tuple(text for part, text in copy.parts if part == name and text)


@lru_cache(maxsize=4096)
def _reason(shop: str, day: date, language: str) -> str:
    pack = _pack(language)
    shown = format_date(day, format="long", locale=pack["locale"])
    return Template(pack["labels"]["reason"]).substitute(shop=shop, date=shown)


def _items(copy: ApprovedCopy, links: Links, locale: str, title_of: Callable[[str], str]) -> tuple[LetterItem, ...]:
    claimed: dict[tuple[ItemId, str], Fact] = {}
    for fact in copy.facts:
        claimed.setdefault((fact.item, fact.slot), fact)
    return tuple(_item(item, claimed, links, locale, title_of=title_of) for item in copy.items)


def _item(
    item: ItemId,
    claimed: Mapping[tuple[ItemId, str], Fact],
    links: Links,
    locale: str,
    *,
    title_of: Callable[[str], str],
) -> LetterItem:
    def value(slot: str) -> str:
        fact = claimed.get((item, slot))
        return fact.value if fact else ""

    prices = (claimed[item, slot] for slot in _PRICES if (item, slot) in claimed)
    title = title_of(value("title")) if value("title") else ""
    return LetterItem(title, _money(next(prices, None), locale), _picture(value("image")), links.product(item))


def _money(fact: Fact | None, locale: str) -> str:
    if fact is None:
        return ""
    if fact.number is None or len(fact.unit) != 3:
        return fact.value
    return _formatted(fact.number, fact.unit, locale)


@lru_cache(maxsize=65_536)
def _formatted(amount: float, currency: str, locale: str) -> str:
    # currency_digits: whole yuan are written ¥99, cents where there are any
    if amount == int(amount):
        return format_currency(amount, currency, "¤#,##0", locale=locale, currency_digits=False)
    return format_currency(amount, currency, locale=locale)


@lru_cache(maxsize=65_536)
def _picture(url: str) -> str:
    """Only a picture on the web: anything else (``javascript:``, ``data:``, ``file:``) is left out."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme == "https" and parts.hostname else ""

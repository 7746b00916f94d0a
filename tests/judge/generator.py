"""Makes faults from templates and lawful lines from stems. It knows nothing of how the gate looks at them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

HERE = Path(__file__).parent
LEAST = 120  # cases of a kind, at least, where its templates allow


@dataclass(frozen=True)
class Case:
    """A line with what it may claim.

    Attributes:
        kind: the fault; ``lawful`` for none.
        half: ``tune`` or ``report``, by the hash of the template.
    """

    kind: str
    half: str
    language: str
    industry: str
    text: str
    values: tuple[str, ...] = ()
    slots: frozenset[str] = frozenset()
    part: str = "hook"


@dataclass(frozen=True)
class Thing:
    """A product of the judge's own."""

    title: str
    brand: str
    price: str
    off: str
    attribute: str


THINGS = {
    "zh": (
        Thing("半月收纳篮", "青禾里", "¥159", "8.5折", "藤草"),
        Thing("云朵抱枕", "木与白", "¥89", "9折", "短绒"),
        Thing("山茶手账本", "纸上集", "¥45", "9.5折", "道林纸"),
        Thing("圆角托盘", "泊岸", "¥218", "8.8折", "竹"),
        Thing("燕麦脆片", "晨禾", "¥29.9", "7折", "原味"),
        Thing("悠享计划", "泰安行", "¥1,000", "9折", "按月"),
    ),
    "en": (
        Thing("Harbour Basket", "Fernhill", "$159", "15%", "rattan"),
        Thing("Cloud Cushion", "Moss & Bell", "$89", "10%", "plush"),
        Thing("Camellia Journal", "Paperwright", "$45", "5%", "laid paper"),
        Thing("Round Tray", "Saltmarsh", "$218", "12%", "cork"),
        Thing("Oat Crisps", "Morrow", "$4.99", "30%", "plain"),
        Thing("Steady Plan", "Northgate", "$1,000", "10%", "monthly"),
    ),
}
_WORD = re.compile(r"\{(p|b|price|off|a|x)\}")
_VALUE = re.compile(r"\{([a-z._\u4e00-\u9fff]+)=([^{}]*)\}")
_OPENINGS = {
    "zh": ("", "小店来信：", "慢慢说，", "今天的风不大。"),
    "en": ("", "A note from the shop: ", "Slowly now. "),
}


def half_of(template: str) -> str:
    """Which half of the templates one belongs to."""
    return "report" if hashlib.sha1(template.encode()).digest()[0] % 2 else "tune"


def faults() -> Iterator[Case]:
    """Every fault of the templates, each kind at least :data:`LEAST` times where it can be."""
    for kind, data in tomllib.loads((HERE / "faults.toml").read_text("utf-8")).items():
        for language in ("zh", "en"):
            templates = data[language]
            made = [
                case
                for at, template in enumerate(templates)
                for case in _cases(
                    kind, data.get("industry", "e-commerce"), language, template, _values(data, language), at
                )
            ]
            yield from _thinned(made, LEAST)
    yield from _too_long()


def _values(data: dict[str, Sequence[str]], language: str) -> Sequence[str]:
    return data.get(f"x_{language}", data.get("x", ("",) * len(THINGS[language])))


def _cases(kind: str, industry: str, language: str, template: str, wrong: Sequence[str], at: int) -> Iterator[Case]:
    things = THINGS[language]
    for number, value in enumerate(wrong):
        thing = things[(at + number) % len(things)]
        yield _case(kind, industry, language, template, thing, value)


def _case(kind: str, industry: str, language: str, template: str, thing: Thing, wrong: str) -> Case:
    facts = {"p": thing.title, "b": thing.brand, "price": thing.price, "off": thing.off, "a": thing.attribute}
    told = [facts[name] for name in _WORD.findall(template) if name != "x"]
    text = _WORD.sub(lambda match: wrong if match.group(1) == "x" else facts[match.group(1)], template)
    return Case(kind, half_of(template), language, industry, text, tuple(told))


def _thinned(cases: Sequence[Case], least: int) -> Iterator[Case]:
    """So many of them, spread over all templates."""
    step = max(1, len(cases) // least)
    yield from cases[::step]


def _too_long() -> Iterator[Case]:
    for language, words in (("zh", "慢慢看着窗外的云"), ("en", "slowly looking at the clouds ")):
        for size, thing in product(range(1, 11), THINGS[language]):
            text = (thing.title + words * 20)[: (30 if language == "zh" else 60) + size]
            yield Case("over-length", half_of(text), language, "e-commerce", text, (thing.title,), part="subject")


def brands() -> frozenset[str]:
    """Every brand of the judge's catalogue."""
    data = tomllib.loads((HERE / "faults.toml").read_text("utf-8"))["brand"]
    return frozenset(data["x_zh"] + data["x_en"] + [thing.brand for known in THINGS.values() for thing in known])


def lawful() -> Iterator[Case]:
    """Every stem with every opening."""
    for language in ("zh", "en"):
        for stem in (HERE / f"lawful_{language}.txt").read_text("utf-8").splitlines():
            if stem and not stem.startswith("#"):
                slots, values = zip(*_VALUE.findall(stem), strict=True) if _VALUE.search(stem) else ((), ())
                text = _VALUE.sub(lambda match: match.group(2), stem)
                for opening in _OPENINGS[language]:
                    yield Case(
                        "lawful", half_of(stem), language, "e-commerce", opening + text, values, frozenset(slots)
                    )

"""What goes into the slots: shown facts of the main product, the past one and the others, by slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from siyu import packs
from siyu.copywriting.display import FactLike, Presenter, attribute
from siyu.copywriting.titles import clean, cut

_NAMED = frozenset({"title", "past.title", "past.bought", "past.viewed"})
F = TypeVar("F", bound=FactLike)


def shown(facts: Iterable[FactLike], presenter: Presenter) -> dict[str, str]:
    """Values by slot for facts of one product (or of a reader's past); what cannot be said is left out.

    A name has a ``.short`` form too, an attribute a ``.name``.
    """
    values: dict[str, str] = {}
    for fact in facts:
        value = presenter.fact(fact)
        if not value:
            continue
        values[fact.slot] = value
        if fact.slot in _NAMED:
            values[f"{fact.slot}.short"] = presenter.name(fact.value, short=True)
        elif fact.slot.startswith("attr."):
            values[f"{fact.slot}.name"] = _attribute_name(fact.slot[5:], presenter.language)
    return values


def _attribute_name(name: str, language: str) -> str:
    return attribute("", name, language) or cut(clean(name), 12)


def more(cards: Sequence[Mapping[str, FactLike]], presenter: Presenter) -> str:
    """The other products as a short list: titles, each with its price where there is one.

    Example:
        >>> from siyu.copywriting.shelf import ShelfFact
        >>> jeans, price = ShelfFact(0, "title", "Jeans", None, ""), ShelfFact(1, "price", "199", 199.0, "CNY")
        >>> cards = [{"title": jeans, "price": price}, {"title": ShelfFact(2, "title", "Sneakers", None, "")}]
        >>> more(cards, Presenter("zh")), more(cards, Presenter("en"))
        ('牛仔裤（¥199）和运动鞋', 'Jeans (CN¥199) and Sneakers')
    """
    style = packs.read("languages", presenter.language, "copy")["typography"]
    names = [_with_price(card, presenter, style["price"]) for card in cards]
    if len(names) < 2:
        return "".join(names)
    return f"{style['list'].join(names[:-1])}{style['and']}{names[-1]}"


def _with_price(card: Mapping[str, FactLike], presenter: Presenter, marks: Sequence[str]) -> str:
    name = presenter.name(card["title"].value, short=True)
    price = presenter.fact(card["price"]) if "price" in card else ""
    return f"{name}{marks[0]}{price}{marks[1]}" if price else name

"""What goes into the slots: shown facts of the main product, the past one and the others, by slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from siyu import packs
from siyu.copywriting import saying
from siyu.copywriting.display import FactLike, Presenter
from siyu.copywriting.slots import ABOUT_READER, ANGLES, NAMES
from siyu.domain.facts import Fact


def shown(facts: Iterable[FactLike], presenter: Presenter) -> dict[str, str]:
    """Values by slot for facts of one product (or of a reader's past); what cannot be said is left out.

    A name has a ``.short`` form too where it needs no cutting, the main product's in Chinese a ``.unit`` (its measure
    word), an attribute a ``.name``.
    """
    values: dict[str, str] = {}
    for fact in facts:
        value = presenter.fact(fact)
        if not value:
            continue
        values[fact.slot] = value
        if fact.slot in NAMES:
            values.update(_forms(fact, presenter))
        elif fact.slot.startswith("attr."):
            values[f"{fact.slot}.name"] = saying.attribute("", fact.slot[5:], presenter.language)
    return {slot: value for slot, value in values.items() if value}


def _forms(fact: FactLike, presenter: Presenter) -> dict[str, str]:
    found = {f"{fact.slot}.short": presenter.name(fact.value, "short")}
    if fact.slot == "title" and saying.counts(presenter.language):
        found["title.unit"] = saying.unit(presenter.name(fact.value), presenter.language)
    return found


def angles(spoken: str, strength: int) -> dict[str, str]:
    """The angle's slots that a strength allows, all with the same words.

    Example:
        >>> angles("coats", 1)
        {'angle': 'coats', 'angle.liked': 'coats'}
    """
    return dict.fromkeys(ANGLES[: strength + 1], spoken) if spoken else {}


def of_claims(
    facts: Sequence[Fact], items: Sequence[str], angle: tuple[str, str], presenter: Presenter
) -> dict[str, str]:
    """Values of a written message from the facts it claims alone: what the gate fills its pieces with again."""
    reader = [fact for fact in facts if fact.slot.startswith(ABOUT_READER)]
    about = [fact for fact in facts if fact.item == items[0] and not fact.slot.startswith(ABOUT_READER)]
    values = shown([*about, *(fact for fact in reader if fact.slot not in ANGLES)], presenter)
    if angle[0]:
        values |= angles(
            presenter.angle(*angle), max((ANGLES.index(f.slot) for f in reader if f.slot in ANGLES), default=0)
        )
    others = [{fact.slot: fact for fact in facts if fact.item == other} for other in items[1:]]
    if others and all("title" in card for card in others):
        values["more"] = more(others, presenter)
    return values


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
    name = presenter.name(card["title"].value, "listed")
    price = presenter.fact(card["price"]) if "price" in card else ""
    return f"{name}{marks[0]}{price}{marks[1]}" if price else name

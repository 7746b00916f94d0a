"""Which products may be the subject of a message, and which of them last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pyarrow as pa

from siyu.copywriting.display import Presenter
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.titles import is_bare

ITEMS: Final = pa.schema([("no", pa.int32()), ("item", pa.string()), ("late", pa.int32())])
"""Usable products, numbered from 0; ``late`` is 1 where the name says too little to lead (Blue)."""


def usable(
    shelf: Shelf,
    items: Iterable[str],
    presenters: Mapping[str, Presenter],
    sensitive: Sensitive,
    settings: CopySettings,
) -> pa.Table:
    """The usable ones of ``items``: with a name in every language, in stock, and revealing nothing about who gets them.

    A name that names nothing is enough only where a category says what the thing is.
    """
    chosen = [item for item in items if _is_usable(shelf, item, presenters, sensitive, settings)]
    late = [int(_is_bare(shelf, item)) for item in chosen]
    columns = (range(len(chosen)), chosen, late)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, ITEMS, strict=True)], schema=ITEMS)


def _is_bare(shelf: Shelf, item: str) -> bool:
    return is_bare(shelf.card(item)["title"].value)


def _is_usable(
    shelf: Shelf, item: str, presenters: Mapping[str, Presenter], sensitive: Sensitive, settings: CopySettings
) -> bool:
    card = shelf.card(item)
    if "title" not in card or (_is_bare(shelf, item) and "category" not in card):
        return False
    if not all(shown.name(shelf.card(item, language)["title"].value) for language, shown in presenters.items()):
        return False
    stock = card.get("stock")
    if stock is not None and stock.number is not None and stock.number <= 0:
        return False
    told = " ".join(fact.value for fact in shelf.facts_by_language(item) if fact.slot in ("title", "category"))
    return settings.allow_sensitive or not sensitive.find(told)

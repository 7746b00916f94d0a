"""Makes values of observations: cleans text, reads numbers, spreads attributes, and refuses what cannot be claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

from siyu.catalogue import spreading
from siyu.catalogue.measures import quantity
from siyu.catalogue.settings import CatalogueSettings
from siyu.catalogue.sizes import Size, size
from siyu.catalogue.texts import plain
from siyu.catalogue.vocabulary import AVAILABILITY, SIZE_NAMES
from siyu.engine.schemas import MOMENT
from siyu.text.language import language_of
from siyu.text.prices import price

SCHEMA = pa.schema(
    [
        ("item", pa.string()),
        ("slot", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("unit", pa.string()),
        ("language", pa.string()),
        ("source", pa.string()),
        ("row", pa.int64()),
        ("bucket", MOMENT),
        ("moment", MOMENT),
        ("observed", MOMENT),
        ("n", pa.int64()),
        ("refused", pa.string()),
    ]
)
"""Observations: a value, the end of one (null), or the reason why it is none."""

_WORDED = frozenset({"title", "description", "category"})
_OF_LANGUAGE = (*sorted(_WORDED), "attr.")
_MONEY = ("price", "price.list")
_STATES = frozenset({*AVAILABILITY, "not_listed"})
_KEPT = 200
_END = "\x1e"  # stands for NULL in a key


@dataclass(frozen=True, slots=True)
class Value:
    """One value made of a raw one; ``None`` ends what its slot held."""

    slot: str
    value: str | None
    number: float | None = None
    unit: str | None = None
    language: str = ""
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the distinct (slot, raw value, unit) of a batch once each and puts the results back in place.

    Args:
        sizes: whether a size that stands among the attributes is read as one (not where rows state it by itself).
    """

    settings: CatalogueSettings
    sizes: bool = True
    currencies: frozenset[str] = field(default_factory=lambda: frozenset(get_global("all_currencies")))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """``batch`` of raw observations as one of ``SCHEMA``; rows of ``attributes`` become one row an attribute."""
        unit = pc.fill_null(batch.column("unit"), "")
        raw = pc.fill_null(batch.column("value"), _END)
        keys = pc.binary_join_element_wise(batch.column("slot"), unit, raw, "\x1f").dictionary_encode()
        made = [list(self._read(*key.split("\x1f", 2))) for key in keys.dictionary.to_pylist()]
        rows, values = _spread(keys.indices.to_numpy(), made)
        kept = batch.take(pa.array(rows, pa.int64()))
        found = pa.array([value.language for value in values], pa.string())
        of_language = pa.array([value.slot.startswith(_OF_LANGUAGE) for value in values], pa.bool_())
        units = pa.array([value.unit for value in values], pa.string())
        columns = {
            "slot": pa.array([value.slot for value in values], pa.string()),
            "value": pa.array([value.value for value in values], pa.string()),
            "number": pa.array([value.number for value in values], pa.float64()),
            "unit": pc.coalesce(units, pc.fill_null(kept.column("unit"), "")),
            "language": pc.if_else(of_language, pc.coalesce(kept.column("language"), found), ""),
            "source": pc.replace_substring_regex(kept.column("file"), r"^.*[/\\]", ""),
            "refused": pa.array([value.refused for value in values], pa.string()),
        }
        arrays = [columns[name] if name in columns else kept.column(name) for name in SCHEMA.names]
        return pa.record_batch([c.cast(f.type) for c, f in zip(arrays, SCHEMA, strict=True)], schema=SCHEMA)

    def _read(self, slot: str, unit: str, raw: str) -> Iterator[Value]:
        if raw == _END:
            yield Value(slot, None)
        else:
            yield from self.read(slot, unit, raw)

    def read(self, slot: str, unit: str, raw: str) -> Iterator[Value]:
        """The values that one raw value stands for."""
        if slot in ("attributes", "details"):
            yield from self._attributes(slot, raw)
        elif slot in _MONEY:
            yield self._price(slot, raw, unit)
        elif slot == "images":
            yield from (_url(f"image.{n}", one) for n, one in enumerate(spreading.addresses(raw)[:9], 2))
        elif slot == "size":
            found = size(raw)
            yield from [_size(found)] if found else []
        elif slot.startswith("attr."):
            yield from self._attribute(slot, raw)
        else:
            yield _SPECIAL.get(slot, self._text)(slot, raw)

    def _text(self, slot: str, raw: str) -> Value:
        length = self.settings.description_length if slot == "description" else self.settings.title_length
        text = plain(raw, length)
        if not text:
            return Value(slot, raw[:_KEPT], refused=f"bad-{slot.split('.')[0]}")
        if slot == "title" and not self._is_title(text):
            return Value(slot, text, refused="bad-title")
        return Value(slot, text, language=(language_of(text) or "") if slot in _WORDED else "")

    def _is_title(self, text: str) -> bool:
        letters = sum(map(str.isalpha, text))
        rejected = (
            self.settings.title_reject
            and pc.match_substring_regex(pa.scalar(text), f"^(?:{self.settings.title_reject})$").as_py()
        )
        return letters >= self.settings.title_letters and not rejected

    def _price(self, slot: str, raw: str, unit: str) -> Value:
        found = price(raw)
        if found is None or not 0 <= found[0] <= self.settings.max_price:
            return Value(slot, raw[:_KEPT], refused="bad-price")
        number, stated = float(found[0]), found[1] or unit
        if number == 0:
            return Value(slot, raw[:_KEPT], refused="zero-price")
        good = stated in self.currencies and unit in ("", stated)
        return Value(slot, raw[:_KEPT], number, stated, refused=None if good else "bad-currency")

    def _attributes(self, slot: str, raw: str) -> Iterator[Value]:
        pairs = spreading.details(raw) if slot == "details" else spreading.pairs(raw)
        if pairs is None:
            yield Value(slot, raw[:_KEPT], refused="bad-attributes")
            return
        for name, value in pairs:
            key = plain(name, 60)
            if key and value.strip():
                yield from self._attribute(f"attr.{key}", value)

    def _attribute(self, slot: str, raw: str) -> Iterator[Value]:
        """The words as they came; beside them what they measure, in a base unit: to compare, never to claim."""
        said = self._text(slot, raw)
        name = slot.removeprefix("attr.").lower()
        measured = None if said.refused or name in SIZE_NAMES else quantity(said.value or "")
        yield Value(slot, said.value, measured.amount, measured.unit) if measured else said
        found = size(said.value or "") if self.sizes and name in SIZE_NAMES and not said.refused else None
        if found:
            yield _size(found)


def _spread(index: Iterable[int], made: list[list[Value]]) -> tuple[list[int], list[Value]]:
    rows: list[int] = []
    values: list[Value] = []
    for row, key in enumerate(index):
        rows.extend([row] * len(made[key]))
        values.extend(made[key])
    return rows, values


def _stock(slot: str, raw: str) -> Value:
    try:
        number = float(raw)
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1e12 or number != int(number):
        return Value(slot, raw[:_KEPT], refused="bad-stock")
    return Value(slot, str(int(number)), number)


def _url(slot: str, raw: str) -> Value:
    text = plain(raw, 2_000)
    good = spreading.ADDRESS.fullmatch(text)
    return Value(slot, text[: 2_000 if good else _KEPT], refused=None if good else "bad-url")


def _state(slot: str, raw: str) -> Value:
    return Value(slot, raw) if raw in _STATES else Value(slot, raw[:_KEPT], refused="bad-availability")


def _gtin(slot: str, raw: str) -> Value:
    """GTIN-8, -12, -13 or -14 with its check digit (GS1 General Specifications, 7.9)."""
    digits = raw.replace(" ", "").replace("-", "")
    good = digits.isascii() and digits.isdigit() and len(digits) in (8, 12, 13, 14)
    good = good and sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(reversed(digits))) % 10 == 0
    return Value(slot, digits if good else raw[:_KEPT], refused=None if good else "bad-gtin")


def _content(slot: str, raw: str) -> Value:
    text, found = plain(raw, _KEPT), quantity(raw)
    return Value(slot, text, found.amount, found.unit) if found else Value(slot, text, refused="bad-content")


def _size(found: Size) -> Value:
    return Value("derived.size", found.key, found.order, found.system)


_SPECIAL: dict[str, Callable[[str, str], Value]] = {
    "stock": _stock,
    "url": _url,
    "image": _url,
    "availability": _state,
    "gtin": _gtin,
    "content": _content,
}

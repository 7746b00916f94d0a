"""Makes values of observations: cleans text, reads numbers, spreads attributes, and refuses what cannot be claimed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from babel.core import get_global

from siyu.catalogue.settings import CatalogueSettings
from siyu.catalogue.texts import plain
from siyu.engine.schemas import MOMENT
from siyu.text.language import language_of

SCHEMA = pa.schema(
    [
        ("item", pa.string()),
        ("slot", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("unit", pa.string()),
        ("language", pa.string()),
        ("source", pa.string()),
        ("bucket", MOMENT),
        ("moment", MOMENT),
        ("n", pa.int64()),
        ("refused", pa.string()),
    ]
)
"""Observations: a value, or the reason why it is none."""

_WORDED = frozenset({"title", "description", "category"})
_OF_LANGUAGE = (*sorted(_WORDED), "attr.")
_PAIR = re.compile(r"\s*([^=;]{1,100}?)\s*=\s*([^;]*)")


@dataclass(frozen=True, slots=True)
class Value:
    """One value made of a raw one."""

    slot: str
    value: str
    number: float | None = None
    language: str = ""
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the distinct (slot, raw value, unit) of a batch once each and puts the results back in place."""

    settings: CatalogueSettings
    currencies: frozenset[str] = field(default_factory=lambda: frozenset(get_global("all_currencies")))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """``batch`` of raw observations as one of ``SCHEMA``; rows of ``attributes`` become one row an attribute."""
        unit = pc.fill_null(batch.column("unit"), "")
        joined = pc.binary_join_element_wise(batch.column("slot"), unit, batch.column("value"), "\x1f")
        keys = joined.dictionary_encode()
        made = [list(self.read(*key.split("\x1f", 2))) for key in keys.dictionary.to_pylist()]
        rows, values = _spread(keys.indices.to_numpy(), made)
        kept = batch.take(pa.array(rows, pa.int64()))
        stated = kept.column("language")
        found = pa.array([value.language for value in values], pa.string())
        of_language = pa.array([value.slot.startswith(_OF_LANGUAGE) for value in values], pa.bool_())
        columns = [
            kept.column("item"),
            pa.array([value.slot for value in values], pa.string()),
            pa.array([value.value for value in values], pa.string()),
            pa.array([value.number for value in values], pa.float64()),
            pc.fill_null(kept.column("unit"), ""),
            pc.if_else(of_language, pc.coalesce(stated, found), ""),
            kept.column("source"),
            kept.column("bucket"),
            kept.column("moment"),
            kept.column("n"),
            pa.array([value.refused for value in values], pa.string()),
        ]
        return pa.record_batch([c.cast(f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)

    def read(self, slot: str, unit: str, raw: str) -> Iterator[Value]:
        """The values that one raw value stands for."""
        if slot == "attributes":
            yield from self._attributes(raw)
        elif slot == "price":
            yield self._price(raw, unit)
        else:
            special: Callable[[str, str], Value] = {"stock": _stock, "url": _url, "image": _url}.get(slot, self._text)
            yield special(slot, raw)

    def _text(self, slot: str, raw: str) -> Value:
        length = self.settings.description_length if slot == "description" else self.settings.title_length
        text = plain(raw, length)
        if not text:
            return Value(slot, raw[:200], refused=f"bad-{slot.split('.')[0]}")
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

    def _price(self, raw: str, unit: str) -> Value:
        number = _number(raw)
        if number is None or not 0 <= number <= self.settings.max_price:
            return Value("price", raw[:200], refused="bad-price")
        if number == 0:
            return Value("price", raw, refused="zero-price")
        refused = None if unit in self.currencies else "bad-currency"
        return Value("price", raw, number, refused=refused)

    def _attributes(self, raw: str) -> Iterator[Value]:
        pairs = _pairs(raw)
        if pairs is None:
            yield Value("attributes", raw[:200], refused="bad-attributes")
            return
        for name, value in pairs:
            key = plain(name, 60)
            if key and value.strip():
                yield self._text(f"attr.{key}", value)


def _spread(index: Iterable[int], made: list[list[Value]]) -> tuple[list[int], list[Value]]:
    rows: list[int] = []
    values: list[Value] = []
    for row, key in enumerate(index):
        rows.extend([row] * len(made[key]))
        values.extend(made[key])
    return rows, values


def _pairs(raw: str) -> list[tuple[str, str]] | None:
    if raw.lstrip().startswith("{"):
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            return None
        return [(name, _plain_json(value)) for name, value in found.items() if value is not None]
    found = [match.groups() for match in map(_PAIR.fullmatch, raw.split(";")) if match]
    return [(name, value) for name, value in found] or None


def _plain_json(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _number(raw: str) -> float | None:
    try:
        return float(raw)
    except ValueError:
        return None


def _stock(slot: str, raw: str) -> Value:
    number = _number(raw)
    if number is None or not 0 <= number <= 1e12 or number != int(number):
        return Value(slot, raw[:200], refused="bad-stock")
    return Value(slot, str(int(number)), number)


def _url(slot: str, raw: str) -> Value:
    text = plain(raw, 2_000)
    good = re.fullmatch(r"(?i)https?://[^\s/\\@<>\"']+(?:/[^\s<>\"'\\]*)?(?:[?#][^\s<>\"'\\]*)?", text)
    return Value(slot, text, refused=None if good else "bad-url")

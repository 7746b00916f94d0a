"""What a catalogue import did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """A row or a value that was left out: where it stands, why, and what it said."""

    file: str
    row: int | None
    item: str
    field: str
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """Counts of one import.

    Attributes:
        files, skipped: files read, and files not read because they were the last that the source read.
        format: how the files were read.
        rows: rows read; ``rows == used + sum(rejected.values())``.
        used: rows that gave values.
        rejected: rows left out, by reason (``malformed``, ``missing-item``, ``not-a-product``, ``bad-time``,
            ``exact-duplicate``, ``conflicting-id``).
        refused: values (each once a moment) left out, by reason (``bad-price``, ``zero-price``, ``bad-title``,
            ``bad-stock``, ``bad-currency``, ``bad-url``, ``bad-attributes``, ``bad-gtin``, ``bad-availability``,
            ``bad-content``); the rest of their rows is used.
        problems: the first of both, each named; all of them are in the dataset ``catalogue_problems``.
        vanished: products that a full feed no longer lists, since this import.
        unpriced: products without a price in force.
        products: products in force now.
        facts: facts in the dataset, old ones included.
        slots: facts by slot.
    """

    source: str
    files: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    format: str = ""
    rows: int = 0
    used: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    vanished: int = 0
    unpriced: int = 0
    products: int = 0
    facts: int = 0
    slots: Mapping[str, int] = field(default_factory=dict)

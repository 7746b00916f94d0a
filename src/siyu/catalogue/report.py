"""What a catalogue import did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """Counts of one import.

    Attributes:
        rows: rows read; ``rows == used + sum(rejected.values())``.
        used: rows that gave values.
        rejected: rows left out, by reason (``malformed``, ``missing-item``, ``not-a-product``, ``bad-time``).
        refused: values (each once a moment) left out, by reason (``bad-price``, ``zero-price``, ``bad-title``,
            ``bad-stock``, ``bad-currency``, ``bad-url``, ``bad-attributes``); the rest of their rows is used.
        products: products in force now.
        facts: facts in the dataset, old ones included.
        slots: facts by slot.
    """

    source: str
    files: tuple[str, ...] = ()
    rows: int = 0
    used: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    products: int = 0
    facts: int = 0
    slots: Mapping[str, int] = field(default_factory=dict)

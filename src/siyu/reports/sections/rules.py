"""What is bought together: the rules that bring most baskets beyond chance, among products and among categories."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from siyu.engine import manifest
from siyu.reports.source import Figures, Source, empty

_LOOKED_AT: Final = 60
_MOST: Final = 8


def build(source: Source) -> Figures:
    """Rules of each level; of two rules about the same things, the surer one."""
    if not source.has("rules"):
        return empty("no-rules", source.findings("rules"))
    found = manifest.find(source.engine.root, "rules")
    items = _told(source, "item")
    titles = _titles(source, items)
    for row in items:
        row["names"] = [titles.get(item) or item for item in row["items"]]
        row["then_name"] = titles.get(row["then_item"]) or row["then_item"]
    return {
        "baskets": None if found is None else found.meta.get("baskets"),
        "findings": source.findings("rules"),
        "item": items,
        "category": [
            {**row, "names": row["items"], "then_name": row["then_item"]} for row in _told(source, "category")
        ],
    }


def _told(source: Source, level: str) -> list[dict[str, Any]]:
    least = source.settings.least_shown
    rows: dict[frozenset[str], dict[str, Any]] = {}
    for row in source.rows("rules_top", level=level, most=_LOOKED_AT):
        things = frozenset([*row["items"], row["then_item"]])
        known = rows.get(things)
        if row["baskets"] >= least and (known is None or row["confidence"] > known["confidence"]):
            rows[things] = row
    return list(rows.values())[:_MOST]


def _titles(source: Source, rows: list[dict[str, Any]]) -> dict[str, str]:
    if not rows or not source.has("products"):
        return {}
    named = sorted({item for row in rows for item in (*row["items"], row["then_item"])})
    source.engine.table("rule_items", pa.table({"item": pa.array(named, pa.string())}))
    return {row["item"]: row["title"] for row in source.rows("rules_titles")}

"""What mining left, as plain values: rules, and portraits of segments in words."""

from __future__ import annotations

from typing import Any

from siyu.app.shop import Shop
from siyu.app.words import interface_language
from siyu.engine import manifest
from siyu.packs import read
from siyu.packs.segments import portrait, segment_names, steadiness


def rules(shop: Shop, level: str = "item") -> list[dict[str, Any]]:
    """Rows of dataset ``rules``, those that bring most baskets beyond chance first; none where none were mined.

    Args:
        level: ``item`` or ``category``.
    """
    found = [row for row in _rows(shop, "rules") if row["level"] == level]
    return sorted(found, key=lambda row: (-row["leverage"], row["items"], row["then_item"]))


def portraits(shop: Shop, language: str = "") -> list[dict[str, Any]]:
    """Segments, the largest spenders first: ``segment``, ``name``, ``size``, ``share``, ``portrait`` (sentences) and
    ``steady`` (how firm it is, in a word).

    Args:
        language: of names and sentences; the interface's where left out.
    """
    words = read("languages", language or interface_language(), "segments")
    known = {row["segment"]: row for row in _rows(shop, "segment_portraits")}
    segments = sorted(_rows(shop, "segments"), key=lambda row: int(row["segment"][1:]))
    names = segment_names({row["segment"]: row["name_keys"] for row in segments}, words)
    return [
        {
            "segment": row["segment"],
            "name": names[row["segment"]],
            "size": row["size"],
            "share": row["share"],
            "portrait": portrait({**row, **known.get(row["segment"], {})}, words),
            "steady": steadiness(known.get(row["segment"], {}).get("steadiness"), words),
        }
        for row in segments
    ]


def _rows(shop: Shop, dataset: str) -> list[dict[str, Any]]:
    if manifest.find(shop.engine.root, dataset) is None:
        return []
    shop.engine.table(dataset, dataset)
    return [row for batch in shop.engine.batches(f"SELECT * FROM {dataset}") for row in batch.to_pylist()]

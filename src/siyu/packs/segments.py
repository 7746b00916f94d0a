"""Segments in words: names, what sets them apart, portraits. The words are ``languages/<code>/segments.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SLOT = re.compile(r"\{([a-z_]+)\}")
_APART = 0.3
"""A mean nearer to the whole than so many standard deviations says nothing."""
_NOT_BOUGHT = "buying:none"
_BUYING = frozenset({"frequency", "spend", "basket", "price", "returns"})
"""Features that say nothing about people who have not bought."""
_TRAITS, _TASTES, _STAGES = 4, 5, 2


def segment_names(keys: Mapping[str, Sequence[str]], words: Mapping[str, Any]) -> dict[str, str]:
    """A name in words for every segment.

    Args:
        keys: ``name_keys`` of each segment id.
        words: pack ``languages/<code>/segments``.

    Returns:
        The pack's own name for the longest combination that the segment has and no earlier segment took; otherwise its
        traits in a row.

    Example:
        >>> from siyu.packs.reading import read
        >>> keys = {"s1": ["spend:high", "frequency:high"], "s2": ["price:low"]}
        >>> segment_names(keys, read("languages", "zh", "segments"))
        {'s1': '高价值常客', 's2': '偏爱实惠价的顾客'}
    """
    named: dict[str, str] = {}
    for segment, own in keys.items():
        fitting = [row for row in words["names"] if set(row["keys"]) <= set(own) and row["name"] not in named.values()]
        longest = max(fitting, key=lambda row: len(row["keys"]), default=None)
        named[segment] = longest["name"] if longest else _composed(own, words)
    return named


def _composed(keys: Sequence[str], words: Mapping[str, Any]) -> str:
    if list(keys) in ([], ["ordinary"]):
        return str(words["ordinary"])
    traits = words["joiner"].join(_trait(key, words) for key in keys)
    return str(words["composed"]).replace("{traits}", traits)


def _trait(key: str, words: Mapping[str, Any]) -> str:
    name, _, value = key.partition(":")
    return str(words["number"]).replace("{n}", value) if name == "number" else str(words["traits"].get(key, key))


def portrait(row: Mapping[str, Any], words: Mapping[str, Any]) -> list[str]:
    """Sentences about one segment, what is most telling first; nothing is said that was not measured.

    Args:
        row: of dataset ``segments`` joined with ``segment_portraits``: size, share, features, tastes, stages, hours.
        words: pack ``languages/<code>/segments``. Values of tastes are data of the shop and stand as they are.

    Example:
        >>> from siyu.packs.reading import read
        >>> taste = {"facet": "category", "value": "Dresses", "share": 0.4, "lift": 2.5, "people": 40}
        >>> spend = {"name": "spend", "mean": 90.0, "z": 1.1}
        >>> row = {"size": 100, "share": 0.25, "features": [spend], "tastes": [taste]}
        >>> portrait(row, read("languages", "zh", "segments"))
        ['100 人，占 25%。', '特点：消费高。', '比其他顾客更喜欢：Dresses（2.5 倍）。']
    """
    told = words["portrait"]
    lines = [_fill(told["size"], people=f"{row['size']:,}", share=_percent(row["share"]))]
    if named := [_trait(key, words) for key in _apart(row)]:
        lines.append(_fill(told["apart"], traits=told["joiner"].join(named)))
    if tastes := (row.get("tastes") or [])[:_TASTES]:
        lines.append(_fill(told["tastes"], tastes=told["joiner"].join(_taste(one, told) for one in tastes)))
    if stages := [one for one in row.get("stages") or [] if one["share"] >= told["least_stage"]][:_STAGES]:
        named = [
            _fill(told["stage"], stage=told["stages"].get(one["stage"], one["stage"]), share=_percent(one["share"]))
            for one in stages
        ]
        lines.append(_fill(told["in_stages"], stages=told["joiner"].join(named)))
    if row.get("hour_from") is not None:
        lines.append(_fill(told["hours"], hour_from=row["hour_from"], hour_to=row["hour_to"]))
    return lines


def steadiness(value: float | None, words: Mapping[str, Any]) -> str:
    """How well a segment holds when the shop's people are drawn anew, in a word; Hennig's marks (2007).

    Example:
        >>> from siyu.packs.reading import read
        >>> [steadiness(value, read("languages", "en", "segments")) for value in (0.9, 0.7, 0.4, None)]
        ['firm', 'fairly firm', 'loose', '']
    """
    if value is None:
        return ""
    return str(words["steady"]["firm" if value >= 0.85 else "fair" if value >= 0.6 else "loose"])


def _apart(row: Mapping[str, Any]) -> list[str]:
    """Keys of the traits that set a segment apart, the most telling first."""
    told = [one for one in row.get("features") or [] if one["z"] is not None and abs(one["z"]) >= _APART]
    ordered = sorted(told, key=lambda one: (-abs(one["z"]), one["name"]))
    keys = [f"{one['name']}:{'high' if one['z'] > 0 else 'low'}" for one in ordered]
    if _NOT_BOUGHT in (row.get("name_keys") or []):
        keys = [_NOT_BOUGHT, *(key for key in keys if key.partition(":")[0] not in _BUYING)]
    return keys[:_TRAITS]


def _taste(one: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    value = str(one["value"])
    if one["facet"] == "attribute":
        value = value.partition("=")[2] or value
    return _fill(told["taste"], value=value, lift=f"{one['lift']:.1f}")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"


def _fill(text: object, **values: object) -> str:
    return _SLOT.sub(lambda match: str(values.get(match.group(1), match.group(0))), str(text))

"""Names of segments: keys that tell what sets each apart, and the words of a language pack for them.

No two segments are called the same, in keys or in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TELLING = 0.3
"""A mean nearer to the whole than so many standard deviations says nothing."""
_USUAL_LENGTH = 2
ORDINARY = "ordinary"


def distinct_keys(distances: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """Name keys of every segment, from its features' distances from the whole in standard deviations.

    A name takes the two most telling features, and more only where two segments would share it. Segments that no
    feature tells apart get their number.

    Example:
        >>> distinct_keys({"s1": {"spend": 1.2, "recency": -0.8}, "s2": {"spend": -0.5, "recency": 0.1}})
        {'s1': ['spend:high', 'recency:low'], 's2': ['spend:low']}
    """
    told = {name: _telling(features) for name, features in distances.items()}
    longest = max((len(keys) for keys in told.values()), default=0)
    chosen = {name: keys[:_USUAL_LENGTH] for name, keys in told.items()}
    for length in range(_USUAL_LENGTH + 1, longest + 1):
        for name in _shared(chosen):
            chosen[name] = told[name][:length]
    for name in _shared(chosen):
        chosen[name] = [*chosen[name], f"number:{name.removeprefix('s')}"]
    return {name: keys or [ORDINARY] for name, keys in chosen.items()}


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
    if list(keys) == [ORDINARY]:
        return str(words["ordinary"])
    traits = words["joiner"].join(_trait(key, words) for key in keys)
    return str(words["composed"]).replace("{traits}", traits)


def _trait(key: str, words: Mapping[str, Any]) -> str:
    name, _, value = key.partition(":")
    return str(words["number"]).replace("{n}", value) if name == "number" else str(words["traits"].get(key, key))


def _telling(features: Mapping[str, float]) -> list[str]:
    ordered = sorted(features.items(), key=lambda pair: (-round(abs(pair[1]), 6), pair[0]))
    return [f"{name}:{'high' if z > 0 else 'low'}" for name, z in ordered if abs(z) >= _TELLING]


def _shared(chosen: Mapping[str, list[str]]) -> list[str]:
    seen: dict[frozenset[str], list[str]] = {}
    for name, keys in chosen.items():
        seen.setdefault(frozenset(keys), []).append(name)
    return [name for names in seen.values() if len(names) > 1 for name in names]

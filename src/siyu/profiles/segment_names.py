"""Keys that tell what sets each segment apart; :mod:`siyu.packs.segments` puts them into words.

No two segments have the same keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

_TELLING = 0.3
"""A mean nearer to the whole than so many standard deviations says nothing."""
_USUAL_LENGTH = 2
ORDINARY = "ordinary"
NOT_BOUGHT = "buying:none"
BUYING = frozenset({"frequency", "spend", "basket", "price", "returns"})
"""Features of what people bought."""


def distinct_keys(
    distances: Mapping[str, Mapping[str, float]], never_bought: Collection[str] = ()
) -> dict[str, list[str]]:
    """Name keys of every segment, from its features' distances from the whole in standard deviations.

    A name takes the two most telling features, and more only where two segments would share it. Segments that no
    feature tells apart get their number.

    Args:
        distances: by segment and feature.
        never_bought: segments whose people never bought: what they spend and return says nothing more about them.

    Example:
        >>> distinct_keys({"s1": {"spend": 1.2, "recency": -0.8}, "s2": {"spend": -0.5, "recency": 0.1}})
        {'s1': ['spend:high', 'recency:low'], 's2': ['spend:low']}
    """
    told = {
        name: [NOT_BOUGHT, *_telling(_unless(features, BUYING))] if name in never_bought else _telling(features)
        for name, features in distances.items()
    }
    longest = max((len(keys) for keys in told.values()), default=0)
    chosen = {name: keys[:_USUAL_LENGTH] for name, keys in told.items()}
    for length in range(_USUAL_LENGTH + 1, longest + 1):
        for name in _shared(chosen):
            chosen[name] = told[name][:length]
    for name in _shared(chosen):
        chosen[name] = [*chosen[name], f"number:{name.removeprefix('s')}"]
    return {name: keys or [ORDINARY] for name, keys in chosen.items()}


def _unless(features: Mapping[str, float], left_out: Collection[str]) -> dict[str, float]:
    return {name: value for name, value in features.items() if name not in left_out}


def _telling(features: Mapping[str, float]) -> list[str]:
    ordered = sorted(features.items(), key=lambda pair: (-round(abs(pair[1]), 6), pair[0]))
    return [f"{name}:{'high' if z > 0 else 'low'}" for name, z in ordered if abs(z) >= _TELLING]


def _shared(chosen: Mapping[str, list[str]]) -> list[str]:
    seen: dict[frozenset[str], list[str]] = {}
    for name, keys in chosen.items():
        seen.setdefault(frozenset(keys), []).append(name)
    return [name for names in seen.values() if len(names) > 1 for name in names]

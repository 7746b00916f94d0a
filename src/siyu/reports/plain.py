"""Readings as JSON values."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from typing import Any

from siyu.stats.estimate import Estimate, NotEnough
from siyu.stats.sample_ratio import SampleRatio


def plain(found: object) -> Any:
    """``found`` as JSON values; a lack becomes ``{"lacking": why}``.

    Example:
        >>> plain(Estimate(1.0, 0.5, 1.5, 0.95))
        {'value': 1.0, 'low': 0.5, 'high': 1.5, 'level': 0.95, 'p': None}
    """
    if isinstance(found, NotEnough):
        return {"lacking": found.why.value}
    if isinstance(found, (Estimate, SampleRatio)):
        return asdict(found)
    if is_dataclass(found) and not isinstance(found, type):
        return {name: plain(getattr(found, name)) for name in found.__dataclass_fields__}
    return found

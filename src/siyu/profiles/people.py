"""People: activity, RFM net of returns, own rhythm, habits; and the lifecycle stage.

RFM after Hughes, "Strategic Database Marketing" (1994): recency, frequency, money, each scored in fifths of the buyers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import numpy as np

from siyu.engine.port import Engine
from siyu.engine.sql import query
from siyu.profiles.findings import Finding, kept
from siyu.profiles.inputs import PACKAGE
from siyu.profiles.settings import LifecycleSettings

DATASET = "people"
MEASURED = "profile_measured"
SCRATCH = (MEASURED,)


def measure(engine: Engine, now: datetime) -> None:
    """Make ``profile_measured`` readable: one row a person, with what lifecycle and segments need.

    Needs ``profile_measures``.
    """
    engine.write(query(PACKAGE, "measured", now=now), MEASURED, scratch=True)
    engine.table(MEASURED, MEASURED)


def write_people(engine: Engine, settings: LifecycleSettings, findings: Iterable[Finding] = ()) -> None:
    """Write dataset ``people``, with what is to be said of it. Needs ``profile_measured``, ``profile_who`` and
    ``profile_segment_of``.
    """
    gaps = _distribution(
        engine, "SELECT gap, count(*) FROM (SELECT unnest(gaps) AS gap FROM profile_measures) g GROUP BY gap"
    )
    late, lapsed = _thresholds(gaps, settings)
    orders = _distribution(engine, f"SELECT orders, count(*) FROM {MEASURED} WHERE orders > 0 GROUP BY orders")
    loyal = quantile(orders, settings.loyal_quantile) or 0.0
    engine.write(
        query(
            PACKAGE,
            "published_people",
            own_gaps=settings.own_rhythm_days - 1,
            shortest_gap=settings.shortest_gap_days,
            late_gaps=settings.late_gaps,
            lapsed_gaps=settings.lapsed_gaps,
            late=late,
            lapsed=lapsed,
            new_orders=settings.new_orders,
            new_days=settings.new_days,
            loyal=max(float(settings.loyal_orders), loyal),
        ),
        DATASET,
        meta=kept(findings),
    )
    engine.table(DATASET, DATASET)


def quantile(distribution: Mapping[float, int], share: float) -> float | None:
    """The smallest value that at least ``share`` of the observations do not exceed; ``None`` without any.

    Example:
        >>> quantile({7.0: 8, 30.0: 1, 90.0: 1}, 0.8), quantile({}, 0.5)
        (7.0, None)
    """
    if not distribution:
        return None
    ordered = sorted(distribution)
    reached = np.cumsum([distribution[value] for value in ordered])
    place = int(np.searchsorted(reached, share * reached[-1] - 1e-9))
    return ordered[min(place, len(ordered) - 1)]


def _thresholds(gaps: Mapping[float, int], settings: LifecycleSettings) -> tuple[float, float]:
    """Days of silence after which someone without a rhythm is at risk, and lapsed."""
    late, lapsed = quantile(gaps, settings.late_quantile), quantile(gaps, settings.lapsed_quantile)
    if late is None or lapsed is None:
        return settings.late_days, max(settings.late_days, settings.lapsed_days)
    shortest = settings.shortest_gap_days
    return max(late, shortest), max(late, lapsed, 2 * shortest)


def _distribution(engine: Engine, sql: str) -> dict[float, int]:
    found: dict[float, int] = {}
    for batch in engine.batches(sql):
        for value, times in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            found[float(value)] = int(times)
    return found

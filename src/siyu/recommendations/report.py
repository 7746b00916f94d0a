"""What a run of the recommendations did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecommendationReport:
    """Counts of one run.

    Attributes:
        people: everyone known from events.
        served: people with at least one recommendation, by lane.
        items: products known from the catalogue or events; ``offered``: distinct products recommended, by lane.
        rows: recommendations written, by lane.
        candidates: (model, person, product) considered, by lane, before filters.
        removed: those of them taken out, by lane and by the first filter that bars them.
        barred_items: products that no one may be recommended, by the first filter that bars them.
        led: recommendations by the model that counted most.
        missing: optional datasets that did not exist (``interests``, ``exclusions``): done without.
    """

    people: int = 0
    items: int = 0
    served: Mapping[str, int] = field(default_factory=dict)
    offered: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    candidates: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    barred_items: Mapping[str, int] = field(default_factory=dict)
    led: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

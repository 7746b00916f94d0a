"""What a run of the recommendations did, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.recommendations.hybrid.choice import Choice
from siyu.recommendations.schedule import Plan
from siyu.recommendations.tables import rows


@dataclass(frozen=True, slots=True)
class RecommendationReport:
    """Counts of one run.

    Attributes:
        people: everyone known; where only people with news were scored, those who have recommendations.
        touched: people with news, where only they were scored; else null.
        why: why models learnt anew or everyone was scored (:class:`.schedule.Why`); ``refitted``: models learnt anew.
        served: people with at least one recommendation, by lane.
        items: products known from the catalogue or events; ``offered``: distinct products recommended, by lane.
        rows: recommendations in force, by lane.
        candidates: (model, person, product) considered in this run, by lane: what an item filter bars is none. Counted
            where the engine works in this process.
        removed: those of them taken out, by lane and by the first filter that bars them; and the products passed over
            for better ones of their group (``same-group``), which are counted by person.
        barred_items: products that no one may be recommended, by the first filter that bars them.
        led: recommendations by the model that counted most.
        choice: where the models come from (:class:`.hybrid.choice.Source`), with the weights in force; where they were
            chosen, also when, on which stretch (``cut`` to ``until``), on whom, and how good they were by lane.
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
    choice: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    touched: int | None = None
    refitted: bool = True
    why: str = ""


class InForce(Protocol):
    """What the run went by."""

    @property
    def plan(self) -> Plan: ...
    @property
    def choice(self) -> Choice: ...


def summed(
    engine: Engine, force: InForce, counts: Counter[tuple[str, str]], *, missing: tuple[str, ...], touched: int | None
) -> RecommendationReport:
    """The report of the run that has just been published."""
    plan = force.plan
    engine.table("recommendations", "recommendations")
    groups = rows(
        engine,
        "SELECT lane, model, item, CAST(count(*) AS BIGINT) AS n, "
        "CAST(sum(CASE WHEN rank = 1 THEN 1 ELSE 0 END) AS BIGINT) AS first "
        "FROM recommendations GROUP BY lane, model, item",
    )
    n, first, led = Counter[str](), Counter[str](), Counter[str]()
    for row in groups:
        n[row["lane"]] += row["n"]
        first[row["lane"]] += row["first"]
        led[row["model"]] += row["n"]
    barred = rows(
        engine,
        "SELECT veto, CAST(count(*) AS BIGINT) AS n FROM rec_items WHERE veto IS NOT NULL GROUP BY veto ORDER BY 1",
    )
    lanes, seen = sorted(n), sorted({lane for lane, _ in counts})
    return RecommendationReport(
        people=max(first.values(), default=0) if touched is not None else _everyone(engine),
        items=manifest.require(engine.root, "rec_items").rows,
        served={lane: first[lane] for lane in lanes},
        offered={lane: len({row["item"] for row in groups if row["lane"] == lane}) for lane in lanes},
        rows={lane: n[lane] for lane in lanes},
        candidates={lane: sum(m for (its, _), m in counts.items() if its == lane) for lane in seen},
        removed={lane: {veto: m for (its, veto), m in sorted(counts.items()) if its == lane and veto} for lane in seen},
        barred_items={row["veto"]: row["n"] for row in barred},
        led=dict(sorted(led.items())),
        choice=force.choice.brief(),
        missing=missing,
        touched=touched,
        refitted=plan.refit,
        why=plan.why.value,
    )


def _everyone(engine: Engine) -> int:
    return manifest.require(engine.root, "rec_history").rows

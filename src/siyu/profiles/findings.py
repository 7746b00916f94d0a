"""What could not be worked out of people, and why: keys and numbers; the sentences live in the language packs.

Each part keeps its findings in the manifest of the dataset that it leaves, so that a day that makes nothing anew, the
report and ``siyu explain`` still know them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from siyu.engine import manifest
from siyu.engine.port import Engine

META = "findings"
"""The key in a manifest."""
WHYS: Mapping[str, tuple[str, ...]] = {
    "interests": ("nobody-known", "no-catalogue", "catalogue-unknown"),
    "segments": ("too-few-people", "nobody-differs", "constant-features"),
    "reviews": (
        "no-reviews", "no-words", "no-product", "few-good", "few-bad", "other-scripts", "nothing-said", "no-points",
    ),
    "rules": ("no-baskets", "single-items", "nothing-sure", "no-categories", "rarest-left-out"),
}  # fmt: skip
"""Why something could not be worked out, by what it is."""
_DATASETS = ("people", "segments", "product_aspects", "rules")
"""Where they are kept, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What could not be worked out, why, the numbers behind it, and the names of what it is about, as keys."""

    what: str
    why: str
    facts: Mapping[str, float] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def kept(findings: Iterable[Finding]) -> dict[str, Any]:
    """As they are kept in a manifest."""
    return {META: [asdict(one) | {"names": list(one.names)} for one in findings]}


def read(one: Mapping[str, Any]) -> Finding:
    """What was kept, or saved beside a model."""
    return Finding(one["what"], one["why"], one.get("facts", {}), tuple(one.get("names", ())))


def standing(engine: Engine) -> tuple[Finding, ...]:
    """All that holds now, whichever run found it."""
    found: list[Finding] = []
    for dataset in _DATASETS:
        known = manifest.find(engine.root, dataset)
        rows: Any = known.meta.get(META, ()) if known else ()
        found += [read(one) for one in rows]
    return tuple(found)

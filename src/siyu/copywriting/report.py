"""What a run of copywriting did, in counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CopyReport:
    """Counts of one run.

    Attributes:
        audience: people the campaign addresses; equals approved + human + refused + no_product.
        briefs, cache_hits: distinct briefs of this run, and those whose pieces were already there.
        pieces, writer_calls, repairs, fallbacks: what writing the others took.
        refused_by_rule: refused messages by the rule of their first barring finding.
        variants: distinct openings used.
        version: of the dataset ``messages``.
    """

    audience: int
    approved: int
    human: int
    refused: int
    no_product: int
    briefs: int
    cache_hits: int
    pieces: int
    writer_calls: int
    repairs: int
    fallbacks: int
    variants: int
    version: int
    refused_by_rule: Mapping[str, int] = field(default_factory=dict)

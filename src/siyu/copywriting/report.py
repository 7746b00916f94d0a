"""What a run of copywriting did, in counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from siyu.copywriting.drafting import Tally
from siyu.copywriting.writers.port import Usage
from siyu.domain.campaigns import Campaign
from siyu.engine import sql
from siyu.engine.port import Engine


@dataclass(frozen=True, slots=True)
class CopyReport:
    """Counts of one campaign step as it now stands, and of what this run did.

    Attributes:
        audience: people with a row; equals approved + human + refused + no_product.
        briefs, cache_hits: distinct briefs of all messages, and those whose pieces were already there.
        pieces, writer_calls, repairs, fallbacks: what writing the others took.
        refused_by_rule: refused messages by the rule of their first barring finding.
        variants: distinct openings used.
        version: of the dataset ``messages``.
        written: rows written by this run; the others stayed as they were.
        usage: what a writer that asks a server took; None for one that does not.
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
    written: int = 0
    usage: Usage | None = None


def report_of(engine: Engine, campaign: Campaign, *, step: int, tally: Tally, version: int) -> CopyReport:
    """Count the rows of ``messages`` and ``choices``."""
    engine.table("messages", "messages")
    mine = sql.fill("campaign = $campaign AND step = $step", campaign=campaign.name, step=step)
    counts = f"SELECT status, count(*) AS n FROM messages WHERE {mine} GROUP BY status"
    by_status = {row["status"]: int(row["n"]) for batch in engine.batches(counts) for row in batch.to_pylist()}
    rules: Counter[str] = Counter()
    for batch in engine.batches(f"SELECT findings FROM messages WHERE {mine} AND status = 'refused'"):
        for found in batch.column(0).to_pylist():
            rules[next(finding["rule"] for finding in found if finding["severity"] == "block")] += 1
    briefs = _one(engine, f"SELECT count(DISTINCT brief_id) FROM messages WHERE {mine}")
    variants = _one(engine, f"SELECT count(DISTINCT variant) FROM messages WHERE {mine} AND variant <> ''")
    return CopyReport(
        audience=sum(by_status.values()), approved=by_status.get("approved", 0), human=by_status.get("human", 0),
        refused=by_status.get("refused", 0), no_product=by_status.get("no-product", 0), briefs=briefs,
        cache_hits=briefs - tally.briefs, pieces=tally.pieces, writer_calls=tally.writer_calls,
        repairs=tally.repairs, fallbacks=tally.fallbacks, variants=variants, version=version,
        refused_by_rule=dict(rules.most_common()), written=_one(engine, "SELECT count(*) AS n FROM choices"),
        usage=tally.usage,
    )  # fmt: skip


def _one(engine: Engine, query: str) -> int:
    return sum(int(value) for batch in engine.batches(query) for value in batch.column(0).to_pylist())

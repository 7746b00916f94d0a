"""What a language model was asked for, as sentences in the interface's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siyu.app.cli.sentences import money, number
from siyu.app.words import say

if TYPE_CHECKING:
    from siyu.copywriting.writers.port import Usage

_SHOWN = 8  # reasons for which lines were refused


def asked(usage: Usage) -> list[str]:
    """Orders, requests, lines, cost, and why asking stopped."""
    counts = ("orders", "kept", "rare", "refused", "unasked", "calls", "repairs", "retries", "good", "drafts")
    lines = [say("model.asked", model=usage.model, **{name: number(getattr(usage, name)) for name in counts})]
    if usage.calls:
        tokens = {name: number(getattr(usage, name)) for name in ("tokens_in", "tokens_cached", "tokens_out")}
        lines.append(say("model.cost", cost=_money(usage.cost, usage.currency), **tokens))
    if usage.uncertain:
        lines.append(say("model.uncertain", cost=_money(usage.uncertain, usage.currency)))
    for rule, count in sorted(usage.refused_by.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]:
        lines.append("    " + say("result.reason", reason=rule, count=number(count)))
    if usage.stopped:
        lines.append(say(f"model.stopped.{usage.stopped}", why=usage.why))
    return lines


def _money(value: float, currency: str) -> str:
    """Small sums keep what of them there is."""
    if currency and value >= 1:
        return money(value, currency)
    return f"{value:.4f} {currency}".strip()

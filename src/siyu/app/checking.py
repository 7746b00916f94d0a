"""The review gate's findings, for a person to read: of the written messages, or of a text given here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from siyu.app.sending import STEP
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.copywriting.checks.port import Line
from siyu.copywriting.reviewing import Reviewer, context_for, status
from siyu.copywriting.shelf import Shelf
from siyu.engine.schemas import FACTS
from siyu.engine.sql import fill
from siyu.feedback.ranking.results import ranker_of
from siyu.text.language import language_of


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found.

    Attributes:
        statuses: messages (or the one text) by status.
        found: message id (empty for a text) with its findings, those that bar it first.
        score: of a text, by what the shop's own results taught (log odds, 0 is usual); ``None`` where they are too few.
        drivers: the words and features that move the score most. ``learnt_from``: pairs of lines behind it.
    """

    statuses: Mapping[str, int]
    found: tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]
    score: float | None = None
    drivers: tuple[tuple[str, float], ...] = ()
    learnt_from: int = 0

    @property
    def blocked(self) -> bool:
        """Whether anything was refused."""
        return self.statuses.get("refused", 0) > 0


def check_text(shop: Shop, text: str) -> CheckReport:
    """Check one text by the campaign's law, language and limits; it can claim no fact, so figures are findings."""
    language = language_of(text) or shop.settings.project.language
    context = context_for(shop.campaign, shop.copy_settings, Shelf(FACTS.empty_table()), language)
    reviewer = Reviewer(context)
    findings = reviewer.look(Line("hook", text, (), frozenset()))
    told = tuple(_plain(finding) for finding in findings)
    statuses, found = {status(findings, has_law=reviewer.has_law): 1}, (("", told),) if told else ()
    ranker = ranker_of(shop.engine, language)
    if ranker.neutral:
        return CheckReport(statuses, found)
    score, drivers = float(ranker.scores([text])[0]), tuple(ranker.drivers(text))
    return CheckReport(statuses, found, score, drivers, int(ranker.trained_on["pairs"]))


def _plain(finding: Any) -> Mapping[str, Any]:
    names = ("rule", "severity", "part", "start", "end", "excerpt", "confidence", "source", "remedy")
    return {name: str(value) if name == "severity" else value for name in names for value in [getattr(finding, name)]}


def check_messages(shop: Shop, *, limit: int) -> CheckReport:
    """Findings of the campaign's messages.

    Raises:
        MissingDataError: none were written yet.
    """
    shop.engine.table("messages", "messages")
    mine = fill("campaign = $campaign AND step = $step", campaign=shop.campaign.name, step=STEP)
    counts = f"SELECT status, count(*) AS n FROM messages WHERE {mine} GROUP BY status ORDER BY status"
    statuses = {row["status"]: row["n"] for batch in shop.engine.batches(counts) for row in batch.to_pylist()}
    shown = fill(
        f"SELECT message_id, findings FROM messages WHERE {mine} AND array_length(findings) > 0 "
        "ORDER BY CASE status WHEN 'refused' THEN 0 WHEN 'human' THEN 1 ELSE 2 END, message_id LIMIT $limit",
        limit=limit,
    )
    rows = [row for batch in shop.engine.batches(shown) for row in batch.to_pylist()]
    return CheckReport(statuses, tuple((row["message_id"], tuple(row["findings"])) for row in rows))


def sentences(done: CheckReport) -> list[str]:
    """The report, line by line."""
    lines = [
        say("result.reason", reason=say(f"statuses.{key}"), count=count) for key, count in sorted(done.statuses.items())
    ]
    if done.score is not None:
        lines.append(say("result.score", score=f"{done.score:+.2f}", pairs=done.learnt_from))
        lines += [f"  {value:+.2f}  {word}" for word, value in done.drivers]
    if not done.found:
        return [*lines, say("result.clean")]
    for message_id, findings in done.found:
        lines += [message_id] if message_id else []
        for one in findings:
            lines.append(f"  {one['severity']}  {one['rule']}  “{one['excerpt']}”  {one['source']}")
            lines.append(f"      {one['remedy']}")
    return lines

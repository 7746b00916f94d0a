"""Results of stages as sentences, in the interface's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from babel.numbers import format_currency, format_decimal

from siyu.app.words import interface_language, say
from siyu.packs.findings import finding

if TYPE_CHECKING:
    from siyu.app.importing import ImportedReport
    from siyu.app.pipeline import PreparedReport, RunReport
    from siyu.app.proposing import Proposal
    from siyu.app.reporting import ReportMade
    from siyu.app.sending import SentReport
    from siyu.app.tracking import TrackReport
    from siyu.catalogue import CatalogueReport
    from siyu.copywriting import CopyReport
    from siyu.profiles import ProfileReport
    from siyu.recommendations import RecommendationReport


def number(value: float) -> str:
    """A whole number in the interface's notation."""
    return str(format_decimal(round(value), locale=interface_language()))


def money(value: float, currency: str) -> str:
    """Money in the interface's notation."""
    return str(format_currency(value, currency, locale=interface_language()))


def reasons(counts: Mapping[str, int], known: str) -> list[str]:
    """Counts by reason, largest first, indented; ``known`` is the table of words."""
    return [
        "    " + say("result.reason", reason=_word(known, reason), count=number(count))
        for reason, count in sorted(counts.items(), key=lambda pair: -pair[1])
    ]


def _word(table: str, key: str) -> str:
    try:
        return say(f"{table}.{key}")
    except KeyError:
        return key


def proposed(proposals: Sequence[Proposal]) -> list[str]:
    """What was seen in the files that a project was begun from."""
    return [
        say(
            f"result.proposed_{one.kind or 'nothing'}",
            path=one.path,
            format=one.settings.get("format", "-"),
            columns=", ".join(f"{ours} = {theirs}" for ours, theirs in one.settings.get("columns", {}).items()) or "-",
        )
        for one in proposals
    ]


def _catalogue(done: CatalogueReport) -> list[str]:
    lines = [say("result.catalogue", products=number(done.products), facts=number(done.facts))]
    lines += [say(f"result.{key}", count=number(count)) for key, count in
              (("vanished", done.vanished), ("unpriced", done.unpriced)) if count]  # fmt: skip
    rows, values = sum(done.rejected.values()), sum(done.refused.values())
    if rows or values:
        lines.append(say("result.left_out", rows=number(rows), values=number(values)))
    if done.skipped:
        lines.append(say("result.skipped_files", count=number(len(done.skipped))))
    return lines + reasons({**done.rejected, **done.refused}, "quarantine")


def imported(done: ImportedReport) -> list[str]:
    """Sentences of an import."""
    lines = []
    if done.people is not None:
        refused = sum(done.people.refused.values())
        lines.append(say("result.people", known=number(done.people.people), refused=number(refused)))
        lines += reasons(done.people.refused, "quarantine")
    lines += [line for catalogue in done.catalogue for line in _catalogue(catalogue)]
    lines += reasons(done.rates.refused, "quarantine")
    lines += [
        say(
            "result.unconverted", count=number(one.events), currency=one.currency, money=money(one.amount, one.currency)
        )
        for one in done.rates.unconverted
    ]
    for events in done.events:
        set_aside = sum(events.quarantined.values())
        lines.append(
            say(
                "result.import",
                read=number(events.read),
                accepted=number(events.accepted),
                quarantined=number(set_aside),
            )
        )
        lines += reasons(events.quarantined, "quarantine")
        if events.skipped:
            lines.append(say("result.skipped_files", count=number(len(events.skipped))))
    if done.spared is not None:
        counts = {name: number(getattr(done.spared, name)) for name in ("people", "everyone", "unread")}
        lines.append(say("result.spared", **counts))
    return lines


def profiled(done: ProfileReport) -> list[str]:
    """Sentences of profiling."""
    lines = [
        say(
            "result.profile",
            people=number(done.people),
            interests=number(sum(done.interests.values())),
            segments=number(sum(1 for key in done.segments if key not in ("", "None"))),
        )
    ]
    if done.needs is not None and done.needs.mode != "off":
        lines.append(say(f"result.needs_{done.needs.mode}", people=number(done.needs.people)))
    return lines + lacking(done)


def lacking(done: ProfileReport) -> list[str]:
    """What could not be worked out of people, and why, one line each."""
    known = set(done.needs.horizons) if done.needs else set()
    needs = [one for one in done.needs.findings if one.what not in known] if done.needs else []
    told = [finding(asdict(one), interface_language()) for one in (*done.findings, *needs)]
    return [f"    {say('result.lacking', finding=one)}" for one in told]


def recommended(done: RecommendationReport) -> list[str]:
    """Sentences of recommending; where nobody has any, what kept products from them."""
    lines = [
        say(
            "result.recommend",
            rows=number(sum(done.rows.values())),
            people=number(max(done.served.values(), default=0)),
        )
    ]
    if done.choice.get("source") == "chosen":
        models = ", ".join(f"{name} {weight:g}" for name, weight in done.choice["weights"].items())
        days = {name: str(done.choice[name])[:10] for name in ("cut", "until")}
        lines.append(say("result.recommend_chosen", models=models, **days))
    if any(done.rows.values()):
        return lines
    kept = Counter[str]()
    for counts in done.removed.values():
        kept.update(counts)
    if done.barred_items:
        lines += [say("result.barred", items=number(done.items)), *reasons(done.barred_items, "filters")]
    if kept:
        lines += [say("result.removed"), *reasons(kept, "filters")]
    if not done.barred_items and not kept:
        lines.append(say("result.nothing_speaks", items=number(done.items)))
    return lines


def written(done: CopyReport) -> list[str]:
    """Sentences of writing."""
    lines = [
        say(
            "result.write",
            approved=number(done.approved),
            refused=number(done.refused),
            no_product=number(done.no_product),
            briefs=number(done.briefs),
            hits=number(done.cache_hits),
        )
    ]
    if done.usage is not None:
        from siyu.app.cli import modelled

        lines += modelled.asked(done.usage)
    if done.human:
        lines.append(say("result.human", count=number(done.human)))
    return lines + reasons(done.refused_by_rule, "rules")


def sent(done: SentReport) -> list[str]:
    """Where the campaign stands after a send, with every reason for sending nothing."""
    now = done.standing
    return [
        say(
            "result.send",
            accepted=number(now.sent),
            skipped=number(sum(now.skipped.values())),
            failed=number(sum(now.failed.values())),
            waiting=number(now.waiting),
        ),
        *reasons(now.skipped, "skips"),
        *reasons(now.failed, "failures"),
    ]


def tracked(done: TrackReport) -> list[str]:
    """Sentences of tracking."""
    robots = sum(count for verdict, count in done.verdicts.items() if verdict not in ("person", "future"))
    return [
        say(
            "result.track",
            hits=number(done.hits),
            kept=number(done.kept),
            bots=number(robots),
            invalid=number(done.forged),
            replays=number(done.replays),
        )
    ]


def reported(done: ReportMade) -> list[str]:
    """Where the report is."""
    return [say("result.report", path=Path(done.path))]


def headline(done: ReportMade, currency: str) -> list[str]:
    """Attributed money beside incremental money, with its interval and the verdict."""
    figures = done.figures.get("money", {})
    if "treated" not in figures:
        return []
    attributed = money(figures["treated"]["attributed_revenue"], currency)
    total = figures.get("total_revenue") or {}
    lines = [say("result.attributed", money=attributed)]
    if "low" in total:
        low, high = money(total["low"], currency), money(total["high"], currency)
        lines.append(say("result.incremental", money=money(total["value"], currency), low=low, high=high))
    return [*lines, _word("verdicts", str(figures.get("verdict")))]


def prepared(done: PreparedReport) -> list[str]:
    """Sentences of everything before sending, each under the name of its stage."""
    return named(
        ("import", imported(done.imported)),
        ("profile", profiled(done.profiles)),
        ("recommend", recommended(done.recommendations)),
        ("write", written(done.copy)),
    )


def whole(done: RunReport) -> list[str]:
    """Sentences of a whole run."""
    return prepared(done.prepared) + named(
        ("send", sent(done.sent)), ("track", tracked(done.tracked)), ("report", reported(done.report))
    )


def named(*parts: tuple[str, list[str]]) -> list[str]:
    lines = []
    for stage, told in parts:
        name = say(f"stages.{stage}")
        pad = max(1, 12 - sum(2 if ord(letter) > 0x2E80 else 1 for letter in name))
        lines += [f"{name}{' ' * pad}{line}" if at == 0 else f"{'':<12}{line}" for at, line in enumerate(told)]
    return lines

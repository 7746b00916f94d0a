"""What may be said about the money, in plain words: what was measured, what was found, and what that does not show."""

from __future__ import annotations

from siyu.reports.formats import moment, money, number, p_phrase, percent
from siyu.reports.source import Figures
from siyu.reports.words import Both, say


def verdict_lines(found: Figures, campaign: Figures) -> list[tuple[Both, list[Both]]]:
    """Label and sentences of each part of the verdict."""
    return [
        (say("verdict.measured_label"), [_measured(found, campaign)]),
        (say("verdict.found_label"), _found(found, campaign)),
        (say("verdict.not_label"), _not_shown(found, campaign)),
    ]


def _measured(found: Figures, campaign: Figures) -> Both:
    if found["verdict"] == "no-hold-out":
        return say("verdict.no-hold-out_measured")
    days = campaign["attribution_days"]
    return say(
        "verdict.hidden_measured" if found["verdict"] == "hidden" else "verdict.measured",
        treated=number(found["treated"]["people"]),
        held=number(found["hold_out"]["people"]),
        days=number(days, 0 if days == int(days) else 1),
    )


def _found(found: Figures, campaign: Figures) -> list[Both]:
    verdict = found["verdict"]
    if verdict in ("proven", "loss", "not-proven"):
        return [_difference(found, campaign), *([_profit(found, campaign)] if verdict == "proven" else [])]
    if verdict == "early":
        return [say("verdict.early_found", until=moment(found["window_ends"], zone=campaign["timezone"]))]
    if verdict == "hidden":
        return [_sizes(found)]
    return [say(f"verdict.{verdict}_found")]


def _difference(found: Figures, campaign: Figures) -> Both:
    """A loss is told as how much less, with the smaller amount first; an open result keeps its signs."""
    verdict, total, currency = found["verdict"], found["total_revenue"], campaign["currency"]
    low, high = (-total["high"], -total["low"]) if verdict == "loss" else (total["low"], total["high"])
    signed = verdict == "not-proven"
    return say(
        f"verdict.{verdict}_found",
        value=money(total["value"] if signed else abs(total["value"]), currency, signed=signed),
        low=money(low, currency, signed=signed),
        high=money(high, currency, signed=signed),
        level=percent(campaign["level"], 0),
    )


def _profit(found: Figures, campaign: Figures) -> Both:
    profit, currency = found["money"]["profit"], campaign["currency"]
    if profit["low"] > 0:
        return say("verdict.paid", low=money(profit["low"], currency))
    if profit["high"] < 0:
        return say("verdict.lost", high=money(-profit["high"], currency))
    return say("verdict.unpaid", low=money(profit["low"], currency), high=money(profit["high"], currency))


def _sizes(found: Figures) -> Both:
    expected = found["check"]["expected"]
    return say(
        "verdict.hidden_found",
        treated=number(found["treated"]["people"]),
        held=number(found["hold_out"]["people"]),
        planned_treated=number(expected[0]),
        planned_held=number(expected[1]),
        p=p_phrase(found["check"]["p"]),
    )


def _not_shown(found: Figures, campaign: Figures) -> list[Both]:
    verdict, detectable = found["verdict"], found["detectable_total"]
    chance = percent((1 - campaign["level"]) / 2)  # an interval misses on either side alike
    closing = say(f"verdict.{verdict}_not", chance=chance)
    if verdict != "not-proven" or detectable is None:
        return [closing]
    return [say("verdict.not-proven_power", detectable=money(detectable, campaign["currency"])), closing]

"""The report in a few sentences: what was sent, what came back, what may be said about the money."""

from __future__ import annotations

from siyu.reports.formats import moment, money, number, percent
from siyu.reports.source import Figures
from siyu.reports.words import Both, say


def summary(figures: Figures) -> list[Both]:
    """Sentences for the head of the page."""
    reach, funnel = figures["reach"], figures["funnel"]
    if "empty" in reach:
        return [say("summary.unplanned")]
    if "empty" in funnel:
        return [say("summary.unsent", audience=number(reach["people"]))]
    sentences = [say("summary.sent", reached=number(funnel["reached"]), audience=number(reach["people"]))]
    counts = {step["key"]: step["count"] for step in funnel["steps"]}
    if counts.get("opened") or counts.get("clicked"):
        opened, clicked = (percent(counts[key] / funnel["reached"]) for key in ("opened", "clicked"))
        sentences.append(say("summary.reacted", opened=opened, clicked=clicked))
    elif "opened" in counts:
        sentences.append(say("summary.silent"))
    if "empty" not in figures["money"]:
        sentences.append(_verdict(figures))
    return sentences


def _verdict(figures: Figures) -> Both:
    found, campaign = figures["money"], figures["campaign"]
    total, values = found["total_revenue"], {"until": moment(found["window_ends"], zone=campaign["timezone"])}
    if "lacking" not in total:
        values |= {end: money(total[end], campaign["currency"]) for end in ("low", "high")}
    return say(f"summary.verdict_{found['verdict']}", level=percent(campaign["level"], 0), **values)

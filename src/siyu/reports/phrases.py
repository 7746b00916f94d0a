"""Phrases of the page that need more than one text: names of values, reasons, losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.reports.formats import number
from siyu.reports.words import Both, has_word, join, same, say, word


def facet_value(facet: str, value: str | None) -> Both:
    """An interest's value as a person reads it.

    Example:
        >>> facet_value("attribute", "style=casual").en
        'style: casual'
    """
    if facet == "price_band":
        return word("band", value)
    if facet == "attribute" and value and "=" in value:
        name, _, rest = value.partition("=")
        return join([same(name), same(rest)], "：", ": ")
    return same(value)


def loss_label(row: Mapping[str, Any]) -> Both:
    """Why a message did not leave: the reason of a skip, else the state, with its reason where it has one."""
    state, reason = row["state"], row["reason"]
    if state == "skipped" and reason:
        return word("skip", reason)
    if not reason:
        return word("state", state)
    group = next((g for g in ("skip", "status") if has_word(g, reason)), "skip")
    return join([word("state", state), word(group, reason)], "：", ": ")


def because(why: Mapping[str, Any]) -> Both:
    """A recommendation's reason in words, with its evidence."""
    kind = why["kind"]
    if not has_word("because", kind):
        return word("reason", kind)
    return say(
        f"words.because.{kind}",
        title=same(why["title"]),
        count=number(why["count"]),
        number=number(why["number"], 0 if kind == "repeat" else 1),
        facet=word("facet", why["facet"]),
        value=facet_value(why["facet"] or "", why["value"]),
    )


def segment_name(segment: Mapping[str, Any]) -> Both:
    """A segment's name from its keys: ``spend:high`` and ``recency:low`` become words; a number stays a number."""
    keys = segment["name_keys"] or [segment["segment"]]
    return join([_name(str(key)) for key in keys], "、", ", ")


def _name(key: str) -> Both:
    if key.startswith("number:"):
        return same(f"#{key.removeprefix('number:')}")
    return word("name", key)

"""Real messages, each beside what explains it."""

from __future__ import annotations

from typing import Any

from siyu.reports.ledger import COLUMNS, ledger
from siyu.reports.source import Figures, Row, Source, empty

_SHOWN_ID = 8
"""Digits of a pseudonym that are shown: enough to look it up, too few to be taken for an identity."""


def build(source: Source) -> Figures:
    """Up to ``samples`` messages, most of them sent, as different from each other as there are."""
    if not source.settings.samples or not source.has("messages"):
        return empty("no-messages")
    source.engine.table("report_ledger", ledger(source.material.ledger).select(COLUMNS.names))
    unsent = source.settings.samples // 3
    picked = source.rows(
        "samples_pick", campaign=source.campaign.name, sent=source.settings.samples - unsent, unsent=unsent
    )
    if not picked:
        return empty("no-messages")
    found = {row["message_id"]: row for row in source.rows("samples_messages", ids=[p["message_id"] for p in picked])}
    rows = [{**found[pick["message_id"]], **pick} for pick in picked]
    return {"messages": _explained(source, rows)}


def _explained(source: Source, rows: list[Row]) -> list[Row]:
    people = sorted({row["person"] for row in rows if row["person"]})
    items = sorted({item for row in rows for item in (row["items"] or [])} | {r["item"] for r in rows if r["item"]})
    interests = source.rows("samples_interests", people=people) if source.has("interests") else []
    advice = source.rows("samples_recommendations", people=people, items=items) if source.has("recommendations") else []
    titles = _titles(source, rows, interests, advice)
    return [
        _one(
            row,
            [one for one in interests if one["person"] == row["person"]][:3],
            [
                one
                for one in advice
                if one["person"] == row["person"] and one["item"] in (row["items"] or [row["item"]])
            ],
            titles,
        )
        for row in rows
    ]


def _titles(source: Source, rows: list[Row], interests: list[Row], advice: list[Row]) -> dict[str, str]:
    wanted = {row["item"] for row in rows} | {item for row in rows for item in (row["items"] or [])}
    wanted |= {seen["item"] for one in interests for seen in (one["evidence"] or [])}
    wanted |= {why["item"] for one in advice for why in (one["reasons"] or [])} | {one["item"] for one in advice}
    known = sorted(item for item in wanted if item)
    if not known or not source.has("products"):
        return {}
    return {row["item"]: row["title"] for row in source.rows("samples_titles", items=known) if row["title"]}


def _one(row: Row, interests: list[Row], advice: list[Row], titles: dict[str, str]) -> Row:
    return {
        "message_id": row["message_id"],
        "person": (row["person"] or "")[:_SHOWN_ID],
        "channel": row["channel"],
        "language": row["language"] or "",
        "status": row["status"],
        "state": row["state"],
        "skip_reason": row["skip_reason"],
        "sent_at": _moment(row["sent_at"]),
        "variant": row["variant"],
        "item": row["item"],
        "title": titles.get(row["item"] or "", row["item"]),
        "parts": [{"part": p["part"], "text": p["text"]} for p in row["parts"] or [] if p["text"]],
        "interests": [_interest(one, titles) for one in interests],
        "why": [_advice(one, titles) for one in advice[:3]],
        "facts": [_fact(one) for one in row["facts"] or []],
        "findings": [
            {key: one[key] for key in ("rule", "severity", "part", "excerpt", "source", "remedy")}
            for one in row["findings"] or []
        ],
    }


def _moment(value: Any) -> str | None:
    return value.isoformat(timespec="minutes") if value is not None else None


def _interest(one: Row, titles: dict[str, str]) -> Row:
    evidence = [
        {
            "kind": seen["kind"],
            "ts": _moment(seen["ts"]),
            "item": seen["item"],
            "title": titles.get(seen["item"] or "", seen["item"]),
        }
        for seen in (one["evidence"] or [])[:2]
    ]
    return {key: one[key] for key in ("facet", "value", "weight", "lift")} | {"evidence": evidence}


def _advice(one: Row, titles: dict[str, str]) -> Row:
    reasons = [
        {key: why[key] for key in ("kind", "item", "facet", "value", "count", "number", "share")}
        | {"title": titles.get(why["item"] or "", why["item"])}
        for why in (one["reasons"] or [])[:2]
    ]
    return {
        "item": one["item"],
        "title": titles.get(one["item"], one["item"]),
        "lane": one["lane"],
        "rank": one["rank"],
        "model": one["model"],
        "reasons": reasons,
    }


def _fact(one: Row) -> Row:
    return {
        "slot": one["slot"],
        "value": one["value"],
        "unit": one["unit"],
        "source": one["source"],
        "observed_at": _moment(one["observed_at"]),
        "valid_until": _moment(one["valid_until"]),
    }

"""Real messages, each beside what explains it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.reports.ledger import COLUMNS, SENT, ledger
from siyu.reports.outcomes import flag
from siyu.reports.source import Figures, Row, Source, empty
from siyu.reports.variety import various

_SHOWN_ID = 8
"""Digits of a pseudonym that are shown: enough to look it up, too few to be taken for an identity."""

_INTERESTS, _REASONS, _EVIDENCE = 3, 2, 2


def build(source: Source) -> Figures:
    """Up to ``samples`` messages, a third of them not sent, as different from each other as there are."""
    count = source.settings.samples
    if not count or not source.has("messages"):
        return empty("no-messages")
    source.engine.table("report_ledger", ledger(source.material.ledger).select(COLUMNS.names))
    source.engine.table("report_reactions", _reactions(source))
    picked = various(source.rows("samples_kinds", campaign=source.campaign.name, each=count), count=count)
    if not picked:
        return empty("no-messages")
    found = {row["message_id"]: row for row in source.rows("samples_messages", ids=[p["message_id"] for p in picked])}
    rows = [{**found[pick["message_id"]], **pick} for pick in picked]
    return {"messages": _explained(source, rows)}


def _reactions(source: Source) -> pa.Table:
    rows = source.outcomes
    if rows is None or "person" not in rows.column_names:
        return _NO_REACTIONS.empty_table()
    orders = rows["attributed_orders"] if "attributed_orders" in rows.column_names else pa.nulls(rows.num_rows)
    ordered = pc.fill_null(pc.greater(orders.cast(pa.float64()), 0), False)
    columns = [rows["person"], pc.or_(flag(rows, "opened"), flag(rows, "clicked")), flag(rows, "clicked"), ordered]
    return pa.table(columns, schema=_NO_REACTIONS)


_NO_REACTIONS = pa.schema(
    [("person", pa.string()), ("opened", pa.bool_()), ("clicked", pa.bool_()), ("ordered", pa.bool_())]
)


def _explained(source: Source, rows: list[Row]) -> list[Row]:
    people = sorted({row["person"] for row in rows if row["person"]})
    items = sorted({item for row in rows for item in _items(row)})
    angles = {name: [row[f"angle_{name}"] or "" for row in rows] for name in ("facet", "value")}
    interests = (
        source.rows("samples_interests", people=people, facets=angles["facet"], values=angles["value"])
        if source.has("interests")
        else []
    )
    advice = source.rows("samples_recommendations", people=people, items=items) if source.has("recommendations") else []
    titles = _titles(source, rows, interests, advice)
    return [
        _one(
            row,
            _telling([one for one in interests if one["person"] == row["person"]], row),
            [one for one in advice if one["person"] == row["person"] and one["item"] in _items(row)],
            titles,
        )
        for row in rows
    ]


def _items(row: Row) -> list[str]:
    """Products of a message, the main one first."""
    return list(dict.fromkeys(item for item in (row["item"], *(row["items"] or [])) if item))


def _telling(interests: list[Row], row: Row) -> list[Row]:
    """What the message speaks of first, then what sets the person apart; a category only once along its path."""

    def spoken(one: Row) -> bool:
        return bool((one["facet"], one["value"]) == (row["angle_facet"], row["angle_value"]))

    chosen: list[Row] = []
    for one in sorted(interests, key=lambda one: not spoken(one)):
        if len(chosen) < _INTERESTS and not any(_along(one, other) for other in chosen):
            chosen.append({**one, "spoken": spoken(one)})
    return chosen


def _along(one: Row, other: Row) -> bool:
    if one["facet"] != other["facet"]:
        return False
    paths = [f"{row['value']} > " for row in (one, other)]
    return paths[0].startswith(paths[1]) or paths[1].startswith(paths[0])


def _titles(source: Source, rows: list[Row], interests: list[Row], advice: list[Row]) -> dict[str, str]:
    wanted = {item for row in rows for item in _items(row)} | {f["item"] for row in rows for f in row["facts"] or []}
    wanted |= {seen["item"] for one in interests for seen in (one["evidence"] or [])}
    wanted |= {why["item"] for one in advice for why in (one["reasons"] or [])}
    known = sorted(item for item in wanted if item)
    if not known or not source.has("products"):
        return {}
    return {row["item"]: row["title"] for row in source.rows("samples_titles", items=known) if row["title"]}


def _one(row: Row, interests: list[Row], advice: list[Row], titles: dict[str, str]) -> Row:
    order = {item: place for place, item in enumerate(_items(row))}
    return {
        "message_id": row["message_id"],
        "person": (row["person"] or "")[:_SHOWN_ID],
        "channel": row["channel"],
        "language": row["language"] or "",
        "status": row["status"],
        "sent": row["state"] in SENT,
        "state": row["state"],
        "skip_reason": row["skip_reason"],
        "sent_at": _moment(row["sent_at"]),
        "reaction": row["reaction"],
        "variant": row["variant"],
        "item": row["item"],
        "title": titles.get(row["item"] or "", row["item"]),
        "parts": [{"part": p["part"], "text": p["text"]} for p in row["parts"] or [] if p["text"]],
        "interests": [_interest(one, titles) for one in interests],
        "why": [_advice(one, titles) for one in sorted(advice, key=lambda one: order[one["item"]])],
        "claims": _claims(row["facts"] or [], order, titles),
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
        for seen in (one["evidence"] or [])[:_EVIDENCE]
    ]
    return {key: one[key] for key in ("facet", "value", "weight", "lift", "spoken")} | {"evidence": evidence}


def _advice(one: Row, titles: dict[str, str]) -> Row:
    reasons = [
        {key: why[key] for key in ("kind", "item", "facet", "value", "count", "number", "share")}
        | {"title": titles.get(why["item"] or "", why["item"])}
        for why in (one["reasons"] or [])[:_REASONS]
    ]
    return {
        "item": one["item"],
        "title": titles.get(one["item"], one["item"]),
        "lane": one["lane"],
        "rank": one["rank"],
        "model": one["model"],
        "reasons": reasons,
    }


def _claims(facts: list[Row], order: dict[str, int], titles: dict[str, str]) -> list[Row]:
    """Facts by product, in the order of the message; a product's title first, then its price."""
    place = {"title": 0, "price": 1}
    by_item: dict[str, list[Row]] = {}
    for fact in sorted(facts, key=lambda one: (place.get(one["slot"], 2), one["slot"] or "")):
        by_item.setdefault(fact["item"] or "", []).append(_fact(fact))
    return [
        {"item": item, "title": titles.get(item, item), "facts": by_item[item]}
        for item in sorted(by_item, key=lambda item: (order.get(item, len(order)), item))
    ]


def _fact(one: Row) -> Row:
    number = one["number"]
    return {
        "slot": one["slot"],
        "value": one["value"],
        "number": number if number is not None and np.isfinite(number) else None,
        "unit": one["unit"],
        "source": one["source"],
        "observed_at": _moment(one["observed_at"]),
        "valid_until": _moment(one["valid_until"]),
    }

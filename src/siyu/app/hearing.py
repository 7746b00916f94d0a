"""Who should hear of a product: the audience with names, reach by consent, and a file of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.shop import Shop
from siyu.delivery.channels import CHANNELS
from siyu.domain import columns as c
from siyu.domain.errors import InputError, MissingDataError, SettingsError
from siyu.domain.ids import PersonId
from siyu.domain.kinds import Lane
from siyu.domain.progress import Progress, silent
from siyu.engine import manifest
from siyu.engine.sql import fill
from siyu.privacy.media import medium
from siyu.recommendations.audience import audience

SUGGESTED = 8
"""Products named where the one asked for is not clear."""


def hear(
    shop: Shop,
    asked: str,
    *,
    lanes: Iterable[str] = (),
    top: int = 20,
    anyway: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """The people who should hear of a product, as JSON values.

    Args:
        asked: the product's id, its title, or a part of a title that one product alone has.
        lanes: ``discover``, ``buy_again``; those of the campaign's goal where none is named.
        anyway: as if no filter of products barred it.

    Raises:
        MissingDataError: no product is called so, or recommendations were never made.
        InputError: several products are called so, or it is not in force yet.
        SettingsError: there is no such lane.
    """
    item = _item(shop, asked)
    found = audience(
        shop.engine, shop.settings.recommendations, item, clock=shop.clock, goal=shop.campaign.goal,
        lanes=_lanes(lanes), top=top, anyway=anyway, progress=progress,
    )  # fmt: skip
    agreed = _agreed(shop)
    best = {lane.lane: lane.best.to_pylist() for lane in found.lanes}
    ids = shop.contacts.external_ids([PersonId(row["person"]) for rows in best.values() for row in rows])
    titles = _titles(shop, {reason["item"] for rows in best.values() for row in rows for reason in row["reasons"]})
    for row in (row for rows in best.values() for row in rows):
        row["external_id"] = ids.get(row["person"], "")
        row["channels"] = [channel for channel, people in agreed.items() if row["person"] in people]
        for reason in row["reasons"]:
            reason["title"] = titles.get(reason["item"] or "", "")
    return {
        "item": found.item, "title": found.title, "barred": found.barred, "known": found.known,
        "buyers": found.buyers, "learnt": datetime.fromisoformat(found.learnt), "purpose": shop.campaign.purpose,
        "lanes": [
            {
                "lane": lane.lane.value, "people": len(lane.people), "removed": dict(lane.removed),
                "listed": lane.listed, "reach": {name: _both(lane.people, people) for name, people in agreed.items()},
                "best": best[lane.lane],
            }
            for lane in found.lanes
        ],
    }  # fmt: skip


def keep(found: dict[str, Any], path: Path, told: Callable[[dict[str, Any]], str]) -> None:
    """Write the best of every lane as CSV: who they are, where they may be written to, and why."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with a mark, so that spreadsheets read it right
        rows = csv.writer(file)
        rows.writerow(["lane", "rank", "user_id", "person", "score", "channels", "reasons"])
        for lane in found["lanes"]:
            for row in lane["best"]:
                reasons = "; ".join(told(reason) for reason in row["reasons"])
                channels = " ".join(row["channels"])
                score = f"{row['score']:.6f}"
                rows.writerow([lane["lane"], row["rank"], row["external_id"], row["person"], score, channels, reasons])


def _lanes(asked: Iterable[str]) -> tuple[Lane, ...]:
    known = {lane.value: lane for lane in Lane}
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise SettingsError(
            f"There is no lane called {unknown[0]!r}.", why=f"Known: {', '.join(known)}.", next_step="Use one of them."
        )
    return tuple(known[one] for one in asked) or tuple(Lane)


def _item(shop: Shop, asked: str) -> str:
    """The id of the one product that is called so.

    Raises:
        MissingDataError, InputError: none is, or several are; the nearest are named.
    """
    if manifest.find(shop.engine.root, "products") is None:
        return asked  # the stage says what is missing
    shop.engine.table("products", "products")
    if _products(shop, "item = $asked", asked=asked):
        return asked
    words = asked.strip().lower()
    found = _products(shop, "lower(title) = $asked", asked=words) or _products(
        shop, "strpos(lower(title), $asked) > 0 OR lower(item) = $asked", asked=words
    )
    if len(found) == 1 and words:
        return str(found[0]["item"])
    shown = ", ".join(f"{row['item']} ({row['title']})" for row in found[:SUGGESTED])
    if not found or not words:
        raise MissingDataError(
            f"There is no product {asked!r} in the catalogue.",
            why="No id, title or part of a title is spelled so.",
            next_step="Give a product's id, or a word of its title.",
            item=asked,
        )
    raise InputError(
        f"{asked!r} names {len(found)} products.",
        why=f"Among them: {shown}.",
        next_step="Give the id of one of them.",
        item=asked,
    )


def _products(shop: Shop, where: str, **values: object) -> list[dict[str, Any]]:
    sql = fill(f"SELECT DISTINCT item, title FROM products WHERE {where} ORDER BY item", **values)
    return [row for batch in shop.engine.batches(sql) for row in batch.to_pylist()]


def _titles(shop: Shop, items: set[str | None]) -> dict[str, str]:
    shop.engine.table("asked_items", pa.table({c.ITEM: pa.array(sorted(filter(None, items)), pa.string())}))
    shop.engine.table("products", "products")
    sql = "SELECT p.item, p.title FROM products p JOIN asked_items a ON a.item = p.item WHERE p.title IS NOT NULL"
    return {row["item"]: row["title"] for batch in shop.engine.batches(sql) for row in batch.to_pylist()}


def _agreed(shop: Shop) -> dict[str, frozenset[str]]:
    """Who may be written to for the campaign's purpose, by medium: the campaign's own, and others that have anyone."""
    campaign, found = shop.campaign, {}
    own = medium(campaign.channel)
    for channel in sorted({own, *(medium(name) for name in (*CHANNELS, "sms"))}):
        agreed = set(shop.consents.consented(campaign.purpose, channel)[c.PERSON].to_pylist())
        agreed -= set(shop.consents.suppressed(channel)[c.PERSON].to_pylist())
        if agreed or channel == own:
            found[channel] = frozenset(agreed)
    return found


def _both(people: pa.Array, agreed: frozenset[str]) -> int:
    """How many are in both."""
    return int(pc.sum(pc.is_in(people, pa.array(agreed, pa.string()))).as_py() or 0)

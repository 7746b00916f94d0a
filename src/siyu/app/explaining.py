"""Explaining: everything that led to this person's message, or to none. It only reads what the stages left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from siyu.app.shop import Shop
from siyu.app.words import interface_language
from siyu.copywriting.tongues import chain
from siyu.domain import columns as c
from siyu.domain.errors import MissingDataError
from siyu.domain.ids import PersonId
from siyu.engine import manifest, resolved
from siyu.engine.sql import fill
from siyu.packs import read
from siyu.packs.segments import portrait, segment_names
from siyu.profiles import distinctive, like_minded
from siyu.profiles.findings import standing

INTERESTS_PER_FACET = 6
LIKE_MINDED = 3
POINTS = 2
RULES = 3


def explain(shop: Shop, asked: str) -> dict[str, Any]:
    """The evidence about one person, as JSON values.

    Args:
        asked: the shop's own id, or a pseudonym; of a name that stands for another, that other is explained.

    Raises:
        MissingDataError: nothing is known of that person.
    """
    person, *others = _names(shop, shop.person(asked))
    ids = shop.contacts.external_ids([person, *others])
    found = {
        "person": person,
        "external_id": ids.get(person, ""),
        "other_names": [ids.get(other) or other for other in others],
        "profile": _profile(shop, person),
        "interests": _interests(shop, person),
        "needs": _foreseen(shop, person),
        "findings": [asdict(one) for one in standing(shop.engine)],
        "distinctive": [_interest(value) for value in _distinctive(shop, person)],
        "like_minded": _like_minded(shop, person),
        "recommendations": _recommendations(shop, person),
        "rules": _rules(shop, person),
        "messages": _messages(shop, person),
        "delivery": [row for name in (person, *others) for row in _delivery(shop, name)],
        "outcomes": _outcomes(shop, person),
    }
    if not any(found[key] for key in ("external_id", "profile", "messages", "delivery")):
        raise MissingDataError(
            f"Nothing is known of {asked!r}.",
            why="No event, no contact and no message belongs to that id.",
            next_step="Give the shop's own customer id, or the pseudonym shown in a report.",
            person=asked,
        )
    return found


def _rows(shop: Shop, dataset: str, sql: str, **values: object) -> list[dict[str, Any]]:
    """Rows of ``sql`` over ``dataset``; none where it was never published."""
    if manifest.find(shop.engine.root, dataset) is None:
        return []
    if dataset == "events":
        resolved.events(shop.engine)
    else:
        shop.engine.table(dataset, dataset)
    return [row for batch in shop.engine.batches(fill(sql, **values)) for row in batch.to_pylist()]


def _names(shop: Shop, asked: PersonId) -> list[PersonId]:
    """Every name of the person who is called ``asked``, the one in use first."""
    stands_for = _rows(shop, "aliases", "SELECT person FROM aliases WHERE alias = $asked", asked=asked)
    used = PersonId(stands_for[0]["person"]) if stands_for else asked
    rows = _rows(shop, "aliases", "SELECT alias FROM aliases WHERE person = $used ORDER BY alias", used=used)
    return [used, *(PersonId(row["alias"]) for row in rows)]


def _titles(shop: Shop, items: set[str]) -> dict[str, str]:
    shop.engine.table("asked_items", pa.table({c.ITEM: pa.array(sorted(items), pa.string())}))
    found = _rows(shop, "products", "SELECT p.item, p.title FROM products p JOIN asked_items a ON a.item = p.item")
    return {row["item"]: row["title"] for row in found if row["title"]}


def _profile(shop: Shop, person: PersonId) -> dict[str, Any] | None:
    rows = _rows(shop, "people", "SELECT * FROM people WHERE person = $person", person=person)
    if not rows:
        return None
    words = read("languages", interface_language(), "segments")
    segments = _rows(shop, "segments", "SELECT * FROM segments")
    names = segment_names({row["segment"]: row["name_keys"] for row in segments}, words)
    own = next((row for row in segments if row["segment"] == rows[0]["segment"]), None)
    return {
        **rows[0],
        "segment_name": names.get(rows[0]["segment"], ""),
        "segment_portrait": portrait({**own, **_portrait(shop, own["segment"])}, words)[1:] if own else [],
        "segment_was": _segment_was(shop, person, words),
    }


def _portrait(shop: Shop, segment: str) -> dict[str, Any]:
    asked = "SELECT * FROM segment_portraits WHERE segment = $segment"
    return next(iter(_rows(shop, "segment_portraits", asked, segment=segment)), {})


def _segment_was(shop: Shop, person: PersonId, words: Mapping[str, Any]) -> str:
    """The name of the segment that the person left in the last run; empty where they stayed."""
    asked = "SELECT was FROM segment_movers WHERE person = $person"
    moved = _rows(shop, "segment_movers", asked, person=person)
    if not moved:
        return ""
    rows = _rows(shop, "segment_moves", "SELECT DISTINCT was, was_keys FROM segment_moves ORDER BY was")
    return segment_names({row["was"]: row["was_keys"] for row in rows}, words).get(moved[0]["was"], "")


def _foreseen(shop: Shop, person: PersonId) -> dict[str, Any] | None:
    """What was foreseen of the person, with its drivers, and what could not be."""
    rows = _rows(shop, "needs", "SELECT * FROM needs WHERE person = $person", person=person)
    if not rows:
        return None
    asked = "SELECT category, chance FROM needs_affinity WHERE person = $person ORDER BY rank"
    settings = shop.settings.profiles.needs
    model = manifest.find(shop.engine.root, "needs_model")
    told: dict[str, Any] = dict(model.meta["told"]) if model else {}  # type: ignore[call-overload]
    return {
        **rows[0],
        "horizon_days": settings.horizon_days,
        "value_days": settings.value_days,
        "affinity": _rows(shop, "needs_affinity", asked, person=person),
        "findings": told.get("findings", []),
    }


def _interests(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    rows = _rows(
        shop,
        "interests",
        "SELECT * FROM interests WHERE person = $person AND rank <= $top ORDER BY facet, rank",
        person=person,
        top=INTERESTS_PER_FACET,
    )
    titles = _titles(shop, {event["item"] for row in rows for event in row["evidence"] or [] if event["item"]})
    for row in rows:
        for event in row["evidence"] or []:
            event["title"] = titles.get(event["item"] or "", "")
    return rows


def _distinctive(shop: Shop, person: PersonId) -> list[Any]:
    if manifest.find(shop.engine.root, "interests") is None:
        return []
    return distinctive(shop.engine, person, k=INTERESTS_PER_FACET)


def _like_minded(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    if manifest.find(shop.engine.root, "interests") is None:
        return []
    found = like_minded(shop.engine, person, k=LIKE_MINDED)
    names = shop.contacts.external_ids([other.person for other in found])
    return [
        {
            "person": other.person,
            "external_id": names.get(other.person, ""),
            "similarity": other.similarity,
            "shared": [_interest(value) for value in other.shared],
            "theirs": [_interest(value) for value in other.theirs],
        }
        for other in found
    ]


def _interest(value: Any) -> dict[str, Any]:
    return {"facet": value.facet, "value": value.value, "weight": value.weight, "lift": value.lift}


def _recommendations(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    rows = _rows(
        shop,
        "recommendations",
        "SELECT * FROM recommendations WHERE person = $person AND rank <= 5 ORDER BY lane DESC, rank",
        person=person,
    )
    mentioned = {row["item"] for row in rows} | {reason["item"] for row in rows for reason in row["reasons"]}
    titles = _titles(shop, {item for item in mentioned if item})
    praise = _praise(shop, {row["item"] for row in rows})
    for row in rows:
        row["title"] = titles.get(row["item"], "")
        row["praise"] = praise.get(row["item"], [])
        for reason in row["reasons"]:
            reason["title"] = titles.get(reason["item"] or "", "")
    return rows


def _praise(shop: Shop, items: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Selling points of products, those that most people name first."""
    shop.engine.table("asked_items", pa.table({c.ITEM: pa.array(sorted(items), pa.string())}))
    found: dict[str, list[dict[str, Any]]] = {}
    asked = (
        "SELECT p.item, p.aspect, p.praised, p.blamed, p.praise FROM product_aspects p JOIN asked_items a "
        "ON a.item = p.item WHERE p.selling_point ORDER BY p.item, p.praised DESC, p.aspect"
    )
    for row in _rows(shop, "product_aspects", asked):
        found.setdefault(row["item"], []).append(row)
    return {item: rows[:POINTS] for item, rows in found.items()}


def _rules(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    """Rules that speak to what the person bought, without what they have already; the surest first."""
    if manifest.find(shop.engine.root, "rules") is None:
        return []
    had = _rows(
        shop,
        "events",
        "SELECT DISTINCT item FROM events WHERE person = $person AND kind = 'purchase' "
        "AND item IS NOT NULL AND ts <= $now",
        person=person,
        now=shop.clock.now(),
    )
    bought = {row["item"] for row in had}
    shop.engine.table("asked_items", pa.table({c.ITEM: pa.array(sorted(bought), pa.string())}))
    rows = _rows(
        shop,
        "rules",
        "SELECT r.* FROM rules r WHERE r.level = 'item' AND r.then_item NOT IN (SELECT item FROM asked_items) "
        "ORDER BY r.leverage DESC, r.then_item",
    )
    fitting = [row for row in rows if bought.issuperset(row["items"])][:RULES]
    titles = _titles(shop, {item for row in fitting for item in (*row["items"], row["then_item"])})
    return [
        {
            **row,
            "names": [titles.get(item) or item for item in row["items"]],
            "then_name": titles.get(row["then_item"]) or row["then_item"],
        }
        for row in fitting
    ]


def _messages(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    rows = _rows(
        shop, "messages", "SELECT * FROM messages WHERE person = $person ORDER BY campaign, step", person=person
    )
    titles = _titles(shop, {row["item"] for row in rows if row["item"]})
    asked = _rows(shop, "people", "SELECT language FROM people WHERE person = $person", person=person) if rows else []
    wanted = (asked[0]["language"] or "") if asked else ""
    spoken = {"asked_language": wanted, "language_chain": list(chain(wanted))}
    return [{**row, "title": titles.get(row["item"] or "", ""), **spoken} for row in rows]


def _delivery(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    return list(shop.ledger.of_person(person).to_pylist())


def _outcomes(shop: Shop, person: PersonId) -> list[dict[str, Any]]:
    return _rows(
        shop,
        "events",
        "SELECT kind, ts, item, message_id FROM events WHERE person = $person AND message_id IS NOT NULL "
        "AND kind <> 'sent' AND ts <= $now ORDER BY ts, kind",
        person=person,
        now=shop.clock.now(),
    )

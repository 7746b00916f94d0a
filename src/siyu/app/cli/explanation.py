"""An explanation as lines a person can read from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from siyu.app.cli import foreseen
from siyu.app.cli.sentences import money, number
from siyu.app.words import interface_language, say
from siyu.packs import read
from siyu.packs.findings import finding

Row = Mapping[str, Any]


def sentences(found: Row, currency: str) -> list[str]:
    """Every section of :func:`siyu.app.explaining.explain`; empty ones are left out."""
    parts = (
        _who(found, currency),
        _interests(found["interests"]),
        foreseen.explained(found["needs"], currency),
        _distinctive(found["distinctive"]),
        _like_minded(found["like_minded"]),
        _recommendations(found["recommendations"]),
        _rules(found["rules"]),
        _messages(found["messages"]),
        _delivery(found["delivery"]),
        _outcomes(found["outcomes"]),
    )
    return [line for part in parts for line in part]


def _title(key: str) -> str:
    return f"\n{say(f'explain.{key}')}"


def _who(found: Row, currency: str) -> Iterator[str]:
    name = found["external_id"] or found["person"]
    yield f"{say('explain.who')} {name}  ({found['person']})"
    profile = found["profile"]
    if not profile:
        return
    facts = [f"{say('explain.lifecycle')}: {_word('lifecycle', profile['lifecycle'])}"]
    if profile["segment_name"]:
        facts.append(f"{say('explain.segment')}: {profile['segment_name']}")
    facts.append(f"{say('explain.orders')}: {number(profile['orders'])}")
    facts.append(f"{say('explain.spend')}: {money(profile['spend'] or 0, currency)}")
    if profile["recency_days"] is not None:
        days = say("explain.days_ago", days=number(profile["recency_days"]))
        facts.append(f"{say('explain.recency')}: {days}")
    if profile["usual_hour"] is not None:
        facts.append(f"{say('explain.usual_hour')}: {say('explain.hour', hour=profile['usual_hour'])} UTC")
    yield "  " + " · ".join(facts)
    if profile["segment_portrait"]:
        yield f"  {say('explain.portrait', segment=profile['segment_name'])} {' '.join(profile['segment_portrait'])}"
    if profile["segment_was"]:
        yield f"  {say('explain.segment_was', segment=profile['segment_was'])}"
    missing = {name for name, known in (("segments", profile["segment_name"]), ("interests", found["interests"]))
               if not known}  # fmt: skip
    for one in found["findings"]:
        if one["what"] in missing:
            yield f"  {say('result.lacking', finding=finding(one, interface_language()))}"


def _interests(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("interests")
    facet = None
    for row in rows:
        if row["facet"] != facet:
            facet = row["facet"]
            yield f"  {_word('facets', facet)}"
        yield f"    {row['weight']:6.1%}  {_value(row['facet'], row['value']):<24} {_because(row['evidence'])}"


def _because(evidence: list[Row] | None) -> str:
    events = [
        f"{_word('kinds', event['kind'])} {_name(event)}{event['ts']:%Y-%m-%d}".replace("  ", " ")
        for event in evidence or []
    ]
    told = ", ".join(dict.fromkeys(events))  # two lines of one order look the same to a person
    return f"{say('explain.because')}: {told}" if told else ""


def _name(event: Row) -> str:
    if not event["item"]:
        return ""
    return f"{event['item']} " if not event["title"] else f"{event['item']}《{event['title']}》 "


def _value(facet: str, value: str) -> str:
    if facet == "price_band":
        return say(f"price_bands.{value}")
    return value


def _distinctive(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("distinctive")
    for row in rows:
        yield f"    {_word('facets', row['facet'])}: {_value(row['facet'], row['value'])}  ×{row['lift']:.1f}"


def _like_minded(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("like_minded")
    for row in rows:
        shared = ", ".join(_value(value["facet"], value["value"]) for value in row["shared"])
        theirs = ", ".join(_value(value["facet"], value["value"]) for value in row["theirs"])
        yield f"    {row['external_id'] or row['person'][:8]}  {row['similarity']:.2f}  {shared}"
        if theirs:
            yield f"        {say('explain.also_like')}: {theirs}"


def _recommendations(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("recommended")
    for row in rows:
        lane = say(f"explain.lane_{row['lane']}")
        yield f"    {row['rank']}. {_item(row)}  [{lane}, {row['model']} {row['score']:.3f}]"
        for reason in row["reasons"]:
            share = say("explain.share", percent=format(reason["share"] or 0, ".0%"))
            yield f"         {reason_sentence(reason)}  ({share})"
        for point in row["praise"]:
            yield f"         {_point(point)}"


def _rules(rows: list[Row]) -> Iterator[str]:
    if rows:
        yield _title("rules")
    for row in rows:
        yield "    " + say(
            "explain.rule",
            items=" + ".join(row["names"]),
            then=row["then_name"],
            confidence=format(row["confidence"], ".0%"),
            lift=format(row["lift"], ".1f"),
            baskets=number(row["baskets"]),
        )


def _point(point: Row) -> str:
    """A selling point with the words of buyers behind it."""
    aspect = read("languages", interface_language(), "aspects")["aspects"].get(point["aspect"], {})
    return say(
        "explain.praised",
        aspect=aspect.get("name", point["aspect"]),
        people=number(point["praised"]),
        all=number(point["praised"] + point["blamed"]),
        words=say("explain.quotes", words=" / ".join(quote["clause"] for quote in point["praise"])),
    )


def reason_sentence(reason: Row) -> str:
    """A reason as a sentence of the interface's language."""
    item = reason.get("title") or reason["item"] or ""
    facet = _word("facets", reason["facet"]) if reason["facet"] else ""
    value = _value(reason["facet"] or "", reason["value"] or "")
    amount = "" if reason["number"] is None else f"{reason['number']:.3g}"
    count = "" if reason["count"] is None else number(reason["count"])
    try:
        kind = "rule" if reason["facet"] == "confidence" else reason["kind"]
        return say(f"reasons.{kind}", item=item, facet=facet, value=value, count=count, number=amount)
    except KeyError:
        return f"{reason['kind']} {item} {facet} {value}".strip()


def _item(row: Row) -> str:
    return f"{row['item']}《{row['title']}》" if row["title"] else str(row["item"])


def _messages(rows: list[Row]) -> Iterator[str]:
    if not rows:
        yield _title("message")
        yield f"    {say('explain.no_message')}"
        return
    for row in rows:
        yield f"{_title('message')}  {row['campaign']} · {row['language']} · {_word('statuses', row['status'])}"
        yield from _stand_in(row)
        for part in row["parts"] or []:
            yield f"    {_word('parts', part['part']):<10} {part['text']}"
        if row["brief_id"]:
            angle = _value(row["angle_facet"] or "", row["angle_value"] or "")
            spoken = f"{_word('facets', row['angle_facet'])}: {angle}" if angle else "-"
            yield f"  {say('explain.brief')}: {row['brief_id']}  {say('explain.angle')}: {spoken}"
            pieces = ", ".join(part["piece_id"] for part in row["parts"] or [] if part["piece_id"])
            yield f"  {say('explain.pieces')}: {pieces}  ({row['variant']}, p = {row['propensity']:.3g})"
        yield from _facts(row["facts"] or [])
        yield from _findings(row["findings"] or [])


def _stand_in(row: Row) -> Iterator[str]:
    """Which language stands in for the one that was asked for, and why."""
    asked, written, chain = row["asked_language"], row["language"], row["language_chain"]
    if asked and written and written != asked and written != (chain or [""])[0]:
        shown = " → ".join(chain) if written in chain else say("explain.language_first")
        yield f"  {say('explain.language', asked=asked, written=written, chain=shown)}"


def _facts(facts: list[Row]) -> Iterator[str]:
    if facts:
        yield f"  {say('explain.facts')}"
    for fact in facts:
        seen = f"{fact['observed_at']:%Y-%m-%d}" if fact["observed_at"] else "-"
        yield f"    {fact['item']} {fact['slot']} = {fact['value']} {fact['unit'] or ''} ← {fact['source']} ({seen})"


def _findings(findings: list[Row]) -> Iterator[str]:
    shown = ", ".join(f"{one['rule']} ({one['severity']}): {one['excerpt']}" for one in findings)
    yield f"  {say('explain.findings')}: {shown or say('explain.none')}"


def _delivery(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("delivery")
    for row in rows:
        state = _word("states", row["state"])
        why = f": {_word('skips', row['reason'])}" if row["reason"] else ""
        at = row.get("handed_at") or row.get("due_at")
        moment = f"  {at:%Y-%m-%d %H:%M} UTC" if at is not None else ""
        yield f"    {row['campaign']} · {row['channel']} · {state}{why}{moment}"


def _outcomes(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield _title("outcomes")
    for row in rows:
        yield f"    {row['ts']:%Y-%m-%d %H:%M}  {_word('kinds', row['kind'])} {row['item'] or ''}"


def _word(table: str, key: str | None) -> str:
    if not key:
        return ""
    try:
        return say(f"{table}.{key}")
    except KeyError:
        return key

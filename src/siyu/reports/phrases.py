"""Phrases of the page that need more than one text: names of values, reasons, losses, lines with slots."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from siyu.packs import read
from siyu.packs.segments import portrait as told
from siyu.packs.segments import segment_names as named
from siyu.packs.segments import steadiness
from siyu.reports.formats import number, price
from siyu.reports.words import LANGUAGES, Both, both, has_word, join, same, say, word

_SLOT = re.compile(r"\{([^{}\n]{1,80})\}")


def readable(title: str | None) -> Both:
    """A title as a person would write it: feeds in capitals are put in small letters.

    Example:
        >>> readable("WHITE HANGING HEART T-LIGHT HOLDER").en, readable("法式衬衫 A1").en
        ('White Hanging Heart T-light Holder', '法式衬衫 A1')
    """
    shown = title or ""
    return same(string.capwords(shown) if shown.isascii() and shown.isupper() and " " in shown else shown)


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
        return join([word("attribute", name), same(rest)], "：", ": ")
    return same(value)


def slot_name(slot: str) -> Both:
    """What a slot stands for.

    Example:
        >>> slot_name("title.short").en, slot_name("attr.colour").zh, slot_name("attr.Einband.name").en
        ('product', '颜色', 'Einband')
    """
    base = slot.removesuffix(".short").removesuffix(".name")
    return word("attribute", base.removeprefix("attr.")) if base.startswith("attr.") else word("slot", base)


def line(text: str) -> Both:
    """A line of copy with its slots as readable placeholders.

    Example:
        >>> line("With {angle} in mind").en, line("接着看：{title.short}").zh
        ('With [interest] in mind', '接着看：〔商品〕')
    """
    left, right = {"zh": "〔", "en": "["}, {"zh": "〕", "en": "]"}

    def one(language: str) -> str:
        return _SLOT.sub(
            lambda match: left[language] + str(getattr(slot_name(match.group(1)), language)) + right[language], text
        )

    return both(one)


def claim(fact: Mapping[str, Any]) -> Both:
    """A fact's value: money as money, everything else as it stands."""
    amount, unit = fact["number"], fact["unit"] or ""
    if amount is not None and re.fullmatch("[A-Z]{3}", unit):
        return price(float(amount), unit)
    return readable(fact["value"])


def origin(source: str) -> Both:
    """Where a fact comes from: a file by its name, Siyu's own counts in words.

    Example:
        >>> origin("products.csv").en, origin("recommendations:P1").en
        ('products.csv', 'counted from purchases')
    """
    kind = source.partition(":")[0]
    return word("origin", kind) if ":" in source and has_word("origin", kind) else same(source)


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
    """A recommendation's reason in words, with its evidence; without it where a number is missing."""
    kind = why["kind"]
    bare = why["count"] is None and kind in ("bought-together", "popular", "repeat", "viewed")
    if bare or not has_word("because", kind) or (kind == "similar" and not why["title"]):
        return word("reason", kind)
    name = f"{kind}-shared" if kind == "repeat" and why["value"] == "everyone" else kind
    name = "similar-word" if kind == "similar" and why["facet"] and why["value"] else name
    return say(
        f"words.because.{name}",
        title=readable(why["title"]),
        count=number(why["count"]),
        number=number(why["number"], 0 if kind in ("repeat", "popular", "viewed", "new") else 1),
        facet=word("facet", why["facet"]),
        value=facet_value(why["facet"] or "", why["value"]),
    )


def segment_names(segments: Sequence[Mapping[str, Any]]) -> list[Both]:
    """A name for each segment: no two alike."""
    keys = {str(place): list(segment["name_keys"] or []) for place, segment in enumerate(segments)}
    zh, en = (named(keys, read("languages", language, "segments")).values() for language in LANGUAGES)
    return [Both(*pair) for pair in zip(zh, en, strict=True)]


def moves_named(moves: Sequence[Mapping[str, Any]], segments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Moves with the names of both segments, as they were and as they are."""
    was = {move["was"]: {"name_keys": move["was_keys"]} for move in moves}
    before = dict(zip(was, segment_names(list(was.values())), strict=True))
    now = {segment["segment"]: name for segment, name in zip(segments, segment_names(segments), strict=True)}
    return [
        {**move, "was_name": before[move["was"]], "name": now[move["segment"]]}
        for move in moves
        if move["segment"] in now
    ]


def portrait(segment: Mapping[str, Any]) -> list[Both]:
    """What tells a segment, sentence by sentence."""
    zh, en = (told(segment, read("languages", language, "segments")) for language in LANGUAGES)
    return [Both(*pair) for pair in zip(zh, en, strict=True)]


def aspect(key: str) -> Both:
    """What reviews speak of, by name."""
    return both(lambda language: str(read("languages", language, "aspects")["aspects"].get(key, {"name": key})["name"]))


def firmness(value: float | None) -> Both:
    """How well a segment holds when people are drawn anew."""
    return both(lambda language: steadiness(value, read("languages", language, "segments")))


def evidence(seen: Sequence[Mapping[str, Any]], clock: Callable[..., Both]) -> Both:
    """The events an interest rests on."""
    return join([_seen(one, clock) for one in seen], "；", "; ")


def _seen(one: Mapping[str, Any], clock: Callable[..., Both]) -> Both:
    at = clock(one["ts"], time=False) if one["ts"] else same("–")
    name = "samples.evidence" if one["title"] else "samples.evidence_bare"
    return say(name, kind=word("kind", one["kind"]), title=readable(one["title"]), at=at)


def provenance(fact: Mapping[str, Any], clock: Callable[..., Both]) -> Both:
    """Source of a fact, when it was seen there, and until when it holds."""
    parts = [origin(fact["source"] or "")]
    if fact["observed_at"]:
        parts.append(say("samples.observed", at=clock(fact["observed_at"], time=False)))
    if fact["valid_until"]:
        parts.append(say("samples.valid_until", at=clock(fact["valid_until"], time=False)))
    return join(parts)


def footing(language: str) -> list[str]:
    """What stands under every letter, in the reader's language: links to the reason and out of the list."""
    code = language.split("-")[0]
    code = code if code in LANGUAGES else "en"
    labels = read("languages", code, "delivery")["labels"]
    return [str(labels[key]) for key in ("why", "unsubscribe")]

"""Findings as sentences: what could not be worked out of people, and why (``findings.toml``, ``needs.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal

from siyu.packs.needs import filled
from siyu.packs.needs import finding as of_needs
from siyu.packs.reading import read


def finding(one: Mapping[str, Any], language: str) -> str:
    """A finding (what, why, facts, names) as "segments: too few people to divide ...".

    Example:
        >>> finding({"what": "segments", "why": "too-few-people", "facts": {"people": 7, "least": 50}}, "en")
        'segments: too few people to divide (7, needed: 50)'
    """
    what, why, facts = one["what"], one["why"], one.get("facts") or {}
    needs = read("languages", language, "needs")
    if what in needs["what"]:
        return of_needs(what, why, facts, needs, language)
    words = read("languages", language, "findings")
    shown = {name: str(format_decimal(round(value), locale=language)) for name, value in facts.items()}
    features = read("languages", language, "segments")["features"]
    names = [str(features.get(name, name)) for name in one.get("names") or ()]
    shown["names"] = ("、" if language == "zh" else ", ").join(names)
    told = filled(str(words["findings"].get(what, {}).get(why, why)), shown)
    return f"{words['what'].get(what, what)}{'：' if language == 'zh' else ': '}{told}"

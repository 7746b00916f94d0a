"""Needs on the page: names of learners and features, and points of the charts, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.packs import needs as phrases
from siyu.packs import read
from siyu.packs.findings import finding as sentence
from siyu.reports.words import Both, both

Points = list[tuple[float, float]]


def need_word(group: str, key: str) -> Both:
    """A name of pack ``needs``: of what is foreseen, a learner or a feature.

    Example:
        >>> need_word("learners", "random-forest").zh
        '随机森林'
    """
    return both(lambda language: str(read("languages", language, "needs")[group].get(key, key)))


def need_finding(one: Mapping[str, Any]) -> Both:
    """A finding as a sentence."""
    return both(
        lambda language: phrases.finding(
            one["what"], one["why"], one["facts"], read("languages", language, "needs"), language
        )
    )


def told(one: Mapping[str, Any]) -> Both:
    """A finding of any part of profiling as a sentence."""
    return both(lambda language: sentence(one, language))


def calibration(one: Mapping[str, Any]) -> Points:
    """Chance and share by bin, in per cent."""
    return [(100 * point["chance"], 100 * point["share"]) for point in one["reliability"]]


def lifts(points: Sequence[Mapping[str, float]]) -> Points:
    """Part of the people, in per cent, and lift."""
    return [(100 * point["top"], point["lift"]) for point in points]

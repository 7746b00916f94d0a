"""Puts the judge's cases to the gate and counts. ``python -m tests.judge.judging [tune|report]`` prints the table."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.required import lacking
from siyu.copywriting.reviewing import Reviewer
from siyu.domain.copy import Finding

from .generator import THINGS, Case, brands, faults, lawful

PLACE = {"zh": "cn", "en": "us"}
LIMITS = {"subject": 30, "preheader": 40, "hook": 120}


@cache
def reviewer(language: str, industry: str) -> Reviewer:
    """A reviewer of a shop that sells the judge's things."""
    things = [thing for known in THINGS.values() for thing in known]
    return Reviewer(
        Context(
            language, "mailbox", PLACE[language], industry, LIMITS,
            brands(), frozenset(thing.attribute for thing in things),
        )
    )  # fmt: skip


def findings(case: Case) -> tuple[Finding, ...]:
    """What the gate finds that keeps a line from leaving by itself."""
    found = reviewer(case.language, case.industry).look(Line(case.part, case.text, case.values, case.slots))
    return tuple(one for one in found if one.severity != "caution")


def recall(cases: Iterable[Case]) -> Mapping[str, tuple[int, int]]:
    """By kind: faults found, and faults."""
    found, every = Counter[str](), Counter[str]()
    for case in cases:
        every[case.kind] += 1
        found[case.kind] += bool(findings(case))
    return {kind: (found[kind], every[kind]) for kind in every}


def required_recall() -> tuple[int, int]:
    """Text messages without their sender or their way out, and how many of them are noticed."""
    cut = [
        (language, text)
        for language, signature, refuse in (
            ("zh", "【青禾里】", "拒收请回复R"),
            ("en", "Fernhill: ", " Reply STOP to opt out"),
        )
        for case in lawful()
        if case.language == language and case.half == "report" and len(case.text) < 40
        for text in (f"{signature}{case.text}", f"{case.text}{refuse}")
    ]
    found = [
        bool(lacking(text, place=PLACE[language], channel="sms", language=language, most_parts=9))
        for language, text in cut
    ]
    return sum(found), len(found)


def main(half: str) -> None:
    """Print recall by kind, false alarms, and what was missed."""
    chosen = [case for case in faults() if half in (case.half, "all")]
    for kind, (found, every) in recall(chosen).items():
        print(f"{kind:12} {found}/{every} {found / every:.3f}")
    print("required    ", *required_recall())
    good = [case for case in lawful() if half in (case.half, "all")]
    alarms = [case for case in good if findings(case)]
    print(f"false alarms {len(alarms)}/{len(good)} {len(alarms) / len(good):.4f}")
    if half != "report":
        for case in chosen:
            if not findings(case):
                print("MISSED", case.kind, case.language, case.text, case.values)
        for case in alarms:
            print("ALARM", case.text, [(one.rule, one.excerpt) for one in findings(case)])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "report")

"""Needs as lines: the comparison of learners, and what is foreseen of a person with its drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from babel.numbers import format_percent

from siyu.app.cli.sentences import money, number
from siyu.app.words import interface_language, say
from siyu.packs import needs as phrases
from siyu.packs import read
from siyu.profiles.needs.report import NeedsReport

Row = Mapping[str, Any]


def compared(done: NeedsReport, currency: str) -> list[str]:
    """The whole report of ``siyu needs``."""
    lines = [
        say("needs.learnt", model=done.model, people=number(done.learnt_from.get("drawn", 0)),
            known=number(done.learnt_from.get("people", 0)))
    ]  # fmt: skip
    for name, one in done.comparisons.items():
        lines += ["", *_comparison(name, one)]
    if done.value:
        lines += ["", *_value(done.value, currency)]
    if done.affinity:
        lines += ["", *_affinity(done.affinity)]
    return [*lines, *([""] if done.findings else []), *summary(done)]


def summary(done: NeedsReport) -> list[str]:
    """What could not be worked out, one line each."""
    return [found("", one.what, one.why, one.facts) for one in done.findings]


def found(indent: str, what: str, why: str, facts: Mapping[str, float]) -> str:
    """A finding as a line."""
    language = interface_language()
    told = phrases.finding(what, why, facts, _words(), language)
    return f"{indent}{say('needs.finding', finding=told)}"


def _words() -> Mapping[str, Any]:
    return read("languages", interface_language(), "needs")


def _comparison(name: str, one: Row) -> Iterator[str]:
    people, happened = one["people"]["report"], one["happened"]["report"]
    at = f"{one['plan']['report']:.10}"
    yield say(f"needs.{name}", days=one["plan"]["window"], at=at, people=number(people), share=_percent(happened))
    names = {
        each["learner"]: str(_words()["learners"].get(each["learner"], each["learner"])) for each in one["learners"]
    }
    wide = max(_width(shown) for shown in names.values())
    heads = [say(f"needs.{key}") for key, _ in _COLUMNS]
    yield " " * (wide + 6) + "".join(f"{head}{' ' * (25 - _width(head))}" for head in heads).rstrip()
    for each in one["learners"]:
        mark = "*" if each["chosen"] else "=" if each["equal"] else "-" if each["baseline"] else " "
        shown = names[each["learner"]]
        figures = "".join(f"{_figure(each['reporting'][key], digits):<25}" for key, digits in _COLUMNS).rstrip()
        yield f"  {mark} {shown}{' ' * (wide - _width(shown))}  {figures}"
    yield f"  {say('needs.marks')}"
    chosen = names[one["chosen"]]
    yield f"  {say('needs.chosen', learner=chosen, at=format(one['plan']['choose'], '.10'), curve=one['curve'])}"


_COLUMNS = (("auc", 3), ("brier", 4), ("lift", 2))


def _figure(figure: Row, digits: int) -> str:
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    if value is None:
        return f"{'-':>{3 * digits + 10}}"
    return f"{value:.{digits}f} [{low or 0:.{digits}f}, {high or 0:.{digits}f}]"


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _value(one: Row, currency: str) -> Iterator[str]:
    yield say("needs.value", at=format(one["at"], ".10"), days=number(one["days"]), people=number(one["people"]))
    (buys, spend), (real_buys, real_spend) = one["foreseen"], one["came"]
    yield _came("purchases", number(buys), number(real_buys))
    yield _came("money", money(spend, currency), money(real_spend, currency))
    error, naive = (money(one[key], currency) for key in ("error", "naive"))
    yield f"    {say('needs.error', error=error, naive=naive)}"


def _came(what: str, foreseen: str, came: str) -> str:
    return f"    {say('needs.came', what=say(f'needs.{what}'), foreseen=foreseen, came=came)}"


def _affinity(one: Row) -> Iterator[str]:
    yield say("needs.affinity", at=format(one["at"], ".10"), people=number(one["people"]), count=one["categories"])
    for name, figures in one["figures"].items():
        shown = str(_words()["affinity"].get(name, name))
        numbers = "   ".join(_figure(figures[key], digits) for key, digits in _COLUMNS[:2])
        first = say("needs.first", share=_percent(one["first"][name]))
        yield f"    {shown}{' ' * (14 - _width(shown))}  {numbers}   {first}"


def explained(row: Row | None, currency: str) -> Iterator[str]:
    """What is foreseen of one person."""
    if not row:
        return
    yield f"\n{say('explain.needs')}  ({say('needs.made', at=format(row['made_at'], '%Y-%m-%d'), model=row['model'])})"
    for chance, value, days in (
        ("buy", row["buy_30"], row["horizon_days"]),
        ("churn", row["churn"], row["churn_days"]),
    ):
        if value is None:
            continue
        yield f"    {say(f'needs.chance_{chance}', days=number(days), chance=_percent(value))}"
        yield from _drivers([one for one in row["drivers"] if one["chance"] == chance], currency)
    if row["value_12m"] is not None:
        worth = money(row["value_12m"], currency)
        yield f"    {say('needs.worth', days=number(row['value_days']), money=worth)}"
    if row["affinity"]:
        told = " · ".join(f"{one['category']} {_percent(one['chance'])}" for one in row["affinity"])
        yield f"    {say('needs.next')}: {told}"
    for one in row["findings"]:
        yield found("    ", one["what"], one["why"], one["facts"])


def _drivers(drivers: Sequence[Row], currency: str) -> Iterator[str]:
    for one in drivers:
        told = phrases.driver(one["name"], one["value"], one["usual"], _words(), interface_language(), currency)
        points = f"{100 * one['effect']:+.1f}".replace("-", "−")
        yield f"        {say('needs.driver', points=points, driver=told)}"


def _percent(share: float) -> str:
    return str(format_percent(share, "#,##0%" if share >= 0.1 else "#,##0.0%", locale=interface_language()))

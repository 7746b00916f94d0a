"""Settings as people read them: a name instead of a key, a value with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from siyu.packs import names, read
from siyu.reports.formats import moment, money, number, percent
from siyu.reports.words import Both, has_word, join, same, say, word

NOT_SHOWN: Final = frozenset({"project.name", "campaign.name", "engine.kind"})
"""Names that stand in the title, and what no reader of a report asks for."""


def shown(settings: Mapping[str, Any], currency: str) -> list[tuple[Both, Both]]:
    """Name and value of each setting worth reading; a key without a name of its own stands for itself."""
    return [
        (word("setting", name), _value(name, value, currency))
        for name, value in settings.items()
        if name not in NOT_SHOWN and value not in (None, "", [], {})
    ]


def _value(name: str, value: Any, currency: str) -> Both:
    write = _WRITERS.get(name)
    if write is not None:
        return write(value)
    if name.startswith("report.cost"):
        return money(float(value), currency)
    return _plain(name, value)


def _plain(name: str, value: Any) -> Both:
    group = _GROUPS.get(name, name.rpartition(".")[2])
    if isinstance(value, bool):
        return word("answer", "yes" if value else "no")
    if isinstance(value, list | tuple):
        return join([_plain(name, one) for one in value], "、", ", ")
    if isinstance(value, Mapping):
        return join([join([word("model", key), same(one)], " ", " ") for key, one in value.items()], "、", ", ")
    return word(group, value) if has_word(group, value) else same(f"{value:g}" if isinstance(value, float) else value)


def _share(value: Any) -> Both:
    return same(percent(float(value), 0 if float(100 * value).is_integer() else 1))


def _days(value: Any) -> Both:
    return say("unit.days", count=number(float(value), 0 if float(value).is_integer() else 1))


def _hour(value: Any) -> Both:
    return same(f"{int(value):02d}:00")


def _moment(value: Any) -> Both:
    return join([moment(str(value)), same("UTC")], " ", " ")


def _occasion(value: Any) -> Both:
    if str(value) not in names("occasions"):
        return same(value)
    name = read("occasions", str(value))["name"]
    return Both(str(name["zh"]), str(name["en"]))


def _threads(value: Any) -> Both:
    return word("threads", "all") if not value else same(value)


_GROUPS: Final[Mapping[str, str]] = {"campaign.languages": "language", "campaign.audience.lifecycle": "lifecycle"}
"""Names of values where the last word of the key does not say it."""

_WRITERS: Final[Mapping[str, Callable[[Any], Both]]] = {
    "campaign.occasion": _occasion,
    "campaign.hold_out": _share,
    "campaign.days": _days,
    "campaign.attribution_days": _days,
    "campaign.limits.per_person_days": _days,
    "campaign.limits.quiet_from": _hour,
    "campaign.limits.quiet_until": _hour,
    "report.level": _share,
    "report.margin": _share,
    "report.winsorise": _share,
    "profiles.interests.half_life_days": _days,
    "project.as_of": _moment,
    "engine.threads": _threads,
}

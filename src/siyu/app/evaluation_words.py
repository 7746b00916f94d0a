"""Words of an evaluation, on the page (both languages) and in the terminal (one): the packs' evaluation.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from siyu.packs import read
from siyu.recommendations.evaluation.judging import Evaluation, Taken
from siyu.reports.formats import moment, number, percent
from siyu.reports.words import Both, Value, both, join

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")


def say(path: str, /, **values: Value) -> Both:
    """The text at ``path`` of each pack with its slots filled; values are data, never looked into.

    Example:
        >>> say("measure.recall", places=20).zh
        '召回率@20'

    Raises:
        KeyError: a pack has no such text.
    """
    return both(partial(_text, path, values))


def _text(path: str, values: Mapping[str, Value], language: str) -> str:
    found: Any = read("languages", language, "evaluation")
    for part in path.split("."):
        found = found[part]

    def slot(match: re.Match[str]) -> str:
        value = values.get(match.group(1), match.group(0))
        return str(getattr(value, language) if isinstance(value, Both) else value)

    return _SLOT.sub(slot, str(found))


def share(value: float) -> str:
    """A measure, four digits.

    Example:
        >>> share(0.10721), share(4.5)
        ('0.1072', '4.500')
    """
    return f"{value:.4f}" if abs(value) < 1 else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference.

    Example:
        >>> signed(0.0301), signed(-0.0301), signed(0.0)
        ('+0.0301', '−0.0301', '0.0000')
    """
    shown = round(value, 4) + 0.0
    return (f"{shown:+.4f}" if shown else "0.0000").replace("-", "−")


def interval(found: Mapping[str, Any], *, signs: bool = False) -> str:
    """``[low, high]``; nothing where there is none.

    Example:
        >>> interval({"value": 0.1, "low": 0.09, "high": 0.11})
        '[0.0900, 0.1100]'
    """
    if "low" not in found:
        return ""
    write = signed if signs else share
    return f"[{write(found['low'])}, {write(found['high'])}]"


def measure(name: str, places: int) -> Both:
    """The name of a measure."""
    return say(f"measure.{name}", places=places)


def split_lines(found: Evaluation) -> list[Both]:
    """How the data were split, in words."""
    split = found.split
    mode = next((f"_{name}" for name in ("refit", "ask_after") if split.get(name)), "")
    key = f"{split['kind']}{mode}"
    values: dict[str, Value] = {name: moment(split[name]) for name in ("at", "until") if name in split}
    if "sessions" in split:
        values["sessions"] = number(split["sessions"])
    lines = [say(f"split.{key}", **values)]
    if split["part"] == "validation":
        lines.append(say("split.validation"))
    return [*lines, say("page.made", at=moment(split["now"]))]


def how_lines(found: Evaluation) -> list[Both]:
    """What was visible, who was left out, and by what method."""
    counts = found.counts
    lines = [say("how.counts", **{name: number(count) for name, count in counts.items()})]
    lines += [say(f"how.{name}", count=number(counts[name])) for name in ("absent", "absent_items") if counts[name]]
    level = percent(found.level, 0)
    return [
        *lines, say("how.silent"), say("how.ranking"), say("how.sealed"),
        say("how.intervals", level=level, resamples=number(found.resamples)),
    ]  # fmt: skip


def origin(model: Taken) -> Both:
    """Which data chose a model's settings."""
    chosen = model.chosen
    if chosen is None:
        return say(f"origin.{model.origin}")
    split = chosen["split"]
    where = say(
        f"split.{split['kind']}_where", **{name: moment(split[name]) for name in ("at", "until") if name in split}
    )
    told = say(
        "origin.chosen", split=where, tried=number(chosen["tried"]), seconds=number(chosen["seconds"]),
        first=share(chosen["first"]), best=share(chosen["best"]),
    )  # fmt: skip
    return told if chosen["complete"] else join([told, say("origin.unfinished")], "；", "; ")


def settings(model: Taken) -> str:
    """Weights and options, in a line: ``popularity 1, item_to_item 0.5 (half_life 30)``."""
    parts = []
    for name, weight in model.weights.items():
        options = ", ".join(f"{option} {value}" for option, value in model.options.get(name, {}).items())
        parts.append(f"{name} {weight:g}" + (f" ({options})" if options else ""))
    return ", ".join(parts)


def summary(found: Evaluation) -> list[Both]:
    """The evaluation in a few sentences: of each task who comes first, and whether that could be chance."""
    counts = found.counts
    lines = [say("summary.data", **{name: number(counts[name]) for name in ("asked", "items", "events")})]
    for task in found.tasks:
        best = max(task.rows, key=lambda row: row.measures["ndcg"]["value"])
        first = task.rows[0]
        values: dict[str, Value] = {"task": say(f"task.{task.name}"), "measure": measure("ndcg", found.places)}
        gap = best.against.get("ndcg")
        if gap is None or "low" not in gap:
            mine = best.measures["ndcg"]
            ends = {name: share(mine.get(name, mine["value"])) for name in ("value", "low", "high")}
            lines.append(say("summary.best", model=best.model, **values, **ends))
            continue
        ends = {name: signed(gap[name]) if gap["low"] <= 0 else share(gap[name]) for name in ("value", "low", "high")}
        key = "summary.ahead" if gap["low"] > 0 else "summary.open"
        lines.append(say(key, model=best.model, other=first.model, **values, **ends))
    return lines

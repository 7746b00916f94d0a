"""``siyu evaluate``: how good recommendations are, as a table, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siyu.app.cli.options import Json, Printing, Project, Quiet, opened
from siyu.app.words import interface_language, say

if TYPE_CHECKING:
    from siyu.app.evaluating import EvaluationMade
    from siyu.recommendations.evaluation.judging import Task

HERE = Path()
SHOWN = ("recall", "ndcg", "hit", "mrr", "map")
ALONE = ("coverage", "novelty", "diversity", "miscalibration", "popularity")


def evaluate(
    models: Annotated[list[str] | None, typer.Argument(help=say("help.evaluate_models"))] = None,
    project: Project = HERE,
    benchmark: Annotated[str, typer.Option("--benchmark", "-b", help=say("help.benchmark"))] = "",
    data: Annotated[Path | None, typer.Option("--data", help=say("help.benchmark_data"))] = None,
    split: Annotated[str, typer.Option("--split", help=say("help.split"))] = "",
    at: Annotated[str, typer.Option("--at", help=say("help.split_at"))] = "",
    until: Annotated[str, typer.Option("--until", help=say("help.split_until"))] = "",
    places: Annotated[int, typer.Option("--places", "-k", min=0, max=200, help=say("help.places"))] = 0,
    lane: Annotated[list[str] | None, typer.Option("--lane", help=say("help.lane"))] = None,
    kind: Annotated[str, typer.Option("--kind", help=say("help.kind"))] = "",
    validation: Annotated[bool, typer.Option("--validation", help=say("help.validation"))] = False,
    refit: Annotated[bool, typer.Option("--refit-on-validation", help=say("help.refit_on_validation"))] = False,
    ask_after: Annotated[bool, typer.Option("--ask-after-validation", help=say("help.ask_after_validation"))] = False,
    choose: Annotated[bool, typer.Option("--choose", help=say("help.choose"))] = False,
    budget: Annotated[str, typer.Option("--budget", help=say("help.budget"))] = "60s",
    resamples: Annotated[int, typer.Option("--resamples", min=2, max=100_000, help=say("help.resamples"))] = 1000,
    page: Annotated[Path | None, typer.Option("--page", help=say("help.page"))] = None,
    work: Annotated[Path | None, typer.Option("--work", help=say("help.work"))] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import evaluating
    from siyu.app.moments import moment
    from siyu.app.progress import bars
    from siyu.recommendations.evaluation.exam import Part

    wanted = evaluating.Wanted(
        models=models or (), split=evaluating.splitting(split), at=moment(at) if at else None,
        until=moment(until) if until else None, refit=refit, ask_after=ask_after, places=places, tasks=lane or (),
        kind=kind,
        part=Part.VALIDATION if validation else Part.TEST, budget=evaluating.seconds(budget) if choose else None,
        resamples=resamples,
    )  # fmt: skip
    printing = Printing(json, quiet)
    if benchmark:
        with bars(shown=False if quiet or json else None) as progress:
            made = evaluating.evaluate_benchmark(
                benchmark, evaluating.data_folder(data), wanted, page=page, work=work, progress=progress,
                language=interface_language(),
            )  # fmt: skip
    else:
        with opened(project, "", "evaluate", printing, changes=False) as (shop, progress):
            made = evaluating.evaluate_project(shop, wanted, page=page, progress=progress)
    printing.show(made, lambda: sentences(made, interface_language()))


def sentences(made: EvaluationMade, language: str) -> list[str]:
    """What was asked, a table for each lane, what it cost, who chose the settings, and where the page lies."""
    from siyu.app import evaluation_words as words
    from siyu.reports.formats import number

    found = made.evaluation

    def told(text: object) -> str:
        return str(getattr(text, language, text))

    left_out = sum(found.counts[name] > 0 for name in ("absent", "absent_items"))
    lines = [found.of, *map(told, words.split_lines(found)), *map(told, words.how_lines(found)[: 1 + left_out])]
    lines += [told(words.say(f"note.{note}")) for note in found.notes]
    for task in found.tasks:
        lead = words.say(f"task.{task.name}_lead", people=number(task.people), wanted=number(task.wanted))
        lines += ["", f"{told(words.say(f'task.{task.name}'))}: {told(lead)}"]
        lines += _aligned(_table(task, found.places, language))
    lines += ["", *_aligned(_costs(made, language)), ""]
    lines += [f"{model.model}: {words.settings(model)}: {told(words.origin(model))}" for model in found.models]
    lines += ["", *(told(line) for line in words.summary(found)[1:])]
    return [*lines, told(words.say("result.page", path=str(made.page)))]


def _table(task: Task, places: int, language: str) -> list[list[str]]:
    """Measures with their intervals; below each model but the first, what it is better by."""
    from siyu.app import evaluation_words as words

    names = [name for name in (*SHOWN, *ALONE) if any(name in row.measures for row in task.rows)]
    rows = [["", *(getattr(words.measure(name, places), language) for name in names)]]
    for row in task.rows:
        cells = []
        for name in names:
            found = row.measures.get(name, {})
            cell = words.share(found["value"]) if found else "–"
            cells.append(f"{cell} {words.interval(found)}".strip() if name in ("recall", "ndcg") else cell)
        rows.append([row.model, *cells])
        if row.against:
            gaps = {name: row.against[name] for name in SHOWN}
            rows.append(
                ["  " + getattr(words.say("head.against", model=task.rows[0].model), language)]
                + [
                    f"{words.signed(gaps[name]['value'])} {words.interval(gaps[name], signs=True)}".strip()
                    if name in ("recall", "ndcg") else words.signed(gaps[name]["value"]) if name in gaps else ""
                    for name in names
                ]
            )  # fmt: skip
    return rows


def _costs(made: EvaluationMade, language: str) -> list[list[str]]:
    from siyu.app import evaluation_words as words
    from siyu.app.evaluation_page import PHASES, rate
    from siyu.reports.formats import number

    heads = [words.say(f"head.{name}") for name in (*PHASES, "seconds", "rate", "peak")]
    rows = [["", *(getattr(head, language) for head in heads)]]
    rows[0][1:4] = [f"{head} ({getattr(words.say('head.cpu'), language)})" for head in rows[0][1:4]]
    for model in made.evaluation.models:
        cpu = [f"{model.cost.cpu_seconds[phase]:.2f}" for phase in PHASES]
        total = f"{sum(model.cost.seconds.values()):.2f}"
        rows.append([model.model, *cpu, total, number(rate(model)), number(model.cost.peak_mb)])
    return rows


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width, figures to the right; Chinese characters are two wide."""
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for row in rows:
        padded = [row[0] + " " * (widths[0] - _width(row[0]))]
        padded += [" " * (wide - _width(cell)) + cell for cell, wide in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(padded).rstrip())
    return lines


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def add_to(app: typer.Typer) -> None:
    """Make this command of ``app``."""
    examples = (
        "siyu evaluate",
        "siyu evaluate popularity default --at 2011-11-09",
        'siyu evaluate --choose --budget 2m "item_to_item:half_life=30" default',
        "siyu evaluate --benchmark beauty --data data item_to_item",
    )
    shown = f"{say('help.examples')}:\n\n" + "\n\n".join(f"    {line}" for line in examples)
    app.command(help=say("help.evaluate"), epilog=shown)(evaluate)

"""The page of an evaluation: one HTML file in the style of the report, with its charts and its data inside."""

from __future__ import annotations

import errno
import json
import os
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from siyu.app import evaluation_words as words
from siyu.app.stages import plain
from siyu.domain.errors import StorageError
from siyu.recommendations.evaluation.judging import ACCURACY, Evaluation, Taken, Task
from siyu.reports.charts import Charts, embedded
from siyu.reports.formats import number, percent
from siyu.reports.page import asset, policy
from siyu.reports.words import join, same

BREADTH = ("coverage", "gini", "novelty", "popularity", "diversity", "miscalibration")
PHASES = ("prepare", "fit", "score")


def save_page(found: Evaluation, target: Path, *, language: str) -> Path:
    """Write the page to ``target`` and its figures beside it as JSON, each at once or not at all.

    Raises:
        StorageError: the folder cannot be written.
    """
    figures = json.dumps(plain(found), ensure_ascii=False, allow_nan=False, indent=1)
    for path, text in ((target.with_suffix(".json"), figures), (target, render(found, language=language))):
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(text, "utf-8")
            aside.replace(path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise StorageError(
                "The page of the evaluation cannot be written.",
                why=f"{path}: {error.strerror}.",
                next_step="Free space, or name another place with --page.",
                retry=error.errno == errno.ENOSPC,
            ) from error
    return target


def render(found: Evaluation, *, language: str) -> str:
    """The page, opening in ``language``."""
    drawing = Drawing(found)
    style, library, script = asset("report.css") + _STYLE, asset("echarts"), asset("report.js")
    body = {
        "e": found, "language": language, "summary": words.summary(found), "split_lines": words.split_lines(found),
        "how": words.how_lines(found), "level": percent(found.level, 0), "measure": drawing.measure,
        "accuracy_chart": drawing.accuracy, "against_chart": drawing.against, "breadth_chart": drawing.breadth,
        "cost_chart": drawing.cost,
    }  # fmt: skip
    template = _environment().get_template("evaluation.html.j2")
    # the charts are gathered while the page is written, so their data are put in last
    page = template.render(
        **body, style=Markup(style), library=Markup(library), script=Markup(script), data=_LATER,  # noqa: S704 - ours
        policy=policy(style, [library, script]),
    )  # fmt: skip
    return page.replace(str(_LATER), str(embedded(drawing.charts.data)), 1)


_LATER = Markup("@@charts@@")
_STYLE = (
    "\n.range { display: block; color: var(--soft); font-size: 0.7rem; }\n.note p { margin: 0; }\n"
    ".scroll th, .scroll td { padding-right: 0.5rem; }\nh3.lane { margin-top: 1.6rem; }\n"
)


class Drawing:
    """The charts of one page."""

    def __init__(self, found: Evaluation) -> None:
        self.found = found
        self.charts = Charts()
        self.measure = partial(words.measure, places=found.places)

    def accuracy(self, task: Task, name: str) -> str:
        """A measure of every model with its interval."""
        rows = [
            (same(row.model), dict(row.measures[name]), same(words.share(row.measures[name]["value"])))
            for row in task.rows
        ]
        return self.charts.intervals(f"{task.name}-{name}", rows, zero=False)

    def against(self, task: Task, name: str) -> str:
        """Every other model less the first; what may be chance is drawn soft."""
        key = f"{task.name}-against-{name}"
        rows = [
            (same(row.model), dict(row.against[name]),
             same(f"{words.signed(row.against[name]['value'])} {words.interval(row.against[name], signs=True)}"))
            for row in task.rows if name in row.against
        ]  # fmt: skip
        self.charts.intervals(key, rows, zero=True)
        for row in self.charts.data[key]["rows"]:
            row["soft"] = row["low"] <= 0 <= row["high"]
        return key

    def breadth(self, task: Task, name: str) -> str:
        """Bars of a measure of whole lists."""
        rows = [
            (same(row.model), row.measures[name]["value"], same(words.share(row.measures[name]["value"])))
            for row in task.rows if name in row.measures
        ]  # fmt: skip
        return self.charts.bars(f"{task.name}-{name}", rows)

    def cost(self) -> str:
        """CPU seconds of every model."""
        rows = [
            (same(model.model), sum(model.cost.cpu_seconds.values()),
             same(" + ".join(f"{model.cost.cpu_seconds[phase]:.1f}" for phase in PHASES) + " s"))
            for model in self.found.models
        ]  # fmt: skip
        return self.charts.bars("cost", rows)


def breadth_of(task: Task) -> tuple[str, ...]:
    """The measures of whole lists that there are: without categories there is no diversity."""
    return tuple(name for name in BREADTH if any(name in row.measures for row in task.rows))


def rate(model: Taken) -> float | None:
    """People served in a second of CPU while lists were made."""
    taken = model.cost.cpu_seconds["score"]
    return model.cost.people / taken if taken > 0 else None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("siyu.app"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        say=words.say, number=number, join=join, share=words.share, signed=words.signed,
        range=lambda found, signed=False: words.interval(found, signs=signed), origin=words.origin,
        settings=words.settings, rate=rate, accuracy=ACCURACY, breadth_of=breadth_of, phases=PHASES,
        meanings=(*ACCURACY, *BREADTH),
    )  # fmt: skip
    return environment

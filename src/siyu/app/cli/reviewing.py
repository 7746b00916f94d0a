"""``siyu reviews``: what reviews say of products, and how well they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from babel.numbers import format_percent

from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.cli.sentences import number
from siyu.app.words import interface_language, say

if TYPE_CHECKING:
    from siyu.app.judging import Judged
    from siyu.profiles.reviews.points import ReviewReport

HERE = Path()


def reviews(
    project: Project = HERE,
    as_of: AsOf = "",
    judge: Annotated[Path | None, typer.Option("--judge", help=say("help.judge"))] = None,
    text: Annotated[str, typer.Option("--text", help=say("help.judge_text"))] = "text",
    label: Annotated[str, typer.Option("--label", help=say("help.judge_label"))] = "rating",
    group: Annotated[str, typer.Option("--group", help=say("help.judge_group"))] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    printing = Printing(json, quiet)
    if judge is not None:
        from siyu.app.judging import judge_reviews
        from siyu.app.progress import bars

        with bars(shown=False if quiet or json else None) as progress:
            made = judge_reviews(judge, text=text, label=label, group=group, progress=progress)
        printing.show(made, lambda: list(judged(made)))
        return
    from siyu.app import pipeline

    with opened(project, as_of, "reviews", printing) as (shop, progress):
        done = pipeline.reading(shop, progress)
    printing.show(done, lambda: list(read(done)))


def read(done: ReviewReport) -> Iterator[str]:
    """What reviews gave."""
    from siyu.packs.findings import finding

    counts = {name: number(getattr(done, name)) for name in ("reviews", "products", "points")}
    yield say("reviews.read", **counts)
    if done.held is not None:
        yield say("reviews.learned", count=number(done.learned_from), accuracy=_percent(done.held.accuracy),
                  held=number(done.held.reviews))  # fmt: skip
    for one in done.findings:
        yield f"    {say('result.lacking', finding=finding(asdict(one), interface_language()))}"


def judged(made: Judged) -> Iterator[str]:
    """How well reviews are read."""
    yield say("reviews.judged", file=made.file, count=number(made.learned_from), reviews=number(made.reviews))
    yield say("reviews.accuracy", accuracy=_percent(made.accuracy), always=_percent(made.always),
              auc=f"{made.auc:.4f}", brier=f"{made.brier:.4f}")  # fmt: skip
    yield say("reviews.expected", expected=_percent(made.expected))
    for name, (count, accuracy) in made.groups.items():
        yield f"    {name}  {_percent(accuracy)}  ({number(count)})"
    yield say("reviews.cost", cpu=f"{made.cpu_seconds:.1f}", seconds=f"{made.seconds:.1f}", peak=number(made.peak_mb))


def _percent(share: float) -> str:
    return str(format_percent(share, "#,##0.00%", locale=interface_language()))


def add_to(app: typer.Typer) -> None:
    """Make this command of ``app``."""
    examples = ("siyu reviews", "siyu reviews --judge reviews.csv --text review --label label --group category")
    shown = f"{say('help.examples')}:\n\n" + "\n\n".join(f"    {line}" for line in examples)
    app.command(help=say("help.reviews"), epilog=shown)(reviews)

"""Progress bars on standard error, where a person watches; silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from siyu.app.words import say
from siyu.domain import progress as domain


@contextmanager
def bars(*, shown: bool | None = None) -> Iterator[domain.Progress]:
    """A listener that draws one bar per stage; ``shown`` defaults to whether standard error is a terminal."""
    watched = sys.stderr.isatty() if shown is None else shown
    if not watched:
        yield domain.silent
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=28), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as drawing:
        yield _Listener(drawing)


class _Listener:
    """Maps the keys of steps to bars: the part before the dot is the stage, the rest is what it does now."""

    def __init__(self, drawing: Progress) -> None:
        self._drawing = drawing
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: domain.Step) -> None:
        stage, _, detail = step.key.partition(".")
        task = self._tasks.get(stage)
        if task is None:
            self._finish()
            task = self._tasks[stage] = self._drawing.add_task(_label(stage, ""), total=None)
        if detail == "done":
            self._drawing.update(task, description=_label(stage, ""), total=1, completed=1)
        else:
            self._drawing.update(task, description=_label(stage, detail), total=step.total or None, completed=step.done)

    def _finish(self) -> None:
        for task in self._drawing.tasks:
            if not task.finished:
                self._drawing.update(task.id, total=1, completed=1)


def _label(stage: str, detail: str) -> str:
    try:
        name = say(f"stages.{stage}")
    except KeyError:
        name = stage
    return f"{name:<14} [dim]{detail.replace('_', ' ')[:24]:<24}[/dim]"

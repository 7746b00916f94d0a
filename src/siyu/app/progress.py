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
        listener = _Listener(drawing)
        yield listener
        listener.finish()


class _Listener:
    """Maps the keys of steps to bars: the part before the dot is the stage, the rest is what it does now."""

    def __init__(self, drawing: Progress) -> None:
        self._drawing = drawing
        self._stage = ""
        self._task: TaskID | None = None

    def __call__(self, step: domain.Step) -> None:
        key, _, detail = step.key.partition(".")
        stage = _name(key)
        if stage != self._stage or self._task is None:
            self.finish()
            self._stage, self._task = stage, self._drawing.add_task(_label(stage, ""), total=None)
        if detail == "done":
            self.finish()
        else:
            total = step.total or None
            self._drawing.update(self._task, description=_label(stage, detail), total=total, completed=step.done)

    def finish(self) -> None:
        """Fill the bar of the stage that ran last."""
        if self._task is not None:
            self._drawing.update(self._task, description=_label(self._stage, ""), total=1, completed=1)
            self._task = None


def _name(key: str) -> str:
    try:
        return say(f"stages.{key}")
    except KeyError:
        return key


def _label(stage: str, detail: str) -> str:
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in stage)
    return f"{stage}{' ' * max(1, 14 - wide)}[dim]{detail.replace('_', ' ')[:24]:<24}[/dim]"

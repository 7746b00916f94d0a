"""Options that commands share, and how they open a project and print a result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from siyu.app.words import say

Project = Annotated[Path, typer.Option("--project", "-p", help=say("help.project"))]
AsOf = Annotated[str, typer.Option("--as-of", help=say("help.as_of"))]
Json = Annotated[bool, typer.Option("--json", help=say("help.json"))]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=say("help.quiet"))]


@dataclass(frozen=True, slots=True)
class Printing:
    """How a command talks: sentences or JSON on standard output, bars on standard error."""

    as_json: bool
    quiet: bool

    def show(self, result: Any, sentences: Callable[[], list[str]]) -> None:
        """Print ``result`` as JSON, or its ``sentences``."""
        from siyu.app.stages import plain

        if self.as_json:
            print(json.dumps(plain(result), ensure_ascii=False, indent=1))  # noqa: T201 - the interface
        elif not self.quiet:
            for sentence in sentences():
                print(sentence)  # noqa: T201 - the interface


@contextmanager
def opened(
    project: Path,
    as_of: str,
    doing: str,
    printing: Printing,
    *,
    changes: bool = True,
    upgrading: bool = False,
    wait: float = 0.0,
) -> Iterator[tuple[Any, Any]]:
    """The project, with a progress listener: ``with opened(...) as (shop, progress)``; locked where it ``changes``.

    Args:
        upgrading: open a project of an older layout too.
        wait: seconds to wait for the lock.
    """
    from siyu.app.cli.lean import keep_pandas_out
    from siyu.app.lock import project_lock
    from siyu.app.moments import moment
    from siyu.app.progress import bars
    from siyu.app.shop import Shop

    shop = Shop(project, as_of=moment(as_of) if as_of else None, upgrading=upgrading)
    if shop.settings.engine.kind == "embedded":
        keep_pandas_out()
    shown = False if printing.quiet or printing.as_json else None
    lock = project_lock(shop.paths.lock, f"siyu {doing}", wait=wait) if changes else nullcontext()
    with lock, bars(shown=shown) as progress:
        try:
            yield shop, progress
        finally:
            sys.stderr.flush()

"""`siyu approve`: what waits for a person, and what somebody says of it."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.words import say

HERE = Path()


def approve(
    words: Annotated[list[str] | None, typer.Argument(help=say("help.approve_words"))] = None,
    project: Project = HERE,
    as_of: AsOf = "",
    whole: Annotated[bool, typer.Option("--all", help=say("help.approve_all"))] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help=say("help.approve_refuse"))] = False,
    who: Annotated[str, typer.Option("--by", help=say("help.approve_by"))] = "",
    note: Annotated[str, typer.Option("--note", help=say("help.approve_note"))] = "",
    lines: Annotated[int, typer.Option(min=1, help=say("help.approve_lines"))] = 20,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app.approval import deciding

    printing = Printing(json, quiet)
    judging = bool(words) or whole
    with opened(project, as_of, "approve", printing, changes=judging) as (shop, _):
        if judging:
            by = (who or getpass.getuser())[:64]
            done = deciding.decide(shop, words or (), whole=whole, refuse=refuse, who=by, note=note, lines=lines)
        else:
            done = deciding.look(shop, lines=lines)
    printing.show(done, lambda: deciding.sentences(done))


def add_to(app: typer.Typer, examples: str) -> None:
    """Make this command of ``app``."""
    app.command(help=say("help.approve"), epilog=examples)(approve)

"""`siyu archive`: every ad that left, kept for three years: verify it, give it out, let go of what is older."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.words import say

HERE = Path()


class Asked(StrEnum):
    """What `siyu archive` may be asked."""

    VERIFY = "verify"
    EXPORT = "export"
    PRUNE = "prune"


def archive(
    ask: Annotated[Asked, typer.Argument(help=say("help.archive_ask"))] = Asked.VERIFY,
    target: Annotated[Path | None, typer.Argument(help=say("help.archive_target"))] = None,
    project: Project = HERE,
    as_of: AsOf = "",
    campaign: Annotated[str, typer.Option("--campaign", help=say("help.archive_campaign"))] = "",
    person: Annotated[str, typer.Option("--person", help=say("help.archive_person"))] = "",
    years: Annotated[float, typer.Option(min=3, help=say("help.archive_years"))] = 3,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app.ad_archive import reading

    printing = Printing(json, quiet)
    if ask is Asked.EXPORT and target is None:
        raise typer.BadParameter(say("archive.needs_target"))
    with opened(project, as_of, f"archive {ask}", printing, changes=ask is Asked.PRUNE) as (shop, _):
        done: reading.Verified | reading.Given | int
        if ask is Asked.VERIFY:
            done = reading.verify(shop)
        elif ask is Asked.EXPORT:
            done = reading.give(shop, target or HERE, campaign=campaign, person=person)
        else:
            done = reading.prune(shop, years=years)
    printing.show(done, lambda: reading.sentences(done))
    if isinstance(done, reading.Verified) and not done.whole:
        raise typer.Exit(1)


def add_to(app: typer.Typer, examples: str) -> None:
    """Make this command of ``app``."""
    app.command(help=say("help.archive"), epilog=examples)(archive)

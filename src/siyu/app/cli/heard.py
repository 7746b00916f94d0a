"""``siyu audience``: who should hear of a product, as lines, as JSON, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.words import say

HERE = Path()
Row = Mapping[str, Any]


def audience(
    item: Annotated[str, typer.Argument(help=say("help.item"))],
    project: Project = HERE,
    as_of: AsOf = "",
    top: Annotated[int, typer.Option("--top", "-n", min=1, max=1_000_000, help=say("help.top"))] = 20,
    lane: Annotated[list[str] | None, typer.Option("--lane", help=say("help.audience_lane"))] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=say("help.anyway"))] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help=say("help.csv"))] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app.cli.explanation import reason_sentence
    from siyu.app.hearing import hear, keep

    printing = Printing(json, quiet)
    with opened(project, as_of, "audience", printing) as (shop, progress):
        found = hear(shop, item, lanes=lane or (), top=top, anyway=anyway, progress=progress)
    if csv is not None:
        keep(found, csv, reason_sentence)
    printing.show(found, lambda: list(sentences(found, csv)))


def sentences(found: Row, csv: Path | None = None) -> Iterator[str]:
    """What was found, from top to bottom."""
    from siyu.app.cli.sentences import number

    yield f"{found['item']}《{found['title']}》" if found["title"] else found["item"]
    if found["barred"]:
        yield f"  {say('audience.barred', why=_word(found['barred']))}"
        if not found["known"]:
            yield f"  {say('audience.nobody_yet')}"
            return
    bought = "bought" if found["buyers"] else "cold"
    yield f"  {say(f'audience.{bought}', buyers=number(found['buyers']), known=number(found['known']))}"
    yield f"  {say('audience.learnt', at=format(found['learnt'], '%Y-%m-%d %H:%M'))}"
    for lane in found["lanes"]:
        yield ""
        yield from _lane(lane, found["purpose"])
    if csv is not None:
        yield ""
        yield say("audience.kept", path=csv)


def _lane(lane: Row, purpose: str) -> Iterator[str]:
    from siyu.app.cli.sentences import number

    heading = say(f"explain.lane_{lane['lane']}")
    if not lane["people"]:
        yield f"{heading}: {say('audience.nobody')}"
    else:
        yield f"{heading}: {say('audience.people', people=number(lane['people']), listed=number(lane['listed']))}"
        reach = ", ".join(f"{channel} {number(people)}" for channel, people in lane["reach"].items())
        yield f"  {say('audience.reach', purpose=purpose, reach=reach)}"
    if lane["removed"]:
        told = ", ".join(f"{_word(name)} {number(times)}" for name, times in lane["removed"].items())
        yield f"  {say('audience.removed', told=told)}"
    for row in lane["best"]:
        yield from _person(row)


def _person(row: Row) -> Iterator[str]:
    from siyu.app.cli.explanation import reason_sentence

    channels = ", ".join(row["channels"]) or say("audience.no_channel")
    name = row["external_id"] or row["person"]
    yield f"    {row['rank']:>3}. {name}  [{row['model']} {row['score']:.3f}, {channels}]"
    for reason in row["reasons"]:
        share = say("explain.share", percent=format(reason["share"] or 0, ".0%"))
        yield f"           {reason_sentence(reason)}  ({share})"


def _word(name: str) -> str:
    return say(f"filters.{name}")


def add_to(app: typer.Typer) -> None:
    """Make this command of ``app``."""
    lines = (
        "siyu audience 22086",
        'siyu audience "christmas cottage"',
        "siyu audience 22086 --top 500 --csv people.csv",
    )
    shown = f"{say('help.examples')}:\n\n" + "\n\n".join(f"    {line}" for line in lines)
    app.command(help=say("help.audience"), epilog=shown)(audience)

"""Commands that keep a project: upgrade, backup, restore, and who is who."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.words import say

HERE = Path()


class Asked(StrEnum):
    """What `siyu identity` may be asked."""

    SHOW = "show"
    MERGE = "merge"
    UNMERGE = "unmerge"


def upgrade(
    project: Project = HERE,
    no_backup: Annotated[bool, typer.Option("--no-backup", help=say("help.no_backup"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import upgrades

    printing = Printing(json, quiet)
    with opened(project, "", "upgrade", printing, upgrading=True) as (shop, progress):
        done = upgrades.upgrade(shop, backup=not no_backup, progress=progress)
    printing.show(done, lambda: upgrades.sentences(done))


def backup(
    file: Annotated[Path, typer.Argument(help=say("help.backup_file"))],
    project: Project = HERE,
    with_keys: Annotated[bool, typer.Option("--with-keys", help=say("help.with_keys"))] = False,
    wait: Annotated[float, typer.Option(min=0, help=say("help.wait"))] = 0.0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app.backup import making

    printing = Printing(json, quiet)
    with opened(project, "", "backup", printing, upgrading=True, wait=wait) as (shop, progress):
        made = making.back_up(shop, file, with_keys=with_keys, progress=progress)
    printing.show(made, lambda: making.sentences(made))


def restore(
    file: Annotated[Path, typer.Argument(help=say("help.backup_file"))],
    project: Project = HERE,
    force: Annotated[bool, typer.Option("--force", help=say("help.force_restore"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app.backup import restoring

    done = restoring.restore(file, project, force=force)
    Printing(json, quiet).show(done, lambda: restoring.sentences(done))


def identity(
    ask: Annotated[Asked, typer.Argument(help=say("help.identity_ask"))],
    person: Annotated[str, typer.Argument(help=say("help.person"))],
    other: Annotated[str, typer.Argument(help=say("help.identity_other"))] = "",
    project: Project = HERE,
    as_of: AsOf = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import identity as names

    printing = Printing(json, quiet)
    if ask is Asked.MERGE and not other:
        raise typer.BadParameter(say("identity.needs_other"))
    with opened(project, as_of, f"identity {ask}", printing, changes=ask is not Asked.SHOW) as (shop, _):
        if ask is Asked.SHOW:
            standing = names.show(shop, person)
            printing.show(standing, lambda: names.sentences(standing))
            return
        done = names.merge(shop, person, other) if ask is Asked.MERGE else names.unmerge(shop, person, other)
    printing.show(done, lambda: names.sentences(done))


def _examples(*lines: str) -> str:
    return f"{say('help.examples')}:\n\n" + "\n\n".join(f"    {line}" for line in lines)


def add_to(app: typer.Typer) -> None:
    """Make these commands of ``app``."""
    app.command(help=say("help.upgrade"), epilog=_examples("siyu upgrade", "siyu upgrade -p shop"))(upgrade)
    app.command(help=say("help.backup"), epilog=_examples("siyu backup /mnt/backups/shop.tar.zst"))(backup)
    app.command(help=say("help.restore"), epilog=_examples("siyu restore shop.tar.zst -p shop-again"))(restore)
    shown = _examples("siyu identity show u1", "siyu identity merge u7 u1", "siyu identity unmerge u7 u1")
    app.command(help=say("help.identity"), epilog=shown)(identity)

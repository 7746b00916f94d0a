"""The commands. Each opens the project, runs one stage of the pipeline and says what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siyu.app.cli import approving, archiving, evaluation, heard, keeping, reviewing
from siyu.app.cli.options import AsOf, Json, Printing, Project, Quiet, opened
from siyu.app.words import say

app = typer.Typer(
    name="siyu",
    help=say("help.app"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _examples(*lines: str) -> str:
    return f"{say('help.examples')}:\n\n" + "\n\n".join(f"    {line}" for line in lines)


HERE = Path()


@app.command("import", help=say("help.import"), epilog=_examples("siyu import", "siyu import -p shop --json"))
def import_(project: Project = HERE, as_of: AsOf = "", json: Json = False, quiet: Quiet = False) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "import", printing) as (shop, progress):
        done = pipeline.importing(shop, progress)
    printing.show(done, lambda: sentences.imported(done))


@app.command(help=say("help.profile"), epilog=_examples("siyu profile", "siyu profile --as-of 2026-05-20"))
def profile(project: Project = HERE, as_of: AsOf = "", json: Json = False, quiet: Quiet = False) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "profile", printing) as (shop, progress):
        done = pipeline.profiling(shop, progress)
    printing.show(done, lambda: sentences.profiled(done))


@app.command(help=say("help.needs"), epilog=_examples("siyu needs", "siyu needs --as-of 2026-05-20 --json"))
def needs(project: Project = HERE, as_of: AsOf = "", json: Json = False, quiet: Quiet = False) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import foreseen

    printing = Printing(json, quiet)
    with opened(project, as_of, "needs", printing) as (shop, progress):
        done = pipeline.foreseeing(shop, progress)
    printing.show(done, lambda: foreseen.compared(done, shop.settings.project.currency))


@app.command(help=say("help.recommend"), epilog=_examples("siyu recommend"))
def recommend(project: Project = HERE, as_of: AsOf = "", json: Json = False, quiet: Quiet = False) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "recommend", printing) as (shop, progress):
        done = pipeline.recommending(shop, progress)
    printing.show(done, lambda: sentences.recommended(done))


@app.command(help=say("help.write"), epilog=_examples("siyu write", "siyu write && siyu check"))
def write(project: Project = HERE, as_of: AsOf = "", json: Json = False, quiet: Quiet = False) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "write", printing) as (shop, progress):
        done = pipeline.writing(shop, progress)
    printing.show(done, lambda: sentences.written(done))


@app.command(help=say("help.check"), epilog=_examples("siyu check", 'siyu check "全网最低价，顶级品质"'))
def check(
    text: Annotated[str, typer.Argument(help=say("help.text"))] = "",
    project: Project = HERE,
    as_of: AsOf = "",
    lines: Annotated[int, typer.Option(min=1, help=say("help.lines"))] = 20,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import checking

    printing = Printing(json, quiet)
    with opened(project, as_of, "check", printing, changes=False) as (shop, _):
        done = checking.check_text(shop, text) if text else checking.check_messages(shop, limit=lines)
    printing.show(done, lambda: checking.sentences(done))
    if done.blocked:
        raise typer.Exit(1)


@app.command(
    help=say("help.send"), epilog=_examples("siyu send", "siyu send --dry-run", "siyu send --test-to me@example.com")
)
def send(
    project: Project = HERE,
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("help.dry_run"))] = False,
    test_to: Annotated[str, typer.Option("--test-to", help=say("help.test_to"))] = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import pipeline, rehearsing
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "send", printing) as (shop, progress):
        if dry_run or test_to:
            tried = rehearsing.rehearse(shop, test_to, progress)
            printing.show(tried, lambda: rehearsing.sentences(tried))
            return
        done = pipeline.sending(shop, progress)
    printing.show(done, lambda: sentences.sent(done))


@app.command(help=say("help.track"), epilog=_examples("siyu track", "siyu track hits.jsonl --as-of 2026-05-27"))
def track(
    files: Annotated[list[Path] | None, typer.Argument(help=say("help.files"))] = None,
    project: Project = HERE,
    as_of: AsOf = "",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "track", printing) as (shop, progress):
        done = pipeline.tracking(shop, progress, files=files or ())
    printing.show(done, lambda: sentences.tracked(done))


@app.command(help=say("help.report"), epilog=_examples("siyu report", "siyu report --as-of 2011-11-17"))
def report(
    project: Project = HERE,
    as_of: AsOf = "",
    open_: Annotated[bool, typer.Option("--open", help=say("help.open"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import pipeline
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "report", printing) as (shop, progress):
        done = pipeline.reporting(shop, progress)
    printing.show(done, lambda: sentences.reported(done))
    if open_:
        typer.launch(done.path.as_uri())


@app.command(
    help=say("help.run"), epilog=_examples("siyu run", "siyu run --dry-run", "siyu run --as-of 2011-11-09T10:00")
)
def run(
    project: Project = HERE,
    as_of: AsOf = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=say("help.dry_run"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import pipeline, rehearsing
    from siyu.app.cli import sentences

    printing = Printing(json, quiet)
    with opened(project, as_of, "run", printing) as (shop, progress):
        if dry_run:
            prepared = pipeline.prepare(shop, progress)
            tried = rehearsing.rehearse(shop, "", progress)
            printing.show(
                {"prepared": prepared, "rehearsed": tried},
                lambda: sentences.prepared(prepared) + rehearsing.sentences(tried),
            )
            return
        done = pipeline.run(shop, progress)
    printing.show(done, lambda: sentences.whole(done))


@app.command(help=say("help.explain"), epilog=_examples("siyu explain u1", "siyu explain u1 --json"))
def explain(
    person: Annotated[str, typer.Argument(help=say("help.person"))],
    project: Project = HERE,
    as_of: AsOf = "",
    json: Json = False,
) -> None:
    from siyu.app.cli.explanation import sentences
    from siyu.app.explaining import explain as gather

    printing = Printing(json, quiet=False)
    with opened(project, as_of, "explain", printing, changes=False) as (shop, _):
        found = gather(shop, person)
    printing.show(found, lambda: sentences(found, shop.settings.project.currency))


@app.command(
    help=say("help.quarantine"), epilog=_examples("siyu quarantine", "siyu quarantine --reason orphan-return --lines 5")
)
def quarantine(
    project: Project = HERE,
    reason: Annotated[str, typer.Option(help=say("help.reason"))] = "",
    lines: Annotated[int, typer.Option(min=0, help=say("help.rows"))] = 10,
    json: Json = False,
) -> None:
    from siyu.app import quarantine as setting_aside

    printing = Printing(json, quiet=False)
    with opened(project, "", "quarantine", printing, changes=False) as (shop, _):
        found = setting_aside.quarantined(shop, reason=reason, limit=lines)
    printing.show(found, lambda: setting_aside.sentences(found))


@app.command(
    help=say("help.init"),
    epilog=_examples("siyu init shop", "siyu init . --force", "siyu init . --from orders.csv --from products.xml"),
)
def init(
    folder: Annotated[Path, typer.Argument(help=say("help.folder"))] = HERE,
    force: Annotated[bool, typer.Option("--force", help=say("help.force"))] = False,
    sources: Annotated[list[str] | None, typer.Option("--from", help=say("help.from"))] = None,
    json: Json = False,
) -> None:
    from siyu.app.cli.sentences import proposed
    from siyu.app.starting import start

    made = start(folder, force=force, sources=sources or ())
    Printing(json, quiet=False).show(
        made,
        lambda: [
            say("result.made", path=made.path),
            *proposed(made.proposals),
            say("result.next", command=made.next_command),
        ],
    )


@app.command(help=say("help.doctor"), epilog=_examples("siyu doctor", "siyu doctor --settings"))
def doctor(
    project: Project = HERE,
    settings: Annotated[bool, typer.Option("--settings", help=say("help.settings"))] = False,
    json: Json = False,
) -> None:
    from siyu.app import doctor as examining

    printing = Printing(json, quiet=False)
    if settings:
        listed = examining.every_setting()
        printing.show(listed, lambda: examining.setting_lines(listed))
        return
    found = examining.examine(project)
    printing.show(found, lambda: examining.sentences(found))
    if not found.healthy:
        raise typer.Exit(1)


@app.command(help=say("help.simulate"), epilog=_examples("siyu simulate shop", "siyu simulate shop --people 200000"))
def simulate(
    folder: Annotated[Path, typer.Argument(help=say("help.folder"))],
    people: Annotated[int, typer.Option(min=1, help=say("help.people"))] = 2000,
    products: Annotated[int, typer.Option(min=1, help=say("help.products"))] = 400,
    months: Annotated[int, typer.Option(min=1, help=say("help.months"))] = 6,
    seed: Annotated[int, typer.Option(min=0, help=say("help.seed"))] = 7,
    null_world: Annotated[bool, typer.Option("--null-world", help=say("help.null_world"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import simulating

    printing = Printing(json, quiet)
    settings = simulating.settings_of(people, products, months, seed=seed, null_world=null_world)
    made = simulating.simulate_project(folder, settings, printing.quiet or printing.as_json)
    printing.show(made, lambda: [say("result.made", path=made.folder), say("result.next", command=made.next_command)])


@app.command(help=say("help.demo"), epilog=_examples("siyu demo", "siyu demo --null-world"))
def demo(
    folder: Annotated[Path, typer.Argument(help=say("help.folder"))] = Path("demo"),
    people: Annotated[int, typer.Option(min=1, help=say("help.people"))] = 4000,
    seed: Annotated[int, typer.Option(min=0, help=say("help.seed"))] = 7,
    null_world: Annotated[bool, typer.Option("--null-world", help=say("help.null_world"))] = False,
    force: Annotated[bool, typer.Option("--force", help=say("help.force"))] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    from siyu.app import demonstrating, simulating

    printing = Printing(json, quiet)
    settings = simulating.settings_of(people, 400, 6, seed=seed, null_world=null_world)
    done = demonstrating.demonstrate(folder, settings, force=force, silent=quiet or json)
    printing.show(done, lambda: demonstrating.sentences(done))


approving.add_to(app, _examples("siyu approve", "siyu approve hook-angle-1f2e3d4c", "siyu approve --all --by mei"))
archiving.add_to(
    app, _examples("siyu archive", "siyu archive export ads.jsonl --campaign spring", "siyu archive prune")
)
evaluation.add_to(app)
heard.add_to(app)
keeping.add_to(app)
reviewing.add_to(app)

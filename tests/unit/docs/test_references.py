"""The reference names everything there is: settings, commands, plug-ins, errors, exit codes, datasets and columns."""

from __future__ import annotations

import os
import re

import pyarrow as pa
import pytest

from siyu import packs
from siyu.app.benchmarks import BENCHMARKS
from siyu.app.cli import EXIT_CODES
from siyu.app.describe import markdown
from siyu.app.project import Project
from siyu.app.settings import Settings
from siyu.catalogue.feeds import FEEDS
from siyu.copywriting.checks.table import CHECKS
from siyu.copywriting.writers.table import WRITERS
from siyu.delivery.channels import CHANNELS
from siyu.domain import errors
from siyu.domain.registry import Registry
from siyu.engine import ENGINES, schemas
from siyu.events.readers import READERS
from siyu.events.settings import FIELDS as EVENT_FIELDS
from siyu.feedback import OUTCOMES
from siyu.feedback.hits import PURPOSES, RAW
from siyu.feedback.policies import POLICIES
from siyu.feedback.ranking.results import RANKER
from siyu.privacy.people_files import COLUMNS as PEOPLE_COLUMNS
from siyu.profiles.needs.table import LEARNERS
from siyu.recommendations.hybrid.choice import TRIALS
from siyu.recommendations.table import RECOMMENDERS

from .pages import DOCS, command_names, options_of, text

REGISTRIES = (ENGINES, READERS, FEEDS, RECOMMENDERS, LEARNERS, WRITERS, CHECKS, CHANNELS, POLICIES, BENCHMARKS)
_WRAPPED = re.compile(r"(?:Optional\[)?Annotated\[(\w+), AfterValidator\(func=<function \w+ at 0x[0-9a-f]+>\)\](\])?")


def generated() -> str:
    """The settings page as the code gives it; validators, which print where they lie in memory, are left out."""
    return _WRAPPED.sub(lambda m: f"{m[1]} \\| None" if m[2] else m[1], markdown(Settings))


def section(page: str, heading: str) -> str:
    """The part of a page under a heading, down to the next one of the same level or above."""
    level = heading.split(" ")[0]
    _, _, rest = text(page).partition(f"\n{heading}\n")
    assert rest, f"{page} has no heading {heading!r}"
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def named(word: str, where: str) -> bool:
    return f"`{word}`" in where


def test_the_settings_page_is_the_generated_one() -> None:
    """REFRESH_DOCS=1 writes it anew."""
    page = DOCS / "reference" / "settings.md"
    if os.environ.get("REFRESH_DOCS"):
        page.write_text(generated(), "utf-8")
    assert page.read_text("utf-8") == generated()


@pytest.mark.parametrize("command", sorted(command_names()))
def test_a_command_has_a_section_with_its_options_and_an_example(command: str) -> None:
    told = section("docs/reference/commands.md", f"### siyu {command}")
    shared = section("docs/reference/commands.md", "## Options that most commands share")
    for option in options_of(command) - {"--help", "-h"}:
        assert named(option, told + shared), f"{option} of {command} is not in commands.md"
    assert f"siyu {command}" in told.split("```sh")[1]
    assert "JSON:" in told


def test_no_section_is_about_a_command_that_is_not_there() -> None:
    told = set(re.findall(r"^### siyu (\w+)$", text("docs/reference/commands.md"), re.MULTILINE))
    assert told == command_names()


def test_every_exit_code_is_told() -> None:
    told = section("docs/reference/commands.md", "## Exit codes")
    for code in (0, 1, 70, 75, 130, *(code for _, code in EXIT_CODES)):
        assert f"| {code} |" in told
    for kind, code in EXIT_CODES:
        assert re.search(rf"^\| {code} \|.*`{kind.__name__}`", told, re.MULTILINE)


def test_every_error_is_told_with_its_code() -> None:
    told = text("docs/reference/errors.md")
    codes = dict(EXIT_CODES)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SiyuError)]
    assert len(kinds) >= 8
    for kind in kinds:
        assert re.search(rf"^\| `{kind.__name__}` \| {codes.get(kind, 1)}\b", told, re.MULTILINE), kind.__name__


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_every_plug_in_is_told(registry: Registry[object]) -> None:
    told = text("docs/reference/plug-ins.md")
    assert f"`{registry._group}`" in told
    assert re.search(rf"^\| {registry.kind} \|", told, re.MULTILINE)
    for name in registry:
        assert re.search(rf"^\| `{name}` \|", told, re.MULTILINE), f"{registry.kind} {name}"


@pytest.mark.parametrize("folder", ["channels", "languages", "industries", "occasions", "law"])
def test_every_pack_is_told(folder: str) -> None:
    line = re.search(rf"^\| `packs/{folder}` \|(.*)$", text("docs/reference/plug-ins.md"), re.MULTILINE)
    assert line
    assert set(re.findall(r"`([^`]+)`", line[1])) == set(packs.names(folder))


DATASETS = {
    "events": schemas.EVENTS,
    "quarantine": schemas.QUARANTINE,
    "products": schemas.PRODUCTS,
    "facts": schemas.FACTS,
    "interests": schemas.INTERESTS,
    "people": schemas.PEOPLE,
    "segments": schemas.SEGMENTS,
    "segment_portraits": schemas.SEGMENT_PORTRAITS,
    "segment_moves": schemas.SEGMENT_MOVES,
    "segment_movers": schemas.SEGMENT_MOVERS,
    "rules": schemas.RULES,
    "product_aspects": schemas.PRODUCT_ASPECTS,
    "needs": schemas.NEEDS,
    "needs_affinity": schemas.NEEDS_AFFINITY,
    "recommendations": schemas.RECOMMENDATIONS,
    "rec_choice": TRIALS,
    "messages": schemas.MESSAGES,
    "outcomes": OUTCOMES,
    "copy_ranker": RANKER,
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_column_of_a_dataset_is_told(dataset: str) -> None:
    told = section("docs/reference/files.md", f"### {dataset}")
    schema: pa.Schema = DATASETS[dataset]
    assert [name for name in schema.names if not named(name, told)] == []


def test_no_schema_is_forgotten() -> None:
    public = {
        name for name, value in vars(schemas).items() if isinstance(value, pa.Schema) and not name.startswith("_")
    }
    assert public == {name.upper() for name in DATASETS} - {"OUTCOMES", "REC_CHOICE", "COPY_RANKER"}


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("### People", PEOPLE_COLUMNS),
        ("### Events", EVENT_FIELDS),
        ("### Tracking hits", (*RAW.names, *PURPOSES)),
    ],
)
def test_every_column_of_a_file_is_told(heading: str, columns: tuple[str, ...]) -> None:
    told = section("docs/reference/files.md", heading)
    assert [name for name in columns if not named(name, told)] == []


def test_every_method_of_the_python_api_is_told() -> None:
    told = text("docs/reference/python.md")
    methods = [name for name, value in vars(Project).items() if callable(value) and not name.startswith("_")]
    assert [name for name in methods if f"`{name}(" not in told] == []

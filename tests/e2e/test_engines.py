"""One whole pipeline on every engine: the same datasets, to the row; and a project moves from one to another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from siyu.app.project import Project
from siyu.app.quarantine import quarantined
from siyu.app.simulating import make_world
from siyu.domain.progress import silent
from siyu.engine import open_engine
from siyu.privacy.keys import KeyRing
from siyu.simulator import SimulationSettings

from .datasets import Contents, contents, differences

pytestmark = pytest.mark.slow

PEOPLE = 2000
FEWER = 200  # on Apache Spark: as many queries as with more people, and each takes it a second on two cores
THE_JOB = ("import_data", "profile", "recommend", "write", "send", "report")
A_WEEK_BEFORE = datetime(2026, 10, 25, 4, tzinfo=UTC)
OWN = ("events", "facts", "interests", "people", "recommendations", "messages", "outcomes")


@dataclass(frozen=True)
class Outcome:
    """What a project holds after its job."""

    datasets: dict[str, Contents]
    ledger: Mapping[tuple[str, str], int]


def copied(world: Path, target: Path, spark: Mapping[str, Any] | None = None) -> Path:
    """A copy of a project, whose settings say where Spark is; which engine runs it is another line."""
    folder = Path(shutil.copytree(world, target))
    if spark is not None:
        config = "".join(f'"{name}" = "{value}"\n' for name, value in spark.get("config", {}).items())
        lines = f'\n[engines.spark]\nurl = "{spark["url"]}"\n[engines.spark.config]\n{config}'
        with (folder / "siyu.toml").open("a", encoding="utf-8") as settings:
            settings.write(lines)
    return folder


def opened(folder: Path, engine: str, as_of: datetime | None = None) -> Project:
    """The project in ``folder`` with ``[engine] kind = engine``."""
    return Project(folder, as_of=as_of, environment={**os.environ, "SIYU_ENGINE__KIND": engine})


def ran(folder: Path, engine: str, *stages: str, as_of: datetime | None = None) -> Path:
    """Run stages (all where none is named) in ``folder``."""
    with opened(folder, engine, as_of) as project:
        for stage in stages or THE_JOB:
            getattr(project, stage)()
    return folder


def outcome(folder: Path) -> Outcome:
    with Project(folder) as project:
        return Outcome(contents(project.shop.paths.tables), project.shop.ledger.states(project.shop.campaign.name))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Makes a simulated shop of so many people, once; with keys, so that pseudonyms are the same in every copy."""
    made: dict[int, Path] = {}

    def of(people: int) -> Path:
        if people not in made:
            made[people] = tmp_path_factory.mktemp("world")
            make_world(made[people], SimulationSettings(people=people), silent)
            KeyRing.create(made[people] / ".siyu" / "keys", open_secret="engines")
        return made[people]

    return of


@pytest.fixture(scope="module")
def embedded(world: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The folder of the embedded engine's run over the shop of so many people, once."""
    made: dict[int, Path] = {}

    def of(people: int) -> Path:
        if people not in made:
            made[people] = copied(world(people), tmp_path_factory.mktemp("embedded") / "shop")
            ran(made[people], "embedded")
        return made[people]

    return of


@pytest.mark.parametrize(
    ("where", "people"),
    [
        pytest.param("sail", PEOPLE, id="sail"),
        pytest.param("java_spark", FEWER, id="java", marks=pytest.mark.java),
    ],
)
def test_the_whole_job_says_the_same_on_spark(
    where: str,
    people: int,
    world: Callable[[int], Path],
    embedded: Callable[[int], Path],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    theirs = outcome(ran(copied(world(people), tmp_path / "shop", request.getfixturevalue(where)), "spark"))
    ours = outcome(embedded(people))
    assert differences(ours.datasets, theirs.datasets, tmp_path) == {}
    assert {name: theirs.datasets[name].checksum for name in OWN} == {
        name: ours.datasets[name].checksum for name in OWN
    }
    assert all(theirs.datasets[name].rows.num_rows for name in OWN)
    assert theirs.ledger == ours.ledger


def test_a_project_moves_to_spark_and_back(
    embedded: Callable[[int], Path], sail: dict[str, object], tmp_path: Path
) -> None:
    """Stages by turns on one engine and the other, over each other's datasets, end where one engine alone ends."""
    before = outcome(embedded(FEWER))
    folder = copied(embedded(FEWER), tmp_path / "shop", sail)
    ran(folder, "spark", "profile")
    ran(folder, "embedded", "recommend")
    after = outcome(ran(folder, "spark", "write"))
    told = [{name: made.datasets[name] for name in OWN} for made in (before, after)]
    assert differences(*told, tmp_path) == {}


def test_another_day_says_the_same(world: Callable[[int], Path], sail: dict[str, object], tmp_path: Path) -> None:
    """The second run adds a week to what the first one left; then people are asked about one by one."""
    told: dict[str, Outcome] = {}
    seen: dict[str, list[object]] = {}
    for engine in ("embedded", "spark"):
        folder = copied(world(FEWER), tmp_path / engine, sail)
        ran(folder, engine, "import_data", "profile", "recommend", "write", as_of=A_WEEK_BEFORE)
        told[engine] = outcome(ran(folder, engine))
        with opened(folder, engine) as project:
            people = told["embedded"].datasets["people"].rows.sort_by("person")["person"].to_pylist()[:2]
            seen[engine] = [rounded(project.explain(person)) for person in people]
            seen[engine] += [project.check().statuses, quarantined(project.shop, limit=5).counts]
    assert differences(told["embedded"].datasets, told["spark"].datasets, tmp_path) == {}
    assert seen["spark"] == seen["embedded"]


def rounded(value: Any) -> Any:
    """Numbers to nine significant digits, everything else as text."""
    if isinstance(value, dict):
        return {str(key): rounded(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(inner) for inner in value]
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def test_the_comparison_sees_one_row_that_differs(embedded: Callable[[int], Path], tmp_path: Path) -> None:
    """One person's spend, by a hundred-millionth part."""
    before = outcome(embedded(FEWER)).datasets
    folder = copied(embedded(FEWER), tmp_path / "shop")
    engine = open_engine("embedded", folder / ".siyu" / "tables")
    engine.table("p", "people")
    columns = ", ".join(
        "CASE WHEN person = (SELECT min(person) FROM p WHERE spend > 0) THEN spend * 1.00000002 ELSE spend END AS spend"
        if name == "spend"
        else name
        for name in before["people"].rows.schema.names
    )
    engine.write(f"SELECT {columns} FROM p", "people")
    found = differences(before, contents(folder / ".siyu" / "tables"), tmp_path)
    assert list(found) == ["people"]
    assert found["people"].startswith("1 of ")

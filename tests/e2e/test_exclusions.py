"""What people are to be spared, from a file named in siyu.toml to lists and audiences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Project


def spare(project: Project, *rows: str) -> Path:
    """A file of exclusions, and the setting that names it."""
    path = project.folder / "spared.csv"
    path.write_text("\n".join(["user_id,item", *rows]) + "\n", "utf-8")
    project.environment["SIYU_RECOMMENDATIONS__FILTERS__FILES"] = '["spared.csv"]'
    return path


def listed(project: Project, person: str) -> set[str]:
    """Products on a person's list, of those that explain shows."""
    return {row["item"] for row in project.json("explain", person)["recommendations"] if row["lane"] == "discover"}


def test_a_file_spares_one_person_or_everyone_a_product(example: Callable[..., Project]) -> None:
    project = example("worked_example")
    for stage in ("import", "profile", "recommend"):
        project.siyu(stage, "-q")
    assert "Sneakers" in listed(project, "u1")
    before = {row["external_id"] for row in project.json("audience", "Sneakers")["lanes"][0]["best"]}
    spare(project, "u1,Sneakers", "u1,", ",Sandals")
    done = project.json("import")
    assert done["spared"] == {"people": 1, "everyone": 1, "unread": 1}
    project.siyu("recommend", "-q")
    assert "Sneakers" not in listed(project, "u1")
    found = project.json("audience", "Sneakers")["lanes"][0]
    assert {row["external_id"] for row in found["best"]} == before - {"u1"}
    assert found["removed"]["excluded-for-person"] == 1
    assert project.json("audience", "Sandals")["barred"] == "excluded-item"
    assert "left out" in project.siyu("audience", "Sandals")
    spare(project, ",Sandals")
    project.siyu("import", "-q")
    assert "excluded-for-person" not in project.json("audience", "Sneakers")["lanes"][0]["removed"]


def test_a_file_that_is_no_such_list_is_told(example: Callable[..., Project]) -> None:
    project = example("worked_example")
    path = spare(project)
    path.write_text("customer,sku\nu1,Sneakers\n", "utf-8")
    assert "no column item" in project.siyu("import", expect=3)

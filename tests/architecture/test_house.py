"""Rules of the house that import contracts cannot state."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "siyu"
FILES = sorted(SOURCE.rglob("*.py"))


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def places(names: set[str], *, allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(SOURCE)}:{line} {name}"
        for path in FILES
        if not str(path.relative_to(SOURCE)).startswith(allowed)
        for name, line in calls(path)
        if name in names
    ]


def test_there_is_a_house_to_look_at() -> None:
    assert len(FILES) > 60


def test_only_app_makes_seals() -> None:
    assert places({"Seal", "proof.Seal"}, allowed=("app/",)) == []


def test_only_the_gate_approves_copy() -> None:
    assert places({"ApprovedCopy", "copy.ApprovedCopy"}, allowed=("copywriting/gate",)) == []


def test_only_the_consent_ledger_permits() -> None:
    assert places({"Permit", "contact.Permit"}, allowed=("privacy/consent",)) == []


def test_only_policies_expose() -> None:
    assert places({"Exposure", "contact.Exposure"}, allowed=("feedback/",)) == []


def test_one_clock() -> None:
    clocks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "dt.datetime.now"}
    assert places(clocks, allowed=("domain/clock.py",)) == []


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("duckdb", ("engine/",)),
        ("sqlalchemy", ("store/", "privacy/", "files/database")),
        ("smtplib", ("delivery/channels/",)),
        ("typer", ("app/",)),
        ("rich", ("app/",)),
        ("pickle", ()),
        ("subprocess", ("app/",)),
    ],
)
def test_a_library_lives_in_its_room(package: str, rooms: tuple[str, ...]) -> None:
    strangers = [
        str(path.relative_to(SOURCE))
        for path in FILES
        if package in imports(path) and not str(path.relative_to(SOURCE)).startswith(rooms or ("\0",))
    ]
    assert strangers == []


def test_text_from_outside_is_never_formatted_or_evaluated() -> None:
    bad = {"eval", "exec", "compile", "os.system"}
    formats = [
        f"{path.relative_to(SOURCE)}:{line} {name}"
        for path in FILES
        for name, line in calls(path)
        if name in bad or name.endswith((".format", ".format_map"))
    ]
    assert formats == []


def test_files_stay_small() -> None:
    assert [str(path.relative_to(SOURCE)) for path in FILES if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_public_modules_say_what_they_are_for() -> None:
    silent = [path for path in FILES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []

"""`siyu doctor` speaks the reader's language, of a sound project and of a broken one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from siyu.app import doctor, upgrades
from siyu.app.shop import Shop

from ...golden.old import unpacked

ENGLISH = re.compile(r"\b[A-Za-z]{2,} [A-Za-z]{2,}\b")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = unpacked(tmp_path / "shop")
    shop = Shop(folder, upgrading=True)
    upgrades.upgrade(shop, backup=False)
    shop.close()
    return folder


def told(folder: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines about checks; the settings below them are the project's own words."""
    monkeypatch.setenv("SIYU_LANG", language)
    lines = doctor.sentences(doctor.examine(folder))
    return [line.replace(str(folder), "") for line in lines[: lines.index("")]]


def spoil(folder: Path) -> None:
    """Everything doctor has a word for."""
    text = (folder / "siyu.toml").read_text("utf-8")
    text = text.replace("events/*.parquet", "nowhere/*.parquet").replace('"people.csv"', '"nobody.csv"')
    (folder / "siyu.toml").write_text(re.sub(r"^postal.*$", "", text, flags=re.MULTILINE), "utf-8")
    for key in (folder / ".siyu" / "keys").iterdir():
        key.chmod(0o644)


@pytest.mark.parametrize("broken", [False, True])
def test_no_english_in_chinese(project: Path, monkeypatch: pytest.MonkeyPatch, broken: bool) -> None:
    if broken:
        spoil(project)
    lines = told(project, "zh", monkeypatch)
    assert len(lines) >= 12
    assert [line for line in lines if ENGLISH.search(re.sub(r"\[.*?\] \w+|chmod .*", "", line))] == []
    assert ("需修复" in "".join(lines)) is broken


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_has_its_slots_filled(project: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    spoil(project)
    lines = told(project, language, monkeypatch)
    assert [line for line in lines if re.search(r"\{[a-z_]+\}", line)] == []


def test_an_old_project_is_told_to_upgrade_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(unpacked(tmp_path / "old"), "en", monkeypatch)
    assert sum("older version" in line for line in lines) == 1
    assert sum("siyu upgrade" in line for line in lines) == 1


def test_a_lost_key_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in (project / ".siyu" / "keys").iterdir():
        key.unlink()
    (project / ".siyu" / "keys").rmdir()
    found = doctor.examine(project)
    assert not found.healthy
    assert any("key cannot be read" in check.found for check in found.checks)

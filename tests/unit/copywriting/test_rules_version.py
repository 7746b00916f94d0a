"""What the version of the rules covers: every bank that words and checks read, and nothing else."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from siyu.copywriting import CopySettings, notary, phrases, tongues
from siyu.copywriting.shelf import Shelf
from siyu.engine.schemas import FACTS

from .conftest import campaign

PACKS, ROOM = (Path(str(files(name))) for name in ("siyu.packs", "siyu.copywriting"))
OTHERS = sorted({file.stem for file in PACKS.glob("languages/*/*.toml")} - set(notary.BANKS))


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the packs that may be changed."""
    copy = tmp_path / "packs"
    shutil.copytree(PACKS, copy)
    monkeypatch.setattr(notary, "files", lambda name: copy if name == "siyu.packs" else files(name))
    forget()
    yield copy
    forget()


def forget() -> None:
    """Drop what is kept of the packs for the time of a run."""
    notary.pack_version.cache_clear()
    notary._packs.cache_clear()


def version() -> str:
    forget()
    return notary.rules_version(campaign(), CopySettings(), Shelf(FACTS.empty_table()))


def touch(file: Path) -> None:
    file.write_text(file.read_text("utf-8") + "\n# other words\n", "utf-8")


@pytest.mark.parametrize("bank", OTHERS)
def test_words_of_the_interface_and_of_other_stages_are_no_rules(packs: Path, bank: str) -> None:
    before = version()
    for file in packs.glob(f"languages/*/{bank}.toml"):
        touch(file)
    assert version() == before


@pytest.mark.parametrize("bank", notary.BANKS)
def test_a_bank_of_a_language_of_the_campaign_is(packs: Path, bank: str) -> None:
    before = version()
    touch(packs / "languages" / campaign().languages[0] / f"{bank}.toml")
    assert version() != before


@pytest.mark.parametrize("file", ["industries/e-commerce.toml", "occasions/general.toml"])
def test_so_is_what_an_industry_or_an_occasion_says(packs: Path, file: str) -> None:
    before = version()
    touch(packs / file)
    assert version() != before


def test_so_is_the_law_of_the_place_and_that_of_another_is_not(packs: Path) -> None:
    before, place = version(), campaign().place
    other = next(folder for folder in sorted((packs / "law").iterdir()) if folder.is_dir() and folder.name != place)
    touch(next(other.glob("*.toml")))
    assert version() == before
    touch(next((packs / "law" / place).glob("*.toml")))
    assert version() != before


def test_the_banks_are_those_that_the_room_reads() -> None:
    """Found in the source: names that stand in ``packs.read("languages", <language>, <name>)``."""
    read = {name for file in ROOM.rglob("*.py") for name in banks_read(ast.parse(file.read_text("utf-8")))}
    known = read | set(phrases.BANKS) | {tongues.FILE}  # named by a list or a constant, not where they are read
    assert known == set(notary.BANKS)


def banks_read(tree: ast.AST) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "packs.read" and len(call.args) == 3:
            family, _, name = call.args
            if ast.literal_eval(family) == "languages":
                chosen = [name.body, name.orelse] if isinstance(name, ast.IfExp) else [name]
                yield from (ast.literal_eval(one) for one in chosen if not isinstance(one, ast.Name))

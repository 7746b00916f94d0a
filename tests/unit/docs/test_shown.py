"""Output shown in the READMEs is what the worked example really prints.

Which of the fitting lines a person gets is drawn by a pseudonym whose key is new in every project. So lines of copy are
held to the phrase banks, and facts to the catalogue; every other line must come out as it is shown.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from siyu.copywriting import phrases

from .pages import REPOSITORY, blocks
from .test_walks import missing

pytestmark = pytest.mark.slow
PAGES = {"README.md": "en", "README.zh-CN.md": "zh", "examples/worked_example/README.md": "en"}
SHOWN = [
    (page, number, block)
    for page in PAGES
    for number, block in enumerate(blocks(page))
    if block.mark.startswith("shown: ")
]
PARTS = (
    *("subject", "preheader", "opening", "product", "point", "proof", "price", "also", "call"),
    *("主题", "预览语", "开头", "商品", "卖点", "佐证", "价格", "还有", "行动"),
)
COPY = re.compile(rf"    (?:{'|'.join(PARTS)}) +(.+)")
FACT = re.compile(r"    (\S+) (\S+) = (\S+).* ← (\S+) \(([\d-]+)\)")


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked example, run once, so that what is shown can be asked for."""
    folder = tmp_path_factory.mktemp("shown") / "worked"
    shutil.copytree(REPOSITORY / "examples" / "worked_example", folder)
    return folder


@pytest.fixture(scope="module")
def outputs(worked: Path) -> dict[tuple[str, str], str]:
    """What each command of the pages prints, by language; ``run`` goes first, anew for each language."""
    found = {}
    wanted = {(block.mark.removeprefix("shown: "), PAGES[page]) for page, _, block in SHOWN}
    for language in ("zh", "en"):
        for command in sorted((command for command, own in wanted if own == language), key=lambda c: c != "siyu run"):
            if command == "siyu run":
                shutil.rmtree(worked / ".siyu", ignore_errors=True)
            found[command, language] = _siyu(command, worked, language)
    return found


def _siyu(command: str, folder: Path, language: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from siyu.app.cli import main; main()", *shlex.split(command)[1:]],
        cwd=folder,
        env={**os.environ, "SIYU_LANG": language},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.replace(str(folder), "/tmp/worked")


@cache
def lines_of_copy() -> list[re.Pattern[str]]:
    """Every Chinese line of the phrase banks, its slots open."""
    return [
        re.compile(re.sub(r"\\\{[^}]*\\\}", ".+?", re.escape(line)) + "[。.]?") for line in phrases.every_line("zh")
    ]


@pytest.mark.parametrize(("page", "number", "block"), SHOWN, ids=lambda value: str(value)[:30])
def test_what_is_shown_is_what_comes_out(
    page: str, number: int, block: object, outputs: dict[tuple[str, str], str], worked: Path
) -> None:
    command, body = block.mark.removeprefix("shown: "), block.body  # type: ignore[attr-defined]
    printed = outputs[command, PAGES[page]]
    plain = [line for line in body.splitlines() if not COPY.fullmatch(line) and not FACT.fullmatch(line)]
    assert missing("\n".join(plain), printed) == []


def test_lines_of_copy_are_in_the_phrase_banks() -> None:
    shown = [match[1] for *_, block in SHOWN for match in map(COPY.fullmatch, block.body.splitlines()) if match]
    assert len(shown) >= 15
    assert [line for line in shown if not any(known.fullmatch(line) for known in lines_of_copy())] == []


def test_facts_shown_are_facts(outputs: dict[tuple[str, str], str], worked: Path) -> None:
    rows = [
        row
        for path in (worked / ".siyu" / "tables" / "facts").rglob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    known = {(row["item"], row["slot"], row["value"], f"{row['observed_at']:%Y-%m-%d}") for row in rows}
    shown = {match for *_, block in SHOWN for match in map(FACT.fullmatch, block.body.splitlines()) if match}
    facts = {(m[1], m[2], m[3], m[5]) for m in shown if m[4] == "products.csv"}
    assert len(facts) >= 3
    assert facts <= known

"""Pages that are walked through: every command is run as written, and what they show is what comes out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import REPOSITORY, blocks

pytestmark = pytest.mark.slow


def script(page: str) -> str:
    """The page's shell blocks in order, with the files it shows written where it shows them."""
    parts = ["set -e"]
    for block in blocks(page):
        if block.mark.startswith("file: "):
            path = block.mark.removeprefix("file: ")
            parts.append(f"mkdir -p \"$(dirname '{path}')\"\ncat > '{path}' <<'END_OF_FILE'\n{block.body}END_OF_FILE")
        elif block.kind == "sh" and block.mark != "not run":
            parts.append(f"! {block.body.strip()}" if block.mark == "fails" else block.body.strip())
    return "\n".join(parts) + "\n"


def walk(page: str, folder: Path) -> str:
    """Run the page in ``folder``; what it printed."""
    program = folder / "bin" / "siyu"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom siyu.app.cli import main\nmain()\n", "utf-8")
    program.chmod(0o755)
    environment = {**os.environ, "SIYU_LANG": "en", "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script(page)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def missing(shown: str, printed: str) -> list[str]:
    """Lines of ``shown`` that do not follow one another in ``printed``; ``…`` stands for anything."""
    rest = iter(printed.splitlines())
    lost = []
    for line in filter(str.strip, shown.splitlines()):
        pattern = re.compile(r"\s*" + re.escape(line.strip()).replace("…", ".*"))
        if not any(pattern.fullmatch(candidate.rstrip()) for candidate in rest):
            lost.append(line)
            rest = iter(printed.splitlines())
    return lost


def test_what_is_missing_is_noticed() -> None:
    assert missing("a\nc …", "a\nb\n  c 17\n") == []
    assert missing("b\na", "a\nb\n") == ["a"]


def test_the_tutorial(tmp_path: Path) -> None:
    page = "docs/tutorial/first-campaign.md"
    printed = walk(page, tmp_path)
    shown = [block for block in blocks(page) if block.mark == "shown"]
    assert len(shown) >= 5
    for block in shown:
        assert missing(block.body, printed) == []


def test_own_data(tmp_path: Path) -> None:
    page = "docs/how-to/run-on-your-own-data.md"
    text = script(page)
    assert "siyu init shop\n" in text
    printed = walk(page, tmp_path)
    counts = next(block.body for block in blocks(page) if block.body.startswith("3 people known"))
    assert missing(counts, printed) == []


def test_python_in_the_pages(tmp_path: Path) -> None:
    """The blocks of the Python reference and of the page on privacy run on the worked example."""
    shutil.copytree(REPOSITORY / "examples" / "worked_example", tmp_path / "shop")
    first = blocks("docs/reference/python.md", "python")[0].body
    second = next(block.body for block in blocks("docs/how-to/privacy-and-keys.md", "python") if block.mark == "run")
    done = subprocess.run(
        [sys.executable, "-c", first + second],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "复古厚底运动鞋" in done.stdout
    assert "u2@readers.invalid" in done.stdout

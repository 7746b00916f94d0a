"""Reading the documentation: pages, fenced blocks with the mark above them, links, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typer

REPOSITORY = Path(__file__).resolve().parents[3]
DOCS = REPOSITORY / "docs"
PAGES = sorted(
    path
    for path in (*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), *(REPOSITORY / "examples").rglob("*.md"))
    if ".siyu" not in path.parts
)
_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)|<img[^>]*src=\"(?P<image>[^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``mark`` is the comment on the line above it (``file: x``, ``shown``, ``not run`` ...)."""

    kind: str
    body: str
    mark: str


def text(page: str) -> str:
    """The page at a path from the repository."""
    return (REPOSITORY / page).read_text("utf-8")


def blocks(page: str, kind: str | None = None) -> list[Block]:
    """Fenced blocks of a page, of one language where it is given."""
    found = [Block(m["kind"], m["body"], m["mark"] or "") for m in _BLOCK.finditer(text(page))]
    return [block for block in found if kind is None or block.kind == kind]


def commands(page: str) -> Iterator[list[str]]:
    """Commands of a page's shell blocks, as words; comments, redirections and variables before them are left out."""
    for block in blocks(page, "sh"):
        for line in block.body.replace("\\\n", " ").splitlines():
            for part in re.split(r" && | \| ", line):
                words = shlex.split(part, comments=True)
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    words.pop(0)
                if words:
                    yield words


def links(path: Path) -> set[str]:
    """Targets of a page's links that lie in the repository, code blocks aside."""
    prose = _BLOCK.sub("", path.read_text("utf-8"))
    targets = {match["target"] or match["image"] for match in _LINK.finditer(prose)}
    return {target for target in targets if not target.startswith(("http:", "https:", "mailto:"))}


def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as code hosts make them."""
    headings = _HEADING.findall(_BLOCK.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@cache
def command_names() -> frozenset[str]:
    """Names of the commands."""
    from siyu.app.cli.commands import app

    return frozenset(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def options_of(command: str) -> set[str]:
    """Options of a command, long and short."""
    from siyu.app.cli.commands import app

    found = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    return {option for parameter in found.params for option in parameter.opts if option.startswith("-")}

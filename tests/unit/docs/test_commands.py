"""Commands in the pages exist, with their options; the two READMEs say the same; examples and settings validate."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from siyu.app.settings import Settings

from .pages import DOCS, PAGES, REPOSITORY, blocks, command_names, commands, options_of

EXAMPLES = sorted(path for path in (REPOSITORY / "examples").iterdir() if path.is_dir())
MAKE = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))


def page_name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_exist(page: Path) -> None:
    for program, *words in commands(page_name(page)):
        if program == "make":
            assert set(words) <= MAKE, words
        elif program in ("siyu", ".venv/bin/siyu"):
            command = words[0]
            assert command in command_names(), words
            given = {word.partition("=")[0] for word in words[1:] if word.startswith("-")}
            assert given <= options_of(command) | {"--help"}, words


def test_the_readmes_show_the_same_commands() -> None:
    english, chinese = (list(commands(page)) for page in ("README.md", "README.zh-CN.md"))
    assert english == chinese
    assert len(english) >= 8


def test_the_readmes_have_the_same_headings_and_links() -> None:
    def shape(page: str) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", (REPOSITORY / page).read_text("utf-8"), re.MULTILINE)]

    assert shape("README.md") == shape("README.zh-CN.md")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_has_a_page_and_settings_that_fit(example: Path) -> None:
    assert (example / "README.md").is_file()
    settings = Settings.model_validate(tomllib.loads((example / "siyu.toml").read_text("utf-8")))
    assert settings.campaign.name
    assert all(str(path) for path in settings.people.files)


def test_every_example_is_in_the_readme() -> None:
    told = (REPOSITORY / "README.md").read_text("utf-8")
    assert [example.name for example in EXAMPLES if f"examples/{example.name}/README.md" not in told] == []


SETTINGS = [
    (page_name(page), number, block.body)
    for page in (DOCS / "how-to").glob("*.md")
    for number, block in enumerate(blocks(page_name(page), "toml"))
    if re.search(
        r"^\[+(?:project|people|catalogue|events|offers|campaign|copywriting|recommendations)\b(?!\.entry)",
        block.body,
        re.M,
    )
]


@pytest.mark.parametrize(("page", "number", "body"), SETTINGS, ids=lambda value: str(value)[:40])
def test_settings_in_the_pages_fit(page: str, number: int, body: str) -> None:
    assert Settings.model_validate(tomllib.loads(body))

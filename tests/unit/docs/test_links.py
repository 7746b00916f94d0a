"""Every link between pages leads somewhere, every page can be reached, and no page tells of one machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import DOCS, PAGES, REPOSITORY, anchors, links


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page: Path) -> None:
    broken = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        place = (page.parent / target).resolve() if target else page
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(link)
    assert broken == []


def test_the_index_leads_to_every_page() -> None:
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    assert [name(page) for page in DOCS.rglob("*.md") if page not in reached and page.name != "README.md"] == []


def test_every_picture_is_shown_and_readable_in_the_dark() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in links(page)}
    pictures = list((DOCS / "pictures").iterdir())
    assert pictures
    for picture in pictures:
        assert picture in shown, picture.name
        drawn = picture.read_text("utf-8")
        assert "prefers-color-scheme: dark" in drawn
        assert "<title" in drawn


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_names_no_place_of_one_machine(page: Path) -> None:
    assert re.findall(r"/(?:work|home|root|Users)/|(?:\.\./){3}shared", page.read_text("utf-8")) == []

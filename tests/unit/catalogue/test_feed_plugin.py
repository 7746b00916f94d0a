"""The feed that the how-to page shows reads its files as a plug-in does."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from siyu.catalogue import CatalogueSettings, import_products
from siyu.catalogue.feeds import FEEDS
from siyu.engine.embedded import EmbeddedEngine

from ..docs.pages import blocks
from .conftest import Look, at


def test_the_feed_of_the_page(
    engine: EmbeddedEngine, tmp_path: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shown,) = (b for b in blocks("docs/how-to/product-feeds.md", "python") if b.mark.startswith("module: "))
    module = ModuleType("my_package.erp")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(shown.body, "<product-feeds.md>", "exec"), module.__dict__)
    monkeypatch.setitem(FEEDS._table, "erp", "my_package.erp:read_erp")
    (tmp_path / "articles.dat").write_text(f"{'A-1':8}{'9.50':8}Blue mug\n{'A-2':8}{'12':8}Tea pot\n", "utf-8")
    source = CatalogueSettings(
        name="erp", paths=(str(tmp_path / "*.dat"),), format="erp", constants={"currency": "EUR"}
    )
    report = import_products(engine, source, clock=at(1))
    assert (report.rows, report.used) == (2, 2)
    assert [(row["item"], row["title"], row["price"]) for row in look("products")] == [
        ("A-1", "Blue mug", 9.5),
        ("A-2", "Tea pot", 12),
    ]

"""The example of feeds imports as its page says, and holds what the page points at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from siyu.app.cli.sentences import imported
from siyu.app.importing import import_all
from siyu.app.quarantine import quarantined, sentences
from siyu.app.shop import Shop
from siyu.engine import resolved

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "product_feeds"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shutil.copytree(EXAMPLE, tmp_path / "feeds")
    return Shop(tmp_path / "feeds", environment={})


def rows(shop: Shop, sql: str) -> list[dict[str, Any]]:
    return [row for batch in shop.engine.batches(sql) for row in batch.to_pylist()]


def test_the_example_is_what_its_page_says(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIYU_LANG", "en")
    done = import_all(shop)
    told = (EXAMPLE / "README.md").read_text("utf-8").split("```")[3].strip()
    assert "\n".join(imported(done)) == told
    for name in ("products", "facts"):
        shop.engine.table(name, name)
    shelf = {row["item"]: row for row in rows(shop, "SELECT * FROM products")}
    assert (shelf["LAMP-1"]["price"], shelf["RUG-1"]["stock"], shelf["SHIRT-M"]["stock"]) == (69, 0, 0)
    assert (shelf["TOTE-1"]["stock"], shelf["SHIRT-S"]["currency"]) == (0, "USD")
    derived = "SELECT value, unit FROM facts WHERE slot = 'derived.unit_price'"
    assert rows(shop, derived) == [{"value": "4.8", "unit": "EUR/100g"}]
    resolved.events(shop.engine, name="seen")
    money = "SELECT order_id, base_price FROM seen WHERE kind = 'purchase' ORDER BY order_id"
    assert [(row["order_id"], row["base_price"]) for row in rows(shop, money)] == [
        ("o1", 12.0),
        ("o2", pytest.approx(49 * 0.92)),
        ("o3", None),
    ]
    assert len({row["person"] for row in rows(shop, "SELECT DISTINCT person FROM seen")}) == 2
    left_out = quarantined(shop)
    assert dict(left_out.counts["merchant"]) == {"bad-gtin": 1}
    assert dict(left_out.counts["web"]) == {"unknown-kind": 1}
    lines = sentences(left_out)
    assert any(line.startswith("merchant.xml:") and "bad-gtin (gtin)" in line and "TEA-1" in line for line in lines)
    assert [row.reason for row in quarantined(shop, reason="bad-gtin").rows] == ["bad-gtin"]
    shop.close()


def test_products_alone_can_be_looked_at_too(shop: Shop) -> None:
    settings = shop.settings.model_copy(update={"events": ()})
    shop.settings = settings
    import_all(shop)
    assert dict(quarantined(shop).counts) == {"merchant": {"bad-gtin": 1}}
    shop.close()

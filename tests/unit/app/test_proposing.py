"""`siyu init --from`: files of every kind are told apart, and what is proposed imports them as it stands."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from siyu.app.cli.commands import app
from siyu.app.importing import import_all
from siyu.app.proposing import propose
from siyu.app.shop import Shop
from siyu.app.starting import start
from siyu.domain.errors import InputError

GIVEN = {"currency": "CNY", "timezone": "Asia/Shanghai"}
ORDERS = """订单号,客户号,商品编码,数量,单价,下单时间,备注
1001,A01,SKU-1,1,99,2026/05/03 10:15,送礼
1002,A02,SKU-1,2,99,2026/05/04 20:40,
"""
GOODS = "商品编码;商品名称;一级类目;品牌;售价;库存;材质\nSKU-1;纯棉圆领T恤;上装;青屿;99;320;纯棉\n"
MEMBERS = "客户号,邮箱,手机\nA01,a01@shop.example.com,13800138000\nA02,a02@shop.example.com,\n"


def test_a_chinese_shops_files_import_as_proposed(tmp_path: Path) -> None:
    files = {"orders.csv": ORDERS.encode("gb18030"), "goods.csv": GOODS.encode(), "members.csv": MEMBERS.encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    made = start(tmp_path, sources=[str(tmp_path / name) for name in files])
    assert [one.kind for one in made.proposals] == ["events", "catalogue", "people"]
    written = tomllib.loads(made.path.read_text("utf-8"))
    assert written["events"][0] == {
        "name": "events",
        "paths": ["orders.csv"],
        "encoding": "gb18030",
        "columns": {
            "user_id": "客户号",
            "ts": "下单时间",
            "item": "商品编码",
            "quantity": "数量",
            "unit_price": "单价",
            "order_id": "订单号",
        },
        "constants": {"currency": "CNY", "kind": "purchase"},
        "time_formats": ["%Y/%m/%d %H:%M"],
        "timezone": "Asia/Shanghai",
    }
    assert written["catalogue"][0]["delimiter"] == ";"
    assert written["catalogue"][0]["attributes"] == {"材质": "材质"}
    shop = Shop(tmp_path, environment={})
    done = import_all(shop)
    shop.close()
    assert done.people is not None
    assert done.people.people == 2
    assert (done.catalogue[0].products, done.events[0].accepted, dict(done.events[0].quarantined)) == (1, 2, {})


@pytest.mark.parametrize(
    ("name", "content", "kind", "form"),
    [
        ("e.csv", "Handle,Title,Body (HTML),Variant Price\npot,Pot,,3\n", "catalogue", "shopify"),
        (
            "m.txt",
            "id\ttitle\tlink\tavailability\tprice\n1\tTee\thttps://a.example\tin_stock\t5 USD\n",
            "catalogue",
            "google",
        ),
        ("m.xml", "<rss><channel><item><id>1</id></item></channel></rss>", "catalogue", "google_xml"),
        ("g.jsonl", json.dumps({"event_name": "view_item", "event_timestamp": "1"}), "events", "ga4"),
        ("s.jsonl", json.dumps({"type": "track", "messageId": "m", "event": "Order Completed"}), "events", "segment"),
        (
            "o.csv",
            "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n1,a,2,2010-12-01 08:26,2.5,17850\n",
            "events",
            "",
        ),
        ("x.csv", "colour,weather\nred,fine\n", "", ""),
        ("e.jsonl", '{"user_id": "u", "ts": "2026-05-01T10:00:00Z", "kind": "browse", "item": "a"}', "events", ""),
    ],
)
def test_files_are_told_apart(tmp_path: Path, name: str, content: str, kind: str, form: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    found = propose(str(tmp_path / name), **GIVEN)
    assert (found.kind, found.settings.get("format", "")) == (kind, form)


def test_our_own_columns_need_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "item,title,price,currency,observed_at\na,Mug,9,CNY,2026-05-01T00:00:00Z\n", "utf-8"
    )
    assert propose(str(tmp_path / "p.csv"), **GIVEN).settings == {}


def test_the_command_says_what_it_saw(tmp_path: Path) -> None:
    (tmp_path / 'a "b".csv').write_text("sku,name,price\na,Mug,9\n", "utf-8")
    (tmp_path / "x.csv").write_text('colour,"we\nather"\nred,fine\n', "utf-8")
    sources = [option for path in sorted(tmp_path.iterdir()) for option in ("--from", str(path))]
    done = CliRunner().invoke(app, ["init", str(tmp_path / "shop"), *sources])
    assert done.exit_code == 0, done.output
    assert "item = sku" in done.output
    written = tomllib.loads((tmp_path / "shop" / "siyu.toml").read_text("utf-8"))
    assert written["catalogue"][0]["columns"] == {"item": "sku", "title": "name"}
    assert "events" not in written
    with pytest.raises(InputError, match="There is no file"):
        start(tmp_path / "other", sources=["nowhere.csv"])
    assert not (tmp_path / "other").exists()


def test_rows_within_a_document_and_tabs_are_seen(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"page": 1, "products": [{"sku": "a", "name": "Cup", "price": 9}]}))
    (tmp_path / "e.tsv").write_text("user_id\tkind\tts\titem\nu\tbrowse\t2026-05-01T10:00:00Z\ta\n")
    start(tmp_path, sources=[str(tmp_path / "p.json"), str(tmp_path / "e.tsv")])
    shop = Shop(tmp_path, environment={})
    done = import_all(shop)
    shop.close()
    assert (done.catalogue[0].products, done.events[0].accepted) == (1, 1)

"""The worked example, word for word: what u1 reads, and that it would be about u1 whatever was drawn.

u1 bought the T-shirt and the jeans, looked at the sneakers once and searched Fashion, Style, Trend. Nobody is told
what they looked at; of 跃白 one look is known, so it is no old friend; the sneakers' look is 潮流, which is what
"trend" means; the T-shirt was bought together with them three times.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import siyu
from siyu.app.project import Project
from siyu.copywriting import write_messages
from siyu.privacy.keys import KeyRing

from .conftest import Even

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "worked_example"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The example up to its recommendations; people get the same pseudonyms every time, so the same words are drawn."""
    folder = tmp_path_factory.mktemp("example") / "shop"
    shutil.copytree(EXAMPLE, folder)
    KeyRing.create(folder / ".siyu" / "keys", open_secret="the worked example")
    with siyu.open(folder) as opened:
        opened.import_data()
        opened.profile()
        opened.recommend()
        yield opened


def written(project: Project, seed: int) -> dict[str, Any]:
    shop = project.shop
    write_messages(
        shop.engine,
        shop.campaign,
        settings=shop.copy_settings.model_copy(update={"seed": seed}),
        offers=(),
        step=0,
        clock=shop.clock,
        policy=Even(),
    )
    shop.engine.table("messages", "messages")
    me = shop.person("u1")
    return next(
        row
        for batch in shop.engine.batches("SELECT * FROM messages")
        for row in batch.to_pylist()
        if row["person"] == me
    )


GOLDEN = [
    ("subject", "精致时尚，潮流一点"),
    ("preheader", "点开看看，合不合您的眼缘。"),
    ("hook", "简约纯棉圆领T恤旁边，也许还缺一双复古厚底运动鞋。"),
    ("point", "颜色是米白，用的是牛皮拼接网布。"),
    ("proof", "这两样，一起被选中过 3 次。"),
    ("offer", "价格 ¥359，您来定夺。"),
    ("more", "顺便也看看：印花连帽卫衣（¥269）和通勤西装外套（¥559）。"),
    ("call", "点开看细节"),
]


def test_what_u1_reads(project: Project) -> None:
    """Read it aloud before changing it. Figures and names by hand: products.csv, and three orders with both."""
    message = written(project, 22)
    assert [(p["part"], p["text"]) for p in message["parts"]] == GOLDEN
    assert (message["status"], message["findings"], message["item"]) == ("approved", [], "Sneakers")
    assert (message["angle_facet"], message["angle_value"]) == ("attribute", "风格=潮流")
    assert written(project, 22)["parts"] == message["parts"]


def test_every_draw_is_about_u1(project: Project) -> None:
    """Their look and T-shirt, a fact of the sneakers, the price; nothing of looking, of 跃白, of popularity."""
    for seed in range(24):
        message = written(project, seed)
        told = "".join(p["text"] for p in message["parts"])
        assert "潮流" in told
        assert "简约纯棉圆领T恤" in told
        assert "复古厚底运动鞋" in told
        assert "¥359" in told
        assert "牛皮拼接网布" in told or "米白" in told
        assert "3 次" in told
        assert not any(word in told for word in ("跃白", "看过", "浏览", "搜", "记得", "5 次", "…")), told


def test_the_interest_is_claimed_with_what_it_rests_on(project: Project) -> None:
    claimed = {fact["slot"]: fact for seed in range(8) for fact in written(project, seed)["facts"]}
    assert claimed["angle.liked"]["source"] == "interests:attribute"
    assert claimed["angle.liked"]["value"] == "风格=潮流"
    assert "angle.usual" not in claimed
    assert (claimed["past.count"]["number"], claimed["past.count"]["source"]) == (3.0, "recommendations:T-shirt")
    assert claimed["past.bought"]["item"] == "T-shirt"

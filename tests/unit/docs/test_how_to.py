"""The plug-ins that the how-to pages show are real: each is loaded under its name and does what its port asks."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from siyu.copywriting.checks.port import Context, Line
from siyu.copywriting.checks.table import CHECKS
from siyu.copywriting.reviewing import Reviewer
from siyu.copywriting.writers.table import WRITERS
from siyu.delivery.channels import CHANNELS, Outbound, Outcome, open_channel
from siyu.delivery.render import Renderer
from siyu.domain.errors import InputError
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.registry import Registry
from siyu.feedback.policies import POLICIES
from siyu.recommendations.table import RECOMMENDERS
from siyu.recommendations.vectors.table import EMBEDDERS

from ..delivery.shop import NOON, SENDER, Shop, campaign, copy_for, people, permit_for
from ..recommendations.shop import NOW
from ..recommendations.shop import Shop as EventShop
from .pages import Block, blocks, text


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Makes the module that a page shows, and puts it into its table as the page's own line does."""

    def put(page: str, registry: Registry[object], name: str) -> None:
        shown = next(block for block in blocks(f"docs/how-to/{page}", "python") if block.mark.startswith("module: "))
        module = ModuleType(shown.mark.removeprefix("module: "))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(shown.body, f"<{page}>", "exec"), module.__dict__)  # in brackets: no file to measure coverage of
        monkeypatch.setitem(registry._table, name, _line(page, name))

    return put  # type: ignore[return-value]


def _line(page: str, name: str) -> str:
    """The dotted path that the page's own line for the table gives."""
    lines: list[Block] = blocks(f"docs/how-to/{page}", "python")
    return next(block.body.split('"')[3] for block in lines if block.body.startswith(f'"{name}":'))


def test_the_channel(load: object, tmp_path: Path) -> None:
    load("add-a-channel.md", CHANNELS, "lines")  # type: ignore[operator]
    of, signer = campaign(), Shop(tmp_path / "shop").signer
    batch = []
    for person in people(2):
        copy, permit = copy_for(person, of=of), permit_for(person, of=of)
        mime = Renderer(SENDER, signer, of.name).mime(copy, permit, address="a@reader.example", date=NOON)
        batch.append(Outbound(copy.message_id, "a@reader.example", mime, copy, permit))
    channel = open_channel("lines", {"path": tmp_path / "deep" / "messages.jsonl"})
    assert [receipt.outcome for receipt in channel.send(batch)] == [Outcome.ACCEPTED] * 2
    lines = (tmp_path / "deep" / "messages.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [message.message_id for message in batch]


def test_the_writer(load: object) -> None:
    load("add-a-writer.md", WRITERS, "plain")  # type: ignore[operator]
    from ...contracts.test_writer import BRIEFS

    writer = WRITERS.load("plain")()
    for brief, pieces in zip(BRIEFS, writer.write(BRIEFS), strict=True):
        reviewer = Reviewer(Context(brief.language, brief.channel, brief.place, brief.industry, {"subject": 30}))
        assert reviewer.look_at_pieces(brief, pieces) == []
        assert sum(piece.part == "subject" for piece in pieces) == 2


def test_the_check(load: object) -> None:
    load("add-a-check.md", CHECKS, "shouting")  # type: ignore[operator]
    check = CHECKS.load("shouting")(Context("zh", "mailbox", "cn", "e-commerce"))
    assert [found.excerpt for found in check.look(Line("hook", "看过来！！！"))] == ["！！！"]
    assert check.look(Line("hook", "看过来！")) == []


def test_the_policy(load: object) -> None:
    load("add-a-policy.md", POLICIES, "halving")  # type: ignore[operator]
    policy, person = POLICIES.load("halving")(), PersonId("p")
    assert policy.propensities(person, ["a", "b", "c"]) == [0.5, 0.25, 0.25]
    assert policy.propensities(person, ["a"]) == [1.0]
    assert [policy.choose(person, ["a", "b", "c"], draw) for draw in (0.0, 0.49, 0.5, 0.74, 0.75, 0.999)] == [
        *(0, 0),
        *(1, 1),
        *(2, 2),
    ]


def test_the_recommender(load: object, tmp_path: Path) -> None:
    """Of three products, one came two days ago and one a year ago, with the catalogue itself."""
    load("add-a-recommender.md", RECOMMENDERS, "newcomers")  # type: ignore[operator]
    shop = EventShop(tmp_path / "tables")
    long_ago, lately = (NOW - timedelta(days=days) for days in (365, 2))
    shop.stock({"item": "old", "first_seen": long_ago}, {"item": "new", "first_seen": lately})
    shop.bought("p1", "old", days=3)
    shop.run(weights={"newcomers": 1.0})
    rows = shop.rows()
    assert {(row["person"], row["item"], row["model"]) for row in rows} == {("p1", ItemId("new"), "newcomers")}
    assert rows[0]["reasons"][0]["kind"] == "new"
    assert rows[0]["reasons"][0]["number"] == pytest.approx(2, abs=1e-6)


def test_the_embedder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in: the line of the table, and the entry point of another package, as the page shows them."""
    put = _shown_module("bring-embeddings.md", monkeypatch)
    points = next(block for block in blocks("docs/how-to/bring-embeddings.md", "toml") if "entry-points" in block.body)
    path = tomllib.loads(points.body)["project"]["entry-points"]["siyu.embedders"]["sentences"]
    assert f'"sentences": "{path}",' in text("docs/how-to/bring-embeddings.md")
    folder = tmp_path / "site" / "my_shop-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: my-shop\nVersion: 1.0\n", "utf-8")
    (folder / "entry_points.txt").write_text(f"[siyu.embedders]\nsentences = {path}\n", "utf-8")
    monkeypatch.syspath_prepend(str(folder.parent))
    assert EMBEDDERS.load("sentences") is put.Sentences
    shop = EventShop(tmp_path / "tables")
    shop.stock({"item": "pot", "title": "Porcelain teapot"}, {"item": "new-pot", "title": "Porcelain teapots, blue"})
    shop.stock({"item": "rope", "title": "Climbing rope"})
    shop.bought("p1", "pot", days=3)
    settings = {
        "weights": {"vectors": 1.0},
        "options": {"vectors": {"embedder": "sentences", "embedding": {"size": 64}}},
    }
    shop.run(**settings)
    assert shop.items("p1")[0] == "new-pot"
    read: list[str] = []
    monkeypatch.setattr(put.Sentences, "_encode", lambda self, texts: read.extend(texts) or [[1.0] * 64] * len(texts))
    shop.stock({"item": "rope", "title": "Climbing rope, thick"})
    shop.run(**settings, refit={"days": 0})
    assert read == ["Climbing rope, thick"]
    monkeypatch.setattr(put.Sentences, "_encode", lambda self, texts: [1.0])
    shop.stock({"item": "rope", "title": "Rope"})
    with pytest.raises(InputError, match="something else than vectors"):
        shop.run(**settings, refit={"days": 0})


def _shown_module(page: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    shown = next(block for block in blocks(f"docs/how-to/{page}", "python") if block.mark.startswith("module: "))
    module = ModuleType(shown.mark.removeprefix("module: "))
    monkeypatch.setitem(sys.modules, module.__name__.partition(".")[0], ModuleType("my_shop"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(shown.body, f"<{page}>", "exec"), module.__dict__)
    return module

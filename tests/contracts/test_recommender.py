"""The recommender port: what every model promises. Parametrised by the registry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from siyu.domain.kinds import Lane
from siyu.engine.port import Sql
from siyu.recommendations import RecommendationSettings, tables
from siyu.recommendations.port import EVIDENCE, Block, Capability, Recommender
from siyu.recommendations.table import RECOMMENDERS

from ..unit.recommendations.shop import NOW, Shop, moment

KINDS = {"bought-together", "interest", "new", "popular", "repeat", "similar", "viewed"}


@pytest.fixture(params=sorted(RECOMMENDERS))
def name(request: pytest.FixtureRequest) -> str:
    """Every registered model."""
    return str(request.param)


@pytest.fixture
def model(name: str) -> Recommender:
    """The model with its own defaults."""
    kind = RECOMMENDERS.load(name)
    return kind(kind.Options())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty shop."""
    return Shop(tmp_path / "tables")


def fill(shop: Shop, *, shuffled: int | None = None) -> Shop:
    """A month of a shop in which every model finds something to say; ``shuffled`` reorders its rows."""
    for number in range(9):
        person = f"p{number}"
        for week in range(4):
            shop.bought(person, f"i{(number + week) % 5}", f"i{(number * week) % 5}", days=1 + 7 * week)
        shop.bought(person, "usual", days=29)
        shop.bought(person, "usual", days=15)
        shop.looked(person, "seen", f"i{number % 5}", days=0.5)
        shop.cares(person, "category", "Home", 0.6)
        shop.cares(person, "brand", f"Acme{number % 2}", 0.4)
    shop.stock(*({"item": f"i{n}", "category": "Home", "brand": f"Acme{n % 2}"} for n in range(5)))
    shop.stock({"item": "cold", "category": "Home", "brand": "Acme1", "first_seen": moment(4)})
    shop.event("stranger", "search", None)
    if shuffled is not None:
        draw = np.random.default_rng(shuffled)
        shop.events = [shop.events[at] for at in draw.permutation(len(shop.events))]
        items = list(shop.products)
        shop.products = {items[at]: shop.products[items[at]] for at in draw.permutation(len(items))}
    return shop


def evidence(shop: Shop, model: Recommender) -> list[dict[str, Any]]:
    """Fit, then what the model says of everyone, with ids in place of codes."""
    shop.publish()
    tables.prepare(shop.engine, RecommendationSettings(), NOW)
    model.fit(shop.engine, NOW)
    people = tables.rows(shop.engine, "SELECT count(*) AS n FROM rec_people")[0]["n"]
    return _named(shop, model, Block(1, people))


def _named(shop: Shop, model: Recommender, block: Block) -> list[dict[str, Any]]:
    shop.engine.table("found", Sql(model.evidence(block, NOW)))
    sql = (
        "SELECT p.person, i.item, round(f.part, 9) AS part, f.kind, h.item AS past, f.facet, f.value, f.count, "
        "round(f.number, 9) AS number FROM found f JOIN rec_people p ON p.code = f.person "
        "JOIN rec_items i ON i.code = f.item LEFT JOIN rec_items h ON h.code = f.past "
        "ORDER BY p.person, i.item, part, f.kind, past, f.facet, f.value, f.count, number"
    )
    return tables.rows(shop.engine, sql)


def test_it_declares_what_it_is(model: Recommender) -> None:
    assert model.lane in Lane
    assert all(isinstance(capability, Capability) for capability in model.capabilities)
    assert issubclass(model.Options, BaseModel)
    assert all(field.description for field in model.Options.model_fields.values())
    assert model.Options.model_config.get("extra") == "forbid"
    assert model.Options.model_config.get("frozen")


def test_evidence_has_the_columns_and_is_never_negative(shop: Shop, model: Recommender) -> None:
    found = evidence(fill(shop), model)
    assert found, "a model that says nothing of this shop is none"
    batch = next(iter(shop.engine.batches(model.evidence(Block(1, 99), NOW))))
    assert tuple(batch.schema.names) == EVIDENCE
    for row in found:
        assert 0 <= row["part"] < float("inf")
        assert row["kind"] in KINDS
        assert row["count"] is None or row["count"] >= 1
        assert row["number"] is None or row["number"] >= 0


def test_fitting_twice_says_the_same(shop: Shop, model: Recommender) -> None:
    fill(shop)
    assert evidence(shop, model) == evidence(shop, model)


def test_the_order_of_rows_does_not_matter(shop: Shop, model: Recommender, tmp_path: Path) -> None:
    other = fill(Shop(tmp_path / "other"), shuffled=3)
    assert evidence(fill(shop), model) == evidence(other, model)


def test_blocks_of_people_are_independent(shop: Shop, model: Recommender) -> None:
    whole = evidence(fill(shop), model)
    split = [row for block in (Block(1, 4), Block(5, 7), Block(8, 10)) for row in _named(shop, model, block)]
    assert split == whole
    assert _named(shop, model, Block(1, 0)) == []


def test_it_does_not_see_the_future(shop: Shop, model: Recommender) -> None:
    before = evidence(fill(shop), model)
    shop.bought("p1", "i2", "i3", days=-1)
    shop.looked("p2", "i4", days=-2)
    assert evidence(shop, model) == before


def test_what_is_learnt_lives_in_datasets(shop: Shop, model: Recommender, name: str) -> None:
    expected = evidence(fill(shop), model)
    kind = RECOMMENDERS.load(name)
    fresh = kind(kind.Options())  # never fitted: another process that finds the datasets
    assert _named(shop, fresh, Block(1, 10)) == expected


def test_an_empty_shop_is_no_error(shop: Shop, model: Recommender) -> None:
    assert evidence(shop, model) == []


def test_one_person_and_one_product_are_no_error(shop: Shop, model: Recommender) -> None:
    shop.bought("only", "thing")
    for row in evidence(shop, model):
        assert (row["person"], row["item"]) == ("only", "thing")


def test_strangers_are_served_where_promised(shop: Shop, model: Recommender) -> None:
    found = {row["person"] for row in evidence(fill(shop), model)}
    assert ("stranger" in found) == (Capability.COLD_PEOPLE in model.capabilities)


def test_products_nobody_bought_are_found_where_promised(shop: Shop, model: Recommender) -> None:
    found = {row["item"] for row in evidence(fill(shop), model)}
    assert bool(found & {"cold", "seen"}) == (Capability.COLD_ITEMS in model.capabilities)


def test_alone_it_fills_its_lane_with_reasons_and_within_the_filters(shop: Shop, name: str, model: Recommender) -> None:
    fill(shop).stock({"item": "i1", "category": "Home", "stock": 0})
    shop.exclude("p3", "i3")
    report = shop.run(weights={name: 1.0}, filters={"items": ("i2",)})
    rows = shop.rows()
    assert rows
    assert {row["lane"] for row in rows} == {model.lane.value} == set(report.rows)
    assert {row["model"] for row in rows} == {name}
    assert {"i1", "i2"}.isdisjoint(row["item"] for row in rows)
    assert ("p3", "i3") not in {(row["person"], row["item"]) for row in rows}
    bought = {(row["person"], row["item"]) for row in shop.events if row["kind"] == "purchase"}
    for row in rows:
        assert ((row["person"], row["item"]) in bought) == (model.lane is Lane.BUY_AGAIN)
        assert row["reasons"][0]["kind"] in KINDS
        assert sum(reason["share"] for reason in row["reasons"]) <= 1 + 1e-6


def test_time_may_pass(shop: Shop, model: Recommender) -> None:
    shop = fill(shop)
    shop.publish()
    later = NOW + timedelta(days=3650)
    tables.prepare(shop.engine, RecommendationSettings(), later)
    model.fit(shop.engine, later)
    parts = [
        row["part"] for batch in shop.engine.batches(model.evidence(Block(1, 10), later)) for row in batch.to_pylist()
    ]
    assert all(0 <= part < float("inf") for part in parts)

"""The recommender port: what every model promises. Parametrised by the registry."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from siyu.domain.kinds import Lane
from siyu.recommendations import RecommendationSettings, tables
from siyu.recommendations.history import blocks, write_history
from siyu.recommendations.items import read_items
from siyu.recommendations.people import People, block, signals
from siyu.recommendations.port import Capability, Recommender, Told
from siyu.recommendations.settings import SignalWeights
from siyu.recommendations.table import RECOMMENDERS

from ..unit.recommendations.shop import NOW, Shop, moment

KINDS = {"bought-together", "interest", "new", "popular", "repeat", "similar", "viewed"}


@pytest.fixture(params=sorted(RECOMMENDERS))
def name(request: pytest.FixtureRequest) -> str:
    """Every registered model."""
    if request.param == "sequential":
        pytest.importorskip("torch", reason="needs PyTorch: pip install 'siyu[sequential]'")
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


def prepare(shop: Shop, now: datetime = NOW) -> Shop:
    """What the stage makes before models learn."""
    shop.publish()
    tables.open_inputs(shop.engine)
    tables.write_items(shop.engine, RecommendationSettings(), now, fresh=True)
    tables.write_values(shop.engine, 10)
    write_history(shop.engine, now, touched=False, rows=100)
    return shop


def everyone(shop: Shop, now: datetime, rows: int) -> Iterator[People]:
    """People with all that scoring needs, ``rows`` at a time."""
    sql = tables.write_values(shop.engine, 10)
    for batch in shop.engine.batches(f"SELECT * FROM ({sql}) people ORDER BY person"):
        for first in range(0, batch.num_rows, rows):
            yield block(batch.slice(first, rows), int(now.timestamp()), signals(SignalWeights()))


def learn(shop: Shop, model: Recommender, now: datetime = NOW) -> Shop:
    """Fit, with the shop as it is."""
    prepare(shop, now)
    model.fit(shop.engine, lambda: blocks(shop.engine, now, SignalWeights()), now)
    return shop


def evidence(shop: Shop, model: Recommender, *, rows: int = 100, now: datetime = NOW) -> list[dict[str, Any]]:
    """What the fitted model says of everyone, with ids in place of codes: one row a part of a score."""
    found = []
    for people in everyone(shop, now, rows):
        scorer = model.scorer(shop.engine, now)
        asked = scorer.asked(people)
        links = scorer.links[asked.key]
        ask = np.repeat(np.arange(len(asked.key)), np.diff(links.indptr))
        link = np.arange(len(ask)) + (scorer.links.indptr[asked.key] - links.indptr[:-1])[ask]
        told = Told(links.indices, asked.key[ask], ask, link)
        reasons = scorer.reasons(asked, told)
        part = links.data * asked.value[ask]
        items = read_items(shop.engine).ids.to_pylist()
        words = (*scorer.words, None)
        for place in range(len(ask)):
            past, count, number = reasons.past[place], reasons.count[place], float(reasons.number[place])
            found.append({
                "person": people.ids[int(asked.row[ask[place]])].as_py(), "item": items[told.item[place]],
                "part": round(float(part[place]), 9), "kind": words[reasons.kind[place]],
                "past": items[past] if past >= 0 else None, "facet": words[reasons.facet[place]],
                "value": words[reasons.value[place]], "count": int(count) if count >= 0 else None,
                "number": None if np.isnan(number) else round(number, 9),
            })  # fmt: skip
    return sorted(found, key=repr)


def test_it_declares_what_it_is(model: Recommender) -> None:
    assert model.lane in Lane
    assert all(isinstance(capability, Capability) for capability in model.capabilities)
    assert issubclass(model.Options, BaseModel)
    assert all(field.description for field in model.Options.model_fields.values())
    assert model.Options.model_config.get("extra") == "forbid"
    assert model.Options.model_config.get("frozen")


def test_evidence_is_never_negative_and_of_a_known_kind(shop: Shop, model: Recommender) -> None:
    found = evidence(learn(fill(shop), model), model)
    assert found, "a model that says nothing of this shop is none"
    for row in found:
        assert 0 <= row["part"] < float("inf")
        assert row["kind"] in KINDS
        assert row["count"] is None or row["count"] >= 1
        assert row["number"] is None or row["number"] >= 0


def test_links_are_a_plain_table_of_keys_by_products(shop: Shop, model: Recommender) -> None:
    scorer = model.scorer(learn(fill(shop), model).engine, NOW)
    items = read_items(shop.engine)
    assert scorer.links.shape[1] == items.size
    assert scorer.links.data.min() >= 0
    assert scorer.links.indices.max() < items.size
    assert scorer.merged is None or 0 <= scorer.merged <= scorer.links.shape[0]
    for people in everyone(shop, NOW, 100):
        asked = scorer.asked(people)
        assert np.all(np.diff(asked.row) >= 0)
        assert np.all(asked.value > 0)
        assert asked.key.max(initial=0) < scorer.links.shape[0]
        assert {len(asked.key), len(asked.value), *map(len, asked.notes.values())} == {len(asked.row)}


def test_a_scorer_travels_to_workers(shop: Shop, model: Recommender) -> None:
    scorer = model.scorer(learn(fill(shop), model).engine, NOW)
    other = pickle.loads(pickle.dumps(scorer))  # what a cluster does to reach its workers
    for people in everyone(shop, NOW, 100):
        here, there = scorer.asked(people), other.asked(people)
        assert here.key.tolist() == there.key.tolist()
        assert here.value.tolist() == there.value.tolist()
    assert (scorer.links != other.links).nnz == 0


def test_fitting_twice_says_the_same(shop: Shop, model: Recommender) -> None:
    first = evidence(learn(fill(shop), model), model)
    assert evidence(learn(shop, model), model) == first


def test_the_order_of_rows_does_not_matter(shop: Shop, model: Recommender, tmp_path: Path) -> None:
    other = fill(Shop(tmp_path / "other"), shuffled=3)
    assert evidence(learn(fill(shop), model), model) == evidence(learn(other, model), model)


def test_blocks_of_people_are_independent(shop: Shop, model: Recommender) -> None:
    learn(fill(shop), model)
    assert evidence(shop, model, rows=3) == evidence(shop, model)


def test_it_does_not_see_the_future(shop: Shop, model: Recommender) -> None:
    before = evidence(learn(fill(shop), model), model)
    shop.bought("p1", "i2", "i3", days=-1)
    shop.looked("p2", "i4", days=-2)
    assert evidence(learn(shop, model), model) == before


def test_the_latest_events_count_at_once_and_for_nobody_else(shop: Shop, model: Recommender) -> None:
    """Nothing is learnt between: a stranger's first acts lead somewhere, and reasons name them."""
    before = evidence(learn(fill(shop), model), model)
    shop.looked("stranger", "i1", days=0.2)
    shop.looked("stranger", "i3", days=0.1)
    shop.bought("stranger", "usual", days=15)
    shop.bought("stranger", "usual", "i2", days=0.3)
    after = evidence(prepare(shop), model)
    assert [row for row in after if row["person"] != "stranger"] == [
        row for row in before if row["person"] != "stranger"
    ]
    mine = [row for row in after if row["person"] == "stranger"]
    if Capability.COLD_PEOPLE in model.capabilities or model.interests:  # asks by nothing they did, or by profiles
        assert mine == [row for row in before if row["person"] == "stranger"]
    else:
        assert {row["past"] for row in mine} & {"usual", "i1", "i2", "i3"}


def test_what_is_learnt_lives_in_datasets(shop: Shop, model: Recommender, name: str) -> None:
    expected = evidence(learn(fill(shop), model), model)
    kind = RECOMMENDERS.load(name)
    fresh = kind(kind.Options())  # never fitted: another process that finds the datasets
    assert evidence(shop, fresh) == expected


def test_an_empty_shop_is_no_error(shop: Shop, model: Recommender) -> None:
    assert evidence(learn(shop, model), model) == []


def test_one_person_and_one_product_are_no_error(shop: Shop, model: Recommender) -> None:
    shop.bought("only", "thing")
    for row in evidence(learn(shop, model), model):
        assert (row["person"], row["item"]) == ("only", "thing")


def _all_alike(shop: Shop) -> None:
    for number in range(12):
        shop.bought(f"p{number}", "same", days=3)


def _all_new(shop: Shop) -> None:
    """What people turned to has left the catalogue; what is there, nobody knows."""
    fill(shop)
    shop.products = {}
    shop.stock(*({"item": f"new{n}", "category": "New", "brand": "None"} for n in range(4)))


def _twice(shop: Shop) -> None:
    fill(shop)
    shop.events += [{**row, "event_id": f"again-{row['event_id']}"} for row in shop.events]


def _wholesaler(shop: Shop) -> None:
    fill(shop)
    for days in (20, 10, 2):
        shop.bought("whale", "i1", "i2", days=days, quantity=100_000.0, unit_price=9.5)


def _wordless(shop: Shop) -> None:
    """No title, category, brand or price; ratings and reviews of nothing."""
    fill(shop)
    shop.stock(*({"item": f"i{n}", "title": "", "category": None, "brand": None, "price": None} for n in range(5)))
    shop.event("p1", "review", None, text="")
    shop.event("p2", "rating", "i1", rating=None)


def _mixed(shop: Shop) -> None:
    """Titles, words and names of every script, marks of markup among them."""
    fill(shop)
    titles = ("面料很软的 Coat", "куртка", "🎉", "<b>'\";--", "الشاي")
    shop.stock(*({"item": f"i{n}", "title": title, "category": f"类 > {title}"} for n, title in enumerate(titles)))
    shop.bought("'; DROP", "i1", days=3)
    shop.event("p1", "search", None, text="面料 soft куртка")


@pytest.mark.parametrize("odd", [_all_alike, _all_new, _twice, _wholesaler, _wordless, _mixed])
def test_odd_shops_are_no_error(shop: Shop, model: Recommender, odd: Callable[[Shop], None]) -> None:
    odd(shop)
    for row in evidence(learn(shop, model), model):
        assert 0 <= row["part"] < float("inf")
        assert row["number"] is None or 0 <= row["number"] < float("inf")


def test_strangers_are_served_where_promised(shop: Shop, model: Recommender) -> None:
    found = {row["person"] for row in evidence(learn(fill(shop), model), model)}
    assert ("stranger" in found) == (Capability.COLD_PEOPLE in model.capabilities)


def test_products_nobody_bought_are_found_where_promised(shop: Shop, model: Recommender) -> None:
    found = {row["item"] for row in evidence(learn(fill(shop), model), model)}
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
    later = NOW + timedelta(days=3650)
    found = evidence(learn(fill(shop), model, later), model, now=later)
    assert all(0 <= row["part"] < float("inf") for row in found)

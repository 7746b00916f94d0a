"""The hidden truth shows in what people do, as strongly as stated. Bounds are far from the measured values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from siyu.simulator import SimulationSettings, World, simulate
from siyu.simulator.words import ASPECTS, words

HOUR = 3_600 * 1_000_000


def only(table: pa.Table, kind: str) -> pa.Table:
    return table.filter(pc.equal(table["kind"], kind))


def numbers(column: pa.ChunkedArray) -> np.ndarray:
    return pc.utf8_slice_codeunits(column, 1).cast(pa.int64()).to_numpy()


@pytest.fixture(scope="session")
def bought(clean: pa.Table) -> pa.Table:
    return only(clean, "purchase")


def test_the_favourite_category_is_bought_several_times_as_often(shop: World, bought: pa.Table) -> None:
    """Share of each person's purchases in their truly favourite category, over its share in everybody's."""
    first, last = words().spans["category"]
    favourite = shop.people.taste[:, first:last].argmax(axis=1)
    who, category = numbers(bought["user_id"]), shop.catalogue.category[numbers(bought["item"])]
    own = np.mean(favourite[who] == category)
    share = np.bincount(category, minlength=last - first) / len(category)
    assert own / share[favourite[who]].mean() > 3


@pytest.mark.parametrize("group", ["style", "material", "colour", "brand"])
def test_liked_values_are_bought_more(shop: World, bought: pa.Table, group: str) -> None:
    column = ("brand", "style", "material", "colour", "fit").index(group)
    feature = shop.catalogue.features[numbers(bought["item"]), column]
    assert shop.people.taste[numbers(bought["user_id"]), feature].mean() > shop.people.taste[:, feature].mean() + 0.1


def test_partners_are_bought_together(shop: World, bought: pa.Table) -> None:
    """Lift in orders (seen over expected if products were independent): true partners against all other pairs.

    Others lie far below 1: most orders have one line, and what is added to an order is always a partner.
    """
    partners = enumerate(shop.catalogue.partners)
    pairs = {tuple(sorted((item, int(other)))) for item, row in partners for other in row if item != other}
    order, item = numbers(bought["order_id"]), numbers(bought["item"])
    rank = np.lexsort((item, order))
    order, item = order[rank], item[rank]
    same = order[1:] == order[:-1]
    orders = len(np.unique(order))
    frequency = np.bincount(item, minlength=len(shop.catalogue)) / orders
    together = list(zip(item[:-1][same].tolist(), item[1:][same].tolist(), strict=True))
    seen = sum(pair in pairs for pair in together)
    expected = sum(frequency[a] * frequency[b] for a, b in pairs) * orders
    others = (frequency.sum() ** 2 - (frequency**2).sum()) / 2 * orders - expected
    assert seen > 200
    assert seen / expected > 3
    assert seen / expected > 3 * (len(together) - seen) / others


def test_each_season_sells_its_own(tmp_path: Path) -> None:
    """Down coats: demand is 2.6 in winter and 0.05 in summer (words/catalogue.toml)."""
    world = simulate(SimulationSettings(people=600, months=12, dirty_share=0), tmp_path)
    table = only(ds.dataset(tmp_path / "events").to_table(), "browse")
    down = [index for index, row in enumerate(words().categories) if row["key"] in ("w-down", "m-down")]
    month = pc.month(table["ts"]).to_numpy(zero_copy_only=False)
    coat = np.isin(world.catalogue.category[numbers(table["item"])], down)
    winter, summer = np.isin(month, (12, 1, 2)), np.isin(month, (6, 7, 8))
    assert coat[winter].mean() > 5 * coat[summer].mean()


def test_basics_are_bought_again_after_their_interval(shop: World, bought: pa.Table) -> None:
    again = words().again[shop.catalogue.category[numbers(bought["item"])]]
    table = bought.append_column("again", pa.array(again)).filter(pa.array(again > 0))
    table = table.sort_by([("user_id", "ascending"), ("item", "ascending"), ("ts", "ascending")])
    who, item = numbers(table["user_id"]), numbers(table["item"])
    days = np.diff(table["ts"].cast(pa.int64()).to_numpy()) / (24 * HOUR)
    same = (who[1:] == who[:-1]) & (item[1:] == item[:-1])
    ratio = (days / table["again"].to_numpy()[1:])[same]
    assert same.sum() > 300
    assert 0.85 < np.median(ratio) < 1.15


def test_weekends_are_busier_and_people_come_at_their_hour(shop: World, clean: pa.Table) -> None:
    table = only(clean, "search")
    table = table.filter(pc.and_(table["user_id"].is_valid(), pc.equal(table["language"], "zh")))
    who = numbers(table["user_id"])
    local = table["ts"].cast(pa.int64()).to_numpy() + 8 * HOUR  # Shanghai, without summer time
    here = shop.people.zone[who] == 0
    day = (local // (24 * HOUR) + 3) % 7  # 1 January 1970 was a Thursday
    share = np.bincount(day[here], minlength=7)
    assert share[5:].mean() / share[:4].mean() == pytest.approx(1.3 / 0.975, rel=0.12)
    distance = (local[here] / HOUR - shop.people.hour[who[here]] + 12) % 24 - 12
    assert np.mean(np.abs(distance) < 4.4) > 0.9  # two deviations of 2.2 hours


def test_reviews_praise_what_is_good_in_the_persons_language(shop: World, clean: pa.Table) -> None:
    table = only(clean, "review")
    fabric = shop.catalogue.quality[numbers(table["item"]), ASPECTS.index("fabric")]
    talk = words().talk["review"]["fabric"]
    said = {sign: np.array([any(phrase.lower() in text.lower() for phrase in (*talk[sign]["zh"], *talk[sign]["en"]))
                            for text in table["text"].to_pylist()]) for sign in ("good", "bad")}  # fmt: skip
    assert fabric[said["good"]].mean() > fabric[said["bad"]].mean() + 0.8
    rating = table["rating"].to_numpy()
    assert rating[said["good"]].mean() > rating[said["bad"]].mean() + 0.5
    assert set(np.unique(rating)) <= {1, 2, 3, 4, 5}
    chinese = np.array([not text.isascii() for text in table["text"].to_pylist()])
    assert np.array_equal(chinese, shop.people.language[numbers(table["user_id"])] == 0)


def test_searches_name_what_is_liked_with_some_noise(clean: pa.Table) -> None:
    query = only(clean, "search")["query"]
    noise = {text for row in words().talk["noise"].values() for text in row}
    share = np.mean([text in noise for text in query.to_pylist()])
    assert 0.015 < share < 0.05  # NOISE_SHARE is 0.03
    assert query.null_count == 0


def test_returns_undo_a_purchase_of_the_same_order(clean: pa.Table, bought: pa.Table) -> None:
    def keys(table: pa.Table) -> set[tuple[str, str, str]]:
        return set(zip(*(table[name].to_pylist() for name in ("user_id", "order_id", "item")), strict=True))

    returns = only(clean, "return")
    assert keys(returns) <= keys(bought)
    assert 0.02 < len(returns) / len(bought) < 0.15


def test_an_anonymous_visit_belongs_to_whom_the_truth_says(shop: World, clean: pa.Table) -> None:
    truth = pq.read_table(shop.folder / "truth" / "aliases.parquet")
    owner = dict(zip(truth["anonymous_id"].to_pylist(), truth["user_id"].to_pylist(), strict=True))
    links = only(clean, "identify")
    assert all(owner[alias] == user for alias, user in zip(links["anonymous_id"].to_pylist(),
                                                           links["user_id"].to_pylist(), strict=True))  # fmt: skip
    browse = only(clean, "browse")
    hidden = browse["user_id"].is_null().to_numpy()
    assert 0.15 < hidden.mean() < 0.3  # a quarter of sessions; extra views are never anonymous
    assert set(pc.unique(browse["anonymous_id"].filter(pa.array(hidden))).to_pylist()) <= set(owner)
    assert only(clean, "purchase")["user_id"].null_count == 0


def test_new_products_are_not_seen_before_they_arrive(shop: World, clean: pa.Table) -> None:
    table = only(clean, "browse")
    start = pa.scalar(shop.settings.start).cast(pa.timestamp("us")).value
    week = (table["ts"].cast(pa.int64()).to_numpy() - start) // (7 * 24 * HOUR)
    launch = shop.catalogue.launch[numbers(table["item"])]
    # A return visit's page may have been chosen up to a session earlier; nothing may be a week early.
    assert (week >= launch).all()
    assert (shop.catalogue.launch > 4).sum() > 50

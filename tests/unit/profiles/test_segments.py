"""Segments: told apart, named apart, and never in the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.packs.reading import read
from siyu.packs.segments import portrait, segment_names
from siyu.profiles.features import NAMES, Scale
from siyu.profiles.segment_names import distinct_keys
from siyu.profiles.settings import ProfileSettings
from siyu.profiles.steadiness import Steadiness, steadiness


def _crowd(shop: Any, people: int) -> None:
    """Half browse once; half buy every week for 200 a time."""
    rows = []
    for n in range(people):
        if n % 2:
            days = range(1, 60, 7)
            rows += [
                shop.event(
                    f"u{n:03}", "purchase", days=d + n / 100, item="p1", unit_price=200.0 + n, order_id=f"{n}-{d}"
                )
                for d in days
            ]
        else:
            rows.append(shop.event(f"u{n:03}", "browse", days=80 + n / 10, item="p1"))
    shop.write(rows)


def test_two_kinds_of_people_are_told_apart(shop: Any) -> None:
    _crowd(shop, 60)
    report = shop.build()
    found = shop.rows("SELECT * FROM segments ORDER BY segment")
    assert sum(row["size"] for row in found) == 60
    assert sum(row["share"] for row in found) == pytest.approx(1.0)
    assert {row["segment"]: row["size"] for row in found} == report.segments
    buyers = {row["segment"] for row in shop.rows("SELECT DISTINCT segment FROM people WHERE orders > 0")}
    lookers = {row["segment"] for row in shop.rows("SELECT DISTINCT segment FROM people WHERE orders = 0")}
    assert buyers
    assert lookers
    assert not buyers & lookers
    assert "s1" in buyers  # those who spend most come first
    spend = {one["name"]: one["z"] for one in found[0]["features"]}["spend"]
    assert spend > 0.5


def test_names_differ(shop: Any) -> None:
    _crowd(shop, 60)
    shop.build()
    names = [tuple(row["name_keys"]) for row in shop.rows("SELECT name_keys FROM segments")]
    assert len(set(names)) == len(names)
    assert all(names)


def test_the_same_data_give_the_same_segments(new_shop: Any) -> None:
    found = []
    for name in ("one", "two"):
        shop = new_shop(name)
        _crowd(shop, 60)
        shop.build()
        found.append(shop.rows("SELECT person, segment FROM people ORDER BY person"))
    assert found[0] == found[1]


def test_too_few_people_have_no_segment(shop: Any) -> None:
    _crowd(shop, 49)
    assert shop.build().segments == {}
    assert shop.rows("SELECT * FROM segments") == []


def test_people_who_do_not_differ_are_one_segment(shop: Any) -> None:
    shop.write([shop.event(f"u{n}", "browse", item="p1", days=3) for n in range(60)])
    assert shop.build().segments == {"s1": 60}
    assert shop.rows("SELECT name_keys FROM segments") == [{"name_keys": ["ordinary"]}]


@given(
    st.dictionaries(
        st.integers(1, 8).map(lambda n: f"s{n}"),
        st.fixed_dictionaries({name: st.floats(-3, 3) for name in NAMES}),
        min_size=1,
        max_size=8,
    )
)
def test_keys_are_always_distinct(distances: dict[str, dict[str, float]]) -> None:
    keys = distinct_keys(distances)
    for language in ("zh", "en"):
        names = segment_names(keys, read("languages", language, "segments"))
        assert len(set(names.values())) == len(names)
    assert set(keys) == set(distances)
    assert len({frozenset(each) for each in keys.values()}) == len(keys)


def test_people_who_never_bought_are_not_told_by_what_they_spend(shop: Any) -> None:
    _crowd(shop, 60)
    shop.build()
    lookers = shop.rows("SELECT segment FROM people WHERE orders = 0")[0]["segment"]
    row = shop.rows(f"SELECT * FROM segments WHERE segment = '{lookers}'")[0]
    assert row["name_keys"][0] == "buying:none"
    buying = ("frequency:", "spend:", "basket:", "price:", "returns:")
    assert not [key for key in row["name_keys"] if key.startswith(buying)]
    told = portrait(row, read("languages", "en", "segments"))[1]
    assert told.startswith("They have not ordered yet")
    assert "spend" not in told


def test_one_rich_person_does_not_set_the_scale() -> None:
    raw = np.zeros((200, len(NAMES)))
    raw[:, NAMES.index("spend")] = np.arange(200)
    raw[0, NAMES.index("spend")] = 1e12
    scaled = Scale.fitted(raw, 0.01)(raw)
    assert scaled.shape == (200, 1)  # features that do not vary are left out
    assert np.abs(scaled).max() < 5


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_has_words_in_the_packs(language: str) -> None:
    words = read("languages", language, "segments")
    for name in NAMES:
        assert words["features"][name]
        for direction in ("high", "low"):
            assert words["traits"][f"{name}:{direction}"]
    keys = {f"{name}:{direction}" for name in NAMES for direction in ("high", "low")} | {"buying:none"}
    for row in words["names"]:
        assert set(row["keys"]) <= keys
        assert row["name"]
    assert words["ordinary"]
    assert "{traits}" in words["composed"]


def test_kinds_that_lie_apart_are_firm_and_one_cloud_is_not() -> None:
    draw = np.random.default_rng(3)
    near, far = draw.normal(0, 0.1, (300, 4)), draw.normal(8, 0.1, (300, 4))
    apart = np.vstack([near, far]).astype(np.float32)
    labels = np.repeat([0, 1], 300)
    found = steadiness(apart, labels, _two)
    assert found.agreement == pytest.approx(1.0)  # every draw finds the same two clouds
    assert found.segments == pytest.approx((1.0, 1.0))
    cloud = draw.normal(0, 1, (600, 4)).astype(np.float32)
    halves = steadiness(cloud, _two(cloud, 99)(cloud), _two)
    assert halves.agreement is not None
    assert halves.agreement < 0.7  # a cloud can be cut in two in any direction
    assert max(halves.segments) < 0.9
    assert steadiness(cloud, np.zeros(600, np.int64), _two) == Steadiness()  # one segment: nothing to compare


def _two(rows: Any, seed: int) -> Any:
    from sklearn.cluster import KMeans

    model = KMeans(2, n_init=1, random_state=seed).fit(rows)
    return lambda asked: model.predict(asked).astype(np.int64)


def test_a_portrait_says_what_a_segment_likes_more_than_others(shop: Any) -> None:
    shop.products(
        {"item": "dress", "title": "Dress", "category": "Dresses", "price": 200.0, "currency": "CNY"},
        {"item": "sock", "title": "Sock", "category": "Socks", "price": 5.0, "currency": "CNY"},
    )
    rows = []
    for n in range(80):
        if n % 2:
            rows += [
                shop.event(
                    f"u{n:03}",
                    "purchase",
                    days=d,
                    item="dress",
                    unit_price=200.0 + n,
                    order_id=f"{n}-{d}",
                    quantity=1.0,
                )
                for d in range(1, 60, 7)
            ]
        else:
            rows.append(shop.event(f"u{n:03}", "browse", days=80 + n / 10, item="sock"))
    shop.write(rows)
    shop.build()
    shop.engine.table("segment_portraits", "segment_portraits")
    portraits = {row["segment"]: row for row in shop.rows("SELECT * FROM segment_portraits")}
    buyers = shop.rows("SELECT segment, count(*) AS n FROM people WHERE orders > 0 GROUP BY segment")
    assert [row["n"] for row in buyers] == [40]
    mine = portraits[buyers[0]["segment"]]
    likes = {(taste["facet"], taste["value"]): taste for taste in mine["tastes"]}
    # all 40 buyers like dresses, none of the 40 others: (40.5 / 40.5) / (0.5 / 40.5) = 81
    assert likes["category", "Dresses"]["lift"] == pytest.approx(81.0)
    assert likes["category", "Dresses"]["people"] == 40
    assert ("category", "Socks") not in likes
    assert mine["agreement"] == pytest.approx(1.0)
    assert sum(stage["share"] for stage in mine["stages"]) == pytest.approx(1.0)
    whole = {**shop.rows(f"SELECT * FROM segments WHERE segment = '{buyers[0]['segment']}'")[0], **mine}
    for language, said in (("zh", "Dresses（81.0 倍）"), ("en", "Dresses (81.0 times as often)")):
        sentences = portrait(whole, read("languages", language, "segments"))
        assert any(said in sentence for sentence in sentences)
        assert "{" not in "".join(sentences)


def test_who_moved_is_told(shop: Any) -> None:
    _crowd(shop, 60)
    settings = ProfileSettings(refit_days=365)
    shop.build(settings, days=0.5)
    shop.engine.table("moves", "segment_moves")
    assert shop.rows("SELECT * FROM moves") == []  # nobody can have moved in the first run
    looker = shop.rows("SELECT segment FROM people WHERE person = 'u000'")[0]["segment"]
    buyer = shop.rows("SELECT segment FROM people WHERE person = 'u001'")[0]["segment"]
    shop.write(
        shop.event("u000", "purchase", days=0.4 - n / 100, item="p1", unit_price=260.0, order_id=f"new-{n}")
        for n in range(9)
    )
    shop.build(settings)
    shop.engine.table("moves", "segment_moves")
    shop.engine.table("movers", "segment_movers")
    moved = shop.rows("SELECT * FROM movers ORDER BY person")
    assert {"person": "u000", "was": looker, "segment": buyer} in moved
    told = [row for row in shop.rows("SELECT * FROM moves") if (row["was"], row["segment"]) == (looker, buyer)]
    assert [(row["people"], row["anew"]) for row in told] == [(1, False)]
    assert told[0]["was_keys"]


def test_dividing_anew_moves_nobody_whose_kind_stays(shop: Any) -> None:
    _crowd(shop, 60)
    shop.build(ProfileSettings(refit_days=0), days=0.2)
    shop.write([shop.event("u001", "browse", days=0.1, item="p1")])
    shop.build(ProfileSettings(refit_days=0))
    shop.engine.table("moves", "segment_moves")
    assert shop.rows("SELECT was, segment, people FROM moves") == []

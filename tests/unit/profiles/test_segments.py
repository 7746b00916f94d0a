"""Segments: told apart, named apart, and never in the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.packs.reading import read
from siyu.profiles.features import NAMES, Scale
from siyu.profiles.segment_names import distinct_keys, segment_names


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
    keys = {f"{name}:{direction}" for name in NAMES for direction in ("high", "low")}
    for row in words["names"]:
        assert set(row["keys"]) <= keys
        assert row["name"]
    assert words["ordinary"]
    assert "{traits}" in words["composed"]

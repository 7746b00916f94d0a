"""Like-minded people and like visits, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from siyu.recommendations.models.alike import Units, nearest
from siyu.recommendations.port import Links

from ..shop import Shop, only
from .crowd import crowd


def dense(rows: list[list[float]]) -> Links:
    from scipy import sparse

    return sparse.csr_array(np.array(rows, np.float32))


def test_nearest_units_and_where_they_meet() -> None:
    # unit 0: 0 1, unit 1: 1 2, unit 2: 3; weights one
    units = Units(np.array([0, 2, 4, 5]), np.array([0, 1, 1, 2, 3]), np.ones(5, np.float32), np.ones(5), 4)
    met = nearest(dense([[1, 0.5, 0.25, 0], [0, 0, 0, 2]]), units, kept=2)
    assert met.row.tolist() == [0, 0, 1]
    assert met.unit.tolist() == [0, 1, 2]
    assert met.alike.tolist() == pytest.approx([1.5, 0.75, 2.0])
    assert units.item[met.place].tolist() == [0, 1, 3]
    assert nearest(dense([[1, 0.5, 0.25, 0]]), units, kept=1).unit.tolist() == [0]


def test_the_like_minded_recommend_and_are_counted(shop: Shop) -> None:
    for name in ("a", "b"):
        shop.bought(name, "tea", "cup", "honey")
    shop.bought("c", "tea", "lamp")
    shop.bought("other", "rope", "nail")
    shop.bought("me", "tea", "cup")
    shop.run(weights=only("user_knn"))
    first, second = shop.of("me")
    assert (first["item"], second["item"]) == ("honey", "lamp")
    why = first["reasons"][0]
    # cup is the rarer of what is shared, so it says more
    assert (why["kind"], why["value"], why["count"], why["item"]) == ("similar", "like-minded", 2, "cup")
    assert why["share"] == 1.0
    assert (second["reasons"][0]["count"], second["reasons"][0]["item"]) == (1, "tea")


def test_as_many_like_minded_as_asked_for(shop: Shop) -> None:
    crowd(shop).run(weights=only("user_knn"), options={"user_knn": {"neighbours": 3}})
    counts = [why["count"] for row in shop.rows() for why in row["reasons"]]
    assert len(counts) > 50
    assert set(counts) <= {1, 2}  # one of the three is the person, who never leads to anything new


def test_of_a_neighbour_the_latest_counts_most(shop: Shop) -> None:
    shop.bought("a", "old", days=200)
    shop.bought("a", "tea", "new", days=1)
    shop.bought("me", "tea")
    shop.run(weights=only("user_knn"))
    assert shop.items("me") == ["new", "old"]


def test_visits_alike_recommend_what_was_near(shop: Shop) -> None:
    for person in ("a", "b"):
        for minute, item in enumerate(("tea", "cup", *(f"x{n}" for n in range(6)), "rope")):
            shop.event(person, "browse", item, days=2 - minute / 1440, session_id=f"{person}-s")
    shop.looked("me", "tea", days=0.5)
    shop.run(weights=only("session_knn"), options={"session_knn": {"reach": 2.0}}, per_category=50)
    found = shop.items("me")
    assert found[:3] == ["cup", "x0", "x1"] or found[1:4] == ["cup", "x0", "x1"]  # tea itself is not bought yet
    assert "rope" not in found  # eight places away, further than three times reach
    why = next(row for row in shop.of("me") if row["item"] == "cup")["reasons"][0]
    assert (why["kind"], why["value"], why["count"], why["item"]) == ("similar", "like-visits", 2, "tea")


def test_the_latest_visit_counts_at_once(shop: Shop) -> None:
    for person, item in (("a", "cup"), ("b", "lamp")):
        for minute, seen in enumerate((f"{item}-stand", item)):
            shop.event(person, "browse", seen, days=5 - minute / 1440, session_id=f"{person}-s")
    shop.looked("me", "cup-stand", days=4)
    settings = {"weights": only("session_knn"), "refit": {"days": 30, "share": 1}}
    shop.run(days=2, **settings)
    assert "lamp" not in shop.items("me")
    shop.looked("me", "lamp-stand", days=1)
    assert shop.run(**settings).why == "news"
    found = [item for item in shop.items("me") if not item.endswith("stand")]
    assert found == ["lamp", "cup"]


def test_baskets_stand_in_where_nobody_looks(shop: Shop) -> None:
    shop.bought("a", "tea", "cup", days=5)
    shop.bought("me", "tea")
    shop.run(weights=only("session_knn"))
    assert shop.items("me") == ["cup"]


def test_what_is_kept_of_people_has_no_names(shop: Shop) -> None:
    crowd(shop).run(weights=only("user_knn", "session_knn"))
    for name in ("rec_user_knn", "rec_session_knn"):
        shop.engine.table(name, name)
        batch = next(iter(shop.engine.batches(f"SELECT * FROM {name}")))
        assert batch.schema.names == ["unit", "place", "item", "weight", "vote"]
        assert batch.num_rows

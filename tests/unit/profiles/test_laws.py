"""Laws of weights, shares and counts, held against arbitrary histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.profiles.acts import KINDS, Acts, ordered
from siyu.profiles.histories import HISTORY
from siyu.profiles.measures import Liked, measured
from siyu.profiles.settings import EventWeights, InterestSettings
from siyu.profiles.tastes import Spreader, evidence, ranked, shares
from siyu.profiles.values import FACETS, Values, numbered
from siyu.profiles.weights import Weighing, kept_parts

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ITEMS = ["p0", "p1", "p2", "unknown"]
VALUES: Values = numbered(
    pa.table(
        {
            "item": ["p0", "p0", "p0", "p1", "p1", "p2", "p2", "p2"],
            "facet": ["category", "category", "brand", "category", "keyword", "category", "keyword", "keyword"],
            "value": ["Shop > Hats", "Shop", "red", "Shop", "hat", "Shop", "shirt", "hat"],
        }
    ),
    {"hat": "hat", "shirt": "shirt", "warm": "warm"},
)

events = st.fixed_dictionaries(
    {
        "no": st.integers(1, 4),
        "kind": st.sampled_from([*KINDS, "something-else"]),
        "ts": st.integers(0, 400 * 86_400).map(lambda seconds: NOW.replace(tzinfo=None) - timedelta(seconds=seconds)),
        "item": st.sampled_from([*ITEMS, None]),
        "quantity": st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 9),
        "unit_price": st.none() | st.floats(0, 1e4),
        "order_id": st.none() | st.sampled_from(["o1", "o2"]),
        "tokens": st.none() | st.lists(st.sampled_from(["hat", "shirt", "warm", "", "new"]), max_size=4),
        "valence": st.none() | st.floats(-1, 1),
        "channel": st.none() | st.sampled_from(["web", "app"]),
        "language": st.none() | st.sampled_from(["zh", "en"]),
    }
)
histories = st.lists(events, max_size=30)


def acts_of(rows: list[dict[str, Any]]) -> Acts:
    """Events as acts; numbers 1 to 4 are four people, and 3 is 1 under another name."""
    numbered_rows = [row | {"event_id": f"e{place:03}", "effective_ts": None} for place, row in enumerate(rows)]
    return ordered(pa.Table.from_pylist(numbered_rows, schema=HISTORY), np.array([0, 1, 2, 1, 4], np.int32))


def shares_of(acts: Acts, weighing: Weighing) -> dict[tuple[int, int], float]:
    """Share of every (person, value)."""
    weights, _ = weighing(acts)
    found = {}
    for spread in Spreader(acts, weights, VALUES).slices():
        people = acts.people[spread.person].tolist()
        share = shares(spread, VALUES).share.tolist()
        found.update(dict(zip(zip(people, spread.value.tolist(), strict=True), share, strict=True)))
    return {key: share for key, share in found.items() if share > 0}


@given(histories)
def test_shares_are_never_negative_and_sum_to_one(rows: list[dict[str, Any]]) -> None:
    found = shares_of(acts_of(rows), Weighing.at(NOW, InterestSettings()))
    totals: dict[tuple[int, int], float] = {}
    for (person, value), share in found.items():
        key = person, int(VALUES.facet[value])
        totals[key] = totals.get(key, 0.0) + share
    assert all(total == pytest.approx(1.0) for total in totals.values())


@given(events, st.integers(0, 400), st.integers(1, 400), st.floats(0.5, 400))
def test_older_never_weighs_more(row: dict[str, Any], age: int, more: int, half_life: float) -> None:
    weighing = Weighing.at(NOW, InterestSettings(half_life_days=half_life))
    now = NOW.replace(tzinfo=None)
    young, old = (
        float(np.abs(weighing(acts_of([row | {"ts": now - timedelta(days=days)}]))[0]).sum())
        for days in (age, age + more)
    )
    assert 0 <= old <= young
    # after a half-life, half
    assert old == pytest.approx(young * 2 ** (-more / half_life), rel=1e-9, abs=1e-300)


@given(histories, st.sampled_from([0.25, 3.0, 7.5]), st.integers(-1000, 1000))
def test_only_ratios_matter_and_not_the_moment(rows: list[dict[str, Any]], factor: float, days: int) -> None:
    """All weights times a factor, or all as of another day: the shares are the same."""
    acts = acts_of(rows)
    usual = InterestSettings()
    scaled = EventWeights(**{kind: weight * factor for kind, weight in usual.weights.model_dump().items()})
    before = shares_of(acts, Weighing.at(NOW, usual))
    after = shares_of(acts, Weighing.at(NOW + timedelta(days=days), InterestSettings(weights=scaled)))
    assert before == pytest.approx(after, abs=1e-9)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    places = random.sample(range(len(rows)), len(rows))
    shuffled = acts_of([rows[place] for place in places])
    acts = acts_of(rows)
    weighing = Weighing.at(NOW, InterestSettings())
    assert shares_of(acts, weighing) == pytest.approx(shares_of(shuffled, weighing), abs=1e-9)
    one, other = (_measures(each).to_pylist() for each in (acts, shuffled))
    for mine, its in zip(one, other, strict=True):
        assert mine == {key: pytest.approx(value) if isinstance(value, float) else value for key, value in its.items()}


def _measures(acts: Acts) -> pa.RecordBatch:
    people = len(acts.people)
    return measured(acts, Liked(pa.nulls(people, pa.string()), np.zeros(people), np.zeros((people, len(FACETS)), int)))


@given(histories)
def test_counts_are_those_of_a_plain_loop(rows: list[dict[str, Any]]) -> None:
    """Against the definitions, event by event."""
    stands_for = {1: 1, 2: 2, 3: 1, 4: 4}
    for person in _measures(acts_of(rows)).to_pylist():
        own = [row for row in rows if stands_for[row["no"]] == person["no"]]
        assert person["events"] == len(own)
        assert person["first_ts"] == min(row["ts"] for row in own)
        assert person["last_ts"] == max(row["ts"] for row in own)
        assert person["browses"] == sum(row["kind"] == "browse" for row in own)
        counts = [sum(row["ts"].hour == hour for row in own) for hour in range(24)]
        lent = [2 * counts[h] + counts[h - 1] + counts[(h + 1) % 24] for h in range(24)]
        assert person["usual_hour"] == max(range(24), key=lambda hour: (lent[hour], counts[hour], -hour))
        channels = [row["channel"] for row in own if row["channel"]]
        usual = min(set(channels), key=lambda name: (-channels.count(name), name)) if channels else None
        assert person["channel"] == usual


@given(histories)
def test_a_part_is_kept_of_every_purchase(rows: list[dict[str, Any]]) -> None:
    acts = acts_of(rows)
    parts = kept_parts(acts)
    assert ((parts >= 0) & (parts <= 1)).all()
    assert (parts[acts.kind != KINDS.index("purchase")] == 1).all()


@given(histories, st.integers(1, 3))
@settings(max_examples=200)
def test_the_best_are_kept_with_their_strongest_events(rows: list[dict[str, Any]], top: int) -> None:
    acts = acts_of(rows)
    weights, strength = Weighing.at(NOW, InterestSettings())(acts)
    for spread in Spreader(acts, weights, VALUES).slices():
        found = shares(spread, VALUES)
        kept = ranked(spread, found, acts, top)
        shown = evidence(spread, kept, strength, acts.column("event_id"), acts)
        for row, pair in enumerate(kept.pair.tolist()):
            rivals = found.share[(found.group == found.group[pair])]
            assert (np.round(rivals, 3) > round(found.share[pair], 3) + 0.001).sum() < kept.rank[row]
            amounts = spread.amount[(spread.pair == pair) & (spread.amount > 0)]
            told = shown.event[row]
            assert 1 <= (told >= 0).sum() <= len(set(told.tolist()))
            assert shown.amount[row, 0] == pytest.approx(amounts.max())
        for group in np.unique(found.group[found.share > 0]):
            assert (found.group[kept.pair] == group).sum() == min(
                top, ((found.group == group) & (found.share > 0)).sum()
            )

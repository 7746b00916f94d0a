"""What fits is answered more in the live world, nothing matters in the null world, and both outcomes are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy.stats import chi2_contingency

from siyu.domain.errors import InputError
from siyu.simulator import Reactions, SimulationSettings, World, null_world, react

END = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = END + timedelta(days=21)
SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("message_id", pa.string()),
        ("sent_at", pa.timestamp("us", tz="UTC")),
        ("items", pa.list_(pa.string())),
        ("terms", pa.list_(pa.string())),
        ("language", pa.string()),
    ]
)


def messages(world: World, *, waves: int = 1, terms: tuple[str, ...] = (), seed: int = 3) -> pa.Table:
    """Random products to everybody, a wave every two days at 11:00 UTC, in their language."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "user_id": f"u{person:07d}",
            "message_id": f"m{wave}-{person}",
            "sent_at": END + timedelta(days=1 + 2 * wave, hours=11),
            "items": [f"P{item:05d}" for item in rng.integers(0, len(world.catalogue), 1)],
            "terms": list(terms),
            "language": ("zh", "en")[world.people.language[person]],
        }
        for wave in range(waves)
        for person in range(len(world.people))
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@pytest.fixture(scope="session")
def live() -> World:
    return World.build(SimulationSettings(), Path("unwritten"))


@pytest.fixture(scope="session")
def null() -> World:
    return World.build(SimulationSettings(null_world=True), Path("unwritten"))


def p_value(played: Reactions, happened: str, among: str | None = None) -> float:
    """Chi-square of fit (thirds) against what happened."""
    table = played.messages if among is None else played.messages.filter(played.messages[among])
    fit, yes = table["fit"].to_numpy(), table[happened].to_numpy()
    third = np.searchsorted(np.quantile(fit, [1 / 3, 2 / 3]), fit)
    counts = np.array([[np.sum(yes[third == part]), np.sum(~yes[third == part])] for part in range(3)])
    return float(chi2_contingency(counts).pvalue)


def test_in_the_live_world_fit_is_answered(live: World) -> None:
    played = react(live, messages(live, waves=3), UNTIL, seed=1)
    assert p_value(played, "opened") < 1e-4
    assert p_value(played, "clicked", "opened") < 1e-3


@pytest.mark.slow
def test_in_the_null_world_nothing_is_related_to_fit(null: World) -> None:
    """p-values are uniform: of 40 (20 seeds, opens and clicks), at most 6 may lie under .05 (chance of more: 0.3 %)."""
    sent = messages(null)
    played = [react(null, sent, END + timedelta(days=8), seed=seed) for seed in range(20)]
    found = [p_value(run, *what) for run in played for what in (("opened",), ("clicked", "opened"))]
    assert sum(p < 0.05 for p in found) <= 6
    assert np.mean(found) == pytest.approx(0.5, abs=0.18)  # four deviations of the mean of 40


def test_the_null_world_is_frozen() -> None:
    frozen = (null_world.OPEN, null_world.CLICK, null_world.UNSUBSCRIBE, null_world.BUY)
    assert frozen == (0.22, 0.12, 0.002, 0.0)


def test_messages_change_something_only_in_the_live_world(live: World, null: World) -> None:
    with_messages, without = (react(live, sent, UNTIL, seed=1) for sent in (messages(live), messages(live).slice(0, 0)))
    assert with_messages.people["orders_incremental"].to_numpy().sum() > 1
    assert with_messages.people["orders_without"].equals(without.people["orders_without"])
    assert len(with_messages.events) > len(without.events)
    nothing = react(null, messages(null), UNTIL, seed=1)
    assert nothing.people["orders_incremental"].to_numpy().max() == 0
    assert nothing.people["revenue_incremental"].to_numpy().max() == 0
    assert nothing.events.equals(without.events)
    assert len(nothing.hits) > 100


def test_extra_orders_come_as_often_as_the_truth_expects(live: World) -> None:
    """Over 12 seeds the number of extra orders is within four Poisson deviations of its expectation."""
    sent, until = messages(live), END + timedelta(days=12)
    played = [react(live, sent, until, seed=seed) for seed in range(12)]
    brought = sum(pc.sum(pc.and_(pc.equal(run.events["kind"], "purchase"),
                                 pc.starts_with(run.events["event_id"], "r"))).as_py() for run in played)  # fmt: skip
    expected = sum(run.people["orders_incremental"].to_numpy().sum() for run in played)
    assert expected > 50
    assert abs(brought - expected) < 4 * np.sqrt(expected)


def test_two_windows_are_one_window_cut_in_two(live: World) -> None:
    """Nothing is lost or told twice at the cut, and each message meets the same fate."""
    sent, middle = messages(live, waves=4), END + timedelta(days=6)
    whole = react(live, sent, UNTIL, seed=5)
    first = react(live, sent.filter(pc.less(sent["sent_at"], middle)), middle, seed=5)
    second = react(live, sent, UNTIL, seed=5, since=middle)
    for name in ("hits", "events"):
        parts = pa.concat_tables([getattr(first, name), getattr(second, name)])
        assert len(parts) > 0
        order = [("ts", "ascending"), ("message_id" if name == "hits" else "event_id", "ascending")]
        key = order if name == "events" else [*order, ("kind", "ascending")]
        assert parts.sort_by(key).equals(getattr(whole, name).sort_by(key))
    for column in ("orders_without", "orders_incremental", "revenue_incremental"):
        assert np.allclose(first.people[column].to_numpy() + second.people[column].to_numpy(),
                           whole.people[column].to_numpy())  # fmt: skip


def test_the_order_of_messages_does_not_matter_but_the_seed_does(live: World) -> None:
    sent = messages(live)
    turned = sent.take(pa.array(np.arange(len(sent))[::-1]))
    assert react(live, sent, UNTIL, seed=1).hits.equals(react(live, turned, UNTIL, seed=1).hits)
    assert not react(live, sent, UNTIL, seed=1).hits.equals(react(live, sent, UNTIL, seed=2).hits)


def test_words_the_reader_likes_are_clicked_more(live: World) -> None:
    """The same products to the same people, once with their favourite material named and once the least liked."""
    book = live.catalogue.words
    first, last = book.spans["material"]
    taste = live.people.taste[:, first:last]
    sent = messages(live)
    chance = {}
    for name, chosen in (("liked", taste.argmax(axis=1)), ("unliked", taste.argmin(axis=1))):
        terms = pa.array([[f"material={book.names[first + value][0]}"] for value in chosen], pa.list_(pa.string()))
        played = react(live, sent.set_column(4, "terms", terms), UNTIL, seed=1)
        chance[name] = played.messages["chance_click"].to_numpy()
    assert np.all(chance["liked"] > chance["unliked"])
    assert chance["liked"].mean() > 1.5 * chance["unliked"].mean()


def test_fatigue_a_foreign_language_and_a_far_hour_cost_opens(live: World) -> None:
    fifth = react(live, messages(live, waves=4), UNTIL, seed=1).messages["chance_open"].to_numpy().reshape(4, -1)
    assert fifth[3].mean() < 0.6 * fifth[0].mean()
    sent = messages(live)
    base = react(live, sent, UNTIL, seed=1).messages["chance_open"].to_numpy()
    other = pc.if_else(pc.equal(sent["language"], "zh"), "en", "zh")
    assert np.all(
        react(live, sent.set_column(5, "language", other), UNTIL, seed=1).messages["chance_open"].to_numpy() < base
    )
    later = pc.add(sent["sent_at"], pa.scalar(timedelta(hours=12)))
    moved = react(live, sent.set_column(2, "sent_at", later), UNTIL, seed=1).messages["chance_open"].to_numpy()
    distance = np.cos((11 + 8 - live.people.hour) * 2 * np.pi / 24)
    shanghai = live.people.zone == 0
    assert np.all((moved < base)[shanghai & (distance > 0.1)])


def test_scanners_answer_at_once_and_only_truth_says_so(live: World) -> None:
    sent = messages(live)
    played = react(live, sent, UNTIL, seed=1)
    truth = played.messages.filter(played.messages["scanner"])
    assert 0.01 < len(truth) / len(sent) < 0.05
    at = {row["message_id"]: row["sent_at"].replace(tzinfo=None) for row in sent.to_pylist()}
    quick = {row["message_id"] for row in played.hits.to_pylist()
             if row["kind"] == "click" and row["ts"] - at[row["message_id"]] <= timedelta(seconds=5)}  # fmt: skip
    assert quick == set(truth["message_id"].to_pylist())
    assert played.hits.column_names == ["message_id", "kind", "ts", "item"]


def test_organic_purchases_are_the_true_next_ones(shop: World) -> None:
    """truth/next_purchases holds 28 days; react without messages plays the same days."""
    until = END + timedelta(days=28)
    played = react(shop, SCHEMA.empty_table(), until, seed=9)
    bought = played.events.filter(pc.equal(played.events["kind"], "purchase")).select(["user_id", "item", "ts"])
    assert len(bought) > 500
    assert bought.equals(pq.read_table(shop.folder / "truth" / "next_purchases.parquet"))
    assert played.people["orders_without"].to_numpy().sum() <= len(bought)


def test_strange_messages_are_counted_and_harmless(live: World) -> None:
    values = [
        ("u0000001", "a", END, [], [None, "外星人"], None),
        ("u0000001", "b", END, ["P99999", None], None, "fr"),
        ("u9999999", "c", END, None, None, "zh"),
        (None, "d", END, None, None, "zh"),
        ("u0000002", "e", None, None, None, "zh"),
        ("u0000003", "f", UNTIL, None, None, "zh"),
    ]
    rows = [dict(zip(SCHEMA.names, row, strict=True)) for row in values]
    played = react(live, pa.Table.from_pylist(rows, schema=SCHEMA), UNTIL, seed=1)
    assert played.unknown == 4
    assert played.messages["chance_buy"].to_pylist() == [0.0, 0.0]


def test_only_what_can_be_played_is_played(live: World) -> None:
    for until in (END - timedelta(days=1), END + timedelta(days=200)):
        with pytest.raises(InputError, match="cannot be played"):
            react(live, SCHEMA.empty_table(), until, seed=1)
    with pytest.raises(InputError, match="terms"):
        react(live, SCHEMA.empty_table().drop_columns(["terms"]), UNTIL, seed=1)

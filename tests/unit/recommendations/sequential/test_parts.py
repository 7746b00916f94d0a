"""Sequences, what is counted, what is kept, and what is told without PyTorch."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pytest

from siyu.domain.clock import FixedClock
from siyu.domain.errors import MissingDataError, MissingExtraError, SettingsError
from siyu.domain.progress import Step
from siyu.engine import manifest, schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationSettings, recommend
from siyu.recommendations.sequential import following, keeping
from siyu.recommendations.sequential.reading import Reader
from siyu.recommendations.sequential.sequences import Sequences, padded, shuffled, windows

from ..shop import NOW, Shop, write


def sequences(*people: list[tuple[int, int]]) -> Sequences:
    """People as lists of (second, product)."""
    flat = [act for person in people for act in person]
    ends = np.cumsum([0, *map(len, people)])
    return Sequences(ends, np.array([item for _, item in flat]), np.array([second for second, _ in flat]))


def test_every_step_but_the_first_is_foretold_once() -> None:
    draw = np.random.default_rng(5)
    sizes = draw.integers(1, 30, 50)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    every = Sequences(ends, np.arange(ends[-1]), np.arange(ends[-1]))
    for length in (1, 4, 50):
        first, end = windows(every, length)
        told = np.concatenate([np.arange(one + 1, other) for one, other in zip(first, end, strict=True)])
        assert sorted(told) == sorted(set(range(ends[-1])) - set(ends[:-1].tolist()))
        assert (end - first).max() <= length + 1
        assert (every.owner[first] == every.owner[end - 1]).all()


def test_only_steps_of_one_moment_and_person_change_places() -> None:
    every = sequences([(1, 10), (2, 11), (2, 12), (2, 13)], [(2, 20), (3, 21)])
    seen = {tuple(shuffled(every, np.random.default_rng(seed)).tolist()) for seed in range(40)}
    assert {one[0] for one in seen} == {10}
    assert {one[4:] for one in seen} == {(20, 21)}
    assert len({one[1:4] for one in seen}) == 6  # all orders of three


def test_rows_are_filled_up_behind() -> None:
    rows, size = padded(np.array([7, 8, 9, 5]), np.array([0, 3]), np.array([3, 4]))
    assert rows.tolist() == [[7, 8, 9], [5, 0, 0]]
    assert size.tolist() == [3, 1]


def test_people_who_went_on_are_counted_once_each() -> None:
    # two went from 1 to 2 (one of them twice), one from 2 to 1; 3 and 4 came at one moment; 5 is out of reach
    every = sequences(
        [(1, 1), (2, 2), (3, 1), (4, 2)], [(1, 1), (2, 9), (3, 2)], [(1, 3), (1, 4)], [(1, 3), (1, 4)],
        [(1, 1), (2, 6), (3, 7), (4, 5)], [(1, 1), (2, 6), (3, 7), (4, 5)],
    )  # fmt: skip
    found = {(row["item"], row["next"]): row["people"] for row in following.counted(every, 2).to_pylist()}
    assert found == {(1, 2): 2, (1, 6): 2, (1, 7): 2, (6, 7): 2, (6, 5): 2, (7, 5): 2}


def test_arrays_come_back_and_other_versions_are_refused(engine: EmbeddedEngine) -> None:
    arrays = {"item": np.arange(6, dtype=np.float32).reshape(3, 2), "end.scale": np.ones(2, np.float32)}
    keeping.publish(engine, "rec_sequential", arrays, np.array([4, 5, 9]), {"people": 7})
    found, codes = keeping.learnt(engine, "rec_sequential")
    assert {name: array.tolist() for name, array in found.items()} == {n: a.tolist() for n, a in arrays.items()}
    assert codes.tolist() == [4, 5, 9]
    assert manifest.require(engine.root, "rec_sequential").meta["people"] == 7
    empty = pa.Table.from_pylist([], schema=keeping.ARRAYS)
    engine.write(empty.to_reader(), "rec_sequential", meta={"format": 0})
    with pytest.raises(MissingDataError, match="another version"):
        keeping.learnt(engine, "rec_sequential")


def test_reading_does_not_depend_on_who_is_read_beside() -> None:
    draw = np.random.default_rng(2)
    arrays = {"item": draw.random((9, 4)), "place": draw.random((6, 4))}
    for name in ("0.join", "0.join_gate", "0.narrow_gate", "0.widen", "0.narrow"):
        arrays[name] = draw.normal(size=(4, 4))
    arrays["0.attend"] = draw.normal(size=(4, 12))
    for name in ("end", "0.before", "0.between"):
        arrays |= {f"{name}.scale": draw.random(4), f"{name}.shift": draw.random(4)}
    reader = Reader(arrays, heads=2)
    items, size = draw.integers(0, 9, (40, 6)), draw.integers(1, 7, 40)
    whole = reader.read(items, size)
    assert len(np.unique(whole.round(6), axis=0)) > 30
    for row in range(40):
        alone = reader.read(items[row : row + 1, : size[row]], size[row : row + 1])
        assert alone[0] == pytest.approx(whole[row], abs=1e-12)


def test_the_reader_and_the_network_that_learnt_agree() -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'siyu[sequential]'")
    from siyu.recommendations.sequential import network
    from siyu.recommendations.sequential.options import SequentialOptions

    options = SequentialOptions(size=12, heads=3, layers=3, length=7)
    tensors = network.made(20, options, torch.Generator().manual_seed(3))
    draw = np.random.default_rng(2)
    items, size = draw.integers(0, 20, (30, 7)), draw.integers(1, 8, 30)
    with torch.no_grad():
        states = network.states(tensors, torch.from_numpy(items), options, learning=False).numpy()
    arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
    assert Reader(arrays, heads=3).read(items, size) == pytest.approx(states[np.arange(30), size - 1], abs=1e-5)


def test_what_is_claimed_was_counted(shop: Shop) -> None:
    pytest.importorskip("torch", reason="needs PyTorch: pip install 'siyu[sequential]'")
    for number in range(40):
        shop.looked(f"p{number:02}", "tent", days=9 - number / 100)
        shop.looked(f"p{number:02}", "mat" if number < 30 else "lamp", days=8 - number / 100)
        shop.looked(f"p{number:02}", "stove", days=7 - number / 100)
    shop.looked("camper", "tent", days=1)
    shop.looked("camper", "tent", days=2)
    shop.run(weights={"sequential": 1.0})
    rows = {row["item"]: row["reasons"][0] for row in shop.of("camper")}
    again = rows.pop("tent")  # is not like itself: it was looked at twice, a day ago at last
    assert (again["kind"], again["item"], again["count"], again["value"]) == ("viewed", "tent", 2, None)
    assert again["number"] == pytest.approx(1, abs=1e-6)
    told = {item: why for item, why in rows.items() if why["kind"] == "similar"}
    assert set(told) == {"mat", "lamp", "stove"}
    assert shop.items("camper")[0] == "mat"
    claims = {item: (why["item"], why["value"], why["count"]) for item, why in told.items()}
    assert claims["mat"] == ("tent", "went-on", 30)
    assert claims["lamp"] == ("tent", "went-on", 10)
    assert claims["stove"] == ("tent", "went-on", 40)  # two steps on
    learnt = manifest.require(shop.engine.root, "rec_sequential").meta
    assert (learnt["people"], learnt["steps"], learnt["products"]) == (41, 121, 4)
    assert shop.engine.root.joinpath("rec_sequential").is_dir()


def test_learning_tells_how_far_it_is_and_lists_need_no_torch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs PyTorch: pip install 'siyu[sequential]'")
    for number in range(40):
        shop.looked(f"p{number:02}", "tent", days=9 - number / 100)
        shop.looked(f"p{number:02}", "mat", days=8 - number / 100)
    told: list[Step] = []
    settings = RecommendationSettings(weights={"sequential": 1.0}, options={"sequential": {"turns": 8}})
    shop.publish()
    recommend(shop.engine, settings, clock=FixedClock(NOW), progress=told.append)
    turns = [(step.done, step.total) for step in told if step.key == "recommend.fit.sequential"][1:]
    assert len(turns) >= 2
    assert turns == sorted(turns)
    assert turns[-1][0] == turns[-1][1]
    monkeypatch.setitem(sys.modules, "torch", None)
    for module in ("learning", "network"):
        monkeypatch.delitem(sys.modules, f"siyu.recommendations.sequential.{module}", raising=False)
    shop.looked("late", "tent", days=0.1)
    write(shop.engine, "events", schemas.EVENTS, shop.events)
    recommend(shop.engine, settings, clock=FixedClock(NOW))
    assert shop.items("late")[0] == "mat"


def test_a_missing_package_is_told_with_its_cure(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for module in ("learning", "network"):
        monkeypatch.delitem(sys.modules, f"siyu.recommendations.sequential.{module}", raising=False)
    for number in range(3):
        shop.looked(f"p{number}", "tent", days=3)
        shop.looked(f"p{number}", "mat", days=2)
    with pytest.raises(MissingExtraError, match="'torch'") as told:
        shop.run(weights={"sequential": 1.0})
    assert "pip install 'siyu[sequential]'" in told.value.next_step


def test_heads_must_share_the_dimensions(shop: Shop) -> None:
    with pytest.raises(SettingsError, match="sequential"):
        shop.run(weights={"sequential": 1.0}, options={"sequential": {"size": 10, "heads": 4}})

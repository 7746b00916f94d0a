"""Order that is planted is found; what does not look at order cannot find it, whatever it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siyu.recommendations.sequential.options import SequentialOptions
from siyu.recommendations.sequential.reading import Reader
from siyu.recommendations.sequential.sequences import Sequences

from ..shop import Shop
from .planted import Pairs, Turns, Visits, as_sequences

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'siyu[sequential]'")

from siyu.recommendations.sequential.learning import Learnt, learn, surprise  # noqa: E402

LITTLE = {"size": 32, "heads": 2, "rate": 0.003}


def chances(found: Learnt, histories: list[tuple[int, ...]]) -> np.ndarray:
    """What the network expects after each history, as shares of all products."""
    reader = Reader(found.arrays, heads=2)
    told = reader.read(np.array(histories), np.array([len(one) for one in histories]))
    likely = np.exp(told @ reader.arrays["item"].T)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def test_the_planted_chances_are_learnt() -> None:
    """Judge: the planted matrix itself.

    Of the visits that begin with a product, 60 go on in the ring and 1 to each of the 23 others (the ring's included):
    61 / 83 = .735 is the best any model can hit at the first place, and what the network must believe.
    """
    world = Pairs()
    assert world.chances.max(axis=1) == pytest.approx(61 / 83)
    found = learn(as_sequences(world.visits), world.products, SequentialOptions(**LITTLE))
    told = chances(found, [(at,) for at in range(world.products)])
    assert (told.argmax(axis=1) == world.chances.argmax(axis=1)).all()
    assert np.abs(told - world.chances).max() < 0.06
    assert found.marks[found.turns - 1].beats(found.marks[: found.turns - 1])


def test_products_drawn_by_popularity_tell_what_all_would() -> None:
    """The loss of drawn products against the loss of all 3,000, in its value and where it pushes the popular half.

    A loss that did not weigh what it draws by how often would be log(512 / 3,000) off, and push popular ones down.
    """
    draw, generator = np.random.default_rng(4), torch.Generator().manual_seed(4)
    item = (torch.randn(3000, 16, generator=generator) * 0.3).requires_grad_(True)
    expected, right = torch.randn(200, 16, generator=generator), torch.arange(200)
    whole = torch.nn.functional.cross_entropy(expected @ item.T, right)
    (push,) = torch.autograd.grad(whole, item)
    chance = np.where(np.arange(3000) < 1500, 9.0, 1.0) / 15_000
    losses, pushes = [], []
    for _ in range(200):
        drawn = draw.choice(3000, 512, p=chance)
        losses.append(surprise(expected, item, right, drawn, chance))
        pushes.append(torch.autograd.grad(losses[-1], item)[0])
    assert float(torch.stack(losses).detach().mean()) == pytest.approx(float(whole.detach()), abs=0.03)
    told = [float((expected @ mean[200:1500].T).sum()) for mean in (sum(pushes) / 200, push)]
    assert told[0] == pytest.approx(told[1], rel=0.05)


def test_which_of_two_came_first_is_read() -> None:
    """Twenty ordered pairs of five products lead to five targets; (a, b) never to what (b, a) leads to.

    A model of the pair as a set hits half at best: (a, b) and (b, a) look alike to it. A model of the last product
    alone hits a quarter: each b is followed by four targets, equally often. Reading both in order, all can be hit.
    """
    world = Turns()
    pairs = [visit[:2] for visit in world.visits[:20]]
    assert all(world.after(a, b) != world.after(b, a) for a, b in pairs)
    found = learn(as_sequences(world.visits), world.products, SequentialOptions(**LITTLE))
    told = chances(found, pairs)
    right = told.argmax(axis=1) == [world.after(a, b) for a, b in pairs]
    assert right.mean() >= 0.95


def hits(shop: Shop, visits: Visits, model: str, right: Callable[[int], int], products: int) -> float:
    """The share of newcomers with one product whose first discovery is the right one."""
    for number, visit in enumerate(visits):
        for place, item in enumerate(visit):
            shop.looked(f"p{number:05}", f"i{item:02}", days=5 + (number * 37 % 1000) / 100 - place / 1440)
    for item in range(products):
        shop.looked(f"new{item:02}", f"i{item:02}", days=1)
    options = {"sequential": LITTLE | {"kept": 23}} if model == "sequential" else {}
    shop.run(weights={model: 1.0}, options=options, goal="discover", per_category=200)
    first = {row["person"]: row["item"] for row in shop.rows() if row["rank"] == 1}
    return float(np.mean([first.get(f"new{item:02}") == f"i{right(item):02}" for item in range(products)]))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["windowed", "item_knn", "ease"])
def test_no_undirected_model_beats_the_bound_and_the_sequential_one_does(tmp_path: Path, model: str) -> None:
    """The bound: an undirected model learns the same from a world and from its mirror, where every visit is backwards.

    It gives the same first product for a newcomer's one product in both; in the world the right one is the next of the
    ring, in the mirror the one before. They differ, so its hits in both add up to 1 at most: .5 on average, whatever
    the model. One that reads the order can have all of both, and hits 61 / 83 of what then happens in each.
    """
    world = Pairs(products=12, led=12)
    sides = {"ahead": (world.visits, 1), "back": (world.mirrored, -1)}
    scores = {
        name: [
            hits(Shop(tmp_path / f"{name}-{side}"), visits, name, lambda item, step=step: (item + step) % 12, 12)
            for side, (visits, step) in sides.items()
        ]
        for name in (model, "sequential")
    }
    assert np.mean(scores[model]) <= 0.5
    assert min(scores["sequential"]) == 1.0


def test_order_within_one_moment_is_not_learnt() -> None:
    """The ring again, but both products at one moment, told in the order of the ring: there is nothing to read.

    Either may be read first. A product is in 166 visits (60 with the next of the ring, 60 with the one before, and 2
    with each of the 23 others): 62 / 166 = .373 for the next, and as much for the one before. A network that had
    learnt the order of the rows would believe 61 / 83 = .735.
    """
    world = Pairs()
    told = as_sequences(world.visits)
    at_once = Sequences(told.ends, told.item, np.repeat(told.second[told.ends[:-1]], 2))
    found = learn(at_once, world.products, SequentialOptions(**LITTLE))
    shares = chances(found, [(at,) for at in range(world.products)])
    rows = np.arange(world.products)
    ahead, back = shares[rows, (rows + 1) % world.products], shares[rows, (rows - 1) % world.products]
    assert ahead.mean() == pytest.approx(back.mean(), abs=0.05)
    assert ahead.mean() == pytest.approx(62 / 166, abs=0.05)

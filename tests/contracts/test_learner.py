"""The learner port: what every way to learn a chance promises. Parametrised by the registry."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from pydantic import BaseModel

from siyu.profiles.needs.features import NAMES, PLACE
from siyu.profiles.needs.metrics import Judge
from siyu.profiles.needs.port import Learner, Lesson
from siyu.profiles.needs.table import LEARNERS


@pytest.fixture(params=sorted(LEARNERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def learner(name: str) -> Learner:
    kind = LEARNERS.load(name)
    return kind(kind.Options())


def lesson(people: int = 3000, seed: int = 1) -> Lesson:
    """People who buy the likelier, the more recently and the oftener they bought, and the likelier BG/NBD finds it."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(people, len(NAMES)))
    rows[:, PLACE["never"]] = np.where(draw.random(people) < 0.2, 2.0, -0.5)
    rows[:, PLACE["returned"]] = 0  # a constant feature
    odds = rows[:, PLACE["buys"]] - rows[:, PLACE["recency"]] + rows[:, PLACE["likely"]] - 1
    happened = (draw.random(people) < 1 / (1 + np.exp(-odds))).astype(float)
    return Lesson(rows.astype(np.float32).astype(float), happened, seed)


def test_it_declares_what_it_is(learner: Learner) -> None:
    assert issubclass(learner.Options, BaseModel)
    assert all(field.description for field in learner.Options.model_fields.values())
    assert learner.Options.model_config.get("extra") == "forbid"
    assert learner.Options.model_config.get("frozen")
    assert isinstance(learner.baseline, bool)


def test_no_two_are_equally_plain() -> None:
    plainness = [LEARNERS.load(name).plainness for name in LEARNERS]
    assert len(set(plainness)) == len(plainness)


def test_it_ranks_people_it_has_not_seen(learner: Learner) -> None:
    learnt, others = learner.learn(lesson()), lesson(seed=2)
    auc = Judge(learnt.scores(others.rows), others.happened)(np.ones(len(others.rows)))[0]
    assert auc > 0.66  # the odds themselves reach .83; likely alone, with the share of strangers, .68


def test_learning_twice_says_the_same(learner: Learner) -> None:
    taught = lesson()
    assert learner.learn(taught).scores(taught.rows).tolist() == learner.learn(taught).scores(taught.rows).tolist()


def test_a_score_depends_on_the_own_row_alone(learner: Learner) -> None:
    taught = lesson(500)
    learnt = learner.learn(taught)
    whole = learnt.scores(taught.rows)
    assert np.concatenate([learnt.scores(taught.rows[:7]), learnt.scores(taught.rows[7:])]) == pytest.approx(whole)


def test_what_was_learnt_is_numbers_and_comes_back_the_same(learner: Learner, name: str) -> None:
    taught = lesson()
    learnt = learner.learn(taught)
    stored = {
        part: (list(array.shape), json.dumps(array.astype(float).ravel().tolist()))
        for part, array in learnt.parts().items()
    }
    kind = LEARNERS.load(name)
    again = kind(kind.Options()).recall(
        {part: np.array(json.loads(numbers), float).reshape(shape) for part, (shape, numbers) in stored.items()}
    )
    assert again.scores(taught.rows).tolist() == learnt.scores(taught.rows).tolist()
    assert again.contributions(taught.rows[:50]) == pytest.approx(learnt.contributions(taught.rows[:50]))


def test_what_was_learnt_travels_to_workers(learner: Learner) -> None:
    taught = lesson(500)
    learnt = learner.learn(taught)
    other = pickle.loads(pickle.dumps(learnt))  # what a cluster does to reach its workers
    assert other.scores(taught.rows).tolist() == learnt.scores(taught.rows).tolist()


def test_contributions_name_what_matters(learner: Learner) -> None:
    taught = lesson()
    adds = learner.learn(taught).contributions(taught.rows)
    assert adds.shape == taught.rows.shape
    assert np.isfinite(adds).all()
    assert not adds[:, PLACE["returned"]].any()  # constant: it can add nothing
    told = {"buys", "recency", "likely", "never"}
    mean = {feature: float(np.abs(adds[:, place]).mean()) for feature, place in PLACE.items()}
    strongest = sorted(mean, key=lambda feature: -mean[feature])[: 2 if learner.baseline else 3]
    assert set(strongest) <= told
    likely = PLACE["likely"]
    if mean["likely"] > 0:
        assert np.corrcoef(adds[:, likely], taught.rows[:, likely])[0, 1] > 0.5


@pytest.mark.parametrize("people", [20, 60])
def test_few_people_are_no_error(learner: Learner, people: int) -> None:
    draw = np.random.default_rng(0)
    happened = np.arange(people) % 2 * 1.0
    learnt = learner.learn(Lesson(draw.normal(size=(people, len(NAMES))), happened, 1))
    assert np.isfinite(learnt.scores(draw.normal(size=(5, len(NAMES))))).all()


def test_features_that_say_nothing_are_no_error(learner: Learner) -> None:
    rows = np.zeros((200, len(NAMES)))
    learnt = learner.learn(Lesson(rows, np.arange(200) % 2 * 1.0, 1))
    assert np.isfinite(learnt.scores(rows)).all()
    assert np.ptp(learnt.scores(rows)) == 0


def test_a_value_far_beyond_all_others_is_no_error(learner: Learner) -> None:
    taught = lesson(500)
    rows = taught.rows.copy()
    rows[0] = 1e6
    assert np.isfinite(learner.learn(taught).scores(rows)).all()

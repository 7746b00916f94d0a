"""Learners against scikit-learn's own answers: what is stored scores as what was taught."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from siyu.profiles.needs.features import NAMES
from siyu.profiles.needs.learners.gradient_boosting import BoostingOptions, GradientBoosting
from siyu.profiles.needs.learners.neural_net import NetOptions, NeuralNet
from siyu.profiles.needs.learners.random_forest import ForestOptions, RandomForest
from siyu.profiles.needs.learners.trees import Tree, joined
from siyu.profiles.needs.port import Lesson


@pytest.fixture
def lesson() -> Lesson:
    draw = np.random.default_rng(5)
    rows = draw.normal(size=(2000, len(NAMES))).astype(np.float32).astype(float)
    odds = 2 * rows[:, 3] + np.abs(rows[:, 1]) - 1
    return Lesson(rows, (draw.random(2000) < 1 / (1 + np.exp(-odds))).astype(float), 3)


def test_boosted_trees_score_as_their_maker_does(lesson: Lesson) -> None:
    learnt = GradientBoosting(BoostingOptions()).learn(lesson)
    theirs = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=12, max_depth=5, min_samples_leaf=40, l2_regularization=1.0,
        early_stopping=False, random_state=3,
    ).fit(lesson.rows, lesson.happened)  # fmt: skip
    assert learnt.scores(lesson.rows) == pytest.approx(theirs.decision_function(lesson.rows))


def test_a_forest_scores_as_its_maker_does(lesson: Lesson) -> None:
    learnt = RandomForest(ForestOptions()).learn(lesson)
    theirs = RandomForestClassifier(60, max_depth=8, min_samples_leaf=40, random_state=3)
    chances = theirs.fit(lesson.rows, lesson.happened).predict_proba(lesson.rows)[:, 1]
    assert 1 / (1 + np.exp(-learnt.scores(lesson.rows))) == pytest.approx(chances, abs=1e-9)


def test_a_net_scores_as_its_maker_does(lesson: Lesson) -> None:
    learnt = NeuralNet(NetOptions()).learn(lesson)
    theirs = MLPClassifier(
        (16,), alpha=0.01, max_iter=30, batch_size=256, learning_rate_init=0.003, early_stopping=True,
        n_iter_no_change=4, random_state=3,
    ).fit(lesson.rows, lesson.happened)  # fmt: skip
    chances = theirs.predict_proba(lesson.rows)[:, 1]
    assert 1 / (1 + np.exp(-learnt.scores(lesson.rows))) == pytest.approx(chances)


def test_contributions_of_trees_add_up_to_the_score(lesson: Lesson) -> None:
    learnt = GradientBoosting(BoostingOptions()).learn(lesson)
    base = learnt.value[learnt.roots].sum() + learnt.start
    assert learnt.contributions(lesson.rows).sum(axis=1) + base == pytest.approx(learnt.scores(lesson.rows))


def test_a_tree_drawn_by_hand() -> None:
    """Asks feature 1 <= 0: left .2 (30 people); right asks feature 0 <= 5: .5 (10), .9 (60).

    By hand: the right split is worth (.5 * 10 + .9 * 60) / 70 = .842857, the root (.2 * 30 + .842857 * 70) / 100 = .65.
    Someone with (7, 1): feature 1 takes them from .65 to .842857, feature 0 from there to .9.
    """
    tree = Tree(
        feature=np.array([1, -2, 0, -2, -2]),
        threshold=np.array([0.0, 0, 5, 0, 0]),
        left=np.array([1, -1, 3, -1, -1]),
        right=np.array([2, -1, 4, -1, -1]),
        value=np.array([0.0, 0.2, 0, 0.5, 0.9]),
        people=np.array([100.0, 30, 70, 10, 60]),
    )
    trees = joined([tree], start=0.0, shares=False)
    rows = np.array([[7.0, 1.0], [7.0, 0.0], [5.0, 1.0]])
    assert trees.depth == 2
    assert trees.scores(rows) == pytest.approx([0.9, 0.2, 0.5])
    assert trees.contributions(rows)[0] == pytest.approx([0.9 - 0.842857, 0.842857 - 0.65], abs=1e-6)
    assert trees.contributions(rows)[1] == pytest.approx([0, 0.2 - 0.65])

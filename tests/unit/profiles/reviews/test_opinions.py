"""Opinions learned from ratings: on real reviews, and on texts made so that the answer is known."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from siyu.profiles.reviews.opinions import LEAST, NotLearned, Opinions, learn, spaced


@pytest.mark.slow
def test_real_reviews_are_told_apart(real_data: Path) -> None:
    table = pq.read_table(real_data / "reviews_zh" / "reviews.parquet")
    texts = [str(text or "") for text in table["review"].to_pylist()]
    labels = np.array(table["label"].to_pylist(), dtype=bool)
    test = np.array(
        [int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), 16) % 5 == 0 for text in texts]
    )
    model = learn([text for text, held in zip(texts, test, strict=True) if not held], labels[~test].tolist())
    assert isinstance(model, Opinions)
    chances = model.chances([text for text, held in zip(texts, test, strict=True) if held])
    accuracy = ((chances > 0.5) == labels[test]).mean()
    assert accuracy >= 0.93  # TF-IDF and logistic regression: .931
    assert abs(model.held.accuracy - accuracy) < 0.02  # what it says of itself is true
    sure = chances > 0.9
    assert labels[test][sure].mean() == pytest.approx(chances[sure].mean(), abs=0.02)  # a chance is a chance


def made(count: int, seed: int) -> tuple[list[str], list[bool]]:
    """Reviews of filler words, with a good or a bad word put in."""
    draw = np.random.default_rng(seed)
    filler = list("天地玄黄宇宙洪荒日月盈昃")
    good = draw.random(count) < 0.5
    words = [
        "".join(draw.choice(filler, 8)) + draw.choice(["满意", "great"] if kind else ["失望", "awful"]) for kind in good
    ]
    return words, good.tolist()


def test_both_languages_and_the_words_that_decide() -> None:
    model = learn(*made(1_000, 1))
    assert isinstance(model, Opinions)
    assert model.held.accuracy > 0.97
    assert model.reviews == 1_000
    texts, labels = made(300, 2)
    assert (((model.chances(texts) > 0.5) == np.array(labels)).mean()) > 0.97
    (word, weight), *_ = model.drivers("天地玄黄 awful")
    assert "awful" in word
    assert weight < 0


def test_labels_by_lot_teach_nothing() -> None:
    texts, _ = made(1_000, 3)
    labels = (np.random.default_rng(4).random(1_000) < 0.5).tolist()
    model = learn(texts, labels)
    assert isinstance(model, Opinions)
    assert abs(model.held.accuracy - 0.5) < 0.15  # 100 held reviews: .5 +- 3 x .05


def test_too_few_of_a_kind_say_so() -> None:
    assert learn([], []) == NotLearned("few-good")
    assert learn(["a"] * LEAST, [True] * LEAST) == NotLearned("few-bad")


def test_empty_and_unknown_texts_are_even() -> None:
    model = learn(*made(400, 5))
    assert isinstance(model, Opinions)
    assert model.chances(["", None, "🎉", "zzz"]).tolist() == [0.5] * 4
    assert model.drivers("") == []


def test_equal_reviews_only_still_learn_or_refuse() -> None:
    model = learn(["好"] * 150 + ["坏"] * 150, [True] * 150 + [False] * 150)
    assert isinstance(model, Opinions)
    assert model.chances(["好", "坏"])[0] > 0.5 > model.chances(["好", "坏"])[1]


def test_units() -> None:
    assert spaced("ＡＢＣ手机不错。It's fine") == "abc 手 机 不 错 。 it ' s fine"

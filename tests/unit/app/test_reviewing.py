"""``siyu reviews``: reading anew, and the judge on rated reviews of a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score
from typer.testing import CliRunner

from siyu.app.cli.commands import app
from siyu.app.judging import judge_reviews
from siyu.domain.errors import InputError
from siyu.profiles.reviews.opinions import Opinions, learn


def run(*words: str) -> str:
    found = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def made(count: int, *, wrong: float = 0.1) -> tuple[list[str], list[int]]:
    """Reviews with a good or a bad word; ``wrong`` of the labels by lot the other way round."""
    draw = np.random.default_rng(5)
    good = draw.random(count) < 0.6
    texts = [f"{n} {'满意 great' if kind else '失望 awful'} {draw.integers(99)}" for n, kind in enumerate(good)]
    return texts, (good ^ (draw.random(count) < wrong)).astype(int).tolist()


def test_the_judge_is_scikit_learn_on_the_fifth_that_the_hash_keeps_apart(tmp_path: Path) -> None:
    texts, labels = made(2_000)
    table = pa.table({"words": texts, "mark": labels, "kind": ["a", "b"] * 1_000})
    pq.write_table(table, tmp_path / "reviews.parquet")
    found = judge_reviews(tmp_path / "reviews.parquet", text="words", label="mark", group="kind")
    apart = np.array([int(hashlib.sha1(one.encode()).hexdigest(), 16) % 5 == 0 for one in texts])
    truth = np.array(labels, bool)
    model = learn([one for one, held in zip(texts, apart, strict=True) if not held], truth[~apart].tolist())
    assert isinstance(model, Opinions)
    said = model.chances([one for one, held in zip(texts, apart, strict=True) if held]) > 0.5
    assert found.accuracy == accuracy_score(truth[apart], said)
    assert 0.85 < found.accuracy < 0.95  # a tenth of the labels is wrong
    assert (found.learned_from, found.reviews) == (int((~apart).sum()), int(apart.sum()))
    assert sum(count for count, _ in found.groups.values()) == found.reviews
    assert found.cpu_seconds > 0


def test_ratings_are_labels_and_three_stars_are_none(tmp_path: Path) -> None:
    texts, labels = made(1_500, wrong=0)
    stars = [5 if label else 1 for label in labels]
    stars[:300] = [3] * 300
    csv.write_csv(pa.table({"text": texts, "rating": stars}), tmp_path / "reviews.csv")
    found: dict[str, Any] = json.loads(run("reviews", "--judge", str(tmp_path / "reviews.csv"), "--json"))
    assert found["learned_from"] + found["reviews"] == 1_200
    assert found["accuracy"] > 0.97
    assert "Accuracy" in run("reviews", "--judge", str(tmp_path / "reviews.csv"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("reviews.csv", "text,rating\nfine,5\n", "too few rated reviews"),
        ("reviews.csv", "text,stars\nfine,5\n", "no column rating"),
        ("reviews.csv", "text,rating\nfine,good\n", "no numbers"),
        ("reviews.txt", "fine", "cannot be read"),
        ("reviews.csv", "", "cannot be read"),
        ("reviews.parquet", "text,rating\n", "cannot be read"),
    ],
)
def test_files_that_cannot_be_judged_say_why(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        judge_reviews(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        judge_reviews(tmp_path / "absent.csv")


@pytest.mark.slow
def test_reviews_zh(real_data: Path) -> None:
    found = judge_reviews(real_data / "reviews_zh" / "reviews.parquet", text="review", label="label", group="cat")
    assert (found.learned_from, found.reviews) == (40_178, 10_084)
    assert found.accuracy >= 0.93  # what is asked of it
    assert abs(found.expected - found.accuracy) < 0.01

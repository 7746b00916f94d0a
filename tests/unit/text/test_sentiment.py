"""Sentiment: lexicon, negation, intensifiers, and sanity on real reviews."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.text.lists import word_list
from siyu.text.sentiment import sentiment, sentiments


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("excellent", 2.0),  # a strong word
        ("good", 1.0),
        ("very good", 1.5),  # x 1.5
        ("not good", -0.75),  # x -0.75
        ("not very good", -1.125),  # x -0.75 x 1.5
        ("good. not bad", 2.0),  # "not bad" is an entry of its own
        ("not, good", 1.0),  # the comma ends the negation
        ("good but slow", 0.0),
        ("质量好", 1.0),
        ("质量不是很好", -0.75),  # "很好" is an entry: 1 x -0.75
        ("没有不满意", 0.75),  # -1 x -0.75
        ("垃圾", -2.0),
        ("有点小贵", -0.6),  # "有点" x 0.6; "小" within reach
        ("爱好 好像 差别", 0.0),  # neutral words hold sentiment characters
    ],
)
def test_sums(text: str, total: float) -> None:
    # score = total / sqrt(total^2 + 3)
    assert sentiment(text).score == pytest.approx(total / sqrt(total * total + 3))


def test_words_show_what_drives_the_score() -> None:
    found = sentiment("Great quality and stylish products! Delivery was not fast.")
    assert ("great", 1.0) in found.words
    assert ("stylish", 1.0) in found.words
    assert ("not fast", -0.75) in found.words


def test_arrays() -> None:
    rows = sentiments(pa.array(["很好", None, "bad"])).to_pylist()
    assert rows[0] == {"score": 0.5, "words": ["很好"]}  # 1 / sqrt(1 + 3)
    assert rows[1] is None
    assert rows[2]["score"] == -0.5


def test_no_word_is_in_two_lists() -> None:
    names = ("strong_positive", "positive", "neutral", "negative", "strong_negative")
    for language in ("zh", "en"):
        counts = Counter(word for name in names for word in word_list(language, name))
        assert [word for word, times in counts.items() if times > 1] == []


@given(st.text(max_size=80))
def test_scores_stay_in_range(text: str) -> None:
    assert -1 <= sentiment(text).score <= 1


@pytest.mark.slow
def test_real_reviews_are_mostly_told_apart(real_data: Path) -> None:
    table = pq.read_table(real_data / "reviews_zh").slice(0, 50_262)
    rows = table.select(["label", "review"]).take(pa.array(range(0, table.num_rows, 25))).to_pylist()
    scored = [(row["label"], sentiment(row["review"] or "").score) for row in rows]
    told = [(label == 1) == (score > 0) for label, score in scored if score != 0]
    assert len(told) > 0.75 * len(scored)  # a sanity bound, far above the .5 of a coin
    assert sum(told) > 0.7 * len(told)

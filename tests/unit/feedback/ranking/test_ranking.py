"""Which of two texts people would rather follow: planted preferences, and real headline tests split by story."""

from __future__ import annotations

import json
import math
import random
from hashlib import sha1
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from siyu.feedback.ranking.features import NAMES, named
from siyu.feedback.ranking.learning import Pair, Ranker, learn, neutral

PRODUCTS = ("帆布鞋", "T恤", "双肩包", "棒球帽", "连衣裙", "保温杯", "围巾", "手表")


def planted(count: int, seed: int) -> list[Pair]:
    """Questions do better than statements; whatever else differs is noise."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        name, other = chance.choice(PRODUCTS), chance.choice(PRODUCTS)
        question, statement = f"{name}，想看看吗？", f"{other}，已经到了。"
        z = abs(chance.gauss(2, 0.5))
        found.append(Pair(question, statement, z) if chance.random() < 0.5 else Pair(statement, question, -z))
    return found


def test_a_planted_preference_is_learnt_and_told() -> None:
    ranker = learn(planted(300, 1), source="planted")
    asked, said = ranker.scores(["毛衣，想看看吗？", "毛衣，已经到了。"])
    assert asked > said + 1
    drivers = dict(ranker.drivers("毛衣，想看看吗？", 20))
    assert drivers["？"] > 0
    assert "<question>" in drivers
    assert ranker.trained_on == {"pairs": 300, "texts": 16, "source": "planted"}


def test_a_score_is_the_sum_of_what_drives_it() -> None:
    ranker = learn(planted(200, 2), source="planted")
    text = "帆布鞋，想看看吗？"
    told = sum(value for _, value in ranker.drivers(text, 10_000))
    letters = Ranker({}, ranker.runs, ranker.means, ranker.scales, ranker.weights * 0, {"pairs": 1}).scores([text])[0]
    assert told + letters == pytest.approx(ranker.scores([text])[0])


def test_a_pair_turned_round_teaches_the_same() -> None:
    pairs = planted(120, 3)
    turned = [Pair(pair.second, pair.first, -pair.z) for pair in pairs]
    texts = ["毛衣，想看看吗？", "毛衣，已经到了。"]
    assert learn(pairs, source="").scores(texts) == pytest.approx(learn(turned, source="").scores(texts), abs=1e-4)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [Pair("a", "b", 1.0)] * 49,
        [Pair("a", "a", 1.0)] * 100,
        [Pair("a", "b", math.nan)] * 100,
        [Pair("a", "b", 0.0)] * 100,
    ],
)
def test_without_results_it_is_neutral(pairs: list[Pair]) -> None:
    ranker = learn(pairs, source="nothing")
    assert ranker.neutral
    assert ranker.scores(["a", ""]).tolist() == [0.0, 0.0]
    assert ranker.drivers("a") == []


def test_it_is_kept_as_text_and_comes_back_the_same() -> None:
    ranker = learn(planted(200, 4), source="planted")
    again = Ranker.loads(ranker.dumps())
    texts = ["帆布鞋，想看看吗？", "", "😀" * 40, "x" * 5_000, "مرحبا ?"]
    assert again.scores(texts).tolist() == ranker.scores(texts).tolist()
    assert np.isfinite(ranker.scores(texts)).all()
    assert Ranker.loads(json.dumps({"format": 99})).neutral
    assert Ranker.loads(neutral().dumps()).neutral


def test_named_features_by_hand() -> None:
    row = dict(zip(NAMES, named(["Why you? 2 new bags, only ¥9!"])[0], strict=True))
    assert row["length"] == pytest.approx(math.log1p(29))
    assert row["words"] == pytest.approx(math.log1p(5))  # Why you new bags only
    assert row["word-length"] == pytest.approx((3 + 3 + 3 + 4 + 4) / 5)
    assert [row[name] for name in ("question", "exclamation", "digit", "money", "reader", "urgent", "new")] == [1] * 7
    assert [row[name] for name in ("comma", "sentences", "emoji", "person", "we")] == [1, 2, 0, 0, 0]


def upworthy(path: Path) -> list[tuple[Pair, bool]]:
    """Pairs of headlines with the same picture in one test, and whether their story is of the test part.

    z is that of two proportions, pooled. Stories that share a headline are one, so no story is on both sides.
    """
    columns = ["clickability_test_id", "eyecatcher_id", "headline", "impressions", "clicks", "story"]
    table = pq.read_table(path, columns=columns)
    arms: dict[tuple[str, str], dict[str, list[int]]] = {}
    story: dict[str, str] = {}
    for row in table.to_pylist():
        key = (row["clickability_test_id"], row["eyecatcher_id"])
        arm = arms.setdefault(key, {}).setdefault(row["headline"], [0, 0])
        arm[0], arm[1] = arm[0] + row["impressions"], arm[1] + row["clicks"]
        story[key[0]] = row["story"]
    found = []
    for (test, _), texts in sorted(arms.items()):
        for (one, (shown, clicked)), (other, (seen, followed)) in combinations(sorted(texts.items()), 2):
            pooled = (clicked + followed) / (shown + seen)
            error = math.sqrt(pooled * (1 - pooled) * (1 / shown + 1 / seen))
            z = (clicked / shown - followed / seen) / error if error else 0.0
            found.append((Pair(one, other, z), int(sha1(story[test].encode()).hexdigest(), 16) % 5 == 0))
    return found


@pytest.mark.slow
def test_headlines_nobody_has_seen(real_data: Path) -> None:
    pairs = upworthy(real_data / "upworthy" / "variants.parquet")
    ranker = learn([pair for pair, held in pairs if not held], source="upworthy")
    sure = [pair for pair, held in pairs if held and abs(pair.z) > 1.96]
    gap = ranker.scores([pair.first for pair in sure]) - ranker.scores([pair.second for pair in sure])
    right = np.mean((gap > 0) == np.array([pair.z > 0 for pair in sure]))
    assert len(sure) > 500
    assert right >= 0.675

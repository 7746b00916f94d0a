"""A shop's own results as pairs: by hand, within briefs, and never across them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from siyu.engine.embedded import EmbeddedEngine
from siyu.engine.schemas import EVENTS, MESSAGES
from siyu.feedback.ranking.results import pairs, ranker_of, relearn

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PIECES = pa.schema(
    [
        ("brief_id", pa.string()),
        ("language", pa.string()),
        ("pieces", pa.list_(pa.struct([("piece_id", pa.string()), ("part", pa.string()), ("text", pa.string())]))),
    ]
)


def fill(engine: EmbeddedEngine, shown: dict[tuple[str, str], tuple[int, int]], texts: dict[str, str]) -> pa.Array:
    """Messages of one hook each: (brief, piece) -> (people, followers)."""
    messages, events = [], []
    for (brief, piece), (people, followers) in shown.items():
        for number in range(people):
            key = f"{brief}-{piece}-{number}"
            part = {"part": "hook", "piece_id": piece, "text": f"filled {texts[piece]}"}
            messages.append({"message_id": key, "person": key, "brief_id": brief, "parts": [part]})
            if number < followers:
                click = {"event_id": key, "person": key, "kind": "click", "ts": NOW, "message_id": key}
                events += [click, {**click, "event_id": f"{key}-again"}]  # who clicks twice followed once
    lines = [{"piece_id": piece, "part": "hook", "text": text} for piece, text in texts.items()]
    pieces = [{"brief_id": brief, "language": "zh", "pieces": lines} for brief in sorted({b for b, _ in shown})]
    for name, rows, schema in (
        ("messages", messages, MESSAGES),
        ("events", events, EVENTS),
        ("pieces", pieces, PIECES),
    ):
        engine.write(pa.Table.from_pylist(rows, schema).to_reader(), name)
    return pa.array([row["message_id"] for row in messages])


def test_pairs_are_compared_within_briefs(engine: EmbeddedEngine) -> None:
    # Brief a: hook-1 10 of 40, hook-2 5 of 60; brief b: hook-1 20 of 50, hook-2 25 of 50.
    accepted = fill(
        engine,
        {("a", "hook-1"): (40, 10), ("a", "hook-2"): (60, 5), ("b", "hook-1"): (50, 20), ("b", "hook-2"): (50, 25)},
        {"hook-1": "看看{title}？", "hook-2": "{title}到了。"},
    )
    (found,) = pairs(engine, accepted)["zh"]
    # Mantel-Haenszel: gap = (10 - 40 * 15/100) + (20 - 50 * 45/100) = 4 - 2.5
    # variance = 40*60*15*85 / (100^2 * 99) + 50*50*45*55 / (100^2 * 99)
    variance = (40 * 60 * 15 * 85 + 50 * 50 * 45 * 55) / (100**2 * 99)
    assert (found.first, found.second) == ("看看{title}？", "{title}到了。")
    assert found.z == pytest.approx(1.5 / math.sqrt(variance))


def test_pieces_of_different_briefs_and_of_few_people_are_not_compared(engine: EmbeddedEngine) -> None:
    accepted = fill(
        engine,
        {("a", "hook-1"): (40, 10), ("b", "hook-2"): (60, 5), ("a", "hook-3"): (29, 5)},
        {"hook-1": "一", "hook-2": "二", "hook-3": "三"},
    )
    assert pairs(engine, accepted) == {}


def test_messages_that_were_not_accepted_do_not_count(engine: EmbeddedEngine) -> None:
    accepted = fill(engine, {("a", "hook-1"): (40, 10), ("a", "hook-2"): (40, 5)}, {"hook-1": "一", "hook-2": "二"})
    assert len(pairs(engine, accepted)["zh"]) == 1
    assert pairs(engine, accepted.slice(0, 40)) == {}


def test_a_shop_with_many_results_learns_what_its_readers_follow(engine: EmbeddedEngine) -> None:
    texts = {f"hook-q{n}": f"看看{{title}}{word}吗？" for n, word in enumerate("春夏秋冬晨昏")}
    texts |= {f"hook-s{n}": f"{{title}}{word}到了。" for n, word in enumerate("春夏秋冬晨昏")}
    shown = {("a", piece): (100, 30 if "q" in piece else 10) for piece in texts}
    accepted = fill(engine, shown, texts)
    assert relearn(engine, accepted) == {}  # 36 pairs differ: too few to learn from
    shown |= {("b", piece): (100, 31 if "q" in piece else int(9 + int(piece[-1]))) for piece in texts}
    accepted = fill(engine, shown, texts)
    assert relearn(engine, accepted)["zh"] >= 50
    asked, said = ranker_of(engine, "zh").scores(["看看{title}新吗？", "{title}新到了。"])
    assert asked > said
    assert ranker_of(engine, "en").neutral


def test_without_any_result(engine: EmbeddedEngine) -> None:
    assert pairs(engine, pa.array([], pa.string())) == {}
    assert relearn(engine, pa.array([], pa.string())) == {}
    assert ranker_of(engine, "zh").neutral

"""Needs in words: every feature, learner and finding has its own in both languages; lines say what the figures say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from siyu.app.cli import foreseen, sentences
from siyu.packs import needs as phrases
from siyu.packs import read
from siyu.profiles import ProfileReport
from siyu.profiles.needs.features import NAMES
from siyu.profiles.needs.findings import WHATS, WHYS, Finding
from siyu.profiles.needs.report import NeedsReport
from siyu.profiles.needs.table import LEARNERS


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIYU_LANG", "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_has_words(language: str) -> None:
    words = read("languages", language, "needs")
    assert set(words["features"]) == set(words["drivers"]) == set(NAMES)
    assert set(words["learners"]) == set(LEARNERS)
    assert set(words["findings"]) == set(WHYS)
    assert set(words["what"]) == set(WHATS)
    for name in NAMES:
        told = phrases.driver(name, 3.0, 51.0, words, language, "CNY")
        assert "{" not in told
        assert name == "never" or ("3" in told and "5" in told)


def test_numbers_read_as_what_they_are() -> None:
    words = read("languages", "en", "needs")
    asked = (("recency", 3.2, 51.0), ("spend", 1234.5, 0.0), ("alive", 0.853, 0.5), ("late", 0.25, 2.0))
    told = {name: phrases.driver(name, value, usual, words, "en", "GBP") for name, value, usual in asked}
    assert told == {
        "recency": "last bought 3 days ago (usual: 51)",
        "spend": "spent £1,234.50 in all (usual: £0.00)",
        "alive": "by the dates of their purchases still a buyer, with 85% (usual: 50%)",
        "late": "silent for 0.2 of their own gaps between purchases (usual: 2)",
    }


def person(**more: Any) -> dict[str, Any]:
    drivers = [
        {"chance": "buy", "name": "recency", "value": 3.0, "usual": 51.0, "effect": 0.123},
        {"chance": "churn", "name": "never", "value": 1.0, "usual": 0.0, "effect": -0.02},
    ]
    row = {"buy_30": 0.62, "churn": 0.04, "churn_days": 45.0, "value_12m": 345.6, "drivers": drivers,
           "horizon_days": 30, "value_days": 365, "made_at": datetime(2026, 6, 1, tzinfo=UTC), "model": "m1",
           "affinity": [{"category": "Gifts > Cards", "chance": 0.45}], "findings": []}  # fmt: skip
    return {**row, **more}


def test_a_person_is_told_with_what_drives_each_chance() -> None:
    assert list(foreseen.explained(person(), "GBP")) == [
        "\nNeeds  (2026-06-01, model m1)",
        "    Buys within 30 days: 62%",
        "        +12.3 points: last bought 3 days ago (usual: 51)",
        "    Buys nothing for 45 days: 4.0%",
        "        −2.0 points: has not bought yet",
        "    Will spend within 365 days: £345.60",
        "    Likely in the next purchase: Gifts > Cards 45%",
    ]
    assert list(foreseen.explained(None, "GBP")) == []


def test_what_could_not_be_foreseen_is_told_with_its_reason() -> None:
    findings = [{"what": "churn", "why": "no-buyers", "facts": {}}]
    lines = list(foreseen.explained(person(churn=None, value_12m=None, affinity=[], findings=findings), "GBP"))
    assert lines[-1] == "    Note: being lost: nobody has bought and kept anything yet"
    assert not any("nothing for" in line for line in lines)


def report() -> NeedsReport:
    figure = {"value": 0.7312, "low": 0.71, "high": 0.75}
    reporting = {"auc": figure, "brier": figure, "lift": {**figure, "value": None}}
    learners = [
        {"learner": name, "baseline": name == "bg-nbd", "chosen": name == "linear-svm", "equal": name != "bg-nbd",
         "choosing": {}, "reporting": reporting, "cpu_seconds": 1}
        for name in ("bg-nbd", "linear-svm", "neural-net")
    ]  # fmt: skip
    comparison = {
        "target": "buy", "plan": {"window": 30, "report": "2026-05-01T00:00:00", "choose": "2026-04-01T00:00:00"},
        "people": {"report": 1000}, "happened": {"report": 0.31}, "learners": learners, "chosen": "linear-svm",
        "curve": "platt",
    }  # fmt: skip
    finding = Finding("churn", "history-short", {"days": 90, "windows": 4})
    return NeedsReport("learnt", "asked", "m1", people=1000, learnt_from={"people": 1000, "drawn": 900},
                       horizons={"buy": 30}, comparisons={"buy": comparison}, findings=(finding,))  # fmt: skip


def test_the_comparison_is_a_table() -> None:
    lines = foreseen.compared(report(), "GBP")
    assert lines[0] == "Learnt from 900 of 1,000 people; model m1"
    assert "1,000 people, of whom 31% bought" in lines[2]
    marks = {line.strip().split(" ")[0]: line for line in lines[4:7]}
    assert "BG/NBD" in marks["-"]
    assert "Linear SVM" in marks["*"]
    assert "Neural net" in marks["="]
    assert "0.731 [0.710, 0.750]" in marks["*"]
    assert lines[3].index("AUC") == lines[5].index("0.731")
    assert lines[-1].startswith("Note: being lost: history is too short: some 4 times 90 days")


def test_profiling_says_what_came_of_needs() -> None:
    done = ProfileReport("full", "first-run", 10, 0, 5, {}, {}, {}, needs=report().brief())
    learnt, lacking = sentences.profiled(done)[1:]
    assert learnt == "Needs learnt anew; 1,000 people foreseen"
    assert lacking.strip().startswith("Not worked out: being lost: history is too short: some 4 times 90 days")
    assert len(sentences.profiled(replace(done, needs=NeedsReport("off")))) == 1
    assert report().brief().comparisons == {}

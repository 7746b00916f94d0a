"""What the gate stops and lets through, by the judge's own data: half of the templates were held out of tuning.

The values of faults (amounts, names, awards) stand in templates of both halves; only the words around them are unseen.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from siyu.copywriting.checks.law import LawCheck
from siyu.copywriting.checks.port import Context, Line

from .generator import faults, lawful
from .judging import findings, recall, required_recall

FAULTS = list(faults())
LAWFUL = list(lawful())
KINDS = sorted({case.kind for case in FAULTS})


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_fault_is_made_often_enough_and_found(kind: str) -> None:
    mine = [case for case in FAULTS if case.kind == kind]
    assert len(mine) >= 100, "too few to say"
    found, every = recall(case for case in mine if case.half == "report")[kind]
    assert found / every >= 0.95


def test_lawful_sentences_are_let_through() -> None:
    stems = [case for case in LAWFUL if case.text and case.text == case.text.strip()]
    assert len(stems) >= 1500
    alarms = [case.text for case in LAWFUL if findings(case)]
    assert len(alarms) / len(LAWFUL) <= 0.02, alarms


def test_text_messages_without_sender_or_way_out_are_noticed() -> None:
    found, every = required_recall()
    assert every >= 100
    assert found / every >= 0.95


def test_human_advertisements_are_seldom_barred(real_data: Path) -> None:
    """Severity `block`, of the law of China, on the test part of AdvertiseGen: at most one in a hundred."""
    lines = (real_data / "advertisegen" / "pairs.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["summary"] for line in lines]
    part = [text for text in texts if int(hashlib.sha1(text.encode()).hexdigest(), 16) % 5 == 0]
    law = LawCheck(Context("zh", "email", "cn", "e-commerce"))
    barred = [text for text in part if any(one.severity == "block" for one in law.look(Line("hook", text)))]
    assert len(part) == 111
    assert len(barred) / len(part) <= 0.01, barred

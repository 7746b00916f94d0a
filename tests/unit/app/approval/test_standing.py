"""How messages stand by what people said, on rows made by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from siyu.app.approval.modes import Mode
from siyu.app.approval.standing import COLUMNS, stand, subject_of
from siyu.engine.schemas import MESSAGES

SCHEMA = pa.schema([MESSAGES.field(name) for name in COLUMNS])
HOOK = {"part": "hook", "piece_id": "hook-1", "text": "全店第一！"}
CALL = {"part": "call", "piece_id": "call-1", "text": "看看"}
ASKS = {"rule": "law.first", "severity": "human", "part": "hook", "start": 0, "end": 4, "excerpt": "全店第一"}
CAUTION = {**ASKS, "rule": "law.tone", "severity": "caution"}


def messages(*rows: tuple[str, list[dict[str, str]] | None, list[dict[str, object]] | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"message_id": f"m{place}", "person": f"p{place}", "status": status, "parts": parts, "findings": findings}
            for place, (status, parts, findings) in enumerate(rows)
        ],
        SCHEMA,
    )


ROWS = messages(
    ("approved", [HOOK, CALL], [CAUTION]),
    ("human", [HOOK, CALL], [ASKS]),
    ("human", [CALL], []),  # no law pack: nothing was found, yet nobody may let it go unseen
    ("refused", [HOOK], [ASKS]),
    ("no-product", None, None),
)
LINE = subject_of("hook", "全店第一！")


@pytest.mark.parametrize(
    ("mode", "verdicts", "status", "by_person"),
    [
        (Mode.AUTO, {}, ["approved", "human", "human", "refused", "no-product"], []),
        (Mode.AUTO, {LINE: "approved"}, ["approved", "approved", "human", "refused", "no-product"], ["m1"]),
        (Mode.AUTO, {"hook-1": "approved"}, ["approved", "human", "human", "refused", "no-product"], []),
        (Mode.AUTO, {"call-1": "approved"}, ["approved", "human", "approved", "refused", "no-product"], ["m2"]),
        (Mode.AUTO, {LINE: "refused"}, ["approved", "refused", "human", "refused", "no-product"], []),
        (Mode.ALL, {}, ["human", "human", "human", "refused", "no-product"], []),
        (Mode.ALL, {"hook-1": "approved"}, ["human", "human", "human", "refused", "no-product"], []),
        (
            Mode.ALL,
            {"hook-1": "approved", "call-1": "approved"},
            ["approved", "human", "approved", "refused", "no-product"],  # the found line is a question of its own
            ["m2"],
        ),
        (
            Mode.SAMPLE,
            {"hook-1": "approved", "call-1": "approved", LINE: "approved"},
            ["approved", "approved", "approved", "refused", "no-product"],
            ["m1", "m2"],
        ),
        (Mode.ALL, {"call-1": "refused"}, ["refused", "refused", "refused", "refused", "no-product"], []),
    ],
)
def test_standing(mode: Mode, verdicts: dict[str, str], status: list[str], by_person: list[str]) -> None:
    found = stand(ROWS, verdicts, mode)
    assert found.status.to_pylist() == status
    assert found.by_person.to_pylist() == by_person


def test_what_waits_is_told_with_its_rule() -> None:
    waiting = stand(ROWS, {}, Mode.AUTO).waiting.to_pylist()
    assert [(one["row"], one["subject"], one["rule"]) for one in waiting] == [(2, "call-1", ""), (1, LINE, "law.first")]


def test_a_finding_of_the_whole_message_is_about_every_line() -> None:
    whole = {**ASKS, "part": "body"}
    waiting = stand(messages(("human", [HOOK, CALL], [whole])), {}, Mode.AUTO).waiting
    assert set(waiting["subject"].to_pylist()) == {LINE, subject_of("call", "看看")}


def test_nothing_at_all() -> None:
    found = stand(SCHEMA.empty_table(), {"a": "approved"}, Mode.ALL)
    assert found.status.to_pylist() == []
    assert found.waiting.num_rows == 0

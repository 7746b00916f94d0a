"""Sessions: 30 minutes of silence, one per order, and never renumbered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from siyu.engine.embedded import EmbeddedEngine

from .conftest import Importer, jsonl, rows


def view(minute: int, user: str = "u", kind: str = "browse", **more: Any) -> dict[str, Any]:
    moment = f"2026-05-01T{10 + minute // 60:02d}:{minute % 60:02d}:00Z"
    return {"user_id": user, "kind": kind, "ts": moment, "item": f"i{minute}", **more}


def sessions(engine: EmbeddedEngine) -> dict[str, str]:
    return {row["item"]: row["session_id"] for row in rows(engine, "events")}


def test_a_gap_over_thirty_minutes_ends_one(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    lines = [view(0), view(30), view(59), view(90), view(10, user="v")]  # 59 to 90 is 31 minutes
    take(paths=(jsonl(tmp_path / "e.jsonl", *lines),))
    found = sessions(engine)
    assert found["i0"] == found["i30"] == found["i59"] != found["i90"]
    assert found["i10"] not in {found["i0"], found["i90"]}


def test_an_order_is_one_session(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    lines = [view(0, kind="purchase", order_id="o"), view(50, kind="purchase", order_id="o"), view(55)]
    take(paths=(jsonl(tmp_path / "e.jsonl", *lines),))
    found = sessions(engine)
    assert found["i0"] == found["i50"] != found["i55"]  # the order stands at minute 0, 55 minutes before the view


def test_later_imports_join_and_never_renumber(take: Importer, engine: EmbeddedEngine, tmp_path: Path) -> None:
    take(paths=(jsonl(tmp_path / "1.jsonl", view(60), view(120), view(80, kind="purchase", order_id="o")),))
    before = sessions(engine)
    more = [view(40), view(95), view(140), view(240), view(130, kind="purchase", order_id="o")]
    take(paths=(jsonl(tmp_path / "2.jsonl", *more),))
    after = sessions(engine)
    assert {item: after[item] for item in before} == before
    assert after["i40"] == before["i60"]  # just before a stored session
    assert after["i95"] == before["i60"]  # 15 minutes after its last event, though also near the next one
    assert after["i140"] == before["i120"]
    assert after["i130"] == before["i80"]  # a line of a stored order
    assert after["i240"] not in set(before.values())

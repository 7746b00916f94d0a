"""The spool holds raw ids: whatever a kill leaves of it goes with the next import, news or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siyu.engine.embedded import EmbeddedEngine
from siyu.events.intake import SPOOL

from .conftest import Importer, jsonl


@pytest.mark.parametrize("news", [False, True])
def test_what_a_kill_left_is_removed(take: Importer, engine: EmbeddedEngine, tmp_path: Path, news: bool) -> None:
    def event(n: int) -> dict[str, Any]:
        return {"event_id": f"e{n}", "user_id": "u", "kind": "browse", "item": "p", "ts": "2026-05-01T09:00:00Z"}

    jsonl(tmp_path / "1.jsonl", event(1))
    take(paths=[str(tmp_path / "*.jsonl")])
    left = Path(engine.root) / SPOOL
    left.mkdir()
    (left / "raw.parquet").write_bytes(b"a raw id")
    if news:
        jsonl(tmp_path / "2.jsonl", event(2))
    assert take(paths=[str(tmp_path / "*.jsonl")]).read == int(news)
    assert not left.exists()

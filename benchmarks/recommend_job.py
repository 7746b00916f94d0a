"""What the benchmark of recommendations runs, as a process of its own: ``python -m benchmarks.recommend_job ...``."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationSettings, recommend


def main(folder: str, memory: str, now: str) -> None:
    """Recommend for everyone in the datasets of ``folder``; the counts as JSON on the last line."""
    moment = datetime.fromisoformat(now).astimezone(UTC)
    report = recommend(EmbeddedEngine(Path(folder), memory=memory), RecommendationSettings(), clock=FixedClock(moment))
    print(json.dumps({"people": report.people, "why": report.why, "rows": dict(report.rows)}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What the benchmark of recommendations runs, as a process of its own: ``python -m benchmarks.recommend_job ...``."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from siyu.domain.clock import FixedClock
from siyu.engine.embedded import EmbeddedEngine
from siyu.recommendations import RecommendationSettings, recommend


def main(folder: str, memory: str, now: str, settings: str = "{}") -> None:
    """Recommend for everyone in the datasets of ``folder``, with settings as JSON; the counts on the last line."""
    moment = datetime.fromisoformat(now).astimezone(UTC)
    chosen = RecommendationSettings.model_validate_json(settings)
    report = recommend(EmbeddedEngine(Path(folder), memory=memory), chosen, clock=FixedClock(moment))
    print(json.dumps({"people": report.people, "why": report.why, "rows": dict(report.rows)}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What is collected: modules of an extra that is not installed hold nothing to test."""

from __future__ import annotations

from importlib.util import find_spec

LEARNING = [f"src/siyu/recommendations/sequential/{name}.py" for name in ("learning", "network")]
collect_ignore = [] if find_spec("torch") else LEARNING

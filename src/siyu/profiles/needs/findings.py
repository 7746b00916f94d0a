"""What of needs could not be worked out, and why; see :mod:`siyu.profiles.findings`."""

from __future__ import annotations

from siyu.profiles.findings import Finding as Finding

WHATS = ("buy", "churn", "value", "affinity")
WHYS = (
    "history-short", "too-few-people", "nobody-bought", "everybody-bought", "nobody-left", "everybody-left",
    "no-buyers", "no-repeats", "no-variance", "no-categories", "horizon-shortened", "split-people",
)  # fmt: skip

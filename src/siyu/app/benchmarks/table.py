"""Benchmarks by name. A new one is one file and one line here."""

from __future__ import annotations

from siyu.app.benchmarks.port import Benchmark
from siyu.domain.registry import Registry

BENCHMARKS: Registry[Benchmark] = Registry(
    "benchmark",
    "siyu.benchmarks",
    {
        "beauty": "siyu.app.benchmarks.amazon:BEAUTY",
        "complete_journey": "siyu.app.benchmarks.complete_journey:COMPLETE_JOURNEY",
        "diginetica": "siyu.app.benchmarks.diginetica:DIGINETICA",
        "online_retail": "siyu.app.benchmarks.online_retail:ONLINE_RETAIL",
        "sports": "siyu.app.benchmarks.amazon:SPORTS",
    },
)
"""What ``siyu evaluate --benchmark`` knows."""

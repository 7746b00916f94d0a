"""Engines by name. A new one is one file and one line here."""

from __future__ import annotations

from siyu.domain.registry import Registry
from siyu.engine.port import EngineFactory

ENGINES: Registry[EngineFactory] = Registry(
    "engine",
    "siyu.engines",
    {
        "embedded": "siyu.engine.embedded:EmbeddedEngine",
    },
)

"""Writers by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from siyu.copywriting.writers.port import Writer
from siyu.domain.registry import Registry

WRITERS: Registry[Callable[[], Writer]] = Registry(
    "writer",
    "siyu.writers",
    {
        "offline": "siyu.copywriting.writers.offline:OfflineWriter",
    },
)

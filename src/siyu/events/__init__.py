"""Events: files of any shape become one clean table of what people did, and everything else is set aside with why."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.events.importing import import_events
    from siyu.events.report import ImportReport
    from siyu.events.settings import BotSettings, SourceSettings, read_mapping

__all__ = ["BotSettings", "ImportReport", "SourceSettings", "import_events", "read_mapping"]

__getattr__ = deferred(
    __name__,
    {
        "importing": ("import_events",),
        "report": ("ImportReport",),
        "settings": (
            "BotSettings",
            "SourceSettings",
            "read_mapping",
        ),
    },
)

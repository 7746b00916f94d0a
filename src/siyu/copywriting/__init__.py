"""Copywriting: brief -> pieces -> checks -> assembly -> filled, checked messages -> approved copy."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.copywriting.report import CopyReport
    from siyu.copywriting.settings import CopySettings
    from siyu.copywriting.stage import write_messages

__all__ = ["CopyReport", "CopySettings", "write_messages"]

__getattr__ = deferred(
    __name__,
    {
        "report": ("CopyReport",),
        "settings": ("CopySettings",),
        "stage": ("write_messages",),
    },
)

"""Copywriting: brief -> pieces -> checks -> assembly -> filled, checked messages -> approved copy."""

from siyu.copywriting.report import CopyReport
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.stage import write_messages

__all__ = ["CopyReport", "CopySettings", "write_messages"]

"""Widths a channel allows."""

from __future__ import annotations

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.titles import width
from siyu.domain.copy import Finding


class LimitsCheck:
    """Finds parts that are wider than their channel shows, and empty ones."""

    name = "limits"

    def __init__(self, context: Context) -> None:
        self._limits = dict(context.limits)

    def look(self, line: Line) -> list[Finding]:
        """At most one finding."""
        if not line.text.strip():
            return [finding("limits.empty", line, (0, 0), remedy="Write something, or leave the part out.")]
        limit = self._limits.get(line.part)
        if limit is None or len(line.text) <= limit or width(line.text) <= limit:
            return []
        return [finding("limits.too-long", line, (limit, len(line.text)), remedy=f"At most {limit} wide characters.")]

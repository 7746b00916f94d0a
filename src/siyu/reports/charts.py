"""Charts of the page: their data, gathered while the sections are written, and embedded so that no text can end it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from siyu.reports.words import Both


def embedded(value: object) -> Markup:
    """JSON that is safe inside a script element: no ``<``, ``>``, ``&`` and no line separators.

    Example:
        >>> str(embedded("</script>"))
        '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that could end the element is escaped above


class Charts:
    """The charts of one page, by id."""

    def __init__(self) -> None:
        self.data: dict[str, dict[str, Any]] = {}

    def bars(self, name: str, rows: Sequence[tuple[Both, float, Both | str]]) -> str:
        """Horizontal bars of (label, value, note at its end)."""
        return self._add(name, "bars", [self._row(label, note, value=value) for label, value, note in rows])

    def waterfall(self, name: str, rows: Sequence[tuple[Both, float, float, str]]) -> str:
        """Horizontal steps of (label, start, length, role: ``whole``, ``loss`` or ``rest``)."""
        made = [self._row(label, "", start=start, value=size, role=role) for label, start, size, role in rows]
        return self._add(name, "waterfall", made)

    def intervals(
        self,
        name: str,
        rows: Sequence[tuple[Both, dict[str, Any], Both]],
        *,
        zero: bool,
        unit: str = "",
        last_soft: bool = False,
    ) -> str:
        """Points with their intervals; rows that lack data are left out (the table says why).

        Args:
            zero: whether zero is marked and the first row is the one that counts.
            last_soft: whether the last row is no single thing but all the others together.
        """
        made = [
            self._row(label, note, value=found["value"], low=found["low"], high=found["high"])
            for label, found, note in rows
            if found and "lacking" not in found
        ]
        for place, row in enumerate(made):
            row["soft"] = (zero and place > 0) or (last_soft and place == len(rows) - 1)
        return self._add(name, "intervals", made, zero=zero, unit=unit)

    def columns(self, name: str, rows: Sequence[tuple[str, float]]) -> str:
        """Vertical bars over time."""
        return self._add(name, "columns", [{"label": label, "value": value} for label, value in rows])

    def lines(
        self,
        name: str,
        series: Sequence[tuple[Both, Sequence[tuple[float, float]]]],
        *,
        x: Both,
        y: Both,
        diagonal: bool = False,
        level: float | None = None,
    ) -> str:
        """Lines of (label, points) over a number; the first is the one that counts.

        Args:
            x, y: what the axes say.
            diagonal: whether equal values are marked (a chance that is true lies there).
            level: a height that is marked.
        """
        made = [self._row(label, "", points=[list(point) for point in points]) for label, points in series]
        return self._add(name, "lines", made, x=x.plain(), y=y.plain(), diagonal=diagonal, level=level)

    def _row(self, label: Both, note: Both | str, **more: Any) -> dict[str, Any]:
        return {"label": label.plain(), "note": note.plain() if isinstance(note, Both) else note, **more}

    def _add(self, name: str, kind: str, rows: list[dict[str, Any]], **more: Any) -> str:
        self.data[name] = {"kind": kind, "rows": rows, **more}
        return name

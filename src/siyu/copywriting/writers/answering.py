"""What a model said, as lines by order: as promised, or as far as it can be made out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_THOUGHT: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_LINE: Final = re.compile(r'\{\s*"part"\s*:\s*"(\w{1,20})"\s*,\s*"text"\s*:\s*"((?:[^"\\\n]|\\.){1,400})"\s*\}')
_ID: Final = re.compile(r'"id"\s*:\s*"?(\d{1,6})"?')
_COMMA: Final = re.compile(r",(\s*[}\]])")
_LONGEST: Final = 400
_MOST: Final = 60  # lines of one order

Lines = dict[str, list[tuple[str, str]]]


def lines_of(content: str) -> Lines:
    """(part, text) by the number of the order; empty for an answer that holds none.

    Fences, thoughts and talk around the object are left out, a comma too many is forgiven, and of an answer that was
    cut off every whole line is taken.

    Example:
        >>> lines_of('Sure! {"orders": [{"id": "1", "lines": [{"part": "hook", "text": "A look?"},]}]} Enjoy')
        {'1': [('hook', 'A look?')]}
        >>> lines_of('{"orders": [{"id": "1", "lines": [{"part": "hook", "text": "A look?"}, {"part": "ho')
        {'1': [('hook', 'A look?')]}
        >>> lines_of("I cannot help with that.")
        {}
    """
    bare = _THOUGHT.sub("", content)
    start, end = bare.find("{"), bare.rfind("}")
    if start < 0:
        return {}
    for text in (bare[start : end + 1], _COMMA.sub(r"\1", bare[start : end + 1])):
        try:
            return _read(json.loads(text))
        except (ValueError, RecursionError, TypeError, AttributeError):
            continue
    return _salvaged(bare)


def _read(answer: Any) -> Lines:
    orders = answer["orders"] if isinstance(answer, Mapping) and "orders" in answer else answer
    rows = orders if isinstance(orders, list) else [orders]
    found: Lines = {}
    for place, row in enumerate(rows, 1):
        number = str(row.get("id", place))
        found.setdefault(number, []).extend(_pairs(row.get("lines", row)))
    return {number: lines[:_MOST] for number, lines in found.items() if lines}


def _pairs(lines: Any) -> Iterator[tuple[str, str]]:
    """Lines as promised, or as ``{"hook": ["...", "..."]}``, which models are fond of."""
    if isinstance(lines, Mapping):
        for part, texts in lines.items():
            for text in texts if isinstance(texts, list) else [texts]:
                if isinstance(text, str) and 0 < len(text) <= _LONGEST:
                    yield str(part), text
        return
    for line in lines:
        part, text = (line.get(name) for name in ("part", "text"))
        if isinstance(part, str) and isinstance(text, str) and 0 < len(text) <= _LONGEST:
            yield part, text


def _salvaged(text: str) -> Lines:
    marks = [(m.start(), m.group(1)) for m in _ID.finditer(text)]
    found: Lines = {}
    for match in _LINE.finditer(text):
        number = next((number for at, number in reversed(marks) if at < match.start()), "1")
        try:
            said = json.loads(f'"{match.group(2)}"')
        except ValueError:
            continue
        found.setdefault(number, []).append((match.group(1), said))
    return {number: lines[:_MOST] for number, lines in found.items()}

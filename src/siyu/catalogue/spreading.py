"""Cells that hold several values: attributes, details, addresses of images."""

from __future__ import annotations

import json
import re
from typing import Any

_PAIR = re.compile(r"\s*([^=;]{1,100}?)\s*=\s*([^;]*)")
ADDRESS = re.compile(r"(?i)https?://[^\s/\\@<>\"']+(?:/[^\s<>\"'\\]*)?(?:[?#][^\s<>\"'\\]*)?")
"""An address on the web, without a name and password in it."""


def pairs(raw: str) -> list[tuple[str, str]] | None:
    """Names and values of a JSON object or of ``name=value; name=value``; ``None`` where it is neither.

    Example:
        >>> pairs('{"size": "L", "colours": ["red", "blue"]}'), pairs("size = L; colour=red"), pairs("{broken")
        ([('size', 'L'), ('colours', 'red, blue')], [('size', 'L'), ('colour', 'red')], None)
    """
    if raw.lstrip().startswith("{"):
        found = _json(raw)
        return [(str(k), _plain(v)) for k, v in found.items() if v is not None] if isinstance(found, dict) else None
    matches = [match.groups() for match in map(_PAIR.fullmatch, raw.split(";")) if match]
    return [(name, value) for name, value in matches] or None


def details(raw: str) -> list[tuple[str, str]] | None:
    """Names and values of ``section:name:value,section:name:value``, or of a JSON list of pairs.

    A comma within a value stays: a part without two colons goes on the one before it.

    Example:
        >>> details("General:Product Type:Digital player,Display:Colours:red, blue,:Weight:30 g")
        [('Product Type', 'Digital player'), ('Colours', 'red, blue'), ('Weight', '30 g')]
    """
    if raw.lstrip().startswith("["):
        found = _json(raw)
        good = isinstance(found, list) and all(isinstance(one, list) and len(one) == 2 for one in found)
        return [(str(name), str(value)) for name, value in found] if good else None
    parts: list[str] = []
    for part in raw.split(","):
        if part.count(":") >= 2 or not parts:
            parts.append(part)
        else:
            parts[-1] += f",{part}"
    split = [part.split(":", 2) for part in parts]
    return [(one[-2].strip(), one[-1].strip()) for one in split] if all(len(one) > 1 for one in split) else None


def addresses(raw: str) -> list[str]:
    """The addresses in a cell: a JSON list, or parted by commas, bars or blanks.

    Example:
        >>> addresses("https://a.example/1.jpg, https://a.example/2.jpg")
        ['https://a.example/1.jpg', 'https://a.example/2.jpg']
    """
    found = _json(raw) if raw.lstrip().startswith("[") else None
    if isinstance(found, list):
        return [str(one) for one in found]
    return [one for one in re.split(r"[\s|]+|,(?=\s*https?:)", raw) if one]


def _json(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

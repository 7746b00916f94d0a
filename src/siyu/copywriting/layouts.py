"""How a channel's messages are laid out: ``packs/channels/<name>.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from siyu import packs

USUAL = "mailbox"
"""Stands in for a channel without a pack, one that others brought."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A plan of pieces.

    Attributes:
        parts: parts in reading order.
        facts: facts told as selling points at most; None for the shop's own setting.
        post: whether it is for everybody, so that nobody's interests and past are spoken of.
    """

    parts: tuple[str, ...]
    facts: int | None
    post: bool


@cache
def layout(channel: str) -> Layout:
    """The layout of a channel.

    Example:
        >>> layout("push").parts, layout("social").post
        (('subject', 'hook', 'reveal'), True)
    """
    pack: dict[str, Any] = packs.read("channels", channel if channel in packs.names("channels") else USUAL)
    return Layout(tuple(pack["parts"]), pack.get("facts"), bool(pack.get("post", False)))

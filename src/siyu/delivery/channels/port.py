"""The channel port: three methods. A channel is given only messages that carry their approval and their permit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel declares about itself; shared code asks this, never its name.

    Attributes:
        real: messages leave this machine and reach people.
        needs_address: a person without an address on this channel cannot be written to.
        exactly_once: a message handed over twice arrives once.
        batch: the most messages it takes at once.
    """

    real: bool
    needs_address: bool
    exactly_once: bool
    batch: int


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message on its way: the approved words, the permit, the address and the bytes (RFC 5322, CRLF lines)."""

    message_id: str
    address: str
    mime: bytes
    copy: ApprovedCopy
    permit: Permit


class Outcome(StrEnum):
    """What a channel knows of a message it was given."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may or may not have gone out: the connection broke after the text


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel's answer for one message.

    Attributes:
        kind: for a refusal, as in :class:`~siyu.domain.errors.ChannelError`: recipient, content, throttle, provider or
            network.
        retry_after: seconds the channel asks to wait; ``None`` where it says nothing.
    """

    message_id: str
    outcome: Outcome
    kind: str = ""
    retry_after: float | None = None


class Channel(Protocol):
    """Takes messages away. Plug-ins are classes with ``Options`` and a constructor that takes them."""

    name: str
    capabilities: Capabilities

    def send(self, batch: Sequence[Outbound]) -> Sequence[Receipt]:
        """Try to deliver ``batch``; one receipt a message, in order.

        Raises:
            ChannelError: nothing can be said of any message of the batch.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; may be called twice."""
        ...


class ChannelFactory(Protocol):
    """A channel's class: its options model, and how one is opened."""

    Options: ClassVar[type[BaseModel]]
    capabilities: Capabilities

    def __call__(self, options: Any) -> Channel:
        """A channel with these options."""
        ...

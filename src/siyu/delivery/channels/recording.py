"""The recording channel: keeps messages in memory and answers as it was told. For tests, and for trying things out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.delivery.channels.port import Capabilities, Outbound, Outcome, Receipt


class RecordingOptions(BaseModel):
    """Options of the recording channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fail: dict[str, str] = Field(
        default_factory=dict, description="Address -> kind of permanent refusal (recipient, content)."
    )
    defer: dict[str, str] = Field(
        default_factory=dict, description="Address -> kind of passing refusal (throttle, provider, network)."
    )
    unknown: frozenset[str] = Field(frozenset(), description="Addresses for which the answer is lost.")


class RecordingChannel:
    """Remembers what it was given, in ``sent``, and how often ``send`` was called, in ``calls``."""

    Options: ClassVar[type[BaseModel]] = RecordingOptions
    name = "recording"
    capabilities = Capabilities(real=False, needs_address=True, exactly_once=True, batch=100)

    def __init__(self, options: RecordingOptions) -> None:
        self._options = options
        self._sent: dict[str, Outbound] = {}
        self.calls = 0

    @property
    def sent(self) -> list[Outbound]:
        """The messages accepted, each once, in order."""
        return list(self._sent.values())

    def send(self, batch: Sequence[Outbound]) -> Sequence[Receipt]:
        """Record ``batch``."""
        self.calls += 1
        return [self._answer(message) for message in batch]

    def close(self) -> None:
        """Nothing is held open; what was recorded stays."""

    def _answer(self, message: Outbound) -> Receipt:
        for outcome, table in ((Outcome.FAILED, self._options.fail), (Outcome.DEFERRED, self._options.defer)):
            if message.address in table:
                return Receipt(message.message_id, outcome, table[message.address])
        self._sent.setdefault(message.message_id, message)
        lost = message.address in self._options.unknown
        return Receipt(message.message_id, Outcome.UNKNOWN if lost else Outcome.ACCEPTED)

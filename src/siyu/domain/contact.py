"""Permits and exposures: proof that a person may be written to, and of what they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.domain.ids import ItemId, PersonId
from siyu.domain.proof import Seal, SealKind


@dataclass(frozen=True, slots=True)
class Permit:
    """A person may be written to, for a purpose on a channel, until ``expires``. Made by the consent ledger alone.

    Attributes:
        proof: id of the consent record it rests on.
    """

    person: PersonId
    purpose: str
    channel: str
    proof: str
    granted_at: datetime
    expires: datetime
    seal: Seal

    def __post_init__(self) -> None:
        self.seal.require(SealKind.CONSENT)

    def covers(self, person: PersonId, purpose: str, channel: str, now: datetime) -> bool:
        """Whether this permit allows writing to ``person`` for ``purpose`` on ``channel`` at ``now``."""
        same = (self.person, self.purpose, self.channel) == (person, purpose, channel)
        return same and self.granted_at <= now < self.expires


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a person was shown and how likely it was (0 < propensity <= 1). Outcomes point at it by ``message_id``."""

    message_id: str
    person: PersonId
    campaign: str
    variant: str
    items: tuple[ItemId, ...]
    propensity: float
    policy: str
    shown_at: datetime
    seal: Seal

    def __post_init__(self) -> None:
        self.seal.require(SealKind.POLICY)
        if not 0 < self.propensity <= 1:
            raise ValueError(f"propensity {self.propensity} is not in (0, 1]")

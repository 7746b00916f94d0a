"""Exposures: a policy's choice, written down with how likely it was. The draw comes from the message, so it replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from siyu.domain.contact import Exposure
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.policy import Policy
from siyu.domain.proof import Seal, SealKind


def draw_of(message_id: str, *, salt: str = "") -> float:
    """A number in [0, 1) that belongs to a message: the same whenever it is asked for.

    Example:
        >>> 0 <= draw_of("m1") < 1 and draw_of("m1") == draw_of("m1") != draw_of("m2")
        True
    """
    digest = blake2b(f"{salt}\x1f{message_id}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / float(1 << 53)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses variants by a policy. Only its holder of the seal can write an exposure down.

    Raises:
        NotPermittedError: the seal is not the policy's.
    """

    policy: Policy
    seal: Seal
    salt: str = ""

    def __post_init__(self) -> None:
        self.seal.require(SealKind.POLICY)

    def choose(
        self,
        message_id: str,
        person: PersonId,
        variants: Sequence[str],
        *,
        campaign: str,
        items: Sequence[ItemId],
        now: datetime,
    ) -> Exposure:
        """The variant that ``message_id`` shows, with its propensity.

        Raises:
            ValueError: there is no variant.
        """
        if not variants:
            raise ValueError("a policy needs at least one variant")
        chosen = self.policy.choose(person, variants, draw_of(message_id, salt=self.salt))
        chance = float(self.policy.propensities(person, variants)[chosen])
        return Exposure(
            message_id, person, campaign, variants[chosen], tuple(items), chance, self.policy.name, now, self.seal
        )

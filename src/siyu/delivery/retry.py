"""What follows a refusal: give up, or wait how long. Full jitter, so that a crowd of retries spreads out."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from siyu.delivery.channels.port import Outcome, Receipt
from siyu.delivery.settings import SendSettings
from siyu.store.ledger import Delivery, Settlement

_FREE_OF_CHARGE = frozenset({"throttle"})


def settlement(receipt: Receipt, delivery: Delivery, *, now: datetime, settings: SendSettings) -> Settlement | None:
    """How the ledger records ``receipt``; ``None`` where it tells nothing and the row stays in doubt.

    A throttled try uses no attempt. After ``max_attempts`` a passing refusal becomes final.

    Args:
        delivery: as it was leased, so ``attempts`` does not count this try.
    """
    if receipt.outcome is Outcome.UNKNOWN:
        return None
    if receipt.outcome is Outcome.ACCEPTED:
        return Settlement(receipt.message_id, "accepted")
    if receipt.outcome is Outcome.FAILED:
        return Settlement(receipt.message_id, "failed", receipt.kind or "provider")
    counts = receipt.kind not in _FREE_OF_CHARGE
    if counts and delivery.attempts + 1 >= settings.max_attempts:
        return Settlement(receipt.message_id, "failed", receipt.kind or "provider")
    wait = max(receipt.retry_after or 0.0, backoff(receipt.message_id, delivery.attempts, settings))
    return Settlement(
        receipt.message_id, "deferred", receipt.kind or "provider", now + timedelta(seconds=wait), counts=counts
    )


def backoff(message_id: str, attempts: int, settings: SendSettings) -> float:
    """Seconds to wait: uniform between one and ``backoff_seconds * 2**attempts``, at most the cap.

    The draw comes from the id and the attempt, so that a replay waits as long ("full jitter", M. Brooker, AWS
    Architecture Blog, 2015).
    """
    ceiling = min(settings.backoff_cap_seconds, settings.backoff_seconds * 2.0 ** min(attempts, 30))
    digest = blake2b(f"{message_id}\x1f{attempts}".encode(), digest_size=8).digest()
    return 1.0 + (ceiling - 1.0) * (int.from_bytes(digest, "big") / 2.0**64)

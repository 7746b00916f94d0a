"""Rehearsing a send: a dry run, or a few messages to one's own address. Nothing is recorded, nobody is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siyu.app.sending import plan_campaign, sender
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.progress import Progress, silent

TESTS = 3


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen."""

    would_send: int
    skipped: Mapping[str, int]
    tests: int = 0
    address: str = ""
    place: Path | None = None


def rehearse(shop: Shop, test_to: str, progress: Progress = silent) -> Rehearsal:
    """Plan in a copy of the store and prepare what would go out, or send a few messages to ``test_to``.

    The copy is thrown away, so that the real ledger knows nothing of it.
    """
    with shop.rehearsal() as stage:
        planned = plan_campaign(stage, progress)
        with sender(stage, progress) as ready:
            if test_to:
                sent = ready.test_to(test_to, limit=TESTS)
                return Rehearsal(0, planned.skipped, sent, test_to, stage.paths.mailbox)
            tried = ready.dry_run(limit=max(planned.planned, 1))
    return Rehearsal(tried.would_send, {**planned.skipped, **tried.skipped})


def sentences(done: Rehearsal) -> list[str]:
    """The rehearsal, line by line."""
    from siyu.app.cli.sentences import number, reasons

    if done.address:
        return [say("result.test", count=number(done.tests), address=done.address, path=done.place)]
    return [say("result.dry_run", count=number(done.would_send)), *reasons(done.skipped, "skips")]

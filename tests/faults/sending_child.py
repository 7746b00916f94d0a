"""Sends a campaign of the kill tests; run as a process of its own, and killed.

Usage: sending_child.py FOLDER COUNT KIND, where KIND is ``mailbox`` or ``sink``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.unit.delivery.shop import NOON, SENDER, Shop, all_good, people, table

from siyu.delivery import DeliverySettings, Sender, SendSettings, plan
from siyu.delivery.channels import Channel, Outbound, Outcome, Receipt, open_channel
from siyu.delivery.channels.port import Capabilities
from siyu.domain.clock import FixedClock

IN_FLIGHT = 20


class Sink:
    """A channel that cannot tell a message it had before: it appends every Message-ID to a file, like a relay's log."""

    name = "sink"
    capabilities = Capabilities(real=False, needs_address=False, exactly_once=False, batch=IN_FLIGHT)

    def __init__(self, path: Path) -> None:
        self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def send(self, batch: Sequence[Outbound]) -> Sequence[Receipt]:
        """One line a message, written at once."""
        for message in batch:
            os.write(self._log, f"{message.message_id}\n".encode())
        return [Receipt(message.message_id, Outcome.ACCEPTED) for message in batch]

    def close(self) -> None:
        """Nothing."""


def main(folder: Path, count: int, kind: str) -> None:
    """Plan (again) and send until nothing is left."""
    persons = people(count)
    shop = Shop(folder)
    channel: Channel = (
        Sink(folder / "sink.log") if kind == "sink" else open_channel("mailbox", {"path": folder / "mail"})
    )
    clock = FixedClock(NOON)
    plan(shop.ledger, shop.of, table(persons), known=all_good(persons), clock=clock)
    print("sending", flush=True)
    settings = DeliverySettings(sender=SENDER, send=SendSettings(batch=IN_FLIGHT))
    Sender(shop.desk(channel), shop.of, settings=settings, clock=clock).run(alone=True)
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

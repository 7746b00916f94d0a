"""Sending: lease, release, permit, render, hand over, settle. A crash at any moment loses nobody.

A message is marked *handed*, durably, before its channel sees it. So after a crash a row is *leased* (surely not sent),
*handed* (in doubt, at most one batch) or settled. The Message-ID is the row's: what is sent again collapses downstream.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import repeat
from uuid import uuid4

from siyu.delivery import retry
from siyu.delivery.channels.port import Channel, Outbound
from siyu.delivery.links import Signer
from siyu.delivery.ports import Addresses, Order, Permits, Release
from siyu.delivery.preparing import Preparation, prepare
from siyu.delivery.quiet import is_quiet, next_allowed, zone_of
from siyu.delivery.render import Renderer
from siyu.delivery.required import check_sender, required
from siyu.delivery.settings import DeliverySettings
from siyu.domain.campaigns import Campaign
from siyu.domain.clock import Clock
from siyu.domain.errors import NotPermittedError
from siyu.domain.ids import stable_id
from siyu.domain.kinds import SkipReason
from siyu.domain.progress import Progress, Step, silent
from siyu.store.ledger import Delivery, Ledger, Line, Settlement


@dataclass(frozen=True, slots=True)
class SendReport:
    """What one run did.

    Attributes:
        skipped, deferred, failed: messages by reason.
        postponed: messages put off to the end of quiet hours.
        in_doubt: messages whose answer was lost in this run.
        recovered: what an earlier crash left: ``released``, ``resent``, ``held``.
        would_send: for a dry run, messages that would have gone out.
    """

    accepted: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    deferred: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    postponed: int = 0
    in_doubt: int = 0
    recovered: Mapping[str, int] = field(default_factory=dict)
    would_send: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """What a sender works with; ``app`` puts it together.

    Attributes:
        title_of: how a product's title is shown.
        running: asked before every batch; ``False`` pauses (the campaign's state in the store).
        order: where the words of many messages are read in one pass; else those due longest go first.
    """

    ledger: Ledger
    channel: Channel
    release: Release
    permits: Permits
    addresses: Addresses
    signer: Signer
    running: Callable[[], bool] = lambda: True
    title_of: Callable[[str], str] = str
    order: Order | None = None


class Sender:
    """Sends one step of a campaign.

    Raises:
        NotPermittedError: the channel reaches people outside and ``allow_real_sends`` is off.
        SettingsError: the law of the campaign's place requires of the sender what is not set.
    """

    def __init__(
        self,
        desk: Desk,
        campaign: Campaign,
        *,
        settings: DeliverySettings,
        clock: Clock,
        step: int = 0,
        progress: Progress = silent,
    ) -> None:
        if desk.channel.capabilities.real and not settings.send.allow_real_sends:
            raise NotPermittedError(
                f"Channel {desk.channel.name!r} reaches people, and real sends are switched off.",
                why="[delivery.send] allow_real_sends is false.",
                next_step="Try the mailbox channel first, then set it to true.",
                channel=desk.channel.name,
            )
        check_sender(campaign.place, campaign.channel, settings.sender)
        self._desk = desk
        self._campaign = campaign
        self._line = Line(campaign.name, step, campaign.channel)
        self._settings = settings
        self._clock = clock
        self._progress = progress
        self._owner = f"{os.getpid()}-{uuid4().hex}"
        self._renderer = Renderer(
            settings.sender,
            desk.signer,
            campaign.name,
            settings.send.open_pixel,
            settings.send.honeypot,
            desk.title_of,
            required(campaign.place, campaign.channel),
        )

    def run(self, *, limit: int | None = None, alone: bool = False) -> SendReport:
        """Send everything that is due now, until nothing is, the campaign is paused, or ``limit`` rows were taken.

        Args:
            alone: the caller knows that no other sender works on this campaign (it holds the lock), so claims that a
                dead one left are void at once. Otherwise they are when ``lease_seconds`` are over.
        """
        now = self._clock.now()
        ledger, tally = self._desk.ledger, _Tally()
        resend = self._settings.send.ambiguous == "resend" or self._desk.channel.capabilities.exactly_once
        tally.recovered = ledger.recover(self._line.campaign, now=now, resend=resend, every=alone)
        taken = 0
        for ids in self._lots(now):
            room = self._batch if limit is None else min(self._batch, limit - taken)
            if room <= 0 or not self._desk.running():
                break
            rows = self._claimed(ids, room, tally)
            if not rows and ids is None:
                break
            taken += len(rows)
            self._progress(Step("delivery.send", taken))
        return tally.report()

    def _lots(self, now: datetime) -> Iterator[Sequence[str] | None]:
        """Ids to claim next, in the order of their words; then, again and again, whatever else is due."""
        if self._desk.order is not None:
            due = self._desk.ledger.due_ids(self._line, now=now)
            yield from self._desk.order(due, self._batch) if len(due) else ()
        yield from repeat(None)

    def _claimed(self, ids: Sequence[str] | None, room: int, tally: _Tally) -> Sequence[Delivery]:
        """Claim a batch and send it; the rows claimed, none where nothing is due or the campaign is over."""
        now, ledger = self._clock.now(), self._desk.ledger
        if now >= self._campaign.end:
            expired = SkipReason.EXPIRED.value
            tally.skipped[expired] += ledger.expire(self._line.campaign, now=now, reason=expired)
            return []
        until = now + timedelta(seconds=self._settings.send.lease_seconds)
        rows = ledger.lease(self._line, self._owner, now=now, until=until, limit=room, ids=ids)
        if rows:
            self._send_batch(rows, now, tally)
        return rows

    def dry_run(self, *, limit: int = 500) -> SendReport:
        """Release, permit and render up to ``limit`` due messages; nothing is sent and nothing is written down."""
        now = self._clock.now()
        rows = self._desk.ledger.due(self._line, now=now, limit=limit)
        ready = self._prepare(rows, now)
        return SendReport(skipped=dict(Counter(ready.skipped.values())), would_send=len(ready.outbound))

    def test_to(self, address: str, *, limit: int = 1) -> int:
        """Send ``limit`` messages to ``address`` instead of their readers; returns how many there were.

        Those that are due come first, then others that were chosen to be sent, sent ones too: each is rendered anew
        from what was written. Nothing is written down, the subject says that it is a test, and its links do nothing
        for the real reader.
        """
        now = self._clock.now()
        tests: list[Outbound] = []
        for rows in self._desk.ledger.chosen(self._line, now=now, size=self._batch):
            ready = self._prepare(rows, now).outbound
            tests += [self._as_test(message, address, now) for message in ready[: limit - len(tests)]]
            if len(tests) >= limit:
                break
        return len(self._desk.channel.send(tests)) if tests else 0

    @property
    def _batch(self) -> int:
        return min(self._settings.send.batch, self._desk.channel.capabilities.batch)

    def _send_batch(self, rows: Sequence[Delivery], now: datetime, tally: _Tally) -> None:
        ledger, campaign = self._desk.ledger, self._campaign
        awake, later = _split_by_hour(rows, campaign, now)
        ready = self._prepare(awake, now)
        skipped = {
            **ready.skipped,
            **{i: SkipReason.QUIET_HOURS.value for i, at in later.items() if at >= campaign.end},
        }
        postponed = {i: at for i, at in later.items() if at < campaign.end}
        ledger.skip(skipped, now=now)
        ledger.postpone(postponed)
        until = now + timedelta(seconds=self._settings.send.lease_seconds)
        ids = [message.message_id for message in ready.outbound]
        mine = ledger.hand(ids, self._owner, now=self._clock.now(), until=until) if ids else frozenset()
        batch = [message for message in ready.outbound if message.message_id in mine]
        receipts = self._desk.channel.send(batch) if batch else []
        by_id = {row.message_id: row for row in rows}
        settled = [
            retry.settlement(receipt, by_id[receipt.message_id], now=now, settings=self._settings.send)
            for receipt in receipts
        ]
        ledger.settle([one for one in settled if one is not None], now=self._clock.now())
        tally.skipped.update(skipped.values())
        tally.postponed += len(postponed)
        for one in settled:
            tally.count(one)

    def _prepare(self, rows: Sequence[Delivery], now: datetime) -> Preparation:
        return prepare(rows, self._desk, self._campaign, self._renderer, now=now)

    def _as_test(self, message: Outbound, address: str, now: datetime) -> Outbound:
        test_id = stable_id("test", message.message_id, address, now.isoformat())
        mime = self._renderer.mime(message.copy, message.permit, address=address, date=now, test_id=test_id)
        return Outbound(test_id, address, mime, message.copy, message.permit)


@dataclass(slots=True)
class _Tally:
    """Counts of a run in the making."""

    accepted: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    postponed: int = 0
    in_doubt: int = 0
    recovered: Mapping[str, int] = field(default_factory=dict)

    def count(self, settlement: Settlement | None) -> None:
        if settlement is None:
            self.in_doubt += 1
        elif settlement.state == "accepted":
            self.accepted += 1
        else:
            (self.deferred if settlement.state == "deferred" else self.failed)[settlement.reason] += 1

    def report(self) -> SendReport:
        return SendReport(
            self.accepted,
            {reason: count for reason, count in self.skipped.items() if count},
            dict(self.deferred),
            dict(self.failed),
            self.postponed,
            self.in_doubt,
            self.recovered,
        )


def _split_by_hour(
    rows: Sequence[Delivery], campaign: Campaign, now: datetime
) -> tuple[list[Delivery], dict[str, datetime]]:
    """Rows whose readers are awake, and the moments from which the others may be written to."""
    zones = {name: zone_of(name, "UTC") for name in {row.timezone for row in rows}}
    until = {
        name: next_allowed(now, zone, campaign.limits)
        for name, zone in zones.items()
        if is_quiet(now, zone, campaign.limits)
    }
    awake = [row for row in rows if row.timezone not in until]
    return awake, {row.message_id: until[row.timezone] for row in rows if row.timezone in until}

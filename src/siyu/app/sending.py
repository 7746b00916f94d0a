"""Planning and sending: the waterfall from audience to ledger, then the sender with its last look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.ad_archive import writing
from siyu.app.approval.leaving import leaving
from siyu.app.outbox import Outbox
from siyu.app.shop import Shop
from siyu.copywriting import titles
from siyu.delivery.channels import Channel, open_channel
from siyu.delivery.planner import Known, PlanReport, plan
from siyu.delivery.sender import Desk, Sender, SendReport
from siyu.domain import columns as c
from siyu.domain.contact import Permit
from siyu.domain.ids import PersonId
from siyu.domain.progress import Progress, silent
from siyu.engine.sql import fill
from siyu.privacy.media import medium
from siyu.store import contacts as stored_contacts

STEP = 0
"""Campaigns have one step in this version; journeys number theirs."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where everyone of the campaign stands now, over all its sends: the ledger, added up."""

    sent: int
    waiting: int
    skipped: Mapping[str, int]
    failed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SentReport:
    """The plan's waterfall, what the sender did this time, and where the campaign stands."""

    plan: PlanReport
    send: SendReport
    standing: Standing


def standing(shop: Shop) -> Standing:
    """Add up the campaign's rows of the ledger."""
    states = shop.ledger.states(shop.campaign.name)

    def reasons(wanted: str) -> dict[str, int]:
        return {reason: count for (state, reason), count in states.items() if state == wanted}

    done = sum(count for (state, _), count in states.items() if state in ("accepted", "handed"))
    rest = sum(count for (state, _), count in states.items() if state in ("planned", "leased", "deferred"))
    return Standing(done, rest, reasons("skipped"), reasons("failed"))


def left(shop: Shop) -> pa.Table:
    """Ids of the campaign's messages that have left, or may have: their words are never changed again."""
    rows = shop.ledger.to_arrow(shop.campaign.name, c.MESSAGE_ID, "state")
    gone = pc.is_in(rows["state"], pa.array(["leased", "handed", "accepted", "failed"]))
    return rows.filter(gone).select([c.MESSAGE_ID])


def written(shop: Shop, *names: str) -> pa.Table:
    """Columns of this campaign's messages.

    Raises:
        MissingDataError: none were written yet.
    """
    shop.engine.table("messages", "messages")
    wanted = fill("campaign = $campaign AND step = $step", campaign=shop.campaign.name, step=STEP)
    batches = list(shop.engine.batches(f"SELECT {', '.join(names)} FROM messages WHERE {wanted}"))
    return pa.Table.from_batches(batches) if batches else pa.table({name: pa.array([], pa.string()) for name in names})


def plan_campaign(shop: Shop, progress: Progress = silent) -> PlanReport:
    """Decide for everyone of the audience; decisions made before stand."""
    campaign = shop.campaign
    messages = leaving(shop, STEP).people
    known = Known(
        messages=messages,
        consented=shop.consents.consented(campaign.purpose, campaign.channel),
        suppressed=shop.consents.suppressed(campaign.channel),
        **_reachable(shop, messages[c.PERSON].to_pylist()),
    )
    settings = shop.settings.delivery.plan
    return plan(shop.ledger, campaign, messages, known=known, clock=shop.clock, settings=settings, progress=progress)


def _reachable(shop: Shop, people: list[PersonId]) -> dict[str, pa.Table]:
    """Time zones, and who has an address where the channel needs one."""
    with open_for(shop) as channel:
        needs_address = channel.capabilities.needs_address
    if needs_address:
        with shop.store.reading() as connection:
            found = stored_contacts.fingerprints(connection, people, medium(shop.campaign.channel))
        people = [person for person in people if person in found]
    zones = shop.contacts.timezones(people)
    known = pa.array(map(zones.get, people), pa.string())
    table = pa.table({c.PERSON: pa.array(people, pa.string()), "timezone": known})
    return {"contacts" if needs_address else "timezones": table}


@contextmanager
def open_for(shop: Shop) -> Iterator[Channel]:
    """The campaign's channel, opened with its options; the mailbox lies in the state folder unless told otherwise."""
    name = shop.campaign.channel
    options: Mapping[str, object] = shop.settings.channels.get(name, {})
    if name == "mailbox":
        options = {"path": shop.paths.mailbox, **options}
    channel = open_channel(name, options)
    try:
        yield channel
    finally:
        channel.close()


@contextmanager
def sender(shop: Shop, progress: Progress = silent) -> Iterator[Sender]:
    """A sender for the campaign. Words, facts, permits and addresses are asked for again at the moment of sending."""
    campaign = shop.campaign
    said = leaving(shop, STEP)
    outbox = Outbox(shop.engine, shop.gate(), approved=said.by_person, barred=said.barred)

    def permits(people: Sequence[PersonId]) -> Mapping[PersonId, Permit]:
        return shop.consents.permits(people, campaign.purpose, campaign.channel)

    def addresses(people: Sequence[PersonId]) -> Mapping[PersonId, str]:
        return shop.contacts.addresses(people, campaign.channel)

    with open_for(shop) as channel:
        desk = Desk(
            ledger=shop.ledger,
            channel=channel,
            release=outbox.release,
            permits=permits,
            addresses=addresses,
            signer=shop.signer,
            title_of=titles.full,
            order=outbox.lots,
        )
        yield Sender(desk, campaign, settings=shop.settings.delivery, clock=shop.clock, step=STEP, progress=progress)


def send_campaign(shop: Shop, progress: Progress = silent) -> SentReport:
    """Plan, then send what is due."""
    planned = plan_campaign(shop, progress)
    with sender(shop, progress) as ready:
        done = ready.run(alone=True)
    writing.add(shop, progress)
    return SentReport(planned, done, standing(shop))

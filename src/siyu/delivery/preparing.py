"""The last look before a batch goes out: words, facts, permit and address, all asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import idna  # comes with email-validator

from siyu.delivery.channels.port import Channel, Outbound
from siyu.delivery.ports import Addresses, Permits, Release
from siyu.delivery.render import Renderer
from siyu.domain.campaigns import Campaign
from siyu.domain.contact import Permit
from siyu.domain.copy import ApprovedCopy
from siyu.domain.errors import InputError
from siyu.domain.ids import PersonId
from siyu.domain.kinds import SkipReason
from siyu.privacy.addresses import email
from siyu.store.ledger import Delivery

_NOBODY = "mailbox.invalid"  # RFC 2606: a host that never exists
_AT_SEND = frozenset({SkipReason.FACT_CHANGED, SkipReason.COPY_REFUSED, SkipReason.NO_PRODUCT, SkipReason.EXPIRED})


class Sources(Protocol):
    """Where the last look is taken; :class:`siyu.delivery.sender.Desk` is one."""

    @property
    def channel(self) -> Channel: ...
    @property
    def release(self) -> Release: ...
    @property
    def permits(self) -> Permits: ...
    @property
    def addresses(self) -> Addresses: ...


@dataclass(frozen=True, slots=True)
class Preparation:
    """What may go out, and why the rest may not (message id -> reason)."""

    outbound: Sequence[Outbound] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


def prepare(
    rows: Sequence[Delivery], sources: Sources, campaign: Campaign, renderer: Renderer, *, now: datetime
) -> Preparation:
    """Release, permit, address and render ``rows``. The permits are asked for last: a withdrawal counts at once."""
    if not rows:
        return Preparation()
    people = [row.person for row in rows]
    answers = {answer.message_id: answer for answer in sources.release([row.message_id for row in rows], now)}
    addresses = sources.addresses(people)
    permits = sources.permits(people)
    outbound, skipped = [], {}
    for row in rows:
        made = _one(
            row,
            copy=answers.get(row.message_id),
            permit=_valid(permits.get(row.person), row.person, campaign, now),
            address=_address(addresses.get(row.person), row.person, sources.channel),
            renderer=renderer,
            now=now,
        )
        if isinstance(made, Outbound):
            outbound.append(made)
        else:
            skipped[row.message_id] = made
    return Preparation(outbound, skipped)


def _one(
    row: Delivery, *, copy: object, permit: Permit | None, address: str | SkipReason, renderer: Renderer, now: datetime
) -> Outbound | str:
    """The message, or the reason why there is none."""
    if permit is None:
        return SkipReason.NO_CONSENT.value
    if not isinstance(copy, ApprovedCopy):
        reason = getattr(copy, "reason", SkipReason.COPY_REFUSED)
        return str(reason) if reason in _AT_SEND else SkipReason.COPY_REFUSED.value
    if (copy.message_id, copy.person) != (row.message_id, row.person):
        return SkipReason.COPY_REFUSED.value
    if isinstance(address, SkipReason):
        return address.value
    try:
        mime = renderer.mime(copy, permit, address=address, date=now)
    except InputError:  # a line break in the subject, for one
        return SkipReason.COPY_REFUSED.value
    return Outbound(row.message_id, address, mime, copy, permit)


def _valid(permit: Permit | None, person: PersonId, campaign: Campaign, now: datetime) -> Permit | None:
    if permit is None or not permit.covers(person, campaign.purpose, campaign.channel, now):
        return None
    return permit


def _address(address: str | None, person: PersonId, channel: Channel) -> str | SkipReason:
    """The address in ASCII (an international host in its ``xn--`` form), or why there is none.

    Addresses under endings kept for tests (``.invalid``) are good where no message leaves this machine.
    """
    if not address:
        return SkipReason.NO_CONTACT if channel.capabilities.needs_address else f"{person}@{_NOBODY}"
    found = email(address, reserved=not channel.capabilities.real)
    return (found and _in_ascii(found)) or SkipReason.INVALID_ADDRESS


def _in_ascii(address: str) -> str | None:
    """``address`` with its host as a relay reads it; ``None`` where the part before the @ needs SMTPUTF8 (RFC 6531)."""
    local, _, host = address.rpartition("@")
    if not local.isascii():
        return None
    try:
        return address if host.isascii() else f"{local}@{idna.encode(host, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return None

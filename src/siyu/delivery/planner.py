"""Planning: one decision for every person of the audience, all people at once, written to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.delivery import reasons
from siyu.delivery.caps import capped
from siyu.delivery.holdout import held_out
from siyu.delivery.quiet import next_allowed, zone_of
from siyu.delivery.settings import PlanSettings
from siyu.domain import columns as c
from siyu.domain.campaigns import Campaign
from siyu.domain.clock import Clock
from siyu.domain.ids import SEPARATOR, stable_ids
from siyu.domain.kinds import SkipReason
from siyu.domain.progress import Progress, Step, silent
from siyu.store.ledger import SEND, Ledger, Line
from siyu.store.tables import microseconds

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_MOMENT = pa.timestamp("us")
_NOTHING = pa.table({c.PERSON: pa.array([], pa.string())})


@dataclass(frozen=True, slots=True)
class Known:
    """What planning must know of people besides that they are in the audience. Every table has a column ``person``.

    Attributes:
        messages: ``status`` of the message written for the person in this campaign and step (dataset ``messages``).
        consented: people who agreed to the campaign's purpose on its channel.
        suppressed: people who must not be written to on the channel.
        contacts: people who can be reached, with their ``timezone`` (null where unknown); ``None`` where the channel
            needs no address.
        timezones: ``timezone`` of people, where ``contacts`` is ``None``.
    """

    messages: pa.Table
    consented: pa.Table
    suppressed: pa.Table = field(default_factory=lambda: _NOTHING)
    contacts: pa.Table | None = None
    timezones: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The waterfall: ``audience == planned + sum(skipped.values())``, always.

    Attributes:
        skipped: people by reason, in the order of :data:`siyu.delivery.reasons.ORDER`, reasons without people left out.
        added: decisions made by this call; the others were made before and stand.
        first_due, last_due: moments of the earliest and the latest planned message; ``None`` without one.
    """

    campaign: str
    step: int
    audience: int
    planned: int
    skipped: Mapping[str, int]
    added: int
    first_due: datetime | None
    last_due: datetime | None


def plan(
    ledger: Ledger,
    campaign: Campaign,
    audience: pa.Table,
    *,
    known: Known,
    clock: Clock,
    settings: PlanSettings = PlanSettings(),
    step: int = 0,
    limit: int | None = None,
    progress: Progress = silent,
) -> PlanReport:
    """Decide for every person of ``audience`` and write the decisions down. Planning again changes none of them.

    Messages fall due at once, or when the campaign starts, or when the person's quiet hours end.

    Args:
        audience: a column ``person``; repeated and null ones are ignored. With ``limit``, the first come first.
        limit: at most so many people are chosen (hold-out included); default: the campaign's ``audience.limit``.

    Raises:
        StorageError: the ledger cannot be written; nothing was.
    """
    people = pc.unique(_strings(audience[c.PERSON])).drop_null()
    line = Line(campaign.name, step, campaign.channel)
    now = clock.now()
    due, zones = _due(people, known, campaign, now, settings)
    progress(Step("delivery.plan", 0, len(people)))
    with ledger.transaction() as connection:
        ledger.reopen(connection, line, SkipReason.AWAITING_APPROVAL)
        ledger.stand_down(connection, line, now)
        old = ledger.decided(connection, line)
        fresh = pc.invert(pc.is_in(people, value_set=_chunkless(old[c.PERSON]))).to_numpy(zero_copy_only=False)
        masks = _circumstances(people, known, campaign, due, now)
        history = ledger.contacts(connection, *_cap_window(due, campaign))
        masks[SkipReason.CAPPED] = _capped(people, due, history, campaign)
        room = _room(limit if limit is not None else campaign.audience.limit, old)
        decision = _first(masks, ~fresh, len(people))
        decision = _choose(decision, people, campaign, settings, room)
        rows = _rows(line, decision, fresh, now, people=people, due=due, zones=zones)
        added = ledger.add(connection, rows)
    progress(Step("delivery.plan", len(people), len(people)))
    return _report(line, people, pa.concat_tables([old, rows.select(old.column_names)]), added)


def _strings(column: pa.ChunkedArray) -> pa.Array:
    return _chunkless(column.cast(pa.string()))


def _chunkless(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _among(people: pa.Array, table: pa.Table | None) -> Mask:
    if table is None or not table.num_rows:
        return np.zeros(len(people), dtype=np.bool_)
    found: Mask = pc.is_in(people, value_set=_strings(table[c.PERSON])).to_numpy(zero_copy_only=False)
    return found


def _lookup(people: pa.Array, table: pa.Table | None, column: str) -> pa.Array:
    """``column`` of ``table`` for each person; null where there is none. The last row of a person counts."""
    if table is None or not table.num_rows or column not in table.column_names:
        return pa.nulls(len(people), pa.string())
    keys = _strings(table[c.PERSON])
    backwards = pa.array(np.arange(len(keys) - 1, -1, -1))
    index = pc.index_in(people, value_set=keys.take(backwards))
    return _strings(table[column]).take(backwards).take(index)


def _due(
    people: pa.Array, known: Known, campaign: Campaign, now: datetime, settings: PlanSettings
) -> tuple[Ints, pa.Array]:
    """Moment of sending (microseconds) and zone name of every person: a loop over the distinct zones."""
    source = known.contacts if known.contacts is not None else known.timezones
    names = pc.fill_null(_lookup(people, source, "timezone"), "").dictionary_encode()
    start = max(now, campaign.start)
    zones = [zone_of(name, settings.default_timezone) for name in names.dictionary.to_pylist()]
    moments = np.array([microseconds(next_allowed(start, zone, campaign.limits)) for zone in zones], dtype=np.int64)
    keys = pa.array([zone.key for zone in zones], pa.string())
    return moments[names.indices.to_numpy()] if zones else np.zeros(0, np.int64), keys.take(names.indices)


def _circumstances(people: pa.Array, known: Known, campaign: Campaign, due: Ints, now: datetime) -> dict[str, Mask]:
    status = _lookup(people, known.messages, "status")
    over = microseconds(campaign.end)
    nobody = np.zeros(len(people), dtype=np.bool_)

    def is_status(*values: str) -> Mask:
        found: Mask = pc.is_in(status, value_set=pa.array(values)).to_numpy(zero_copy_only=False)
        return found

    return {
        SkipReason.EXPIRED: nobody | (now >= campaign.end),
        SkipReason.NO_CONSENT: ~_among(people, known.consented),
        SkipReason.SUPPRESSED: _among(people, known.suppressed),
        SkipReason.NO_CONTACT: nobody if known.contacts is None else ~_among(people, known.contacts),
        SkipReason.NO_PRODUCT: is_status("no-product") | status.is_null().to_numpy(zero_copy_only=False),
        SkipReason.COPY_REFUSED: ~is_status("approved", "human"),
        SkipReason.AWAITING_APPROVAL: is_status("human"),
        SkipReason.QUIET_HOURS: due >= over,
    }


def _cap_window(due: Ints, campaign: Campaign) -> tuple[datetime, datetime]:
    span = timedelta(days=campaign.limits.per_person_days)
    moments = pa.array([due.min(), due.max()] if len(due) else [0, 0], pa.int64()).cast(pa.timestamp("us", "UTC"))
    first, last = moments.to_pylist()
    return first - span, last + span


def _capped(people: pa.Array, due: Ints, history: pa.Table, campaign: Campaign) -> Mask:
    index = pc.index_in(_chunkless(history[c.PERSON]), value_set=people)
    known = index.is_valid()
    at = _chunkless(history["counts_at"].cast(pa.int64())).filter(known).to_numpy()
    return capped(due, index.drop_null().to_numpy().astype(np.int64), at, campaign.limits)


def _room(limit: int | None, old: pa.Table) -> int | None:
    """How many people may still be chosen, when ``old`` were decided before."""
    if limit is None:
        return None
    chosen = pc.is_in(old["decision"], value_set=pa.array([SEND, SkipReason.HOLD_OUT.value]))
    return max(0, limit - (pc.sum(chosen).as_py() or 0))


def _first(masks: Mapping[str, Mask], settled: Mask, size: int) -> npt.NDArray[np.object_]:
    """The first reason that applies to each person; ``SEND`` where none does; ``settled`` people stay out (empty)."""
    decision = np.full(size, SEND, dtype=object)
    for reason in reversed(reasons.ORDER):
        if reason in masks:
            decision[masks[reason]] = str(reason)
    decision[settled] = ""
    return decision


def _choose(
    decision: npt.NDArray[np.object_], people: pa.Array, campaign: Campaign, settings: PlanSettings, room: int | None
) -> npt.NDArray[np.object_]:
    """Apply the limit, then the hold-out, to those no reason speaks against."""
    able = np.flatnonzero(decision == SEND)
    if room is not None:
        decision[able[room:]] = SkipReason.OVER_LIMIT.value
        able = able[:room]
    out = held_out(
        people.take(pa.array(able)).to_pylist(),
        campaign=campaign.name,
        share=campaign.hold_out,
        global_share=settings.global_hold_out,
        salt=settings.hold_out_salt,
    )
    decision[able[out]] = SkipReason.HOLD_OUT.value
    return decision


def _rows(
    line: Line,
    decision: npt.NDArray[np.object_],
    fresh: Mask,
    now: datetime,
    *,
    people: pa.Array,
    due: Ints,
    zones: pa.Array,
) -> pa.Table:
    """The ledger's rows of the people decided for the first time."""
    people, zones, due, decision = people.filter(fresh), zones.filter(fresh), due[fresh], decision[fresh]
    size = len(people)
    names = pc.binary_join_element_wise(line.campaign, str(line.step), people, line.channel, SEPARATOR)
    ids = stable_ids(names.to_pylist())
    return pa.table(
        {
            "message_id": pa.array(ids, pa.string()),
            "campaign": pa.repeat(line.campaign, size),
            "step": pa.repeat(pa.scalar(line.step, pa.int32()), size),
            c.PERSON: people,
            c.CHANNEL: pa.repeat(line.channel, size),
            "decision": pa.array(decision, pa.string()),
            "timezone": zones,
            "planned_at": pa.repeat(pa.scalar(microseconds(now), pa.int64()), size).cast(_MOMENT),
            "due_at": pa.array(due, pa.int64()).cast(_MOMENT),
        }
    )


def _report(line: Line, people: pa.Array, decided: pa.Table, added: int) -> PlanReport:
    mine = decided.filter(pc.is_in(decided[c.PERSON], value_set=people))
    found = {row["values"]: row["counts"] for row in pc.value_counts(mine["decision"]).to_pylist()}
    sends = mine.filter(pc.equal(mine["decision"], SEND))["due_at"].cast(pa.timestamp("us", "UTC"))
    edges = pc.min_max(sends).as_py()
    return PlanReport(
        campaign=line.campaign,
        step=line.step,
        audience=len(people),
        planned=found.get(SEND, 0),
        skipped={str(reason): found[reason] for reason in reasons.ORDER if reason in found},
        added=added,
        first_due=edges["min"],
        last_due=edges["max"],
    )

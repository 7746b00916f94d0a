"""How people answer the messages they got, what everybody does anyway, and what the messages truly changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from siyu.domain import columns as c
from siyu.domain.kinds import EventKind
from siyu.simulator.chances import Chances, Sent, chances, read_sent
from siyu.simulator.rows import RAW, Rows, item_ids, raw, user_ids
from siyu.simulator.streams import Doubles, Flags, Floats, Ints, keyed, stream
from siyu.simulator.timing import DAY, SECOND, micros, moment, zone_offsets
from siyu.simulator.truth import organic
from siyu.simulator.world import World

HITS = pa.schema(
    [(c.MESSAGE_ID, pa.string()), (c.KIND, pa.string()), (c.TS, pa.timestamp("us")), (c.ITEM, pa.string())]
)
INDUCED_ORDERS = 900_000_000_000
"""Numbers of orders that messages brought start here."""
AT_ONCE = 0.7
"""Share of extra purchases made in the visit that the click began; the others follow within three days."""
OPEN_MEDIAN, OPEN_SIGMA, OPEN_LAST = 2 * 3600, 1.2, 4 * 86_400
"""Seconds from sending to opening: log-normal, cut at four days."""
SAMPLES = 4_096
"""Draws by which the share of extra purchases inside a window is counted."""


@dataclass(frozen=True, slots=True)
class Reactions:
    """What happened in [since, until).

    Attributes:
        hits: (message_id, kind, ts, item): opens, clicks and unsubscriptions, those of scanners among them.
        events: raw events of everybody: what they do anyway, and what the messages brought.
        people: truth, a row a person: messages got, orders and revenue ``without`` messages (what happens in this very
            window), and ``expected_with``: that plus what the messages are expected to add before ``until``.
        messages: truth, a row a message: true fit, chances, expected extra revenue, whether a scanner answered.
        unknown: messages left out: to nobody of this shop, or sent at or after ``until``.
    """

    hits: pa.Table
    events: pa.Table
    people: pa.Table
    messages: pa.Table
    unknown: int


def react(world: World, sent: pa.Table, until: datetime, *, seed: int, since: datetime | None = None) -> Reactions:
    """Play the shop from ``since`` (the end of the history, or the last ``until``) to ``until``.

    What people do of their own accord never depends on the messages or on ``seed``: both sides of "with and without"
    are known for everybody. ``sent`` has user_id, message_id, sent_at (UTC), items, terms (lists of strings), language.
    Give every message sent so far, also those before ``since``: each meets the same fate in every call, of which the
    part inside the window is returned.

    Raises:
        InputError: a column is missing, or ``until`` cannot be played.
    """
    world.check_until(until)
    begin = since or datetime.combine(world.settings.end, datetime.min.time(), UTC)
    low, high = micros(begin), micros(until)
    inside = _before(read_sent(world, sent), high)
    likely = chances(world, inside, _local_hour(world, inside))
    drawn = _draw(seed, world, inside, likely)
    anyway = organic(world, begin, until)
    brought = _brought(seed, world, inside, drawn)
    return Reactions(
        hits=_hits(inside, drawn, low, high),
        events=_window(pa.concat_tables([anyway, *brought]), low, high),
        people=_people_truth(world, inside, likely, anyway, (low, high)),
        messages=_message_truth(inside, likely, drawn),
        unknown=len(sent) - len(inside.person),
    )


def _before(sent: Sent, high: int) -> Sent:
    mask = sent.ts < high
    parts = {name: getattr(sent, name) for name in Sent.__slots__}
    return Sent(
        **{name: part.filter(pa.array(mask)) if isinstance(part, pa.Array) else part[mask]
           for name, part in parts.items()}
    )  # fmt: skip


def _local_hour(world: World, sent: Sent) -> Floats:
    end = world.settings.end
    first = end - timedelta(days=1)
    days = (world.settings.horizon - first).days
    day = ((sent.ts - moment(first)) // DAY).clip(0, days - 1)
    local = sent.ts + zone_offsets(first, days)[world.people.zone[sent.person], day]
    return np.asarray(local % DAY / (3600 * SECOND), np.float32)


@dataclass(frozen=True, slots=True)
class _Drawn:
    opened: Flags
    clicked: Flags
    bought: Flags
    left: Flags
    scanned: Flags
    opened_at: Ints
    clicked_at: Ints
    bought_at: Ints
    at_once: Flags


def _open_delay(chance: Doubles) -> Doubles:
    """Seconds from sending to opening, by quantile."""
    delay = OPEN_MEDIAN * np.exp(OPEN_SIGMA * ndtri(chance))
    return np.asarray(delay.clip(20, OPEN_LAST), np.float64)


def _buy_delay(at_once: Flags, chance: Doubles) -> Doubles:
    """Seconds from click to extra purchase, by quantile."""
    return np.where(at_once, 120 + 1_380 * chance, 3_600 + 255_600 * chance)


def _draw(seed: int, world: World, sent: Sent, likely: Chances) -> _Drawn:
    """One fate a message, by its person and moment. Opens come after about two hours, clicks within minutes of them."""

    def chance(name: str) -> Doubles:
        return keyed(seed, name, sent.person, sent.ts)

    opened = chance("open") < likely.open
    clicked = opened & (chance("click") < likely.click)
    at_once = chance("at once") < AT_ONCE
    opened_at = sent.ts + (_open_delay(chance("open delay")) * SECOND).astype(np.int64)
    clicked_at = opened_at + ((5 + 175 * chance("click delay")) * SECOND).astype(np.int64)
    return _Drawn(
        opened=opened,
        clicked=clicked,
        bought=clicked & (chance("buy") < likely.buy),
        left=opened & (chance("leave") < likely.leave),
        scanned=world.people.scanner[sent.person] == 1,
        opened_at=opened_at,
        clicked_at=clicked_at,
        bought_at=clicked_at + (_buy_delay(at_once, chance("buy delay")) * SECOND).astype(np.int64),
        at_once=at_once,
    )


def _hits(sent: Sent, drawn: _Drawn, low: int, high: int) -> pa.Table:
    """Hits inside the window, by time; a scanner opens and clicks one to four seconds after sending."""
    items = item_ids(sent.item)
    scan = sent.ts + (1 + sent.person % 3) * SECOND
    parts = [
        (EventKind.OPEN, drawn.opened, drawn.opened_at),
        (EventKind.CLICK, drawn.clicked, drawn.clicked_at),
        (EventKind.UNSUBSCRIBE, drawn.left, drawn.opened_at + 30 * SECOND),
        (EventKind.OPEN, drawn.scanned, scan),
        (EventKind.CLICK, drawn.scanned, scan + SECOND),
    ]
    tables = []
    for kind, happened, ts in parts:
        mask = pa.array(happened & (ts >= low) & (ts < high))
        about = items.filter(mask)
        tables.append(
            pa.table(
                [
                    sent.message.filter(mask),
                    pa.array([str(kind)] * len(about), pa.string()),
                    pa.array(ts).filter(mask).cast(pa.timestamp("us")),
                    about if kind is EventKind.CLICK else pa.nulls(len(about), pa.string()),
                ],
                schema=HITS,
            )
        )
    return pa.concat_tables(tables).sort_by([(c.TS, "ascending"), (c.MESSAGE_ID, "ascending"), (c.KIND, "ascending")])


def _brought(seed: int, world: World, sent: Sent, drawn: _Drawn) -> list[pa.Table]:
    """What messages bring to the shop: the page a click leads to, and extra purchases. Nothing in the null world.

    Only what happens in the visit that the click began carries the message: of a later one the shop knows no cause.
    """
    if world.settings.null_world:
        return []
    number = INDUCED_ORDERS + (keyed(seed, "order", sent.person, sent.ts) * 100_000_000_000).astype(np.int64)
    one = np.ones(len(sent.person))

    def table(kind: EventKind, ts: Ints, happened: Flags, told: Flags) -> pa.Table:
        message = pc.if_else(pa.array(told), sent.message, None)
        rows = Rows(kind, sent.person, ts, sent.item, price=sent.price, message=message)
        if kind is not EventKind.BROWSE:
            rows = replace(rows, quantity=one)
        if kind is EventKind.PURCHASE:
            rows = replace(rows, order=number)
        mask = happened & (sent.item >= 0)
        names = pc.binary_join_element_wise("r", sent.message.filter(pa.array(mask)), kind, "-")
        return raw(rows.keep(mask), world.people).set_column(0, RAW.field(0), names)

    return [
        table(EventKind.BROWSE, drawn.clicked_at + SECOND, drawn.clicked, drawn.clicked),
        table(EventKind.CART, drawn.bought_at - 40 * SECOND, drawn.bought, drawn.at_once),
        table(EventKind.PURCHASE, drawn.bought_at, drawn.bought, drawn.at_once),
    ]


def _window(rows: pa.Table, low: int, high: int) -> pa.Table:
    ts = rows[c.TS].cast(pa.int64())
    inside = rows.filter(pc.and_(pc.greater_equal(ts, low), pc.less(ts, high)))
    return inside.sort_by([(c.TS, "ascending"), (c.EVENT_ID, "ascending")])


def _expected(sent: Sent, likely: Chances, window: tuple[int, int]) -> Doubles:
    """Expected extra orders of each message inside the window: open x click x buy x share of delays that end in it."""
    rng = stream(0, "delays")
    delay = _open_delay(rng.random(SAMPLES)) + rng.uniform(5, 180, SAMPLES)
    delay = np.sort(delay + _buy_delay(rng.random(SAMPLES) < AT_ONCE, rng.random(SAMPLES))) * SECOND
    low, high = (np.searchsorted(delay, edge - sent.ts) / SAMPLES for edge in window)
    chance = likely.open.astype(np.float64) * likely.click * likely.buy
    return np.asarray(chance * (high - low), np.float64)


def _people_truth(world: World, sent: Sent, likely: Chances, anyway: pa.Table, window: tuple[int, int]) -> pa.Table:
    """Both potential outcomes of everybody: the one without messages is what happens, not an estimate."""
    count = len(world.people)
    bought = anyway.filter(pc.equal(anyway[c.KIND], EventKind.PURCHASE))
    person = pc.utf8_slice_codeunits(bought["user_id"], 1).cast(pa.int64()).to_numpy()
    money = pc.multiply(bought[c.QUANTITY], bought[c.UNIT_PRICE]).to_numpy()
    orders = np.unique(np.stack([person, pc.utf8_slice_codeunits(bought[c.ORDER_ID], 1).cast(pa.int64()).to_numpy()]),
                       axis=1)[0]  # fmt: skip
    extra = _expected(sent, likely, window)
    orders_without = np.bincount(orders, minlength=count).astype(np.float64)
    revenue_without = np.bincount(person, money, count)
    more_orders = np.bincount(sent.person, extra, count)
    more_revenue = np.bincount(sent.person, extra * sent.price, count)
    return pa.table(
        {
            "user_id": user_ids(np.arange(count)),
            "messages": np.bincount(sent.person, minlength=count),
            "orders_without": orders_without,
            "orders_expected_with": orders_without + more_orders,
            "orders_incremental": more_orders,
            "revenue_without": revenue_without,
            "revenue_expected_with": revenue_without + more_revenue,
            "revenue_incremental": more_revenue,
        }
    )


def _message_truth(sent: Sent, likely: Chances, drawn: _Drawn) -> pa.Table:
    return pa.table(
        {
            c.MESSAGE_ID: sent.message,
            "user_id": user_ids(sent.person),
            "fit": sent.fit,
            "words_fit": sent.words,
            "chance_open": likely.open,
            "chance_click": likely.click,
            "chance_buy": likely.buy,
            "chance_unsubscribe": likely.leave,
            "opened": drawn.opened,
            "clicked": drawn.clicked,
            "bought": drawn.bought,
            "scanner": drawn.scanned,
        }
    )

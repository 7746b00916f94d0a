"""How likely a reader opens, clicks, buys and unsubscribes: the truth behind every report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.errors import InputError
from siyu.simulator import null_world
from siyu.simulator.streams import Doubles, Flags, Floats, Ints, sigmoid
from siyu.simulator.tastes import fit_score
from siyu.simulator.timing import DAY
from siyu.simulator.words import LANGUAGES, Words
from siyu.simulator.world import World

OPEN, OPEN_MATCH, OPEN_HOUR, OPEN_FATIGUE, OPEN_FOREIGN = -1.35, 0.45, 0.45, 0.5, 1.6
CLICK, CLICK_MATCH, CLICK_TERMS = -1.9, 0.55, 0.35
BUY, BUY_FIT, BUY_GONE = -1.7, 0.6, 30.0
LEAVE, LEAVE_MATCH, LEAVE_FATIGUE = -6.0, 0.5, 0.6
"""Log-odds at an average match and what moves them: match of products and words (deviations of this person's taste),
distance from the usual hour (cosine), messages in the week before, a language that is not theirs, no stock."""
FATIGUE_DAYS = 7
REACH = np.float32(2.5)
"""Matches are cut at this many deviations."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages as arrays of one row a message; those to people the shop does not know are left out.

    Attributes:
        item: the main product; -1 where none is of this shop.
        fit: standardised liking, mean over the products; words: standardised liking of the terms named, 0 for none.
    """

    person: Ints
    message: pa.Array
    ts: Ints
    item: Ints
    price: Doubles
    fit: Floats
    words: Floats
    foreign: Flags
    recent: Ints
    in_stock: Flags


@dataclass(frozen=True, slots=True)
class Chances:
    """Chance of an open, of a click given an open, of an extra purchase given a click, of leaving given an open."""

    open: Floats
    click: Floats
    buy: Floats
    leave: Floats


def _numbers(text: pa.Array, prefix: str, limit: int) -> Ints:
    """Row numbers of ids such as ``u0000012``; -1 for ids of another shape or beyond ``limit``."""
    shaped = pc.match_substring_regex(text, f"^{prefix}[0-9]{{1,9}}$")
    digits = pc.if_else(pc.fill_null(shaped, False), pc.utf8_slice_codeunits(text, 1), "-1")
    number: Ints = digits.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return np.where(number < limit, number, -1)


def _lists(column: pa.Array) -> tuple[Ints, pa.Array]:
    """(row, value) of every element of a list column."""
    parents = pc.list_parent_indices(column)
    return parents.to_numpy(zero_copy_only=False).astype(np.int64), pc.list_flatten(column)


def _mean_by_row(rows: Ints, values: Floats, count: int) -> Floats:
    total = np.bincount(rows, values, count)
    number = np.bincount(rows, minlength=count)
    return np.asarray(total / np.maximum(number, 1), np.float32)


def term_features(book: Words) -> dict[str, int]:
    """Feature named by a term in either language: a value, a brand, a category path or its last level."""
    found: dict[str, int] = {}
    for feature, names in enumerate(book.names):
        for name in names:
            found.setdefault(name.casefold(), feature)
            found.setdefault(name.rsplit(" > ", 1)[-1].casefold(), feature)
    for index, row in enumerate(book.categories):
        for nouns in row["nouns"]:
            for noun in nouns:
                found.setdefault(noun.casefold(), index)
    return found


def _terms(world: World, person: Ints, column: pa.Array) -> Floats:
    """Mean standardised taste for the terms named that mean something here; ``facet:value`` and ``name=value`` too."""
    rows, values = _lists(column)
    book = world.catalogue.words
    known = term_features(book)
    encoded = pc.dictionary_encode(values)
    plain = [
        str(text or "").split(":")[-1].split("=")[-1].strip().casefold() for text in encoded.dictionary.to_pylist()
    ]
    table = np.array([known.get(text, -1) for text in plain] or [-1], np.int64)
    codes = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    feature = table[codes] if len(codes) else np.zeros(0, np.int64)
    some = feature >= 0
    rows, feature = rows[some], feature[some]
    spread = world.people.taste[:, :-1].std(axis=0) + np.float32(1e-6)
    centre = world.people.taste[:, :-1].mean(axis=0)
    liked = (world.people.taste[person[rows], feature] - centre[feature]) / spread[feature]
    return _mean_by_row(rows, liked, len(person))


def _recent(person: Ints, ts: Ints) -> Ints:
    """Messages each person got in the week before each message."""
    order = np.lexsort((ts, person))
    # One sorted axis for all: people far apart, moments inside.
    axis = person[order] * (1 << 40) + (ts[order] - ts.min()) // 1_000_000 if len(ts) else ts
    before = np.searchsorted(axis, axis - FATIGUE_DAYS * DAY // 1_000_000, side="left")
    first = np.searchsorted(person[order], person[order], side="left")
    recent = np.empty(len(ts), np.int64)
    recent[order] = np.arange(len(ts)) - np.maximum(before, first)
    return recent


def read_sent(world: World, sent: pa.Table) -> Sent:
    """Messages in the columns ``user_id, message_id, sent_at, items, terms, language``.

    Raises:
        InputError: a column is missing.
    """
    wanted = ("user_id", c.MESSAGE_ID, "sent_at", "items", "terms", c.LANGUAGE)
    missing = [name for name in wanted if name not in sent.column_names]
    if missing:
        raise InputError("Messages cannot be read.", why=f"Missing: {', '.join(missing)}.", next_step="Add them.")
    table = sent.select(wanted).combine_chunks()
    person = _numbers(_one(table["user_id"].cast(pa.string())), "u", len(world.people))
    dated = table["sent_at"].is_valid().to_numpy(zero_copy_only=False)
    table, person = table.filter(pa.array((person >= 0) & dated)), person[(person >= 0) & dated]
    ts = _one(table["sent_at"].cast(pa.timestamp("us"))).cast(pa.int64()).to_numpy(zero_copy_only=False)
    rows, names = _lists(_one(table["items"].cast(pa.list_(pa.string()))))
    items = _numbers(names, "P", len(world.catalogue))
    rows, items = rows[items >= 0], items[items >= 0]
    price = world.catalogue.prices[-1, items]
    fit = fit_score(world.people, world.catalogue, person[rows], items, price)
    main = np.full(len(person), -1, np.int64)
    main[rows[::-1]] = items[::-1]
    language = _one(table[c.LANGUAGE].cast(pa.string()))
    own = pa.array(LANGUAGES).take(pa.array(world.people.language[person]))
    foreign = pc.fill_null(pc.not_equal(pc.utf8_slice_codeunits(language, 0, 2), own), False)
    return Sent(
        person=person,
        message=_one(table[c.MESSAGE_ID].cast(pa.string())),
        ts=ts,
        item=main,
        price=world.catalogue.prices[-1, main].astype(np.float64),
        fit=_mean_by_row(rows, fit, len(person)),
        words=_terms(world, person, _one(table["terms"].cast(pa.list_(pa.string())))),
        foreign=foreign.to_numpy(zero_copy_only=False),
        recent=_recent(person, ts),
        in_stock=(main >= 0) & (world.catalogue.stock[-1, main] > 0),
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array (several chunks would come back from a cast of an empty table as none)."""
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def chances(world: World, sent: Sent, local_hour: Floats) -> Chances:
    """The chances of each message; in the null world those of :mod:`siyu.simulator.null_world`."""
    count = len(sent.person)
    if world.settings.null_world:
        frozen = (null_world.OPEN, null_world.CLICK, null_world.BUY, null_world.UNSUBSCRIBE)
        opened, click, buy, leave = (np.full(count, value, np.float32) for value in frozen)
        return Chances(opened, click, buy, leave)
    people = world.people
    fit, words = sent.fit.clip(-REACH, REACH), sent.words.clip(-REACH, REACH)
    match = np.asarray(0.7 * fit + 0.3 * words, np.float32)
    near = np.cos((local_hour - people.hour[sent.person]) * (2 * np.pi / 24))
    foreign = OPEN_FOREIGN * sent.foreign
    opened = OPEN + people.responsive[sent.person] + OPEN_MATCH * match + OPEN_HOUR * near
    opened = opened - OPEN_FATIGUE * sent.recent - foreign
    click = CLICK + CLICK_MATCH * fit + CLICK_TERMS * words - foreign
    dear = people.sensitivity[sent.person] * np.maximum(_dearness(world, sent), 0)
    buy = BUY + BUY_FIT * fit - 0.3 * dear - BUY_GONE * ~sent.in_stock
    leave = LEAVE - LEAVE_MATCH * match + LEAVE_FATIGUE * sent.recent + 0.5 * foreign
    opened, click, buy, leave = (sigmoid(np.asarray(part, np.float32)) for part in (opened, click, buy, leave))
    buy = np.minimum(buy * np.float32(world.settings.persuasion), np.float32(0.95))
    return Chances(opened, click, buy, leave)


def _dearness(world: World, sent: Sent) -> Floats:
    """Log price over what feels right to the person."""
    usual = world.catalogue.words.price[world.catalogue.category[sent.item]]
    return np.asarray(np.log(sent.price / usual) - world.people.comfort[sent.person], np.float32)

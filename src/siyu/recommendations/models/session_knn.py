"""Session-kNN: what was looked at in the visits most like this one, near the product by which they meet.

Vector multiplication session-kNN and its sequence- and time-aware kin: Ludewig and Jannach, "Evaluation of
session-based recommendation algorithms", UMUAI 2018 (V-SkNN); Garg et al., SIGIR 2019 (STAN).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field
from scipy import sparse

from siyu.domain.kinds import Lane
from siyu.engine.port import Engine
from siyu.recommendations.links import matrix
from siyu.recommendations.models import alike
from siyu.recommendations.models.neighbours import item_count
from siyu.recommendations.models.past import PastOptions, decayed, past
from siyu.recommendations.people import DAY, Act, Floats, Ints, Mask, People
from siyu.recommendations.port import Asked, Blocks, Capability, Links, Reasons, Told

_FAR: Final = 3.0
"""Products further apart than so many times ``reach`` say nothing of each other."""


class SessionKnnOptions(PastOptions):
    """Options of :class:`SessionKnn`."""

    recent: float = Field(7.0, gt=0, le=36_500, description="Days after which an act of the person asked for is half.")
    fade: float = Field(1.0, ge=0, le=10, description="Power by which products asked by lose weight with later ones.")
    asked: int = Field(30, ge=1, le=1000, description="Products of a person's past that ask, the weightiest.")
    acts: Literal["auto", "seen", "bought"] = Field(
        "auto", description="seen: visits; bought: baskets; auto: visits where there are any."
    )
    half_life: float = Field(90.0, gt=0, le=36_500, description="Days after which a visit counts half.")
    sessions: int = Field(200_000, ge=1, le=5_000_000, description="Visits to be like, the latest.")
    longest: int = Field(50, ge=2, le=1000, description="Products of one visit that count, the latest.")
    neighbours: int = Field(200, ge=1, le=5000, description="Visits that recommend, the most like.")
    rare: float = Field(1.0, ge=0, le=3, description="Power of idf: how much more rare products say of likeness.")
    long: float = Field(0.3, ge=0, le=2, description="Power of a visit's length that divides its likeness.")
    sharp: float = Field(1.5, gt=0, le=5, description="Power of likeness: above 1 the nearest say more.")
    votes: float = Field(0.3, ge=0, le=3, description="Power of idf by which rare products are recommended more.")
    reach: float = Field(4.0, gt=0, le=1000, description="Places from the product they meet by at which a vote is 1/e.")


class SessionKnn:
    """Visits (or baskets) like the person's latest products.

    Reason ``similar``, value ``like-visits``: the product was looked at in ``count`` of the visits most like this
    person's latest; ``item`` is the product by which the nearest of them is met.
    """

    Options: ClassVar[type[BaseModel]] = SessionKnnOptions
    lane: ClassVar[Lane] = Lane.DISCOVER
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.SEQUENCE, Capability.COLD_ITEMS})
    interests = 0

    def __init__(self, options: SessionKnnOptions) -> None:
        self.options = options

    def fit(self, engine: Engine, people: Blocks, now: datetime) -> None:
        """Keep the latest visits, nameless, as ``rec_session_knn``."""
        chosen = self.options
        units, ages = _units(people, item_count(engine), now, chosen, bought=chosen.acts == "bought")
        if chosen.acts == "auto" and not len(units.sizes):
            units, ages = _units(people, units.items, now, chosen, bought=True)
        say = decayed(ages, chosen.half_life) * np.maximum(units.sizes, 1.0) ** -chosen.long
        vote = units.idf[units.item] ** chosen.votes
        weight = np.repeat(say, units.sizes)
        alike.publish(engine, "rec_session_knn", alike.Units(units.ends, units.item, weight, vote, units.items))

    def scorer(self, engine: Engine, now: datetime) -> SessionKnnScorer:
        """Visits as links from each place in them to the products around it."""
        return SessionKnnScorer(self.options, alike.learnt(engine, "rec_session_knn", item_count(engine)))


class SessionKnnScorer:
    """Asks by the places at which the visits most alike are met."""

    words = ("similar", "like-visits")
    merged = 0

    def __init__(self, options: SessionKnnOptions, units: alike.Units) -> None:
        self.options, self.units = options, units
        self.links = around(units, options.reach)

    def asked(self, people: People) -> Asked:
        """One key a visit: the place of the product by which it is met; notes hold that product."""
        chosen = self.options
        found = past(people, chosen)
        value = found.value * self.units.idf[found.key] ** chosen.rare
        wanted = alike.scaled(matrix(Asked(found.row, found.key, value), people.size, self.units.items))
        met = alike.nearest(wanted, self.units, kept=chosen.neighbours)
        notes = {"shared": self.units.item[met.place], "rows": np.full(len(met.row), people.size)}
        order = np.lexsort((met.place, met.row))
        sharpened = met.alike**chosen.sharp
        ordered = {name: values[order] for name, values in notes.items()}
        return Asked(met.row[order], met.place[order], sharpened[order], ordered)

    def reasons(self, asked: Asked, told: Told) -> Reasons:
        """The product by which a visit is met, and in how many like it the product was looked at."""
        return alike.reasons(asked, told, self.links)


def around(units: alike.Units, reach: float) -> Links:
    """From each place of a unit to the products around it and its own, by vote and nearness."""
    sizes = units.sizes
    unit = np.repeat(np.arange(len(sizes)), sizes)
    places = np.arange(len(unit))
    keys, items, data = [places], [units.item], [units.vote.astype(np.float64)]
    for apart in range(1, min(int(np.ceil(_FAR * reach)), int(sizes.max(initial=1)) - 1) + 1):
        same = np.flatnonzero(unit[apart:] == unit[:-apart])
        near = float(np.exp(-apart / reach))
        for here, there in ((same, same + apart), (same + apart, same)):
            keys.append(places[here])
            items.append(units.item[there])
            data.append(near * units.vote[there])
    where = np.concatenate(keys), np.concatenate(items)
    return sparse.coo_array((np.concatenate(data), where), shape=(len(unit), units.items)).tocsr()


def _units(
    people: Blocks, items: int, now: datetime, options: SessionKnnOptions, *, bought: bool
) -> tuple[alike.Units, Floats]:
    """The latest units of two products or more, in order of time, and their ages in days."""
    ids, owners, units, codes, seconds, before = [], [], [], [], [], 0
    for block in people():
        at = _ordered(block, _mask(block, bought=bought))
        ids.append(block.ids)
        owners.append(block.row[at].astype(np.int64) + before)
        units.append(block.unit[at].astype(np.int64))
        codes.append(block.item[at].astype(np.int32))
        seconds.append(block.second[at].astype(np.int64))
        before += block.size
    nothing = np.zeros(0, np.int64)
    owner, unit, item, second = (np.concatenate([nothing, *part]) for part in (owners, units, codes, seconds))
    begins = np.r_[True, (owner[1:] != owner[:-1]) | (unit[1:] != unit[:-1])][: len(owner)]
    number = np.cumsum(begins) - 1
    sizes = np.bincount(number)
    ends = np.cumsum(sizes)
    stays = (ends[number] - 1 - np.arange(len(number)) < options.longest) & (sizes[number] >= 2)
    number, item = number[stays], item[stays]
    place = np.empty(before, np.int64)
    if before:
        place[pc.array_sort_indices(pa.chunked_array(ids).combine_chunks()).to_numpy()] = np.arange(before)
    last = second[ends - 1]
    order = np.lexsort((unit[begins], place[owner[begins]], last))
    order = order[np.bincount(number, minlength=len(sizes))[order] > 0][-options.sessions :]
    rank = np.full(len(sizes), -1, np.int64)
    rank[order] = np.arange(len(order))
    at = np.flatnonzero(rank[number] >= 0)
    at = at[np.argsort(rank[number[at]], kind="stable")]
    bounds = np.searchsorted(rank[number[at]], np.arange(len(order) + 1))
    found = alike.Units(bounds, item[at], np.ones(len(at)), np.ones(len(at)), items)
    return found, np.asarray((int(now.timestamp()) - last[order]) / DAY, np.float64)


def _mask(people: People, *, bought: bool) -> Mask:
    purchase = people.kind == Act.PURCHASE
    return np.asarray(purchase if bought else (people.weight > 0) & ~purchase, bool)


def _ordered(people: People, told: Mask) -> Ints:
    """The chosen acts by person, unit and moment, of each product in a unit the last."""
    at = np.flatnonzero(told)
    order = at[np.lexsort((-people.second[at], people.item[at], people.unit[at], people.row[at]))]
    key = np.stack([people.row[order], people.unit[order], people.item[order]])
    first = np.r_[True, (key[:, 1:] != key[:, :-1]).any(axis=0)][: len(order)]
    at = order[first]
    found: Ints = at[np.lexsort((people.item[at], people.second[at], people.unit[at], people.row[at]))]
    return found

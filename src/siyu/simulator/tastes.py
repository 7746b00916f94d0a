"""People with hidden tastes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.simulator.catalogue import Catalogue
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.streams import Floats, Ints, stream
from siyu.simulator.words import GROUPS, Words

CHUNK = 20_000
"""People played at a time. Part of what a seed means: changing it changes every shop."""
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Sydney")
DEVICES = ("app", "web", "mini-program")
NEVER = 1 << 30


@dataclass(frozen=True, slots=True)
class People:
    """People as arrays of one row a person.

    Attributes:
        taste: people x (features + 1): log-preference for each feature; the last column (no attribute) is 0.
        activity: sessions a day.
        comfort: log price over a category's median that feels right; sensitivity: cost of a unit away from it.
        hour: usual local hour (0 to 24). zone, device, language: indexes of ZONES, DEVICES, LANGUAGES.
        joined, lapsed: days since the start (negative: before); ``NEVER`` where they stay.
        responsive: how gladly they react to messages, in log-odds.
        centre, spread: mean and deviation of this person's liking over the catalogue.
        scanner: whether a security scanner opens their mail.
    """

    taste: Floats
    activity: Floats
    comfort: Floats
    sensitivity: Floats
    hour: Floats
    zone: Ints
    device: Ints
    language: Ints
    joined: Ints
    lapsed: Ints
    responsive: Floats
    centre: Floats
    spread: Floats
    scanner: Ints

    def __len__(self) -> int:
        return len(self.activity)


def _category_taste(rng: np.random.Generator, book: Words, count: int) -> Floats:
    """Most people shop for women or for men; each has a few categories they return to."""
    who = np.array([{"women": 0, "men": 1, "all": 2}[row["who"]] for row in book.categories])
    mine = (rng.random(count) < 0.42).astype(np.int64)
    taste = rng.normal(0, 0.9, (count, len(who))).astype(np.float32)
    for _ in range(2):
        taste[np.arange(count), rng.integers(0, len(who), count)] += 1.6
    other = (who[None, :] < 2) & (who[None, :] != mine[:, None])
    return taste - np.where(other, np.float32(2.6), np.float32(0))


def _taste(rng: np.random.Generator, book: Words, count: int) -> Floats:
    taste = np.zeros((count, book.nothing + 1), np.float32)
    first, last = book.spans["category"]
    taste[:, first:last] = _category_taste(rng, book, count)
    for facet, plain, liked in (("brand", 0.45, 1.2), *((group, 0.55, 1.3) for group in GROUPS)):
        first, last = book.spans[facet]
        taste[:, first:last] = rng.normal(0, plain, (count, last - first))
        for _ in range(2):
            taste[np.arange(count), rng.integers(first, last, count)] += liked
    return taste


def _moments(catalogue: Catalogue, taste: Floats, comfort: Floats, sensitivity: Floats) -> tuple[Floats, Floats]:
    """Mean and deviation of liking over (at most 256 of) the catalogue, a chunk of people at a time."""
    sample = np.linspace(0, len(catalogue) - 1, min(len(catalogue), 256)).astype(np.int64)
    counts = np.zeros((taste.shape[1], len(sample)), np.float32)
    for column in catalogue.features[sample].T:
        counts[column, np.arange(len(sample))] += 1
    counts[catalogue.category[sample], np.arange(len(sample))] += CATEGORY_WEIGHT
    centre, spread = np.empty(len(taste), np.float32), np.empty(len(taste), np.float32)
    for low in range(0, len(taste), CHUNK):
        rows = slice(low, low + CHUNK)
        gap = np.abs(catalogue.relative[sample][None, :] - comfort[rows, None])
        liking = taste[rows] @ counts - sensitivity[rows, None] * gap
        centre[rows], spread[rows] = liking.mean(axis=1), liking.std(axis=1) + 0.25
    return centre, spread


CATEGORY_WEIGHT = np.float32(0.5)
"""Liking counts a category by half: within a session the category is chosen already."""


def build_people(settings: SimulationSettings, catalogue: Catalogue) -> People:
    """Everybody of the shop with these settings: a pure function of them."""
    rng, count = stream(settings.seed, "people"), settings.people
    days = (settings.end - settings.start).days
    taste = _taste(rng, catalogue.words, count)
    comfort = rng.normal(0, 0.35, count).astype(np.float32)
    sensitivity = rng.lognormal(0.3, 0.45, count).astype(np.float32)
    centre, spread = _moments(catalogue, taste, comfort, sensitivity)
    chinese = rng.random(count) < settings.zh_share
    active = rng.gamma(1.2, 1 / 1.2, count)
    joined = np.where(rng.random(count) < 0.7, -1, rng.integers(0, days, count))
    stays = rng.exponential(700, count).astype(np.int64) + 15
    return People(
        taste=taste,
        activity=(0.105 * active).astype(np.float32),
        comfort=comfort,
        sensitivity=sensitivity,
        hour=np.mod(np.where(rng.random(count) < 0.65, 20.5, 12.5) + rng.normal(0, 2, count), 24).astype(np.float32),
        zone=np.where(chinese & (rng.random(count) < 0.97), 0, rng.integers(1, len(ZONES), count)),
        device=rng.choice(len(DEVICES), count, p=[0.5, 0.3, 0.2]),
        language=1 - chinese.astype(np.int64),
        joined=joined,
        lapsed=np.minimum(np.maximum(joined, 0) + stays, NEVER),
        responsive=(0.35 * np.log(active + 0.05) + rng.normal(0, 0.4, count)).astype(np.float32),
        centre=centre,
        spread=spread,
        scanner=(rng.random(count) < 0.03).astype(np.int64),
    )


def liking(people: People, catalogue: Catalogue, who: Ints, item: Ints, price: Floats) -> Floats:
    """How much person ``who[i]`` likes product ``item[i]`` at ``price[i]``, category apart, in log-odds."""
    nothing = catalogue.words.nothing + 1
    flat, base = people.taste.ravel(), who * nothing
    total = np.zeros(len(who), np.float32)
    for column in catalogue.features.T:
        total += flat[base + column[item]]
    relative = np.log(price / catalogue.words.price[catalogue.category[item]])
    bargain = np.maximum(catalogue.relative[item] - relative, 0)
    cost = np.abs(catalogue.relative[item] - people.comfort[who]) - bargain
    return np.asarray(total - people.sensitivity[who] * cost, np.float32)


def fit_score(people: People, catalogue: Catalogue, who: Ints, item: Ints, price: Floats) -> Floats:
    """Standardised liking, category included: 0 is this person's average product, 1 a deviation better."""
    raw = liking(people, catalogue, who, item, price)
    raw = raw + CATEGORY_WEIGHT * people.taste[who, catalogue.category[item]]
    return np.asarray((raw - people.centre[who]) / people.spread[who], np.float32)

"""Products with hidden quality: what they are, what they cost each week, and what goes with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siyu.simulator.settings import SimulationSettings
from siyu.simulator.streams import Flags, Floats, Ints, stream
from siyu.simulator.words import ASPECTS, GROUPS, SEASONS, Words, words

ZH, EN, BOTH = 0, 1, 2
PROMOTIONS = ((6, 12), (11, 5), (12, 8))
"""(month, day) near which the weeks of the big sales fall (618, Double Eleven, Double Twelve)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products as arrays of one row a product; ``prices`` and ``stock`` have one row a week.

    Attributes:
        features: products x 5 features (brand, style, material, colour, fit); see :class:`Words`.
        language: 0 Chinese, 1 English, 2 both.
        launch: week it first appears; 0 for the first assortment.
        quality: products x 5 aspects (fit, fabric, colour, delivery, value), mean 0, deviation 1.
        partners: products x 2 products bought together with it (itself where there is none).
        relative: log of price over the category's median, before promotions.
    """

    words: Words
    category: Ints
    features: Ints
    season: Ints
    noun: Ints
    detail: Ints
    language: Ints
    launch: Ints
    popularity: Floats
    quality: Floats
    partners: Ints
    relative: Floats
    prices: Floats
    stock: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.category)

    def offered(self, week: int) -> Flags:
        """Which products can be bought in ``week``."""
        flags: Flags = (self.launch <= week) & (self.stock[week] > 0)
        return flags


def _choices(rng: np.random.Generator, category: Ints, options: list[list[int]], lean: Ints | None = None) -> Ints:
    """One of its category's options a product; ``lean`` (an option) is taken half the time where allowed."""
    width = max(len(row) for row in options)
    table = np.array([(row * width)[:width] if row else [-1] * width for row in options])
    size = np.array([max(len(row), 1) for row in options])
    # Skewed on purpose: the first options of a category are the usual ones.
    place = (rng.random(len(category)) ** 1.3 * size[category]).astype(np.int64)
    chosen: Ints = table[category, place]
    if lean is not None:
        allowed = (table[category] == lean[:, None]).any(axis=1)
        chosen = np.where(allowed & (rng.random(len(category)) < 0.5), lean, chosen)
    return chosen


def _features(rng: np.random.Generator, book: Words, category: Ints) -> Ints:
    first, last = book.spans["brand"]
    count = len(category)
    brand = first + (rng.beta(1, 1.6, count) * (last - first)).astype(np.int64)
    style_of_brand = rng.integers(*book.spans["style"], last - first)
    columns = [brand]
    for group in GROUPS:
        keys, start = book.keys(group), book.spans[group][0]
        if group == "colour":
            columns.append(start + (rng.beta(1, 1.4, count) * len(keys)).astype(np.int64))
            continue
        options = [[start + keys.index(key) for key in row[f"{group}s"]] for row in book.categories]
        lean = style_of_brand[brand - first] if group == "style" else None
        chosen = _choices(rng, category, options, lean)
        columns.append(np.where(chosen < 0, book.nothing, chosen))
    return np.stack(columns, axis=1)


def _season(rng: np.random.Generator, book: Words, category: Ints) -> Ints:
    """The season a product is made for, by its category's demand."""
    share = np.cumsum(book.seasons, axis=1)
    draw = rng.random(len(category)) * share[category, -1]
    season: Ints = (share[category] < draw[:, None]).sum(axis=1).clip(0, len(SEASONS) - 1)
    return season


def _partners(rng: np.random.Generator, book: Words, category: Ints, popularity: Floats) -> Ints:
    """Two products of categories that go with the product's own, the popular ones more often."""
    count = len(category)
    order = np.argsort(category, kind="stable")
    weight = np.cumsum(popularity[order].astype(np.float64))
    padded = np.concatenate([[0.0], weight])
    low = np.searchsorted(category[order], np.arange(len(book.categories)))
    high = np.searchsorted(category[order], np.arange(len(book.categories)), side="right")
    found = []
    for slot in (0, 1):
        other = book.goes_with[category, slot]
        start, stop = padded[low[other]], padded[high[other]]
        place = np.searchsorted(weight, start + rng.random(count) * (stop - start), side="right").clip(0, count - 1)
        found.append(np.where(stop > start, order[place], np.arange(count)))
    return np.stack(found, axis=1)


def _prices(rng: np.random.Generator, settings: SimulationSettings, base: Floats) -> Floats:
    """Weeks x products: base prices with sales of a week or two, and a few lasting changes."""
    weeks, count = settings.weeks, len(base)
    factor = np.ones((weeks, count), np.float32)
    week = np.arange(weeks)[:, None]
    for _ in range(max(1, weeks // 26)):
        start, length = rng.integers(0, weeks, count), rng.integers(1, 4, count)
        cut = np.where(rng.random(count) < 0.6, rng.choice([0.95, 0.9, 0.85, 0.8, 0.7], count), 1)
        factor = np.where((week >= start) & (week < start + length), np.minimum(factor, cut), factor)
    changed, when = rng.random(count) < 0.2, rng.integers(1, weeks + 1, count)
    lasting = np.where(changed, rng.choice([0.9, 0.95, 1.05, 1.1], count), 1)
    factor = factor * np.where(week >= when, lasting, 1)
    for index in range(weeks):
        day = settings.start.toordinal() + 7 * index
        if any(_near(day, settings, *sale) for sale in PROMOTIONS):
            factor[index] = np.where(rng.random(count) < 0.5, np.minimum(factor[index], 0.8), factor[index])
    # Shops write whole yuan that end in 9.
    priced = np.floor(base * factor / 10 + 0.5) * 10 - 1
    return np.asarray(np.maximum(priced, 9), np.float32)


def _near(day: int, settings: SimulationSettings, month: int, start: int) -> bool:
    years = range(settings.start.year, settings.horizon.year + 1)
    return any(0 <= day - settings.start.replace(year=year, month=month, day=start).toordinal() < 7 for year in years)


def _stock(rng: np.random.Generator, weeks: int, count: int) -> NDArray[np.int32]:
    level = rng.integers(20, 400, count)
    stock = np.tile(level, (weeks, 1)).astype(np.int32)
    gone, start = rng.random(count) < 0.12, rng.integers(0, weeks + 8, count)
    week = np.arange(weeks)[:, None]
    stock[(week >= start) & (week < start + rng.integers(1, 4, count)) & gone] = 0
    return stock


def build_catalogue(settings: SimulationSettings) -> Catalogue:
    """The catalogue of the shop with these settings: a pure function of them.

    Example:
        >>> len(build_catalogue(SimulationSettings(products=50)))
        50
    """
    book, rng, count = words(), stream(settings.seed, "catalogue"), settings.products
    usual = 1.0 / np.sqrt(np.arange(len(book.categories)) % 7 + 2)
    category = rng.choice(len(book.categories), count, p=usual / usual.sum())
    features = _features(rng, book, category)
    tier = rng.normal(0, 0.3, len(book.names) + 1)
    relative = (tier[features[:, 0]] + rng.normal(0, 0.22, count)).clip(-1, 1.2).astype(np.float32)
    popularity = rng.lognormal(0, 0.9, count).astype(np.float32)
    late = rng.random(count) < 0.25
    launch = np.where(late, rng.integers(0, settings.weeks, count), 0)
    details: list[Any] = [row["details"][0] for row in book.categories]
    return Catalogue(
        words=book,
        category=category,
        features=features,
        season=_season(rng, book, category),
        noun=rng.integers(0, 1_000, count),
        detail=rng.integers(0, min(len(row) for row in details), count),
        language=_language(rng, settings, count),
        launch=launch,
        popularity=popularity,
        quality=rng.normal(0, 1, (count, len(ASPECTS))).astype(np.float32),
        partners=_partners(rng, book, category, popularity),
        relative=relative,
        prices=_prices(rng, settings, book.price[category] * np.exp(relative)),
        stock=_stock(rng, settings.weeks, count),
    )


def _language(rng: np.random.Generator, settings: SimulationSettings, count: int) -> Ints:
    single = (rng.random(count) > settings.zh_share).astype(np.int64)
    return np.where(rng.random(count) < settings.bilingual_share, BOTH, single)

"""Money of several currencies: the project's rates are published for the stages, and what has none is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from siyu.app.shop import Shop
from siyu.catalogue.rates import read_rates
from siyu.catalogue.report import Problem
from siyu.engine import manifest, money, resolved


@dataclass(frozen=True, slots=True)
class RatesReport:
    """What rates there are, and what could not be converted.

    Attributes:
        rows, refused, problems: lines read, lines left out by reason, and the first of these.
        currencies: currencies with a rate to the project's.
        unconverted: priced events in other currencies, which no sum of money holds.
    """

    rows: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    currencies: tuple[str, ...] = ()
    unconverted: tuple[money.Unconverted, ...] = ()


def publish_rates(shop: Shop) -> RatesReport:
    """Read the rates in force and publish them; before anything adds up or compares money.

    Raises:
        InputError: a file of rates is missing, or lacks a column.
    """
    settings, base = shop.settings.rates, shop.settings.project.currency
    settings = settings.model_copy(update={"files": shop.paths.expand(settings.files)})
    read = read_rates(settings, shop.clock.now())
    money.publish(shop.engine, read.quotes, base)
    currencies = tuple(money.series(read.quotes, base))
    return RatesReport(read.rows, read.refused, read.problems, currencies)


def unconverted(shop: Shop) -> tuple[money.Unconverted, ...]:
    """Priced events in currencies that have no rate on their day."""
    if manifest.find(shop.engine.root, "events") is None:
        return ()
    resolved.events(shop.engine, name="exchanged_events")
    return money.unconverted(shop.engine, "exchanged_events")

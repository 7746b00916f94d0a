"""The product feed and the list of people, as a shop would hand them over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from siyu.simulator.catalogue import Catalogue
from siyu.simulator.rows import CURRENCY, item_ids, user_ids
from siyu.simulator.settings import SimulationSettings
from siyu.simulator.streams import stream
from siyu.simulator.tastes import ZONES, People
from siyu.simulator.timing import DAY, moment
from siyu.simulator.titles import brand, describe, language_code, languages
from siyu.simulator.words import LANGUAGES

PRODUCT_COLUMNS = ("item", "title", "category", "brand", "price", "currency", "stock", "url", "image", "language",
                   "attributes", "description", "observed_at")  # fmt: skip
CONSENT_TEXT = "marketing-2026-01"
HOWS = ("sign-up form", "checkout box", "app settings")


def _changes(catalogue: Catalogue, item: int) -> list[int]:
    """Weeks in which a product's price or stock differs from the week before, its first week included."""
    first = int(catalogue.launch[item])
    price, stock = catalogue.prices[first:, item], catalogue.stock[first:, item]
    moved = np.flatnonzero((np.diff(price) != 0) | (np.diff(stock) != 0)) + 1
    return [first, *(int(week) + first for week in moved)]


def _product_rows(settings: SimulationSettings, catalogue: Catalogue) -> Iterator[tuple[Any, ...]]:
    start = datetime.combine(settings.start, datetime.min.time(), UTC)
    ids = item_ids(np.arange(len(catalogue))).to_pylist()
    for item, name in enumerate(ids):
        *translations, own = languages(catalogue, item)
        changes = _changes(catalogue, item)
        # A translation is one row, a second before the product's first: its history goes on in the shop's language.
        seen = [(language, changes[0], -1) for language in translations] + [(own, week, 0) for week in changes]
        for language, week, second in seen:
            said = describe(catalogue, item, language)
            yield (
                name,
                said.title,
                said.category,
                brand(catalogue, item),
                float(catalogue.prices[week, item]),
                CURRENCY,
                int(catalogue.stock[week, item]),
                f"https://shop.invalid/p/{name}",
                f"https://shop.invalid/i/{name}.jpg",
                language_code(language),
                json.dumps(said.attributes, ensure_ascii=False),
                said.text,
                (start + timedelta(days=7 * week, seconds=second)).isoformat(),
            )


def write_products(settings: SimulationSettings, catalogue: Catalogue, path: Path) -> int:
    """Write ``products.csv``: a row for each product and change of price or stock, and one for a translation."""
    rows = list(_product_rows(settings, catalogue))
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    pacsv.write_csv(pa.table(columns, names=list(PRODUCT_COLUMNS)), path)
    return len(rows)


def _consents(settings: SimulationSettings, people: People) -> pa.Table:
    """A row for each consent, and one without a consent for each person who gave none."""
    rng, count = stream(settings.seed, "consent"), len(people)
    willing = rng.random(count) < settings.consent_share
    # Each further channel is accepted by fewer; everybody willing accepts at least one of the first two.
    share = 0.85 ** np.arange(1, len(settings.channels) + 1)
    yes = willing[:, None] & (rng.random((count, len(share))) < share)
    if len(share):
        yes[willing & ~yes.any(axis=1), 0] = True
    who, channel = np.nonzero(yes)
    none = np.flatnonzero(~yes.any(axis=1))
    joined = np.maximum(people.joined[who], -400 + rng.integers(0, 380, len(who)))
    given = moment(settings.start) + joined * DAY + (rng.random(len(who)) * DAY).astype(np.int64)
    blank = pa.nulls(len(none), pa.string())
    table = pa.table(
        {
            "person": np.concatenate([who, none]),
            "consent_purpose": pa.concat_arrays([pa.array(["marketing"] * len(who), pa.string()), blank]),
            "consent_channel": pa.concat_arrays(
                [pa.array(settings.channels, pa.string()).take(pa.array(channel)), blank]
            ),
            "consent_at": pa.concat_arrays(
                [pa.array(given).cast(pa.timestamp("us", tz="UTC")), pa.nulls(len(none), pa.timestamp("us", tz="UTC"))]
            ),
            "consent_how": pa.concat_arrays(
                [pa.array(HOWS).take(pa.array(rng.integers(0, len(HOWS), len(who)))), blank]
            ),
            "consent_text": pa.concat_arrays([pa.array([CONSENT_TEXT] * len(who), pa.string()), blank]),
        }
    )
    return table.sort_by([("person", "ascending"), ("consent_channel", "ascending")])


def people_table(settings: SimulationSettings, people: People) -> pa.Table:
    """Contacts and consents in the columns of ``people.csv``. No address or number of it can reach anyone.

    Addresses end in ``.invalid`` (RFC 2606); numbers have the country code 999, which is not assigned.
    """
    consents = _consents(settings, people)
    person = consents["person"].to_numpy()
    users = user_ids(person)
    numbers = pc.utf8_lpad(pa.array(person).cast(pa.string()), 9, "0")
    contacts = {
        "user_id": users,
        "email": pc.binary_join_element_wise(users, "people.shop.invalid", "@"),
        "phone": pc.binary_join_element_wise("+999", numbers, ""),
        "language": pa.array(LANGUAGES).take(pa.array(people.language[person])),
        "timezone": pa.array(ZONES).take(pa.array(people.zone[person])),
    }
    rest = {name: consents[name] for name in consents.column_names if name != "person"}
    return pa.table({**contacts, **rest})

"""What a project holds, boiled down so that two can be compared: no order, no file names, nothing sealed by chance."""

from __future__ import annotations

import email
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from siyu.app.shop import Shop

SEALED = {"quarantine": ("payload",)}
"""Columns that hold something else every time: sealed under a fresh key."""

VOLATILE = ("attempts", "lease_owner", "lease_until", "counts_at", "settled_at", "handed_at")
"""Columns of the ledger that may tell of a crash: a message in doubt is handed over a second time."""

WORKING = ("profile_", "rec_", "copy_", "catalogue_")
"""Datasets that a stage keeps for itself: what they lead to is compared."""

RECORDS = ("people", "contacts", "consents", "suppressions", "links", "campaigns", "offers")


def state(project: Path | Shop) -> dict[str, Any]:
    """Everything that must be the same, however often the job was cut off."""
    shop = Shop(project) if isinstance(project, Path) else project
    try:
        return {
            "datasets": {path.parent.name: dataset(shop, path.parent.name) for path in manifests(shop)},
            "ledger": counted(shop.ledger.to_arrow(shop.campaign.name).drop_columns(list(VOLATILE)).to_pylist()),
            "messages": messages(shop.paths.mailbox),
            "records": {name: records(shop, name) for name in RECORDS},
        }
    finally:
        shop.close()


def manifests(shop: Shop) -> list[Path]:
    """Of every dataset that other stages read."""
    every = sorted(shop.paths.tables.glob("*/_manifest.json"))
    return [path for path in every if not path.parent.name.startswith(WORKING)]


def dataset(shop: Shop, name: str) -> tuple[int, str]:
    """Rows, and a checksum over them in no order; numbers to nine digits, as sums depend on their order."""
    shop.engine.table("compared", name)
    rows = [row for batch in shop.engine.batches("SELECT * FROM compared") for row in batch.to_pylist()]
    for row in rows:
        for column in SEALED.get(name, ()):
            row.pop(column)
    return len(rows), digest(counted(rows))


def counted(rows: list[Mapping[str, Any]]) -> Counter[str]:
    """How often each row is there."""
    return Counter(json.dumps(rounded(row), sort_keys=True, default=str) for row in rows)


def digest(rows: Counter[str]) -> str:
    """A checksum of a bag of rows."""
    return hashlib.sha256(json.dumps(sorted(rows.items())).encode()).hexdigest()


def rounded(value: Any) -> Any:
    """``value`` with every number to nine significant digits."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def messages(mailbox: Path) -> dict[str, tuple[str, str]]:
    """File name to Message-ID and checksum of each message."""
    return {
        path.name: (
            str(email.message_from_bytes(path.read_bytes())["Message-ID"]),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for part in ("new", "cur")
        if (mailbox / part).is_dir()
        for path in (mailbox / part).iterdir()
    }


def records(shop: Shop, name: str) -> Counter[str]:
    """Rows of a table of the store, without what is sealed."""
    with shop.store.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {name}")
        return counted([{k: v for k, v in row._mapping.items() if not isinstance(v, bytes)} for row in found])

"""Steps from one version of the store's schema to the next, one file a step, applied in order.

Each runs in a transaction of its own together with the mark that it is done, so a crash leaves the version before it or
the one after. A step is written once and never changed: it spells out its statements and looks at nothing that later
versions may alter. They must run on SQLite and on PostgreSQL. A fresh store is made whole and needs none of them; a
test holds that both ways end in the same schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from sqlalchemy import Connection

from siyu.store import meta

MIGRATIONS: Final[Mapping[int, str]] = {
    2: "siyu.store.migrations.v2_links",
    3: "siyu.store.migrations.v3_approvals",
}
"""Version reached -> module with ``migrate(connection)``. A new step is one file and one line here."""


def step(connection: Connection, version: int) -> None:
    """Bring a store of the version before to ``version``, in the caller's transaction."""
    import_module(MIGRATIONS[version]).migrate(connection)
    meta.put(connection, "schema", version)

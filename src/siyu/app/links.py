"""The store follows the links between people's names that the datasets hold."""

from __future__ import annotations

from siyu.engine import identity
from siyu.engine.port import Engine
from siyu.store import links
from siyu.store.database import Store


def follow(engine: Engine, store: Store) -> int:
    """Bring the store's copy of the links up to the published ones; returns how many rows changed.

    Both cannot be written in one step. So the store remembers which version it holds, and this runs before consent is
    asked: after a crash in between nobody is judged by links that no longer hold.
    """
    version = identity.mark(engine)
    with store.reading() as connection:
        if links.mark(connection) == version:
            return 0
    with store.connection(durable=True) as connection:
        return links.replace(connection, identity.stored_links(engine), version)

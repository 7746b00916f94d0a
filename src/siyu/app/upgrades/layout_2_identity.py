"""Layout 2: who was linked to whom is kept as it was claimed, so that a link can be undone.

Layout 1 kept only the outcome (dataset ``aliases``: alias and the last person of its chain). Those rows become claims
without a moment, which come before all others; what chains they came from is not known any more. The store gets
version 2 of its schema.
"""

from __future__ import annotations

from siyu.app.links import follow
from siyu.app.shop import Shop
from siyu.engine import identity


def upgrade(shop: Shop) -> None:
    """Bring the store to schema 2, make dataset ``identity`` of ``aliases``, and copy the links into the store."""
    shop.old_store.migrate(2)
    identity.adopt(shop.engine)
    follow(shop.engine, shop.old_store)

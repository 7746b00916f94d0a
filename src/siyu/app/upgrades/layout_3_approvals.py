"""Layout 3: the store keeps approvals and the list of the ad archive (version 3 of its schema)."""

from __future__ import annotations

from siyu.app.shop import Shop


def upgrade(shop: Shop) -> None:
    """Bring the store to schema 3."""
    shop.old_store.migrate(3)

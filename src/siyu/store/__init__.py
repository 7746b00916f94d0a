"""Operational state: people, contacts, consent, campaigns, offers, the ledger, the audit log. SQLite, or PostgreSQL."""

from siyu.store.database import Store, open_store

__all__ = ["Store", "open_store"]

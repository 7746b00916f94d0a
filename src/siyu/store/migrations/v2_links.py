"""Version 2: deliveries are found by person without reading them all, and the store knows who was merged into whom.

Before, explaining, exporting and erasing one person read every row of the ledger.
"""

from __future__ import annotations

from sqlalchemy import Connection

STATEMENTS = (
    "CREATE INDEX IF NOT EXISTS ix_deliveries_person ON deliveries (person)",
    "CREATE TABLE IF NOT EXISTS links ("
    "alias VARCHAR(32) NOT NULL, person VARCHAR(32) NOT NULL, CONSTRAINT pk_links PRIMARY KEY (alias))",
    "CREATE INDEX IF NOT EXISTS ix_links_person ON links (person)",
)


def migrate(connection: Connection) -> None:
    """Add the index and the table."""
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)

"""Version 3: what people approved, and the list of the ad archive."""

from __future__ import annotations

from sqlalchemy import Connection

STATEMENTS = (
    "CREATE TABLE IF NOT EXISTS approvals ("
    "seq {serial} NOT NULL, campaign VARCHAR(64) NOT NULL, subject VARCHAR(64) NOT NULL, verdict VARCHAR(8) NOT NULL, "
    "how VARCHAR(8) NOT NULL, who VARCHAR(64) NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL, "
    "CONSTRAINT pk_approvals PRIMARY KEY (seq))",
    "CREATE INDEX IF NOT EXISTS ix_approvals_campaign_subject ON approvals (campaign, subject)",
    "CREATE TABLE IF NOT EXISTS archived ("
    "seq INTEGER NOT NULL, campaign VARCHAR(64) NOT NULL, name VARCHAR(128) NOT NULL, messages BIGINT NOT NULL, "
    "at BIGINT NOT NULL, digest VARCHAR(64) NOT NULL, previous VARCHAR(64) NOT NULL, hash VARCHAR(64) NOT NULL, "
    "removed_at BIGINT, CONSTRAINT pk_archived PRIMARY KEY (seq))",
)


def migrate(connection: Connection) -> None:
    """Add the tables."""
    serial = "SERIAL" if connection.dialect.name == "postgresql" else "INTEGER"
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.replace("{serial}", serial))

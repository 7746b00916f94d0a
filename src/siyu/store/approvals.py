"""Approvals: what a person said of words before they are sent. Rows are only added; the last on a subject counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, Index, Integer, Row, String, Table, Text, func, insert, select

from siyu.store.tables import METADATA, Moment

APPROVED: Final = "approved"
REFUSED: Final = "refused"

APPROVALS = Table(
    "approvals",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("subject", String(64), nullable=False),  # id of a piece, or the digest of a filled line
    Column("verdict", String(8), nullable=False),  # approved | refused
    Column("how", String(8), nullable=False),  # named | sample | all
    Column("who", String(64), nullable=False),  # who looked
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "campaign", "subject"),
)


def add(
    connection: Connection,
    campaign: str,
    subjects: Sequence[str],
    *,
    verdict: str,
    how: str,
    who: str,
    note: str,
    at: datetime,
) -> None:
    """Note what somebody said of ``subjects``."""
    shared = {"campaign": campaign, "verdict": verdict, "how": how, "who": who, "note": note, "at": at}
    if subjects:
        connection.execute(insert(APPROVALS), [{"subject": subject, **shared} for subject in subjects])


def verdicts(connection: Connection, campaign: str) -> dict[str, str]:
    """The last verdict on every subject of a campaign."""
    a = APPROVALS.c
    last = select(func.max(a.seq).label("seq")).where(a.campaign == campaign).group_by(a.subject).subquery()
    found = connection.execute(select(a.subject, a.verdict).join(last, last.c.seq == a.seq))
    return {row.subject: row.verdict for row in found}


def of_campaign(connection: Connection, campaign: str) -> Sequence[Row[tuple[str, ...]]]:
    """Everything that was said, in order."""
    return connection.execute(select(APPROVALS).where(APPROVALS.c.campaign == campaign).order_by(APPROVALS.c.seq)).all()

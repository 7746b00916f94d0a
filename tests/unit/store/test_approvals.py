"""What a person said of words: the last word counts, and every word is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from siyu.store import approvals
from siyu.store.database import open_store

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_the_last_verdict_counts_and_all_are_kept() -> None:
    store = open_store("sqlite://")

    def say(subjects: list[str], verdict: str, minutes: int, campaign: str = "spring") -> None:
        at = NOW + timedelta(minutes=minutes)
        with store.connection() as connection:
            approvals.add(connection, campaign, subjects, verdict=verdict, how="named", who="mei", note="", at=at)

    say(["a", "b"], approvals.APPROVED, 0)
    say(["a"], approvals.REFUSED, 1)
    say(["a"], approvals.APPROVED, 2, campaign="autumn")
    say([], approvals.APPROVED, 3)
    with store.reading() as connection:
        assert approvals.verdicts(connection, "spring") == {"a": "refused", "b": "approved"}
        assert approvals.verdicts(connection, "winter") == {}
        kept = approvals.of_campaign(connection, "spring")
        assert [(row.subject, row.verdict, row.who) for row in kept] == [
            ("a", "approved", "mei"),
            ("b", "approved", "mei"),
            ("a", "refused", "mei"),
        ]

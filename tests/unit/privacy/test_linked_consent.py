"""Consent over the names of one person: the strictest holds in any order; an un-merge gives back what was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.clock import FixedClock
from siyu.domain.identity import Saying, Word, links, said
from siyu.domain.ids import PersonId
from siyu.domain.proof import Seal, SealKind
from siyu.privacy.consent import ConsentLedger, Decision
from siyu.privacy.contacts import ContactBook
from siyu.privacy.erasure import erase
from siyu.store import links as stored
from siyu.store import people
from siyu.store.database import Store, open_store

NAMES = [PersonId(letter * 32) for letter in "abcd"]
ANN, ANNA, BOB, EVE = NAMES
DAY = datetime(2026, 1, 1, tzinfo=UTC)
NOW = DAY + timedelta(days=100)

DECISIONS = st.lists(
    st.builds(
        lambda person, granted, day: Decision(
            person, "marketing", "email", granted=granted, how="x", at=DAY + timedelta(days=day)
        ),
        st.sampled_from(NAMES),
        st.booleans(),
        st.integers(0, 9),
    ),
    max_size=8,
)
PAIRS = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1])
MERGES = st.lists(PAIRS, max_size=4, unique_by=frozenset)
BARRED = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)


def ledger_over(store: Store) -> ConsentLedger:
    return ConsentLedger(store, seal=Seal(SealKind.CONSENT), clock=FixedClock(NOW))


def link(store: Store, found: dict[str, str]) -> None:
    with store.connection() as connection:
        stored.replace(connection, found, str(sorted(found.items())))


def permitted(ledger: ConsentLedger) -> set[str]:
    """Both ways of asking must agree: for a few by name, and for everyone."""
    few = set(ledger.permits(NAMES, "marketing", "email"))
    one_by_one = {name for name in NAMES if ledger.permits([name], "marketing", "email")}
    everyone = set(ledger.consented("marketing", "email").column("person").to_pylist())
    barred = set(ledger.suppressed("email").column("person").to_pylist())
    assert few == one_by_one == everyone - barred
    return few


def grant(person: PersonId, day: int = 1, granted: bool = True) -> Decision:
    return Decision(person, "marketing", "email", granted=granted, how="form", at=DAY + timedelta(days=day))


def test_a_grant_does_not_travel_and_a_withdrawal_does(store: Store) -> None:
    """ann agreed, anna did not: merged into anna nobody may be written to. anna agrees herself: she may. ann takes back
    later: nobody. Taken apart again: anna may, ann may not."""
    ledger = ledger_over(store)
    ledger.record(grant(ANN, 1))
    assert permitted(ledger) == {ANN}
    link(store, {ANN: ANNA})
    assert permitted(ledger) == set()
    ledger.record(grant(ANNA, 2))
    assert permitted(ledger) == {ANNA}
    ledger.record(grant(ANN, 3, granted=False))
    assert permitted(ledger) == set()
    link(store, {})
    assert permitted(ledger) == {ANNA}


def test_an_older_withdrawal_of_the_other_name_does_not_outlive_a_newer_grant(store: Store) -> None:
    ledger = ledger_over(store)
    ledger.record_all([grant(ANN, 1, granted=False), grant(ANNA, 2)])
    link(store, {ANN: ANNA})
    assert permitted(ledger) == {ANNA}


def test_a_suppression_of_any_name_bars_the_person_and_stays_with_its_name(store: Store) -> None:
    ledger = ledger_over(store)
    ledger.record_all([grant(ANN), grant(ANNA)])
    ledger.suppress([ANN], "complaint")
    link(store, {ANN: ANNA})
    assert permitted(ledger) == set()
    link(store, {})
    assert permitted(ledger) == {ANNA}


def law(decisions: list[Decision], barred: list[PersonId], merged: list[tuple[PersonId, PersonId]]) -> set[str]:
    """Who may be written to after all that, in a store of its own."""
    store = open_store("sqlite://")
    try:
        ledger = ledger_over(store)
        ledger.record_all(decisions)
        ledger.suppress(barred, "complaint")
        link(store, links(said([Saying(Word.MERGE, *pair) for pair in merged])))
        return permitted(ledger)
    finally:
        store.close()


@settings(max_examples=25)
@given(DECISIONS, BARRED, MERGES)
def test_merging_never_lets_out_who_was_barred(
    decisions: list[Decision], barred: list[PersonId], merged: list[tuple[PersonId, PersonId]]
) -> None:
    assert law(decisions, barred, merged) <= law(decisions, barred, [])


@settings(max_examples=25)
@given(DECISIONS, MERGES, st.sampled_from(NAMES), st.integers(0, 9))
def test_a_withdrawal_under_any_name_never_lets_anyone_out(
    decisions: list[Decision], merged: list[tuple[PersonId, PersonId]], person: PersonId, day: int
) -> None:
    more = [*decisions, grant(person, day, granted=False)]
    assert law(more, [], merged) <= law(decisions, [], merged)


@settings(max_examples=25)
@given(DECISIONS, BARRED, MERGES, st.randoms(use_true_random=False))
def test_the_order_of_merges_does_not_matter(
    decisions: list[Decision], barred: list[PersonId], merged: list[tuple[PersonId, PersonId]], random: object
) -> None:
    shuffled = list(merged)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert law(decisions, barred, shuffled) == law(decisions, barred, merged)


def test_erasing_one_name_erases_all_of_the_person(book: ContactBook) -> None:
    book.register(pa.array(["one", "two", "other"]), pa.array([ANN, ANNA, BOB]))
    link(book.store, {ANN: ANNA})
    assert erase(book, ANN, actor="officer")
    assert book.alive(pa.array(NAMES)).to_pylist() == [BOB]
    with book.store.reading() as connection:
        assert {row.person for row in people.find(connection, NAMES) if row.erased_at} == {ANN, ANNA}


def test_the_store_follows_the_links_it_is_given(store: Store) -> None:
    with store.connection() as connection:
        assert stored.mark(connection) == ""
        assert stored.replace(connection, {ANN: ANNA, BOB: ANNA}, "1") == 2
        assert stored.replace(connection, {ANN: ANNA, EVE: BOB}, "2") == 2  # one gone, one new
        assert stored.mark(connection) == "2"
        assert stored.names(connection, EVE) == [BOB, EVE]
        assert stored.names(connection, BOB) == [BOB, EVE]
        assert stored.among(connection, [ANN, BOB]) == {ANN: ANNA, EVE: BOB}

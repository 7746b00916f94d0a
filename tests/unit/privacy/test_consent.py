"""Consent: the latest record wins, withdrawal is monotone, suppression beats everything, permits are short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.domain.errors import InputError, NotPermittedError
from siyu.domain.ids import PersonId
from siyu.domain.proof import Seal, SealKind
from siyu.privacy.consent import ANY, ConsentLedger, Decision
from siyu.privacy.contacts import ContactBook
from siyu.store import consents
from siyu.store.database import Store, open_store

ANN, BOB = PersonId("a" * 32), PersonId("b" * 32)
DAY = datetime(2026, 1, 1, tzinfo=UTC)
SEAL = Seal(SealKind.CONSENT)


def _day(number: int) -> datetime:
    return DAY + timedelta(days=number)


def _may(ledger: ConsentLedger, person: PersonId = ANN, purpose: str = "marketing", channel: str = "email") -> bool:
    """Whether both ways of asking say yes; they must agree."""
    one = person in ledger.permits([person], purpose, channel)
    everyone = set(ledger.consented(purpose, channel).column("person").to_pylist())
    barred = set(ledger.suppressed(channel).column("person").to_pylist())
    assert one == (person in everyone - barred)
    return one


def test_a_permit_rests_on_its_record_and_is_short(ledger: ConsentLedger, hand_clock) -> None:  # type: ignore[no-untyped-def]
    proof = ledger.record(Decision(ANN, "marketing", "email", source="form", how="ticked", text="v3", at=_day(0)))
    now = hand_clock.now()
    permit = ledger.permits([ANN, BOB], "marketing", "email")[ANN]
    assert (permit.proof, permit.granted_at) == (proof, _day(0))
    assert permit.covers(ANN, "marketing", "email", now)
    assert not permit.covers(ANN, "marketing", "email", now + timedelta(minutes=5))
    table = ledger.consented("marketing", "email")
    assert table.to_pylist() == [{"person": ANN, "proof": proof, "granted_at": _day(0).replace(tzinfo=None)}]


def test_consent_holds_for_its_purpose_and_medium_alone(ledger: ConsentLedger) -> None:
    ledger.record(Decision(ANN, "marketing", "mailbox", at=_day(0)))
    assert _may(ledger, channel="email")  # the local mailbox is e-mail
    assert _may(ledger, channel="mailbox")
    assert not _may(ledger, channel="sms")
    assert not _may(ledger, purpose="survey")
    assert not _may(ledger, BOB)


@pytest.mark.parametrize(
    ("granted", "withdrawn", "expected"),
    [(1, None, True), (1, 2, False), (2, 1, True), (1, 1, False), (None, 1, False)],
)
def test_the_later_wins_and_on_a_tie_the_withdrawal(
    ledger: ConsentLedger, granted: int | None, withdrawn: int | None, expected: bool
) -> None:
    if granted is not None:
        ledger.record(Decision(ANN, "marketing", "email", at=_day(granted)))
    if withdrawn is not None:
        ledger.record(Decision(ANN, "marketing", "email", granted=False, at=_day(withdrawn)))
    assert _may(ledger) is expected


def test_one_click_takes_back_everything_and_a_later_grant_counts_again(ledger: ConsentLedger, hand_clock) -> None:  # type: ignore[no-untyped-def]
    for channel in ("email", "sms"):
        ledger.record(Decision(ANN, "marketing", channel, at=_day(0)))
    ledger.withdraw(ANN, how="one-click")
    assert not _may(ledger)
    assert not _may(ledger, channel="sms")
    hand_clock.advance(days=1)
    ledger.record(Decision(ANN, "marketing", "sms", how="ticked again"))
    assert not _may(ledger)
    assert _may(ledger, channel="sms")


def test_a_withdrawal_of_one_channel_leaves_the_others(ledger: ConsentLedger) -> None:
    for channel in ("email", "sms"):
        ledger.record(Decision(ANN, "marketing", channel, at=_day(0)))
    ledger.withdraw(ANN, channel="mailbox")
    assert not _may(ledger)
    assert _may(ledger, channel="sms")


def test_a_future_grant_waits_and_a_future_withdrawal_does_not(ledger: ConsentLedger, hand_clock) -> None:  # type: ignore[no-untyped-def]
    ledger.record(Decision(ANN, "marketing", "email", at=hand_clock.now() + timedelta(hours=1)))
    assert not _may(ledger)
    hand_clock.advance(hours=1)
    assert _may(ledger)
    late = hand_clock.now() + timedelta(days=1)  # a form on a machine whose clock is a day ahead
    ledger.record(Decision(ANN, "marketing", "email", granted=False, at=late))
    assert not _may(ledger)


def test_suppression_beats_any_consent_until_the_person_lifts_it(ledger: ConsentLedger, hand_clock) -> None:  # type: ignore[no-untyped-def]
    ledger.record(Decision(ANN, "marketing", "email", at=_day(0)))
    ledger.suppress([ANN], "complaint", channel="mailbox")
    hand_clock.advance(days=1)
    ledger.record(Decision(ANN, "marketing", "email"))
    assert not _may(ledger)
    assert ledger.suppressed("mailbox").to_pylist() == [{"person": ANN, "reason": "complaint"}]
    assert ledger.suppressed("sms").num_rows == 0
    ledger.lift(ANN, channel="email")
    assert _may(ledger)


def test_an_address_that_is_suppressed_bars_whoever_has_it(
    ledger: ConsentLedger, book: ContactBook, pseudonymise
) -> None:  # type: ignore[no-untyped-def]
    import pyarrow as pa

    ids = pa.array(["1", "2", "3"])
    people = pseudonymise(ids)
    book.register(ids, people)
    emails = ["same@example.com", "SAME@example.com", "other@example.com"]
    book.put(pa.table({"person": people, "email": emails}))
    names = [PersonId(one) for one in people.to_pylist()]
    ledger.record_all([Decision(one, "marketing", "email", at=_day(0)) for one in names])
    book.suppress_address("Same@example.com", "bounced")
    assert [_may(ledger, one) for one in names] == [False, False, True]


def test_the_same_decision_is_kept_once(ledger: ConsentLedger, store: Store) -> None:
    decision = Decision(ANN, "marketing", "email", source="form", how="ticked", at=_day(0))
    assert (
        ledger.record(decision)
        == ledger.record(decision)
        != ledger.record(Decision(ANN, "survey", "email", at=_day(0)))
    )
    with store.reading() as connection:
        assert len(consents.history(connection, ANN)) == 2


def test_what_people_wrote_is_scrubbed(ledger: ConsentLedger, store: Store) -> None:
    ledger.record(Decision(ANN, "marketing", "email", source="a@example.com", how="by phone 13800138000", at=_day(0)))
    with store.reading() as connection:
        kept = consents.history(connection, ANN)[0]
    assert (kept.source, kept.how) == ("[…]", "by phone […]")


@pytest.mark.parametrize("what", [{"purpose": ANY}, {"channel": ANY}, {"at": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_a_grant_for_everything_or_without_a_zone_is_refused(ledger: ConsentLedger, what: dict[str, object]) -> None:
    fields: dict[str, object] = {"purpose": "marketing", "channel": "email", "at": _day(0), **what}
    with pytest.raises(InputError):
        ledger.record(Decision(ANN, **fields))  # type: ignore[arg-type]
    assert not _may(ledger)


def test_only_the_consent_seal_makes_a_ledger(store: Store, hand_clock) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotPermittedError):
        ConsentLedger(store, seal=Seal(SealKind.REVIEW), clock=hand_clock)


RECORDS = st.lists(
    st.tuples(
        st.sampled_from([ANN, BOB]),
        st.sampled_from(["marketing", "survey", ANY]),
        st.sampled_from(["email", "sms", ANY]),
        st.booleans(),
        st.integers(0, 5),
    ),
    max_size=12,
)


def _fresh(records: list[tuple[PersonId, str, str, bool, int]]) -> ConsentLedger:
    from siyu.domain.clock import FixedClock

    ledger = ConsentLedger(open_store("sqlite://"), seal=SEAL, clock=FixedClock(_day(5)))
    usable = [one for one in records if not (one[3] and ANY in one[1:3])]
    ledger.record_all(
        [Decision(p, purpose, channel, granted=g, at=_day(day)) for p, purpose, channel, g, day in usable]
    )
    return ledger


@settings(max_examples=40)
@given(RECORDS)
def test_the_ledger_agrees_with_the_rule_read_aloud(records: list[tuple[PersonId, str, str, bool, int]]) -> None:
    """Consent stands when some grant is later than every withdrawal that touches it."""
    ledger = _fresh(records)
    for person in (ANN, BOB):
        grants = [day for p, u, c, g, day in records if g and (p, u, c) == (person, "marketing", "email")]
        taken = [
            day
            for p, u, c, g, day in records
            if not g and p == person and u in ("marketing", ANY) and c in ("email", ANY)
        ]
        assert _may(ledger, person) is any(all(day > other for other in taken) for day in grants)


@settings(max_examples=40)
@given(RECORDS, st.integers(0, 5), st.sampled_from(["marketing", ANY]), st.sampled_from(["email", ANY]))
def test_a_withdrawal_never_gives_anyone_more(
    records: list[tuple[PersonId, str, str, bool, int]], day: int, purpose: str, channel: str
) -> None:
    ledger = _fresh(records)
    before = {person for person in (ANN, BOB) if _may(ledger, person)}
    ledger.record(Decision(ANN, purpose, channel, granted=False, at=_day(day)))
    after = {person for person in (ANN, BOB) if _may(ledger, person)}
    assert after <= before
    assert (BOB in before) == (BOB in after)

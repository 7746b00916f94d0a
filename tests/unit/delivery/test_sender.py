"""Sending: what is asked again at the last moment, retries, pause, dry run, test send, two senders, crashes."""

from __future__ import annotations

import email
import mailbox
from dataclasses import replace
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest

from siyu.delivery import DeliverySettings, Sender, SendSettings, plan
from siyu.delivery.channels import Outbound, open_channel
from siyu.delivery.channels.port import Capabilities
from siyu.delivery.channels.recording import RecordingChannel, RecordingOptions
from siyu.domain.campaigns import Limits
from siyu.domain.clock import FixedClock
from siyu.domain.errors import NotPermittedError, StorageError
from siyu.domain.proof import Seal, SealKind
from siyu.store.ledger import Line

from .shop import NOON, SENDER, SETTINGS, Shop, all_good, campaign, copy_for, people, permit_for, table

NOW = FixedClock(NOON)
PERSONS = people(20)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Twenty people planned, all reachable."""
    made = Shop(tmp_path)
    made.known_addresses = {p: f"{p}@reader.example" for p in PERSONS}
    plan(made.ledger, made.of, table(PERSONS), known=all_good(PERSONS), clock=NOW)
    return made


def recording(**options: object) -> RecordingChannel:
    return RecordingChannel(RecordingOptions.model_validate(options))


def sender(shop: Shop, channel: object, *, at: timedelta = timedelta(0), **send: object) -> Sender:
    chosen = DeliverySettings(sender=SENDER, send=SendSettings(**{"batch": 50, "lease_seconds": 60, **send}))  # type: ignore[arg-type]
    return Sender(shop.desk(channel), shop.of, settings=chosen, clock=FixedClock(NOON + at))  # type: ignore[arg-type]


def states(shop: Shop) -> dict[tuple[str, str], int]:
    return shop.ledger.states(shop.of.name)


def test_everybody_gets_one_message_and_a_second_run_sends_none(shop: Shop) -> None:
    channel = recording()
    assert sender(shop, channel).run().accepted == 20
    assert sender(shop, channel).run().accepted == 0
    assert {m.address for m in channel.sent} == set(shop.known_addresses.values())
    assert states(shop) == {("accepted", ""): 20}


def test_consent_withdrawn_after_planning_is_seen(shop: Shop) -> None:
    shop.withdrawn = set(PERSONS[:3])
    channel = recording()
    report = sender(shop, channel).run()
    assert (report.accepted, report.skipped) == (17, {"no-consent": 3})
    assert not {m.copy.person for m in channel.sent} & shop.withdrawn


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "research"},
        {"channel": "sms"},
        {"person": "somebody-else"},
        {"expires": NOON},
        {"granted_at": NOON + timedelta(seconds=1)},
    ],
)
def test_a_permit_for_something_else_is_none(shop: Shop, changes: dict[str, object]) -> None:
    desk = shop.desk(recording())
    wrong = {p: replace(permit_for(p, of=shop.of), **changes) for p in PERSONS}  # type: ignore[arg-type]
    forged = type(desk)(desk.ledger, desk.channel, desk.release, lambda _: wrong, desk.addresses, desk.signer)  # type: ignore[arg-type, return-value]
    assert Sender(forged, shop.of, settings=SETTINGS, clock=NOW).run().skipped == {"no-consent": 20}


def test_a_fact_that_changed_stops_the_message(shop: Shop) -> None:
    shop.refused = {PERSONS[0]: "fact-changed", PERSONS[1]: "no such reason"}
    report = sender(shop, recording()).run()
    assert (report.accepted, report.skipped) == (18, {"fact-changed": 1, "copy-refused": 1})


def test_copy_of_somebody_else_is_never_sent(shop: Shop) -> None:
    shop.copies = lambda person: copy_for(PERSONS[0], of=shop.of)
    assert sender(shop, recording()).run().skipped == {"copy-refused": 19}


def test_a_subject_with_a_line_break_is_refused(shop: Shop) -> None:
    evil = (("subject", "Hello\r\nBcc: all@evil.example"), ("hook", "x"))
    shop.copies = lambda person: copy_for(person, of=shop.of, parts=evil)
    channel = recording()
    assert sender(shop, channel).run().skipped == {"copy-refused": 20}
    assert channel.sent == []


@pytest.mark.parametrize(
    "address",
    ["a@b.example,c@d.example", "a@b.example\r\nBcc: c@d.example", "no-at", "a@" + "x" * 320, "a\x00@b.example"],
)
def test_addresses_that_are_none(shop: Shop, address: str) -> None:
    shop.known_addresses[PERSONS[0]] = address
    assert sender(shop, recording()).run().skipped == {"invalid-address": 1}


def test_international_hosts_are_written_in_ascii(shop: Shop) -> None:
    shop.known_addresses = {PERSONS[0]: "a@bücher.example"}
    channel = recording()
    assert sender(shop, channel).run().skipped == {"no-contact": 19}
    assert channel.sent[0].address == "a@xn--bcher-kva.example"


def test_refusals_for_good_and_for_now(shop: Shop) -> None:
    where = shop.known_addresses
    channel = recording(
        fail={where[PERSONS[0]]: "recipient"}, defer={where[PERSONS[1]]: "throttle", where[PERSONS[2]]: "network"}
    )
    report = sender(shop, channel).run()
    assert (report.accepted, report.failed, report.deferred) == (17, {"recipient": 1}, {"throttle": 1, "network": 1})
    rows = {row["person"]: row for row in shop.ledger.to_arrow(shop.of.name).to_pylist()}
    assert (rows[PERSONS[1]]["attempts"], rows[PERSONS[2]]["attempts"]) == (0, 1)  # a throttled try is free
    assert rows[PERSONS[0]]["counts_at"] is None  # what failed does not count against the caps
    assert NOON.replace(tzinfo=None) < rows[PERSONS[2]]["next_at"] <= NOON.replace(tzinfo=None) + timedelta(minutes=1)
    assert sender(shop, recording(), at=timedelta(hours=1)).run().accepted == 2


def test_a_message_that_keeps_failing_is_given_up(shop: Shop) -> None:
    channel = recording(defer=dict.fromkeys(shop.known_addresses.values(), "provider"))
    reports = [sender(shop, channel, at=timedelta(hours=h), max_attempts=3).run() for h in range(5)]
    assert [sum(r.deferred.values()) for r in reports] == [20, 20, 0, 0, 0]
    assert reports[2].failed == {"provider": 20}


def test_what_is_stale_expires(shop: Shop) -> None:
    assert sender(shop, recording(), at=timedelta(days=6)).run().skipped == {"expired": 20}
    assert states(shop) == {("skipped", "expired"): 20}


def test_night_fell_between_planning_and_sending(tmp_path: Path) -> None:
    shop = Shop(tmp_path, of=campaign(limits=Limits()))
    plan(shop.ledger, shop.of, table(PERSONS), known=all_good(PERSONS), clock=NOW)
    mail = open_channel("mailbox", {"path": tmp_path / "mail"})
    assert sender(shop, mail, at=timedelta(hours=10)).run().postponed == 20  # 22:00
    assert sender(shop, mail, at=timedelta(hours=19)).run().accepted == 0  # 07:00
    assert sender(shop, mail, at=timedelta(hours=20)).run().accepted == 20  # 08:00


def test_pause_stops_before_the_next_batch_and_resume_goes_on(shop: Shop) -> None:
    channel, asked = recording(), iter([True, True, False])
    desk = shop.desk(channel, lambda: next(asked))
    small = DeliverySettings(sender=SENDER, send=SendSettings(batch=5))
    assert Sender(desk, shop.of, settings=small, clock=NOW).run().accepted == 10
    assert sender(shop, channel).run().accepted == 10


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    before, channel = shop.ledger.to_arrow(shop.of.name), recording()
    shop.withdrawn = {PERSONS[0]}
    report = sender(shop, channel).dry_run()
    assert (report.would_send, report.skipped, channel.calls) == (19, {"no-consent": 1}, 0)
    assert shop.ledger.to_arrow(shop.of.name).equals(before)


def test_a_test_send_goes_elsewhere_and_its_links_are_no_readers(shop: Shop) -> None:
    channel = recording()
    assert sender(shop, channel).test_to("me@shop.example", limit=2) == 2
    assert {m.address for m in channel.sent} == {"me@shop.example"}
    message = email.message_from_bytes(channel.sent[0].mime, policy=policy.default)
    assert message["Subject"].startswith("【测试】")
    token = message["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
    (of,) = shop.signer.verify("unsubscribe", token)
    assert shop.ledger.lookup([of]).num_rows == 0  # unsubscribes nobody
    assert states(shop) == {("planned", ""): 20}


def test_a_test_send_after_the_send_renders_again_from_what_was_written(shop: Shop) -> None:
    sender(shop, recording()).run()
    assert states(shop) == {("accepted", ""): 20}
    before, channel = shop.ledger.to_arrow(shop.of.name), recording()
    assert sender(shop, channel).test_to("me@shop.example", limit=3) == 3
    assert len({m.message_id for m in channel.sent}) == 3
    assert shop.ledger.to_arrow(shop.of.name).equals(before)


def test_a_test_send_passes_over_those_who_may_not_be_written_to(shop: Shop) -> None:
    shop.withdrawn = set(PERSONS[:19])
    channel = recording()
    assert sender(shop, channel).test_to("me@shop.example", limit=3) == 1


def test_two_senders_share_the_work(shop: Shop) -> None:
    line = Line(shop.of.name, 0, shop.of.channel)
    until = NOON + timedelta(minutes=1)
    one = shop.ledger.lease(line, "one", now=NOON, until=until, limit=12)
    two = shop.ledger.lease(line, "two", now=NOON, until=until, limit=12)
    assert (len(one), len(two)) == (12, 8)
    assert not {d.message_id for d in one} & {d.message_id for d in two}
    # the other's rows cannot be handed over, nor one's own once the lease is over
    ids = [d.message_id for d in one]
    assert shop.ledger.hand(ids, "two", now=NOON, until=until) == frozenset()
    assert shop.ledger.hand(ids, "one", now=until, until=until) == frozenset()
    assert len(shop.ledger.hand(ids, "one", now=NOON, until=until)) == 12


class Breaks:
    """Takes the first batch, then the machine dies before it answers."""

    name = "breaks"

    def __init__(self, exactly_once: bool) -> None:
        self.capabilities = Capabilities(real=False, needs_address=False, exactly_once=exactly_once, batch=5)
        self.got: list[str] = []

    def send(self, batch: list[Outbound]) -> list[object]:
        """Dies."""
        self.got += [message.message_id for message in batch]
        raise StorageError("The channel broke.")

    def close(self) -> None:
        """Nothing."""


@pytest.mark.parametrize(("ambiguous", "accepted", "held"), [("resend", 20, 0), ("hold", 15, 5)])
def test_only_handed_rows_are_in_doubt(shop: Shop, ambiguous: str, accepted: int, held: int) -> None:
    broken = Breaks(exactly_once=False)
    with pytest.raises(StorageError):
        sender(shop, broken).run()
    assert states(shop) == {("handed", ""): 5, ("planned", ""): 15}
    careful = RecordingChannel(RecordingOptions())
    careful.capabilities = Capabilities(real=False, needs_address=False, exactly_once=False, batch=100)
    assert sender(shop, careful, ambiguous=ambiguous).run().accepted == 15  # the lease still holds
    after = sender(shop, careful, at=timedelta(minutes=2), ambiguous=ambiguous).run()
    assert 15 + after.accepted == accepted
    assert after.recovered["held"] == held
    assert states(shop).get(("handed", "held"), 0) == held
    again = {m.message_id for m in careful.sent} & set(broken.got)
    assert len(again) == 5 - held  # the duplicates carry the ids of the originals


def test_a_lone_sender_need_not_wait_for_the_lease(shop: Shop) -> None:
    with pytest.raises(StorageError):
        sender(shop, Breaks(exactly_once=True)).run()
    assert sender(shop, recording()).run(alone=True).accepted == 20


def test_lost_answers_stay_in_doubt(shop: Shop) -> None:
    channel = recording(unknown=[shop.known_addresses[PERSONS[0]]])
    report = sender(shop, channel).run()
    assert (report.accepted, report.in_doubt) == (19, 1)
    assert states(shop)["handed", ""] == 1


def test_real_sends_need_the_switch(shop: Shop) -> None:
    channel = Breaks(exactly_once=True)
    channel.capabilities = Capabilities(real=True, needs_address=True, exactly_once=True, batch=5)
    with pytest.raises(NotPermittedError):
        sender(shop, channel)
    sender(shop, channel, allow_real_sends=True)


def test_the_mailbox_is_one(shop: Shop, tmp_path: Path) -> None:
    sender(shop, open_channel("mailbox", {"path": tmp_path / "mail"})).run()
    messages = list(mailbox.Maildir(tmp_path / "mail", factory=None, create=False))
    assert len(messages) == 20
    assert {m["To"] for m in messages} == set(shop.known_addresses.values())


def test_seals_bar_others() -> None:
    with pytest.raises(NotPermittedError):
        copy_for("p", of=campaign(), seal=Seal(SealKind.CONSENT))
    with pytest.raises(NotPermittedError):
        permit_for("p", of=campaign(), seal=Seal(SealKind.REVIEW))

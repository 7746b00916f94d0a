"""Planning: the waterfall, the order of reasons, the hold-out, caps, quiet hours, and planning again."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.delivery import Known, PlanReport, PlanSettings, plan
from siyu.delivery.holdout import GLOBAL, buckets, held_out
from siyu.domain.campaigns import Audience, Campaign, Limits
from siyu.domain.clock import FixedClock
from siyu.store import open_store
from siyu.store.ledger import Ledger

from .shop import NOON, all_good, campaign, people, table

NOW = FixedClock(NOON)


def fresh() -> Ledger:
    return Ledger(open_store("sqlite://"))


def planned(ledger: Ledger, of: Campaign, persons: list[str], known: Known | None = None, **more: object) -> PlanReport:
    arguments: dict[str, object] = {"known": known or all_good(persons), "clock": NOW, **more}
    return plan(ledger, of, table(persons), **arguments)  # type: ignore[arg-type]


def decisions(ledger: Ledger, name: str = "spring") -> dict[str, str]:
    rows = ledger.to_arrow(name)
    return dict(zip(rows["person"].to_pylist(), rows["decision"].to_pylist(), strict=True))


def test_each_person_has_the_first_reason_that_applies() -> None:
    names = ["ok", "no-consent", "suppressed", "no-contact", "no-product", "refused", "human", "unwritten"]
    known = Known(
        messages=table(
            [n for n in names if n != "unwritten"],
            # "suppressed" is refused as well: suppression is asked first
            status=["approved", "approved", "refused", "approved", "no-product", "refused", "human"],
        ),
        consented=table([n for n in names if n != "no-consent"]),
        suppressed=table(["suppressed", "no-consent"], reason=["complaint", "asked"]),
        contacts=table([n for n in names if n != "no-contact"], timezone=["Asia/Shanghai"] * 7),
    )
    ledger = fresh()
    report = planned(ledger, campaign(), names, known)
    assert decisions(ledger) == {
        "ok": "send",
        "no-consent": "no-consent",
        "suppressed": "suppressed",
        "no-contact": "no-contact",
        "no-product": "no-product",
        "unwritten": "no-product",
        "refused": "copy-refused",
        "human": "awaiting-approval",
    }
    assert (report.audience, report.planned, report.added) == (8, 1, 8)
    assert list(report.skipped) == [
        "no-consent", "suppressed", "no-contact", "no-product", "copy-refused", "awaiting-approval",
    ]  # fmt: skip


subsets = st.sets(st.integers(0, 39))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    consented=subsets,
    suppressed=subsets,
    reachable=subsets,
    status=st.lists(st.sampled_from(["approved", "human", "refused", "no-product", None]), min_size=40, max_size=40),
    hold_out=st.sampled_from([0.0, 0.2, 0.5]),
    limit=st.one_of(st.none(), st.integers(0, 40)),
    quiet=st.tuples(st.integers(0, 23), st.integers(0, 23)),
)
def test_the_waterfall_adds_up(consented, suppressed, reachable, status, hold_out, limit, quiet) -> None:  # type: ignore[no-untyped-def]
    persons = people(40)
    known = Known(
        messages=table(persons, status=status),
        consented=table([persons[i] for i in consented]),
        suppressed=table([persons[i] for i in suppressed]),
        contacts=table([persons[i] for i in reachable], timezone=["Asia/Tokyo"] * len(reachable)),
    )
    of = campaign(hold_out=hold_out, limits=Limits(quiet_from=quiet[0], quiet_until=quiet[1]))
    ledger = fresh()
    report = plan(ledger, of, table(persons * 2), known=known, clock=NOW, limit=limit)
    assert report.audience == 40 == report.planned + sum(report.skipped.values()) == report.added
    sends = {person for person, decision in decisions(ledger).items() if decision == "send"}
    able = {i for i in consented & reachable - suppressed if status[i] == "approved"}
    assert sends <= {persons[i] for i in able}
    if limit is not None:
        assert report.planned + report.skipped.get("hold-out", 0) <= limit


def test_planning_again_changes_nothing() -> None:
    ledger, persons = fresh(), people(200)
    of = campaign(hold_out=0.3)
    first = planned(ledger, of, persons)
    before = ledger.to_arrow("spring").sort_by("person")
    nobody = Known(messages=table([], status=pa.array([], pa.string())), consented=table([]))
    again = planned(ledger, of, persons[::-1], nobody, clock=FixedClock(NOON + timedelta(days=1)))
    assert ledger.to_arrow("spring").sort_by("person").equals(before)
    assert again.added == 0
    assert (again.planned, dict(again.skipped)) == (first.planned, dict(first.skipped))


def test_newcomers_are_added_and_an_approval_that_came_is_seen() -> None:
    ledger, persons = fresh(), people(3)
    waiting = Known(messages=table(persons[:2], status=["approved", "human"]), consented=table(persons))
    assert planned(ledger, campaign(), persons[:2], waiting).skipped == {"awaiting-approval": 1}
    report = planned(ledger, campaign(), persons)
    assert (report.audience, report.planned, report.added) == (3, 3, 2)


def test_nobody_and_nulls() -> None:
    ledger = fresh()
    empty = planned(ledger, campaign(), [])
    assert (empty.audience, empty.planned, empty.first_due) == (0, 0, None)
    nulls = plan(ledger, campaign(), table([None, "a", "a"]), known=all_good(["a"]), clock=NOW)  # type: ignore[list-item]
    assert nulls.audience == 1


def test_the_hold_out_depends_on_the_person_alone() -> None:
    persons = people(2000)
    alone = {p: bool(held_out([p], campaign="c", share=0.2, global_share=0, salt="s")[0]) for p in persons}
    together = held_out(persons[::-1], campaign="c", share=0.2, global_share=0, salt="s")
    assert dict(zip(persons[::-1], together.tolist(), strict=True)) == alone
    other = held_out(persons, campaign="d", share=0.2, global_share=0, salt="s")
    assert 0.02 * 2000 < sum(a and b for a, b in zip(alone.values(), other.tolist(), strict=True)) < 0.065 * 2000  # .04


def test_a_greater_share_holds_out_the_same_people_and_more() -> None:
    persons = people(1000)
    small = held_out(persons, campaign="c", share=0.05, global_share=0, salt="s")
    large = held_out(persons, campaign="c", share=0.2, global_share=0, salt="s")
    assert (large | ~small).all()


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
def test_the_share_is_kept(share: float) -> None:
    count = 50_000
    held = int((buckets(people(count), scope="c", salt="s") < share).sum())
    # binomial: six standard deviations, missed by chance once in 500 million
    assert abs(held - share * count) < 6 * (count * share * (1 - share)) ** 0.5


def test_the_global_hold_out_is_the_same_for_every_campaign() -> None:
    ledger, persons = fresh(), people(400)
    chosen = PlanSettings(global_hold_out=0.2)
    for name in ("one", "two"):
        planned(ledger, campaign(name), persons, settings=chosen)
    held = [{p for p, d in decisions(ledger, name).items() if d == "hold-out"} for name in ("one", "two")]
    assert held[0] == held[1] == {p for p in persons if buckets([p], scope=GLOBAL, salt="siyu")[0] < 0.2}


def test_caps_hold_across_campaigns() -> None:
    ledger, persons = fresh(), people(10)
    two_a_week = Limits(per_person_messages=2, per_person_days=7, quiet_from=0, quiet_until=0)
    first = planned(ledger, campaign("one", limits=two_a_week), persons[:6])
    second = planned(ledger, campaign("two", limits=two_a_week), persons[:4])
    third = planned(ledger, campaign("three", limits=two_a_week), persons)
    assert (first.planned, second.planned) == (6, 4)
    assert (third.planned, dict(third.skipped)) == (6, {"capped": 4})
    later = campaign("four", limits=two_a_week, start=NOON, end=NOON + timedelta(days=30))
    week_on = planned(ledger, later, persons, clock=FixedClock(NOON + timedelta(days=7)))
    assert week_on.planned == 10  # a window of seven days that starts now no longer holds the others


def test_skipped_messages_do_not_count_against_the_cap() -> None:
    ledger, persons = fresh(), people(5)
    once = Limits(per_person_messages=1, quiet_from=0, quiet_until=0)
    planned(ledger, campaign("one", limits=once, hold_out=0.5), persons)
    held = {p for p, d in decisions(ledger, "one").items() if d == "hold-out"}
    planned(ledger, campaign("two", limits=once), persons)
    assert {p for p, d in decisions(ledger, "two").items() if d == "send"} == held


def test_quiet_hours_move_the_message_or_skip_it() -> None:
    ledger, persons = fresh(), ["shanghai", "berlin", "unknown", "nowhere"]
    known = all_good(persons)
    zones = table(persons, timezone=["Asia/Shanghai", "Europe/Berlin", None, "../../etc/passwd"])
    known = Known(messages=known.messages, consented=known.consented, contacts=zones)
    # noon in Shanghai is 06:00 in Berlin: quiet until 08:00, which is 14:00 in Shanghai
    report = planned(ledger, campaign(limits=Limits()), persons, known)
    due = {row["person"]: row["due_at"] for row in ledger.to_arrow("spring").to_pylist()}
    noon = NOON.replace(tzinfo=None)
    assert due == {"shanghai": noon, "berlin": noon + timedelta(hours=2), "unknown": noon, "nowhere": noon}
    assert report.last_due == NOON + timedelta(hours=2)
    short = campaign("short", end=NOON + timedelta(hours=1), limits=Limits())
    assert planned(ledger, short, persons, known).skipped == {"quiet-hours": 1}


def test_a_window_that_is_over_or_has_not_begun() -> None:
    ledger, persons = fresh(), people(3)
    over = campaign("over", end=NOON)
    assert planned(ledger, over, persons).skipped == {"expired": 3}
    later = NOON + timedelta(days=2)
    assert planned(ledger, campaign("later", start=later), persons).first_due == later


def test_the_limit_takes_the_first_of_the_audience() -> None:
    ledger, persons = fresh(), people(10)
    of = campaign(audience=Audience(limit=4))
    report = planned(ledger, of, persons[::-1])
    assert dict(report.skipped) == {"over-limit": 6}
    assert {p for p, d in decisions(ledger).items() if d == "send"} == set(persons[6:])
    assert planned(ledger, of, persons).planned == 4  # the limit is the campaign's, not the call's

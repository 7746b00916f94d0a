"""Merging two people of a real project and taking it back: the history splits again as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.app import identity, upgrades
from siyu.app.explaining import explain
from siyu.app.links import follow
from siyu.app.moments import moment
from siyu.app.pipeline import importing, profiling, recommending
from siyu.app.shop import Shop
from siyu.domain.errors import MissingDataError, SettingsError
from siyu.domain.ids import PersonId
from siyu.engine import identity as said
from siyu.engine import resolved
from siyu.store import audit, links

from ..faults.states import counted
from ..golden.old import unpacked

NOW = moment("2026-11-02")
OLD, NEW = "u0000001", "u0000002"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    folder = unpacked(tmp_path / "shop")
    old = Shop(folder, upgrading=True)
    upgrades.upgrade(old, backup=False)
    old.close()
    opened = Shop(folder, as_of=NOW)
    yield opened
    opened.close()


def events_of(shop: Shop) -> dict[str, int]:
    """Events a person, as the stages read them."""
    resolved.events(shop.engine, name="seen_events")
    sql = "SELECT person, count(*) AS n FROM seen_events GROUP BY person"
    return {row["person"]: row["n"] for batch in shop.engine.batches(sql) for row in batch.to_pylist()}


def interests(shop: Shop) -> dict[tuple[str, str, str], float]:
    shop.engine.table("seen_interests", "interests")
    sql = "SELECT person, facet, value, weight FROM seen_interests"
    rows = [row for batch in shop.engine.batches(sql) for row in batch.to_pylist()]
    return {(row["person"], row["facet"], row["value"]): round(row["weight"], 9) for row in rows}


def test_a_merged_person_has_the_events_of_both_and_an_unmerge_gives_them_back(shop: Shop) -> None:
    old, new = shop.person(OLD), shop.person(NEW)
    profiling(shop)
    before, liked, published = events_of(shop), interests(shop), said.stored_links(shop.engine)
    assert before[old] > 5
    assert before[new] > 5

    done = identity.merge(shop, OLD, NEW)
    assert done.changed
    (standing,) = done.standings
    assert standing.in_use.external_id == NEW
    assert OLD in {name.external_id for name in standing.others}
    merged = events_of(shop)
    assert merged[new] == before[old] + before[new]
    assert old not in merged
    profiling(shop)
    assert not {person for person, _, _ in interests(shop)} & {old}
    told = explain(shop, OLD)
    assert told["external_id"] == NEW
    assert OLD in told["other_names"]
    assert told["profile"]["events"] == explain(shop, NEW)["profile"]["events"]

    assert identity.unmerge(shop, OLD, NEW).changed
    assert said.stored_links(shop.engine) == published
    assert events_of(shop) == before
    profiling(shop)
    assert interests(shop) == liked


def test_the_recommendations_follow_a_merge_and_an_unmerge(shop: Shop) -> None:
    def recommended() -> dict[str, int]:
        profiling(shop)
        recommending(shop)
        shop.engine.table("seen_recommendations", "recommendations")
        sql = "SELECT person, lane, rank, item FROM seen_recommendations"
        return dict(counted([row for batch in shop.engine.batches(sql) for row in batch.to_pylist()]))

    before = recommended()
    identity.merge(shop, OLD, NEW)
    merged = recommended()
    assert not any(shop.person(OLD) in row for row in merged)
    identity.unmerge(shop, OLD, NEW)
    assert recommended() == before


def test_whether_links_were_only_added_can_be_told(shop: Shop) -> None:
    """As many links as before, and one of them leads elsewhere: stages that only look for new ones must know."""
    device = next(link.alias for link in identity.show(shop, OLD).links if link.word == "claim")
    moved, number = said.moved(shop.engine), len(said.stored_links(shop.engine))
    identity.unmerge(shop, device.external_id, OLD)
    assert said.moved(shop.engine) == moved + 1
    identity.merge(shop, device.external_id, NEW)
    assert said.moved(shop.engine) == moved + 1
    assert len(said.stored_links(shop.engine)) == number


def test_consent_follows_at_once(shop: Shop) -> None:
    campaign = shop.campaign

    def may(*people: PersonId) -> set[PersonId]:
        return set(shop.consents.permits(people, campaign.purpose, campaign.channel))

    everyone = [shop.person(f"u{number:07}") for number in range(16)]
    agreed = sorted(may(*everyone))
    others = sorted(set(everyone) - set(agreed))
    yes, also, no = agreed[0], agreed[1], others[0]
    identity.merge(shop, yes, no)  # into somebody who did not agree
    assert not may(yes, no)
    identity.unmerge(shop, yes, no)
    assert may(yes, no) == {yes}
    identity.merge(shop, no, yes)
    identity.merge(shop, also, yes)
    assert may(yes, no, also) == {yes}
    shop.consents.withdraw(also)
    assert not may(yes, no, also)
    identity.unmerge(shop, also, yes)
    assert may(yes, also) == {yes}


def test_the_store_catches_up_when_a_merge_was_cut_off(shop: Shop) -> None:
    """The datasets are written first, the store follows: after a crash in between consent is still judged by both."""
    old, new = shop.person(OLD), shop.person(NEW)
    said.say(shop.engine, [said.Saying(said.Word.MERGE, old, new)], "siyu identity")
    with shop.store.reading() as connection:
        assert links.names(connection, old)[0] == old
    again = Shop(shop.paths.root, as_of=NOW)
    assert again.consents is not None
    with again.store.reading() as connection:
        assert links.names(connection, old)[0] == new
    assert follow(again.engine, again.store) == 0
    again.close()


def test_a_device_that_was_set_free_stays_free_when_tomorrows_file_claims_it_again(shop: Shop) -> None:
    standing = identity.show(shop, OLD)
    device = next(link.alias for link in standing.links if link.word == "claim")
    count = events_of(shop)[shop.person(OLD)]
    identity.unmerge(shop, device.external_id, OLD)
    freed = events_of(shop)
    assert freed[device.person] + freed[shop.person(OLD)] == count
    write_claim(shop, device.external_id.removeprefix("anonymous:"), OLD, "again")
    report = importing(shop)
    assert sum(source.links for source in report.events) == 1
    assert sum(source.alias_conflicts for source in report.events) == 1
    assert device.person not in said.stored_links(shop.engine)
    identity.merge(shop, device.external_id, OLD)  # by hand it is said last
    assert said.stored_links(shop.engine)[device.person] == shop.person(OLD)


def write_claim(shop: Shop, device: str, user: str, event_id: str) -> None:
    (first, *_) = sorted((shop.paths.inputs / "events").glob("*.parquet"))
    schema = pq.read_schema(first)
    values = {"event_id": event_id, "user_id": user, "anonymous_id": device, "kind": "identify"}
    at = pa.scalar(NOW - timedelta(days=1)).cast(schema.field("ts").type)
    row = {
        field.name: pa.array([at.as_py() if field.name == "ts" else values.get(field.name)], field.type)
        for field in schema
    }
    pq.write_table(pa.table(row, schema=schema), shop.paths.inputs / "events" / f"{event_id}.parquet")


def test_what_cannot_be_said_is_refused_with_what_can(shop: Shop) -> None:
    with pytest.raises(SettingsError, match="not linked") as refused:
        identity.unmerge(shop, OLD, NEW)
    assert OLD in refused.value.why  # it names the links there are
    with pytest.raises(SettingsError, match="themselves"):
        identity.merge(shop, OLD, OLD)
    for attempt in (lambda: identity.merge(shop, OLD, "nobody"), lambda: identity.show(shop, "nobody")):
        with pytest.raises(MissingDataError, match="nobody"):
            attempt()


def test_links_through_a_third_name_are_named(shop: Shop) -> None:
    third = "u0000003"
    identity.merge(shop, OLD, NEW)
    identity.merge(shop, NEW, third)
    assert {name.external_id for name in identity.show(shop, OLD).others} >= {OLD, NEW}
    with pytest.raises(SettingsError, match="not linked") as refused:
        identity.unmerge(shop, OLD, third)
    assert f"{OLD} - {NEW}" in refused.value.why
    assert f"{NEW} - {third}" in refused.value.why


def test_who_decided_is_in_the_audit_log(shop: Shop) -> None:
    identity.merge(shop, OLD, NEW)
    assert not identity.merge(shop, OLD, NEW).changed
    identity.unmerge(shop, OLD)
    with shop.store.reading() as connection:
        actions = [row.action for row in audit.entries(connection, subject=shop.person(OLD))]
    assert actions == ["identity.split", "identity.merge"]

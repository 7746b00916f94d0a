"""A campaign that is written again: who gets new words, and who keeps theirs."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from siyu.copywriting import CopyReport, CopySettings, write_messages
from siyu.domain.campaigns import Audience
from siyu.domain.clock import FixedClock
from siyu.engine.schemas import INTERESTS, RECOMMENDATIONS

from .conftest import NOW, U1, U2, U3, U4, Even, Shop, campaign, interest, person_row, reason, rec
from .test_sharing import KEY, both_ways


def again(shop: Shop, *, sent: tuple[str, ...] = (), settings: CopySettings | None = None, **more: Any) -> CopyReport:
    table = pa.table({"message_id": pa.array(list(sent), pa.string())})
    return write_messages(
        shop.engine, campaign(**more), settings=settings or CopySettings(), offers=(), step=0, clock=FixedClock(NOW),
        policy=Even(), sent=table, key=KEY,
    )  # fmt: skip


def recommend(shop: Shop, *rows: dict[str, Any]) -> None:
    """New recommendations for the people in ``rows`` alone, as a daily run leaves them."""
    table = pa.Table.from_pylist(list(rows), RECOMMENDATIONS)
    shop.engine.table("fresh", table)
    shop.engine.write("SELECT * FROM fresh", "recommendations", supersede="SELECT DISTINCT person FROM fresh")


def crowd(shop: Shop) -> None:
    """People of no audience, so that a change of a few is a small one and stays a layer of its own."""
    strangers = [f"f{n:031x}" for n in range(40)]
    shop.recommendations += [rec(person, 1, "jeans", reason("interest")) for person in strangers]
    shop.interests += [interest(person, "keyword", "jeans") for person in strangers]


def by_person(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["person"]: row for row in shop.messages()}


def test_where_nothing_changed_nothing_is_written(shop: Shop) -> None:
    shop.publish()
    assert again(shop).written == 4
    before = shop.messages()
    report = again(shop)
    assert (report.written, report.audience, report.approved, report.no_product) == (0, 4, 3, 1)
    assert shop.messages() == before


def test_new_recommendations_and_interests_are_written_for_those_who_have_them(shop: Shop) -> None:
    crowd(shop)
    shop.publish()
    again(shop)
    before = by_person(shop)
    recommend(shop, rec(U3, 1, "jeans", reason("interest")), rec(U4, 1, "jeans", reason("popular", None, 31)))
    shop.engine.table("fresh", pa.Table.from_pylist([interest(U2, "keyword", "linen")], INTERESTS))
    shop.engine.write("SELECT * FROM fresh", "interests", supersede="SELECT DISTINCT person FROM fresh")
    report = again(shop)
    after = by_person(shop)
    assert report.written == 3  # U2, U3, U4
    assert (report.audience, report.approved) == (4, 4)
    assert after[U1] == before[U1]
    assert after[U3]["item"] == after[U4]["item"] == "jeans"
    assert len(shop.messages()) == 4


def test_a_changed_product_is_written_for_those_whose_message_names_it(shop: Shop) -> None:
    """The sneakers are in u1's message alone; a new price is new words, another stock is none while there is some."""
    shop.products["sneakers"]["stock"] = 5
    shop.publish()
    again(shop)
    shop.products["sneakers"]["stock"] = 3
    facts_only(shop)
    assert again(shop).written == 0
    shop.products["sneakers"]["price"] = 259.0
    facts_only(shop)
    assert again(shop).written == 1
    assert "¥259" in " ".join(part["text"] for part in by_person(shop)[U1]["parts"])
    shop.products["sneakers"]["stock"] = 0
    facts_only(shop)
    assert again(shop).written == 1
    assert "sneakers" not in by_person(shop)[U1]["items"]


def facts_only(shop: Shop) -> None:
    from siyu.engine.schemas import FACTS

    from .conftest import facts_of

    shop.engine.write(pa.Table.from_pylist(facts_of(shop.products), FACTS).to_reader(), "facts")


def test_what_was_sent_is_never_changed(shop: Shop) -> None:
    crowd(shop)
    shop.publish()
    again(shop)
    before = by_person(shop)
    recommend(shop, rec(U1, 1, "jeans", reason("interest")), rec(U3, 1, "jeans", reason("interest")))
    assert again(shop, sent=(before[U1]["message_id"],)).written == 1
    after = by_person(shop)
    assert after[U1] == before[U1]
    assert after[U3]["item"] == "jeans"
    again(shop, sent=(before[U1]["message_id"],), settings=CopySettings(seed=7))  # everything else is written anew
    assert by_person(shop)[U1] == before[U1]
    assert by_person(shop)[U2] != before[U2]


def test_another_campaign_setting_or_rule_writes_everyone(shop: Shop) -> None:
    shop.publish()
    again(shop)
    assert again(shop, tone="plain").written == 4
    assert again(shop, tone="plain").written == 0
    assert again(shop, tone="plain", settings=CopySettings(points=1)).written == 4


def test_who_joins_is_written_to_and_who_leaves_loses_the_message(shop: Shop) -> None:
    from siyu.engine.schemas import PEOPLE

    shop.publish()
    rule = Audience(lifecycle=("active",))
    again(shop, audience=rule)
    shop.people = [person_row(U1), person_row(U2, "en", "lapsed"), person_row(U3), person_row("5" * 32)]
    shop.engine.write(pa.Table.from_pylist(shop.people, PEOPLE).to_reader(), "people")
    report = again(shop, audience=rule)
    assert report.written == 1
    assert set(by_person(shop)) == {U1, U3, "5" * 32}


def test_other_campaigns_stay_and_renewed_messages_are_marked(shop: Shop) -> None:
    shop.publish()
    again(shop)
    again(shop, name="july")
    recommend(shop, rec(U3, 1, "jeans", reason("interest")))
    again(shop)
    rows = shop.messages()
    assert [row["campaign"] for row in rows] == ["july"] * 4 + ["june"] * 4
    assert both_ways(shop.engine, campaign(), CopySettings(), rows[4:]) == 3
    shop.engine.table("copy_marks", "copy_marks")
    counted = "SELECT count(*) AS n, count(DISTINCT message_id) AS d FROM copy_marks"
    assert [row for batch in shop.engine.batches(counted) for row in batch.to_pylist()] == [{"n": 8, "d": 8}]

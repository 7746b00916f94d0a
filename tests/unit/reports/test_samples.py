"""Sample messages: as different as there are, laid out as readers see them, every claim with its source."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from siyu.reports.variety import various


def _article(html: str, message_id: str) -> str:
    found = re.search(rf'<article class="sample" aria-label="{message_id}">.*?</article>', html, re.DOTALL)
    assert found is not None
    return found.group(0)


def test_samples_are_of_different_kinds(world: Any) -> None:
    found = world.report(samples=10).figures["samples"]["messages"]
    assert len(found) == 10
    assert len({one["message_id"] for one in found}) == 10
    assert sum(one["sent"] for one in found) == 7
    assert found[0]["sent"]
    # The four on top, before "show more", already hold both languages, both lanes, sent and not sent.
    top = found[:4]
    assert {one["language"] for one in top} == {"zh", "en"}
    assert {one["why"][0]["lane"] for one in top} == {"discover", "buy_again"}
    assert {one["sent"] for one in top} == {True, False}
    assert {one["skip_reason"] for one in found if not one["sent"]} >= {"hold-out", "no-consent"}
    assert {one["status"] for one in found} == {"approved", "refused"}
    assert {one["reaction"] for one in found if one["sent"]} >= {"none", "opened", "clicked"}


def test_a_reaction_is_that_of_the_person(world: Any) -> None:
    rows = {row["person"][:8]: row for row in world.material.outcomes.to_pylist()}
    for one in world.report(samples=20).figures["samples"]["messages"]:
        row = rows[one["person"]]
        if not one["sent"]:
            assert one["reaction"] == "none"
        elif one["reaction"] == "ordered":
            assert row["attributed_orders"] > 0
        else:
            assert (one["reaction"] == "clicked") == row["clicked"]


def test_samples_carry_their_evidence(world: Any) -> None:
    for one in world.report().figures["samples"]["messages"]:
        assert len(one["person"]) == 8
        assert one["interests"][0]["evidence"][0]["title"] == "Kettle 1 壶"
        # The message was written about coffee; where the person has that interest it stands first.
        spoken = [interest["spoken"] for interest in one["interests"]]
        assert spoken == sorted(spoken, reverse=True)
        assert one["why"][0]["reasons"][0]["count"] == 14
        (product,) = one["claims"]
        assert product["item"] == one["item"]
        assert [fact["slot"] for fact in product["facts"]] == ["title", "price"]
        assert {fact["source"] for fact in product["facts"]} == {"products.csv"}


def test_message_is_laid_out_as_its_reader_sees_it(world: Any) -> None:
    report = world.report()
    one = next(m for m in report.figures["samples"]["messages"] if m["language"] == "en" and m["sent"])
    article = _article(report.html, one["message_id"])
    places = [
        article.index(part)
        for part in (
            'class="subject">A kettle for slow mornings',
            'class="preheader">Steady heat',
            'class="hook">You often look at coffee gear',
            "Here is what we found.",
            "<li>It pours evenly",
            'class="offer">Now ¥199.00',
            'class="call">Have a look',
            "Filters go with it.",
            "Unsubscribe at any time<br>",
            "Why this message? · Unsubscribe",
        )
    ]
    assert places == sorted(places)
    assert "CN¥199" in article  # the price's fact, as money
    assert "products.csv" in article
    assert "seen 30 Apr 2026" in article


def test_a_message_that_was_not_sent_says_so_and_why(world: Any) -> None:
    report = world.report(samples=12)
    held = next(m for m in report.figures["samples"]["messages"] if m["skip_reason"] == "hold-out")
    article = _article(report.html, held["message_id"])
    assert "Written, but not sent. Held out, to measure." in article
    assert 'class="letter unsent"' in article
    refused = next(m for m in report.figures["samples"]["messages"] if m["status"] == "refused")
    assert "广告法 第九条（三）" in _article(report.html, refused["message_id"])


def test_without_outcomes_or_ledger_there_are_still_samples(world: Any) -> None:
    bare = replace(world, material=replace(world.material, outcomes=None, ledger=world.material.ledger.slice(0, 0)))
    found = bare.report(samples=3).figures["samples"]["messages"]
    assert [one["state"] for one in found] == ["unplanned"] * 3
    assert {one["reaction"] for one in found} == {"none"}


_KIND = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["accepted", "skipped", "failed"]),
        "skip_reason": st.sampled_from(["", "hold-out", "no-consent"]),
        "language": st.sampled_from(["zh", "en"]),
        "lane": st.sampled_from(["discover", "buy_again"]),
        "reason": st.sampled_from(["new", "repeat"]),
        "status": st.sampled_from(["approved", "refused"]),
        "reaction": st.sampled_from(["none", "clicked"]),
        "angle_facet": st.sampled_from(["brand", None]),
    }
)


@given(kinds=st.lists(_KIND, max_size=30), count=st.integers(0, 12))
def test_choice_is_of_the_asked_size_and_leaves_no_language_out(kinds: list[dict[str, Any]], count: int) -> None:
    candidates = [{**kind, "id": place} for place, kind in enumerate(kinds)]
    chosen = various(candidates, count=count)
    ids = [one["id"] for one in chosen]
    assert len(ids) == len(set(ids)) == min(count, len(candidates))
    sent = sum(one["state"] == "accepted" for one in candidates)
    unsent = sum(one["state"] != "accepted" for one in chosen)
    assert unsent >= min(count // 3, len(candidates) - sent)
    if sent >= count - count // 3:
        assert unsent <= count // 3
    if sent and count > count // 3:
        assert chosen[0]["state"] == "accepted"
    if count >= 6 and len({one["language"] for one in candidates if one["state"] == "accepted"}) == 2:
        assert {one["language"] for one in chosen} == {"zh", "en"}

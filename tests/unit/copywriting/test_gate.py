"""The review gate: what changed since the text was approved, and what was tampered with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from siyu.copywriting import CopySettings
from siyu.copywriting.gate import Gate, Refusal
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.copy import ApprovedCopy
from siyu.domain.errors import NotPermittedError
from siyu.domain.kinds import SkipReason
from siyu.domain.proof import Seal, SealKind
from siyu.engine.schemas import MESSAGES

from .conftest import NOW, U1, U2, Shop, campaign, fact, reason, rec

REVIEW = Seal(SealKind.REVIEW)
Answer = ApprovedCopy | Refusal


@pytest.fixture
def release(shop: Shop) -> Callable[..., list[Answer]]:
    """Write the campaign, let ``change`` and ``tamper`` do their worst, then ask the gate for every row."""

    def ask(
        change: Callable[[Shop], None] = lambda shop: None,
        tamper: Callable[[dict[str, Any]], None] = lambda row: None,
        *,
        settings: CopySettings | None = None,
        before: tuple[Offer, ...] = (),
        after: tuple[Offer, ...] = (),
        about: Campaign | None = None,
        **more: Any,
    ) -> list[Answer]:
        settings, about = settings or CopySettings(), about or campaign()
        shop.publish()
        shop.write(about, settings=settings, offers=before)
        rows = shop.messages()
        tamper(rows[0])
        change(shop)
        shop.publish()
        gate = Gate(REVIEW, shop.engine, about, settings=settings, offers=after)
        return gate.release(pa.RecordBatch.from_pylist(rows, MESSAGES), more.pop("now", NOW), **more)

    return ask


def test_what_is_unchanged_is_approved_word_for_word(release: Callable[..., list[Answer]], shop: Shop) -> None:
    answers = release()
    rows = shop.messages()
    assert [type(answer) for answer in answers] == [ApprovedCopy, ApprovedCopy, ApprovedCopy, Refusal]
    first = answers[0]
    assert isinstance(first, ApprovedCopy)
    assert first.parts == tuple((p["part"], p["text"]) for p in rows[0]["parts"])
    assert first.items == ("sneakers", "shirt", "jeans")
    assert {f.slot for f in first.facts} >= {"title", "price"}
    assert first.approved_at == NOW
    last = answers[3]
    assert isinstance(last, Refusal)
    assert last.reason == SkipReason.NO_PRODUCT


def test_a_changed_price_is_filled_in_anew(release: Callable[..., list[Answer]]) -> None:
    answer = release(lambda shop: shop.products["sneakers"].update(price=279.0))[0]
    assert isinstance(answer, ApprovedCopy)
    said = " ".join(text for _, text in answer.parts)
    assert "¥279" in said
    assert "¥299" not in said
    assert {f.number for f in answer.facts if f.slot == "price" and f.item == "sneakers"} == {279.0}


def test_a_changed_price_is_refused_where_refilling_is_off(release: Callable[..., list[Answer]]) -> None:
    answer = release(
        lambda shop: shop.products["sneakers"].update(price=279.0), settings=CopySettings(refill_price=False)
    )[0]
    assert isinstance(answer, Refusal)
    assert (answer.reason, answer.changed) == (SkipReason.FACT_CHANGED, ("sneakers/price",))


def test_a_price_that_is_gone_is_refused(release: Callable[..., list[Answer]]) -> None:
    answer = release(lambda shop: shop.products["sneakers"].pop("price"))[0]
    assert isinstance(answer, Refusal)
    assert answer.reason == SkipReason.FACT_CHANGED


@pytest.mark.parametrize("item", ["sneakers", "jeans"])
def test_out_of_stock_is_refused_for_any_product_of_the_message(
    release: Callable[..., list[Answer]], item: str
) -> None:
    answer = release(lambda shop: shop.products[item].update(stock=0))[0]
    assert isinstance(answer, Refusal)
    assert answer.changed == (f"{item}/stock",)


def test_another_attribute_or_title_is_refused(release: Callable[..., list[Answer]]) -> None:
    answer = release(lambda shop: shop.products["sneakers"].update(title="帆布鞋"))[0]
    assert isinstance(answer, Refusal)
    assert answer.changed == ("sneakers/title",)


def offer(end: datetime, percent: float = 15) -> Offer:
    return Offer("june", NOW - timedelta(days=1), end, item="sneakers", percent_off=percent)


def test_an_offer_must_still_be_in_force_and_the_same(release: Callable[..., list[Answer]]) -> None:
    end = datetime(2026, 6, 18, tzinfo=UTC)
    named = campaign(offers=("june",))
    assert isinstance(release(before=(offer(end),), after=(offer(end),), about=named)[0], ApprovedCopy)
    for after, now in (((), NOW), ((offer(end, 10),), NOW), ((offer(end),), end)):
        answer = release(before=(offer(end),), after=after, about=named, now=now)[0]
        assert isinstance(answer, Refusal)
        assert answer.reason == SkipReason.FACT_CHANGED


def _price(row: dict[str, Any]) -> None:
    for p in row["parts"]:
        p["text"] = p["text"].replace("299", "29")


def _fact(row: dict[str, Any]) -> None:
    for f in row["facts"]:
        if f["slot"] == "price":
            f["number"], f["value"] = 1.0, "1"


def _piece(row: dict[str, Any]) -> None:
    row["parts"][0]["piece_id"] = "subject-00000000"


def _added(row: dict[str, Any]) -> None:
    row["parts"].append({"part": "call", "piece_id": "call-0", "text": "全网最低价"})


@pytest.mark.parametrize("tamper", [_price, _fact, _piece, _added], ids=lambda tamper: tamper.__name__)
def test_a_tampered_row_is_refused(
    release: Callable[..., list[Answer]], tamper: Callable[[dict[str, Any]], None]
) -> None:
    answer = release(tamper=tamper)[0]
    assert isinstance(answer, Refusal)
    assert answer.reason == SkipReason.COPY_REFUSED


def test_a_refused_row_stays_refused_and_a_human_one_waits_for_a_person(release: Callable[..., list[Answer]]) -> None:
    about = campaign(place="atlantis")
    first = release(about=about)[0]
    assert isinstance(first, Refusal)
    assert first.reason == SkipReason.COPY_REFUSED
    approved = release(about=about, approved_by_person={first.message_id})[0]
    assert isinstance(approved, ApprovedCopy)
    refused = release(tamper=lambda row: row.update(status="refused"))[0]
    assert isinstance(refused, Refusal)


def test_current_facts_may_be_given(release: Callable[..., list[Answer]], shop: Shop) -> None:
    from siyu.engine.schemas import FACTS

    from .conftest import facts_of

    rows = [r for r in facts_of(shop.products) if (r["item"], r["slot"]) != ("sneakers", "price")]
    given = pa.Table.from_pylist([*rows, fact("sneakers", "price", 259.0)], FACTS)
    answer = release(current_facts=given)[0]
    assert isinstance(answer, ApprovedCopy)
    assert "¥259" in " ".join(text for _, text in answer.parts)


def test_only_a_review_seal_opens_the_gate(shop: Shop) -> None:
    with pytest.raises(NotPermittedError):
        Gate(Seal(SealKind.CONSENT), shop.engine, campaign(), settings=CopySettings())


def _less(row: dict[str, Any]) -> None:
    row["facts"] = [f for f in row["facts"] if not f["slot"].startswith(("angle.", "past."))]


def test_a_row_that_no_longer_claims_what_it_says_of_the_reader_is_refused(
    release: Callable[..., list[Answer]],
) -> None:
    """The habit, the T-shirt they bought: without the claim there is no value for the line."""
    answer = release(tamper=_less)[0]
    assert isinstance(answer, Refusal)
    assert answer.reason == SkipReason.COPY_REFUSED


def test_a_text_in_the_reader_s_language_is_held_against_the_facts_in_it(
    release: Callable[..., list[Answer]], shop: Shop
) -> None:
    """The English title of the shirt changes, the Chinese one does not: only the English reader's message is stale."""
    shop.products["shirt"] = {"category": "服饰 > 衬衫", "price": 159.0}
    zh, en = (fact("shirt", "title", t, language=lang) for lang, t in (("zh", "亚麻短袖衬衫"), ("en", "Linen shirt")))
    shop.extra_facts = [zh, en]
    shop.recommendations = [rec(person, 1, "shirt", reason("interest")) for person in (U1, U2)]

    def rename(shop: Shop) -> None:
        shop.extra_facts = [zh, fact("shirt", "title", "Linen blouse", language="en")]

    chinese, english = release(rename)[:2]
    assert isinstance(chinese, ApprovedCopy)
    assert isinstance(english, Refusal)
    assert english.changed == ("shirt/title",)

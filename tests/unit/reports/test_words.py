"""Words of the page: no key shows through, segments are named as everywhere else, moments are those of the zone."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from siyu.packs import read
from siyu.packs.segments import segment_names as names_of_profiles
from siyu.reports.phrases import because, claim, segment_names
from siyu.reports.settings import ReportSettings

_KEYS = (
    "bought-together", "buy_again", "no-consent", "no-product", "copy-refused", "price_band", "preheader",
    "at-risk", "spend:high", "browsing:high", "exact-duplicate", "missing-person", "campaign.", "report.",
    "attr.", "subject-", "hook-", "None", "nan", "lacking",
)  # fmt: skip


def _visible(html: str, language: str) -> str:
    other = "zh" if language == "en" else "en"
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    body = re.sub(rf'<span class="t" lang="{other}">.*?</span>', "", body)
    return unescape(re.sub(r"<[^>]+>", "\n", body))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_key_shows_through(world: Any, language: str) -> None:
    report = world.report(samples=20)
    shown = _visible(report.html, language)
    charts = re.findall(rf'"{language}":"(.*?)"', report.html)
    for key in _KEYS:
        assert key not in shown, key
        assert not any(key in label for label in charts), key


def test_chinese_page_speaks_chinese(world: Any) -> None:
    headings = re.findall(r'<h[234][^>]*>(?:<span class="t" lang="zh">)?([^<]*)', world.report().html)
    assert len(headings) > 20
    assert [one for one in headings if one.strip() and not re.search(r"[\u4e00-\u9fff]", one)] == []


_TRAITS = sorted(read("languages", "en", "segments")["traits"])


@given(st.lists(st.lists(st.sampled_from([*_TRAITS, "number:2"]), min_size=1, max_size=3, unique=True), max_size=6))
def test_segments_are_named_as_everywhere_else(keys: list[list[str]]) -> None:
    found = segment_names([{"name_keys": own} for own in keys])
    by_id = {f"s{place}": own for place, own in enumerate(keys)}
    for language in ("zh", "en"):
        theirs = names_of_profiles(by_id, read("languages", language, "segments"))
        assert [getattr(one, language) for one in found] == list(theirs.values())


def test_moments_are_those_of_the_zone(world: Any) -> None:
    utc, china = world.report(), world.report(timezone="Asia/Shanghai")
    assert "Figures as of 1 Jun 2026 12:00 · times in UTC" in utc.html
    assert "Figures as of 1 Jun 2026 20:00 · times in Asia/Shanghai" in china.html
    assert "数据截至 2026年6月1日 20:00" in china.html
    assert "Sent 1 May 2026 10:00" in utc.html
    assert "Sent 1 May 2026 18:00" in china.html
    with pytest.raises(ValidationError, match="unknown time zone"):
        ReportSettings(timezone="Asia/Nowhere")


_WHY = {"kind": "popular", "item": None, "title": None, "facet": None, "value": None, "count": 83, "number": 30.0}


def test_reasons_say_their_evidence_and_nothing_where_it_is_missing() -> None:
    assert because(_WHY).en == "bought by 83 in the last 30 days"
    assert because({**_WHY, "count": None}).en == "Popular"
    viewed = {**_WHY, "kind": "viewed", "count": 2, "number": 1.4}
    assert because(viewed).zh == "看过 2 次，还没有买"
    repeat = {**_WHY, "kind": "repeat", "count": 3, "number": 28.0, "value": "person"}
    assert because(repeat).en == "bought 3 ×, about every 28 days"
    assert because({**repeat, "count": 1, "value": "everyone"}).en.startswith(
        "bought before, and bought again by others"
    )
    assert because({**_WHY, "kind": "a-new-kind"}).en == "a-new-kind"


def test_claims_are_money_where_they_are_money() -> None:
    fact = {"value": "29", "number": 29.0, "unit": "CNY"}
    assert (claim(fact).zh, claim(fact).en) == ("¥29", "CN¥29")
    assert claim({**fact, "number": 2.95, "unit": "GBP"}).en == "£2.95"
    assert claim({"value": "83", "number": 83.0, "unit": ""}).en == "83"
    assert claim({"value": "WHITE HEART HOLDER", "number": None, "unit": None}).en == "White Heart Holder"

"""The figures and the page, on a small shop and on none."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.describe import values_of
from siyu.app.reporting import SHOWN
from siyu.app.settings import Settings
from siyu.copywriting.slots import PERSON_SLOTS, VOLATILE
from siyu.domain.kinds import SHOP_KINDS, EventKind, Facet, Lane, QuarantineReason, Severity, SkipReason
from siyu.domain.progress import Step
from siyu.packs import read
from siyu.reports.build import build_report
from siyu.reports.sections.table import SECTIONS
from siyu.reports.settings import ReportSettings
from siyu.reports.settings_shown import NOT_SHOWN


def test_reach_adds_up_to_the_audience(world: Any) -> None:
    figures = world.report().figures["reach"]
    assert figures["audience"] == 3_000
    assert figures["sent"] + sum(loss["count"] for loss in figures["losses"]) == 3_000
    assert figures["sent"] == pc.sum(world.material.outcomes["sent"]).as_py()


def test_funnel_never_widens(world: Any) -> None:
    found = world.report().figures["funnel"]
    assert [step["key"] for step in found["steps"]] == ["reached", "opened", "clicked", "ordered"]
    counts = [step["count"] for step in found["steps"]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == found["reached"] == pc.sum(world.material.outcomes["sent"]).as_py()
    assert counts[2] == pc.sum(world.material.outcomes["clicked"]).as_py()


def test_before_feedback_the_ledger_says_how_many_were_reached(world: Any) -> None:
    alone = replace(world, material=replace(world.material, outcomes=None))
    sent = pc.sum(pc.equal(world.material.ledger["state"], "accepted")).as_py()
    assert alone.report().figures["funnel"] == {
        "steps": [{"key": "reached", "count": sent}],
        "reached": sent,
        "unsubscribed": None,
    }


def test_quarantine_adds_up_and_says_where_it_does_not(world: Any) -> None:
    source = world.report().figures["quarantine"]["sources"][0]
    assert (source["read"], source["accepted"], source["quarantined"], source["adds_up"]) == (4_040, 4_000, 40, True)
    assert sum(source["reasons"].values()) == 40
    broken = replace(world, material=replace(world.material, imports={"shop": {"read": 5_000, "accepted": 4_000}}))
    assert broken.report().figures["quarantine"]["sources"][0]["adds_up"] is False


def test_interests_of_few_people_are_not_shown(world: Any) -> None:
    assert world.report(least_shown=3_001).figures["interests"] == {"empty": "too-few-people"}
    found = world.report().figures["interests"]["facets"]
    assert [one["facet"] for one in found] == ["category", "brand", "attribute", "keyword", "price_band"]
    bands = {row["value"]: row for row in found[-1]["values"]}
    # Band 2 is first for the 1,500 people with an even number; band 3 is everybody's second and first for nobody.
    assert (bands["2"]["first_for"], bands["2"]["people"]) == (1_500, 1_500)
    assert "3" not in bands
    small = world.report(least_shown=1_200).figures["segments"]
    assert (len(small["segments"]), small["small"]) == (1, 1_750)  # sizes 1500, 1000, 750


def test_recommendations_by_lane_and_reason(world: Any) -> None:
    figures = world.report().figures["recommendations"]
    assert figures["lanes"]["discover"] == {"bought-together": 500, "interest": 500, "repeat": 500}
    assert (figures["total"], figures["people"], figures["items"]) == (3_000, 3_000, 5)


def test_data_window_ignores_the_future(world: Any) -> None:
    figures = world.report().figures["data"]
    assert figures["events"] == 4_000
    assert sum(figures["kinds"].values()) == 4_000
    assert sum(point["events"] for point in figures["points"]) == 4_000
    assert figures["grain"] == "day"


def test_json_twin_holds_what_the_page_says(world: Any, tmp_path: Path) -> None:
    report = world.report()
    path = report.save(tmp_path / "reports", "spring")
    twin = json.loads((tmp_path / "reports" / "spring.json").read_text("utf-8"))
    assert path.read_text("utf-8") == report.html
    assert set(twin) == {"campaign", *SECTIONS}
    assert twin["money"]["verdict"] == report.figures["money"]["verdict"]
    total = twin["money"]["total_revenue"]["value"]
    assert f"¥{total:,.0f}" in report.html
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["spring.html", "spring.json"]


def test_report_is_repeatable(world: Any) -> None:
    assert world.report().html == world.report().html


def test_outcomes_of_another_campaign_are_left_out(world: Any) -> None:
    outcomes = world.material.outcomes
    ours = outcomes.append_column("campaign", pa.array(["spring-discovery"] * outcomes.num_rows))
    theirs = outcomes.append_column("campaign", pa.array(["another"] * outcomes.num_rows))
    mixed = replace(world, material=replace(world.material, outcomes=pa.concat_tables([ours, theirs])))
    assert mixed.report().figures["money"] == world.report().figures["money"]


def test_a_global_hold_out_is_part_of_the_plan(world: Any, make_outcomes: Callable[..., pa.Table]) -> None:
    wider = replace(world.material, outcomes=make_outcomes(hold_out=0.19))  # 10 % of the campaign, 10 % of all
    assert replace(world, material=wider).report().figures["money"]["verdict"] == "hidden"
    told = replace(world, material=replace(wider, hold_out=0.19)).report().figures["money"]
    assert told["check"]["alarm"] is False


def test_no_verdict_while_outcomes_are_not_mature(world: Any) -> None:
    outcomes = world.material.outcomes
    young = outcomes.append_column("mature", pa.array([True] * (outcomes.num_rows - 1) + [False]))
    assert (
        replace(world, material=replace(world.material, outcomes=young)).report().figures["money"]["verdict"] == "early"
    )


def test_proven_revenue_is_not_called_profit(world: Any, make_outcomes: Callable[..., pa.Table]) -> None:
    gain = replace(world, material=replace(world.material, outcomes=make_outcomes(lift=4.0)))
    cheap = gain.report(cost_per_message=0.01, draws=500)
    assert cheap.figures["money"]["verdict"] == "proven"
    assert "left a profit" in cheap.html
    dear = gain.report(cost_per_message=50.0, draws=500)
    assert dear.figures["money"]["verdict"] == "proven"
    assert dear.figures["money"]["money"]["profit"]["high"] < 0
    assert "did not cover its costs" in dear.html


def test_first_day_every_section_says_why_it_is_empty(empty_world: Any) -> None:
    report = empty_world.report()
    empty = {key: report.figures[key]["empty"] for key in SECTIONS if "empty" in report.figures[key]}
    assert set(SECTIONS) - set(empty) == {"run"}
    for why in empty.values():
        assert read("languages", "en", "report")["empty"][why] in report.html.replace("&#39;", "'")


def test_progress_tells_every_section(world: Any, clock: Any) -> None:
    from siyu.domain.campaigns import Campaign

    seen: list[Step] = []
    campaign = Campaign(name="other", start=clock.now(), end=clock.now().replace(year=2027))
    build_report(
        world.engine, world.material, campaign=campaign, settings=ReportSettings(), clock=clock, progress=seen.append
    )
    assert [step.key for step in seen] == [*(f"report.{key}" for key in SECTIONS), "report.page"]


class _Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(html)
    return parser.found


def test_page_is_alone_and_hostile_text_is_text(world: Any) -> None:
    html = world.report().html
    assert len(html.encode()) < 1024 * 1024
    elements = _elements(html)
    assert sum(tag == "script" for tag, _ in elements) == 3  # data, library, ours
    assert not any(tag in ("img", "iframe", "object", "embed", "form") for tag, _ in elements)
    for tag, attributes in elements:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "action"):
            assert re.match(r"#|data:,$", attributes.get(name) or "#"), (tag, attributes)
    assert "&lt;img src=x onerror" in html
    assert "{{7*7}}" in html
    data = re.search(r'<script type="application/json" id="chart-data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert "<" not in data.group(1)
    assert json.loads(data.group(1))["reach"]["rows"][0]["value"] == 3_000


def test_policy_lets_in_only_what_is_in_the_file(world: Any) -> None:
    policy = next(
        attributes["content"]
        for tag, attributes in _elements(world.report().html)
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_every_chart_has_a_name_and_a_table(world: Any) -> None:
    html = world.report().html
    charts = re.findall(r'<figure>.*?data-chart="([^"]+)".*?</figure>', html, re.DOTALL)
    assert len(charts) >= 12
    for figure in re.findall(r"<figure>.*?</figure>", html, re.DOTALL):
        assert "<figcaption" in figure
        assert "<table" in figure
        assert 'role="img"' in figure


def _paths(table: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        found |= _paths(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": value}
    return found


def test_both_packs_say_the_same_things_with_the_same_slots() -> None:
    zh, en = (_paths(read("languages", language, "report")) for language in ("zh", "en"))
    assert set(zh) == set(en)
    for path, text in zh.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", en[path])), path


def test_packs_name_every_value_of_the_domain() -> None:
    words = read("languages", "zh", "report")["words"]
    for group, kinds in (
        ("skip", SkipReason),
        ("quarantine", QuarantineReason),
        ("kind", EventKind),
        ("kinds", SHOP_KINDS),
        ("facet", Facet),
        ("facet_interest", Facet),
        ("lane", Lane),
        ("severity", Severity),
        ("step", ("audience", "sent", "reached", "opened", "clicked", "ordered")),
        ("reason", ("bought-together", "interest", "repeat", "popular", "new", "similar", "viewed")),
        ("because", ("bought-together", "interest", "repeat", "repeat-shared", "popular", "new", "similar", "viewed")),
        ("stage", ("import", "profile", "recommend", "write", "send", "track", "report")),
        ("slot", [slot for slot in PERSON_SLOTS if not slot.endswith(".short")]),
        ("slot", VOLATILE),
    ):
        assert {str(kind) for kind in kinds} <= set(words[group]), group


def test_every_setting_that_the_app_shows_has_a_name() -> None:
    named = set(read("languages", "zh", "report")["words"]["setting"])
    shown = {path for path, _ in values_of(Settings()) if path.startswith(SHOWN)}
    assert shown - named <= {*NOT_SHOWN, "project.inputs", "project.state"}


def test_settings_are_told_in_words_and_give_nobody_away(world: Any) -> None:
    given = {
        "campaign.audience.people": ("customer-17", "customer-18"),
        "project.inputs": "/home/somebody/shop",
        "campaign.languages": ("zh", "en"),
        "campaign.limits.quiet_from": 21,
        "recommendations.weights": {"popularity": 0.5},
        "engine.threads": 0,
        "some.new_key": "value-of-it",
    }
    report = replace(world, material=replace(world.material, shown_settings=given)).report(margin=0.25)
    assert report.figures["run"]["settings"]["campaign.audience.people"] == 2
    for text in (report.html, report.json):
        assert "customer-1" not in text
        assert "/home/somebody" not in text
    rows = dict(re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", report.html[report.html.index('id="run"') :]))
    told = {_english(name): _english(value) for name, value in rows.items()}
    assert told["Audience: people named"] == "2"
    assert told["Languages of messages"] == "Chinese, English"
    assert told["Quiet hours from"] == "21:00"
    assert told["Weights of the recommenders"] == "popular 0.5"
    assert told["Cores"] == "all cores"
    assert told["Margin"] == "25%"
    assert told["Goal"] == "discover and buy again"
    assert told["Occasion"] == read("occasions", "because-you-viewed")["name"]["en"]
    assert told["Cost of a message"] == "CN¥0.05"
    assert told["some.new_key"] == "value-of-it"


def _english(markup: str) -> str:
    found = re.search(r'<span class="t" lang="en">(.*?)</span>', markup)
    return found.group(1) if found else markup


def test_vendored_library_comes_with_its_licence() -> None:
    import siyu.reports

    folder = Path(siyu.reports.__file__).parent / "vendor"
    library = (folder / "echarts.common.min.js").read_text("utf-8")
    assert len(library.encode()) < 1024 * 1024
    assert "</script" not in library
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    assert "Apache ECharts" in (folder / "NOTICE").read_text("utf-8")
    assert tomllib.loads((folder / "vendored.toml").read_text("utf-8"))["echarts"]["version"] == "6.1.0"

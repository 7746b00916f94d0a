"""What may be said about the money: calm, whole, in both languages, and silent where nothing can be said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from siyu.domain.clock import FixedClock
from siyu.reports.build import Report, build_report
from siyu.reports.settings import ReportSettings

Make = Callable[..., pa.Table]


def _report(world: Any, outcomes: pa.Table, now: Any = None, hold_out: float | None = None, **settings: Any) -> Report:
    material = replace(world.material, outcomes=outcomes, hold_out=hold_out)
    chosen = ReportSettings(draws=500, **settings)
    return build_report(
        world.engine, material, campaign=world.campaign, settings=chosen, clock=FixedClock(now or world.now)
    )


def _box(html: str, language: str = "en") -> str:
    """The verdict as it reads in a language."""
    box = re.search(r'id="verdict">.*?</div>', html, re.DOTALL)
    assert box is not None
    other = "zh" if language == "en" else "en"
    text = re.sub(rf'<span class="t" lang="{other}">.*?</span>', "", box.group(0))
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def _inverted(rows: pa.Table) -> pa.Table:
    """A world in which those written to buy less: the arms change places."""
    arm = pc.if_else(pc.equal(rows["arm"], "treated"), "hold_out", "treated")
    return rows.set_column(rows.schema.get_field_index("arm"), "arm", arm)


def test_a_gain_is_told_with_its_interval_and_its_limits(world: Any, make_outcomes: Make) -> None:
    report = _report(world, make_outcomes(lift=4.0))
    total = report.figures["money"]["total_revenue"]
    box = _box(report.html)
    assert "The campaign brought in revenue" in box
    assert f"CN¥{total['value']:,.0f}" in box
    assert f"between CN¥{total['low']:,.0f} and CN¥{total['high']:,.0f}" in box
    assert "95% interval" in box
    assert "What this does not show" in box
    assert "about 2.5% still look like this" in box
    seen = report.figures["money"]["over_claim"]
    assert seen < 1  # most buyers of this world do not click
    assert f"Last touch sees {100 * seen:.0f}% of what was earned" in report.html


def test_a_loss_is_told_calmly(world: Any, make_outcomes: Make) -> None:
    report = _report(world, _inverted(make_outcomes(lift=4.0, hold_out=0.5)), hold_out=0.5)
    money = report.figures["money"]
    assert money["verdict"] == "loss"
    total, box = money["total_revenue"], _box(report.html)
    assert "bought less" in box
    # Amounts without a sign, the smaller one first: "between 1 and 2 less".
    assert f"CN¥{-total['value']:,.0f} in all" in box
    assert f"between CN¥{-total['high']:,.0f} and CN¥{-total['low']:,.0f} less" in box
    assert -total["high"] < -total["low"]
    assert "by accident" in box
    assert "larger group left alone" in box
    for word in ("Proven", "harmed", "!"):
        assert word not in box
    assert "−" not in box
    # No alarm in the page's colours either: the box is styled as any other.
    assert ".verdict.loss" not in report.html


def test_an_open_result_says_how_much_would_stay_unseen(world: Any, make_outcomes: Make) -> None:
    report = _report(world, make_outcomes(lift=0.0))
    money = report.figures["money"]
    assert money["verdict"] == "not-proven"
    assert money["detectable_total"] == pytest.approx(money["detectable"] * money["treated"]["people"])
    box = _box(report.html)
    assert f"a true effect under CN¥{money['detectable_total']:,.0f} mostly stays unseen" in box
    assert "no effect among them" in box


def test_before_the_window_is_over_no_comparison_is_shown(world: Any, make_outcomes: Make) -> None:
    outcomes = make_outcomes(lift=4.0)
    early = _report(world, outcomes, now=world.campaign.end)
    money = early.figures["money"]
    assert (money["verdict"], money["withheld"]) == ("early", True)
    until = world.campaign.end + world.campaign.attribution
    assert money["window_ends"] == until.isoformat()
    assert f"purchases count until {until:%-d %b %Y} 00:00" in _box(early.html)
    head = early.html[early.html.index('class="summary"') : early.html.index('class="meta"')]
    assert f"cannot be said before {until:%-d %b %Y} 00:00" in head
    late = _report(world, outcomes, now=until + timedelta(seconds=1))
    assert late.figures["money"]["withheld"] is False
    held_out = f"¥{money['hold_out']['revenue']:,.0f}"
    for shown in (f"¥{money['total_revenue']['value']:,.0f}", held_out, 'data-chart="money-head"'):
        assert shown in late.html
        assert shown not in early.html


def test_outcomes_know_better_than_the_campaign_when_their_window_ends(world: Any, make_outcomes: Make) -> None:
    outcomes = make_outcomes()
    last = pa.array([world.now.replace(tzinfo=None) + timedelta(days=3)] * outcomes.num_rows, pa.timestamp("us"))
    waiting = outcomes.append_column("until", last).append_column("mature", pa.array([False] * outcomes.num_rows))
    money = _report(world, waiting).figures["money"]
    assert (money["verdict"], money["window_ends"]) == ("early", (world.now + timedelta(days=3)).isoformat())


def test_arms_that_do_not_compare_are_not_compared(world: Any, make_outcomes: Make) -> None:
    hidden = _report(world, make_outcomes(lift=4.0, hold_out=0.3))
    money = hidden.figures["money"]
    assert (money["verdict"], money["withheld"]) == ("hidden", True)
    box = _box(hidden.html)
    assert f"{money['treated']['people']:,} and {money['hold_out']['people']:,} people instead of 2,700 and 300" in box
    assert "(p < 0.001)" in box
    assert f"¥{money['total_revenue']['value']:,.0f}" not in hidden.html
    nobody = make_outcomes(hold_out=0.0)
    alone = _report(world, nobody, hold_out=0.0)
    assert "Nobody was left alone" in _box(alone.html)
    assert 'data-chart="money-head"' not in alone.html


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("lift", [0.0, 4.0])
def test_every_verdict_has_three_parts_in_each_language(
    world: Any, make_outcomes: Make, language: str, lift: float
) -> None:
    box = _box(_report(world, make_outcomes(lift=lift)).html, language)
    labels = {
        "en": ("What was measured", "What was found", "What this does not show"),
        "zh": ("测了什么", "测出什么", "不能说明什么"),
    }[language]
    places = [box.index(label) for label in labels]
    assert places == sorted(places)
    assert "{" not in box
    if language == "zh":
        assert "。 " not in box.rstrip()[:-1].rpartition("不能说明什么")[2]  # no space between Chinese sentences


def test_figures_do_not_hang_on_the_order_of_the_outcomes(world: Any, make_outcomes: Make) -> None:
    rows = make_outcomes()
    assert _report(world, rows).figures["money"] == _report(world, rows.take(list(range(3_000))[::-1])).figures["money"]

"""Odd shops: no crash, and a finding that says what could not be worked out and why."""

from __future__ import annotations

import numpy as np
import pytest

from siyu.engine import manifest

from .conftest import Market


def findings(report: object) -> dict[str, str]:
    return {one.what: one.why for one in report.findings}  # type: ignore[attr-defined]


def people(count: int) -> list[str]:
    return [f"p{n:04}" for n in range(count)]


def test_one_customer(market: Market) -> None:
    market.events(["only"] * 4, [190, 100, 40, 3])
    report = market.foresee()
    assert findings(report)["buy"] == "too-few-people"
    assert findings(report)["value"] == "too-few-people"
    assert [dict(one.facts) for one in report.findings if one.what == "value"] == [{"people": 1, "least": 20}]
    (row,) = market.rows()
    assert (row["person"], row["buy_30"], row["churn"], row["value_12m"], row["drivers"]) == (
        "only",
        None,
        None,
        None,
        [],
    )
    assert market.foresee().mode == "touched"


def test_nobody_bought(market: Market) -> None:
    draw = np.random.default_rng(0)
    market.events(people(300) * 3, draw.uniform(0, 200, 900), "browse")
    report = market.foresee()
    assert findings(report)["buy"] == "nobody-bought"
    assert findings(report)["churn"] == "no-buyers"
    assert findings(report)["value"] == "no-buyers"
    assert len(market.rows()) == 300


def test_everybody_bought(market: Market) -> None:
    """Everyone buys every week."""
    weeks = np.tile(np.arange(0.5, 203, 7), 300)
    market.events(list(np.repeat(people(300), 29)), weeks)
    report = market.foresee()
    assert findings(report)["buy"] == "everybody-bought"
    assert findings(report)["churn"] == "nobody-left"
    assert all(row["buy_30"] is None for row in market.rows())


def test_two_weeks_of_history(market: Market) -> None:
    draw = np.random.default_rng(0)
    market.events(people(400) * 3, draw.uniform(0, 14, 1200), price=draw.uniform(1, 50, 1200))
    report = market.foresee()
    assert findings(report) == {"buy": "history-short", "churn": "history-short", "value": "history-short",
                                "affinity": "history-short"}  # fmt: skip
    assert all(row["buy_30"] is None and row["churn"] is None for row in market.rows())


def test_three_months_split_people_instead_of_time(market: Market) -> None:
    market.populate(1200, span=92)
    report = market.foresee(least_people=50)
    assert {(one.what, one.why) for one in report.findings} >= {("buy", "split-people"), ("churn", "split-people")}
    plan = report.comparisons["buy"]["plan"]
    assert plan["split"]
    assert plan["train"] == [plan["choose"]]
    assert report.comparisons["buy"]["people"]["choose"] * 2 == pytest.approx(
        report.comparisons["buy"]["people"]["train"], rel=0.02
    )


def test_constant_features(market: Market) -> None:
    """Everyone bought once, on the same day, for the same money; half of them once more, a month apart."""
    market.events(people(400), [150.0] * 400)
    market.events(people(200), [45.0] * 200)
    market.events(people(400)[100:300], [15.0] * 200)
    report = market.foresee(least_each=5)
    assert len(market.rows()) == 400
    assert set(findings(report)) >= {"value"}


def test_a_buyer_of_100_000_units(market: Market) -> None:
    market.populate()
    plain = market.foresee()
    market.events(["whale"] * 3, [100, 60, 2], quantity=100_000, price=50.0)
    report = market.foresee(anew=True)
    rows = {row["person"]: row for row in market.rows()}
    assert np.isfinite(rows["whale"]["value_12m"])
    assert rows["whale"]["value_12m"] > 1e6
    others = [row["value_12m"] for name, row in rows.items() if name.startswith("p")]
    assert max(others) < 50_000  # nobody is taken for another whale
    for name in ("buy", "churn"):
        assert report.comparisons[name]["learners"][0]["reporting"]["auc"]["value"] == pytest.approx(
            plain.comparisons[name]["learners"][0]["reporting"]["auc"]["value"], abs=0.02
        )


def test_returns_only(market: Market) -> None:
    """Everything that was bought was returned the next day."""
    draw = np.random.default_rng(0)
    days = draw.uniform(2, 200, 300)
    market.events(people(300), days)
    market.events(people(300), days - 1, "return", effective=days)
    report = market.foresee()
    assert findings(report)["churn"] == "too-few-people"  # those whose purchase of yesterday was not returned yet
    assert findings(report)["value"] == "no-buyers"
    assert all(row["churn"] is None and row["value_12m"] is None for row in market.rows())


def test_returns_without_purchases(market: Market) -> None:
    draw = np.random.default_rng(0)
    market.events(people(300), draw.uniform(2, 200, 300), "return")
    assert findings(market.foresee())["value"] == "no-buyers"


def test_no_events_at_all(market: Market) -> None:
    market.events([], [])
    report = market.foresee()
    assert findings(report)["buy"] == "no-buyers"
    assert manifest.require(market.engine.root, "needs").rows == 0
    assert market.foresee().people == 0


def test_prices_that_are_missing_or_absurd(market: Market) -> None:
    market.populate()
    market.events(["free"] * 3, [90, 50, 10], price=float("nan"))
    market.events(["rich"] * 3, [90, 50, 10], price=1e300)
    market.foresee()
    rows = {row["person"]: row for row in market.rows()}
    assert rows["free"]["value_12m"] is not None
    assert np.isfinite(rows["rich"]["value_12m"])


def test_no_categories(market: Market) -> None:
    market.populate()
    market.products({"g1": "", "g2": "Only > One"})
    report = market.foresee()
    assert findings(report)["affinity"] == "no-categories"
    assert market.rows("SELECT * FROM needs_affinity") == []

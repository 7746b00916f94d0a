"""The page of an evaluation in a real browser: no error, charts drawn, nothing wider than a phone, both languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from siyu.app.evaluation_page import save_page
from siyu.recommendations.evaluation.judging import Evaluation, Row, Taken, Task
from siyu.recommendations.evaluation.sitting import Cost

pytestmark = pytest.mark.browser


def evaluation() -> Evaluation:
    """Two models on one lane, one alone on another."""
    names = ("recall", "ndcg", "hit", "mrr", "map", "precision", "novelty", "popularity", "diversity", "miscalibration")
    first = {name: {"value": 0.1, "low": 0.08, "high": 0.12} for name in names} | {
        "coverage": {"value": 0.3}, "gini": {"value": 0.9},
    }  # fmt: skip
    gap = {name: {"value": 0.02, "low": -0.01, "high": 0.05} for name in names}
    rows = (Row("popularity", first, {}, 90), Row("default:weights.content=0.25", first, gap, 95))
    cost = Cost({"prepare": 1.0, "fit": 2.0, "score": 0.5}, {"prepare": 1.5, "fit": 3.0, "score": 0.7}, 512.0, 100)
    return Evaluation(
        of="A shop & more", places=20, level=0.95, resamples=1000, kind="purchase",
        split={"kind": "time", "at": "2026-05-01T00:00:00+00:00", "until": "2026-06-01T00:00:00+00:00",
               "part": "validation", "now": "2026-05-01T00:00:00+00:00"},
        counts={"events": 1000, "people": 120, "items": 50, "asked": 100, "wanted": 230, "absent": 7,
                "absent_items": 2},
        tasks=(Task("discover", 100, 130, rows), Task("both", 100, 230, rows[:1])),
        models=(Taken("popularity", "defaults", {"popularity": 1.0}, {}, cost),
                Taken("default:weights.content=0.25", "given", {"content": 0.25}, {"content": {"newest": 3}}, cost)),
        notes=("catalogue-today", "identity-today", "order-leaks", "no-catalogue"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_page(evaluation(), tmp_path_factory.mktemp("page") / "evaluation.html", language="zh")


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("Chromium is not installed: apt-get install -y chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})  # type: ignore[no-untyped-call]
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_drawn_whole(browser: webdriver.Chrome, page: Path, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.get(page.as_uri())
    root = browser.find_element(By.TAG_NAME, "html")
    WebDriverWait(browser, 10).until(lambda _: root.get_attribute("data-ready") == "yes")
    assert browser.get_log("browser") == []
    charts = browser.find_elements(By.CSS_SELECTOR, "[data-chart]")
    # two of accuracy and one of differences; two of accuracy; five of breadth; one of costs
    assert len(charts) == 11
    for chart in charts:
        assert chart.find_elements(By.CSS_SELECTOR, "svg path"), chart.get_attribute("data-chart")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_both_languages_can_be_read(browser: webdriver.Chrome, page: Path) -> None:
    browser.get(page.as_uri())
    assert "发现新品" in browser.find_element(By.TAG_NAME, "main").text
    browser.find_element(By.CSS_SELECTOR, "button[data-code=en]").click()
    shown = browser.find_element(By.TAG_NAME, "main").text
    assert "Only products that the person had not bought before: 100 people" in shown
    assert "发现新品" not in shown
    assert "A shop & more" in browser.title

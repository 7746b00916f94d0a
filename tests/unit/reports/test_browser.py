"""The page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.browser


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


def _open(browser: webdriver.Chrome, page: Path, *, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.get(page.as_uri())
    root = browser.find_element(By.TAG_NAME, "html")
    WebDriverWait(browser, 10).until(lambda _: root.get_attribute("data-ready") == "yes")


@pytest.fixture(scope="module")
def page(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    saved: Path = world.report(language="zh").save(tmp_path_factory.mktemp("page"))
    return saved


@pytest.mark.parametrize("width", [1280, 390])
def test_page_loads_clean_and_draws_every_chart(browser: webdriver.Chrome, page: Path, width: int) -> None:
    _open(browser, page, width=width)
    assert browser.get_log("browser") == []
    charts = browser.find_elements(By.CSS_SELECTOR, "[data-chart]")
    assert len(charts) >= 12
    for chart in charts:
        assert chart.find_elements(By.CSS_SELECTOR, "svg path"), chart.get_attribute("data-chart")
    # nothing wider than the screen, and no text that runs out of its box
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    spilling = browser.execute_script(
        "return [...document.querySelectorAll('.tile, .figure, .verdict, .letter, .note, .why')]"
        ".filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.textContent.slice(0, 60))"
    )
    assert spilling == []
    # a chart is read at a glance: none is taller than a screen
    assert max(chart.size["height"] for chart in charts) <= 900


def test_language_switch(browser: webdriver.Chrome, page: Path) -> None:
    _open(browser, page, width=1280)
    heading = browser.find_element(By.ID, "money-title")
    assert heading.text == "带来了多少收入"
    browser.find_element(By.CSS_SELECTOR, "button[data-code=en]").click()
    assert heading.text == "What it earned"
    assert browser.title.endswith("Campaign report")
    assert "Written to" in browser.find_element(By.CSS_SELECTOR, "[data-chart=funnel]").text
    assert "[product]" in browser.find_element(By.CSS_SELECTOR, "[data-chart=variants-subject]").text
    browser.find_element(By.CSS_SELECTOR, "button[data-code=zh]").click()
    assert heading.text == "带来了多少收入"
    assert "〔商品〕" in browser.find_element(By.CSS_SELECTOR, "[data-chart=variants-subject]").text


def test_hostile_text_does_nothing(browser: webdriver.Chrome, page: Path) -> None:
    _open(browser, page, width=1280)
    assert "owned" not in browser.title
    assert browser.find_elements(By.TAG_NAME, "img") == []
    assert "<img src=x onerror" in browser.find_element(By.ID, "samples").text


def test_first_day_page_loads_clean(browser: webdriver.Chrome, empty_world: Any, tmp_path: Path) -> None:
    _open(browser, empty_world.report(language="en").save(tmp_path), width=390)
    assert browser.get_log("browser") == []
    assert "Nothing to show yet" in browser.find_element(By.ID, "money").text

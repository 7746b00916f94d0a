"""``siyu evaluate``: on a project, on benchmarks written by hand and on the real ones; its table, JSON and page."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import siyu
from siyu.app import evaluating
from siyu.app.benchmarks import BENCHMARKS
from siyu.app.benchmarks.shops import ShopBenchmark
from siyu.app.cli.commands import app
from siyu.app.evaluating import Splitting, Wanted, data_folder, evaluate_benchmark, seconds, splitting
from siyu.domain.errors import InputError, MissingDataError, SettingsError
from siyu.packs import read
from siyu.recommendations.evaluation.exam import Part

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated shop, imported."""
    folder = tmp_path_factory.mktemp("evaluated") / "shop"
    run("simulate", str(folder), "--people", "150", "--products", "40", "--months", "3", "--quiet")
    run("import", "-p", str(folder), "--quiet")
    return folder


def run(*words: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.output


def told(shop: Path, *words: str, **environment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("evaluate", "-p", str(shop), "--json", "--resamples", "50", *words))
    return found


def test_a_project_is_evaluated_and_left_as_it_was(shop: Path) -> None:
    tables = shop / ".siyu" / "tables"
    before = {path: path.stat().st_mtime_ns for path in tables.rglob("*") if path.is_file()}
    found = told(shop)
    assert {path: path.stat().st_mtime_ns for path in tables.rglob("*") if path.is_file()} == before
    evaluation = found["evaluation"]
    assert [model["model"] for model in evaluation["models"]] == ["popularity", "personal_frequency", "default"]
    assert evaluation["models"][2]["origin"] == "project"
    discover = evaluation["tasks"][0]
    assert [row["model"] for row in discover["rows"]] == ["popularity", "default"]
    for row in discover["rows"]:
        recall = row["measures"]["recall"]
        assert 0 <= recall["low"] <= recall["value"] <= recall["high"] <= 1
        assert set(row["measures"]) >= {"ndcg", "hit", "mrr", "map", "precision", "coverage", "novelty", "popularity"}
    cost = evaluation["models"][0]["cost"]
    assert cost["peak_mb"] > 0
    assert cost["cpu_seconds"]["fit"] > 0
    assert found["page"] == str(shop / ".siyu" / "reports" / "evaluation.html")
    assert json.loads(Path(found["page"]).with_suffix(".json").read_text("utf-8")) == evaluation


def test_it_is_a_method_too(shop: Path, tmp_path: Path) -> None:
    at = datetime.fromisoformat(told(shop, "popularity")["evaluation"]["split"]["at"])
    with siyu.open(shop) as project:
        made = project.evaluate("popularity", "item_to_item", at=at, places=10, page=tmp_path / "page.html")
    assert [row.model for row in made.evaluation.tasks[0].rows] == ["popularity", "item_to_item"]
    assert made.evaluation.places == 10
    assert made.page.is_file()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_and_the_page_speak_the_readers_language(
    shop: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIYU_LANG", language)
    said = run("evaluate", "-p", str(shop), "--resamples", "50", "popularity", "default", "--lane", "discover")
    words = read("languages", language, "evaluation")
    lines = said.splitlines()
    assert any(line.startswith(words["task"]["discover"]) for line in lines)
    (row,) = (line for line in lines if re.match(r"default +[\d.]+ \[", line))
    assert row.count("[") == 2
    page = Path(lines[-1].partition(": " if language == "en" else "：")[2]).read_text("utf-8")
    other = "zh" if language == "en" else "en"
    body = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    shown = unescape(re.sub(r"<[^>]+>", "\n", re.sub(rf'<span class="t" lang="{other}">.*?</span>', "", body)))
    for key in ("page.", "task.", "measure.", "origin.", "{", "}", "None", "nan"):
        assert key not in shown, key
    assert words["section"]["how"] in shown
    assert page.count("<script>") == 2
    assert "src=" not in body
    assert "://" not in body


def test_the_page_is_safe_from_names(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIYU_PROJECT__NAME", "<script>alert(1)</script>")
    found = told(shop, "popularity", "--page", str(tmp_path / "deep" / "page.html"))
    assert found["page"] == str(tmp_path / "deep" / "page.html")
    assert "<script>alert" not in Path(found["page"]).read_text("utf-8")


def test_choosing_says_which_data_chose(shop: Path) -> None:
    evaluation = told(shop, "item_to_item", "--choose", "--budget", "3s", "--lane", "discover")["evaluation"]
    chosen = evaluation["models"][0]["chosen"]
    assert evaluation["models"][0]["origin"] == "chosen"
    assert chosen["split"]["part"] == "validation"
    assert chosen["split"]["until"] == evaluation["split"]["at"]
    assert chosen["tried"] >= 1
    assert chosen["best"] >= chosen["first"]


def test_leave_one_out_on_a_project(shop: Path) -> None:
    plain = told(shop, "default", "--split", "leave-one-out")["evaluation"]
    refitted = told(shop, "default", "--split", "leave-one-out", "--refit-on-validation")["evaluation"]
    assert (plain["split"]["refit"], refitted["split"]["refit"]) == (False, True)
    assert refitted["counts"]["events"] > plain["counts"]["events"]
    assert plain["counts"]["asked"] == refitted["counts"]["asked"]
    assert (
        told(shop, "default", "--split", "leave-one-out", "--validation")["evaluation"]["split"]["part"] == "validation"
    )


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("magic",), SettingsError, "no model called 'magic'"),
        (("--split", "random"), SettingsError, "no split 'random'"),
        (("--lane", "fast"), SettingsError, "no lane fast"),
        (("--choose", "--budget", "soon"), SettingsError, "no length of time"),
        (("--at", "2199-01-01"), InputError, "leaves nothing on one of its sides"),
        (("--at", "yesterday"), SettingsError, "is not a moment"),
        (("--kind", "dance"), InputError, "nobody to ask"),
        (("--benchmark", "netflix", "--data", "."), SettingsError, "no benchmark called 'netflix'"),
        (("--benchmark", "beauty", "--data", "/nowhere"), MissingDataError, "are not there"),
    ],
)
def test_what_cannot_be_is_said(shop: Path, words: tuple[str, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        run("evaluate", "-p", str(shop), *words)


def test_a_benchmark_needs_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="not part of Siyu"):
        data_folder(None, {})
    assert data_folder(None, {"SIYU_DATA": "/data"}) == Path("/data")
    assert (seconds("2m"), splitting(""), splitting("time")) == (120.0, None, Splitting.TIME)


@pytest.fixture
def amazon(tmp_path: Path) -> Path:
    """Lines of two kinds of people; products 1 to 6."""
    folder = tmp_path / "amazon_loo"
    folder.mkdir()
    lines = [f"{user} {' '.join('123' if user % 2 else '456')}" for user in range(1, 9)]
    (folder / "Beauty.txt").write_text("\n".join([*lines, "9 1 2 5 3"]) + "\n")
    (folder / "Beauty_item2attributes.json").write_text(json.dumps({str(item): [item % 2] for item in range(1, 7)}))
    return tmp_path


def test_amazons_lines_become_purchases_one_a_day(amazon: Path, tmp_path: Path) -> None:
    wanted = Wanted(models=["item_to_item:least=1"], resamples=20)
    found = evaluate_benchmark("beauty", amazon, wanted, page=tmp_path / "page.html").evaluation
    # eight people with one product each in sight, one with two (1 2): nobody bought two together that anyone else lacks
    assert (found.counts["events"], found.counts["people"], found.counts["asked"], found.places) == (10, 9, 9, 10)
    assert found.notes == ("order-leaks",)
    refitted = evaluate_benchmark(
        "beauty", amazon, Wanted(models=["item_to_item:least=1"], refit=True, resamples=20), page=tmp_path / "page.html"
    ).evaluation
    assert refitted.counts["events"] == 19
    after = evaluate_benchmark(
        "beauty",
        amazon,
        Wanted(models=["popularity"], ask_after=True, resamples=20),
        page=tmp_path / "p.html",
    ).evaluation
    assert (after.counts["events"], after.split["ask_after"]) == (10, True)
    # the odd ones have 1 2 in sight, the even ones 4 5, the ninth 1 2 5: of 3 and 6 nothing can be known
    assert refitted.tasks[0].rows[0].measures["hit"]["value"] == 0.0


def test_sessions_are_asked_about_after_everything_was_learnt(tmp_path: Path) -> None:
    folder = tmp_path / "diginetica"
    folder.mkdir()
    sessions = [[1, 2, 3], [1, 2, 4], [1, 2, 3], [7, 8]] * 5
    pq.write_table(pa.table({"session": sessions}), folder / "train_sessions.parquet")
    prefixes = pa.table({"prefix": [[1, 2], [7], [1]], "target": [3, 8, 9]})
    pq.write_table(prefixes, folder / "test_prefixes.parquet")
    wanted = Wanted(models=["item_to_item", "popularity"], resamples=20, places=2)
    found = evaluate_benchmark("diginetica", tmp_path, wanted, page=tmp_path / "page.html").evaluation
    assert (found.counts["events"], found.counts["people"], found.counts["asked"]) == (55, 20, 3)
    assert (found.kind, found.counts["absent_items"]) == ("browse", 1)
    hit = found.tasks[0].rows[0].measures["hit"]["value"]
    assert hit >= 1 / 3  # 7 leads to 8 and to nothing else
    on_validation = evaluate_benchmark(
        "diginetica", tmp_path, Wanted(models=["item_to_item"], resamples=20, part=Part.VALIDATION),
        page=tmp_path / "page.html",
    ).evaluation  # fmt: skip
    # a tenth of 20 sessions is held out: the last two, with 2 + 1 prefixes
    assert (on_validation.counts["people"], on_validation.counts["asked"]) == (18, 3)


@pytest.mark.parametrize("name", ["online_retail", "complete_journey"])
def test_a_shops_files_are_read_as_its_example_reads_them(name: str) -> None:
    benchmark = BENCHMARKS.load(name)
    assert isinstance(benchmark, ShopBenchmark)
    mine = tomllib.loads(benchmark.settings)
    example = tomllib.loads((REPOSITORY / "examples" / name / "siyu.toml").read_text("utf-8"))
    for section in ("events", "catalogue"):
        assert mine[section] == example[section]
    assert all(example["project"][key] == value for key, value in mine["project"].items())


@pytest.mark.slow
def test_online_retail_as_published(real_data: Path, tmp_path: Path) -> None:
    wanted = Wanted(models=["popularity", "personal_frequency"], resamples=100)
    made = evaluate_benchmark("online_retail", real_data, wanted, page=tmp_path / "page.html", work=tmp_path / "work")
    found = made.evaluation
    assert found.split["at"] == datetime(2011, 11, 9, tzinfo=UTC).isoformat()
    assert (found.counts["asked"], found.counts["wanted"], found.counts["absent"]) == (1395, 46937, 271)
    again = next(task for task in found.tasks if task.name == "buy_again").rows[0].measures
    # personal frequency on all purchases, docs/benchmarks.md
    assert again["recall"]["value"] == pytest.approx(0.2437, abs=0.004)
    assert again["ndcg"]["value"] == pytest.approx(0.3191, abs=0.004)
    assert again["recall"]["low"] < 0.2437 < again["recall"]["high"]
    kept = evaluate_benchmark("online_retail", real_data, wanted, page=tmp_path / "page.html", work=tmp_path / "work")
    assert kept.evaluation.tasks == found.tasks  # from what was imported before


@pytest.mark.slow
def test_beauty_is_whole(real_data: Path, tmp_path: Path) -> None:
    made = evaluate_benchmark(
        "beauty", real_data, Wanted(models=["popularity"], resamples=20), page=tmp_path / "p.html"
    )
    counts = made.evaluation.counts
    # 198,502 acts of 22,363 people, two held out of each
    assert (counts["events"], counts["asked"], counts["items"]) == (198_502 - 2 * 22_363, 22_363, 12_101)
    assert np.isclose(made.evaluation.tasks[0].rows[0].measures["hit"]["value"], 0.0117, atol=0.002)


def test_models_named_twice_sit_once(shop: Path) -> None:
    assert len(told(shop, "popularity", "popularity")["evaluation"]["models"]) == 1


def test_the_default_comparison_names_models_that_exist() -> None:
    from siyu.recommendations.table import RECOMMENDERS

    assert set(evaluating.MODELS) - {"default"} <= set(RECOMMENDERS)

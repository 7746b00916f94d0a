"""What is written: columns, dirt, bots, feeds, formats, and the same again for the same seed."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from siyu.domain.errors import InputError
from siyu.domain.progress import Step
from siyu.simulator import SimulationSettings, World, simulate
from siyu.simulator.rows import KINDS

COLUMNS = "event_id user_id anonymous_id kind ts item quantity unit_price currency order_id query text rating channel"
SMALL = SimulationSettings(people=150, products=60, months=2, dirty_share=0.05)


def read_events(folder: Path) -> pa.Table:
    files = sorted((folder / "events").iterdir())
    return pa.concat_tables([pq.read_table(file) for file in files])


def planted(shop: World) -> dict[str, int]:
    found: dict[str, int] = json.loads((shop.folder / "truth" / "planted.json").read_text("utf-8"))
    return found


def test_columns_are_those_the_importers_read(events: pa.Table) -> None:
    assert events.column_names == [*COLUMNS.split(), "language", "message_id"]
    assert set(pc.unique(events["kind"]).to_pylist()) - {"pageload"} <= set(KINDS)


@pytest.mark.slow
def test_planted_counts_match_what_is_in_the_files(shop: World, events: pa.Table, clean: pa.Table) -> None:
    """Each damage is counted again from the rows alone; the clean shop has none of it."""

    def recount(table: pa.Table) -> dict[str, int]:
        money = pc.fill_null(table["unit_price"], 1.0)
        bad = {
            "missing-person": pc.and_(table["user_id"].is_null(), table["anonymous_id"].is_null()),
            "unknown-kind": pc.invert(pc.is_in(table["kind"], pa.array(KINDS))),
            "missing-time": table["ts"].is_null(),
            "future-time": pc.greater(pc.fill_null(pc.year(table["ts"]), 0), 2040),
            "missing-item": pc.and_(pc.equal(table["kind"], "purchase"), table["item"].is_null()),
            "bad-quantity": pc.equal(pc.fill_null(table["quantity"], 1.0), 0),
            "bad-price": pc.less(money, 0),
            "zero-price": pc.equal(money, 0),
            "bad-rating": pc.greater(pc.fill_null(table["rating"], 1.0), 5),
            "bad-currency": pc.equal(pc.fill_null(table["currency"], ""), "YUAN"),
            "orphan-return": pc.equal(pc.fill_null(table["user_id"], ""), "u-never-bought"),
            "bot": pc.starts_with(table["event_id"], "b"),
        }
        found = {name: int(pc.sum(mask).as_py()) for name, mask in bad.items()}
        whole = Counter(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))
        found["exact-duplicate"] = sum(count - 1 for count in whole.values())
        found["conflicting-id"] = sum(count - 1 for count in Counter(row[0] for row in whole).values())
        return found

    counted = planted(shop)
    assert recount(events) == {name: counted[name] for name in recount(events)}
    assert counted["bad-price"] > 50
    assert set(recount(clean).values()) == {0}
    assert len(clean) == counted["clean"]
    damaged = sum(count for name, count in counted.items() if name not in ("clean", "events", "review-with-address"))
    assert len(events) == counted["events"] == counted["clean"] + damaged
    # 1 % in 13 equal parts of whole rows; bots apart.
    assert (damaged - counted["bot"]) / counted["clean"] == pytest.approx(0.01, rel=0.02)


def test_bots_open_pages_faster_than_anybody_reads(events: pa.Table) -> None:
    table = events.filter(pc.and_(pc.equal(events["kind"], "browse"), events["ts"].is_valid()))
    table = table.filter(table["anonymous_id"].is_valid())
    table = table.sort_by([("anonymous_id", "ascending"), ("ts", "ascending")])
    who = table["anonymous_id"].to_numpy()
    ts = table["ts"].cast(pa.int64()).to_numpy()
    bot = pc.starts_with(table["event_id"], "b").to_numpy()
    gap = np.diff(ts) / 1e6
    same = who[1:] == who[:-1]
    assert np.median(gap[same & bot[1:]]) < 1
    assert np.median(gap[same & ~bot[1:]]) > 8


def test_same_seed_writes_the_same_and_another_seed_does_not(tmp_path: Path) -> None:
    one, two = (simulate(SMALL, tmp_path / name).folder for name in ("one", "two"))
    other = simulate(SMALL.model_copy(update={"seed": 8}), tmp_path / "other").folder
    assert read_events(one).equals(read_events(two))
    for name in ("products.csv", "people.csv", "truth/planted.json", "truth/settings.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    for name in ("tastes", "people", "products", "next_purchases", "aliases"):
        assert pq.read_table(one / f"truth/{name}.parquet").equals(pq.read_table(two / f"truth/{name}.parquet"))
    assert not read_events(one).equals(read_events(other))
    assert (one / "products.csv").read_bytes() != (other / "products.csv").read_bytes()


def test_the_null_world_looks_the_same_from_outside(tmp_path: Path) -> None:
    live = simulate(SMALL, tmp_path / "live").folder
    null = simulate(SMALL.model_copy(update={"null_world": True}), tmp_path / "null").folder
    assert read_events(live).equals(read_events(null))


def test_csv_and_jsonl_hold_the_same_rows(tmp_path: Path) -> None:
    parquet = read_events(simulate(SMALL, tmp_path / "parquet").folder)
    folder = simulate(SMALL.model_copy(update={"file_format": "csv"}), tmp_path / "csv").folder
    texts = {name: pa.string() for name in ("text", "query", "event_id", "order_id")}
    convert = pacsv.ConvertOptions(column_types=texts, strings_can_be_null=True)
    rows = pa.concat_tables(
        [pacsv.read_csv(file, convert_options=convert) for file in sorted((folder / "events").iterdir())],
        promote_options="permissive",
    )
    assert rows["text"].to_pylist() == parquet["text"].to_pylist()
    assert rows["unit_price"].cast(pa.float64()).to_pylist() == parquet["unit_price"].to_pylist()
    folder = simulate(SMALL.model_copy(update={"file_format": "jsonl"}), tmp_path / "jsonl").folder
    lines = [json.loads(line) for file in sorted((folder / "events").iterdir())
             for line in file.read_text("utf-8").splitlines()]  # fmt: skip
    assert [line.get("query") for line in lines] == parquet["query"].to_pylist()


def test_every_row_lies_inside_the_history(shop: World, clean: pa.Table) -> None:
    days = pc.min_max(clean["ts"].cast(pa.date32())).as_py()
    assert days["min"] >= shop.settings.start
    assert days["max"] < shop.settings.end


def test_feed_states_history_and_both_languages(shop: World) -> None:
    with (shop.folder / "products.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["item"] for row in rows}) == 400
    last = {row["item"]: row for row in rows}  # rows of an item come in order of time
    for index, item in enumerate(sorted(last)):
        assert float(last[item]["price"]) == shop.catalogue.prices[-1, index]
        assert int(last[item]["stock"]) == shop.catalogue.stock[-1, index]
    both = sum(count > 1 for count in Counter(item for item, _ in {(r["item"], r["language"]) for r in rows}).values())
    # 400 draws at 0.8: four deviations are 0.08.
    assert both / 400 == pytest.approx(0.8, abs=0.08)
    seen: dict[str, list[float]] = {}
    for row in rows:
        seen.setdefault(row["item"], []).append(float(row["price"]))
    assert sum(min(prices) < prices[0] for prices in seen.values()) / len(seen) > 0.3  # price drops to tell of
    moments = [(row["item"], row["observed_at"]) for row in rows]
    assert len(set(moments)) == len(moments)
    assert all(json.loads(row["attributes"])["style"] for row in rows)
    chinese = [row["title"] for row in rows if row["language"] == "zh"]
    assert all(title and not title.isascii() and " " not in title for title in chinese)
    assert all(row["title"].isascii() for row in rows if row["language"] == "en")


def test_people_can_never_be_reached_and_consent_as_often_as_set(shop: World) -> None:
    with (shop.folder / "people.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["email"].endswith(".invalid") and row["phone"].startswith("+999") for row in rows)
    people = {row["user_id"] for row in rows}
    willing = {row["user_id"] for row in rows if row["consent_purpose"]}
    assert len(people) == 2_000
    # 2,000 draws at 0.8: four deviations are 0.036.
    assert len(willing) / 2_000 == pytest.approx(0.8, abs=0.036)
    assert all(
        row["consent_at"] and row["consent_how"] and row["consent_text"] for row in rows if row["consent_purpose"]
    )


def test_the_shop_is_restored_from_its_folder(shop: World, tmp_path: Path) -> None:
    again = World.load(shop.folder)
    assert again.settings == shop.settings
    assert np.array_equal(again.people.taste, shop.people.taste)
    assert np.array_equal(again.catalogue.prices, shop.catalogue.prices)
    with pytest.raises(InputError, match="no simulated shop"):
        World.load(tmp_path)
    (tmp_path / "truth").mkdir()
    kept = json.loads((shop.folder / "truth" / "settings.json").read_text("utf-8"))
    (tmp_path / "truth" / "settings.json").write_text(json.dumps({**kept, "fingerprint": "0/0"}), "utf-8")
    with pytest.raises(InputError, match="cannot be restored"):
        World.load(tmp_path)


@pytest.mark.parametrize("change", [{"people": 0}, {"dirty_share": 2}, {"file_format": "xml"}, {"colour": "red"}])
def test_settings_refuse_what_they_do_not_know(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SimulationSettings.model_validate(change)


@pytest.mark.parametrize("size", [{"people": 1, "products": 1, "months": 1}, {"people": 3, "products": 2, "months": 1}])
def test_the_smallest_shops_work(tmp_path: Path, size: dict[str, int]) -> None:
    world = simulate(SimulationSettings.model_validate(size), tmp_path)
    assert ds.dataset(tmp_path / "events").count_rows() == planted(world)["events"]


def test_progress_is_told_as_keys_and_numbers(tmp_path: Path) -> None:
    steps: list[Step] = []
    simulate(SMALL, tmp_path, progress=steps.append)
    assert [(step.done, step.total) for step in steps if step.key == "simulate.events"] == [(1, 2), (2, 2)]


def test_a_shop_replaces_an_earlier_one_but_never_other_peoples_events(tmp_path: Path) -> None:
    simulate(SMALL.model_copy(update={"months": 4}), tmp_path)
    simulate(SMALL, tmp_path)
    assert len(list((tmp_path / "events").iterdir())) == 2
    (tmp_path / "mine" / "events").mkdir(parents=True)
    (tmp_path / "mine" / "events" / "real.csv").write_text("x", "utf-8")
    with pytest.raises(InputError, match="already holds events"):
        simulate(SMALL, tmp_path / "mine")
    assert (tmp_path / "mine" / "events" / "real.csv").read_text("utf-8") == "x"

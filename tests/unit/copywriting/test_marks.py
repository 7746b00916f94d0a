"""The notary's marks: what they let through, and that no edit of the datasets makes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from siyu.copywriting import CopySettings
from siyu.copywriting.exactly import exact
from siyu.copywriting.notary import MARKS, Notary, rules_version
from siyu.copywriting.rereading import Rereader
from siyu.copywriting.shelf import Shelf
from siyu.domain.copy import ApprovedCopy
from siyu.engine.schemas import FACTS, MESSAGES

from .conftest import NOW, Shop, campaign
from .test_sharing import KEY, gate, write

NOBODY_KNOWS = b"x" * 32


def published(shop: Shop) -> list[dict[str, Any]]:
    shop.publish()
    write(shop.engine, campaign(), CopySettings())
    return shop.messages()


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of messages that were read again from the beginning."""
    ids: list[str] = []
    answer = Rereader.answer

    def noting(self: Rereader, row: Any, *rest: Any) -> Any:
        ids.append(row.message_id)
        return answer(self, row, *rest)

    monkeypatch.setattr(Rereader, "answer", noting)
    return ids


def release(shop: Shop, rows: list[dict[str, Any]], **more: Any) -> list[Any]:
    batch = pa.RecordBatch.from_pylist(rows, MESSAGES)
    return gate(shop.engine, campaign(), more.get("settings", CopySettings()), more.get("key", KEY)).release(batch, NOW)


def test_what_was_checked_goes_without_being_read_again(shop: Shop, read_again: list[str]) -> None:
    rows = published(shop)
    assert [type(answer) for answer in release(shop, rows)][:3] == [ApprovedCopy] * 3
    assert read_again == [rows[3]["message_id"]]  # nothing was written to u4, so there is nothing to let through


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: shop.products["sneakers"].update(price=279.0),
        lambda shop: shop.products["sneakers"].update(stock=0),
        lambda shop: shop.products["sneakers"].update(title="帆布鞋"),
        lambda shop: shop.products["sneakers"].pop("price"),
    ],
)
def test_where_a_fact_changed_it_is(shop: Shop, read_again: list[str], change: Callable[[Shop], None]) -> None:
    rows = published(shop)
    change(shop)
    shop.publish()
    release(shop, rows[:1])
    assert read_again == [rows[0]["message_id"]]


def test_where_the_rules_changed_everything_is(shop: Shop, read_again: list[str]) -> None:
    """Another setting, another name in the catalogue: another version of the rules."""
    rows = published(shop)
    release(shop, rows[:3], settings=CopySettings(own_domains=("shop.example",)))
    assert len(read_again) == 3
    shop.products["jeans"]["attr.版型"] = "阔腿"
    shop.publish()
    release(shop, rows[:3])
    assert len(read_again) == 6


def _part(row: dict[str, Any]) -> None:
    row["parts"][0]["text"] = "全网最低价"


def _fact(row: dict[str, Any]) -> None:
    row["facts"][0]["source"] = "elsewhere"


def _person(row: dict[str, Any]) -> None:
    row["person"] = "9" * 32


def _status(row: dict[str, Any]) -> None:
    row["propensity"] = 1.0


@pytest.mark.parametrize("edit", [_part, _fact, _person, _status], ids=lambda edit: edit.__name__)
def test_an_edited_row_has_no_good_mark(shop: Shop, read_again: list[str], edit: Callable[[Any], None]) -> None:
    rows = published(shop)
    edit(rows[0])
    release(shop, rows[:1])
    assert read_again == [rows[0]["message_id"]]


def test_marks_cannot_be_made_without_the_key_or_moved(shop: Shop, read_again: list[str]) -> None:
    """Whoever may write every dataset: marks made with another key, a mark of another message, a mark cut short."""
    rows = published(shop)
    batch = pa.RecordBatch.from_pylist(rows[:3], MESSAGES)
    version = rules_version(campaign(), CopySettings(), Shelf(FACTS.empty_table()))
    forged = Notary(NOBODY_KNOWS, version).marks(batch)
    shop.engine.table("copy_marks", "copy_marks")
    genuine = {
        row["message_id"]: row["mark"] for b in shop.engine.batches("SELECT * FROM copy_marks") for row in b.to_pylist()
    }
    first, second, third = (row["message_id"] for row in rows[:3])
    edited = [(first, forged[0]), (second, genuine[first]), (third, genuine[third][:16])]
    table = pa.Table.from_pylist(
        [{"message_id": i, "campaign": "june", "step": 0, "mark": mark} for i, mark in edited], MARKS
    )
    shop.engine.write(table.to_reader(), "copy_marks")
    release(shop, rows[:3])
    assert sorted(read_again) == sorted([first, second, third])


def test_a_gate_without_the_key_reads_everything_again(shop: Shop, read_again: list[str]) -> None:
    rows = published(shop)
    answers = release(shop, rows[:3], key=None)
    assert len(read_again) == 3
    assert all(isinstance(answer, ApprovedCopy) for answer in answers)


def test_no_two_rows_are_the_same_bytes() -> None:
    """Where one value ends and the next begins is part of them, and so is what is missing."""
    kind = pa.list_(pa.struct([("a", pa.string()), ("b", pa.string())]))
    values: list[Any] = [
        [{"a": "x", "b": "y"}], [{"a": "xy", "b": ""}], [{"a": "x", "b": None}], [{"a": "x", "b": "~"}],
        [{"a": "", "b": "xy"}], [], None, [{"a": "1:x", "b": "y"}], [{"a": "x", "b": "y"}, {"a": "", "b": ""}],
    ]  # fmt: skip
    written = exact(pa.array(values, kind)).to_pylist()
    assert len(set(written)) == len(values)

"""How the world writes its files: dialects of CSV and JSON that are read, and what is no table, with what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from siyu.domain.errors import InputError
from siyu.files import SourceFile, TextForm, find, opened, read_csv, read_json
from siyu.files.settings import FileSettings


def lay(folder: Path, name: str, data: bytes | str) -> SourceFile:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return find([str(folder / name)])[0]


def rows(file: SourceFile, form: TextForm = TextForm()) -> tuple[list[str], list[tuple[str | None, ...]], list[int]]:
    """Columns, good rows, and the lines of those that are none."""
    table = read_csv([file], form).read_all()
    names = [name for name in table.schema.names if not name.startswith("_")]
    found = table.to_pylist()
    good = [tuple(row[name] for name in names) for row in found if not row["_malformed"]]
    return names, good, [row["_line"] for row in found if row["_malformed"]]


@pytest.mark.parametrize(
    ("name", "said", "delimiter"),
    [("a.csv", "a;b;c\n1;2;3\n", ";"), ("a.csv", "a\tb\n1\t2\n", "\\t"), ("a.txt", "a|b\n1|2\n", "|")],
)
def test_another_delimiter_is_named(tmp_path: Path, name: str, said: str, delimiter: str) -> None:
    with pytest.raises(InputError) as caught:
        rows(lay(tmp_path, name, said))
    assert f'delimiter = "{delimiter}"' in caught.value.next_step
    assert caught.value.facts["row"] == 1


def test_a_tsv_is_parted_by_tabs_and_a_column_may_stand_alone(tmp_path: Path) -> None:
    assert rows(lay(tmp_path, "a.tsv", "a\tb\n1\t2\n")) == (["a", "b"], [("1", "2")], [])
    assert rows(lay(tmp_path, "b.csv", "item\n1;2\n")) == (["item"], [("1;2",)], [])


def test_columns_without_a_name_are_called_by_their_place(tmp_path: Path) -> None:
    """An index that pandas wrote, and the empty cells that a spreadsheet ends its lines with."""
    assert rows(lay(tmp_path, "a.csv", ",item,,\n0,x,,\n")) == (
        ["column 1", "item", "column 3", "column 4"],
        [("0", "x", "", "")],
        [],
    )


def test_lines_before_the_header_are_not_read_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    file = lay(tmp_path, "a.csv", "订单导出\n\na,b\n1,2\n3\n5,6\n")
    assert rows(file, TextForm(header_line=3)) == (["a", "b"], [("1", "2"), ("5", "6")], [5])
    excel = lay(tmp_path, "b.csv", "sep=;\na;b\n1;2\n")
    with pytest.raises(InputError, match="header_line = 2"):
        rows(excel, TextForm(delimiter=";"))
    assert rows(excel, TextForm(delimiter=";", header_line=2))[1] == [("1", "2")]


def test_ids_that_are_kept_from_being_numbers_are_the_ids(tmp_path: Path) -> None:
    """``="0012"`` and a tab after the digits are how exports keep Excel from rounding an id; =1+1 stays text."""
    said = 'order,item\n="0012",7\t\n"=""0013""",=1+1\n'
    assert rows(lay(tmp_path, "a.csv", said))[1] == [("0012", "7"), ("0013", "=1+1")]


@pytest.mark.parametrize(
    ("data", "what", "step"),
    [
        (b"PK\x03\x04" + bytes(range(256)), "Excel workbook", "Save the sheet as CSV"),
        (b"\x1f\x8b\x08\0rest", "gzip", ".csv.gz"),
        (b"PAR1rest", "Parquet", ".parquet"),
        (b"\n <!DOCTYPE html><html>Log in", "a web page", "login page"),
        ("item,title\n1,真丝\n".encode("utf-16-le"), "utf-16-le", 'encoding = "utf-16-le"'),
        ("item,title\n1,真丝\n".encode("utf-16-be"), "utf-16-be", 'encoding = "utf-16-be"'),
    ],
)
def test_what_is_no_text_of_the_kind_is_named(tmp_path: Path, data: bytes, what: str, step: str) -> None:
    with pytest.raises(InputError) as caught:
        rows(lay(tmp_path, "export.csv", data))
    assert what in caught.value.why
    assert step in caught.value.next_step
    assert "export.csv" in caught.value.what


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_list_is_its_objects_whatever_the_ending(tmp_path: Path, name: str) -> None:
    file = lay(tmp_path, name, json.dumps([{"item": "a"}, {"item": "b"}]))
    assert read_json([file], TextForm(), ["item"]).read_all().column("item").to_pylist() == ["a", "b"]


def test_a_list_within_a_document_is_its_rows(tmp_path: Path) -> None:
    wrapped = {"next": 2, "currency": "CNY", "tags": ["x"], "products": [{"item": "a", "price": 9}, {"item": "b"}]}
    file = lay(tmp_path, "a.json", json.dumps(wrapped))
    assert read_json([file], TextForm(), ["item", "currency", "price"]).read_all().column("item").to_pylist() == [
        "a",
        "b",
    ]
    own = lay(tmp_path, "b.json", json.dumps({"item": "a", "images": [{"src": "x"}]}))
    assert read_json([own], TextForm(), ["item"]).read_all().column("item").to_pylist() == ["a"]


def test_no_id_is_a_list(tmp_path: Path) -> None:
    file = lay(tmp_path, "a.jsonl", '{"item": ["a", "b"], "n": {"x": 1}}\n')
    flat = read_json([file], TextForm(), ["item", "n"], flat=True).read_all().to_pylist()[0]
    assert (flat["item"], flat["n"], json.loads(flat["_raw"])["item"]) == (None, None, ["a", "b"])
    assert read_json([file], TextForm(), ["item"]).read_all().column("item").to_pylist() == ['["a", "b"]']


def test_what_is_not_found_says_what_is_there_instead(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    lay(tmp_path, "events.csv", "a\n")
    os.symlink(tmp_path / "gone.csv", tmp_path / "link.csv")
    for name, said in (
        ("data", "It is a folder"),
        ("event.csv", "there is a 'events.csv'"),
        ("link.csv", "It is a link to"),
        ("none/a.csv", "There is no folder"),
    ):
        with pytest.raises(InputError, match=said):
            find([str(tmp_path / name)])


def test_names_of_every_script(tmp_path: Path) -> None:
    (tmp_path / "真 数据").mkdir()
    lay(tmp_path / "真 数据", "订单 [五月].csv", "a\n1\n")
    os.symlink(tmp_path / "真 数据", tmp_path / "链接")
    (file,) = find([str(tmp_path / "链接" / "*.csv")])
    with opened(file, TextForm()) as text:
        assert text.read() == "a\n1\n"


def test_an_encoding_that_does_not_exist_is_refused_as_a_setting() -> None:
    with pytest.raises(ValidationError, match="no text encoding 'klingon'"):
        FileSettings(name="shop", paths=("a.csv",), encoding="klingon")

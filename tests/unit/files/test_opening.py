"""Bytes from outside: what is text and in which encoding, what is an archive, what would burst the machine."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from siyu.domain.errors import InputError
from siyu.files import SourceFile, TextForm, chunks, find, opened, read_csv, read_json
from siyu.files.forms import Limits

ROWS = "顾客,商品\n张三,真丝裙子\n李四,羊毛围巾\n"
BIG5 = "顧客,商品\n張三,真絲裙子\n李四,羊毛圍巾\n"


def lines(file: SourceFile, form: TextForm = TextForm()) -> list[str]:
    with opened(file, form) as text:
        return [line for chunk in chunks(text) for line in chunk]


def lay(folder: Path, name: str, data: bytes) -> SourceFile:
    (folder / name).write_bytes(data)
    return find([str(folder / name)])[0]


def packed(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (ROWS.encode("gb18030"), "gb18030"),
        (ROWS.encode("utf-16"), "utf-16"),
        (BIG5.encode("big5"), "big5"),
        ("name\nCafé\nÜber\n".encode("cp1252"), "cp1252"),
    ],
)
def test_another_encoding_is_named_in_the_error_and_read_when_declared(
    tmp_path: Path, data: bytes, encoding: str
) -> None:
    file = lay(tmp_path, "e.csv", data)
    with pytest.raises(InputError, match=f'Set encoding = "{encoding}"') as caught:
        lines(file)
    assert caught.value.facts == {"file": "e.csv", "encoding": encoding}
    assert "".join(lines(file, TextForm(encoding=encoding))) == data.decode(encoding)


def test_a_mark_of_utf8_is_believed_where_it_is_true(tmp_path: Path) -> None:
    file = lay(tmp_path, "e.csv", b"\xef\xbb\xbf" + ROWS.encode())
    assert "".join(lines(file, TextForm(encoding="gb18030"))) == ROWS
    false = lay(tmp_path, "f.csv", b"\xef\xbb\xbf" + ROWS.encode("gbk"))
    assert "".join(lines(false, TextForm(encoding="gb18030"))) == ROWS


def test_an_archive_of_one_file_is_read(tmp_path: Path) -> None:
    file = lay(tmp_path, "e.csv.zip", packed(("export/e.csv", ROWS.encode()), ("__MACOSX/._e.csv", b"\0")))
    assert "".join(lines(file)) == ROWS


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("out.csv.zip", packed(("../../etc/cron.d/e.csv", b"a")), "leads out of its folder"),
        ("out.csv.zip", packed(("C:\\e.csv", b"a")), "leads out of its folder"),
        ("out.csv.zip", packed(("/e.csv", b"a")), "leads out of its folder"),
        ("two.csv.zip", packed(("a.csv", b"a"), ("b.csv", b"b")), "It holds 2"),
        ("none.csv.zip", packed(), "It holds 0"),
        ("no.csv.zip", b"PK but no", "cut off, damaged"),
        ("bomb.csv.zip", packed(("a.csv", b"0" * 30_000_000)), "unpacks to more"),
        ("bomb.csv.gz", gzip.compress(b"0" * 30_000_000, mtime=0), "unpacks to more"),
        ("cut.csv.gz", gzip.compress(ROWS.encode() * 1000, mtime=0)[:-9], "cut off, damaged"),
        ("turned.csv.gz", b"\x1f\x8b\x08\0" + b"\xff" * 40, "cut off, damaged"),
        ("no.csv.zst", b"no frame at all", "cut off, damaged"),
    ],
)
def test_what_is_no_honest_archive_is_refused(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    file = lay(tmp_path, name, data)
    with pytest.raises(InputError, match=said) as caught:
        lines(file)
    assert caught.value.facts["file"] == name
    assert caught.value.next_step


def test_a_line_without_end_takes_no_more_than_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.files.opening.LONGEST", 10)
    file = lay(tmp_path, "e.csv", b"a,b\n1,2\n" + b"x" * 1000 + b"\n3,4\n")
    assert lines(file) == ["a,b\n", "1,2\n", "x" * 10 + "\udcff\n", "3,4\n"]
    batches = list(read_csv([file], TextForm()))
    good = [batch for batch in batches if not batch["_malformed"][0].as_py()]
    assert [row for batch in good for row in batch.select(["a", "_line"]).to_pylist()] == [
        {"a": "1", "_line": 2},
        {"a": "3", "_line": 4},
    ]
    assert sum(batch.num_rows for batch in batches) == 3


def test_reading_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = lay(tmp_path, "e.csv", b"a,b\n1,2\n3,4\n5,6\n")
    rest = SourceFile(whole.path, whole.fingerprint, whole.size, start=8, lines=2)
    table = pa.Table.from_batches(read_csv([rest], TextForm()))
    assert table.select(["a", "_line"]).to_pylist() == [{"a": "3", "_line": 3}, {"a": "5", "_line": 4}]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (",".join(f"c{n}" for n in range(1_000_000)), "names 1,000,000 columns; at most 2,000"),
        ("a,A", "names 'a' twice"),
        ('"a,b', "its quotation mark is not closed"),
        ("a,_row", "'_row' is a name of ours"),
        ("a,\0b", "not utf-8 text"),
    ],
)
def test_the_error_says_what_is_wrong_with_a_header(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_csv([lay(tmp_path, "e.csv", header.encode() + b"\n1,2\n")], TextForm())


def test_limits_are_of_the_source(tmp_path: Path) -> None:
    file = lay(tmp_path, "e.csv", b"a,b,c\n1,2,3\n")
    with pytest.raises(InputError, match="at most 2"):
        read_csv([file], TextForm(limits=Limits(columns=2)))


@pytest.mark.parametrize(
    ("said", "good"),
    [
        ('{"a": "' + "x" * 131_072 + '"}', True),
        ('{"a": "' + "x" * 131_073 + '"}', False),
        ('{"a": "' + "x" * 10_000_000 + '"}', False),
        ('{"a": "\\u0000"}', False),
        ('{"a": ["\\ud800"]}', False),
        ('{"\\u0000": 1}', False),
        ('{"a": "\\u4e1d"}', True),
        ('{"a": NaN}', True),
        ('{"a": 1', False),
        ('["a"]', False),
    ],
)
def test_what_is_an_object_of_text(tmp_path: Path, said: str, good: bool) -> None:
    file = lay(tmp_path, "e.jsonl", f'{{"a": 1}}\n{said}\n'.encode())
    rows = pa.Table.from_batches(read_json([file], TextForm(), ["a"])).select(["_line", "_malformed"]).to_pylist()
    assert rows == [{"_line": 1, "_malformed": False}, {"_line": 2, "_malformed": not good}]


def test_a_json_file_may_be_a_document_or_an_object_a_line(tmp_path: Path) -> None:
    for data in (b'[{"a": 1},\n {"a": 2}]', b'{"a": 1}\n{"a": 2}\n'):
        file = lay(tmp_path, "e.json", data)
        assert [batch["a"].to_pylist() for batch in read_json([file], TextForm(), ["a"])] == [["1", "2"]]

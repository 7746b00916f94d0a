"""The fast way through plain lines gives what the careful one gives, or leaves them to it."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from siyu.files.csv_plain import plain_columns

NAMES = ["a", "b"]


@given(st.text(alphabet='a,;"\n\r 真', max_size=12))
def test_what_it_reads_it_reads_as_csv_does(text: str) -> None:
    lines = list(io.StringIO(text, newline=""))
    for width in (1, 2):
        found = plain_columns(lines, NAMES[:width], ",")
        if found is not None:
            assert [list(row.values()) for row in found.to_pylist()] == list(csv.reader(lines, strict=True))
            assert found.num_rows == len(lines)


def test_plain_and_quoted_lines_are_read() -> None:
    lines = ['"1","x, y"\r\n', "2,\n", ',"真丝"']
    found = plain_columns(lines, NAMES, ",")
    assert found is not None
    assert found.to_pydict() == {"a": ["1", "2", ""], "b": ["x, y", "", "真丝"]}


def test_anything_unusual_is_left_to_the_careful_way() -> None:
    long = "x" * 200_000
    for line in (
        'a","b\n',
        'a"a,"\n',
        '"a ""b""",c\n',
        "a,b,c\n",
        "a\n",
        "\n",
        "a,b\0\n",
        '="01",b\n',
        "a,\udcff\n",
        long,
    ):
        assert plain_columns(["1,2\n", line], NAMES, ",") is None, line[:20]
    assert plain_columns(['"a\n', 'b",c\n'], NAMES, ",") is None
    assert plain_columns([], NAMES, ",") is None

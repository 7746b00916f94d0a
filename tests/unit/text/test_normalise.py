"""Normalising: laws and the tricks that shops' files play."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from siyu.text.normalise import fold, normalise, normalise_all, over_distinct


@given(st.text())
def test_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_result_is_storable_and_single_spaced(text: str) -> None:
    plain = normalise(text)
    plain.encode("utf-8")
    assert "  " not in plain
    assert plain == plain.strip()


def test_invisible_characters_go() -> None:
    # zero-width space and joiner, byte order mark, right-to-left override, soft hyphen, NUL, lone surrogate
    assert normalise("手\u200b机\u200d\ufeff \u202eabc\u00ad\x00\ud800") == "手机 abc"


def test_width_and_case() -> None:
    assert normalise("ＦＵＬＬ\u3000ｗｉｄｔｈ１２") == "FULL width12"
    assert fold("ＦＵＬＬ") == "full"


def test_arrays_keep_nulls_and_places() -> None:
    assert normalise_all(pa.array([" a ", None, "ｂ", " a "])).to_pylist() == ["a", None, "b", "a"]
    assert normalise_all(pa.array([], pa.string())).to_pylist() == []
    assert normalise_all(pa.array([None, None], pa.null())).to_pylist() == [None, None]


def test_distinct_values_are_worked_on_once() -> None:
    seen: list[str] = []
    chunked = pa.chunked_array([["x", "y"], ["x", None]])
    assert over_distinct(chunked, lambda v: seen.append(v) or v, pa.string()).to_pylist() == ["x", "y", "x", None]
    assert sorted(seen) == ["x", "y"]

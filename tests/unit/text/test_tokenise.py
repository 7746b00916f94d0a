"""Tokens: what stays, what goes, which form is shown."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.text.tokenise import stem, tokenise, tokens


def test_the_fashion_shop() -> None:
    assert tokens("Great quality and stylish products!") == ["quality", "stylish"]
    assert tokens("Fashion, Style, Trend") == ["fashion", "style", "trend"]
    assert tokens("T-shirt") == ["t-shirt"]


@pytest.mark.parametrize("code", ["85123A", "12", "3.5", "500ml", "22 LB", "XR-5001", "100%", "SKU12345", "—", "!!"])
def test_numbers_measures_and_codes_go(code: str) -> None:
    assert tokens(code) == []


@pytest.mark.parametrize("word", ["mp3", "ps5", "iphone15", "3d", "wd40"])
def test_names_with_a_few_digits_stay(word: str) -> None:
    assert tokens(word) == [word]


def test_mixed_text_is_cut_both_ways() -> None:
    assert tokens("苹果iPhone手机壳 防摔 T-shirt风") == ["苹果", "iphone", "手机壳", "防摔", "t-shirt"]
    assert tokens("纯棉T恤 连衣裙 的 和 很") == ["纯棉", "t恤", "连衣裙"]


def test_possessives_lose_their_tail() -> None:
    assert tokens("women’s dress, kids' shoes") == ["women", "dress", "kids", "shoes"]


def test_one_form_for_each_stem_within_a_text() -> None:
    # "shoe" twice and "shoes" once; "dress" and "dresses" once each: the shorter wins
    shown = tokenise(pa.array(["shoe, shoes, red shoe", "dresses and a dress", "dresses"])).to_pylist()
    assert shown == [["shoe", "shoe", "red", "shoe"], ["dress", "dress"], ["dresses"]]


def test_a_text_is_the_same_in_any_company() -> None:
    texts = ["shoe", "red shoes", "blue shoe", "dresses", "dress"]
    assert tokenise(pa.array(texts)).to_pylist() == [tokenise(pa.array([text]))[0].as_py() for text in texts]


def test_order_of_rows_changes_nothing() -> None:
    texts = ["shoe", "red shoes", None, "blue shoe", "dresses", "dress"]
    there = tokenise(pa.array(texts)).to_pylist()
    back = tokenise(pa.array(texts[::-1])).to_pylist()
    assert there == back[::-1]


def test_null_and_empty_arrays() -> None:
    assert tokenise(pa.array([None], pa.string())).to_pylist() == [None]
    assert tokenise(pa.array([], pa.string())).to_pylist() == []
    assert tokenise(pa.array(["", "的"]), pa.array(["en", None])).to_pylist() == [[], []]


def test_over_stemming_is_guarded() -> None:
    assert stem("organic") != stem("organ")
    assert stem("quality") == stem("qualities")


@given(st.text(max_size=60))
def test_tokens_are_clean(text: str) -> None:
    for word in tokens(text):
        assert word == word.strip()
        assert any(map(str.isalpha, word))
        assert word not in ("的", "the", "and")

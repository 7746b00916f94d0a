"""Quantities, sizes and prices: tables whose right side is known, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.catalogue.measures import quantity
from siyu.catalogue.sizes import size
from siyu.text.prices import price

from .conftest import Look, Take, at


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("500g", 500, "g"),
        ("净含量：500克", 500, "g"),
        ("1.5 kg", 1500, "g"),
        ("1,5 kg", 1500, "g"),
        ("2斤", 1000, "g"),
        ("3两", 150, "g"),
        ("1公斤", 1000, "g"),
        ("8 oz", 226.796185, "g"),
        ("2 lb", 907.18474, "g"),
        ("12 fl oz", 354.88235475, "ml"),
        ("1.5L", 1500, "ml"),
        ("750毫升", 750, "ml"),
        ("6 x 330 ml", 1980, "ml"),
        ("330ml*6瓶", 1980, "ml"),
        ("12片", 12, "piece"),
        ("24 pcs", 24, "piece"),
        ("３盒", 3, "piece"),
        ("32 in", 81.28, "cm"),
        ("1,000 g", 1000, "g"),
    ],
)
def test_quantities(text: str, amount: float, unit: str) -> None:
    found = quantity(text)
    assert found is not None
    assert (found.amount, found.unit) == (pytest.approx(amount), unit)


@pytest.mark.parametrize(
    "text", ["", "g", "500", "50-60 cm", "10 x 20 x 30 cm", "large", "5 stars", "500g 2斤", "0 g", "1e9 kg"]
)
def test_what_is_no_one_quantity(text: str) -> None:
    assert quantity(text) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("S", "alpha:S"),
        ("xxl", "alpha:XXL"),
        ("2XL", "alpha:XXL"),
        ("3xl", "alpha:XXXL"),
        ("XXXL", "alpha:XXXL"),
        ("L码", "alpha:L"),
        ("Medium", "alpha:M"),
        ("加大码", "alpha:XL"),
        ("均码", "one-size:one-size"),
        ("One Size", "one-size:one-size"),
        ("170/92A", "gbt:170/92A"),
        ("175/96a(XL)", "gbt:175/96A"),
        ("EU 42.5", "eu:42.5"),
        ("42 EU", "eu:42"),
        ("欧码42", "eu:42"),
        ("US9", "us:9"),
        ("UK 8", "uk:8"),
        ("26cm", "cm:26"),
        ("38", "number:38"),
        ("38码", "number:38"),
        ("42,5", "number:42.5"),
    ],
)
def test_sizes(text: str, key: str) -> None:
    found = size(text)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("text", ["", "red", "S/M", "S, M, L", "Default Title", "XYZ 42", "999/999", "12 pieces"])
def test_what_is_no_one_size(text: str) -> None:
    assert size(text) is None


def test_sizes_of_one_system_sort() -> None:
    alpha = [size(word) for word in ("XS", "S", "M", "L", "XL", "2XL", "3XL")]
    assert [one.order for one in alpha if one] == sorted(one.order for one in alpha if one)


@given(st.text(max_size=60))
def test_any_text_is_read_or_left(text: str) -> None:
    for read in (quantity, size, price):
        assert read(text) is read(text) or read(text) == read(text)


@given(st.decimals(min_value=0, max_value=10**8, places=2), st.sampled_from(["USD", "CNY", "EUR"]))
def test_a_price_that_is_written_plainly_is_read_back(amount: object, code: str) -> None:
    assert price(f"{amount:.2f} {code}") == (amount, code)
    assert price(f"{code} {amount:,.2f}") == (amount, code)


def test_words_are_kept_and_numbers_stand_beside(take: Take, look: Look) -> None:
    header = "item,title,price,currency,净含量,尺码,产地\n"
    columns = {"净含量": "净含量", "尺码": "尺码", "产地": "产地"}
    take(header + "a,米,30,CNY,5斤,M码,东北\nb,茶,30,CNY,约一包,42,3号楼\n", attributes=columns, clock=at(1))
    facts = {(row["item"], row["slot"]): (row["value"], row["number"], row["unit"]) for row in look("facts")}
    assert facts["a", "attr.净含量"] == ("5斤", 2500, "g")  # what copy may say is 5斤
    assert facts["a", "attr.尺码"] == ("M码", None, "")
    assert facts["a", "derived.size"] == ("alpha:M", 0, "alpha")
    assert facts["a", "derived.unit_price"] == ("1.2", 1.2, "CNY/100g")  # 30 yuan for 2,500 g
    assert facts["b", "attr.净含量"] == ("约一包", None, "")
    assert facts["b", "attr.产地"] == ("3号楼", None, "")
    assert {name["value"] for name in look("products")[0]["attributes"]} == {"5斤", "M码", "东北"}


def test_a_unit_price_follows_the_price(take: Take, look: Look) -> None:
    header = "item,title,price,currency,content,observed_at\n"
    take(header + "a,Rice,5,USD,1kg,2026-05-01\na,Rice,4,USD,1kg,2026-05-03\na,Rice,4,USD,800 g,2026-05-05\n")
    found = [
        (row["number"], row["valid_from"].day, row["valid_until"].day if row["valid_until"] else None)
        for row in look("facts", "valid_from")
        if row["slot"] == "derived.unit_price"
    ]
    assert found == [(0.5, 1, 3), (0.4, 3, 5), (0.5, 5, None)]

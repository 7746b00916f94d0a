"""Addresses: the quick way is a part of the complete one; what is no address is refused."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from siyu.privacy import addresses

BAD = [
    "a@b,c@d",
    "a@b",
    "x" * 320 + "@example.com",
    "a@" + "b" * 300 + ".com",
    "a\x00@example.com",
    "a@example.com\r\nBcc: b@example.com",
    "a@example.com\nb@example.com",
    "Ann <a@example.com>",
    "a..b@example.com",
    ".a@example.com",
    "a b@example.com",
    "@example.com",
    "a@example.invalid",
    "a@localhost",
    "<script>@example.com",
    "a@-example.com",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused_and_counted(text: str) -> None:
    kept, why = addresses.check_emails(pa.array([text, "ok@example.com"]))
    expected = addresses.TOO_LONG if len(text) > 254 else addresses.NOT_AN_EMAIL
    assert (kept.to_pylist(), why.to_pylist()) == ([None, "ok@example.com"], [expected, None])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ann.Lee+x@Example.COM", "Ann.Lee+x@example.com"),
        (" a@example.com ", "a@example.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("用户@例子.公司", "用户@例子.公司"),
        ("a@xn--fsqu00a.xn--55qx5d", "a@例子.公司"),  # punycode of the same domain (RFC 3492)
    ],
)
def test_what_is_one_is_kept_in_its_normal_form(text: str, kept: str) -> None:
    assert addresses.check_emails(pa.array([text]))[0].to_pylist() == [kept]


@given(st.from_regex(re.compile(addresses._PLAIN), fullmatch=True))
def test_the_quick_way_takes_only_what_the_complete_one_leaves_unchanged(text: str) -> None:
    assert validate_email(text, check_deliverability=False).normalized == text


@pytest.mark.parametrize("text", ["u1@example.invalid", "U1@Shop.Invalid", "u_9-x@a.test"])
def test_reserved_endings_pass_only_when_told(text: str) -> None:
    local, domain = text.split("@")
    told = addresses.check_emails(pa.array([text]), reserved=True)[0].to_pylist()
    assert told == [f"{local}@{domain.lower()}"]
    assert addresses.check_emails(pa.array([text]))[0].to_pylist() == [None]


@pytest.mark.parametrize("text", ["a@b,c@d.invalid", "a\r\n@x.invalid", "@x.invalid", "x" * 65 + "@a.invalid"])
def test_reserved_endings_are_no_way_around_the_checks(text: str) -> None:
    assert addresses.check_emails(pa.array([text]), reserved=True)[0].to_pylist() == [None]


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("13800138000", "86", "+8613800138000"),
        ("+86 138-0013-8000", "86", "+8613800138000"),
        ("0086 138 0013 8000", "44", "+8613800138000"),
        ("020 7946 0958", "44", "+442079460958"),
        ("(0755) 1234 5678", "86", "+8675512345678"),
        ("123456", "86", None),
        ("1234567890123456", "86", None),
        ("138001380x0", "86", None),
        ("", "86", None),
    ],
)
def test_phone_numbers(text: str, country: str, kept: str | None) -> None:
    found, why = addresses.check_phones(pa.array([text]), country=country)
    assert found.to_pylist() == [kept]
    assert why.to_pylist() == [addresses.NOT_A_PHONE if text and kept is None else None]

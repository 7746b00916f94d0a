"""Addresses as they come, checked and put into the one form that is written to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

TOO_LONG: Final = "address-too-long"
NOT_AN_EMAIL: Final = "not-an-email-address"
NOT_A_PHONE: Final = "not-a-phone-number"
_LONGEST: Final = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets less its two brackets
_RESERVED: Final = (".invalid", ".test", ".example", ".localhost")  # RFC 2606

# What nearly every address looks like: a strict part of what email-validator takes and leaves unchanged (a property
# test holds that), so that the slow, complete check runs only on the others.
_LOCAL: Final = r"[A-Za-z0-9_+]{1,30}(?:[.-][A-Za-z0-9_+]{1,10}){0,3}"
_LABELS: Final = r"(?:[a-z0-9]{1,30}(?:-[a-z0-9]{1,20})?\.){1,3}"
_PLAIN: Final = rf"^{_LOCAL}@{_LABELS}(?:com|net|org|cn|uk|de|fr|jp|hk|tw|edu)$"
_PLAIN_RESERVED: Final = rf"^{_LOCAL}@{_LABELS}(?:com|net|org|invalid|test|example)$"
_QUICK: Final = re.compile(_PLAIN.replace("$", r"\Z"))
_QUICK_RESERVED: Final = re.compile(_PLAIN_RESERVED.replace("$", r"\Z"))
_DIGITS: Final = re.compile(r"(\+|00)?([0-9]{7,15})")
_SEPARATORS: Final = str.maketrans("", "", " -().\u00a0（）")


def email(text: str, *, reserved: bool = False) -> str | None:
    """``text`` as an address to write to (Unicode NFC, domain in lower case), or ``None`` where it is none.

    Nothing is looked up. A display name, a comment, two addresses, line breaks and NUL are all refused.

    Args:
        reserved: accept the endings that RFC 2606 keeps for tests (``.invalid`` ...).

    Example:
        >>> email("Ann@Example.COM"), email("a@b,c@d"), email("u1@shop.invalid", reserved=True)
        ('Ann@example.com', None, 'u1@shop.invalid')
    """
    if (_QUICK_RESERVED if reserved else _QUICK).match(text):
        return text
    from email_validator import EmailNotValidError, validate_email  # deferred: for the few that look odd

    ending = next((end for end in _RESERVED if text.lower().endswith(end)), "") if reserved else ""
    asked = f"{text[: -len(ending)]}.com" if ending else text
    try:
        found = validate_email(asked, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        return None
    return f"{found.removesuffix('.com')}{ending}" if ending else found


def phone(text: str, *, country: str = "86") -> str | None:
    """``text`` as an international number (ITU-T E.164: ``+`` and 7 to 15 digits), or ``None`` where it is none.

    Args:
        country: calling code put before a number that names none (its leading zero is dropped).

    Example:
        >>> phone("138-0013-8000"), phone("+44 20 7946 0958"), phone("12")
        ('+8613800138000', '+442079460958', None)
    """
    found = _DIGITS.fullmatch(text.translate(_SEPARATORS))
    if not found:
        return None
    abroad, digits = found.groups()
    number = digits if abroad else country + digits.removeprefix("0")
    return f"+{number}" if len(number) <= 15 else None


def check_emails(texts: pa.Array, *, reserved: bool = False) -> tuple[pa.Array, pa.Array]:
    """Addresses in the form that is written to (null where refused or empty), and the reason of each refusal.

    Args:
        texts: string; spaces around are dropped; empty and null are no address and no refusal.

    Example:
        >>> good, why = check_emails(pa.array(["a@example.com", "nobody", "", None]))
        >>> good.to_pylist(), why.to_pylist()
        (['a@example.com', None, None, None], [None, 'not-an-email-address', None, None])
    """
    given = _trimmed(texts)
    plain = pc.fill_null(pc.match_substring_regex(given, _PLAIN_RESERVED if reserved else _PLAIN), False)
    return _check(given, plain, lambda text: email(text, reserved=reserved), NOT_AN_EMAIL)


def check_phones(texts: pa.Array, *, country: str = "86") -> tuple[pa.Array, pa.Array]:
    """Like :func:`check_emails`, for telephone numbers."""
    given = _trimmed(texts)
    nothing = pa.array([False] * len(given), pa.bool_())
    return _check(given, nothing, lambda text: phone(text, country=country), NOT_A_PHONE)


def _trimmed(texts: pa.Array) -> pa.Array:
    given = pc.utf8_trim(texts.cast(pa.string()), " \t")
    return pc.if_else(pc.equal(given, ""), None, given)


def _check(
    given: pa.Array, good: pa.Array, check: Callable[[str], str | None], reason: str
) -> tuple[pa.Array, pa.Array]:
    """``given`` where ``good``; elsewhere what ``check`` makes of it, or a reason."""
    doubtful = pc.and_(pc.invert(good), pc.is_valid(given))
    passed = [check(text) if len(text) <= _LONGEST else None for text in given.filter(doubtful).to_pylist()]
    kept = pc.replace_with_mask(given, doubtful, pa.array(passed, pa.string()))
    refused = pc.and_(pc.is_null(kept), pc.is_valid(given))
    why = pc.if_else(pc.greater(pc.utf8_length(given), _LONGEST), TOO_LONG, reason)
    return kept, pc.if_else(refused, why, None)

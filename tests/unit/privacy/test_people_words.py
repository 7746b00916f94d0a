"""Every reason for which a row of people is set aside has words and a next step, in each language."""

from __future__ import annotations

import pytest

from siyu.packs import read
from siyu.privacy import addresses, people_rows


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_is_told_with_what_to_do(language: str) -> None:
    words = read("languages", language, "cli")
    found = {*people_rows._FIELDS, addresses.NOT_AN_EMAIL, addresses.NOT_A_PHONE, addresses.TOO_LONG}
    assert not found - words["quarantine"].keys()
    assert not found - words["quarantine_next"].keys()
    assert found == people_rows._FIELDS.keys()

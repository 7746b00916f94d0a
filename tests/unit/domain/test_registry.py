"""Registries name what they know and how to get what is missing."""

from __future__ import annotations

import pytest

from siyu.domain.errors import MissingExtraError, SettingsError
from siyu.domain.registry import Registry

SHELF = Registry[type](
    "number", "siyu.test-numbers", {"fraction": "fractions:Fraction", "absent": "no_such_package_here.sub:Thing"}
)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="absent, fraction"):
        SHELF.load("complex")


def test_a_missing_package_comes_with_the_install_command() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'siyu\[absent\]'") as caught:
        SHELF.load("absent")
    assert "no_such_package_here" in str(caught.value)


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    assert list(SHELF) == ["absent", "fraction"]
    assert "fraction" in SHELF
    assert "complex" not in SHELF

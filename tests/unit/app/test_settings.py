"""Settings that contradict themselves, or name what is not there, are refused where they are read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from siyu.app.describe import settings_of
from siyu.app.settings import Settings


@pytest.mark.parametrize(
    "given",
    [
        {"campaign": {"offers": ["spring"]}},
        {"campaign": {"audience": {"lifecycle": ["asleep"]}}},
        {"project": {"timezone": "Mars/Olympus"}},
        {"project": {"language": "tlh"}},
        {"project": {"currency": "yuan"}},
        {"events": [{"name": "a", "paths": ["x.csv"]}, {"name": "a", "paths": ["y.csv"]}]},
        {"nonsense": {}},
    ],
)
def test_it_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(given)


def test_every_setting_has_a_meaning_and_a_readable_type() -> None:
    listed = list(settings_of(Settings))
    assert len(listed) > 100
    assert [setting.path for setting in listed if not setting.meaning] == []
    assert [setting.path for setting in listed if "Validator" in setting.kind or "Annotated" in setting.kind] == []

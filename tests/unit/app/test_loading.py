"""Settings: typed, unknown keys refused, origins remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from siyu.app.describe import markdown, settings_of, values_of
from siyu.app.loading import load
from siyu.domain.errors import SettingsError


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    half_life: float = Field(60, gt=0, description="Days.")


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(description="Name of the shop.")
    profile: Inner = Field(Inner(), description="Profiles.")
    sources: tuple[Inner, ...] = Field((), description="Sources.")


def project(folder: Path, text: str) -> Path:
    (folder / "siyu.toml").write_text(text, "utf-8")
    return folder


def test_file_over_default_and_environment_over_file(tmp_path: Path) -> None:
    folder = project(tmp_path, 'name = "shop"\n[profile]\nhalf_life = 30\n')
    settings, origins = load(Outer, folder, {"SIYU_PROFILE__HALF_LIFE": "10", "HOME": "/x", "SIYU_LANG": "zh"})
    assert (settings.name, settings.profile.half_life) == ("shop", 10)
    assert origins == {"name": "siyu.toml", "profile.half_life": "environment SIYU_PROFILE__HALF_LIFE"}


def test_an_unknown_key_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"profile\.halflife: unknown key, did you mean 'half_life'\?"):
        load(Outer, project(tmp_path, 'name = "a"\n[profile]\nhalflife = 3\n'), {})


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Outer, project(tmp_path, "[profile]\nhalf_life = -1\nnonsense = 2\n"), {})
    problems = caught.value.facts["problems"]
    assert isinstance(problems, list)
    assert {problem.split(":")[0] for problem in problems} == {"name", "profile.half_life", "profile.nonsense"}


@pytest.mark.parametrize("text", ["name = ", "name = 'a'\nname = 'b'", "\x00"])
def test_broken_toml_is_an_error_with_the_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="not valid TOML"):
        load(Outer, project(tmp_path, text), {})


def test_a_folder_without_settings_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="siyu init"):
        load(Outer, tmp_path, {})


def test_every_setting_is_described_once() -> None:
    assert [setting.path for setting in settings_of(Outer)] == ["name", "profile.half_life", "sources[].half_life"]
    page = markdown(Outer)
    assert "| `half_life` | Days. | `float` | 60 |" in page
    assert dict(values_of(Outer(name="a", sources=(Inner(half_life=1),)))) == {
        "name": "a",
        "profile.half_life": 60,
        "sources.0.half_life": 1,
    }

"""Models as they are named on the command line."""

from __future__ import annotations

import pytest

from siyu.domain.errors import SettingsError
from siyu.domain.kinds import Lane
from siyu.recommendations.evaluation.entrants import entrant
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.table import RECOMMENDERS

BASE = RecommendationSettings()


@pytest.mark.parametrize("name", sorted(RECOMMENDERS))
def test_every_registered_model_can_sit_an_exam_by_its_name(name: str) -> None:
    found = entrant(name, top=20, base=BASE)
    assert found.settings.weights == {name: 1.0}
    assert found.lanes == {RECOMMENDERS.load(name).lane}
    assert found.origin == "defaults"


def test_several_models_with_options() -> None:
    found = entrant("item_to_item:half_life=30,window=person+personal_frequency", top=10, base=BASE)
    assert found.settings.options == {"item_to_item": {"half_life": 30, "window": "person"}}
    assert set(found.settings.weights) == {"item_to_item", "personal_frequency"}
    assert found.lanes == set(Lane)
    assert found.origin == "given"


def test_default_is_the_stage_as_the_settings_say() -> None:
    base = RecommendationSettings(per_category=2, weights={"popularity": 1.0})
    found = entrant("default", top=50, base=base, base_origin="project")
    assert (found.settings.per_category, found.settings.weights, found.settings.top) == (2, {"popularity": 1.0}, 50)
    assert found.origin == "project"
    changed = entrant("default:per_category=9,weights.popularity=0.5", top=5, base=base, base_origin="project")
    assert (changed.settings.per_category, changed.settings.weights) == (9, {"popularity": 0.5})
    assert changed.origin == "given"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deep_magic", "no model called 'deep_magic'"),
        ("popularity+deep_magic", "no model called .deep_magic.. Known: "),
        ("item_to_item:half_live=3", "half_live"),
        ("item_to_item:half_life=-3", "greater than 0"),
        ("item_to_item:half_life", "has no value"),
        ("default:per_category=0", "per_category"),
        ("default:nonsense=1", "nonsense"),
        ("default+popularity", "cannot be joined"),
        ("default:top.x=1", "holds a value"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said.replace("+", r"\+")):
        entrant(text, top=20, base=BASE)

"""The policy port: what every policy promises. Parametrised by the registry."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from siyu.domain.errors import NotPermittedError
from siyu.domain.ids import ItemId, PersonId
from siyu.domain.policy import Policy
from siyu.domain.proof import Seal, SealKind
from siyu.feedback.exposures import Chooser, draw_of
from siyu.feedback.policies import POLICIES

from ..unit.delivery.shop import NOON

variants = st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=12, unique=True)


@pytest.fixture(params=sorted(POLICIES))
def policy(request: pytest.FixtureRequest) -> Policy:
    """Every registered policy."""
    return POLICIES.load(request.param)()


def test_the_name_is_the_registered_one(policy: Policy) -> None:
    assert policy.name in POLICIES


@settings(max_examples=50, deadline=None)
@given(names=variants, person=st.text(max_size=8))
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_propensities_are_a_distribution(name: str, names: list[str], person: str) -> None:
    chances = POLICIES.load(name)().propensities(PersonId(person), names)
    assert len(chances) == len(names)
    assert min(chances) >= 0
    assert sum(chances) == pytest.approx(1, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(names=variants, draw=st.floats(0, 1, exclude_max=True))
@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_choice_is_possible_and_repeatable(name: str, names: list[str], draw: float) -> None:
    made = POLICIES.load(name)()
    chosen = made.choose(PersonId("p"), names, draw)
    assert made.propensities(PersonId("p"), names)[chosen] > 0
    assert chosen == POLICIES.load(name)().choose(PersonId("p"), names, draw)


def test_choices_follow_the_propensities(policy: Policy) -> None:
    names = ["a", "b", "c", "d", "e"]
    draws = [draw_of(f"message {number}") for number in range(20_000)]
    counts = [0] * len(names)
    for draw in draws:
        counts[policy.choose(PersonId("p"), names, draw)] += 1
    chances = policy.propensities(PersonId("p"), names)
    possible = [i for i, chance in enumerate(chances) if chance > 0]
    assert sum(counts[i] for i in possible) == len(draws)
    if len(possible) > 1:
        expected = [chances[i] * len(draws) for i in possible]
        assert chisquare([counts[i] for i in possible], expected).pvalue > 1e-6


def test_an_exposure_says_how_likely_it_was(policy: Policy) -> None:
    chooser = Chooser(policy, Seal(SealKind.POLICY))
    arguments = {"campaign": "spring", "items": [ItemId("lamp")], "now": NOON}
    seen = [chooser.choose(f"m{i}", PersonId("p"), ["a", "b"], **arguments) for i in range(50)]  # type: ignore[arg-type]
    again = [chooser.choose(f"m{i}", PersonId("p"), ["a", "b"], **arguments) for i in range(50)]  # type: ignore[arg-type]
    assert seen == again
    chances = dict(zip(["a", "b"], policy.propensities(PersonId("p"), ["a", "b"]), strict=True))
    assert all(exposure.propensity == chances[exposure.variant] for exposure in seen)
    assert {exposure.policy for exposure in seen} == {policy.name}


def test_only_the_holder_of_the_seal_may_expose(policy: Policy) -> None:
    with pytest.raises(NotPermittedError):
        Chooser(policy, Seal(SealKind.REVIEW))
    with pytest.raises(ValueError, match="variant"):
        Chooser(policy, Seal(SealKind.POLICY)).choose("m", PersonId("p"), [], campaign="c", items=[], now=NOON)

"""Laws of who is one person: no order matters, an un-merge is the inverse of its merge, nobody stands in a circle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.domain.identity import Said, Saying, Word, claimed, links, said, ways

NAMES = st.sampled_from("abcdefg")
PAIRS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
CLAIMS = st.lists(st.builds(lambda pair, at: Saying(Word.CLAIM, *pair, at), PAIRS, st.integers(0, 5)), max_size=12)
MERGES = st.lists(st.builds(lambda pair: Saying(Word.MERGE, *pair), PAIRS), max_size=6)
ANY = st.lists(
    st.one_of(
        st.builds(lambda pair, at: Saying(Word.CLAIM, *pair, at), PAIRS, st.integers(0, 5)),
        st.builds(lambda pair: Saying(Word.MERGE, *pair), PAIRS),
        st.builds(lambda pair: Saying(Word.SPLIT, *pair), PAIRS),
        st.builds(lambda name: Saying(Word.SPLIT, name, ""), NAMES),
    ),
    max_size=16,
)


def pair_of(one: Saying) -> frozenset[str]:
    return frozenset((one.alias, one.person))


def groups(known: Said) -> set[frozenset[str]]:
    """Who is together, whatever they are called."""
    found: dict[str, set[str]] = {}
    for alias, person in links(known).items():
        found.setdefault(person, {person}).add(alias)
    return {frozenset(group) for group in found.values()}


def test_a_visitor_becomes_the_person_and_the_person_another() -> None:
    """device -> ann by the data, ann -> anna by hand: both are anna. Taken back: the device is ann again."""
    sayings = [Saying(Word.CLAIM, "device", "ann", 1), Saying(Word.MERGE, "ann", "anna")]
    assert links(said(sayings)) == {"device": "anna", "ann": "anna"}
    assert links(said([*sayings, Saying(Word.SPLIT, "ann", "anna")])) == {"device": "ann"}


def test_the_earliest_claim_about_a_shared_device_holds_and_the_next_when_it_is_taken_back() -> None:
    sayings = [Saying(Word.CLAIM, "kiosk", "ben", 2), Saying(Word.CLAIM, "kiosk", "ann", 1)]
    assert links(said(sayings)) == {"kiosk": "ann"}
    assert links(said([*sayings, Saying(Word.SPLIT, "kiosk", "ann")])) == {"kiosk": "ben"}
    assert links(said([*sayings, Saying(Word.SPLIT, "kiosk", "")])) == {}


def test_what_was_set_apart_stays_apart_when_the_data_say_it_again() -> None:
    split = [Saying(Word.CLAIM, "a", "b", 3), Saying(Word.SPLIT, "a", "b")]
    assert links(said([*split, Saying(Word.CLAIM, "a", "b", 1)])) == {}
    assert links(said([*split, Saying(Word.MERGE, "a", "b")])) == {"a": "b"}


def test_of_two_people_merged_into_different_ones_the_name_in_use_is_settled_by_name() -> None:
    """a -> b and a -> c: b and c are one person too, neither merged away; in use is the first by name."""
    assert links(said([Saying(Word.MERGE, "a", "c"), Saying(Word.MERGE, "a", "b")])) == {"a": "b", "c": "b"}


@given(ANY)
def test_nobody_stands_for_somebody_who_stands_for_another(sayings: list[Saying]) -> None:
    found = links(said(sayings))
    assert not set(found.values()) & found.keys()
    assert all(alias != person for alias, person in found.items())


@given(CLAIMS, MERGES, st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_said_does_not_matter(
    claims: list[Saying], merges: list[Saying], random: object
) -> None:
    """Claims in any order, and merges of different pairs in any order, among each other too."""
    distinct = list({pair_of(one): one for one in merges}.values())
    shuffled = [*claims, *distinct]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert links(said(shuffled)) == links(said([*claims, *distinct]))


@given(ANY, PAIRS)
def test_an_unmerge_is_the_inverse_of_its_merge(sayings: list[Saying], pair: tuple[str, str]) -> None:
    """Where nothing was said of the two before, merging and un-merging them leaves everyone where they were."""
    others = [one for one in sayings if pair_of(one) != frozenset(pair)]
    before = links(said(others))
    merged = said([*others, Saying(Word.MERGE, *pair)])
    one, other = (links(merged).get(name, name) for name in pair)
    assert one == other
    assert links(said([*others, Saying(Word.MERGE, *pair), Saying(Word.SPLIT, *pair)])) == before


@given(ANY, PAIRS)
def test_a_merge_only_joins_and_an_unmerge_only_parts(sayings: list[Saying], pair: tuple[str, str]) -> None:
    before = groups(said(sayings))
    after = groups(said([*sayings, Saying(Word.MERGE, *pair)]))
    assert all(any(group <= joined for joined in after) for group in before)


@given(ANY)
def test_saying_the_same_again_changes_nothing(sayings: list[Saying]) -> None:
    for one in sayings[-1:]:
        assert said([*sayings, one]) == said(sayings)


@given(
    st.lists(
        st.builds(
            lambda a, p, at: Saying(Word.CLAIM, a, p, at),
            st.sampled_from("abc"),
            st.sampled_from("xyz"),
            st.integers(0, 3),
        ),
        max_size=10,
    )
)
def test_the_short_way_for_visitors_and_customers_is_the_long_one(claims: list[Saying]) -> None:
    """A split of two names that nobody claims changes nothing but the way it is worked out."""
    long = said([*claims, Saying(Word.SPLIT, "q", "r")])
    assert links(said(claims)) == links(long)
    assert claimed(said(claims)) == claimed(long)


@given(ANY, NAMES)
def test_the_ways_are_what_holds_a_group_together(sayings: list[Saying], name: str) -> None:
    known = said(sayings)
    found = links(known)
    used = found.get(name, name)
    group = {name, used, *(alias for alias, person in found.items() if person == used)}
    ends = {end for way in ways(known, name) for end in way}
    assert ends | {name} == group


@given(ANY, NAMES)
def test_a_name_set_free_is_only_linked_by_claims_about_others(sayings: list[Saying], name: str) -> None:
    known = said([*sayings, Saying(Word.SPLIT, name, "")])
    assert name not in claimed(known)
    assert all(name not in pair for pair in known.merged)


@pytest.mark.parametrize("size", [0, 1, 50_000])
def test_long_chains_and_crowds_are_settled_in_one_go(size: int) -> None:
    chain = [Saying(Word.CLAIM, f"{number:06}", f"{number + 1:06}", number) for number in range(size)]
    found = links(said(chain))
    assert len(found) == size
    assert set(found.values()) <= {f"{size:06}"}

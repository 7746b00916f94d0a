"""What was said about people, as datasets: never repeated, never half published, the same however it is cut off."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.domain.identity import Saying, Word, links, said
from siyu.engine import identity, manifest
from siyu.engine.embedded import EmbeddedEngine

NAMES = st.sampled_from("abcde")
PAIRS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
SAYINGS = st.one_of(
    st.builds(lambda pair, at: Saying(Word.CLAIM, *pair, at), PAIRS, st.integers(0, 5)),
    st.builds(lambda pair: Saying(Word.MERGE, *pair), PAIRS),
    st.builds(lambda pair: Saying(Word.SPLIT, *pair), PAIRS),
)


def claim(alias: str, person: str, at: int = 1) -> Saying:
    return Saying(Word.CLAIM, alias, person, at)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(SAYINGS, max_size=4), max_size=4))
def test_said_in_parts_is_as_said_at_once(tmp_path_factory: pytest.TempPathFactory, parts: list[list[Saying]]) -> None:
    engine = EmbeddedEngine(tmp_path_factory.mktemp("identity"), memory="500MB", threads=1)
    for part in parts:
        found = identity.say(engine, part, "shop")
        assert identity.stored_links(engine) == found
    every = [one for part in parts for one in part]
    assert identity.stored_links(engine) == links(said(every))
    assert identity.known(engine) == said(every)


def test_a_claim_that_is_known_is_not_kept_twice(engine: EmbeddedEngine) -> None:
    identity.say(engine, [claim("a", "b", 5), claim("a", "b", 3)], "shop")
    rows, version = manifest.require(engine.root, identity.IDENTITY).rows, identity.mark(engine)
    identity.say(engine, [claim("a", "b", 3), claim("a", "b", 9)], "shop")
    assert manifest.require(engine.root, identity.IDENTITY).rows == rows
    assert identity.mark(engine) == version
    identity.say(engine, [claim("a", "b", 1)], "shop")  # earlier than was known
    assert manifest.require(engine.root, identity.IDENTITY).rows == rows + 1
    assert identity.known(engine).claims == {("a", "b"): 1}


def test_links_are_published_after_a_crash_in_between(engine: EmbeddedEngine) -> None:
    identity.say(engine, [claim("a", "b")], "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "_publish", _die)
        with pytest.raises(KeyboardInterrupt):
            identity.say(engine, [claim("c", "d")], "shop")
    assert identity.stored_links(engine) == {"a": "b"}
    assert identity.say(engine, [claim("c", "d")], "shop") == {"a": "b", "c": "d"}
    assert identity.stored_links(engine) == {"a": "b", "c": "d"}
    assert manifest.require(engine.root, identity.IDENTITY).rows == 2


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_last_link_can_be_taken_back(engine: EmbeddedEngine) -> None:
    identity.say(engine, [Saying(Word.MERGE, "a", "b")], "somebody")
    assert identity.say(engine, [Saying(Word.SPLIT, "a", "b")], "somebody") == {}
    assert identity.stored_links(engine) == {}
    assert identity.moved(engine) == 1


def test_nothing_said_makes_nothing(engine: EmbeddedEngine) -> None:
    assert identity.say(engine, [], "shop") == {}
    assert identity.mark(engine) == ""
    identity.adopt(engine)
    assert manifest.find(engine.root, identity.IDENTITY) is None

"""What a person did, as what to ask by."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siyu.recommendations.models.past import places


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=30))
def test_places_count_later_moments_of_the_same_row(acts: list[tuple[int, int]]) -> None:
    found = places(np.array([row for row, _ in acts], np.int64), np.array([then for _, then in acts], np.int64))
    for (row, then), place in zip(acts, found.tolist(), strict=True):
        assert place == len({other for one, other in acts if one == row and other > then})

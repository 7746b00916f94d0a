"""Caps across campaigns: at most ``per_person_messages`` in any ``per_person_days``, sent or yet to be sent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from siyu.domain.campaigns import Limits

_DAY_US = 86_400_000_000

Ints = npt.NDArray[np.int64]


def capped(due: Ints, history_person: Ints, history_at: Ints, limits: Limits) -> npt.NDArray[np.bool_]:
    """Mask of the people for whom one message more would break the cap.

    A person is capped if some window of ``per_person_days`` (half open) that holds the new message would hold more than
    ``per_person_messages``. The windows before and after the new message are both looked at, because campaigns may be
    planned out of order.

    Args:
        due: moment of the new message per person, microseconds.
        history_person: index into ``due`` of each message sent or to be sent before.
        history_at: its moment, microseconds.

    Example:
        >>> day = 86_400_000_000
        >>> two = np.array([0, 0]), np.array([1 * day, 5 * day])  # person 0, on days 1 and 5
        >>> capped(np.array([7 * day, 7 * day]), *two, Limits(per_person_messages=2, per_person_days=7)).tolist()
        [True, False]
        >>> capped(np.array([8 * day]), *two, Limits(per_person_messages=2, per_person_days=7)).tolist()
        [False]
    """
    mask = np.zeros(len(due), dtype=np.bool_)
    allowed, span = limits.per_person_messages, limits.per_person_days * _DAY_US
    if len(history_person) < allowed:
        return mask
    order = np.lexsort((history_at, history_person))
    person, at = history_person[order], history_at[order]
    # any `allowed` neighbours of one person that, with the new message, lie within less than `span`
    first, last = slice(0, len(person) - allowed + 1), slice(allowed - 1, None)
    new = due[person[first]]
    near = np.maximum(at[last], new) - np.minimum(at[first], new) < span
    mask[person[first][near & (person[first] == person[last])]] = True
    return mask

"""One who does more than people do: a robot, or a till that rings up everybody under one number.

A million events of one person about a few thousand items would be spread over a dozen million values. For each item
only the strongest speak for themselves; the others are added up first, which changes no sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.profiles.acts import Acts, Amounts, Flags, Numbers, runs

CROWD = 50_000
"""A slice with more events than this is condensed."""
_SPEAKERS = 3


@dataclass(frozen=True, slots=True)
class Entries:
    """Events with their weights; ``told`` says which speak for themselves and do not stand for others too."""

    event: Numbers
    weight: Amounts
    told: Flags


def condensed(entries: Entries, item: Numbers, acts: Acts) -> Entries:
    """The three strongest events of every person and item, and one entry each for what the others add and take away.

    The one that stands for others is the earliest of them.
    """
    person = acts.person[entries.event]
    order = np.lexsort((-entries.event, -entries.weight, item, person))
    starts = runs(person[order], item[order])
    rank = np.arange(len(order)) - np.repeat(starts[:-1], np.diff(starts))
    speaks = (rank < _SPEAKERS) & (entries.weight[order] > 0)
    speakers, others = order[speaks], order[~speaks]
    adds = entries.weight[others] > 0
    parts = [
        Entries(entries.event[speakers], entries.weight[speakers], np.ones(len(speakers), bool)),
        *(_added_up(entries, item, acts, others[which]) for which in (adds, ~adds)),
    ]
    return Entries(
        np.concatenate([part.event for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.told for part in parts]),
    )


def _added_up(entries: Entries, item: Numbers, acts: Acts, places: Numbers) -> Entries:
    event = entries.event[places]
    person = acts.person[event]
    order = np.lexsort((event, item[places], person))
    starts = runs(person[order], item[places][order])[:-1]
    if not len(starts):
        return Entries(event, entries.weight[places], np.ones(0, bool))
    sums = np.add.reduceat(entries.weight[places][order], starts)
    return Entries(event[order][starts], sums, np.zeros(len(starts), bool))

"""Telling: winners with their strongest reasons, as rows of recommendations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from siyu.domain.kinds import Lane
from siyu.engine.schemas import RECOMMENDATIONS
from siyu.recommendations import reasons
from siyu.recommendations.items import Items
from siyu.recommendations.people import Floats, Ints, Mask
from siyu.recommendations.port import Asked, Links, Reasons, Scorer, Told
from siyu.recommendations.ranking import Ranked
from siyu.recommendations.settings import RecommendationSettings


@dataclass(frozen=True, slots=True)
class Hits:
    """Parts of the scores of winners: whose, by what was asked, by which link, by which model, and how much."""

    winner: Ints
    ask: Ints
    link: Ints
    model: Ints
    part: Floats


class Speaker(Protocol):
    """A model as it is told of."""

    @property
    def name(self) -> str:
        """As in the settings."""
        ...

    @property
    def scorer(self) -> Scorer:
        """What it has learnt."""
        ...

    @property
    def places(self) -> Ints:
        """The place among the scorer's links of each that is in use."""
        ...


class Speakers(Protocol):
    """The models of a lane, their links one below the other and their words one after the other."""

    @property
    def lane(self) -> Lane: ...
    @property
    def voices(self) -> Sequence[Speaker]: ...
    @property
    def items(self) -> Items: ...
    @property
    def settings(self) -> RecommendationSettings: ...
    @property
    def links(self) -> Links: ...
    @property
    def first_key(self) -> Ints: ...
    @property
    def words(self) -> pa.Array: ...
    @property
    def first_word(self) -> Ints: ...


def joined(stretches: Sequence[tuple[Hits, int]]) -> Hits:
    """Hits of stretches one after the other, each with how many winners it has."""
    first = np.cumsum([0, *(winners for _, winners in stretches)])
    return Hits(
        np.concatenate([hits.winner + before for (hits, _), before in zip(stretches, first, strict=False)]),
        *(np.concatenate([getattr(hits, name) for hits, _ in stretches]) for name in ("ask", "link", "model", "part")),
    )


def recommendations(
    speakers: Speakers, people: pa.Array, found: tuple[Ranked, Hits], question: tuple[Sequence[Asked], Links]
) -> pa.RecordBatch:
    """Winners with the schema of recommendations.

    Args:
        people: their ids, by row.
        question: what each model asked by, and all of it as one matrix.
    """
    winners, hits = found
    size = len(winners.row)
    key = question[1].indices[hits.ask]
    stays, part = reasons.merged(hits.winner, hits.part, _together(speakers, key, hits.model))
    whole = np.bincount(hits.winner, weights=hits.part, minlength=size)
    share = np.minimum(np.round(part / whole[hits.winner[stays]], 9), 1.0)
    best = reasons.strongest(hits.winner[stays], share, kept=speakers.settings.reasons)
    at = stays[best]
    told = Hits(hits.winner[at], hits.ask[at], hits.link[at], hits.model[at], share[best])
    said = _said(speakers, winners.item[told.winner], told, question)
    rounded = np.floor(told.part * 1e4 + 1e-6) / 1e4  # four digits say enough and take a third of the room
    ends = np.concatenate(([0], np.cumsum(np.bincount(told.winner, minlength=size))))
    names = pa.array([voice.name for voice in speakers.voices], pa.string())
    columns = {
        "person": people.take(pa.array(winners.row)),
        "rank": pa.array(winners.rank, pa.int32()),
        "item": speakers.items.ids.take(pa.array(winners.item)),
        "lane": pa.repeat(pa.scalar(speakers.lane.value), size),
        "score": pa.array(winners.score, pa.float64()),
        "model": names.take(pa.array(_led(hits, len(speakers.voices), size))),
        "reasons": pa.ListArray.from_arrays(
            pa.array(ends, pa.int32()), reasons.told(said, rounded, speakers.words, speakers.items.ids)
        ),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in RECOMMENDATIONS.names], schema=RECOMMENDATIONS)


def _led(hits: Hits, models: int, winners: int) -> Ints:
    """The model that counted most for each winner; of equals the first by name."""
    total = np.bincount(hits.winner * models + hits.model, weights=hits.part, minlength=winners * models)
    most: Ints = np.round(total, 9).reshape(winners, models).argmax(axis=1)
    return most


def _together(speakers: Speakers, key: Ints, model: Ints) -> Mask:
    """Parts that are one piece of evidence for their product, though several keys led to it."""
    together = np.zeros(len(key), bool)
    for place, voice in enumerate(speakers.voices):
        if voice.scorer.merged is not None:
            together |= (model == place) & (key >= speakers.first_key[place] + voice.scorer.merged)
    return together


def _said(speakers: Speakers, item: Ints, hits: Hits, question: tuple[Sequence[Asked], Links]) -> Reasons:
    """What each model says of its parts."""
    every, wanted = question
    said = reasons.blank(len(hits.ask))
    row = np.searchsorted(wanted.indptr, hits.ask, side="right") - 1
    first_link = speakers.links.indptr[speakers.first_key]
    before = wanted.indptr[:-1].astype(np.int64)
    for place, (voice, asked) in enumerate(zip(speakers.voices, every, strict=True)):
        at = np.flatnonzero(hits.model == place)
        own = np.searchsorted(asked.row, np.arange(wanted.shape[0]))
        told = Told(
            item=item[at],
            key=wanted.indices[hits.ask[at]] - speakers.first_key[place],
            ask=hits.ask[at] + (own - before)[row[at]],
            link=voice.places[hits.link[at] - first_link[place]],
        )
        reasons.put(said, at, voice.scorer.reasons(asked, told), int(speakers.first_word[place]))
        before += np.bincount(asked.row, minlength=wanted.shape[0])
    return said

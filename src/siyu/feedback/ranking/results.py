"""A shop's own results as pairs: pieces of one part, shown by the draw to readers of the same briefs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.kinds import EventKind
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.sql import fill, query
from siyu.feedback.ranking.learning import Pair, Ranker, learn, neutral

DATASET: Final = "copy_ranker"
RANKER: Final = pa.schema([("language", pa.string()), ("ranker", pa.string())])
"""Dataset ``copy_ranker``: what was learnt from a shop's results, a row a language, as JSON."""

_PACKAGE: Final = "siyu.feedback"
_LEAST: Final = 30
"""People each piece of a pair must have been shown to."""
_MOST: Final = 20_000
_ROWS: Final = 50_000


def pairs(engine: Engine, accepted: pa.Array) -> dict[str, list[Pair]]:
    """Pairs by language, from the messages ``accepted`` (ids) and the clicks among the events.

    Texts are the pieces with their slots, so that no product's name and no price is learnt.
    """
    for name in ("events", "messages", "pieces"):
        if manifest.find(engine.root, name) is None:
            return {}
        engine.table(name, name)
    engine.table("accepted_ids", pa.table({"message_id": accepted.cast(pa.string())}))
    _note_shown(engine)
    engine.write(query(_PACKAGE, "shown"), "shown", scratch=True)
    engine.table("shown", "shown")
    batches = list(engine.batches(query(_PACKAGE, "pairs", least=float(_LEAST), most=_MOST)))
    found = [row for batch in batches for row in batch.to_pylist() if row["variance"] > 0]
    engine.drop("shown")
    texts = _texts(engine)
    by_language: dict[str, list[Pair]] = {}
    for row in found:
        (language, first), (other, second) = texts[row["first"]], texts[row["second"]]
        if language == other:
            by_language.setdefault(language, []).append(Pair(first, second, row["gap"] / np.sqrt(row["variance"])))
    return by_language


def relearn(engine: Engine, accepted: pa.Array) -> Mapping[str, int]:
    """Learn anew and publish dataset ``copy_ranker``; returns how many pairs each language was learnt from."""
    learnt = {language: learn(found, source="own results") for language, found in pairs(engine, accepted).items()}
    kept = {language: ranker for language, ranker in sorted(learnt.items()) if not ranker.neutral}
    if kept:
        rows = pa.table([list(kept), [ranker.dumps() for ranker in kept.values()]], schema=RANKER)
        engine.write(rows.to_reader(), DATASET)
    return {language: int(ranker.trained_on["pairs"]) for language, ranker in kept.items()}


def ranker_of(engine: Engine, language: str) -> Ranker:
    """What was learnt of texts in ``language``; neutral where nothing was."""
    if manifest.find(engine.root, DATASET) is None:
        return neutral()
    engine.table(DATASET, DATASET)
    sql = fill(f"SELECT ranker FROM {DATASET} WHERE language = $language", language=language)
    found = [row["ranker"] for batch in engine.batches(sql) for row in batch.to_pylist()]
    return Ranker.loads(found[0]) if found else neutral()


def _note_shown(engine: Engine) -> None:
    """Table ``shown_pieces``: a row for each piece of each accepted message."""
    clicks = fill("SELECT DISTINCT message_id FROM events WHERE kind = $kind", kind=str(EventKind.CLICK))
    clicked = [batch.column(0).cast(pa.string()) for batch in engine.batches(clicks)]
    followers = pa.chunked_array(clicked, pa.string()).combine_chunks()
    sql = (
        "SELECT m.message_id, m.brief_id, m.parts FROM messages m "
        "WHERE EXISTS (SELECT 1 FROM accepted_ids a WHERE a.message_id = m.message_id)"
    )
    made = []
    for batch in engine.batches(sql, rows=_ROWS):
        parts = batch.column("parts")
        row = pc.list_parent_indices(parts)
        flat = parts.flatten()
        followed = pc.is_in(batch.column("message_id").cast(pa.string()), value_set=followers).cast(pa.int64())
        columns = [batch.column("brief_id").cast(pa.string()).take(row), flat.field("part"), flat.field("piece_id")]
        made.append(pa.RecordBatch.from_arrays([*columns, followed.take(row)], schema=_SHOWN))
    engine.table("shown_pieces", pa.Table.from_batches(made, _SHOWN))


_SHOWN: Final = pa.schema(
    [("brief_id", pa.string()), ("part", pa.string()), ("piece_id", pa.string()), ("followed", pa.int64())]
)


def _texts(engine: Engine) -> dict[str, tuple[str, str]]:
    """(language, text with its slots) of every piece by id."""
    found: dict[str, tuple[str, str]] = {}
    for batch in engine.batches("SELECT language, pieces FROM pieces"):
        row = pc.list_parent_indices(batch.column("pieces"))
        flat = batch.column("pieces").flatten()
        columns = (flat.field("piece_id"), batch.column("language").take(row), flat.field("text"))
        found |= {key: (one, text) for key, one, text in zip(*(x.to_pylist() for x in columns), strict=True)}
    return found

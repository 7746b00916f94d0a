"""How often people used each word, in dataset ``profile_words``: it decides in which form a word is shown."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from siyu.engine.port import Engine, Sql
from siyu.engine.sql import query
from siyu.profiles.histories import HISTORIES
from siyu.profiles.inputs import PACKAGE, counts
from siyu.profiles.mark import Mark

DATASET = "profile_words"
_SCHEMA = pa.schema([("word", pa.string()), ("n", pa.int64())])


def used(engine: Engine, mark: Mark | None, now: datetime) -> dict[str, int]:
    """Count words up to ``now``: those of events that came after ``mark``, added to what was counted then.

    Needs ``profile_histories`` and ``profile_added``. Without a mark, all words are counted again.
    """
    if mark is None:
        engine.table("profile_words_before", _SCHEMA.empty_table())
        engine.table("profile_added", HISTORIES)
    else:
        engine.table("profile_words_before", DATASET)
    before, pending = (mark.now, mark.pending) if mark else (now, 0)
    engine.table("profile_heard", Sql(query(PACKAGE, "heard", before=before, now=now, pending=pending)))
    engine.write(query(PACKAGE, "word_uses"), DATASET)
    engine.table(DATASET, DATASET)
    return counts(engine, f"SELECT word, n FROM {DATASET}")

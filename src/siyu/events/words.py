"""What people typed: scrubbed of addresses and numbers, language found, cut into words."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from siyu.engine.port import Engine
from siyu.engine.schemas import STRINGS
from siyu.privacy.scrub import scrub
from siyu.text.language import detect
from siyu.text.tokenise import tokenise

SCHEMA = pa.schema(
    [
        ("words", pa.string()),
        ("stated", pa.string()),
        ("text", pa.string()),
        ("language", pa.string()),
        ("tokens", STRINGS),
    ]
)


def read_words(engine: Engine, dataset: str) -> None:
    """Publish ``dataset``: every distinct text of the files with what is stored of it."""
    engine.map_arrow(
        "SELECT DISTINCT words, coalesce(language, '') AS stated FROM import_mapped WHERE words IS NOT NULL",
        _read,
        SCHEMA,
        dataset,
    )


def _read(batch: pa.RecordBatch) -> pa.RecordBatch:
    stated = batch.column("stated")
    known = pc.if_else(pc.equal(stated, ""), pa.scalar(None, pa.string()), stated)
    text = scrub(batch.column("words"))
    language = pc.coalesce(known, detect(text))
    return pa.record_batch([batch.column("words"), stated, text, language, tokenise(text, language)], schema=SCHEMA)

"""Words that name a kind of thing in a shop: worked out from all its titles, and kept from run to run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from siyu.copywriting import digests, saying
from siyu.copywriting.notary import code_version, pack_version
from siyu.copywriting.shelf import Shelf
from siyu.engine import manifest, sql
from siyu.engine.port import Engine
from siyu.text.tokenise import tokens

STATE: Final = "copy_state"
"""Dataset of what the stage keeps for its next run."""
SCHEMA: Final = pa.schema([("run", pa.string()), ("name", pa.string()), ("value", pa.string())])

_HEADS, _HEAD_SHARE = 2, 0.5
"""A word is a thing, and fit for a sentence, if so many titles end in it and so many of those that have it."""
_OF: Final = "of"


def things(engine: Engine, shelf: Shelf, languages: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Things by language; read again from all titles only where one of them, or a category, has changed."""
    named = digests.names(shelf)
    found: dict[str, frozenset[str]] = {}
    for language in languages:
        of = hashlib.sha256(f"{named}{code_version()}{pack_version(language)}".encode()).hexdigest()
        run = f"words/{language}"
        known = _kept(engine, run)
        if known.pop(_OF, None) == of:
            found[language] = frozenset(known)
        else:
            found[language] = worked_out(shelf, language)
            _keep(engine, run, {_OF: of, **dict.fromkeys(sorted(found[language]), "")})
    return found


def _kept(engine: Engine, run: str) -> dict[str, str]:
    if manifest.find(engine.root, STATE) is None:
        return {}
    engine.table(STATE, STATE)
    query = sql.fill(f"SELECT name, value FROM {STATE} WHERE run = $run", run=run)
    batches = [batch.columns for batch in engine.batches(query)]
    return {n: v for names, values in batches for n, v in zip(names.to_pylist(), values.to_pylist(), strict=True)}


def _keep(engine: Engine, run: str, values: Mapping[str, str]) -> None:
    rows = [pa.array(column, pa.string()) for column in ([run] * len(values), list(values), list(values.values()))]
    engine.table("state_run", pa.table({"run": [run]}))
    engine.write(pa.table(rows, schema=SCHEMA).to_reader(), STATE, supersede="SELECT run FROM state_run")


def worked_out(shelf: Shelf, language: str) -> frozenset[str]:
    """Words that titles end in and the shop uses as kinds of things: what its products are, not what they are like."""
    seen: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    cards = [shelf.card(item, language) for item in shelf.items]
    for title in {card["title"].value for card in cards if "title" in card}:
        words = tokens(title, language)
        seen.update(set(words))
        ends.update(words[-1:])
    shelves = {card["category"].value for card in cards if "category" in card}
    spoken = seen.keys() | {word for shelf_ in shelves for word in tokens(shelf_, language)}
    often = (word for word, n in ends.items() if n >= _HEADS and n >= _HEAD_SHARE * seen[word])
    return frozenset(word for word in often if saying.is_usual(word, spoken))

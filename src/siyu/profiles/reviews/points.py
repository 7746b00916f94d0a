"""Selling points: what satisfied buyers praise about each product, with counts and their own words.

An aspect is a selling point where so many people praise it that the praised share surely (Wilson's 95 % interval, 1927)
is above half. Quotes are clauses of reviews that were scrubbed of personal data on import; they are data, never markup.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain import columns as c
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest
from siyu.engine.port import Engine
from siyu.engine.resolved import events
from siyu.engine.schemas import PRODUCT_ASPECTS
from siyu.engine.sql import query
from siyu.profiles.findings import Finding, kept
from siyu.profiles.inputs import PACKAGE, number
from siyu.profiles.reviews.aspects import about, mentions
from siyu.profiles.reviews.opinions import LEAST, Held, Opinions, learn
from siyu.profiles.settings import ReviewSettings

DATASET = "product_aspects"
_MENTIONS = "review_mentions"
_AT_ONCE = 50_000
_GOOD, _BAD = 4.0, 2.0
"""Ratings from and up to which a review is a good or a bad one to learn from."""
_SHORTEST, _LONGEST, _SHOWN = 3, 60, 3
_READABLE = "[A-Za-z\u3400-\u9fff0-9]"
"""What a review holds that a language pack can read, or that says nothing but a number."""
_Z = 1.959964

_SCHEMA = pa.schema(
    [
        (c.EVENT_ID, pa.string()),
        (c.PERSON, pa.string()),
        (c.ITEM, pa.string()),
        ("aspect", pa.string()),
        ("polarity", pa.int8()),
        ("clause", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """What reviews gave.

    Attributes:
        reviews: reviews in words.
        learned_from: rated reviews whose feeling was learned; 0 where there were too few and lists of words decide.
        products: products of which anything is known.
        points: selling points.
        findings: what could not be said, and why.
        held: how the learned model did on rated reviews that it had not seen; ``None`` where nothing was learned.
    """

    reviews: int = 0
    learned_from: int = 0
    products: int = 0
    points: int = 0
    findings: tuple[Finding, ...] = ()
    held: Held | None = None


def read_reviews(engine: Engine, settings: ReviewSettings, now: datetime, progress: Progress = silent) -> ReviewReport:
    """Write dataset ``product_aspects``. Needs table ``products``.

    Args:
        now: later reviews are not read.
    """
    events(engine)
    asked = query(PACKAGE, "reviews", now=now)
    total = number(engine, f"SELECT count(*) FROM ({asked}) r")
    if not total:
        lacking = (_unwritten(engine, now),)
        engine.write(PRODUCT_ASPECTS.empty_table().to_reader(), DATASET, meta=kept(lacking))
        return ReviewReport(findings=lacking)
    progress(Step("profile.reviews", 0, total))
    opinions, findings = _opinions(engine, asked, settings.learn_from)
    read = 0

    def speak(batch: pa.RecordBatch) -> pa.RecordBatch:
        nonlocal read
        read += batch.num_rows
        progress(Step("profile.reviews", read, total))
        return _mentioned(batch, opinions)

    engine.map_arrow(asked, speak, _SCHEMA, _MENTIONS, scratch=True, rows=_AT_ONCE)
    engine.table(_MENTIONS, _MENTIONS)
    found = _gathered(engine, settings.least_people)
    points = int(pc.sum(found["selling_point"]).as_py() or 0)
    findings += _lacking(
        engine, now, total, (number(engine, f"SELECT count(*) FROM {_MENTIONS}"), points, settings.least_people)
    )
    engine.write(found.to_reader(), DATASET, meta=kept(findings))
    engine.drop(_MENTIONS)
    return ReviewReport(
        reviews=total,
        learned_from=0 if opinions is None else opinions.reviews,
        products=pc.count_distinct(found[c.ITEM]).as_py(),
        points=points,
        findings=tuple(findings),
        held=None if opinions is None else opinions.held,
    )


def _unwritten(engine: Engine, now: datetime) -> Finding:
    """Why there is no review to read."""
    rows = _rows(engine, query(PACKAGE, "reviews_unwritten", now=now))
    reviews, worded = (int(rows[0][name] or 0) for name in ("reviews", "worded"))
    why = "no-product" if worded else "no-words" if reviews else "no-reviews"
    return Finding("reviews", why, {"reviews": worded or reviews})


def _lacking(engine: Engine, now: datetime, total: int, said: tuple[int, int, int]) -> list[Finding]:
    """What reviews did not give; ``said``: mentions, selling points, people who make one."""
    found = []
    strange = number(engine, query(PACKAGE, "reviews_strange", now=now, readable=_READABLE))
    if strange:
        found.append(Finding("reviews", "other-scripts", {"count": strange, "reviews": total}))
    if not said[0]:
        found.append(Finding("reviews", "nothing-said", {"reviews": total}))
    elif not said[1]:
        found.append(Finding("reviews", "no-points", {"least": said[2]}))
    return found


def _opinions(engine: Engine, asked: str, most: int) -> tuple[Opinions | None, list[Finding]]:
    """What good and bad reviews sound like in this shop; ``None``, and why, where too few are rated.

    Half of them good and half bad, as far as there are, so that a shop where nearly all are content learns both.
    """
    texts: list[str] = []
    good: list[bool] = []
    for wanted, rated in ((True, f"rating >= {_GOOD}"), (False, f"rating <= {_BAD}")):
        drawn = f"SELECT text FROM ({asked}) r WHERE {rated} ORDER BY event_id LIMIT {most // 2}"
        rows = [text for batch in engine.batches(drawn) for text in batch.column(0).to_pylist()]
        texts += rows
        good += [wanted] * len(rows)
    found = learn(texts, good)
    if isinstance(found, Opinions):
        return found, []
    facts = {"good": sum(good), "bad": len(good) - sum(good), "least": LEAST}
    return None, [Finding("reviews", found.why, facts)]


def _mentioned(batch: pa.RecordBatch, opinions: Opinions | None) -> pa.RecordBatch:
    found = mentions(batch.column(c.TEXT), batch.column(c.CATEGORY), opinions=opinions)
    owner = batch.take(found["row"].combine_chunks()) if found.num_rows else batch.slice(0, 0)
    columns = [owner.column(name) for name in (c.EVENT_ID, c.PERSON, c.ITEM)]
    columns += [found[name].combine_chunks() for name in ("aspect", "polarity", "clause")]
    return pa.record_batch(columns, schema=_SCHEMA)


def _gathered(engine: Engine, least: int) -> pa.Table:
    quotes: dict[tuple[str, str, int], list[dict[str, str]]] = defaultdict(list)
    shown = query(PACKAGE, "aspect_quotes", shortest=_SHORTEST, longest=_LONGEST, shown=_SHOWN)
    for row in _rows(engine, shown):
        key = (row[c.ITEM], row["aspect"], row["polarity"])
        quotes[key].append({"clause": row["clause"], c.EVENT_ID: row[c.EVENT_ID]})
    rows = _rows(engine, query(PACKAGE, "product_aspects", least=least))
    praised, blamed = (np.array([row[name] for row in rows], float) for name in ("praised", "blamed"))
    low = wilson_low(praised, praised + blamed)
    told = [
        {
            **row,
            "low": float(bound),
            "selling_point": bool(bound > 0.5 and row["praised"] >= least and about(row["aspect"]) == "product"),
            "praise": quotes[row[c.ITEM], row["aspect"], 1],
            "blame": quotes[row[c.ITEM], row["aspect"], -1],
        }
        for row, bound in zip(rows, low, strict=True)
    ]
    return pa.Table.from_pylist(told, PRODUCT_ASPECTS)


def wilson_low(hits: npt.NDArray[np.float64], trials: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The low end of Wilson's 95 % interval of a share; 0 without trials.

    Example:
        >>> import numpy as np
        >>> wilson_low(np.array([10.0, 0.0]), np.array([10.0, 0.0])).round(3).tolist()
        [0.722, 0.0]
    """
    tried = np.maximum(trials, 1)
    share, square = hits / tried, _Z * _Z / tried
    low = (share + square / 2 - np.sqrt(square * (share * (1 - share) + square / 4))) / (1 + square)
    return np.where(trials > 0, np.maximum(low, 0.0), 0.0)


def known(engine: Engine) -> bool:
    """Whether reviews were read and said anything; if so, ``product_aspects`` is readable."""
    found = manifest.find(engine.root, DATASET)
    if found is None or not found.rows:
        return False
    engine.table(DATASET, DATASET)
    return True


def _rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]

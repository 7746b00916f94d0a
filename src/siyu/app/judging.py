"""How well reviews are read: learned from one part of a file of rated reviews, judged on the part kept apart.

The judge is scikit-learn's own accuracy. A text is of the part kept apart where its SHA-1 says so, so that equal texts
are never on both sides, and everybody who judges the same file judges the same part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.measuring import measured
from siyu.domain.errors import InputError
from siyu.domain.progress import Progress, Step, silent
from siyu.profiles.reviews.opinions import LEAST, Opinions, learn

PARTS: Final = 5
"""One part in so many is kept apart."""
_GOOD, _BAD = 4.0, 2.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found.

    Attributes:
        learned_from: reviews learned from; ``reviews``: reviews of the part kept apart.
        good: share of the satisfied among these; what always saying the more frequent kind would be right in is
            ``always``.
        accuracy: share told rightly; ``auc``, ``brier``: of the chances.
        expected: the accuracy that the model said of itself, from its own held-out tenth.
        groups: reviews and accuracy by group.
        cpu_seconds, seconds, peak_mb: of learning and judging.
    """

    file: str
    learned_from: int
    reviews: int
    good: float
    always: float
    accuracy: float
    auc: float
    brier: float
    expected: float
    cpu_seconds: float
    seconds: float
    peak_mb: float
    groups: Mapping[str, tuple[int, float]] = field(default_factory=dict)


def judge_reviews(
    path: Path, *, text: str = "text", label: str = "rating", group: str = "", progress: Progress = silent
) -> Judged:
    """Judge how well the feeling of reviews is learned, on the reviews of a file (CSV, JSON lines or Parquet).

    Args:
        text: the column of words. ``label``: the column of ratings, 1 to 5 (3 is left out), or of 0 and 1.
        group: a column by which accuracy is told apart, such as a category.

    Raises:
        InputError: the file cannot be read, has no such column, or holds too few rated reviews.
    """
    rows = _rows(path, [text, label, *([group] if group else [])])
    words = pc.fill_null(rows[text].cast(pa.string()), "").to_pylist()
    good, rated = _labels(rows[label], path)
    apart = np.array([_part(one) == 0 for one in words], dtype=np.bool_)
    taught, asked = rated & ~apart, rated & apart
    progress(Step("reviews.judge", 0, int(taught.sum())))
    with measured("judge") as taken:
        model = learn([words[row] for row in np.flatnonzero(taught)], good[taught].tolist())
        if not isinstance(model, Opinions) or not asked.any() or len(set(good[asked].tolist())) < 2:
            raise InputError(
                f"{path} holds too few rated reviews to judge.",
                why=f"{int((good & rated).sum())} good and {int((~good & rated).sum())} bad ones; {LEAST} of each are "
                "learned from, and a fifth is kept apart.",
                next_step="Give a file with more of them, or name the columns with --text and --label.",
            )
        chances = model.chances([words[row] for row in np.flatnonzero(asked)])
    from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score  # the judge is not ours

    truth, said = good[asked], chances > 0.5
    names = np.array(pc.fill_null(rows[group].cast(pa.string()), "").to_pylist())[asked] if group else np.empty(0)
    share = float(truth.mean())
    return Judged(
        file=path.name,
        learned_from=int(taught.sum()),
        reviews=int(asked.sum()),
        good=share,
        always=max(share, 1 - share),
        accuracy=float(accuracy_score(truth, said)),
        auc=float(roc_auc_score(truth, chances)),
        brier=float(brier_score_loss(truth, chances)),
        expected=model.held.accuracy,
        cpu_seconds=taken.cpu_seconds,
        seconds=taken.seconds,
        peak_mb=taken.peak_mb,
        groups={
            str(name): (int((names == name).sum()), float(accuracy_score(truth[names == name], said[names == name])))
            for name in np.unique(names)
        },
    )


def _part(text: str) -> int:
    return int(hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), 16) % PARTS


def _rows(path: Path, columns: list[str]) -> pa.Table:
    from pyarrow import csv, json, parquet

    readers: dict[str, Any] = {".parquet": parquet.read_table, ".jsonl": json.read_json, ".csv": csv.read_csv}
    suffix = next((one for one in reversed(path.suffixes) if one in readers), "")
    try:
        if not suffix:
            raise ValueError(f"it ends in {path.suffix or 'nothing'}, not in {', '.join(sorted(readers))}")
        table: pa.Table = readers[suffix](path)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read.", why=f"{error}.", next_step="Name a CSV, JSON lines or Parquet file."
        ) from error
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise InputError(
            f"{path} has no column {', '.join(missing)}.",
            why=f"Its columns: {', '.join(table.column_names)}.",
            next_step="Name the columns with --text, --label and --group.",
        )
    return table.select(columns)


def _labels(column: pa.ChunkedArray, path: Path) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether each writer was satisfied, and whether that can be said."""
    try:
        values = np.asarray(column.cast(pa.float64()).to_numpy(), float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(
            f"The labels of {path} are no numbers.",
            why=str(error),
            next_step="Give ratings from 1 to 5, or 1 for good and 0 for bad.",
        ) from error
    known = np.isfinite(values)
    if set(np.unique(values[known]).tolist()) <= {0.0, 1.0}:
        return values == 1, known
    return values >= _GOOD, known & ((values >= _GOOD) | (values <= _BAD))

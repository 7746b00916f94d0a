"""Lines of the message compared: each line of the subject and of the opening by itself, not their combinations.

Rates are plain counts. Whether a line stands out is asked among people who could have got it as well as another, in
strata of likes (:mod:`siyu.reports.strata`), and corrected for how many lines are asked about (Benjamini and Hochberg),
over all parts together. Where a policy did not choose evenly, nothing is said: those who got a line were picked.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.reports.outcomes import TREATED, flag
from siyu.reports.plain import plain
from siyu.reports.settings import ReportSettings
from siyu.reports.source import Figures, Source, empty
from siyu.reports.strata import Flags, share_difference_within
from siyu.reports.wordings import Component, Wordings, wordings
from siyu.stats.discoveries import benjamini_hochberg
from siyu.stats.estimate import Estimate
from siyu.stats.proportions import share

MEASURES: Final[Mapping[str, str]] = {"subject": "opened"}
"""What a part is judged by: a subject line by opens, everything that is read after opening by clicks."""

_RATES: Final = {"opened": "opens", "clicked": "clicks"}
_UNJUDGED: Final = {"difference": None, "compared_with": None, "p": None, "adjusted_p": None, "stands_out": False}


class Judged(StrEnum):
    """Whether lines were judged, and if not, why."""

    YES = "yes"
    EARLY = "early"  # people may still react; looking early finds too much
    UNEVEN = "uneven"  # some lines were likelier than others


def build(source: Source) -> Figures:
    """Per part: its lines with people, open and click rates and their difference from the others; the rest added up."""
    outcomes = _written_to(source)
    if outcomes is None:
        return empty("no-outcomes")
    found = wordings(source, outcomes) if outcomes.num_rows and source.has("messages") else None
    if found is None or not found.components:
        return empty("no-variants")
    if not (found.opened | found.clicked).any():
        return empty("no-reactions")
    judged = Judged.EARLY if not source.final else Judged.YES if found.even else Judged.UNEVEN
    components = [_component(found, one, source, judge=judged is Judged.YES) for one in found.components]
    tested = [row for one in components for row in one["pieces"] if row["p"] is not None]
    _adjust(tested, 1 - source.settings.level)
    return {
        "people": int(found.opened.size),
        "variants": found.variants,
        "judged": judged.value,
        "tested": len(tested),
        "found": sum(row["stands_out"] for row in tested),
        "components": [_cut(one, source.settings) for one in components],
    }


def _written_to(source: Source) -> pa.Table | None:
    """Person, variant, opened and clicked of the treated who were written to."""
    rows = source.outcomes
    if rows is None or not {"person", "variant"} <= set(rows.column_names):
        return None
    flags = {name: flag(rows, name) for name in ("sent", "opened", "clicked")}
    variant = pc.fill_null(rows["variant"].cast(pa.string()), "")
    kept = pc.and_(pc.equal(rows["arm"].cast(pa.string()), TREATED), pc.and_(flags["sent"], pc.not_equal(variant, "")))
    table = pa.table(
        {
            "person": rows["person"].cast(pa.string()),
            "variant": variant,
            "opened": pc.or_(flags["opened"], flags["clicked"]),
            "clicked": flags["clicked"],
        }
    )
    return table.filter(pc.fill_null(kept, False))


def _component(found: Wordings, one: Component, source: Source, *, judge: bool) -> dict[str, Any]:
    """Every line that enough people got, and the sums of the others."""
    measure = MEASURES.get(one.part, "clicked")
    level, least = source.settings.level, source.settings.least_shown
    sizes = np.bincount(one.codes[one.codes >= 0], minlength=len(one.pieces))
    pieces = []
    for code in np.flatnonzero(sizes >= least).tolist():
        name = one.pieces[code]
        row = {"piece": name, "text": found.texts.get(name, name), **_counts(found, one.codes == code)}
        row |= _against_others(found, one, code, measure, level) if judge else _UNJUDGED
        pieces.append(row)
    small = _counts(found, np.isin(one.codes, np.flatnonzero(sizes < least)))
    return {"part": one.part, "measure": measure, "pieces": pieces, "rest": small, "lines": len(one.pieces)}


def _counts(found: Wordings, mask: Flags) -> dict[str, Any]:
    return {
        "people": int(mask.sum()), "opens": int(found.opened[mask].sum()), "clicks": int(found.clicked[mask].sum()),
    }  # fmt: skip


def _against_others(found: Wordings, one: Component, code: int, measure: str, level: float) -> dict[str, Any]:
    among = found.could_have(one, code)
    exposed = one.codes[among] == code
    success = getattr(found, measure)[among]
    strata = found.strata[among]
    difference = share_difference_within(success, exposed, strata, level=level)
    return {
        **_UNJUDGED,
        "difference": plain(difference),
        "compared_with": int((~exposed & np.isin(strata, strata[exposed])).sum()),
        "p": difference.p if isinstance(difference, Estimate) else None,
    }


def _adjust(rows: list[dict[str, Any]], most: float) -> None:
    for row, adjusted in zip(rows, benjamini_hochberg([row["p"] for row in rows]), strict=True):
        row["adjusted_p"] = adjusted
        row["stands_out"] = adjusted <= most


def _cut(one: dict[str, Any], settings: ReportSettings) -> dict[str, Any]:
    """The lines that stand out and those that most people got, ``top`` in all; the others added up in one row.

    Others of fewer than ``least_shown`` people together are not shown.
    """
    top, level = settings.top, settings.level
    ordered = sorted(one["pieces"], key=lambda row: (not row["stands_out"], -row["people"], row["piece"]))
    kept, others = ordered[:top], ordered[top:]
    counts = {name: one["rest"][name] + sum(row[name] for row in others) for name in ("people", "opens", "clicks")}
    enough = counts["people"] >= settings.least_shown
    rest = {"lines": one["lines"] - len(kept), **_with_rates(counts, level)} if enough else None
    return {**one, "pieces": [_with_rates(row, level) for row in kept], "rest": rest}


def _with_rates(row: dict[str, Any], level: float) -> dict[str, Any]:
    rates = {name: plain(share(row[count], row["people"], level=level)) for name, count in _RATES.items()}
    return {**row, **rates}

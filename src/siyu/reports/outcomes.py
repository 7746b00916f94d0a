"""The per-person outcomes of a campaign, made safe to compute with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.errors import InputError
from siyu.stats.moments import Values

TREATED: Final = "treated"
HOLD_OUT: Final = "hold_out"


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm as arrays, one entry a person. ``variant`` is empty where nothing was written."""

    sent: npt.NDArray[np.bool_]
    opened: npt.NDArray[np.bool_]
    clicked: npt.NDArray[np.bool_]
    unsubscribed: npt.NDArray[np.bool_]
    orders: Values
    revenue: Values
    attributed_orders: Values
    attributed_revenue: Values
    variant: npt.NDArray[np.object_]

    @property
    def people(self) -> int:
        """People randomised into the arm, sent to or not."""
        return int(self.revenue.size)

    def where(self, mask: npt.NDArray[np.bool_]) -> Arm:
        """The people of ``mask``."""
        return Arm(*(getattr(self, field.name)[mask] for field in fields(self)))


def arm(outcomes: pa.Table, name: str) -> Arm:
    """The people of ``outcomes`` whose ``arm`` is ``name``.

    Args:
        outcomes: one row a person: person, arm, sent, opened, clicked, unsubscribed, orders, revenue,
            attributed_orders, attributed_revenue, variant. Absent columns and nulls count as none; money that is no
            number too.

    Raises:
        InputError: there is no column ``arm``, or a person has several rows.
    """
    if "arm" not in outcomes.column_names:
        raise InputError(
            "The outcomes have no column 'arm'.",
            why=f"They have {', '.join(outcomes.column_names) or 'no columns'}.",
            next_step="Pass one row a person with the arm they were put in.",
        )
    rows = outcomes.filter(pc.fill_null(pc.equal(outcomes["arm"].cast(pa.string()), name), False))
    if "person" in rows.column_names and len(rows["person"].unique()) != rows.num_rows:
        raise InputError(
            f"People of arm {name!r} appear more than once in the outcomes.",
            why="Counting somebody twice makes every interval too narrow.",
            next_step="Add up their messages first: one row a person.",
        )
    rows = rows.sort_by("person") if "person" in rows.column_names else rows  # draws do not hang on the order of rows
    return Arm(
        sent=_flags(rows, "sent"),
        opened=_flags(rows, "opened"),
        clicked=_flags(rows, "clicked"),
        unsubscribed=_flags(rows, "unsubscribed"),
        orders=_money(rows, "orders"),
        revenue=_money(rows, "revenue"),
        attributed_orders=_money(rows, "attributed_orders"),
        attributed_revenue=_money(rows, "attributed_revenue"),
        variant=_names(rows, "variant"),
    )


def flag(rows: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of yes and no; null is no, and so is a column that is not there."""
    if name not in rows.column_names:
        return pa.chunked_array([pa.array(np.zeros(rows.num_rows, dtype=np.bool_))])
    return pc.fill_null(rows[name].cast(pa.bool_()), False)


def _flags(rows: pa.Table, name: str) -> npt.NDArray[np.bool_]:
    return np.asarray(flag(rows, name).to_numpy(), dtype=np.bool_)


def _money(rows: pa.Table, name: str) -> Values:
    if name not in rows.column_names:
        return np.zeros(rows.num_rows)
    values = np.asarray(pc.fill_null(rows[name].cast(pa.float64()), 0.0).to_numpy(), dtype=np.float64)
    return np.where(np.isfinite(values), values, 0.0)


def _names(rows: pa.Table, name: str) -> npt.NDArray[np.object_]:
    if name not in rows.column_names:
        return np.full(rows.num_rows, "", dtype=np.object_)
    return np.asarray(pc.fill_null(rows[name].cast(pa.string()), "").to_numpy(zero_copy_only=False), dtype=np.object_)

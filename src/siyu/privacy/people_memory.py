"""Which rows of people were read before, so that a daily import looks at new and changed rows only.

Kept are keyed marks of rows, from which nothing can be read. Rows that were refused are not kept: they are looked at,
and counted, every time, and what was refused for now (a consent of tomorrow) is taken when its time has come. Erasing a
person empties the memory: the next import looks at every row again.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from siyu.privacy.contacts import ContactBook
from siyu.privacy.people_files import COLUMNS
from siyu.privacy.settings import PeopleSettings
from siyu.store import meta

Marks = npt.NDArray[np.uint64]

_NAME = "people-rows"


def marks_of(rows: pa.Table, book: ContactBook, settings: PeopleSettings) -> Marks:
    """The mark of every row; the settings that shape what is made of it are part of it."""
    zone = "" if settings.timezone == "UTC" else f" {settings.timezone}"
    shaped = f"{settings.country} {settings.reserved} {settings.consent_how}{zone}"
    columns = [pc.fill_null(rows.column(name), "\x00") for name in COLUMNS]
    whole = pc.binary_join_element_wise(shaped, *columns, "\x1f")
    return np.frombuffer(book.row_marks(whole.to_pylist()), dtype=np.uint64)


def unread(marks: Marks, book: ContactBook) -> npt.NDArray[np.bool_]:
    """Mask of the rows that no earlier import kept."""
    with book.store.reading() as connection:
        kept: Any = meta.get(connection, _NAME)
    before = np.frombuffer(b64decode(kept or ""), dtype=np.uint64)
    return ~np.isin(marks, before)


def keep(marks: Marks, book: ContactBook) -> None:
    """Remember these rows, and no others."""
    text = b64encode(np.unique(marks).tobytes()).decode()
    with book.store.connection() as connection:
        meta.put(connection, _NAME, text)


def forget(connection: Connection) -> None:
    """Remember no row."""
    meta.put(connection, _NAME, "")

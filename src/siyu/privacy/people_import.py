"""Reading people in: contacts sealed, languages and time zones kept, consents recorded with their proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.progress import Progress, Step, silent
from siyu.privacy import people_memory, people_rows
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.people_files import read
from siyu.privacy.people_memory import Marks
from siyu.privacy.people_rows import Refusals
from siyu.privacy.settings import PeopleSettings


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What an import did, in counts.

    Attributes:
        rows: lines read; ``malformed``: those that were no row at all.
        people: distinct people among them; ``new``: those not known before.
        addresses: kept, by medium; ``consents``: decisions recorded, or there already.
        refused: by reason (``missing-user``, ``not-an-email-address``, ``consent-without-how`` ...).
        unchanged: rows read before and not looked at again; addresses and consents are those of the others.
    """

    rows: int
    malformed: int
    people: int
    new: int
    addresses: Mapping[str, int]
    consents: int
    refused: Mapping[str, int]
    unchanged: int = 0


def import_people(
    source: pa.Table | Sequence[Path],
    *,
    book: ContactBook,
    consents: ConsentLedger,
    pseudonymise: Callable[[pa.Array], pa.Array],
    settings: PeopleSettings | None = None,
    progress: Progress = silent,
) -> PeopleReport:
    """Import people from files, or from a table in the same columns (:func:`siyu.privacy.synthetic.invent` makes one).

    It can be repeated: what is there already is not doubled, what changed is replaced, the erased stay erased. Of files
    only the rows of people are looked at of whom a row is new since the last import.
    Addresses are in place before consents, so that a run that was cut off never leaves consent without its proof.

    Raises:
        InputError: a file cannot be read; nothing of any file is imported then.
    """
    settings = settings or PeopleSettings()
    rows, malformed = _rows(source, settings)
    progress(Step("people.read", rows.num_rows, rows.num_rows))
    refused = Refusals()
    every = people_rows.with_user(rows, refused)
    marks = people_memory.marks_of(every, book, settings) if not isinstance(source, pa.Table) else None
    named = every if marks is None else _touched(every, people_memory.unread(marks, book))
    ids = named.column("user_id").combine_chunks()
    people = pseudonymise(ids)
    new = book.register(ids, people)
    progress(Step("people.register", new, named.num_rows))
    put = book.put(people_rows.contacts(named, people, refused))
    refused.update(put.refused)
    refused.people.append(pa.array(put.barred, pa.string()))
    progress(Step("people.contacts", sum(put.kept.values()), named.num_rows))
    alive = book.alive(pc.unique(people))
    decisions = people_rows.decisions(
        named, people, alive=alive, how=settings.consent_how, now=book.clock.now(), refused=refused
    )
    recorded = consents.record_table(decisions)
    if marks is not None:
        _remember(marks, every, ids.filter(pc.is_in(people, value_set=_together(refused.people))), book)
    progress(Step("people.consents", recorded, recorded))
    return PeopleReport(
        rows=rows.num_rows + malformed,
        malformed=malformed,
        people=pc.count_distinct(every.column("user_id")).as_py(),
        new=new,
        addresses=put.kept,
        consents=recorded,
        refused={reason: count for reason, count in sorted(refused.items()) if count},
        unchanged=every.num_rows - named.num_rows,
    )


def _touched(rows: pa.Table, unread: npt.NDArray[np.bool_]) -> pa.Table:
    """All rows of the users of whom one row is new: which of several holds depends on all of them."""
    users = rows.column("user_id")
    return rows.filter(pc.is_in(users, value_set=pc.unique(users.filter(pa.array(unread)))))


def _remember(marks: Marks, rows: pa.Table, barred: pa.Array, book: ContactBook) -> None:
    good = pc.invert(pc.is_in(rows.column("user_id"), value_set=barred))
    people_memory.keep(marks[good.combine_chunks().to_numpy(zero_copy_only=False)], book)


def _together(parts: list[pa.Array | pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for part in parts for chunk in (part.chunks if isinstance(part, pa.ChunkedArray) else [part])]
    return pa.concat_arrays(chunks)


def _rows(source: pa.Table | Sequence[Path], settings: PeopleSettings) -> tuple[pa.Table, int]:
    if isinstance(source, pa.Table):
        return people_rows.complete(source), 0
    readings = [read(path, settings.columns) for path in source]
    tables = [people_rows.complete(reading.rows) for reading in readings]
    whole = pa.concat_tables(tables) if tables else people_rows.complete(pa.table({}))
    return whole, sum(reading.malformed for reading in readings)

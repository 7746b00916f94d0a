"""Reading people in: contacts sealed, languages and time zones kept, consents recorded with their proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.domain.progress import Progress, Step, silent
from siyu.files import SourceFile
from siyu.privacy import people_aside, people_memory, people_rows
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.people_files import bare, read
from siyu.privacy.people_memory import Marks
from siyu.privacy.people_rows import PLACE, Refusals
from siyu.privacy.settings import PeopleSettings


def _drop(rows: pa.Table) -> None:
    """Keeps nothing."""


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What an import did, in counts: ``rows == accepted + sum(refused.values())``, exactly.

    Attributes:
        rows: lines read; ``accepted``: those of which everything was taken.
        people: distinct people among them; ``new``: those not known before.
        addresses: kept, by medium; ``consents``: decisions recorded, or there already.
        refused: rows set aside, by reason (``malformed``, ``not-an-email-address``, ``consent-without-how`` ...).
        unchanged: rows read before and not looked at again; addresses and consents are those of the others.
    """

    rows: int
    accepted: int
    people: int
    new: int
    addresses: Mapping[str, int]
    consents: int
    refused: Mapping[str, int]
    unchanged: int = 0


def import_people(
    source: pa.Table | Sequence[SourceFile],
    *,
    book: ContactBook,
    consents: ConsentLedger,
    pseudonymise: Callable[[pa.Array], pa.Array],
    settings: PeopleSettings | None = None,
    put_aside: Callable[[pa.Table], None] = _drop,
    progress: Progress = silent,
) -> PeopleReport:
    """Import people from files, or from a table in the same columns (:func:`siyu.privacy.synthetic.invent` makes one).

    It can be repeated: what is there already is not doubled, what changed is replaced, the erased stay erased. Of files
    only the rows of people are looked at of whom a row is new since the last import.
    Addresses are in place before consents, so that a run that was cut off never leaves consent without its proof.

    Args:
        put_aside: keeps the rows of :func:`siyu.privacy.people_aside.set_aside`; without it they are counted only.

    Raises:
        InputError: a file cannot be read; nothing of any file is imported then.
    """
    settings = settings or PeopleSettings()
    rows = people_rows.complete(bare(source) if isinstance(source, pa.Table) else read(source, settings))
    progress(Step("people.read", rows.num_rows, rows.num_rows))
    refused = Refusals(rows.num_rows)
    every = people_rows.with_user(rows, refused)
    marks = people_memory.marks_of(every, book, settings) if not isinstance(source, pa.Table) else None
    named = every if marks is None else _touched(every, people_memory.unread(marks, book))
    ids = named.column("user_id").combine_chunks()
    people = pseudonymise(ids)
    new = book.register(ids, people)
    progress(Step("people.register", new, named.num_rows))
    put = book.put(people_rows.contacts(named, people, refused))
    people_rows.bar_addresses(put, named, people, refused)
    progress(Step("people.contacts", sum(put.kept.values()), named.num_rows))
    alive = book.alive(pc.unique(people))
    decisions = people_rows.decisions(
        named, people, alive=alive, settings=settings, now=book.clock.now(), refused=refused
    )
    recorded = consents.record_table(decisions)
    gone = named[PLACE].filter(pc.invert(pc.is_in(people, value_set=alive)))
    put_aside(people_aside.set_aside(rows, refused, gone=gone.combine_chunks()))
    if marks is not None:
        _remember(marks, every, refused, book)
    progress(Step("people.consents", recorded, recorded))
    counts = refused.counts()
    return PeopleReport(
        rows=rows.num_rows,
        accepted=rows.num_rows - sum(counts.values()),
        people=pc.count_distinct(every.column("user_id")).as_py(),
        new=new,
        addresses=put.kept,
        consents=recorded,
        refused=counts,
        unchanged=every.num_rows - named.num_rows,
    )


def _touched(rows: pa.Table, unread: npt.NDArray[np.bool_]) -> pa.Table:
    """All rows of the users of whom one row is new: which of several holds depends on all of them."""
    users = rows.column("user_id")
    return rows.filter(pc.is_in(users, value_set=pc.unique(users.filter(pa.array(unread)))))


def _remember(marks: Marks, rows: pa.Table, refused: Refusals, book: ContactBook) -> None:
    users = rows.column("user_id")
    barred = pc.unique(users.filter(pc.is_in(rows[PLACE], value_set=refused.places())))
    good = pc.invert(pc.is_in(users, value_set=barred))
    people_memory.keep(marks[good.combine_chunks().to_numpy(zero_copy_only=False)], book)

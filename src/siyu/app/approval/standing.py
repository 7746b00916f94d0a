"""Which words of which messages a person must have seen, and how each message stands by what was said so far.

Two kinds of words are approved. A *piece* is a line with its slots: approving it approves it for every reader whose
facts fill it, and the gate holds those facts to the catalogue again whenever a message leaves. A *line* is one filled
text in which a check found what only a person can judge: the approval is for exactly those characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.approval.modes import Mode
from siyu.domain.kinds import Severity
from siyu.store.approvals import REFUSED

ASKING: Final = (Severity.NEEDS_EVIDENCE.value, Severity.HUMAN.value)
WORDS: Final = pa.schema(
    [
        ("row", pa.int64()),  # of the messages
        ("subject", pa.string()),
        ("part", pa.string()),
        ("text", pa.string()),  # as filled for this message
        ("rule", pa.string()),  # what asks for a person; empty for a piece
    ]
)
COLUMNS: Final = ("message_id", "person", "status", "parts", "findings")


@dataclass(frozen=True)
class Standing:
    """How messages stand.

    Attributes:
        messages: :data:`COLUMNS` of the campaign's messages.
        status: of each: ``approved`` (may leave), ``human`` (waits), ``refused``, ``no-product``.
        words: what a person must have seen (:data:`WORDS`), with ``verdict``: approved, refused or null.
        by_person: messages with status ``human`` that may leave because a person approved their words.
    """

    messages: pa.Table
    status: pa.Array
    words: pa.Table
    by_person: pa.Array

    @property
    def waiting(self) -> pa.Table:
        """Words that nobody has judged yet."""
        return self.words.filter(pc.is_null(self.words["verdict"]))


def stand(messages: pa.Table, verdicts: Mapping[str, str], mode: Mode) -> Standing:
    """How ``messages`` stand by what was said of their words."""
    messages = messages.combine_chunks()
    status = messages["status"].cast(pa.string()).combine_chunks()
    words = pa.concat_tables([_pieces(messages, status, mode), _lines(messages, status)]).combine_chunks()
    subjects = pc.unique(words["subject"])
    said = pa.array([verdicts.get(subject) for subject in subjects.to_pylist()], pa.string())
    verdict = said.take(pc.index_in(words["subject"], value_set=subjects))
    words = words.append_column("verdict", verdict)
    row = words["row"].to_numpy()
    size = messages.num_rows

    def rows_with(mask: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
        found = np.zeros(size, bool)
        found[row[pc.fill_null(mask, False).to_numpy()]] = True
        return found

    asked = np.zeros(size, bool)
    asked[row] = True
    refused = rows_with(pc.equal(words["verdict"], REFUSED))
    open_ = asked & rows_with(pc.is_null(words["verdict"])) & ~refused
    cleared = asked & ~refused & ~open_
    human = pc.equal(status, "human").to_numpy(zero_copy_only=False)
    now = pc.if_else(pa.array(cleared), "approved", status)
    now = pc.if_else(pa.array(open_), "human", now)
    now = pc.if_else(pa.array(refused), "refused", now)
    return Standing(messages, now, words, messages["message_id"].combine_chunks().filter(pa.array(cleared & human)))


def subject_of(part: str, text: str) -> str:
    """The subject of a filled line: its digest.

    Example:
        >>> subject_of("hook", "全店第一！")
        'line-6cb35e09983479fa'
    """
    return "line-" + sha256(f"{part}\x1f{text}".encode()).hexdigest()[:16]


def _pieces(messages: pa.Table, status: pa.Array, mode: Mode) -> pa.Table:
    """Pieces a person must have seen: all in modes that ask for it, else those of messages that no law pack covers."""
    human = pc.equal(status, "human")
    if mode is Mode.AUTO:
        wanted = pc.and_(human, pc.invert(pa.array(_with_asking_findings(messages))))
    else:
        wanted = pc.or_(human, pc.equal(status, "approved"))
    rows = np.flatnonzero(wanted.to_numpy(zero_copy_only=False))
    parts = messages["parts"].combine_chunks().take(pa.array(rows))
    flat = parts.flatten()
    places = rows[pc.list_parent_indices(parts).to_numpy(zero_copy_only=False)]
    columns = [pa.array(places), flat.field("piece_id"), flat.field("part"), flat.field("text")]
    return pa.Table.from_arrays([*columns, pa.repeat("", len(flat))], schema=WORDS)


def _with_asking_findings(messages: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    findings = messages["findings"].combine_chunks()
    flat = findings.flatten()
    asks = pc.is_in(flat.field("severity"), value_set=pa.array(ASKING)).to_numpy(zero_copy_only=False)
    found = np.zeros(messages.num_rows, bool)
    found[pc.list_parent_indices(findings).to_numpy(zero_copy_only=False)[asks]] = True
    return found


def _lines(messages: pa.Table, status: pa.Array) -> pa.Table:
    """Filled lines in which a check found what only a person can judge."""
    rows = np.flatnonzero(pc.equal(status, "human").to_numpy(zero_copy_only=False) & _with_asking_findings(messages))
    some = messages.select(["parts", "findings"]).take(pa.array(rows))
    found = [one for row, message in zip(rows.tolist(), some.to_pylist(), strict=True) for one in _asked(row, message)]
    return pa.Table.from_pylist(found, WORDS)


def _asked(row: int, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for finding in message["findings"]:
        if finding["severity"] not in ASKING:
            continue
        texts = [one for one in message["parts"] if finding["part"] in (one["part"], one["piece_id"])]
        for one in texts or message["parts"]:  # a finding of the whole message is about every line of it
            subject = subject_of(one["part"], one["text"])
            yield {"row": row, "subject": subject, "part": one["part"], "text": one["text"], "rule": finding["rule"]}

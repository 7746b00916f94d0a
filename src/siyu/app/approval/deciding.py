"""What `siyu approve` does: show what waits, and write down what somebody says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu.app.approval.modes import Mode
from siyu.app.approval.standing import COLUMNS, Standing, stand
from siyu.app.sending import written
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.errors import SettingsError
from siyu.store import approvals, audit

_SHOWN: Final = 3  # of the subjects that an error names


@dataclass(frozen=True, slots=True)
class Word:
    """Words that wait: a piece or a filled line, how many messages hold them, and one of those messages' text."""

    subject: str
    part: str
    text: str
    rules: tuple[str, ...]
    messages: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole message to look at."""

    message_id: str
    person: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """Where the campaign stands.

    Attributes:
        statuses: messages by status, after what was said.
        words: what waits, those that most messages wait for first; ``more`` words are not listed.
        sample: in mode ``sample``: whole messages whose words wait.
        said: words judged by this call.
    """

    campaign: str
    mode: str
    statuses: dict[str, int]
    words: tuple[Word, ...]
    more: int
    sample: tuple[Sample, ...] = ()
    said: int = 0
    verdict: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def standing_of(shop: Shop) -> Standing:
    """How the campaign's messages stand by what was said so far.

    Raises:
        MissingDataError: none were written yet.
    """
    with shop.store.reading() as connection:
        verdicts = approvals.verdicts(connection, shop.campaign.name)
    return stand(written(shop, *COLUMNS), verdicts, shop.settings.campaign.approval)


def look(shop: Shop, *, lines: int) -> Approval:
    """What waits for a person."""
    return _told(shop, standing_of(shop), lines)


def decide(
    shop: Shop, subjects: Sequence[str], *, whole: bool, refuse: bool, who: str, note: str = "", lines: int = 20
) -> Approval:
    """Approve, or refuse, ``subjects``; everything that waits where ``whole``.

    Raises:
        SettingsError: a subject belongs to no message of the campaign.
    """
    before = standing_of(shop)
    known = set(pc.unique(before.words["subject"]).to_pylist())
    named = [found for asked in subjects for found in _matching(asked, known)]
    chosen = list(dict.fromkeys([*named, *(pc.unique(before.waiting["subject"]).to_pylist() if whole else ())]))
    verdict = approvals.REFUSED if refuse else approvals.APPROVED
    mode = shop.settings.campaign.approval
    how = "named" if not whole else ("sample" if mode is Mode.SAMPLE else "all")
    if chosen:
        _note(shop, chosen, verdict=verdict, how=how, who=who, note=note)
    done = _told(shop, standing_of(shop), lines)
    return Approval(
        done.campaign, done.mode, done.statuses, done.words, done.more, done.sample, len(chosen), verdict, {"who": who}
    )


def _note(shop: Shop, subjects: Sequence[str], *, verdict: str, how: str, who: str, note: str) -> None:
    """Write it down, and in the audit log: who, what and how much, with a digest of the list."""
    now, campaign = shop.clock.now(), shop.campaign.name
    digest = sha256("\n".join(sorted(subjects)).encode()).hexdigest()
    detail = {"verdict": verdict, "how": how, "subjects": len(subjects), "digest": digest, "note": note}
    with shop.store.connection(durable=True) as connection:
        approvals.add(connection, campaign, subjects, verdict=verdict, how=how, who=who, note=note, at=now)
        audit.append(connection, at=now, actor=who, action="copy.approve", subject=campaign, detail=detail)


def _matching(asked: str, known: set[str]) -> list[str]:
    found = [subject for subject in known if subject == asked] or [s for s in known if s.startswith(asked)]
    if len(found) != 1:
        some = ", ".join(sorted(found or known)[:_SHOWN])
        raise SettingsError(
            f"{asked!r} names no words of this campaign." if not found else f"{asked!r} names several.",
            why=f"For example: {some}." if some else "Nothing of this campaign needs a person.",
            next_step="`siyu approve` lists what waits, with its ids.",
        )
    return found


def _told(shop: Shop, now: Standing, lines: int) -> Approval:
    waiting = now.waiting
    groups = waiting.group_by("subject", use_threads=False).aggregate(
        [("row", "count_distinct"), ("part", "first"), ("text", "first"), ("rule", "distinct")]
    )
    groups = groups.sort_by([("row_count_distinct", "descending"), ("subject", "ascending")])
    words = tuple(
        Word(
            one["subject"], one["part_first"], one["text_first"],
            tuple(sorted(filter(None, one["rule_distinct"]))), one["row_count_distinct"],
        )
        for one in groups.slice(0, lines).to_pylist()
    )  # fmt: skip
    counts = {one["values"]: one["counts"] for one in pc.value_counts(now.status).to_pylist()}
    settings = shop.settings.campaign
    sample = _sample(now, settings.approval_sample) if settings.approval is Mode.SAMPLE else ()
    return Approval(
        shop.campaign.name, settings.approval.value, dict(sorted(counts.items())), words,
        max(0, groups.num_rows - lines), sample,
    )  # fmt: skip


def _sample(now: Standing, size: int) -> tuple[Sample, ...]:
    """Messages whose words wait, drawn by the digest of their ids: the same ones whoever looks, and nobody's choice."""
    rows = pc.unique(now.waiting["row"])
    ids = now.messages["message_id"].combine_chunks().take(rows)
    order = sorted(range(len(ids)), key=lambda place: sha256(ids[place].as_py().encode()).digest())[:size]
    some = now.messages.select(["message_id", "person", "parts"]).take(rows.take(pa.array(order, pa.int64())))
    return tuple(
        Sample(one["message_id"], one["person"], tuple((part["part"], part["text"]) for part in one["parts"]))
        for one in some.to_pylist()
    )


def sentences(done: Approval) -> list[str]:
    """Where the campaign stands, line by line."""
    lines = [say(f"approve.said.{done.verdict}", count=done.said, who=done.facts["who"])] if done.verdict else []
    lines += [
        say("result.reason", reason=say(f"statuses.{key}"), count=count) for key, count in sorted(done.statuses.items())
    ]
    if not done.words:
        return [*lines, say("approve.nothing")]
    for one in done.sample:
        lines += ["", one.message_id, *(f"  {part}: {text}" for part, text in one.parts)]
    lines += ["", say("approve.waiting", count=len(done.words) + done.more)]
    for word in done.words:
        rules = f"  [{', '.join(word.rules)}]" if word.rules else ""
        lines.append(f"  {word.subject}  ×{word.messages}  {word.part}{rules}")
        lines.append(f"      {word.text}")
    if done.more:
        lines.append(say("approve.more", count=done.more))
    return [*lines, say("approve.next")]

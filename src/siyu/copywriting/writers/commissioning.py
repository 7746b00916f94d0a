"""Getting orders written: kept drafts first, then requests side by side, every line judged, refused ones sent back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final, NamedTuple

from siyu.copywriting import saying
from siyu.copywriting.templates import compile_line
from siyu.copywriting.titles import width
from siyu.copywriting.writers import wording
from siyu.copywriting.writers.answering import lines_of
from siyu.copywriting.writers.chatting import Chat, Reply
from siyu.copywriting.writers.keeping import Draft, Drafts
from siyu.copywriting.writers.offline import piece
from siyu.copywriting.writers.orders import Order
from siyu.copywriting.writers.port import Desk, Usage
from siyu.copywriting.writers.prompting import Refused, messages
from siyu.copywriting.writers.spending import BudgetSpentError
from siyu.domain.copy import Finding, Piece
from siyu.domain.errors import InputError

_FAILED_IN_A_ROW: Final = 3
_FOR_GOOD: Final = frozenset({400, 401, 402, 403, 404, 405})
"""No further request would fare better: the key, the credit, the path or the model is wrong."""
_WIDEST: Final = {"subject": 25.0, "call": 12.0}
_WIDE: Final = 60.0
Pair = tuple[str, str]


class _Job(NamedTuple):
    """Orders of one request; ``failed``: it was tried in vain before."""

    orders: list[Order]
    refused: dict[str, list[Refused]]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the lines of an order, as they come and again whenever they are used.

    Attributes:
        allowed: words the shop allows beside the known ones.
    """

    desk: Desk
    writer: str
    allowed: frozenset[str]

    def piece(self, order: Order, part: str, text: str) -> Piece:
        """A line as a piece."""
        kinds = {"subject": order.speaks_of, "hook": order.speaks_of}
        return piece(part, text, self.writer, _kind_of(text) if part == "point" else kinds.get(part, ""))

    def findings(self, order: Order, part: str, text: str) -> list[Finding]:
        """What bars a line; empty for a good one."""
        if part not in order.lines:
            return [_no_part(part)]
        made = self.piece(order, part, text)
        draft = wording.Draft(
            part, text, order.language, order.groups.get(part, ()), frozenset(order.slots), order.told,
            order.brief.occasion if order.kind == "occasion" else "",
            order.brief.reason if order.kind == "reason" else "",
        )  # fmt: skip
        found = [*wording.look(draft, allowed=self.allowed), *_shape(order, made)]
        return found + self.desk.review(order.brief, [made])


class Commission:
    """Gets orders written.

    Args:
        together: orders in one request. threads: requests at a time.
    """

    def __init__(
        self, chat: Chat, drafts: Drafts, judge: Judge, usage: Usage, *, together: int, threads: int
    ) -> None:  # fmt: skip
        self._chat, self._drafts, self._judge, self._usage = chat, drafts, judge, usage
        self._together, self._threads = together, threads
        self._known: dict[str, Draft] = {}
        self._failed = 0

    def run(self, orders: Sequence[Order], may_ask: Callable[[Order], bool]) -> dict[str, tuple[Piece, ...]]:
        """Good pieces by key of the order; orders that still wait to be asked for are left out.

        Args:
            orders: those that most readers share first.
        """
        begun = time.monotonic()
        self._usage.orders = len(orders)
        self._known = self._drafts.find(order.key for order in orders)
        todo = [order for order in orders if not self._known.get(order.key, Draft()).done]
        self._usage.kept = len(orders) - len(todo)
        asked = [order for order in todo if may_ask(order)]
        self._usage.rare = len(todo) - len(asked)
        rare = {order.key for order in todo} - {order.key for order in asked}
        try:
            self._ask(asked)
        finally:
            self._drafts.close()
            self._usage.seconds = time.monotonic() - begun
        done = {o.key: self._pieces(o) for o in orders if self._known.get(o.key, Draft()).done or o.key in rare}
        self._usage.unasked = len(orders) - len(done)
        return done

    def _pieces(self, order: Order) -> tuple[Piece, ...]:
        """Lines that are good by today's checks."""
        good = [pair for pair in self._known.get(order.key, Draft()).good if not self._judge.findings(order, *pair)]
        return tuple({made.piece_id: made for made in (self._judge.piece(order, *pair) for pair in good)}.values())

    def _ask(self, orders: Sequence[Order]) -> None:
        jobs = deque(self._jobs(orders))
        running: dict[Future[Reply], _Job] = {}
        with ThreadPoolExecutor(self._threads, thread_name_prefix="siyu-writer") as pool:
            while jobs or running:
                while jobs and len(running) < self._threads and not self._usage.stopped:
                    job = jobs.popleft()
                    running[pool.submit(self._chat.ask, messages(job.orders, job.refused or None))] = job
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    jobs.extendleft(self._taken(future, running.pop(future)))

    def _jobs(self, orders: Sequence[Order]) -> Iterable[_Job]:
        """Orders of one kind and language together, in their order; those cut off while being mended alone."""
        groups: dict[tuple[str, str], list[Order]] = {}
        for order in orders:
            found = self._known.get(order.key)
            if found is not None and found.bad:
                yield _Job([order], {order.key: self._refused(order, found.bad)})
                continue
            group = groups.setdefault((order.kind, order.language), [])
            group.append(order)
            if len(group) == self._together:
                yield _Job(groups.pop((order.kind, order.language)), {})
        for group in groups.values():
            yield _Job(group, {})

    def _refused(self, order: Order, bad: Sequence[Pair]) -> list[Refused]:
        return [(part, text, self._judge.findings(order, part, text)) for part, text in bad]

    def _taken(self, future: Future[Reply], job: _Job) -> list[_Job]:
        """Take a reply in; jobs it makes necessary."""
        try:
            reply = future.result()
        except BudgetSpentError as spent:
            self._usage.stopped = self._usage.stopped or spent.of
            return []
        except InputError as error:
            self._failed += 1
            if error.facts.get("status") in _FOR_GOOD or self._failed >= _FAILED_IN_A_ROW:
                self._usage.stopped, self._usage.why = self._usage.stopped or "server", error.why
            return [] if self._usage.stopped or job.failed else [job._replace(failed=True)]
        self._failed = 0
        self._count(reply, job)
        lines = lines_of(reply.content)
        news = {o.key: self._draft(o, lines.get(str(n), [])) for n, o in enumerate(job.orders, 1)}
        self._drafts.keep(news)
        self._known |= news
        return self._again(job.orders)

    def _count(self, reply: Reply, job: _Job) -> None:
        usage = self._usage
        usage.repairs += bool(job.refused)
        usage.tokens_in += reply.tokens_in
        usage.tokens_cached += reply.tokens_cached
        usage.tokens_out += reply.tokens_out

    def _draft(self, order: Order, lines: Sequence[Pair]) -> Draft:
        before = self._known.get(order.key)
        good = list(before.good) if before else []
        bad: list[Pair] = []
        for part, raw in lines:
            text = wording.tidy(raw)
            findings = self._judge.findings(order, part, text)
            self._usage.drafts += 1
            if findings:
                rule = findings[0].rule
                self._usage.refused_by[rule] = self._usage.refused_by.get(rule, 0) + 1
                bad.append((part, text))
            elif (part, text) not in good:
                self._usage.good += 1
                good.append((part, text))
        repairs = before.repairs + 1 if before else 0
        enough = all(sum(p == part for p, _ in good) >= order.needs(part) for part in order.lines)
        done = enough or repairs >= self._judge.desk.max_repairs
        self._usage.refused += done and not enough
        wanted = [pair for pair in bad if sum(p == pair[0] for p, _ in good) < order.needs(pair[0])] if not done else []
        return Draft(tuple(good), tuple(wanted), repairs, done)

    def _again(self, orders: Sequence[Order]) -> list[_Job]:
        """What was refused goes back with its findings; an order of which nothing came to mend, as it was."""
        back = [order for order in orders if not self._known[order.key].done]
        refused = {order.key: self._refused(order, self._known[order.key].bad) for order in back}
        mended = [order for order in back if refused[order.key]]
        anew = [order for order in back if not refused[order.key]]
        jobs = [_Job(mended, {order.key: refused[order.key] for order in mended}), _Job(anew, {})]
        return [job for job in jobs if job.orders]


def _kind_of(text: str) -> str:
    """Kind of a selling point: what it tells."""
    slots = [slot for slot in compile_line(text).slots if not slot.endswith((".name", ".unit"))]
    named = [slot for slot in slots if slot.startswith("attr.")]
    if named:
        return saying.attribute_group(named[0][5:]) if len(named) == 1 else "pair"
    return next((slot.split(".")[0] for slot in slots), "")


def _shape(order: Order, made: Piece) -> Iterable[Finding]:
    """What an order asks of a line's form."""
    if width(made.text) > _WIDEST.get(made.part, _WIDE):
        yield _form(made.text, "It is too long.")
    if made.part == "reveal" and not {"title", "title.short"} & set(made.slots):
        yield _form(made.text, "It must name {title}.")
    if made.part == "point" and not any(slot.startswith(("attr.", "praise.", "brand")) for slot in made.slots):
        yield _form(made.text, "It must tell a fact by its slot.")
    if made.part == "call" and made.slots:
        yield _form(made.text, "A button takes no slot.")
    if order.kind == "angle" and made.part == "hook" and not any(slot.startswith("angle") for slot in made.slots):
        yield _form(made.text, "It must speak of {angle}.")


def _form(text: str, remedy: str) -> Finding:
    return wording.finding("draft.form", text, remedy)


def _no_part(part: str) -> Finding:
    return wording.finding("draft.part", part, "Write the parts that the order asks for.")

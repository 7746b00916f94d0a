"""The mailbox: a Maildir of real MIME files, the channel of a fresh install. Nothing leaves this machine.

Maildir (D. J. Bernstein, https://cr.yp.to/proto/maildir.html): a message is written under ``tmp`` and renamed into
``new``; readers move it to ``cur`` and add flags after ``:2,``. Here the file's name is the message id, so that a
message handed over twice, after a crash, is still one file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from siyu.delivery.channels.journal import Journal, left_behind
from siyu.delivery.channels.port import Capabilities, Outbound, Outcome, Receipt
from siyu.domain.errors import StorageError

_MANY: Final = 64  # messages of a batch from which a second thread is worth its while


class MailboxOptions(BaseModel):
    """Options of the mailbox."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(Path("mailbox"), description="Folder of the Maildir; made where it is missing.")
    sync: bool = Field(True, description="Whether messages are on the disk, safe from a power cut, before they count.")


class MailboxChannel:
    """Writes messages as files; mail readers, and Python's ``mailbox.Maildir``, can open the folder.

    A batch is made safe from a power cut by one write to a journal (:mod:`siyu.delivery.channels.journal`): asking the
    disk for every file of its own takes a hundred times as long. What the journal holds has arrived, so the files of a
    large batch are written beside the making of the next one; after a crash in between the next sender writes them.
    """

    Options: ClassVar[type[BaseModel]] = MailboxOptions
    name = "mailbox"
    capabilities = Capabilities(real=False, needs_address=False, exactly_once=True, batch=500)

    def __init__(self, options: MailboxOptions) -> None:
        self._root = options.path
        self._aside, self._new = (str(options.path / part) for part in ("tmp", "new"))  # as text: quicker
        self._sync = options.sync
        self._journal: Journal | None = None
        self._writing: Future[None] | None = None
        try:
            for part in ("tmp", "new", "cur"):
                (options.path / part).mkdir(parents=True, exist_ok=True)
            self._there = set(os.listdir(options.path / "new"))
            self._there.update(name.partition(":")[0] for name in os.listdir(options.path / "cur"))
            for message_id, mime in left_behind(options.path):
                self._deliver(message_id, mime)
        except OSError as error:
            raise self._failure(error) from error

    def send(self, batch: Sequence[Outbound]) -> Sequence[Receipt]:
        """Write every message that is not there yet."""
        try:
            self._finish()
            fresh = {one.message_id: one.mime for one in batch if one.message_id not in self._there}
            if self._sync and fresh:
                self._journal = self._journal or Journal(self._root)
                self._journal.add(fresh)
            if self._sync and len(fresh) >= _MANY:
                self._writing = self._writer.submit(self._deliver_all, fresh)
            else:
                self._deliver_all(fresh)
        except OSError as error:
            raise self._failure(error) from error
        return [Receipt(message.message_id, Outcome.ACCEPTED) for message in batch]

    def close(self) -> None:
        """Make sure that every file is on the disk, then let the journal go."""
        try:
            self._finish()
            journal, self._journal = self._journal, None
            if journal:
                journal.close()
        except OSError as error:
            raise self._failure(error) from error

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "siyu-mailbox")

    def _finish(self) -> None:
        """Wait until the files of the batch before are written."""
        writing, self._writing = self._writing, None
        if writing:
            try:
                writing.result()
            except OSError:
                if self._journal:  # these messages were accepted: it is all there is of them
                    self._journal.leave()
                    self._journal = None
                raise

    def _deliver_all(self, messages: Mapping[str, bytes]) -> None:
        for message_id, mime in messages.items():
            self._deliver(message_id, mime)

    def _deliver(self, message_id: str, mime: bytes) -> None:
        if message_id in self._there:
            return
        aside = f"{self._aside}/{message_id}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            _write_all(handle, mime)
        finally:
            os.close(handle)
        os.replace(aside, f"{self._new}/{message_id}")
        self._there.add(message_id)

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            "The mailbox cannot be written.",
            why=f"{self._root}: {error.strerror}.",
            next_step="Free space or make the folder writable, then send again; nothing is sent twice.",
            retry=True,
        )


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]

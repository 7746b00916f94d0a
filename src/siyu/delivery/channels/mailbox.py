"""The mailbox: a Maildir of real MIME files, the channel of a fresh install. Nothing leaves this machine.

Maildir (D. J. Bernstein, https://cr.yp.to/proto/maildir.html): a message is written under ``tmp`` and renamed into
``new``; readers move it to ``cur`` and add flags after ``:2,``. Here the file's name is the message id, so that a
message handed over twice, after a crash, is still one file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from siyu.delivery.channels.port import Capabilities, Outbound, Outcome, Receipt
from siyu.domain.errors import StorageError


class MailboxOptions(BaseModel):
    """Options of the mailbox."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(Path("mailbox"), description="Folder of the Maildir; made where it is missing.")
    sync: bool = Field(True, description="Whether messages are on the disk, safe from a power cut, before they count.")


class MailboxChannel:
    """Writes messages as files; mail readers, and Python's ``mailbox.Maildir``, can open the folder."""

    Options: ClassVar[type[BaseModel]] = MailboxOptions
    name = "mailbox"
    capabilities = Capabilities(real=False, needs_address=False, exactly_once=True, batch=500)

    def __init__(self, options: MailboxOptions) -> None:
        self._root = options.path
        self._sync = options.sync
        try:
            for part in ("tmp", "new", "cur"):
                (self._root / part).mkdir(parents=True, exist_ok=True)
            self._read = {name.partition(":")[0] for name in os.listdir(self._root / "cur")}
        except OSError as error:
            raise self._failure(error) from error

    def send(self, batch: Sequence[Outbound]) -> Sequence[Receipt]:
        """Write every message that is not there yet."""
        try:
            for message in batch:
                self._deliver(message)
            if self._sync and batch:
                _sync_folder(self._root / "new")
        except OSError as error:
            raise self._failure(error) from error
        return [Receipt(message.message_id, Outcome.ACCEPTED) for message in batch]

    def close(self) -> None:
        """Nothing is held open."""

    def _deliver(self, message: Outbound) -> None:
        target = self._root / "new" / message.message_id
        if message.message_id in self._read or target.exists():
            return
        aside = self._root / "tmp" / message.message_id
        with aside.open("wb") as handle:
            handle.write(message.mime)
            if self._sync:
                handle.flush()
                os.fsync(handle.fileno())
        aside.replace(target)

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            "The mailbox cannot be written.",
            why=f"{self._root}: {error.strerror}.",
            next_step="Free space or make the folder writable, then send again; nothing is sent twice.",
            retry=True,
        )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

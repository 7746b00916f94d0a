"""Where a project keeps its things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from siyu.files import is_remote


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders and files under a project's folder.

    Attributes:
        root: the folder with siyu.toml.
        state: everything Siyu makes; removing it starts afresh (and loses the keys: see docs/explanation/privacy.md).
        inputs: what relative paths of sources start from.
    """

    root: Path
    state: Path
    inputs: Path

    @classmethod
    def of(cls, root: Path, *, state: str, inputs: str) -> Paths:
        """Paths of the project in ``root``; ``state`` and ``inputs`` are relative to it or absolute."""
        root = root.resolve()
        return cls(root, root / state, root / inputs)

    @property
    def tables(self) -> Path:
        """Datasets of the engine: pseudonyms only."""
        return self.state / "tables"

    @property
    def store(self) -> Path:
        """Operational state: contacts encrypted, consent, ledger, audit."""
        return self.state / "store.db"

    @property
    def keys(self) -> Path:
        """Keys, outside the database."""
        return self.state / "keys"

    @property
    def mailbox(self) -> Path:
        """Maildir that the mailbox channel fills."""
        return self.state / "mailbox"

    @property
    def reports(self) -> Path:
        """HTML reports and their JSON twins."""
        return self.state / "reports"

    @property
    def version(self) -> Path:
        """Says which layout the state has."""
        return self.state / "version.json"

    @property
    def lock(self) -> Path:
        """Held by the run that changes the project."""
        return self.state / "lock"

    def expand(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """``paths`` of a source, made absolute from ``inputs``; a place in another store stays as it is."""
        return tuple(path if is_remote(path) else str(self.inputs / path) for path in paths)

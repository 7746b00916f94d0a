"""The notary: a mark (HMAC-SHA-256) on every message that was checked, so that it need not be read again when it goes.

What a mark proves: these words with these claims, for this reader, of this status, were written by whoever holds the
project's key, and every check of one version of the rules was put to them. It covers every column of the row, so
no edit of the datasets can make one, move one to another message, or change what it stands under. It does not prove
that the facts are still so (the gate reads them again) nor that the reader agreed (the permit does). A message without
a good mark is not refused: it is read again from the beginning, as if it had none.

Source: RFC 2104. The key is derived for this purpose alone and lies outside the datasets.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from siyu import packs
from siyu.copywriting import occasions
from siyu.copywriting.checks.table import CHECKS
from siyu.copywriting.exactly import in_lists, text
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.domain.campaigns import Campaign
from siyu.engine.schemas import MESSAGES

PURPOSE: Final = "copy-approval"
"""What the key is derived for; see :meth:`siyu.privacy.keys.KeyRing.derive`."""

MARK: Final = 32
"""Bytes of a mark."""

MARKS: Final = pa.schema(
    [
        ("message_id", pa.string()),
        ("person", pa.string()),  # so that erasure finds it
        ("campaign", pa.string()),
        ("step", pa.int32()),
        ("mark", pa.binary()),
    ]
)
"""Dataset ``copy_marks``: the mark of each message that may go without being read again."""

BANKS: Final = ("aspects", "copy", "glossary", "hooks", "language", "posts", "tone")
"""Files of ``packs/languages/<code>`` that words and checks read; those of the interface are no rules."""

ALL_OF: Final = ("attributes", "characters", "figures", "people", "sensitive")
"""Families of packs that every check reads whole, whatever the language."""


class Notary:
    """Marks rows, and knows its own marks.

    Args:
        key: 32 bytes.
        version: of the rules the rows were checked by; see :func:`rules_version`.

    Example:
        >>> rows = pa.RecordBatch.from_pylist([{"message_id": "m1", "status": "approved"}], MESSAGES)
        >>> one, other = (Notary(b"k" * 32, version).marks(rows)[0] for version in ("v1", "v2"))
        >>> len(one), one == other
        (32, False)
    """

    def __init__(self, key: bytes, version: str) -> None:
        self._key = key
        self._head = f"siyu-copy:{version}:".encode()

    def marks(self, rows: pa.RecordBatch, facts: pa.Array | None = None) -> list[bytes]:
        """The mark of each row of ``MESSAGES``.

        Args:
            facts: every fact of the rows as bytes, where the caller has them: ``exact(rows["facts"].flatten())``.
        """
        key, head = self._key, self._head
        return [hmac.digest(key, head + row, "sha256") for row in _canonical(rows, facts).to_pylist()]

    def good(
        self, rows: pa.RecordBatch, marks: Iterable[bytes | None], facts: pa.Array | None = None
    ) -> Iterator[bool]:
        """Whether each row bears its mark."""
        for made, mark in zip(self.marks(rows, facts), marks, strict=True):
            yield mark is not None and hmac.compare_digest(made, mark)


def _canonical(rows: pa.RecordBatch, facts: pa.Array | None) -> pa.Array:
    columns = [
        in_lists(rows.column("facts"), facts)
        if field.name == "facts" and facts is not None
        else text(rows.column(field.name), field.type)
        for field in MESSAGES
    ]
    return pc.binary_join_element_wise(*columns, b"").cast(pa.binary())


def rules_version(campaign: Campaign, settings: CopySettings, vocabulary: Shelf) -> str:
    """Digest of all that decides what the checks find: their code, the packs, the settings, the catalogue's names."""
    digest = hashlib.sha256(code_version().encode())
    folders = [("law", campaign.place), ("channels", campaign.channel)]
    folders += [(family, name) for family in ALL_OF for name in packs.names(family)]
    folders += [("industries", industry) for industry in dict.fromkeys(("e-commerce", campaign.industry))]
    folders += [("occasions", occasion) for occasion in dict.fromkeys((occasions.GENERAL, campaign.occasion))]
    told = [campaign.channel, campaign.place, campaign.industry, campaign.languages, settings.model_dump(mode="json")]
    names = [sorted(vocabulary.brands), sorted(vocabulary.attribute_values)]
    digest.update(json.dumps([told, names], ensure_ascii=False).encode())
    for folder in folders:
        digest.update(_packs(*folder).encode())
    for language in campaign.languages:
        digest.update(pack_version(language).encode())
    return digest.hexdigest()


@cache
def _packs(family: str, name: str) -> str:
    place = files("siyu.packs").joinpath(family)
    found = [entry for entry in (place.joinpath(name), place.joinpath(f"{name}.toml")) if name and _exists(entry)]
    return _digest(found)


@cache
def code_version() -> str:
    """Digest of this room's code, of how words are told apart, and of the modules of checks that others brought."""
    foreign = sorted({type_.__module__ for type_ in map(CHECKS.load, CHECKS)})
    modules = [module for module in foreign if not module.startswith("siyu.copywriting.")]
    return _digest(
        [
            files("siyu.copywriting"),
            files("siyu.text"),
            *(files(module.rpartition(".")[0] or module) for module in modules),
        ]
    )


def _exists(entry: Traversable) -> bool:
    return entry.is_file() or entry.is_dir()


def _digest(entries: Iterable[Traversable]) -> str:
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.is_dir():
            inside = [one for one in entry.iterdir() if one.is_dir() or one.name.endswith((".py", ".toml", ".sql"))]
            digest.update(f"{entry.name}/{_digest(inside)}".encode())
        else:
            digest.update(f"{entry.name}:{hashlib.sha256(entry.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()


@cache
def pack_version(language: str) -> str:
    """Digest of a language's :data:`BANKS`."""
    place = files("siyu.packs").joinpath("languages", language)
    return _digest(entry for entry in (place.joinpath(f"{bank}.toml") for bank in BANKS) if entry.is_file())

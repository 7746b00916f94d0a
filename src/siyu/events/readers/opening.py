"""Opens text files of any encoding and compression as lines, and refuses what would burst the machine."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, cast

import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.events.files import SourceFile
from siyu.events.settings import LimitSettings, SourceSettings

LINES = 50_000
"""Lines in a chunk."""

_MARK = b"\xef\xbb\xbf"
_RATIO_FROM = 10_000_000  # a small file may well shrink a hundredfold


class _Bounded(io.RawIOBase):
    """A binary stream that counts what it gives and stops at the limits."""

    def __init__(self, inner: Any, file: SourceFile, limits: LimitSettings, *, packed: bool) -> None:
        self._inner = inner
        self._file = file
        self._limits = limits
        self._packed = packed
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        self._given += len(data)
        too_dense = self._packed and self._given > max(_RATIO_FROM, self._limits.ratio * self._file.size)
        if too_dense or self._given > self._limits.expanded_bytes:
            raise InputError(
                f"{self._file.name} unpacks to more than is allowed.",
                why=f"{self._given:,} bytes out of {self._file.size:,} so far.",
                next_step="If the file is what you expect, raise ratio or expanded_bytes under limits.",
                file=self._file.name,
            )
        return len(data)


@contextmanager
def opened(file: SourceFile, source: SourceSettings) -> Iterator[io.TextIOWrapper]:
    """The file as text, without a byte-order mark. Bytes that are no text become lone surrogates (PEP 383).

    Raises:
        InputError: the file is damaged, or larger than the limits allow, or the encoding is unknown.
    """
    ending = file.path.suffix.lower()
    try:
        with file.path.open("rb") as plain:
            inner: Any = plain
            if ending == ".gz":
                inner = gzip.open(plain)  # noqa: SIM115 - lives as long as `plain`
            elif ending == ".zst":
                inner = pa.CompressedInputStream(pa.PythonFile(plain, mode="r"), "zstd")
            bounded = _Bounded(inner, file, source.limits, packed=inner is not plain)
            binary = io.BufferedReader(bounded, 1 << 20)
            if binary.peek(3)[:3] == _MARK:
                binary.read(3)
            yield io.TextIOWrapper(binary, encoding=source.encoding, errors="surrogateescape", newline="")
    except (OSError, EOFError, LookupError, UnicodeError) as error:
        raise InputError(
            f"{file.name} cannot be read to its end.",
            why=str(error),
            next_step="Check the encoding of the source, and that the file was copied whole.",
            file=file.name,
        ) from error


def chunks(text: io.TextIOWrapper) -> Iterator[list[str]]:
    """Lines of ``text`` with their ends, at most ``LINES`` at a time."""
    while lines := list(islice(text, LINES)):
        yield lines


def shown(line: str) -> str:
    """``line`` as text that can be stored: bytes that were no text are written ``\\xff``; at most 64 Ki characters."""
    cut = line.rstrip("\r\n")[:65_536]
    return cut.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_text(values: object) -> bool:
    """Whether no string among ``values`` (a line, or a list of them) holds a byte that was no text."""
    joined = values if isinstance(values, str) else "".join(cast("list[str]", values))
    try:
        joined.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

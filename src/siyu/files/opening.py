"""The one door to the bytes of a file from outside: any compression and encoding, and nothing that bursts the machine.

A place that is no local path (``s3://...``) is to be opened in :func:`raw`; everything else works on what it gives.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any, cast

import pyarrow as pa

from siyu.domain.errors import InputError
from siyu.files.encodings import decodes, foreign, suggested
from siyu.files.finding import SourceFile
from siyu.files.forms import Limits, TextForm
from siyu.files.remote import open_bytes

LINES = 50_000
"""Lines in a chunk."""

CHARACTERS = 64_000_000
"""Characters in a chunk, give or take a line."""

LONGEST = 16_000_000
"""Characters of a line that are kept."""

CUT = "\udcff"
"""Ends a line that was cut there. It is no text, so such a line is never taken for a whole one."""

_MARK = b"\xef\xbb\xbf"
_HEAD = 1 << 20
_RATIO_FROM = 10_000_000  # a small file may well shrink a hundredfold


class _Bounded(io.RawIOBase):
    """A binary stream that counts what it gives and stops at the limits."""

    def __init__(self, inner: Any, file: SourceFile, limits: Limits, *, packed: bool) -> None:
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


def raw(file: SourceFile) -> IO[bytes]:
    """The bytes of ``file`` as they lie."""
    return open_bytes(file) if file.uri else file.path.open("rb")


@contextmanager
def opened(file: SourceFile, form: TextForm, *, whole: bool = False) -> Iterator[io.TextIOWrapper]:
    """The file as text, without a byte-order mark. Bytes that are no text become lone surrogates (PEP 383).

    Args:
        whole: from its first byte, even where an earlier import has read some of it.

    Raises:
        InputError: it is damaged, larger than the limits allow, an archive that is not one file, or not in the
            encoding that ``form`` states; the error names the encoding it is in.
    """
    try:
        with raw(file) as plain, unpacked(plain, file, form.limits, start=0 if whole else file.start) as binary:
            encoding = _encoding(binary, file, form)
            yield io.TextIOWrapper(binary, encoding=encoding, errors="surrogateescape", newline="")
    except (OSError, EOFError, UnicodeError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(
            f"{file.name} cannot be read to its end.",
            why=str(error),
            next_step="Copy or export it again: it is cut off, damaged, or not what its ending says.",
            file=file.name,
        ) from error


@contextmanager
def unpacked(plain: IO[bytes], file: SourceFile, limits: Limits, *, start: int = 0) -> Iterator[io.BufferedReader]:
    """The bytes of ``file`` (open as ``plain``) decompressed, from ``start`` on, under ``limits``."""
    ending = file.path.suffix.lower()
    plain.seek(start)
    inner: Any = plain
    if ending == ".gz":
        inner = gzip.open(plain)  # noqa: SIM115 - lives as long as `plain`
    elif ending == ".zst":
        inner = pa.CompressedInputStream(pa.PythonFile(plain, mode="r"), "zstd")
    elif ending == ".zip":
        inner = _only_member(plain, file)
    yield io.BufferedReader(_Bounded(inner, file, limits, packed=inner is not plain), _HEAD)


def _only_member(plain: IO[bytes], file: SourceFile) -> IO[bytes]:
    archive = zipfile.ZipFile(plain)
    members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    astray = [one.filename for one in members if _leads_out(one.filename)]
    if astray or len(members) != 1 or members[0].flag_bits & 1:
        raise InputError(
            f"{file.name} is no archive of one file.",
            why=f"{astray[0]!r} leads out of its folder." if astray else f"It holds {len(members)}, or has a password.",
            next_step="Unpack it, look at what is in it, and name the files themselves in paths.",
            file=file.name,
        )
    return archive.open(members[0])


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _encoding(binary: io.BufferedReader, file: SourceFile, form: TextForm) -> str:
    head = binary.peek(_HEAD)
    _require_text(head, file)
    marked = head[:3] == _MARK
    if marked:
        binary.read(3)
        if form.encoding.lower() not in ("utf-8", "utf8") and decodes(head[: head.rfind(b"\n") + 1], "utf-8"):
            return "utf-8"  # the mark tells the truth
    # a file that is marked as UTF-8 and is not in places is reported row by row
    strange = [] if marked else foreign(head, form.encoding, cut=len(head) >= _HEAD)
    if strange:
        likely = suggested(head, strange)
        raise InputError(
            f"{file.name} is not written in {form.encoding}.",
            why=f"{len(strange)} of its first lines are no {form.encoding}; they read as {likely}.",
            next_step=f'Set encoding = "{likely}" for this source in siyu.toml.',
            file=file.name,
            encoding=likely,
        )
    return form.encoding


_SIGNATURES = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV UTF-8, or name the archive .csv.zip."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV UTF-8."),
    (b"\x1f\x8b", "compressed by gzip", "Name it after that, for example events.csv.gz."),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "Name it after that, for example events.csv.zst."),
    (b"PAR1", "a Parquet file", "Name it after that, for example events.parquet."),
    (b"SQLite format 3", "a database of SQLite", "Read it as one: database = { url = ..., table = ... }."),
    (b"%PDF", "a PDF", "Export the table as CSV."),
    (b"<!doctype html", "a web page", "Perhaps a login page was saved instead of the export: export it again."),
    (b"<html", "a web page", "Perhaps a login page was saved instead of the export: export it again."),
)
"""How files begin that are no text of rows, what they are, and what to do."""


def _require_text(head: bytes, file: SourceFile) -> None:
    start = head[:64].removeprefix(_MARK).lstrip()
    for sign, kind, step in _SIGNATURES:
        if start[: len(sign)].lower() == sign.lower():
            raise InputError(f"{file.name} is no text.", why=f"It is {kind}.", next_step=step, file=file.name)


def chunks(text: io.TextIOWrapper) -> Iterator[list[str]]:
    """Lines of ``text`` with their ends, at most ``LINES`` and about ``CHARACTERS`` at a time."""
    lines: list[str] = []
    size = 0
    for line in _lines(text):
        lines.append(line)
        size += len(line)
        if len(lines) >= LINES or size >= CHARACTERS:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST):
        if len(line) == LONGEST and line[-1] not in "\r\n":
            while rest := text.readline(LONGEST):
                if rest[-1] in "\r\n":
                    break
            line = f"{line}{CUT}\n"
        yield line


def first_lines(text: io.TextIOWrapper, count: int) -> list[str]:
    """The first ``count`` lines, each cut where it is longer than a line may be."""
    return list(islice(_lines(text), count))


def shown(line: str) -> str:
    """``line`` as text that can be stored: bytes that were no text are written ``\\xff``; at most 64 Ki characters."""
    cut = line.rstrip("\r\n")[:65_536]
    return cut.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_text(values: object) -> bool:
    """Whether no string among ``values`` (a line, or a list of them) holds a NUL or a byte that was no text.

    Example:
        >>> is_text("真丝"), is_text(["a", "b\\0"]), is_text("\\udcff")
        (True, False, False)
    """
    joined = values if isinstance(values, str) else "".join(cast("list[str]", values))
    try:
        joined.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in joined

"""Word vectors from a file: a word and its numbers on each line, as GloVe and word2vec write them as text.

Read a line at a time; only words of the shop's own text are kept. Pennington, Socher and Manning, "GloVe: global
vectors for word representation", EMNLP 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from siyu.domain.errors import InputError, SettingsError
from siyu.engine.port import Engine
from siyu.recommendations.port import Links
from siyu.recommendations.vectors.corpus import Corpus
from siyu.recommendations.vectors.port import Vectors
from siyu.recommendations.vectors.subwords import filled
from siyu.recommendations.vectors.weighing import meant

_LONGEST: Final = 65_536
"""Bytes of one line."""
_WIDEST: Final = 4_096


class ListedOptions(BaseModel):
    """Options of :class:`Listed`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field("", description="The file, UTF-8 text, from the folder that Siyu runs in unless absolute.")
    bad_share: float = Field(0.01, ge=0, le=1, description="Share of lines that may be bad before the file is refused.")


@dataclass
class Found:
    """What a file held.

    Attributes:
        vectors: by word. ``lines``: with a word, good or bad. ``bad``: those set aside; ``first_bad``: the first few,
            by number from 1, with the reason: ``width``, ``number``, ``encoding`` or ``length``.
    """

    vectors: dict[str, Any] = field(default_factory=dict)
    lines: int = 0
    bad: int = 0
    first_bad: list[tuple[int, str]] = field(default_factory=list)

    def aside(self, line: int, why: str) -> None:
        """Count a bad line."""
        self.bad += 1
        if len(self.first_bad) < 5:
            self.first_bad.append((line, why))


class Listed:
    """Vectors of others, for the words of the shop; words that the file lacks are made of their characters."""

    Options: ClassVar[type[BaseModel]] = ListedOptions

    def __init__(self, options: ListedOptions) -> None:
        self.options = options

    def products(self, corpus: Corpus, together: Links, engine: Engine) -> Vectors:
        """The mean of the words of each product.

        Raises:
            SettingsError: no file is named. InputError: it cannot be read, or too much of it is bad.
        """
        if not self.options.path:
            raise SettingsError(
                "No file of word vectors is named.",
                why="The embedder `file` reads one.",
                next_step='Set embedding.path = "glove.txt" under recommendations.options.vectors.',
            )
        names: dict[str, list[int]] = {}
        for at, (word, shown) in enumerate(zip(corpus.words, corpus.shown, strict=True)):
            for name in dict.fromkeys((word, shown.lower())):
                names.setdefault(name, []).append(at)
        found = read_vectors(Path(self.options.path), names.keys())
        self._judge(found)
        width = len(next(iter(found.vectors.values()))) if found.vectors else 1
        words = np.zeros((len(corpus.words), width), np.float32)
        for at, (word, shown) in enumerate(zip(corpus.words, corpus.shown, strict=True)):
            vector = found.vectors.get(shown.lower(), found.vectors.get(word))
            if vector is not None:
                words[at] = vector
        return meant(corpus, filled(corpus.words, words))

    def _judge(self, found: Found) -> None:
        if found.lines and found.bad <= found.lines * self.options.bad_share:
            return
        told = ", ".join(f"line {line}: {why}" for line, why in found.first_bad)
        raise InputError(
            f"{self.options.path} is no file of word vectors.",
            why=f"{found.bad} of {found.lines} lines are bad ({told})." if found.lines else "It holds no vector.",
            next_step="Give a text file with a word and its numbers on each line, as GloVe's are.",
            file=self.options.path, bad=found.bad, lines=found.lines, first_bad=tuple(found.first_bad),
        )  # fmt: skip


def read_vectors(path: Path, wanted: Any) -> Found:
    """The vectors of ``wanted`` words; the first good line says how many numbers there are.

    A first line of two whole numbers (word2vec's header) is no vector. Of a word told twice the first counts. The file
    is never held in memory, nor is a line of more than 64 KiB.

    Raises:
        InputError: the file cannot be opened.
    """
    found, width = Found(), 0
    try:
        with path.open("rb") as file:
            for number, line in _lines(file):
                head = line.split() if number == 1 else ()
                if not line.strip() or (len(head) == 2 and all(one.isdigit() for one in head)):
                    continue
                found.lines += 1
                width = _take(found, number, line, width, wanted)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read.", why=error.strerror or type(error).__name__,
            next_step="Look at the path and its rights.", file=str(path),
        ) from error  # fmt: skip
    return found


def _lines(file: Any) -> Iterator[tuple[int, bytes]]:
    """Lines by number, those too long cut to nothing but their beginning."""
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        whole = line
        while not line.endswith(b"\n") and (line := file.readline(_LONGEST)):
            pass
        yield number, whole


def _take(found: Found, number: int, line: bytes, width: int, wanted: Any) -> int:
    """Keep the vector of one line where its word is wanted; returns the width, which the first good line sets."""
    if len(line) > _LONGEST:
        found.aside(number, "length")
        return width
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        found.aside(number, "encoding")
        return width
    parts = text.split(" ") if " " in text else text.split("\t")
    mine = width or len(parts) - 1
    if not 2 <= mine <= _WIDEST or len(parts) <= mine:
        found.aside(number, "width")
        return width
    word = " ".join(parts[:-mine]).lower()  # some of GloVe's words hold a blank
    if width and word not in wanted:
        return width
    vector = _numbers(parts[-mine:])
    if vector is None:
        found.aside(number, "number")
        return width
    if word in wanted:
        found.vectors.setdefault(word, vector)
    return mine


def _numbers(parts: list[str]) -> Vectors | None:
    try:
        vector = np.array([float(part) for part in parts], np.float64)
    except ValueError:
        return None
    sane = np.isfinite(vector).all() and np.abs(vector).max(initial=0) < 1e30
    return vector.astype(np.float32) if sane else None

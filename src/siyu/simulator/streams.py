"""Named random streams: each part of the shop draws from its own, so that adding one part moves no other."""

from __future__ import annotations

from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


def stream(seed: int, name: str, *keys: int) -> np.random.Generator:
    """The generator of part ``name`` (and block ``keys``) of the shop with ``seed``.

    Example:
        >>> a, b = stream(1, "people"), stream(1, "people")
        >>> bool(a.random() == b.random()), bool(stream(2, "people").random() == a.random())
        (True, False)
    """
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, crc32(name.encode()), *keys])))


def pick(rng: np.random.Generator, logits: Floats) -> Ints:
    """One column a row of ``logits``, with softmax probabilities (Gumbel-max; Gumbel 1954)."""
    noise = rng.random(logits.shape, dtype=np.float32)
    np.maximum(noise, np.float32(1e-12), out=noise)
    scored = logits - np.log(-np.log(noise) + np.float32(1e-12))
    chosen: Ints = scored.argmax(axis=1)
    return chosen


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """(owner, position) of each of ``counts.sum()`` parts.

    Example:
        >>> [part.tolist() for part in ragged(np.array([2, 0, 1]))]
        [[0, 0, 2], [0, 1, 0]]
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - first[owner]


def keyed(seed: int, name: str, *keys: Ints) -> Doubles:
    """A uniform number in (0, 1) for each row of ``keys``, whatever rows stand beside it (splitmix64, Steele 2014).

    Example:
        >>> one, two = keyed(1, "open", np.array([5])), keyed(1, "open", np.array([4, 5]))
        >>> bool(one[0] == two[1])
        True
    """
    state = np.full(len(keys[0]), seed * 0x1_0000_0001 + crc32(name.encode()), np.uint64)
    for key in keys:
        state = state + key.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return np.asarray(((state >> np.uint64(11)).astype(np.float64) + 0.5) / (1 << 53), np.float64)


def sigmoid(x: Floats) -> Floats:
    """Logistic function, safe for any finite value."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), np.float32)

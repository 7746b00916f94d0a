"""Layers: how rows of later versions hide rows of earlier ones (merge on read), and when to write them as one again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from siyu.engine.manifest import DataFile, HiddenKeys, Manifest

_MOST_LAYERS = 8
_MOST_CHANGED = 0.3


@dataclass(frozen=True, slots=True)
class Layer:
    """Files, and the key files that hide some of their rows."""

    files: tuple[DataFile, ...]
    hides: tuple[HiddenKeys, ...]


def layers(found: Manifest, *, after: int = 0) -> Iterator[Layer]:
    """The files of ``found`` by what hides them, oldest first; only those of versions later than ``after``.

    Example:
        >>> files = tuple(DataFile(f"f{n}", 10, n) for n in (1, 2, 3))
        >>> found = Manifest(3, files, hides=(HiddenKeys("k2", "person", 1, 2), HiddenKeys("k3", "person", 1, 3)))
        >>> [([f.path for f in layer.files], [h.path for h in layer.hides]) for layer in layers(found)]
        [(['f1'], ['k2', 'k3']), (['f2'], ['k3']), (['f3'], [])]
    """
    groups: dict[tuple[HiddenKeys, ...], list[DataFile]] = {}
    for file in sorted((file for file in found.files if file.version > after), key=lambda file: file.version):
        groups.setdefault(tuple(keys for keys in found.hides if keys.version > file.version), []).append(file)
    for hides, files in groups.items():
        yield Layer(tuple(files), hides)


def crowded(found: Manifest, added: int) -> bool:
    """Whether ``added`` more rows in a layer of their own would make reading dearer than writing all as one once.

    Example:
        >>> base = Manifest(1, (DataFile("f1", 1000, 1),))
        >>> crowded(base, 10), crowded(base, 900)
        (False, True)
    """
    first = min((keys.version for keys in found.hides), default=found.version + 1)
    changed = added + sum(file.rows for file in found.files if file.version >= first)
    return len({keys.version for keys in found.hides}) >= _MOST_LAYERS or changed > _MOST_CHANGED * max(1, found.rows)

"""Steps from one layout of a project to the next, one file a step, applied in order by `siyu upgrade`.

A step may be cut off at any moment and begun again: it looks at what is there, does what is missing, and the layout is
moved on only after it. Nothing reads a project whose layout is not the newest, so a half-made one harms nobody. Steps
are written once and never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from importlib import import_module
from pathlib import Path
from typing import Final

from siyu.app import layout
from siyu.app.backup.making import BackupMade, back_up
from siyu.app.shop import Shop
from siyu.app.words import say
from siyu.domain.clock import SystemClock
from siyu.domain.progress import Progress, Step, silent
from siyu.store import audit

STEPS: Final[Mapping[int, str]] = {
    2: "siyu.app.upgrades.layout_2_identity",
    3: "siyu.app.upgrades.layout_3_approvals",
}
"""Layout reached -> module with ``upgrade(shop)``. A new step is one file and one line here, and words in the packs
(``upgrade.steps`` in ``cli.toml``)."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: the layouts before and after, the steps taken, and the backup made before them."""

    before: int
    after: int
    steps: tuple[int, ...]
    backup: Path | None


def upgrade(shop: Shop, *, backup: bool = True, progress: Progress = silent) -> Upgraded:
    """Bring the project to the layout of this version. The caller holds the project's lock.

    Args:
        backup: write an archive beside the project's settings first; without it the old state cannot be had back.

    Raises:
        NotPermittedError: the project's keys are not there.
        StorageError: the project is newer than this version, or its folder cannot be written; run it again then.
    """
    version = layout.found(shop.paths)
    if version is None or version.layout >= layout.LAYOUT:
        layout.require_current(shop.paths)
        return Upgraded(layout.LAYOUT, layout.LAYOUT, (), None)
    _ = shop.keys  # a project without them is mended first
    made = _backed_up(shop, version.layout, progress) if backup else None
    todo = [number for number in sorted(STEPS) if number > version.layout]
    for done, number in enumerate(todo):
        progress(Step("upgrade.step", done, len(todo)))
        import_module(STEPS[number]).upgrade(shop)
        layout.put(shop.paths, number)
    with shop.store.connection(durable=True) as connection:
        audit.append(
            connection,
            at=SystemClock().now(),
            actor="siyu",
            action="project.upgrade",
            subject=shop.settings.project.name,
            detail={"before": version.layout, "after": layout.LAYOUT},
        )
    return Upgraded(version.layout, layout.LAYOUT, tuple(todo), made.path if made else None)


def _backed_up(shop: Shop, old: int, progress: Progress) -> BackupMade:
    stamp = SystemClock().now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return back_up(shop, shop.paths.root / f"layout-{old}-{stamp}.tar.zst", progress=progress)


def sentences(done: Upgraded) -> list[str]:
    """What was done, line by line."""
    if not done.steps:
        return [say("upgrade.nothing", layout=done.after)]
    lines = [say("upgrade.backup", path=done.backup)] if done.backup else []
    lines += [f"  {number}: {say(f'upgrade.steps.{number}')}" for number in done.steps]
    return [*lines, say("upgrade.done", before=done.before, after=done.after)]

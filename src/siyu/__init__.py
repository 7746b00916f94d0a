"""Siyu (私语): the message that understands its reader.

Example:
    >>> import siyu
    >>> with siyu.open("shop") as project:  # doctest: +SKIP
    ...     project.run()
    ...     project.explain("u1")["messages"]
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from siyu.domain.version import VERSION

if TYPE_CHECKING:
    from siyu.app.project import Project
    from siyu.domain.progress import Step

__all__ = ["__version__", "open"]

__version__ = VERSION


def open(
    folder: str | Path, *, as_of: datetime | None = None, progress: Callable[[Step], None] | None = None
) -> Project:
    """Open the project in ``folder``; see :class:`siyu.app.project.Project` for what it can do.

    Raises:
        siyu.domain.errors.SettingsError: there is no siyu.toml, or it does not fit.
    """
    from siyu.app.project import Project  # deferred: `import siyu` stays cheap
    from siyu.domain.progress import silent

    return Project(folder, as_of=as_of, progress=progress or silent)

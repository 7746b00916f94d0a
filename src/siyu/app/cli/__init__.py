"""The command line. Sentences come from the packs; errors say what, why and the next step; exit codes are fixed."""

from __future__ import annotations

import errno
import json
import os
import sys

from siyu.app.words import interface_language, say
from siyu.domain.errors import (
    InputError,
    MissingDataError,
    MissingExtraError,
    NotPermittedError,
    SettingsError,
    SiyuError,
    StorageError,
)
from siyu.packs import in_words

EXIT_CODES: tuple[tuple[type[SiyuError], int], ...] = (
    (SettingsError, 2),
    (InputError, 3),
    (MissingDataError, 4),
    (NotPermittedError, 5),
    (MissingExtraError, 6),
)
"""What the shell sees: 0 done, 1 other failures, 75 a failure that trying again may mend, 130 stopped by the person."""


def exit_code(error: SiyuError) -> int:
    """The exit code of ``error``.

    Example:
        >>> exit_code(SettingsError("x")), exit_code(SiyuError("x")), exit_code(SiyuError("x", retry=True))
        (2, 1, 75)
    """
    if error.retry:
        return 75
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def _tell(error: SiyuError) -> None:
    if "--json" in sys.argv:
        told = {"error": type(error).__name__, "what": error.what, "why": error.why, "next_step": error.next_step}
        print(json.dumps(told, ensure_ascii=False), file=sys.stderr)  # noqa: T201 - the interface
        return
    language = interface_language()
    print(f"siyu: {in_words(error.what, language)}", file=sys.stderr)  # noqa: T201 - the interface
    for key, text in (("why", error.why), ("next_step", error.next_step)):
        if text:
            sentence = in_words(text, language)
            print(f"  {say(f'errors.{key}')}: {sentence}", file=sys.stderr)  # noqa: T201 - the interface


_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)


def _disk(error: OSError) -> StorageError:
    return StorageError(
        "A file cannot be written or read.",
        why=f"{error.filename or ''}: {error.strerror}.".removeprefix(": "),
        next_step="Free space, or give this user the right to it, then run the same command again.",
        retry=error.errno in (errno.ENOSPC, errno.EDQUOT),
    )


def main() -> None:
    """Run the command line and exit with its code."""
    from siyu.app.cli.commands import app  # deferred: `import siyu.app.cli` must stay cheap for embedders

    try:
        app()
    except SiyuError as error:
        _tell(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        print(say("errors.stopped"), file=sys.stderr)  # noqa: T201 - the interface
        sys.exit(130)
    except BrokenPipeError:  # `siyu explain u1 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # a defect of ours: say so in a line, keep the trace for who asks
        if os.environ.get("SIYU_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:  # a place with no words of its own for it
            told = _disk(error)
            _tell(told)
            sys.exit(exit_code(told))
        print(say("errors.defect", error=f"{type(error).__name__}: {error}"), file=sys.stderr)  # noqa: T201
        sys.exit(70)

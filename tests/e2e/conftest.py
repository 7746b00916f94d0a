"""Running the command line as a person does: another process, a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from siyu.privacy.keys import KeyRing

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Project:
    """A project folder and the means to run commands in it."""

    folder: Path
    environment: dict[str, str]

    def siyu(self, *arguments: str, expect: int = 0) -> str:
        """Standard output of ``siyu ARGUMENTS``; the exit code must be ``expect``."""
        done = subprocess.run(
            [sys.executable, "-c", "from siyu.app.cli import main; main()", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if expect == 0 else done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        """The JSON that ``siyu ARGUMENTS --json`` prints."""
        return json.loads(self.siyu(*arguments, "--json"))


def make(folder: Path, example: str, inputs: Path | None = None) -> Project:
    """A copy of an example in ``folder``."""
    target = folder / example
    shutil.copytree(EXAMPLES / example, target)
    KeyRing.create(target / ".siyu" / "keys", open_secret=example)  # the same people are held out in every run
    environment = {**os.environ, "SIYU_LANG": "en", "COLUMNS": "120"}
    if inputs is not None:
        environment["SIYU_PROJECT__INPUTS"] = str(inputs)
    return Project(target, environment)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Makes a copy of an example, for the tests of one module."""

    def copy(name: str, inputs: Path | None = None) -> Project:
        return make(tmp_path_factory.mktemp("e2e"), name, inputs)

    return copy

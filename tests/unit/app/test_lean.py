"""What a command does not need stays out of its process: looked at in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

_HEAVY = ("pandas", "rjieba", "scipy", "sklearn")


def loaded(code: str) -> set[str]:
    """The heavy packages that a process holds after ``code``."""
    show = f"{code}\nimport sys\nprint(*(one for one in {_HEAVY} if one in sys.modules))"
    return set(subprocess.run([sys.executable, "-c", show], check=True, capture_output=True, text=True).stdout.split())


def test_opening_a_project_loads_no_stage() -> None:
    assert loaded("import siyu.app.cli.commands, siyu.app.shop") == set()


@pytest.mark.skipif(find_spec("pandas") is None, reason="pandas is not installed")
def test_arrays_of_a_command_do_not_bring_pandas_which_stays_there_for_who_asks() -> None:
    lists = "import pyarrow as pa\npa.array(['a'])"
    assert loaded(lists) == {"pandas"}  # what is kept out
    out = f"from siyu.app.cli.lean import keep_pandas_out\nkeep_pandas_out()\n{lists}"
    assert loaded(out) == set()
    assert loaded(f"{out}\nimport pandas\npandas.DataFrame") == {"pandas"}


def test_a_package_still_says_what_it_does_not_have() -> None:
    from siyu import events

    with pytest.raises(AttributeError, match=r"'siyu\.events' has no attribute 'nothing'"):
        events.nothing  # noqa: B018 - looked up

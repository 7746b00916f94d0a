"""Projects as earlier versions left them open in this one, after `siyu upgrade`, and say the same as before."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import inspect

import siyu
from siyu.app import layout, upgrades
from siyu.app.backup import restore
from siyu.app.moments import moment
from siyu.app.shop import Shop
from siyu.app.stages import plain
from siyu.app.upgrades import layout_2_identity
from siyu.domain.errors import StorageError
from siyu.engine import identity
from siyu.store import migrations
from siyu.store.database import Store, open_store
from siyu.store.tables import SCHEMA_VERSION

from .old import HERE, unpacked

EXPLAINED_AT = moment("2026-11-15")


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project of layout 1."""
    monkeypatch.setenv("SIYU_LANG", "en")
    return unpacked(tmp_path / "old")


def upgraded(folder: Path, **more: bool) -> upgrades.Upgraded:
    shop = Shop(folder, upgrading=True)
    try:
        return upgrades.upgrade(shop, **more)
    finally:
        shop.close()


def explained(folder: Path, people: list[str]) -> dict[str, Any]:
    with siyu.open(folder, as_of=EXPLAINED_AT) as project:
        return {person: json.loads(json.dumps(plain(project.explain(person)))) for person in people}


def differences(expected: Any, found: Any, where: str) -> list[str]:
    """Places where something expected is not found; what later versions add besides is theirs to tell.

    Sums depend in their last digit on the order in which threads add.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for key in expected for line in differences(expected[key], found.get(key), f"{where}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for place, (one, other) in pairs for line in differences(one, other, f"{where}[{place}]")]
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return [] if math.isclose(expected, found, rel_tol=1e-9) else [f"{where}: {expected} is {found}"]
    return [] if expected == found else [f"{where}: {expected!r} is {found!r}"]


def test_other_commands_refuse_it_and_name_the_cure(old: Path) -> None:
    with siyu.open(old) as project:
        for attempt in (project.import_data, project.profile, project.send, project.report):
            with pytest.raises(StorageError, match="older version") as refused:
                attempt()
            assert "siyu upgrade" in refused.value.next_step


def test_after_the_upgrade_everybody_is_explained_as_before(old: Path) -> None:
    with pa.CompressedInputStream(str(HERE / "format_1" / "explained.json.zst"), "zstd") as stream:
        expected = json.loads(stream.read())
    assert len(expected) == 16
    assert sum(bool(one["messages"]) for one in expected.values()) == 16
    done = upgraded(old)
    assert (done.before, done.after, done.steps) == (1, layout.LAYOUT, tuple(sorted(upgrades.STEPS)))
    found = explained(old, sorted(expected))
    assert differences(expected, found, "") == []


def test_links_become_claims_that_can_be_undone(old: Path) -> None:
    shop = Shop(old, upgrading=True)
    before = identity.stored_links(shop.engine)
    shop.close()
    upgraded(old, backup=False)
    shop = Shop(old)
    known = identity.known(shop.engine)
    assert dict(known.claims.keys()) == before
    assert len(before) > 5
    assert set(known.claims.values()) == {0}
    assert identity.publish(shop.engine) == before


@pytest.mark.slow
def test_the_whole_job_runs_on_and_sends_nothing_twice(old: Path) -> None:
    upgraded(old, backup=False)
    mailbox = old / ".siyu" / "mailbox" / "new"
    before = {path.name: path.read_bytes() for path in mailbox.iterdir()}
    assert before
    with siyu.open(old, as_of=EXPLAINED_AT.replace(day=1, hour=18)) as project:
        report = project.run()
    assert sum(source.read for source in report.prepared.imported.events) == 0
    assert {path.name: path.read_bytes() for path in mailbox.iterdir()} == before


def test_upgrading_again_does_nothing(old: Path) -> None:
    upgraded(old, backup=False)
    version = (old / ".siyu" / "version.json").read_text("utf-8")
    again = upgraded(old)
    assert (again.steps, again.backup) == ((), None)
    assert (old / ".siyu" / "version.json").read_text("utf-8") == version


CUTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before anything": lambda patch: patch.setattr(Store, "migrate", _fail),
    "after the store": lambda patch: patch.setattr(layout_2_identity.identity, "adopt", _fail),
    "before the store follows": lambda patch: patch.setattr(layout_2_identity, "follow", _fail),
    "before the version is written": lambda patch: patch.setattr(layout, "put", _fail),
}


def _fail(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("cut", CUTS)
def test_an_upgrade_cut_off_anywhere_is_still_old_and_completes_when_run_again(old: Path, cut: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        CUTS[cut](patch)
        with pytest.raises(KeyboardInterrupt):
            upgraded(old, backup=False)
    with siyu.open(old) as project, pytest.raises(StorageError, match="older version"):
        project.profile()
    assert upgraded(old, backup=False).before == 1
    assert explained(old, ["u0000001"])["u0000001"]["interests"]
    with Shop(old).store.reading() as connection:
        assert migrations.meta.get(connection, "schema") == SCHEMA_VERSION


def test_the_backup_before_it_brings_the_old_state_back(old: Path, tmp_path: Path) -> None:
    done = upgraded(old)
    assert done.backup is not None
    again = tmp_path / "again"
    told = restore(done.backup, again)
    assert told.upgrade
    assert not told.keys
    assert open_store(again / ".siyu" / "store.db", as_it_is=True).version == 1
    assert not (again / ".siyu" / "version.json").exists()


def shape(store: Store) -> dict[str, Any]:
    """Tables with their columns, keys and indexes."""
    found = inspect(store._engine)
    return {
        name: {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)],
            "key": found.get_pk_constraint(name),
            "unique": found.get_unique_constraints(name),
            "indexes": sorted((index["name"], tuple(index["column_names"])) for index in found.get_indexes(name)),
        }
        for name in sorted(found.get_table_names())
    }


def test_a_migrated_store_has_the_schema_of_a_fresh_one(old: Path, tmp_path: Path) -> None:
    store = open_store(old / ".siyu" / "store.db", as_it_is=True)
    fresh = shape(open_store(tmp_path / "fresh.db"))
    assert shape(store) != fresh
    store.migrate(SCHEMA_VERSION)
    assert shape(store) == fresh


def test_a_store_of_an_older_schema_is_refused_by_itself_too(old: Path) -> None:
    with pytest.raises(StorageError, match="older version") as refused:
        open_store(old / ".siyu" / "store.db")
    assert refused.value.facts == {"found": 1, "known": SCHEMA_VERSION}


def test_a_newer_project_names_the_version_to_install(old: Path) -> None:
    upgraded(old, backup=False)
    said = {"layout": layout.LAYOUT + 1, "siyu": "9.8.7"}
    (old / ".siyu" / "version.json").write_text(json.dumps(said), "utf-8")
    for attempt in (lambda: explained(old, ["u0000001"]), lambda: upgraded(old)):
        with pytest.raises(StorageError, match="newer version") as refused:
            attempt()
        assert "9.8.7" in refused.value.next_step


@pytest.mark.parametrize("said", ["", "{", '{"layout": "two"}', "[]", '{"siyu": "1"}'])
def test_a_damaged_version_is_an_error_with_a_cure(old: Path, said: str) -> None:
    (old / ".siyu" / "version.json").write_text(said, "utf-8")
    with pytest.raises(StorageError, match="cannot be read") as refused:
        explained(old, ["u0000001"])
    assert str(old) in refused.value.why
    assert os.linesep not in refused.value.what


def test_a_fresh_project_gets_the_newest_layout_and_no_migration(tmp_path: Path) -> None:
    (tmp_path / "siyu.toml").write_text("", "utf-8")
    shop = Shop(tmp_path)
    assert shop.store.version == SCHEMA_VERSION
    assert layout.found(shop.paths) == layout.Version(layout.LAYOUT, siyu.__version__)
    assert max(upgrades.STEPS) == layout.LAYOUT
    assert max(migrations.MIGRATIONS) == SCHEMA_VERSION

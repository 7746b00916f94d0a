"""Backup and restore of a real project: everything comes back, and nothing comes back that is not what it was."""

from __future__ import annotations

import io
import json
import random
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import siyu
from siyu.app import upgrades
from siyu.app.backup import archive, back_up, restore
from siyu.app.moments import moment
from siyu.app.shop import Shop
from siyu.app.stages import plain
from siyu.domain.errors import InputError, MissingDataError, NotPermittedError, SettingsError, StorageError
from siyu.privacy.keys import KeyRing

from ..faults.states import counted, messages
from ..golden.old import unpacked

NOW = moment("2026-11-15")
PEOPLE = ("u0000001", "u0000002", "u0000003")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of sixteen people with a campaign sent; tests only read it."""
    folder = unpacked(tmp_path_factory.mktemp("backup") / "shop")
    shop = Shop(folder, upgrading=True)
    upgrades.upgrade(shop, backup=False)
    shop.close()
    with siyu.open(folder, as_of=NOW) as opened:
        opened.report()
    return folder


@pytest.fixture(scope="module")
def made(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, without keys."""
    target = tmp_path_factory.mktemp("backups") / "shop.tar.zst"
    saved(project, target)
    return target


def saved(project: Path, target: Path, *, with_keys: bool = False) -> Path:
    shop = Shop(project)
    try:
        back_up(shop, target, with_keys=with_keys)
    finally:
        shop.close()
    return target


def seen(folder: Path) -> dict[str, Any]:
    """What a person sees of a project: explanations, the ledger, the mailbox, the report's figures."""
    with siyu.open(folder, as_of=NOW) as project:
        shop = project.shop
        figures = json.loads((shop.paths.reports / "autumn.json").read_text("utf-8"))
        return {
            "explained": {person: json.loads(json.dumps(plain(project.explain(person)))) for person in PEOPLE},
            "ledger": counted(shop.ledger.to_arrow("autumn").to_pylist()),
            "messages": messages(shop.paths.mailbox),
            "report": figures,
            "addresses": shop.contacts.addresses([shop.person(person) for person in PEOPLE], "email"),
        }


def with_keys_of(project: Path, folder: Path) -> Path:
    """The keys put back by hand."""
    target = folder / ".siyu" / "keys"
    target.mkdir(mode=0o700)
    for path in (project / ".siyu" / "keys").iterdir():
        (target / path.name).write_bytes(path.read_bytes())
        (target / path.name).chmod(0o600)
    return folder


def test_everything_comes_back(project: Path, made: Path, tmp_path: Path) -> None:
    done = restore(made, tmp_path / "again")
    assert (done.keys, done.store, done.upgrade) == (False, True, False)
    again = with_keys_of(project, tmp_path / "again")
    found = seen(again)
    assert found == seen(project)
    assert found["messages"]
    assert all(found["addresses"].values())
    before = (again / ".siyu" / "reports" / "autumn.json").read_bytes()
    with siyu.open(again, as_of=NOW) as opened:
        opened.report()
    figures = [json.loads(text) for text in (before, (again / ".siyu" / "reports" / "autumn.json").read_bytes())]
    for one in figures:
        one.pop("run", None)  # seconds and memory of the runs differ
    assert figures[0] == figures[1]
    assert (again / "siyu.toml").read_bytes() == (project / "siyu.toml").read_bytes()


def test_the_keys_are_not_in_it_unless_asked_for(project: Path, made: Path, tmp_path: Path) -> None:
    keys = [path.read_bytes().strip() for path in (project / ".siyu" / "keys").iterdir()]
    whole = saved(project, tmp_path / "whole.tar.zst", with_keys=True)
    for path, expected in ((made, False), (whole, True)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        unpacked_bytes = pa.CompressedInputStream(str(path), "zstd").read()
        assert [key in unpacked_bytes for key in keys] == [expected] * len(keys)
    restore(whole, tmp_path / "again")
    assert seen(tmp_path / "again") == seen(project)


def test_a_store_without_its_keys_says_what_that_means(made: Path, tmp_path: Path) -> None:
    restore(made, tmp_path / "again")
    with siyu.open(tmp_path / "again") as opened, pytest.raises(NotPermittedError) as refused:
        opened.explain(PEOPLE[0])
    told = str(refused.value)
    assert "can ever be read again" in told
    assert "Restore the folder of keys from its backup" in told
    assert not (tmp_path / "again" / ".siyu" / "keys").exists()  # none were made in their place


@pytest.mark.slow
def test_a_flipped_bit_anywhere_is_refused_and_nothing_is_replaced(made: Path, tmp_path: Path) -> None:
    raw = made.read_bytes()
    draw = random.Random(7)
    places = sorted({0, 5, 7, len(raw) // 2, len(raw) - 1, *(draw.randrange(len(raw)) for _ in range(40))})
    bad = tmp_path / "bad.tar.zst"
    for place in places:
        flipped = bytearray(raw)
        flipped[place] ^= 1 << draw.randrange(8)
        bad.write_bytes(flipped)
        with pytest.raises(InputError, match=r"damaged|not a backup"):
            restore(bad, tmp_path / f"at-{place}")
        left = [path for path in (tmp_path / f"at-{place}").rglob("*") if path.is_file() and path.name != "lock"]
        assert left == [], place


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_cut_file_is_refused(made: Path, tmp_path: Path, share: float) -> None:
    bad = tmp_path / "cut.tar.zst"
    bad.write_bytes(made.read_bytes()[: int(made.stat().st_size * share)])
    with pytest.raises(InputError):
        restore(bad, tmp_path / "again")


def test_each_file_is_held_against_the_list_too(made: Path, tmp_path: Path) -> None:
    """A file put into the archive in place of another, the whole sealed anew: the list knows what was there."""
    contents = archive.look(made)
    folder = tmp_path / "files"
    archive.unpack(made, folder)
    (folder / "siyu.toml").write_text("[project]\n" + " " * (contents.files[0].bytes - 10), "utf-8")
    target = tmp_path / "other.tar.zst"
    with archive._written(target) as tar:
        listed = archive._listed(contents)
        archive._add(tar, archive.LIST, io.BytesIO(listed), len(listed))
        for entry in contents.files:
            with (folder / entry.name).open("rb") as handle:
                archive._add(tar, entry.name, handle, entry.bytes)
    archive._seal(target)
    with pytest.raises(InputError, match="damaged") as refused:
        restore(target, tmp_path / "again")
    assert "siyu.toml" in refused.value.why


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.tar.zst"
    with pa.CompressedOutputStream(str(other), "zstd") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        tar.addfile(tarfile.TarInfo("hello"), io.BytesIO(b""))
    for path in (other, tmp_path / "absent", Path(__file__)):
        with pytest.raises(InputError):
            restore(path, tmp_path / "again")


@pytest.mark.parametrize("name", ["../outside", "/etc/cron.d/siyu", "state/../../outside", "state\\..\\x", "c:/x"])
def test_names_that_lead_outside_are_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    about = {"layout": 2, "siyu": "1", "state": ".siyu", "keys": False, "store": True, "ring": "", "made_at": "now"}
    (tmp_path / "evil").write_text("evil", "utf-8")
    archive.pack(tmp_path / "evil.tar.zst", about, {name: tmp_path / "evil"})
    with pytest.raises(InputError, match="outside the project"):
        restore(tmp_path / "evil.tar.zst", tmp_path / "inner" / "again")
    assert list(tmp_path.rglob("*outside*")) == []


def test_links_and_strangers_in_the_archive_are_refused(tmp_path: Path) -> None:
    """A member that is a link, and one that the list does not name."""
    about = {"layout": 2, "siyu": "1", "state": ".siyu", "keys": False, "store": True, "ring": "", "made_at": "now"}
    listed = archive.Contents(about, (archive.Entry("state/a", 1, "0" * 64),))
    for kind, name in ((tarfile.SYMTYPE, "state/a"), (tarfile.LNKTYPE, "state/a"), (tarfile.REGTYPE, "state/b")):
        path = tmp_path / f"{name[-1]}{kind.decode()}.tar.zst"
        with pa.CompressedOutputStream(str(path), "zstd") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
            head = archive._listed(listed)
            first = tarfile.TarInfo(archive.LIST)
            first.size = len(head)
            tar.addfile(first, io.BytesIO(head))
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        archive._seal(path)
        with pytest.raises(InputError, match="damaged"):
            restore(path, tmp_path / "again")


def test_what_is_there_is_replaced_only_by_force_and_its_keys_stay(project: Path, made: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    restore(made, again)
    with_keys_of(project, again)
    with pytest.raises(SettingsError, match="already"):
        restore(made, again)
    (again / ".siyu" / "hits.jsonl").unlink()
    done = restore(made, again, force=True)
    assert done.keys
    assert (again / ".siyu" / "hits.jsonl").exists()
    assert sorted(path.name for path in again.iterdir()) == [".siyu", "siyu.toml"]
    assert seen(again)["addresses"]


def test_a_restore_killed_between_its_two_renames_loses_neither_state_nor_keys(
    project: Path, made: Path, tmp_path: Path
) -> None:
    """The former state was moved away, the new one not yet in place: no command makes new keys there."""
    again = with_keys_of(project, restored(made, tmp_path / "again"))
    before = seen(again)
    (again / ".siyu").rename(again / ".siyu.replaced-4711")
    for _ in range(2):
        with siyu.open(again) as opened, pytest.raises(StorageError, match="restore was cut off"):
            opened.explain(PEOPLE[0])
    with siyu.open(again) as opened, pytest.raises(StorageError, match="restore was cut off"):
        opened.profile()  # takes the lock, which makes the folder
    done = restore(made, again, force=True)
    assert done.keys
    assert seen(again) == before
    assert sorted(path.name for path in again.iterdir()) == [".siyu", "siyu.toml"]


def restored(made: Path, folder: Path) -> Path:
    restore(made, folder)
    return folder


def test_a_backup_is_not_put_beside_the_keys_of_another_shop(made: Path, tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "again" / ".siyu" / "keys")
    with pytest.raises(NotPermittedError, match="do not belong"):
        restore(made, tmp_path / "again", force=True)


def test_where_a_backup_may_lie(project: Path, made: Path, tmp_path: Path) -> None:
    for target, kind in ((made, SettingsError), (project / ".siyu" / "b", SettingsError)):
        with pytest.raises(kind):
            saved(project, target)
    (tmp_path / "siyu.toml").write_text("", "utf-8")
    with pytest.raises(MissingDataError):
        saved(tmp_path, tmp_path / "b.tar.zst")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StorageError, match="could not be written"):
        saved(project, tmp_path / "file" / "b.tar.zst")


WRITER = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
number = 0
while True:
    held.execute("BEGIN IMMEDIATE")
    for half in ("one", "two"):
        held.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (half, str(number)))
        time.sleep(0.001)
    held.execute("COMMIT")
    number += 1
    print(number, flush=True)
"""


@pytest.mark.slow
def test_the_store_is_copied_at_one_moment_beside_a_writer(tmp_path: Path) -> None:
    """A console that writes while the nightly backup runs: both halves of its last transaction are in, or neither."""
    folder = unpacked(tmp_path / "shop")
    shop = Shop(folder, upgrading=True)
    upgrades.upgrade(shop, backup=False)
    command = [sys.executable, "-c", WRITER, str(shop.paths.store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        for number in range(3):
            back_up(shop, tmp_path / f"{number}.tar.zst", with_keys=True)
        writer.kill()
    for number in range(3):
        again = tmp_path / f"again-{number}"
        restore(tmp_path / f"{number}.tar.zst", again)
        with Shop(again).store.reading() as connection:
            found = dict(connection.exec_driver_sql("SELECT name, value FROM meta WHERE name IN ('one', 'two')").all())
        assert found["one"] == found["two"]

"""Keys are private, never overwritten, and a lost one is explained."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from siyu.domain.errors import NotPermittedError, StorageError
from siyu.privacy.keys import SIZE, KeyRing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    KeyRing.create(tmp_path / "keys")
    return tmp_path / "keys"


def test_three_different_keys_only_the_owner_may_read(folder: Path) -> None:
    ring = KeyRing.open(folder)
    made = {ring.master[1], ring.pseudonym, ring.token[1]}
    assert {len(key) for key in made} == {SIZE}
    assert len(made) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == ["master-1.key", "pseudonym.key", "token-1.key"]


def test_what_is_written_is_what_is_read_and_two_rings_differ(folder: Path, tmp_path: Path) -> None:
    assert KeyRing.open(folder) == KeyRing.open(folder)
    assert KeyRing.create(tmp_path / "other").pseudonym != KeyRing.open(folder).pseudonym


def test_nothing_shows_a_key(folder: Path) -> None:
    ring = KeyRing.open(folder)
    for key in (*ring.master.values(), ring.pseudonym, *ring.token.values()):
        assert key.hex() not in repr(ring)
        assert repr(key) not in repr(ring)


def test_create_never_overwrites(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(NotPermittedError, match="not empty"):
        KeyRing.create(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="could not be written"):
        KeyRing.create(tmp_path / "file" / "keys")


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_keys_that_others_may_read_are_refused_unless_told(folder: Path, mode: int) -> None:
    (folder / "master-1.key").chmod(mode)
    with pytest.raises(NotPermittedError, match="other users") as refused:
        KeyRing.open(folder)
    assert "chmod go-rwx" in refused.value.next_step
    assert KeyRing.open(folder, shared=True).master


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("master-1.key", "no address"),
        ("pseudonym.key", "everyone would look new"),
        ("token-1.key", "every link"),
    ],
)
def test_a_lost_key_says_what_that_means(folder: Path, name: str, meaning: str) -> None:
    (folder / name).unlink()
    with pytest.raises(NotPermittedError, match=meaning) as refused:
        KeyRing.open(folder)
    assert "backup" in refused.value.next_step


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "ab" * 33])
def test_a_damaged_key_is_refused(folder: Path, content: str) -> None:
    (folder / "pseudonym.key").write_text(content)
    with pytest.raises(NotPermittedError, match="damaged"):
        KeyRing.open(folder)


def test_rotation_adds_a_version_and_keeps_the_old_one(folder: Path) -> None:
    old = KeyRing.open(folder)
    new = old.rotate(folder, "master").rotate(folder, "token")
    assert (sorted(new.master), sorted(new.token)) == ([1, 2], [1, 2])
    assert (new.master[1], new.token[1], new.pseudonym) == (old.master[1], old.token[1], old.pseudonym)
    with pytest.raises(NotPermittedError, match="never rotated"):
        new.rotate(folder, "pseudonym")


def test_derived_keys_differ_by_purpose(folder: Path) -> None:
    ring = KeyRing.open(folder)
    assert len({ring.derive("a"), ring.derive("b"), ring.pseudonym}) == 3
    assert ring.derive("a") == KeyRing.open(folder).derive("a")


def test_an_open_secret_gives_the_same_keys_and_they_differ_from_each_other(tmp_path: Path) -> None:
    one, same, other = (
        KeyRing.create(tmp_path / name, open_secret=secret) for name, secret in (("a", "x"), ("b", "x"), ("c", "y"))
    )
    assert (one.master, one.pseudonym, one.token) == (same.master, same.pseudonym, same.token)
    assert one.pseudonym != other.pseudonym
    assert len({one.master[1], one.pseudonym, one.token[1]}) == 3

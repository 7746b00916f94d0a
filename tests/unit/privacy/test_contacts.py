"""The contact book gives back what it was given, to the right person, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from siyu.domain.errors import NotPermittedError
from siyu.domain.ids import PersonId
from siyu.privacy.contacts import ContactBook, Profile
from siyu.privacy.keys import KeyRing
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.store.database import Store

IDS = ["u1", "张三", "u3"]


@pytest.fixture
def people(book: ContactBook, pseudonymise: Pseudonymiser) -> list[PersonId]:
    ids = pa.array(IDS)
    assert book.register(ids, pseudonymise(ids)) == 3
    return [PersonId(one) for one in pseudonymise(ids).to_pylist()]


def _table(people: list[PersonId], **columns: list[str | None]) -> pa.Table:
    return pa.table({"person": people, **{name: pa.array(rows, pa.string()) for name, rows in columns.items()}})


def test_ids_addresses_and_profiles_come_back(book: ContactBook, people: list[PersonId]) -> None:
    report = book.put(
        _table(
            people,
            email=["a@example.com", "b@example.com", "bad"],
            phone=["13800138000", None, ""],
            language=["zh", "", None],
            timezone=["Asia/Shanghai", None, None],
        )
    )
    assert report.kept == {"email": 2, "sms": 1}
    assert report.refused == {"not-an-email-address": 1}
    assert book.external_ids(people) == dict(zip(people, IDS, strict=True))
    assert book.addresses(people, "email") == {people[0]: "a@example.com", people[1]: "b@example.com"}
    assert book.addresses(people, "mailbox") == book.addresses(people, "email")
    assert book.addresses(people, "sms") == {people[0]: "+8613800138000"}
    assert book.addresses(people[2:], "email") == {}
    assert book.profile(people)[people[0]] == Profile("zh", "Asia/Shanghai", personalised=True)
    assert book.profile(people)[people[1]] == Profile("", "", personalised=True)


def test_registering_again_changes_nothing(book: ContactBook, people: list[PersonId]) -> None:
    book.put(_table(people, email=["a@example.com", None, None]))
    assert book.register(pa.array([*IDS, "u4", None]), pa.array([*people, "f" * 32, None])) == 1
    assert book.external_ids([*people, PersonId("f" * 32)]) == {
        **dict(zip(people, IDS, strict=True)),
        "f" * 32: "u4",
    }
    assert book.addresses(people, "email") == {people[0]: "a@example.com"}


def test_a_new_address_replaces_and_nothing_leaves_what_is_there(book: ContactBook, people: list[PersonId]) -> None:
    book.put(_table(people, email=["a@example.com", "b@example.com", None], language=["zh", "zh", "zh"]))
    book.put(_table([people[0], people[0], people[1]], email=["x@example.com", "y@example.com", None]))
    assert book.addresses(people, "email") == {people[0]: "y@example.com", people[1]: "b@example.com"}
    assert book.profile(people)[people[0]].language == "zh"


def test_a_dead_address_stays_dead_until_it_changes(book: ContactBook, people: list[PersonId]) -> None:
    one = people[:1]
    book.put(_table(one, email=["a@example.com"]))
    book.invalidate(one[0], "mailbox")
    book.put(_table(one, email=["a@example.com"]))
    assert book.addresses(one, "email") == {}
    assert book.every_address(one[0]) == {"email": "a@example.com"}
    book.put(_table(one, email=["new@example.com"]))
    assert book.addresses(one, "email") == {one[0]: "new@example.com"}


def test_people_who_were_never_registered_are_counted_not_kept(book: ContactBook, people: list[PersonId]) -> None:
    report = book.put(_table([PersonId("0" * 32)], email=["z@example.com"]))
    assert (report.kept, report.refused) == (
        {"email": 0, "sms": 0} if "sms" in report.kept else {"email": 0},
        {"unknown-person": 1},
    )
    assert book.addresses([PersonId("0" * 32)], "email") == {}


def test_empty_input(book: ContactBook) -> None:
    assert book.register(pa.array([], pa.string()), pa.array([], pa.string())) == 0
    assert book.put(_table([], email=[])).refused == {}
    assert book.addresses([], "email") == book.external_ids([]) == book.profile([]) == {}


def test_other_keys_are_refused_before_anything_is_read(store: Store, book: ContactBook, tmp_path: Path) -> None:
    other = KeyRing.create(tmp_path / "others")
    with pytest.raises(NotPermittedError, match="do not belong to this store"):
        ContactBook(store, other)


def test_fingerprints_ignore_case_and_differ_by_ring(book: ContactBook) -> None:
    assert book.fingerprint("A@Example.com") == book.fingerprint("a@example.com") != book.fingerprint("b@example.com")


def test_personalisation_can_be_switched_off(book: ContactBook, people: list[PersonId]) -> None:
    book.personalise(people[0], False)
    assert [book.profile(people)[one].personalised for one in people] == [False, True, True]

"""Erasure leaves nothing readable; export gives everything; no plain word of either ever touches the disk."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from siyu.domain.ids import PersonId
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook
from siyu.privacy.erasure import erase, export
from siyu.privacy.people_import import import_people
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.store import audit, consents, people
from siyu.store.database import Store

ROWS = [
    {
        "user_id": f"customer-{n}-{word}",
        "email": f"{word}{n}@example.com",
        "phone": f"1380013800{n}",
        "language": "zh",
        "timezone": "Asia/Shanghai",
        "consent_purpose": "marketing",
        "consent_channel": "email",
        "consent_at": "2026-01-01T00:00:00Z",
        "consent_how": f"wrote from {word}{n}@example.com",
        "consent_text": "v1",
    }
    for n, word in enumerate(("quokka", "wombat", "numbat"))
]


@pytest.fixture
def everyone(book: ContactBook, ledger: ConsentLedger, pseudonymise: Pseudonymiser) -> list[PersonId]:
    _import(book, ledger, pseudonymise)
    return [pseudonymise.one(row["user_id"]) for row in ROWS]


def _import(book: ContactBook, ledger: ConsentLedger, pseudonymise: Pseudonymiser) -> dict[str, int]:
    table = pa.Table.from_pylist(ROWS)
    return dict(import_people(table, book=book, consents=ledger, pseudonymise=pseudonymise).refused)


def test_export_is_complete_and_noted(book: ContactBook, everyone: list[PersonId], store: Store) -> None:
    found = export(book, everyone[0], actor="ann")
    assert found["external_id"] == "customer-0-quokka"
    assert found["addresses"] == {"email": "quokka0@example.com", "sms": "+8613800138000"}
    assert found["profile"] == {"language": "zh", "timezone": "Asia/Shanghai", "personalised": True}
    assert [(one["purpose"], one["state"], one["at"]) for one in found["consents"]] == [
        ("marketing", "granted", "2026-01-01T00:00:00+00:00")
    ]
    with store.reading() as connection:
        assert audit.entries(connection)[0].action == "person.export"
    assert export(book, PersonId("0" * 32), actor="ann") == {}


def test_the_erased_are_gone_and_stay_gone(
    book: ContactBook, ledger: ConsentLedger, pseudonymise: Pseudonymiser, everyone: list[PersonId], store: Store
) -> None:
    gone, *others = everyone
    permitted = ledger.permits(everyone, "marketing", "email")
    assert set(permitted) == set(everyone)
    assert erase(book, gone, actor="ann")
    for _ in range(2):  # as it is, and after the shop's old file came in again
        assert set(ledger.permits(everyone, "marketing", "email")) == set(others)
        assert set(book.addresses(everyone, "email")) == set(others)
        assert set(book.external_ids(everyone)) == set(others)
        assert set(book.profile(everyone)) == set(others)
        assert {"person": gone, "reason": "erased"} in ledger.suppressed("email").to_pylist()
        refused = _import(book, ledger, pseudonymise)
        assert refused == {"unknown-person": 1}
    with store.reading() as connection:
        row = next(people.find(connection, [gone]))
        assert (row.data_key, row.external_id, row.language, row.timezone) == (None, None, "", "")
        assert [(one.how, one.source, one.text_version) for one in consents.history(connection, gone)] == [("", "", "")]
        assert audit.verify(connection).whole
    assert not erase(book, PersonId("0" * 32), actor="ann")


def test_the_address_of_the_erased_is_barred_under_another_id(
    book: ContactBook, ledger: ConsentLedger, pseudonymise: Pseudonymiser, everyone: list[PersonId]
) -> None:
    erase(book, everyone[0], actor="ann")
    row = {**ROWS[0], "user_id": "new-id", "phone": ""}
    import_people(pa.Table.from_pylist([row]), book=book, consents=ledger, pseudonymise=pseudonymise)
    assert ledger.permits([pseudonymise.one("new-id")], "marketing", "email") == {}


def test_no_plain_id_address_or_number_on_the_disk(
    book: ContactBook, ledger: ConsentLedger, everyone: list[PersonId], tmp_path: Path
) -> None:
    book.suppress_address("quokka0@example.com", "bounced")
    export(book, everyone[1], actor="ann")
    erase(book, everyone[2], actor="ann")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    assert everyone[0].encode() in written  # what should be there is found by the same search
    for word in ("quokka", "wombat", "numbat", "customer-", "example.com", "13800138", "8613800"):
        for encoding in ("utf-8", "utf-16-le"):
            assert word.encode(encoding) not in written, word
            assert word.upper().encode(encoding) not in written, word


def test_the_data_key_of_the_erased_is_overwritten_in_the_file(
    book: ContactBook, everyone: list[PersonId], store: Store, tmp_path: Path
) -> None:
    with store.reading() as connection:
        key = people.data_keys(connection, everyone)[everyone[0]]
    erase(book, everyone[0], actor="ann")
    with store.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    for path in tmp_path.rglob("*.db*"):
        assert key not in path.read_bytes()

"""Reading people in: every row kept or counted under one reason, and never half a file."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from siyu.domain.errors import InputError
from siyu.domain.ids import PersonId
from siyu.files import find
from siyu.privacy.consent import ConsentLedger
from siyu.privacy.contacts import ContactBook, Profile
from siyu.privacy.erasure import erase
from siyu.privacy.people_import import PeopleReport, import_people
from siyu.privacy.people_rows import field_of
from siyu.privacy.pseudonyms import Pseudonymiser
from siyu.privacy.settings import PeopleSettings, SyntheticPeople
from siyu.privacy.synthetic import invent

HEAD = "user_id,email,phone,language,timezone,consent_purpose,consent_channel,consent_at,consent_how,consent_text"
GOOD = f"""{HEAD}
u1,a@example.com,13800138000,zh,Asia/Shanghai,marketing,email,2026-01-01T00:00:00+08:00,ticked,v1
u1,a@example.com,13800138000,zh,Asia/Shanghai,marketing,sms,2026-01-02,ticked,v1
u2,b@example.com,,en,Europe/London,,,,,
"""


class Importing:
    """An import with everything it needs but its source."""

    def __init__(self, book: ContactBook, consents: ConsentLedger, pseudonymise: Pseudonymiser) -> None:
        self.book, self.consents, self.pseudonymise = book, consents, pseudonymise
        self.aside: list[pa.Table] = []

    def __call__(self, source: pa.Table | list[Path], settings: PeopleSettings | None = None) -> PeopleReport:
        rows = source if isinstance(source, pa.Table) else find([str(path) for path in source])
        report = import_people(
            rows,
            book=self.book,
            consents=self.consents,
            pseudonymise=self.pseudonymise,
            settings=settings,
            put_aside=self.aside.append,
        )
        assert report.rows == report.accepted + sum(report.refused.values())
        assert Counter(self.told("reason")) == report.refused
        return report

    def told(self, column: str) -> list[Any]:
        """A column of what the last import set aside."""
        return list(self.aside[-1][column].to_pylist())

    def may(self, user: str, channel: str = "email") -> bool:
        person = self.pseudonymise.one(user)
        return person in self.consents.permits([person], "marketing", channel)

    def address(self, user: str, channel: str = "email") -> str | None:
        person = self.pseudonymise.one(user)
        return self.book.addresses([person], channel).get(person)


@pytest.fixture
def importing(book: ContactBook, ledger: ConsentLedger, pseudonymise: Pseudonymiser) -> Importing:
    return Importing(book, ledger, pseudonymise)


def _file(tmp_path: Path, content: str | bytes, name: str = "people.csv") -> list[Path]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [path]


def test_csv_with_several_consents_of_one_user(importing: Importing, tmp_path: Path) -> None:
    report = importing(_file(tmp_path, GOOD))
    assert report == PeopleReport(
        rows=3, accepted=3, people=2, new=2, addresses={"email": 2, "sms": 1}, consents=2, refused={}
    )
    assert importing.may("u1")
    assert importing.may("u1", "sms")
    assert not importing.may("u2")
    assert importing.address("u2") == "b@example.com"
    person = importing.pseudonymise.one("u1")
    assert importing.book.profile([person])[person] == Profile("zh", "Asia/Shanghai", personalised=True)
    assert importing.book.external_ids([person]) == {person: "u1"}


def test_importing_again_changes_nothing(importing: Importing, tmp_path: Path) -> None:
    first = importing(_file(tmp_path, GOOD))
    again = importing(_file(tmp_path, GOOD))
    assert (first.new, first.unchanged) == (2, 0)
    assert (again.new, again.addresses, again.consents, again.unchanged) == (0, {"email": 0, "sms": 0}, 0, 3)
    assert (again.rows, again.people) == (first.rows, first.people)
    assert importing.may("u1", "sms")


def test_only_people_with_a_new_row_are_looked_at(importing: Importing, tmp_path: Path) -> None:
    importing(_file(tmp_path, GOOD))
    more = GOOD.replace("b@example.com", "c@example.com") + "u3,d@example.com,,,,,,,,\n"
    report = importing(_file(tmp_path, more))
    assert (report.new, report.addresses["email"], report.unchanged) == (1, 2, 2)
    assert importing.address("u2") == "c@example.com"
    assert importing.address("u1") == "a@example.com"


def test_a_row_that_comes_back_holds_again(importing: Importing, tmp_path: Path) -> None:
    for address in ("a@example.com", "z@example.com", "a@example.com"):
        importing(_file(tmp_path, GOOD.replace("a@example.com", address)))
        assert importing.address("u1") == address


def test_which_of_several_rows_holds_does_not_depend_on_what_was_read_before(
    importing: Importing, tmp_path: Path
) -> None:
    two = f"{HEAD}\nu1,a@example.com,,,,,,,,\nu1,last@example.com,,,,,,,,\n"
    importing(_file(tmp_path, two))
    importing(_file(tmp_path, two.replace("a@example.com", "other@example.com")))
    assert importing.address("u1") == "last@example.com"


def test_other_settings_read_every_row_again(importing: Importing, tmp_path: Path) -> None:
    importing(_file(tmp_path, GOOD))
    report = importing(_file(tmp_path, GOOD), PeopleSettings(consent_how="in the shop"))
    assert (report.unchanged, report.consents) == (0, 2)


def test_erasing_someone_empties_the_memory(importing: Importing, tmp_path: Path) -> None:
    importing(_file(tmp_path, GOOD))
    erase(importing.book, importing.pseudonymise.one("u1"), actor="test")
    report = importing(_file(tmp_path, GOOD))
    assert (report.unchanged, report.new, report.addresses["email"]) == (0, 0, 1)
    assert importing.address("u1") is None
    again = importing(_file(tmp_path, GOOD))
    assert (again.unchanged, again.refused) == (1, report.refused)


def test_refused_rows_are_counted_every_time(importing: Importing, tmp_path: Path) -> None:
    rows = GOOD + "u9,nobody,,,,,,,,\nu8,,,,,marketing,email,2026-12-01,ticked,\n,x@example.com,,,,,,,,\n"
    first, again = importing(_file(tmp_path, rows)), importing(_file(tmp_path, rows))
    assert again.refused == first.refused
    assert again.unchanged == 3


def _as_jsonl(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@pytest.mark.parametrize(
    "kind", ["people.jsonl", "people.jsonl.gz", "people.parquet", "people.csv.gz", "gbk.csv", "bom.csv"]
)
def test_every_kind_of_file_gives_the_same(importing: Importing, tmp_path: Path, kind: str) -> None:
    names = HEAD.split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in GOOD.splitlines()[1:]]
    for row in rows:
        row["consent_how"] = "注册时勾选"
    csv = "\n".join([HEAD, *(",".join(row.values()) for row in rows)])
    contents = {
        "people.jsonl": lambda: _as_jsonl(rows),
        "people.jsonl.gz": lambda: gzip.compress(_as_jsonl(rows)),
        "people.csv.gz": lambda: gzip.compress(csv.encode()),
        "gbk.csv": lambda: csv.encode("gb18030"),
        "bom.csv": lambda: b"\xef\xbb\xbf" + csv.encode(),
    }
    if kind == "people.parquet":
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / kind)
        files = [tmp_path / kind]
    else:
        files = _file(tmp_path, contents[kind](), kind)
    report = importing(files)
    assert (report.rows, report.people, report.consents, report.refused) == (3, 2, 2, {})
    assert importing.address("u1", "sms") == "+8613800138000"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",x@example.com,,,,,,,,", "missing-user"),
        ("  ,x@example.com,,,,,,,,", "missing-user"),
        ("u" * 300 + ",,,,,,,,,", "user-too-long"),
        ("1.38001E+10,x@example.com,,,,,,,,", "rounded-id"),
        ("u9,nobody,,,,,,,,", "not-an-email-address"),
        ('u9,"a@b,c@d",,,,,,,,', "not-an-email-address"),
        ("u9," + "x" * 320 + "@example.com,,,,,,,,", "address-too-long"),
        ("u9,,12,,,,,,,", "not-a-phone-number"),
        ("u9,,,klingonish language,,,,,,", "unknown-language"),
        ("u9,,,,Mars/Olympus,,,,,", "unknown-timezone"),
        ("u9,,,,,marketing,,2026-01-01,ticked,", "consent-without-channel"),
        ("u9,,,,,marketing,email,,ticked,", "consent-without-time"),
        ("u9,,,,,marketing,email,yesterday,ticked,", "bad-consent-time"),
        ("u9,,,,,marketing,email,0001-01-01,ticked,", "bad-consent-time"),
        ("u9,,,,,marketing,email,9999-12-31,ticked,", "bad-consent-time"),
        ("u9,,,,,marketing,email,2026-12-01,ticked,", "consent-in-the-future"),
        ("u9,,,,,marketing,email,2026-01-01,,v1", "consent-without-how"),
        ("u9,,,,,*,email,2026-01-01,ticked,", "consent-for-everything"),
    ],
)
def test_each_refusal_has_its_reason_and_spares_the_other_rows(
    importing: Importing, tmp_path: Path, row: str, reason: str
) -> None:
    report = importing(_file(tmp_path, GOOD + row + "\n"))
    assert report.refused == {reason: 1}
    assert report.rows == 4
    ((field,), (line,), (file,)) = (importing.told(name) for name in ("field", "row", "file"))
    assert (field, line, file) == (field_of(reason), 5, "people.csv")
    assert field in HEAD
    assert importing.may("u1")
    assert not importing.may("u9")


def test_withdrawals_come_by_file_too(importing: Importing, tmp_path: Path) -> None:
    importing(_file(tmp_path, GOOD))
    head = "user_id,consent_purpose,consent_channel,consent_state,consent_at"
    rows = f"{head}\nu1,*,*,withdrawn,2026-05-01\nu1,marketing,email,perhaps,2026-05-01\n"
    report = importing(_file(tmp_path, rows))
    assert (report.consents, report.refused) == (1, {"unknown-consent-state": 1})
    assert not importing.may("u1")
    assert not importing.may("u1", "sms")


def test_own_column_names_and_a_default_for_how(importing: Importing, tmp_path: Path) -> None:
    text = "客户号,邮箱,consent_purpose,consent_channel,consent_at\n7,a@example.com,marketing,email,2026-01-01\n"
    settings = PeopleSettings(columns={"user_id": "客户号", "email": "邮箱"}, consent_how="signed the card")
    assert importing(_file(tmp_path, text), settings).refused == {}
    assert importing.may("7")


def test_lines_that_are_no_row_are_counted(importing: Importing, tmp_path: Path) -> None:
    csv = GOOD + "only,three,cells\n"
    assert importing(_file(tmp_path, csv)).refused == {"malformed": 1}
    assert (importing.told("row"), importing.told("field")) == ([5], ["row"])
    assert json.loads(importing.told("payload")[0]) == {"row": "only,three,cells"}
    lines = b'{"user_id": "u5", "email": "e@example.com"}\n{"user_id": \n[1]\n\n{"user_id": 6}\n'
    report = importing(_file(tmp_path, lines, "more.jsonl"))
    assert (report.rows, report.refused, report.new) == (4, {"malformed": 2}, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.csv", b""),
        ("people.csv", b"name,email\nx,y\n"),
        ("people.csv", ",".join(f"c{n}" for n in range(5000)).encode()),
        ("people.parquet", b"PAR1 not really"),
        ("people.csv.gz", b"\x1f\x8b broken"),
        ("people.xlsx", b"PK"),
        ("people.jsonl", b'{"id": 1, "email": "a@example.com"}\n'),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_of_the_others(
    importing: Importing, tmp_path: Path, name: str, content: bytes
) -> None:
    good = _file(tmp_path, GOOD, "good.csv")
    with pytest.raises(InputError, match=name) as refused:
        importing([*good, *_file(tmp_path, content, name)])
    assert refused.value.next_step
    assert "@" not in str(refused.value)
    assert importing.address("u1") is None


def test_an_open_quotation_mark_costs_the_lines_it_swallowed(importing: Importing, tmp_path: Path) -> None:
    report = importing(_file(tmp_path, GOOD + 'u7,"c@example.com,,,,,,,,\nu8,d@example.com,,,,,,,,\n'))
    assert report.refused == {"malformed": 1}
    assert (importing.address("u8"), importing.address("u7")) == ("d@example.com", None)


def test_settings_of_text_are_those_of_every_source(importing: Importing, tmp_path: Path) -> None:
    """2026-07-01 00:30 in Shanghai is 2026-06-30 16:30 in UTC: consent of before the clock's July."""
    head = "exported by CRM\nuser_id;email;consent_purpose;consent_channel;consent_at;consent_how\n"
    text = head + "u1;a@example.com;marketing;email;2026-05-01 00:30:00;勾选\n"
    settings = PeopleSettings(encoding="gb18030", delimiter=";", header_line=2, timezone="Asia/Shanghai")
    report = importing(_file(tmp_path, text.encode("gb18030"), "people.txt"), settings)
    assert (report.refused, report.consents) == ({}, 1)
    history = importing.consents.consented("marketing", "email")
    assert history["granted_at"][0].as_py().isoformat().startswith("2026-04-30T16:30")


def test_a_row_of_two_faults_is_set_aside_once_and_what_is_good_in_it_is_taken(
    importing: Importing, tmp_path: Path
) -> None:
    report = importing(_file(tmp_path, GOOD + "u9,z@example.com,12,,Mars/Olympus,,,,,\n"))
    assert sum(report.refused.values()) == 1
    assert importing.address("u9") == "z@example.com"
    (payload,) = importing.told("payload")
    assert json.loads(payload)["phone"] == "12"


def test_of_the_erased_only_the_place_of_their_row_is_kept(importing: Importing, tmp_path: Path) -> None:
    importing(_file(tmp_path, GOOD))
    erase(importing.book, importing.pseudonymise.one("u1"), actor="test")
    report = importing(_file(tmp_path, GOOD + "u3,nobody,,,,,,,,\n"))
    assert report.refused == {"not-an-email-address": 1, "unknown-person": 2}
    assert importing.told("row") == [2, 3, 5]
    assert [payload is None for payload in importing.told("payload")] == [True, True, False]


def test_an_absent_file_is_said(importing: Importing, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        importing([tmp_path / "none.csv"])


def test_nothing_to_import(importing: Importing, tmp_path: Path) -> None:
    assert importing([]).rows == 0
    assert importing(_file(tmp_path, HEAD + "\n")).people == 0


def test_invented_people_can_be_written_to_and_nobody_real_is(importing: Importing, book: ContactBook) -> None:
    ids = pa.array(["17850", "a b/c", None, "17850"])
    settings = SyntheticPeople(language="zh", timezone="Asia/Shanghai", channels=("email", "sms"))
    report = importing(invent(ids, settings))
    assert report.refused == {"not-an-email-address": 4}  # this book takes no reserved endings ...
    open_book = ContactBook(book.store, _ring(importing), clock=book.clock, reserved=True)
    told = import_people(
        invent(ids, settings), book=open_book, consents=importing.consents, pseudonymise=importing.pseudonymise
    )
    assert (told.people, told.addresses["email"], told.consents, told.refused) == (2, 2, 4, {})  # ... this one does
    person = PersonId(importing.pseudonymise.one("17850"))
    assert open_book.addresses([person], "mailbox") == {person: "17850@example.invalid"}
    assert importing.may("17850", "mailbox")
    assert importing.may("a b/c", "sms")


@pytest.fixture(autouse=True)
def _remember_ring(importing: Importing, keys: object) -> None:
    importing.ring = keys  # type: ignore[attr-defined]


def _ring(importing: Importing) -> object:
    return importing.ring  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "{id}@gmail.com"},
        {"address": "x@example.invalid"},
        {"address": "{id}{id}@example.invalid"},
        {"address": "{id.__class__}@example.invalid"},
        {"address": "{id} b@example.invalid"},
        {"timezone": "Mars"},
        {"consent_at": "2026-01-01T00:00:00"},
        {"colour": "red"},
    ],
)
def test_settings_that_could_reach_someone_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        SyntheticPeople(**wrong)  # type: ignore[arg-type]

"""Does our own do-not-call list survive the way into a file and back, and is a difference told without a change?"""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from campaigns.importing import check_dnc_file
from dialer.erasure_key import erasure_key
from tests.dialer.office import Office

A, B, C = "+12125550101", "+12125550102", "+12125550103"
Entries = set[tuple[str, str, str, str]]


@pytest.fixture
def listed(office: Office) -> Office:
    """Entries of every scope, one with hostile text."""
    office.trunk()
    office.campaign()
    office.do("dnc.add", {"number": A, "reason": '=letter, of \u2028 "Ann"'})
    office.do("dnc.add", {"number": A, "reason": "asked", "scope": "seller", "value": "Practice; Ltd"})
    office.do("dnc.add", {"number": B, "reason": "asked", "scope": "campaign", "value": "Autumn"})
    return office


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Office]:
    """Another house with a campaign of the same name."""
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other")
    other.trunk()
    other.campaign()
    yield other
    other.close()


def entries(office: Office) -> Entries:
    found = office.do("dnc.list", {})["entries"]
    return {(each["number"], each["scope"], each["value"], each["reason"]) for each in found}


def export(office: Office, name: str = "out.csv", **options: Any) -> Path:
    return Path(office.do("dnc.export", {"path": str(office.folder / name), **options})["path"])


def rows_of(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_exported_list_imports_elsewhere_to_the_same_list(listed: Office, elsewhere: Office) -> None:
    path = export(listed)
    data = elsewhere.do("dnc.import", {"path": str(path), "reason": "moved"})
    assert (data["added"], data["known"]) == (3, 0)
    before, after = entries(listed), entries(elsewhere)
    assert {each[:3] for each in after} == {each[:3] for each in before}
    assert (B, "campaign", "Autumn", "asked") in after
    again = elsewhere.do("dnc.import", {"path": str(path), "reason": "moved"})
    assert (again["added"], again["known"]) == (0, 3)


def test_who_when_whence_and_why_survive_the_way_through_a_file(listed: Office, elsewhere: Office) -> None:
    path = export(listed)
    elsewhere.now += timedelta(days=40)
    answer = elsewhere.ask("dnc.import", {"path": str(path), "reason": "moved"}, actor="boris")
    assert answer.message.endswith("3 rows say who listed the number, when and whence: that was kept.")
    (kept,) = (each for each in elsewhere.do("dnc.list", {})["entries"] if each["number"] == B)
    told = [kept[name] for name in ("actor", "added_at", "source", "reason")]
    assert told == ["anna", listed.now.isoformat(), "manager", "asked"]
    assert rows_of(export(elsewhere)) == rows_of(path)
    (logged,) = (each for each in elsewhere.store.commands.latest() if each.name == "dnc.import")
    assert (logged.actor, answer.data["source"]) == ("boris", "out.csv")


def test_a_file_that_does_not_say_who_and_when_is_listed_by_whoever_brings_it(elsewhere: Office) -> None:
    """As exports of other programs and of older versions are."""
    for name, text in (
        ("a.csv", f"number,scope,value,reason\n{A},everything,,asked\n"),
        ("b.csv", f"number,scope,value,reason,source,actor,added_at\n{B},everything,,asked,desk,,\n"),
        ("c.csv", f"phone,actor,added_at\n{C},eve,2020-01-01T00:00:00Z\n"),
    ):
        elsewhere.do("dnc.import", {"path": elsewhere.file(name, text), "reason": "list"})
    found = elsewhere.do("dnc.list", {})["entries"]
    assert {(each["actor"], each["added_at"]) for each in found} == {("anna", elsewhere.now.isoformat())}
    assert {each["source"] for each in found} == {"a.csv", "b.csv", "c.csv"}


def test_a_time_to_come_refuses_the_file(office: Office) -> None:
    text = f"number,scope,value,reason,source,actor,added_at\n{A},everything,,asked,desk,anna,2026-03-02T17:00:01Z\n"
    answer = office.ask("dnc.import", {"path": office.file("x.csv", text), "reason": "moved"})
    assert not answer.done
    assert answer.message.startswith("Line 2: added_at 2026-03-02T17:00:01+00:00 is not past.")
    assert entries(office) == set()
    (fault,) = check_dnc_file(office.folder / "x.csv", now=office.now).rejected
    assert fault.column == "added_at"
    office.do("dnc.import", {"path": str(office.folder / "x.csv"), "reason": "moved", "accept_faults": True})
    (entry,) = office.do("dnc.list", {})["entries"]
    assert entry["added_at"] == office.now.isoformat()


def test_every_row_whose_word_cannot_be_taken_is_named_by_check_and_import_alike(office: Office) -> None:
    """A check that passes what the import refuses would be worth nothing."""
    rows = [
        f"{A},everything,,asked,desk,anna,2026-01-05T10:00:00",
        f"{A},everything,,asked,desk,anna,1999-01-05T10:00:00Z",
        f"{B},everything,,asked,desk,anna,soon",
        f"{B},sellers,Acme,asked,desk,anna,",
        f"{B},seller,,asked,desk,anna,",
        f"{B},everything,Acme,asked,desk,anna,",
        f"{C},seller,Acme,asked,desk,anna,2026-01-05T10:00:00Z",
    ]
    path = office.file("x.csv", "\n".join(("number,scope,value,reason,source,actor,added_at", *rows)) + "\n")
    answer = office.ask("dnc.import", {"path": path, "reason": "moved"})
    assert not answer.done
    faults = answer.data["report"]["rejected"]
    assert [(fault["line"], fault["column"]) for fault in faults] == [
        (2, "added_at"),
        (3, "added_at"),
        (4, "added_at"),
        (5, "scope"),
        (6, "value"),
        (7, "value"),
    ]
    assert check_dnc_file(Path(path)).as_json()["rejected"] == faults
    assert entries(office) == set()
    taken = office.ask("dnc.import", {"path": path, "reason": "moved", "accept_faults": True})
    assert "Of 6 faulty rows every number that could be read bars" in taken.message
    assert not any("NOT active" in fault["reason"] for fault in taken.data["report"]["rejected"])
    assert {each[1] for each in entries(office)} == {"everything", "seller"}
    assert office.do("dnc.check", {"number": B})["barred"]


def test_an_extension_that_cannot_be_read_leaves_its_line_barred(office: Office) -> None:
    path = office.file("x.csv", f"phone\n{A} ext. abc\n{B} x123456789\n")
    answer = office.ask("dnc.import", {"path": path, "reason": "asked"})
    assert not answer.done
    assert "1 to 8 digits" in answer.data["report"]["rejected"][0]["reason"]
    office.do("dnc.import", {"path": path, "reason": "asked", "accept_faults": True})
    assert [office.do("dnc.check", {"number": each})["barred"] for each in (A, B)] == [True, True]


def test_columns_that_say_nothing_to_a_list_are_named(office: Office) -> None:
    path = office.file("x.csv", f"phone,city,reason\n{A},Rome,asked\n")
    assert "Columns that were passed over: city, reason." in check_dnc_file(Path(path)).message
    own = export(office)
    assert "passed over" not in check_dnc_file(own).message


def test_only_the_number_of_a_list_can_be_mapped(office: Office) -> None:
    args = {"path": office.file("x.csv", f"Tel,x\n{A},y\n"), "reason": "asked", "map": {"note": "x"}}
    answer = office.ask("dnc.import", args)
    assert not answer.done
    assert "unknown field 'note'; known: phone." in answer.message


def test_a_request_for_removal_ends_when_the_file_comes_not_when_its_entry_was_made(
    listed: Office, elsewhere: Office
) -> None:
    path = export(listed)
    elsewhere.now += timedelta(days=2)
    elsewhere.do("dnc.add", {"number": A, "reason": "asked"})
    elsewhere.do("dnc.remove", {"number": A, "reason": "by mistake"})
    elsewhere.now += timedelta(days=1)
    told = elsewhere.ask("dnc.import", {"path": str(path), "reason": "moved"})
    assert "1 waiting request to take one off ended by it" in told.message
    (ended,) = elsewhere.store.removals.latest()
    assert (ended.settled_at, ended.settled_by) == (elsewhere.now, "anna")


def test_erased_persons_and_wide_patterns_go_out_and_come_back(listed: Office) -> None:
    """Whoever was erased stays barred after the way through a file, and reads as listed already at home."""
    listed.do("privacy.erase", {"number": A, "reason": "asked"})
    listed.do("dnc.add", {"number": "+7*", "reason": "not our market", "accept_wide": True})
    path = export(listed)
    again = listed.do("dnc.import", {"path": str(path), "reason": "moved"})
    assert (again["added"], again["known"]) == (0, 4)
    assert listed.do("dnc.diff", {"path": str(path)})["would_add"] == 0


def test_an_erased_person_stays_barred_in_a_house_with_the_same_key_only(listed: Office, elsewhere: Office) -> None:
    listed.do("privacy.erase", {"number": A, "reason": "asked"})
    path = export(listed)
    refused = elsewhere.ask("dnc.import", {"path": str(path), "reason": "moved", "accept_faults": True})
    assert not refused.done
    assert "bar nobody" in refused.message
    assert refused.message.endswith("Nothing was stored.")
    assert entries(elsewhere) == set()
    elsewhere.home.secrets.mkdir(exist_ok=True)
    shutil.copy(listed.home.secrets / "erasure-key", elsewhere.home.secrets / "erasure-key")
    elsewhere.store.recognise_erased_by(partial(erasure_key, elsewhere.home))
    assert elsewhere.do("dnc.import", {"path": str(path), "reason": "moved"})["added"] == 3
    assert elsewhere.do("dnc.check", {"number": A})["barred"]


def test_the_file_is_safe_to_open_and_for_its_owner_and_group_only(listed: Office) -> None:
    path = export(listed)
    cells = [cell for row in csv.reader(path.read_text("utf-8").splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert rows_of(path)[0]["actor"] == "anna"


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(listed: Office) -> None:
    (listed.folder / "file").touch()
    answer = listed.ask("dnc.export", {"path": str(listed.folder / "file" / "out.csv")})
    assert not answer.done
    assert "No part of it is there" in answer.message


def test_a_campaign_that_is_not_there_refuses_the_whole_file(listed: Office, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    other = Office(tmp_path / "empty")
    answer = other.ask("dnc.import", {"path": str(export(listed)), "reason": "moved"})
    assert not answer.done
    assert answer.message.startswith("Line 4: There is no campaign 'Autumn'")
    assert entries(other) == set()
    other.close()


def test_a_scope_beside_a_file_that_says_its_own_is_refused(listed: Office) -> None:
    args = {"path": str(export(listed)), "reason": "moved", "scope": "seller", "value": "Acme"}
    answer = listed.ask("dnc.import", args)
    assert not answer.done
    assert "leave --scope out" in answer.message


class TestDiff:
    def test_a_difference_is_told_by_scope_and_nothing_is_stored(self, listed: Office) -> None:
        before = entries(listed)
        data = listed.do("dnc.diff", {"path": listed.file("new.txt", f"{B}\n{C}\n")})
        assert (data["would_add"], data["known"], data["not_in_file"]) == (2, 0, 1)
        assert data["missing"] == [{"number": A, "scope": "everything", "value": ""}]
        assert entries(listed) == before

    def test_an_exported_file_differs_in_nothing(self, listed: Office) -> None:
        data = listed.do("dnc.diff", {"path": str(export(listed))})
        assert (data["would_add"], data["known"], data["not_in_file"]) == (0, 3, 0)

    def test_one_scope_is_compared_with_itself_only(self, listed: Office) -> None:
        args = {"path": listed.file("new.txt", f"{A}\n"), "scope": "seller", "value": "Practice; Ltd"}
        data = listed.do("dnc.diff", args)
        assert (data["would_add"], data["known"], data["not_in_file"]) == (0, 1, 0)

    def test_a_file_that_cannot_be_read_is_refused(self, listed: Office) -> None:
        answer = listed.ask("dnc.diff", {"path": listed.file("bad.txt", "phone\nnone\n")})
        assert not answer.done


def test_an_export_that_a_spreadsheet_wrote_with_capitals_is_known(office: Office) -> None:
    file = f"Number,Scope,Value,Reason\n{A},seller,Acme,asked\n"
    office.do("dnc.import", {"path": office.file("caps2.csv", file), "reason": "list"})
    assert entries(office) == {(A, "seller", "Acme", "asked")}


def test_our_columns_are_known_in_capitals_too(office: Office) -> None:
    file = "Phone,Scope,Value,Reason\n+12125550144,seller,Acme,asked nicely\n"
    office.do("dnc.import", {"path": office.file("caps.csv", file), "reason": "list"})
    (entry,) = office.do("dnc.check", {"number": "+12125550144"})["entries"]
    assert (entry["scope"], entry["value"], entry["reason"]) == ("seller", "Acme", "asked nicely")

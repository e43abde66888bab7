"""Does every bad file get a clear error with its line and a mend, exit code 2, and leaves nothing stored?"""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass

import pytest
from openpyxl import Workbook

from tests.bad_input.conftest import Shell


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A file and the words its refusal must hold."""

    name: str
    content: bytes
    words: tuple[str, ...]


def text(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def workbook(*rows: tuple[str | float, ...]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(content)
    return content.getvalue()


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("leads.csv", "phone\n+12125550143\n")
    return content.getvalue()


REFUSED = {
    "a PDF": Bad(name="leads.csv", content=b"%PDF-1.7\n1 0 obj\n", words=("PDF", "not CSV")),
    "a program": Bad(name="leads.csv", content=b"\x7fELF\x02\x01\x01" + bytes(64), words=("ELF", "not CSV")),
    "a web page": Bad(name="leads.csv", content=b"<!DOCTYPE html><html><body>", words=("HTML", "not CSV")),
    "a zip archive": Bad(name="leads.csv", content=archive(), words=("ZIP",)),
    "a zip called workbook": Bad(name="leads.xlsx", content=archive(), words=("leads.xlsx",)),
    "a damaged workbook": Bad(name="leads.xlsx", content=b"PK\x03\x04 no more", words=("leads.xlsx", "damaged")),
    "a damaged gzip": Bad(name="leads.csv.gz", content=gzip.compress(b"phone\n")[:-6], words=("leads.csv.gz",)),
    "an empty file": Bad(name="leads.csv", content=b"", words=("empty (0 bytes)", "Nothing imported")),
    "a wrong encoding": Bad(
        name="leads.csv", content="phone,name\n+12125550143,José\n".encode("cp1252"),
        words=("byte ", "(line 2)", "not UTF-8", "--encoding cp1252"),
    ),
    "no phone column": Bad(
        name="leads.csv", content=text("first_name,email", "Ada,a@b.c"),
        words=("line 1", "no phone column", "Columns found: first_name, email", "--map phone=COLUMN"),
    ),
    "a column twice": Bad(name="leads.csv", content=text("phone,phone", "1,2"), words=("line 1", "'phone'", "twice")),
    "an unclosed quote": Bad(
        name="leads.csv", content=text("phone,name", '+12125550143,"Ada', "+12125550144,Ben"),
        words=("line 2", "quoted field is never closed"),
    ),
    "only a heading": Bad(name="leads.csv", content=text("phone,name"), words=("leads.csv",)),
}  # fmt: skip

ROWS = {
    "too few values": ("+12125550143", ("line 2", "1 value", "header has 3")),
    "too many values": ("+12125550143,Ada,UTC,more,and more", ("line 2", "5 values", "header has 3")),
    "Excel made it 1.2E+10": ("1.21256E+10,Ada,", ("line 2", "phone", "scientific")),
    "an emergency number": ("911,Ada,", ("line 2", "phone '911'", "emergency")),
    "a foreign emergency number": ("112,Ada,", ("line 2", "phone '112'", "emergency")),
    "a premium number": ("+1 900 555 0143,Ada,", ("line 2", "phone", "premium")),
    "a number too short": ("+121255501,Ada,", ("line 2", "too short")),
    "a number too long": ("+121255501430000000,Ada,", ("line 2", "too long")),
    "letters": ("call me,Ada,", ("line 2", "phone", "not a phone number")),
    "an address": ("sip:x@host,Ada,", ("line 2", "address")),
    "a second leg": ("2125550143&PJSIP/1001,Ada,", ("line 2", "phone")),
    "a goto": ('"n,30,g",Ada,', ("line 2", "phone")),
    "no number": (",Ada,", ("line 2", "phone")),
    "an unknown zone": ("+12125550143,Ada,Mars/Olympus", ("line 2", "timezone 'Mars/Olympus'", "unknown zone")),
    "a control character": ("+12125550143,A\x01da,", ("line 2", "first_name", "control character", "<01>")),
    "NUL": ("+12125550143,A\x00da,", ("line 2", "NUL", "<00>")),
    "a note of 200,000 characters": (f"+12125550143,{'x' * 200_000},", ("line 2", "200000 characters", "limit 10000")),
}


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_a_file_that_is_no_list_is_refused_and_nothing_is_stored(shell: Shell, bad: Bad, as_json: bool) -> None:
    path = shell.write(bad.name, bad.content)
    before, files = shell.stored(), shell.files()
    said = shell("leads", "import", str(path), "--list", "new", *(["--json"] if as_json else []))
    assert said.code == 2
    told = said.json["message"] if as_json else said.err
    assert [words for words in bad.words if words not in told] == []
    assert as_json or said.out == ""
    assert shell.stored() == before
    assert shell.files() == files


@pytest.mark.parametrize(("row", "words"), ROWS.values(), ids=ROWS.keys())
def test_a_bad_row_alone_is_refused_with_its_line_and_reason(shell: Shell, row: str, words: tuple[str, ...]) -> None:
    shell.write("bad.csv", text("phone,first_name,timezone", row))
    before = shell.stored()
    checked = shell("leads", "check", "bad.csv", "--json")
    (fault, *_) = checked.json["rejected"]
    assert (checked.code, checked.json["status"], checked.json["numbers"]) == (2, "REJECT", [])
    assert [word for word in words if word not in fault["reason"]] == []
    assert fault["reason"].startswith("bad.csv line 2")
    assert fault["line"] == 2
    said = shell("leads", "import", "bad.csv", "--list", "new")
    assert said.code == 2
    assert fault["reason"] in said.err
    assert "Not imported" in said.err
    assert shell.stored() == before


@pytest.mark.parametrize(("row", "words"), ROWS.values(), ids=ROWS.keys())
def test_a_bad_row_among_good_ones_is_left_out_and_written_to_a_file(
    shell: Shell, row: str, words: tuple[str, ...]
) -> None:
    shell.write("mixed.csv", text("phone,first_name,timezone", row, "+12125550155,Ben,"))
    said = shell("leads", "import", "mixed.csv", "--list", "new", "--json")
    assert said.code == 0
    assert said.json["added"] == 1
    assert (shell.folder / "mixed.csv.rejected.csv").is_file()
    persons = [row for row in shell.stored()["contact_point"] if "+12125550143" in row]
    assert persons == [], "the bad row was stored"


def test_numbers_that_excel_rounded_are_told_apart_from_good_ones_in_a_workbook(shell: Shell) -> None:
    shell.write("l.xlsx", workbook(("phone", "name"), (1.2125550143e10, "Ada"), ("1.21255E+10", "Ben")))
    said = shell("leads", "check", "l.xlsx", "--json")
    assert said.json["status"] in ("PARTIAL", "REJECT")
    assert any(fault["line"] == 3 and "scientific" in fault["reason"] for fault in said.json["rejected"])


def test_a_formula_in_a_workbook_is_no_number(shell: Shell) -> None:
    shell.write("l.xlsx", workbook(("phone", "name"), ("=1+1", "Ada")))
    said = shell("leads", "check", "l.xlsx", "--json")
    assert said.code == 2
    assert "A2: formula; paste values" in said.json["rejected"][0]["reason"]


@pytest.mark.parametrize("bad", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_do_not_call_file_lists_nothing(shell: Shell, bad: Bad) -> None:
    path = shell.write(bad.name, bad.content)
    before = shell.stored()
    assert shell("dnc", "check-file", str(path), "--json").json["status"] in ("REJECT", "PARTIAL")
    said = shell("dnc", "import", str(path), "--reason", "list")
    assert (said.code, said.out) == (2, "")
    assert path.name in said.err
    assert shell.stored() == before


def test_a_do_not_call_file_with_one_bad_row_lists_nothing_until_it_is_accepted(shell: Shell) -> None:
    shell.write("dnc.txt", text("+12125550101", "not-a-number"))
    before = shell.stored()
    said = shell("dnc", "import", "dnc.txt", "--reason", "list", "--json")
    assert (said.code, said.json["status"]) == (2, "refused")
    assert "NOT active" in said.json["message"]
    assert "dnc.txt line 2" in said.json["report"]["rejected"][0]["reason"]
    assert shell.stored() == before
    assert shell("dnc", "import", "dnc.txt", "--reason", "list", "--accept-faults").code == 0


def test_a_file_imported_twice_adds_nothing(shell: Shell) -> None:
    before = shell.stored()
    said = shell("leads", "import", "leads.csv", "--list", "autumn")
    assert said.code == 0
    assert "nothing was added" in said.out
    assert shell.stored() == before

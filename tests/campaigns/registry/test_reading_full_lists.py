"""Which numbers stand in a full list, however it was written, and which rows are told as unreadable?"""

from __future__ import annotations

import gzip
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.phone import PhoneNumber, parse_listed
from campaigns.registry import Answer, Progress, RegistryList, Source, check_list, open_list, united_kingdom
from campaigns.registry import rows as rows_module
from campaigns.registry.faults import RowFaults
from campaigns.registry.full_lists import CLEAN, FLAT_SHAPES, flat_line, plain_line
from campaigns.registry.opening import opened
from campaigns.registry.rows import RowReading
from tests.campaigns.registry.registry_builders import (
    FRENCH,
    NOW,
    UK,
    US,
    A,
    B,
    C,
    flat,
    imported,
    order,
    refused,
    written,
)

XML = replace(US, source=Source.FTC_XML)
CANADA_PLAIN = replace(US, source=Source.PLAIN, region="CA")


def in_force(folder: Path, content: str | bytes, registry: RegistryList = US, name: str = "list.txt") -> set[str]:
    """Which of many likely numbers are listed after the import."""
    root = folder / "registries"
    imported(root, order(written(folder, content, name), registry=registry))
    numbers = open_list(root, registry.id)
    found = {number for number in LIKELY if numbers.ask(number) is Answer.LISTED}
    assert len(found) == numbers.numbers.count
    return found


UK_NUMBERS = ("+442079460101", "+447700900123", "+441204620830")
LIKELY = (A, B, C, *UK_NUMBERS, "+33123456789", "+15551234567", "+12025550199")


@pytest.mark.parametrize(
    "content",
    [
        "202,5550101\n202,5550102\n",
        "202,5550101\r\n202,5550102\r\n",
        "202,5550101\n202,5550102",
        "202,5550101\r\n202,5550102\n",
        '"202","5550101"\n 202 , 5550102 \n',
        "\n202,5550101\n\n\n202,5550102\n\n",
        "\ufeff202,5550101\n202,5550102\n",
        "202,5550102\n202,5550101\n202,5550102\n",
        "202,5550101\r\n202,5550102",
    ],
)
def test_every_usual_form_of_the_flat_list_is_read(tmp_path: Path, content: str) -> None:
    assert in_force(tmp_path, content) == {A, B}


def test_gzip_and_an_archive_with_one_file_are_unpacked(tmp_path: Path) -> None:
    plain = flat([A, B]).encode()
    assert in_force(tmp_path / "", gzip.compress(plain), name="list.txt.gz") == {A, B}
    with zipfile.ZipFile(tmp_path / "list.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("202.txt", plain)
    assert in_force(tmp_path, (tmp_path / "list.zip").read_bytes(), name="b.zip") == {A, B}


def test_an_archive_of_several_files_is_not_guessed_at(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("202.txt", flat([A]))
        archive.writestr("212.txt", flat([C]))
    report = refused(tmp_path / "registries", order(tmp_path / "list.zip"))
    assert report.message.startswith("list.zip is an archive of 2 files; unpack it and give the lists themselves.")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, flat([A]))

    def grow(_: Progress) -> None:
        path.write_text(flat([A, B, C]))

    report = check_list(tmp_path, order(path), NOW, grow)
    assert report.message.startswith("list.txt changed while it was read; import it again.")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("202,555010", 2),
        ("202,55501011", 2),
        ("102,5550101", 2),
        ("202,1550101", 2),
        ("202;5550101", 2),
        ("2025550101", 2),
        ("area code,number", 2),
        ("202,5550101,2026-11-01,A", 2),
        ("202,555O101", 2),
        ("٢٠٢,5550101", 2),
        ("202,\x005550101", 2),
        ("x" * 10_000, 2),
        ("x" * 600_000, 2),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line_and_keeps_the_list_out(
    tmp_path: Path, row: str, line: int
) -> None:
    given_order = order(written(tmp_path, f"202,5550102\n{row}\n202,5550103\n"))
    report = refused(tmp_path / "registries", given_order)
    assert (report.status, report.rows, report.faulty_rows, report.count) == ("PARTIAL", 2, 1, 2)
    whole, row_fault = report.faults
    assert whole.reason == (
        "1 of 3 rows cannot be read. The list is NOT active until they are fixed or accepted."
        " Nothing was stored; the former generation stays in force."
    )
    assert (row_fault.line, row_fault.code) == (line, "E-REG-ROW")
    assert row_fault.reason.startswith("list.txt line 2: '")
    assert "is not an area code and a number of seven digits (202,5550123)" in row_fault.reason
    assert len(row_fault.reason) < 220
    assert sum(character.isdigit() for character in row_fault.reason.split("' is not")[0]) <= 7 + len("2")


def test_lines_are_counted_through_every_way_of_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "_SLICE", 8)
    good = flat(f"+1202555{n:04}" for n in range(100))
    content = good + "bad\n\n" + good.replace("\n", "\r\n") + "worse\r\n" + good + "last"
    report = check_list(tmp_path, order(written(tmp_path, content)), NOW)
    assert [fault.line for fault in report.faults if fault.line] == [101, 203, 304]
    assert (report.rows, report.count) == (300, 100)


line_of_a_list = st.one_of(
    st.from_regex(r"[2-4]\d\d,[1-4]\d{6}", fullmatch=True),
    st.sampled_from(["", "202,5550101 ", '"202","5550101"', "x", "202,555", "202,55501011", "202,5550101,"]),
)


@given(st.lists(st.tuples(line_of_a_list, st.sampled_from(["\n", "\r\n", "\n\n"])), max_size=40), st.booleans())
def test_reading_by_columns_and_by_lines_agree(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]], cut: bool
) -> None:
    content = "".join(text + end for text, end in lines)
    path = written(tmp_path_factory.mktemp("lists"), ("202,5550101\n" + content)[: -1 if cut else None])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rows_module, "_SLICE", 3)
        assert numbers_lines_faults(path, by_columns=True) == numbers_lines_faults(path, by_columns=False)


def numbers_lines_faults(path: Path, *, by_columns: bool) -> tuple[list[int], list[int], list[int | None]]:
    with opened(path) as file:
        faults = RowFaults(file="x", expected="y")
        shapes = FLAT_SHAPES if by_columns else ()
        batches = list(RowReading(file=file, shapes=shapes, read_line=flat_line, faults=faults).batches())
        numbers = [number for batch in batches for number in batch.numbers.tolist()]
        lines = [line for batch in batches for line in batch.lines.tolist()]
        assert faults.read == len(numbers)
        return numbers, lines, [fault.line for fault in faults.listed]


def test_a_large_file_is_read_in_pieces_with_the_same_result(tmp_path: Path) -> None:
    """Two million rows of 359 area codes in no order, with a bad row in the middle of a piece."""
    random = np.random.default_rng(3)
    areas = 201 + random.integers(0, 359, 2_000_000)
    numbers = areas * 10_000_000 + random.integers(2_000_000, 10_000_000, 2_000_000)
    content = b"".join(b"%03d,%07d\n" % divmod(number, 10_000_000) for number in numbers.tolist())
    middle = 12 * 1_234_567
    heard: list[Progress] = []
    path = written(tmp_path, content[:middle] + b"201.5550101\n" + content[middle:])
    report = check_list(tmp_path, order(path), NOW, heard.append)
    assert [fault.line for fault in report.faults if fault.line] == [1_234_568]
    assert (report.rows, report.count) == (2_000_000, len(np.unique(numbers)))
    assert len(report.covered) == 359
    assert len(heard) > 3
    assert [step.done for step in heard] == sorted(step.done for step in heard)
    assert (heard[-1].done, heard[-1].rows, heard[-1].total) == (len(content) + 12, 2_000_000, len(content) + 12)


XML_LIST = """<?xml version='1.0'?>
<list type='full' val='202'>
 <ac val='202'>
  <ph val='5550101'/>
  <ph val='5550102' />
 </ac>
</list>"""


def test_the_xml_list_is_read(tmp_path: Path) -> None:
    assert in_force(tmp_path, XML_LIST, XML) == {A, B}


def test_several_area_codes_in_one_xml_list_are_kept_apart(tmp_path: Path) -> None:
    content = "<list><ac val='202'><ph val='5550101'/></ac><ac val='212'><ph val='5550103'></ph></ac></list>"
    assert in_force(tmp_path, content, XML) == {A, C}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("5550102", "555010", "not ten digits"),
        ("5550102", "1550102", "not ten digits"),
        ("<ac val='202'>", "<ac val='2022'>", "no area code"),
        ("<ac val='202'>", "<ac>", "no area code"),
        ("<ph val='5550102' />", "<fax val='5550102'/>", "unknown element"),
        ("<ph val='5550102' />", "<ph>5550102</ph>", "not ten digits"),
        ("<ph val='5550102' />", "5550102", "is not an element"),
    ],
)
def test_an_element_that_is_not_understood_is_a_fault(tmp_path: Path, old: str, new: str, words: str) -> None:
    given_order = order(written(tmp_path, XML_LIST.replace(old, new)), registry=XML)
    report = refused(tmp_path / "registries", given_order)
    assert report.status == "PARTIAL" or report.count == 0
    assert any(words in fault.reason and fault.line in (3, 4, 5, 6) for fault in report.faults)


def test_a_number_outside_every_area_code_is_a_fault(tmp_path: Path) -> None:
    content = "<list><ac val='202'><ph val='5550101'/></ac>\n<ph val='5550102'/></list>"
    report = refused(tmp_path / "registries", order(written(tmp_path, content), registry=XML))
    assert (report.status, report.faults[1].line) == ("PARTIAL", 2)


BOMB = "<!DOCTYPE list [<!ENTITY a '5550101'><!ENTITY b '&a;&a;'>]>"


@pytest.mark.parametrize("declared", [BOMB, "<!DOCTYPE list SYSTEM 'file:///etc/hostname'>", "<!DOCTYPE list>"])
def test_an_xml_list_with_a_document_type_is_refused_whole(tmp_path: Path, declared: str) -> None:
    content = f"{declared}<list><ac val='202'><ph val='5550101'/><ph val='&b;'/></ac></list>"
    report = refused(tmp_path / "registries", order(written(tmp_path, content), registry=XML))
    assert report.status == "REJECT"
    assert "declares a document type" in report.message


@pytest.mark.parametrize("cut", [len(XML_LIST) - 7, 120, 60])
def test_an_xml_list_that_was_cut_is_refused_whole(tmp_path: Path, cut: int) -> None:
    report = refused(tmp_path / "registries", order(written(tmp_path, XML_LIST[:cut]), registry=XML))
    assert report.status == "REJECT"
    assert "is damaged or cut short" in report.message


@pytest.mark.parametrize(
    "content",
    [
        "02079460101\n07700900123\n",
        "02079460101\r\n07700900123\r\n",
        "+442079460101\n+447700900123\n",
        "020 7946 0101\n07700 900123\n",
        '"02079460101"\n"07700900123"\n',
        "02079460101\n+44 7700 900123",
        "00442079460101\n+44 (0)7700 900123\n",
        "02079460101;\n07700900123;\n",
    ],
)
def test_british_lists_are_read(tmp_path: Path, content: str) -> None:
    assert in_force(tmp_path, content, UK) == set(UK_NUMBERS[:2])


def test_british_numbers_that_are_shorter_are_read_the_long_way(tmp_path: Path) -> None:
    report = imported(tmp_path / "registries", order(written(tmp_path, "01204 62083\n0800 1111\n"), registry=UK))
    numbers = open_list(tmp_path / "registries", "uk-tps")
    assert (report.count, numbers.ask("+44120462083"), numbers.ask("+448001111")) == (2, Answer.LISTED, Answer.LISTED)


def test_ten_digits_a_line_are_canadas(tmp_path: Path) -> None:
    content = "2025550101\n+12025550102\n1-212-555-0103\n12125550103\n"
    assert in_force(tmp_path, content, CANADA_PLAIN) == {A, B, C}


def test_a_country_without_a_short_way_is_read_too(tmp_path: Path) -> None:
    assert in_force(tmp_path, "01 23 45 67 89\n", FRENCH) == {"+33123456789"}


@pytest.mark.parametrize("line", ["0770090012", "+4407700900", "phone", "077009001234", "2079460101x", "\xff"])
def test_a_plain_row_that_is_no_number_keeps_the_list_out(tmp_path: Path, line: str) -> None:
    content = f"02079460101\n{line}\n".encode("latin-1")
    report = refused(tmp_path / "registries", order(written(tmp_path, content), registry=UK))
    assert (report.status, [fault.line for fault in report.faults if fault.line]) == ("PARTIAL", [2])


@pytest.mark.parametrize("region", sorted(CLEAN))
@given(data=st.data())
def test_the_short_way_reads_the_number_that_the_long_way_reads(region: str, data: st.DataObject) -> None:
    """Numbers that libphonenumber refuses may be listed all the same; two different numbers never come out."""
    pattern = r"(\+44|0)[1-9]\d{9}" if region == "GB" else r"(\+?1)?[2-9]\d\d[2-9]\d{6}"
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    judged = parse_listed(text, region)
    if isinstance(judged, PhoneNumber):
        assert plain_line(region)(text.encode()) == int(judged.e164)


def test_a_number_of_another_country_is_not_covered(tmp_path: Path) -> None:
    content = "02079460101\n+33123456789\n"
    report = refused(tmp_path / "registries", order(written(tmp_path, content), registry=united_kingdom()))
    assert report.faults[0].code == "E-REG-AREA"
    assert report.message.startswith("list.txt line 2: +3312 is not covered by uk-tps (1 rows).")

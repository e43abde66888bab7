"""When is a do-not-call file whole enough to be put in force, and what does it block?"""

from pathlib import Path

import pytest

from campaigns.importing import CheckReport, ImportRefused, check_dnc_file, read_dnc

A, B, C = "+12125550101", "+12125550102", "+12125550103"


def checked(folder: Path, content: str, name: str = "dnc.txt", **options: object) -> CheckReport:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return check_dnc_file(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        f"{A}\n{B}\n",
        f"phone\n{A}\n{B}\n",
        f"number\n{A}\n{B}\n",
        "212-555-0101\n(212) 555 0102\n",
        "212,5550101\n212,5550102\n",
        f"name;phone;date\nAnn;{A};2026-01-01\nBob;{B};2026-01-02\n",
        f"{A},asked by mail\n{B},2026-01-01,letter\n",
        f"phone,mobile\n{A},{B}\n",
        "phone\n212-555-0101 x45\n+1 212 555 0102\n",
    ],
)
def test_every_usual_form_of_a_list_is_read(tmp_path: Path, content: str) -> None:
    report = checked(tmp_path, content)
    assert (report.status, report.numbers) == ("OK", (A, B))


def test_one_row_that_cannot_be_read_keeps_the_list_from_being_active(tmp_path: Path) -> None:
    report = checked(tmp_path, f"{A}\nnot-a-number\n{B}\n")
    assert (report.status, report.rows, report.accepted, report.numbers) == ("PARTIAL", 3, 2, (A, B))
    (fault,) = report.rejected
    assert (fault.line, str(fault.code)) == (2, "E-DNC")
    assert fault.reason == (
        "dnc.txt line 2: 'not-a-number' is not a phone number."
        " The list is NOT active until fixed or accepted; earlier entries stay in force and dialling goes on."
    )
    assert "NOT active" in report.message


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("+49*", "bars a whole country"),
        ("212-555-****", "no pattern that we know"),
        ("call after 6", "letters"),
        ("2.1E+09", "scientific notation"),
        ("212-555-0101 / 212-555-0102", "two numbers"),
        ("911", "emergency"),
        ("5550101", "too short"),
        ("@example.org", "address"),
    ],
)
def test_a_row_that_blocks_nothing_says_why(tmp_path: Path, cell: str, words: str) -> None:
    report = checked(tmp_path, f"phone\n{C}\n{cell}\n")
    assert report.status == "PARTIAL"
    assert words in report.rejected[0].reason
    assert report.rejected[0].column == "phone"


def test_a_number_that_we_never_dial_may_be_listed(tmp_path: Path) -> None:
    assert checked(tmp_path, "900-555-1234\n").numbers == ("+19005551234",)


def test_a_bad_number_in_a_row_does_not_unblock_the_good_one(tmp_path: Path) -> None:
    report = checked(tmp_path, f"phone,mobile\n{A},12\n{B},\n")
    assert (report.status, report.accepted, report.numbers) == ("PARTIAL", 1, (A, B))


def test_a_row_without_a_number_is_a_fault(tmp_path: Path) -> None:
    report = checked(tmp_path, f"name,phone\nAnn,{A}\nBob,\n")
    assert report.rejected[0].reason.startswith("dnc.txt line 3, phone: has no number.")


def test_a_repeated_number_is_only_a_warning(tmp_path: Path) -> None:
    report = checked(tmp_path, f"{A}\n212-555-0101\n")
    assert (report.status, report.numbers) == ("OK_WARN", (A,))
    assert report.warnings[0].reason == "dnc.txt line 2 repeats the number of line 1; kept the first."


@pytest.mark.parametrize("content", ["", "phone\n", "\n\n"])
def test_an_empty_list_is_refused_and_releases_nobody(tmp_path: Path, content: str) -> None:
    report = checked(tmp_path, content)
    assert (report.status, [str(fault.code) for fault in report.rejected]) == ("REJECT", ["E-DNC0"])
    assert report.message == "dnc.txt: The file holds no number; nothing was added. Earlier entries stay in force."
    assert "--replace-with-empty" not in report.message, "there is no such option"


def test_an_error_page_is_no_list(tmp_path: Path) -> None:
    report = checked(tmp_path, "<!DOCTYPE html><p>404", "list.csv")
    assert [str(fault.code) for fault in report.rejected] == ["E-TYPE"]


def test_a_list_without_a_phone_column_is_refused(tmp_path: Path) -> None:
    assert [str(f.code) for f in checked(tmp_path, "name,city\nAnn,Rome\n").rejected] == ["E-HEADER"]


def test_nothing_but_bad_rows_is_refused(tmp_path: Path) -> None:
    report = checked(tmp_path, "phone\nx\ny\n")
    assert (report.status, report.accepted, report.numbers) == ("REJECT", 0, ())


def test_a_broken_row_is_a_fault_with_its_own_code(tmp_path: Path) -> None:
    report = checked(tmp_path, f"phone,note\n{A},x,y\n{B},\x07\n{C},ok\n")
    assert [str(fault.code) for fault in report.rejected] == ["E-COLS", "E-CTRL"]
    assert report.numbers == (C,)


def test_a_reading_gives_lines_and_numbers_and_knows_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "good.txt"
    path.write_text(f"{A}\n{B}\n")
    reading = read_dnc(path)
    assert next(iter(reading)).number.e164 == A
    assert not reading.complete
    reading = read_dnc(path)
    assert [(row.line, row.number.e164) for row in reading] == [(1, A), (2, B)]
    assert reading.complete


def test_a_reading_with_a_faulty_row_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(f"{A}\nx\n")
    reading = read_dnc(path)
    assert len(list(reading)) == 1
    assert not reading.complete


def test_a_reading_that_broke_off_is_not_complete(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    path.write_text(f'phone,note\n{A},"never closed\n')
    reading = read_dnc(path)
    with pytest.raises(ImportRefused):
        list(reading)
    assert not reading.complete


def test_a_listed_number_is_the_same_in_every_spelling(tmp_path: Path) -> None:
    spellings = ["+12125550101", "212-555-0101", "(212) 555-0101", "1 212 555 0101", "tel:+1-212-555-0101",
                 "'+12125550101", "٢١٢٥٥٥٠١٠١", "212.555.0101"]  # fmt: skip
    for spelling in spellings:
        assert checked(tmp_path, f"phone\n{spelling}\n").numbers == (A,)

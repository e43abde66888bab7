"""Which odd lists are kept out of force, and does the former one stay?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.registry import Accept, Form, Kind, ListImport, check_list, open_list
from tests.campaigns.registry.registry_builders import (
    NOW,
    US,
    A,
    B,
    C,
    flat,
    imported,
    order,
    refused,
    with_list,
    written,
)

STAYS = "Nothing was stored; the former generation stays in force."
HTML = "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Session expired</body></html>\n"


def many(count: int, area: str = "202") -> list[str]:
    return [f"+1{area}{5_550_000 + number}" for number in range(count)]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "E-REG-EMPTY", "is empty (0 bytes)"),
        (b"\n\n\n", "E-REG-EMPTY", "The files hold no number."),
        (HTML, "E-REG-TYPE", "is a web page, not a list; the download probably met a log-in or an error."),
        ("<html>", "E-REG-TYPE", "is a web page"),
        ("<?xml version='1.0'?><html xmlns='x'/>", "E-REG-TYPE", "is a web page"),
        ("<?xml version='1.0'?><list/>", "E-REG-TYPE", "holds XML, not this kind of list"),
        (b"%PDF-1.7 \x00\x01", "E-REG-TYPE", "holds PDF"),
        (bytes(range(256)) * 8, "E-REG-TYPE", "holds binary"),
        (b"\x1f\x8b\x08\x00broken", "E-REG-FILE", "is damaged or cut short and cannot be unpacked"),
        (b"PK\x03\x04broken", "E-REG-FILE", "is damaged or cut short and cannot be unpacked"),
        ("name,phone\n" * 5_000, "E-REG-TYPE", "is no such list: none of its first 1,000 rows is an area code"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: str | bytes, code: str, words: str) -> None:
    root = with_list(tmp_path, A, C)
    report = refused(root, order(written(tmp_path, content)))
    assert (report.status, report.faults[0].code) == ("REJECT", code)
    assert words in report.message
    assert report.message.endswith(STAYS)
    assert open_list(root, "us-ftc").generation == 1


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    for path in (tmp_path / "missing.txt", tmp_path, Path("/dev/zero"), Path("a\x00b")):
        assert refused(root, order(path)).faults[0].code == "E-REG-FILE"


def test_all_files_come_into_force_or_none(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    good, bad = written(tmp_path, flat([A, B]), "good.txt"), written(tmp_path, HTML, "bad.txt")
    refused(root, order(good, bad))
    assert open_list(root, "us-ftc").ask(B).name == "CLEAR"


def test_a_list_of_less_than_nine_tenths_is_refused_unless_its_count_is_accepted(tmp_path: Path) -> None:
    root = with_list(tmp_path, *many(1000))
    given = order(written(tmp_path, flat(many(899))))
    report = refused(root, given)
    assert report.message == (
        "The list has 899 numbers, before it had 1,000: less than 90%."
        f" If that is right, accept a list of 899 numbers. {STAYS}"
    )
    assert report.faults[0].code == "E-REG-SMALL"
    refused(root, replace(given, accept=Accept(count=900)))
    report = imported(root, replace(given, accept=Accept(count=899)))
    assert (report.added, report.removed) == (0, 101)
    manifest = open_list(root, "us-ftc").manifest
    assert manifest is not None
    assert (manifest.who, manifest.accepted) == ("Ann", ("a far smaller list of 899 numbers",))


def test_exactly_nine_tenths_come_into_force(tmp_path: Path) -> None:
    root = with_list(tmp_path, *many(1000))
    imported(root, order(written(tmp_path, flat(many(900)))))


def test_one_area_code_that_lost_much_is_refused_too(tmp_path: Path) -> None:
    root = with_list(tmp_path, *many(50_000), *many(3_000, "212"))
    report = refused(root, order(written(tmp_path, flat([*many(50_000), *many(1_999, "212")]))))
    assert report.message.startswith("+1212 has 1,999 numbers, before it had 3,000: less than 90%.")
    imported(root, order(written(tmp_path, flat([*many(50_000), *many(2_000, "212")]))))


def test_an_area_code_that_was_not_expected_is_refused(tmp_path: Path) -> None:
    given = order(written(tmp_path, flat([A, B, C])), registry=replace(US, covered=("1202",)))
    report = refused(tmp_path / "registries", given)
    assert report.faults[0].code == "E-REG-AREA"
    assert report.message == (
        f"list.txt line 3: +1212 is not covered by us-ftc (1 rows). Is it the right file? {STAYS}"
    )


def test_every_unexpected_area_code_is_told_with_its_rows(tmp_path: Path) -> None:
    numbers = [A, *many(40_000, "303"), *many(3, "404")]
    given = order(written(tmp_path, flat(numbers)), registry=replace(US, covered=("1202",)))
    told = [(fault.line, fault.reason.split("(")[1].split(")")[0]) for fault in refused(tmp_path / "r", given).faults]
    assert told == [(2, "40,000 rows"), (40_002, "3 rows")]


def test_unexpected_rows_of_several_files_add_up(tmp_path: Path) -> None:
    first, second = written(tmp_path, flat([A, C]), "1.txt"), written(tmp_path, flat(many(5, "212")), "2.txt")
    report = refused(tmp_path / "r", order(first, second, registry=replace(US, covered=("1202",))))
    assert report.message.startswith("1.txt line 2: +1212 is not covered by us-ftc (6 rows).")


def test_an_area_code_of_the_subscription_without_a_number_is_accepted_by_name_only(tmp_path: Path) -> None:
    """A forgotten file looks just like an empty area code, and would release everybody in it."""
    root = tmp_path / "registries"
    given = order(written(tmp_path, flat([A])), registry=replace(US, covered=("1202", "1212", "1303")))
    report = refused(root, given)
    assert report.faults[0].code == "E-REG-NOAREA"
    assert report.message.startswith("No file has a number of +1212, +1303, which the subscription covers. Is a file")
    assert "+1303, which" in refused(root, replace(given, accept=Accept(empty=frozenset({"1212"})))).message
    imported(root, replace(given, accept=Accept(empty=frozenset({"1212", "1303"}))))
    numbers = open_list(root, "us-ftc")
    assert [numbers.ask(n).name for n in (A, B, C, "+14045550101")] == ["LISTED", "CLEAR", "CLEAR", "UNKNOWN"]


def test_rows_that_cannot_be_read_are_accepted_by_their_number_only(tmp_path: Path) -> None:
    root = tmp_path / "registries"
    given = order(written(tmp_path, "202,5550101\nx\ny\n"))
    refused(root, given)
    assert "1 were accepted" in refused(root, replace(given, accept=Accept(faulty_rows=1))).message
    report = imported(root, replace(given, accept=Accept(faulty_rows=2)))
    assert (report.status, [warning.line for warning in report.warnings]) == ("OK_WARN", [2, 3])


def test_a_list_of_the_future_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    given = order(written(tmp_path, flat([A])), list_date=NOW + timedelta(microseconds=1))
    report = refused(root, given)
    assert report.faults[0].code == "E-REG-FUTURE"
    assert report.message.startswith("us-ftc is dated 2026-11-22 12:00:00 UTC, which has not come yet.")
    imported(root, given, now=NOW + timedelta(seconds=1))


def test_a_list_older_than_the_one_in_force_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A)
    given = order(written(tmp_path, flat([A])), list_date=NOW - timedelta(days=1, seconds=1))
    assert refused(root, given).faults[0].code == "E-REG-OLD"
    imported(root, replace(given, list_date=NOW - timedelta(days=1)))


def test_an_area_code_that_is_no_longer_sent_becomes_unknown_and_is_told(tmp_path: Path) -> None:
    root = with_list(tmp_path, *many(100), C)
    report = imported(root, order(written(tmp_path, flat(many(100)))))
    assert report.warnings[0].reason == ("+1212 is not covered any more: numbers there can no longer be dialled.")
    assert open_list(root, "us-ftc").ask(C).name == "UNKNOWN"


def test_a_report_can_be_written_as_json(tmp_path: Path) -> None:
    report = check_list(tmp_path, order(written(tmp_path, "202,5550101\nx\n")), NOW).as_json()
    assert (report["status"], report["list"], report["generation"]) == ("PARTIAL", "us-ftc", None)
    assert report["faults"][1]["line"] == 2  # type: ignore[index]


@pytest.mark.parametrize(
    "wrong",
    [
        {"list_date": NOW.replace(tzinfo=None)},
        {"since": NOW},
        {"kind": Kind.CHANGES},
        {"files": ()},
        {"who": " "},
    ],
)
def test_an_order_that_makes_no_sense_is_our_bug(wrong: dict[str, object]) -> None:
    good = {"registry": US, "kind": Kind.FULL, "files": (Path("x"),), "list_date": NOW, "who": "Ann"}
    with pytest.raises(ValueError, match=r"."):
        ListImport(**{**good, **wrong})  # type: ignore[arg-type]


WRONGLY_COVERED = [{"covered": prefixes} for prefixes in (("44",), ("1202", "1202"), ("+1202",), ("1102",), ("12021",))]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../x"},
        {"id": "Ä"},
        {"id": ""},
        {"max_age_days": 0},
        {"warn_days": 40},
        {"form": Form.ROARING},
        *WRONGLY_COVERED,
    ],
)
def test_a_list_that_makes_no_sense_is_our_bug(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(US, **wrong)  # type: ignore[arg-type]

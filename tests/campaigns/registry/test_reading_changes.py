"""What does a change list make of the list in force, and when is its order in doubt?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.registry import Answer, Form, RegistryList, Source, check_list, open_list
from campaigns.registry.changes import change_in, moment_of
from tests.campaigns.registry.registry_builders import (
    NOW,
    ROARING,
    UK,
    US,
    A,
    B,
    C,
    changes,
    imported,
    order,
    refused,
    with_list,
    written,
)

BOTH = pytest.mark.parametrize("registry", [US, ROARING], ids=["bits", "roaring"])
XML = replace(US, source=Source.FTC_XML)


def listed(root: Path, registry: RegistryList = US) -> list[str]:
    numbers = open_list(root, registry.id)
    return [number for number in (A, B, C) if numbers.ask(number) is Answer.LISTED]


@BOTH
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("202,5550102,2026-11-21,A\n", [A, B, C]),
        ("202,5550101,2026-11-21,D\n", [C]),
        ("202,5550101,2026-11-21,D\n202,5550101,2026-11-21,A\n", [A, C]),
        ("202,5550101,2026-11-21,A\n202,5550101,2026-11-21,D\n", [C]),
        ("202,5550102,2026-11-21,A\n202,5550102,2026-11-22,D\n202,5550102,2026-11-22,A\n", [A, B, C]),
        ("202,5550102,2026-11-21,D\n", [A, C]),
        ("202,5550101,2026-11-21,A\n", [A, C]),
    ],
)
def test_the_last_row_of_a_number_counts(
    tmp_path: Path, registry: RegistryList, rows: str, expected: list[str]
) -> None:
    root = with_list(tmp_path, A, C, registry=registry)
    everything = set(expected) ^ {A, C}
    report = imported(root, changes(written(tmp_path, rows), registry=registry, accept=GONE))
    assert listed(root, registry) == expected
    assert report.added + report.removed == len(everything)
    assert report.count == len(expected)


TWO = replace(order(Path("x")).accept, count=2)
GONE = replace(order(Path("x")).accept, count=1)


@pytest.mark.parametrize(
    "row",
    [
        "202,5550102,2026-11-21,A",
        "202,5550102,A,2026-11-21",
        "202,5550102,20261121,a",
        "202,5550102,2026-11-21T10:00:00Z,A",
        "202,5550102,2026-11-21 10:00:00,A",
        "202,5550102,11/21/2026,A",
        '"202","5550102","2026-11-21","A"',
        "202,5550102,A",
        "A,202,5550102,2026-11-21\r",
    ],
)
def test_the_fields_of_a_change_are_known_by_what_they_hold(tmp_path: Path, row: str) -> None:
    root = with_list(tmp_path, A, C)
    imported(root, changes(written(tmp_path, f"{row}\n")))
    assert listed(root) == [A, B, C]


@pytest.mark.parametrize(
    "row",
    [
        "202,5550102,2026-11-21",
        "202,5550102,2026-11-21,X",
        "202,5550102,2026-11-21,A,D",
        "202,5550102,2026-13-21,A",
        "202,5550102,2026-11-21,A,7",
        "202,555010,2026-11-21,A",
        "2025550102,2026-11-21,A",
        "2026-11-21,202,5550102,A",
        "2025,550102,2026-11-21,A",
        "A",
    ],
)
def test_a_change_that_is_not_clear_keeps_the_whole_list_out(tmp_path: Path, row: str) -> None:
    root = with_list(tmp_path, A, C)
    report = refused(root, changes(written(tmp_path, f"202,5550102,2026-11-21,A\n{row}\n")))
    assert (report.status, [fault.line for fault in report.faults if fault.line]) == ("PARTIAL", [2])
    assert "is not area code, number, date and A or D" in report.faults[1].reason
    assert listed(root) == [A, C]


def test_changes_of_the_xml_list_are_read(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    content = (
        "<list><ac val='202'><ph val='5550102' chg='A' date='2026-11-21'/>"
        "<ph val='5550101' chg='D' date='2026-11-22'/></ac></list>"
    )
    imported(root, changes(written(tmp_path, content), registry=XML))
    assert listed(root) == [B, C]


@pytest.mark.parametrize(
    "attributes", ["", "chg='X'", "chg='A' kind='D'", "chg='A' date='soon'", "chg='A' a='1' b='2'"]
)
def test_an_xml_change_that_is_not_clear_keeps_the_whole_list_out(tmp_path: Path, attributes: str) -> None:
    root = with_list(tmp_path, A, C)
    content = f"<list><ac val='202'>\n<ph val='5550102' {attributes}/>\n<ph val='5550101' chg='A'/>\n</ac></list>"
    report = refused(root, changes(written(tmp_path, content), registry=XML))
    assert (report.status, [fault.line for fault in report.faults if fault.line]) == ("PARTIAL", [2])


def test_changes_of_a_plain_list_are_read(tmp_path: Path) -> None:
    root = tmp_path / "registries"
    imported(root, order(written(tmp_path, "07700900123\n"), registry=UK))
    rows = "020 7946 0101,2026-11-21,A\n07700900123,2026-11-21,D\n+447700900124,A\n"
    imported(root, changes(written(tmp_path, rows), registry=UK))
    numbers = open_list(root, "uk-tps")
    assert [numbers.ask(n).name for n in ("+442079460101", "+447700900123", "+447700900124")] == [
        *("LISTED", "CLEAR", "LISTED")
    ]


@BOTH
def test_a_change_list_applied_twice_gives_the_same(tmp_path: Path, registry: RegistryList) -> None:
    root = with_list(tmp_path, A, C, registry=registry)
    given_order = changes(
        written(tmp_path, "202,5550101,2026-11-21,D\n202,5550102,2026-11-21,A\n"), registry=registry, sequence=8
    )
    first = imported(root, given_order)
    again = imported(root, given_order)
    assert (first.added, first.removed, again.added, again.removed) == (1, 1, 0, 0)
    assert [warning.code for warning in again.warnings] == ["W-REG-REPEAT"]
    assert listed(root, registry) == [B, C]


def test_several_files_are_one_list_of_changes_in_their_order(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    first = written(tmp_path, "202,5550102,2026-11-21,A\n202,5550101,2026-11-21,D\n", "1.txt")
    second = written(tmp_path, "202,5550101,2026-11-22,A\n202,5550102,2026-11-22,D\n", "2.txt")
    imported(root, changes(first, second))
    assert listed(root) == [A, C]


def test_rows_of_one_number_that_go_back_in_time_are_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    rows = "202,5550101,2026-11-22,A\n202,5550102,2026-11-22,A\n202,5550101,2026-11-21,D\n"
    report = refused(root, changes(written(tmp_path, rows)))
    assert report.message == (
        "list.txt line 3 is dated before an earlier row of the same number. Which came last cannot be told."
        " Nothing was stored; the former generation stays in force."
    )
    assert (report.faults[0].code, report.faults[0].line) == ("E-REG-ORDER", 3)


def test_going_back_in_time_is_told_of_the_right_file(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    newer = written(tmp_path, "202,5550102,2026-11-20,A\n202,5550101,2026-11-22,A\n", "newer.txt")
    older = written(tmp_path, "202,5550101,2026-11-21,D\n", "older.txt")
    assert refused(root, changes(newer, older)).message.startswith("older.txt line 1 is dated before")
    imported(root, changes(older, newer))


def test_a_change_dated_after_the_list_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    report = refused(root, changes(written(tmp_path, "202,5550101,2026-11-23,A\n")))
    assert report.message.startswith("A change is dated 2026-11-23 00:00:00 UTC, the list itself 2026-11-22 12:00:00")


def test_a_gap_between_the_lists_is_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    path = written(tmp_path, "202,5550102,A\n")
    report = refused(root, changes(path, since=NOW - timedelta(hours=23, minutes=59, seconds=59)))
    assert report.faults[0].code == "E-REG-GAP"
    assert "what changed between is missing" in report.message
    imported(root, changes(path, since=NOW - timedelta(days=2)))


@pytest.mark.parametrize(
    ("sequence", "code"), [(9, "E-REG-GAP"), (6, "E-REG-ORDER"), (8, None), (7, None), (None, None)]
)
def test_running_numbers_follow_one_another(tmp_path: Path, sequence: int | None, code: str | None) -> None:
    root = with_list(tmp_path, A, C, sequence=7)
    given_order = changes(written(tmp_path, "202,5550102,A\n"), sequence=sequence)
    if code is None:
        imported(root, given_order)
    else:
        assert [fault.code for fault in refused(root, given_order).faults] == [code]


def test_changes_without_a_list_to_change_are_refused(tmp_path: Path) -> None:
    report = refused(tmp_path / "registries", changes(written(tmp_path, "202,5550102,A\n")))
    assert report.faults[0].code == "E-REG-BASE"
    assert report.message.startswith(
        "There is no list us-ftc in force that could be changed. Import a full list first."
    )


def test_changes_do_not_bring_an_area_code_into_the_subscription(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    report = refused(root, changes(written(tmp_path, "303,5550102,A\n")))
    assert report.message.startswith("list.txt line 1: +1303 is not covered by us-ftc (1 rows).")
    wider = replace(US, covered=("1202", "1212", "1303"))
    report = refused(root, changes(written(tmp_path, "202,5550102,A\n"), registry=wider))
    assert report.message.startswith("+1303 came into the subscription, and a change list does not hold what was")


def test_what_left_the_subscription_is_unknown_after_the_changes(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, B, C)
    narrower = replace(US, covered=("1202",))
    given_order = changes(written(tmp_path, "202,5550102,D\n"), registry=narrower, accept=GONE)
    report = imported(root, given_order)
    assert [warning.code for warning in report.warnings] == ["W-REG-DROPPED"]
    assert [open_list(root, "us-ftc").ask(number).name for number in (A, B, C)] == ["LISTED", "CLEAR", "UNKNOWN"]


def test_changes_keep_the_form_of_the_list_that_they_change(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C, registry=ROARING)
    otherwise = replace(ROARING, form=Form.NANP_BITS)
    imported(root, changes(written(tmp_path, "202,5550102,A\n"), registry=otherwise))
    assert listed(root, ROARING) == [A, B, C]
    report = imported(
        root, order(written(tmp_path, "202,5550102\n212,5550103\n"), registry=otherwise, accept=TWO, list_date=NOW)
    )
    assert (listed(root, ROARING), report.count) == ([B, C], 2)


def test_changes_without_any_row_are_refused(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    assert refused(root, changes(written(tmp_path, "\n\n"))).message.startswith("The files hold no change.")


numbers = st.integers(5550100, 5550110)


@BOTH
@given(base=st.sets(numbers, min_size=1), rows=st.lists(st.tuples(numbers, st.booleans()), min_size=1, max_size=30))
def test_changes_add_up_as_in_a_plain_set(
    tmp_path_factory: pytest.TempPathFactory,
    registry: RegistryList,
    base: set[int],
    rows: list[tuple[int, bool]],
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    path = written(folder, "".join(f"202,{n}\n" for n in sorted(base)), "full.txt")
    covering = replace(registry, covered=("1202",))
    root = folder / "registries"
    imported(root, order(path, registry=covering))
    left = set(base)
    for number, adds in rows:
        left = left | {number} if adds else left - {number}
    content = "".join(f"202,{number},{'A' if adds else 'D'}\n" for number, adds in rows)
    accept = replace(GONE, count=len(left))
    report = imported(root, changes(written(folder, content), registry=covering, accept=accept))
    found = open_list(root, registry.id)
    assert {n for n in range(5550100, 5550111) if found.ask(f"+1202{n}") is Answer.LISTED} == left
    assert (report.added, report.removed, report.count) == (len(left - base), len(base - left), len(left))


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-02-30", "21.11.2026", "2026-11-21T25:00", "x2026-11-21", "٢٠٢٦-11-21"]
)
def test_what_is_no_date_is_no_date(text: str) -> None:
    assert moment_of(text) is None


def test_dates_are_read_in_utc() -> None:
    expected = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
    assert [moment_of(text) for text in ("2026-11-21", "20261121", "11/21/2026", " 2026-11-21T00:00Z ")] == [
        expected
    ] * 4
    assert moment_of("11/21/2026 10:30:05") == expected + 37805


def test_a_check_of_changes_tells_what_would_change(tmp_path: Path) -> None:
    root = with_list(tmp_path, A, C)
    report = check_list(root, changes(written(tmp_path, "202,5550101,D\n202,5550102,A\n")), NOW)
    assert (report.status, report.generation, report.added, report.removed) == ("OK", None, 1, 1)
    assert listed(root) == [A, C]


@given(
    number=st.from_regex(r"[1-9][0-9]{2},[1-9][0-9]{6}", fullmatch=True),
    date=st.sampled_from(["2026-11-22", "20261122", "11/22/2026", "2026-11-22 10:00", "2026-13-01", "yesterday", "1"]),
    kind=st.sampled_from("AaDdX"),
)
def test_a_row_in_the_usual_form_means_what_it_means_in_every_other(number: str, date: str, kind: str) -> None:
    usual, spaced = f"{number},{date},{kind}", f'"{kind}", {number.replace(",", " , ")}, {date}'
    found = change_in(usual.encode())
    assert found == change_in(spaced.encode())
    assert found is None or number.replace(",", "") in str(found[0])

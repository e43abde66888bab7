"""What does the importer make of a good file, and does it keep its promises to whoever stores the rows?"""

import gzip
import os
import stat
import threading
import tracemalloc
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.importing import (
    CheckReport,
    ImportRefused,
    LeadRow,
    check_leads,
    encodings,
    faults,
    opening,
    parse_mapping,
    read_leads,
    rejected_path,
    write_rejected,
)

A, B, C = "+12125550101", "+12125550102", "+12125550103"


def saved(folder: Path, content: str, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return path


def rows(folder: Path, content: str, **options: object) -> list[LeadRow]:
    return list(read_leads(saved(folder, content), **options))  # type: ignore[arg-type]


def test_every_known_column_finds_its_field_and_the_rest_is_kept(tmp_path: Path) -> None:
    header = "Lead ID,First Name,Surname,Mobile,ZIP,State,Country,Time Zone,E-Mail,Language,Notes,Plan,Callback"
    row = f"7,Ann,Lee,{A},10001,NY,us,america/new_york,a@x.example,en,calls late,Gold,tomorrow"
    (lead,) = rows(tmp_path, f"{header}\n{row}\n")
    assert (lead.external_id, lead.first_name, lead.last_name, lead.display_name) == ("7", "Ann", "Lee", "Ann Lee")
    assert [number.e164 for number in lead.contact_points] == [A]
    assert (lead.postal_code, lead.region, lead.country) == ("10001", "NY", "us")
    assert (lead.timezone, lead.email, lead.language) == ("America/New_York", "a@x.example", "en")
    assert (lead.note, lead.custom) == ("calls late", (("Plan", "Gold"), ("Callback", "tomorrow")))
    assert lead.line == 2


def test_a_list_may_say_who_is_the_same_person_and_which_debt_it_is_about(tmp_path: Path) -> None:
    (lead,) = rows(tmp_path, f"phone,Customer Key,Debt Ref,person\n{A},C-0017,ACC 42,Ann\n")
    assert (lead.person_key, lead.debt) == ("c0017", "ACC 42")
    assert lead.custom == (("person", "Ann"),), "a plain person is as often a name"
    (lead,) = rows(tmp_path, f"phone,account\n{A},0042\n", mapping={"person_key": ("account",)})
    assert (lead.person_key, lead.debt) == ("42", "")


def test_missing_values_are_none_or_empty_and_leave_no_custom_value(tmp_path: Path) -> None:
    (lead,) = rows(tmp_path, f"phone,first name,zip,plan\n{A},,,\n")
    assert (lead.first_name, lead.display_name, lead.postal_code, lead.custom) == ("", "", None, ())


def test_a_states_own_column_is_meant_and_not_the_county_or_sales_area_before_it(tmp_path: Path) -> None:
    text = "phone,county,region,State,Zip5\n+12125550101,Washington,North-East,FL,33101\n"
    (lead,) = rows(tmp_path, text)
    assert (lead.region, lead.postal_code) == ("FL", "33101")
    assert dict(lead.custom) == {"county": "Washington", "region": "North-East"}


def test_an_address_that_will_hold_the_lead_is_told_at_import(tmp_path: Path) -> None:
    text = f"phone,zip,state\n{A},2134,\n{B},10001,NY\n{C},09001,AE\n"
    report = check_leads(saved(tmp_path, text))
    assert (report.accepted, report.status) == (3, "OK_WARN")
    assert [(fault.line, fault.code) for fault in report.warnings] == [(2, "W-PLACE"), (4, "W-PLACE")]
    assert "leading zero. Imported, but held until the list is mended." in report.warnings[0].reason


def test_a_misspelt_state_is_told_with_its_line_and_the_lead_is_taken(tmp_path: Path) -> None:
    text = f"phone,state,zip\n{A},Florda,\n{B},FL,\n{C},Nort-East,10001\n"
    report = check_leads(saved(tmp_path, text))
    assert (report.accepted, report.status) == (3, "OK_WARN")
    assert [(fault.line, fault.column, fault.code) for fault in report.warnings] == [
        (2, "state", "W-PLACE"),
        (4, "state", "W-PLACE"),
    ]
    assert "line 2, state 'Florda': no state or province of US" in report.warnings[0].reason
    assert "it adds nothing. Imported;" in report.warnings[0].reason


def test_a_region_is_taken_for_the_state_when_there_is_no_other(tmp_path: Path) -> None:
    (lead,) = rows(tmp_path, "phone,region\n+12125550101,Florida\n")
    assert lead.region == "Florida"


@pytest.mark.parametrize(
    "header",
    ["phone", "Phone", "PHONE NUMBER", "phone_number", "phone-1", "Phone (home)", "mobile", "Cell Phone",
     "telephone", "Tel.", "Telefon", "Handynummer", "Rufnummer privat", "téléphone portable", "teléfono móvil",
     "celular", "Телефон", "Мобильный телефон", "номер телефона", "手机", "电话号码", "電話番号", "contact number",
     "msisdn", "work phone 2", "phone1"],
)  # fmt: skip
def test_the_phone_column_is_known_by_its_usual_names(tmp_path: Path, header: str) -> None:
    (lead,) = rows(tmp_path, f"{header},name\n{A},Ann\n")
    assert lead.contact_points[0].e164 == A


@pytest.mark.parametrize(
    "header",
    ["phone type", "phone code", "fax", "email", "best time to phone", "do not phone", "phone_verified_at",
     "number", "house number", "customer number", "telephone operator", "cellar", "mobility"],
)  # fmt: skip
def test_a_column_about_something_else_is_not_taken_for_a_phone(tmp_path: Path, header: str) -> None:
    report = check_leads(saved(tmp_path, f"{header},name\n{A},Ann\n"))
    assert [str(fault.code) for fault in report.rejected] == ["E-HEADER"]


def test_several_phone_columns_give_one_lead_with_several_numbers(tmp_path: Path) -> None:
    (lead,) = rows(tmp_path, f"home phone,mobile,work phone\n{A},{B},\n")
    assert [number.e164 for number in lead.contact_points] == [A, B]


def test_the_same_number_twice_in_a_row_counts_once_without_a_warning(tmp_path: Path) -> None:
    reading = read_leads(saved(tmp_path, f"phone,mobile\n{A},(212) 555-0101\n"))
    (lead,) = reading
    assert [number.e164 for number in lead.contact_points] == [A]
    assert reading.warnings == ()


def test_people_behind_one_switchboard_are_told_apart_by_their_extensions(tmp_path: Path) -> None:
    leads = rows(tmp_path, f"phone,name\n{A} ext. 045,Ann\n{A};ext=46,Bob\n{A},Front desk\n")
    assert [[(n.e164, n.extension) for n in lead.contact_points] for lead in leads] == [
        [(A, "045")],
        [(A, "46")],
        [(A, None)],
    ]


def test_a_repeated_number_is_left_out_and_the_row_keeps_its_new_one(tmp_path: Path) -> None:
    reading = read_leads(saved(tmp_path, f"phone,mobile\n{A},\n{A},{B}\n"))
    first, second = list(reading)
    assert [number.e164 for number in second.contact_points] == [B]
    assert (first.line, second.line, reading.accepted) == (2, 3, 2)


def test_line_breaks_in_a_name_become_spaces_and_stay_in_a_note(tmp_path: Path) -> None:
    (lead,) = rows(tmp_path, f'phone,first name,notes\n{A},"Ann\r\nAction: x","one\ntwo"\n')
    assert (lead.first_name, lead.note) == ("Ann Action: x", "one\ntwo")


def test_the_mapping_wins_over_the_columns_names(tmp_path: Path) -> None:
    mapping = parse_mapping(["phone=Backup line", "last_name=Clan"])
    content = f"phone,Backup line,Clan,last name\n{A},{B},MacDuff,Ignored\n"
    (lead,) = rows(tmp_path, content, mapping=mapping)
    assert [number.e164 for number in lead.contact_points] == [B]
    assert lead.last_name == "MacDuff"
    assert lead.custom == (("phone", A), ("last name", "Ignored"))


def test_a_mapping_may_name_several_phone_columns() -> None:
    assert parse_mapping(["phone=Mobil, Festnetz", "PHONE=Büro"]) == {"phone": ("Mobil", "Festnetz", "Büro")}


@pytest.mark.parametrize("option", ["phone", "phone=", "shoe=x", "=x"])
def test_a_wrong_mapping_is_explained(option: str) -> None:
    with pytest.raises(ValueError, match="--map"):
        parse_mapping([option])


def test_the_report_has_exactly_the_promised_keys_and_plain_values(tmp_path: Path) -> None:
    content = f"phone,name\n{A},Ann\n5550100,Bob\n{A},Cy\n"
    assert check_leads(saved(tmp_path, content)).as_json() == {
        "status": "PARTIAL",
        "rows": 3,
        "accepted": 1,
        "numbers": [A],
        "rejected": [
            {
                "line": 3,
                "column": "phone",
                "code": "E-PHONE",
                "reason": "leads.csv line 3, phone '555010…': too short for US. Not imported.",
            }
        ],
        "warnings": [
            {
                "line": 4,
                "column": "phone",
                "code": "W-DUP",
                "reason": "leads.csv line 4 repeats the number of line 2; kept the first.",
            }
        ],
        "message": "leads.csv: 1 of 3 rows can be imported; 1 rejected with 1 fault; 1 warning.",
    }


def test_preview_and_import_see_the_same_rows(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone,mobile,tz\n{A},{B},\n{C},,Mars\n12,,\n{A},,\n")
    reading = read_leads(path)
    stored = [number.e164 for lead in reading for number in lead.contact_points]
    report = check_leads(path)
    assert report == reading.report(stored)
    assert list(report.numbers) == stored


def test_rows_are_given_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = saved(tmp_path, f'phone,name\n{A},Ann\n{B},"never closed\n')
    reading = iter(read_leads(path))
    assert next(reading).contact_points[0].e164 == A
    with pytest.raises(ImportRefused):
        next(reading)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone\n{A}\n{B}\n")
    reading = iter(read_leads(path))
    next(reading)
    with path.open("a") as file:
        file.write(f"{C}\n")
    with pytest.raises(ImportRefused, match="changed while it was read"):
        list(reading)


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone\n{A}\n{B}\n")
    reading = iter(read_leads(path))
    next(reading)
    saved(tmp_path, f"phone\n{A}\n{B}\n", "other.csv").replace(path)
    with pytest.raises(ImportRefused, match="changed while it was read"):
        list(reading)


def refusal(path: Path) -> str:
    report = check_leads(path)
    assert report.status.refused
    return f"{report.rejected[0].code} {report.message}"


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "E-FILE pipe.csv is not a regular file" in refusal(pipe)
    assert "not a regular file" in refusal(tmp_path)
    assert "not a regular file" in refusal(Path("/dev/null"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv") == (
        "E-FILE gone.csv cannot be read: No such file or directory. Nothing imported."
    )


def test_a_hostile_file_name_is_inert_in_the_message(tmp_path: Path) -> None:
    path = saved(tmp_path, "", "a\x1b[31m\n.csv")
    assert check_leads(path).message.isprintable()


@pytest.mark.parametrize(
    "content",
    [b"phone\n" + b"+12125550101\n" * 300_000, bytes(3_000_000), b"x" * 3_000_000],
    ids=["rows", "zeros", "x"],
)
def test_a_bomb_is_refused_before_it_is_unpacked_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "leads.csv.gz"
    path.write_bytes(gzip.compress(content))
    monkeypatch.setattr(opening, "MAX_BYTES", 2 * 1024 * 1024)
    report = check_leads(path)
    assert report.message.startswith("leads.csv.gz would unpack to more than 2 MB (limit). Refused before")
    assert [str(fault.code) for fault in report.rejected] == ["E-SIZE"]


def test_a_plain_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    assert "E-SIZE" in refusal(saved(tmp_path, f"phone\n{A}\n"))


def test_all_faults_are_counted_when_only_the_first_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MAX_LISTED", 3)
    report = check_leads(saved(tmp_path, f"phone\n{A}\n" + "12\n" * 10))
    assert len(report.rejected) == 3
    assert "10 rejected with 10 faults" in report.message
    assert "7 more faults" in report.message


def test_memory_does_not_grow_with_the_rows_that_are_given_away(tmp_path: Path) -> None:
    path = saved(
        tmp_path, "phone,notes\n" + "".join(f"+1212{n:07d},{'x' * 500}\n" for n in range(2_000_000, 2_020_000))
    )
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_leads(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 7_500
    assert peak < 8 * 1024 * 1024


def test_chunks_may_end_anywhere_in_a_character_or_line_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = f'phone,name\r\n{A},"Żółć\r\nx"\r\n{B},王\r\n'
    whole = rows(tmp_path, content)
    for size in (1, 2, 3, 5, 7):
        monkeypatch.setattr(encodings, "_CHUNK", max(size, 1))
        assert rows(tmp_path, content) == whole
    assert [lead.line for lead in whole] == [2, 4]


def test_a_bad_byte_is_named_alike_wherever_a_chunk_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(f"phone,name\r\n{A},Żółć\r\n{B},王".encode() + b"\xe7\x8e,")
    found = set()
    for size in (1, 2, 3, 5, 7, 4096):
        monkeypatch.setattr(encodings, "_CHUNK", size)
        report = check_leads(path)
        found.add(report.message.split(";")[0])
    assert found == {"leads.csv: byte 52 (line 3) is not UTF-8"}


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet("Leads")
    assert hidden is not None
    hidden.append(["phone"])
    hidden.append([B])
    hidden.sheet_state = "hidden"
    shown.append(["phone"])
    shown.append([A])
    book.active = shown
    book.save(tmp_path / "leads.xlsx")
    report = check_leads(tmp_path / "leads.xlsx")
    assert (report.status, report.numbers) == ("OK", (A,))


HOSTILE_BYTES = st.binary(max_size=300) | st.builds(
    lambda head, tail: head + tail,
    st.sampled_from([b"phone,name\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"PK\x03\x04", b"sep=;\n", b'"']),
    st.binary(max_size=100) | st.text(alphabet='phone,12+"\n;\t|', max_size=80).map(str.encode),
)


@settings(max_examples=300, deadline=None)
@given(data=HOSTILE_BYTES, name=st.sampled_from(["a.csv", "a.txt", "a.csv.gz", "a.xlsx", "a"]))
def test_any_bytes_get_an_answer(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    report = check_leads(path)
    assert isinstance(report, CheckReport)
    assert report.accepted <= report.rows
    assert bool(report.numbers) == (not report.status.refused)


def rejected_of(path: Path) -> str:
    write_rejected(path)
    return rejected_path(path).read_text("utf-8")


def test_all_bad_rows_go_to_a_file_with_their_own_fields(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone,name,tz\n{A},Ann,\n12,Bob,Mars\n{B},\x1bx,\n")
    assert write_rejected(path) == 2
    lines = rejected_path(path).read_text("utf-8").splitlines()
    assert lines[0] == "line,column,code,reason,phone,name,tz"
    assert lines[1].startswith("3,tz; phone,E-TZ; E-PHONE,")
    assert lines[1].endswith(",12,Bob,Mars")
    assert lines[2].endswith(f",'{B},\ufffdx,")


def test_a_file_of_bad_rows_is_formula_safe_and_private(tmp_path: Path) -> None:
    path = saved(tmp_path, "=phone,phone\n=cmd|x,@SUM(1)\n-1,+1\n")
    text = rejected_of(path)
    for cell in text.replace("\n", ",").split(","):
        assert not cell.startswith(("=", "+", "-", "@"))
    assert stat.S_IMODE(rejected_path(path).stat().st_mode) == 0o600


def test_mended_bad_rows_can_be_imported_again(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone,name,tz\n{A},=Ann,Mars\n")
    mended = rejected_of(path).replace("Mars\n", "America/Denver\n")
    report = read_leads(saved(tmp_path, mended, "mended.csv"))
    (lead,) = report
    assert (lead.contact_points[0].e164, lead.timezone) == (A, "America/Denver")
    assert lead.display_name == "=Ann"


def test_without_bad_rows_no_file_is_written(tmp_path: Path) -> None:
    path = saved(tmp_path, f"phone\n{A}\n")
    assert write_rejected(path) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["leads.csv"]


def test_a_refused_file_leaves_no_file_of_bad_rows_and_no_rubbish(tmp_path: Path) -> None:
    path = saved(tmp_path, 'phone,name\n12,x\n13,"y\n')
    with pytest.raises(ImportRefused):
        write_rejected(path)
    assert [file.name for file in tmp_path.iterdir()] == ["leads.csv"]


def test_two_checks_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = saved(tmp_path, "phone\n" + "".join(f"+1212555{n:04d}\n" for n in range(2_000)))
    reports: list[CheckReport] = []
    threads = [threading.Thread(target=lambda: reports.append(check_leads(path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 3
    assert reports[0] == reports[1] == reports[2]

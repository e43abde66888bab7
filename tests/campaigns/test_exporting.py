"""Is an exported file whole, the same everywhere, harmless in a spreadsheet, and readable without its name?"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.exporting import ExportFault, as_csv, as_json, export, file_name, write_whole
from campaigns.foreign_text import from_csv_cell
from campaigns.metrics import Period
from campaigns.model import AgentState, ScriptOutcome, ScriptVisit
from campaigns.reports import REPORTS, Cell, Column, ColumnKind, Material, Report, build
from tests.campaigns.call_builders import AT, DAY, TODAY, call, spoken, stretches, unanswered
from tests.campaigns.rule_builders import settings


def report(*rows: tuple[Cell, ...], campaign: str = "autumn") -> Report:
    columns = tuple(Column(name=f"c{n}", label=f"C{n}") for n in range(len(rows[0]) if rows else 1))
    return Report(kind="test", title="Test", campaign=campaign, period=TODAY, columns=columns, rows=rows)


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def test_csv_has_a_header_line_feeds_and_utf_8() -> None:
    content = as_csv(report(("Zoë", 3, 0.5, None)))
    assert content == "c0,c1,c2,c3,from,to,zone\nZoë,3,0.5,,2026-11-20,2026-11-20,America/New_York\n".encode()


def test_floats_are_written_with_at_most_six_decimals_and_whole_ones_without_a_point() -> None:
    assert cells(as_csv(report((1 / 3, 2.0, 1e-9, -0.0))))[1][:4] == ["0.333333", "2", "0", "0"]


@pytest.mark.parametrize(
    "hostile",
    ["=cmd|' /C calc'!A0", "+12125550123", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\x1b[2J", "a\r\nb", 'q"u,ote'],
)
def test_no_cell_is_a_formula_or_carries_control_characters(hostile: str) -> None:
    (_, row) = cells(as_csv(report((hostile, 1))))
    assert row[0][0] not in "=+-@\t\r"
    assert not any(c in row[0] for c in "\x1b\r")
    assert row[1] == "1"


def test_a_phone_number_comes_back_from_csv_as_it_was() -> None:
    (_, row) = cells(as_csv(report(("+12125550123",))))
    assert row[0] == "'+12125550123"
    assert from_csv_cell(row[0]) == "+12125550123"


def test_json_is_one_object_with_definitions_period_and_figures() -> None:
    material = Material(campaign="autumn", period=TODAY, settings=settings(), now=AT, calls=(call(1, "sale"),))
    content = json.loads(as_json(build("completion", material)))
    assert content["period"] == {"from": "2026-11-20", "to": "2026-11-20", "zone": "America/New_York"}
    assert content["rows"][0]["by"] == "campaign"
    assert content["rows"][0]["completion_rate"] is None
    assert {f["name"] for f in content["figures"]} == {"completion_rate", "left_with_permission"}
    assert all(f["formula"] for f in content["figures"])


@pytest.mark.parametrize("kind", REPORTS)
def test_every_row_of_every_report_says_its_period_and_zone(kind: str) -> None:
    header, *rows = cells(as_csv(sample(kind)))
    assert header[-3:] == ["from", "to", "zone"]
    assert len(set(header)) == len(header)
    assert {tuple(row[-3:]) for row in rows} == {("2026-11-20", "2026-11-20", "America/New_York")}


def test_json_of_calls_holds_what_was_answered_in_each() -> None:
    first, second, _third = json.loads(as_json(sample("calls")))["rows"]
    assert first["answers"] == [
        {"step": "age", "at": "2026-11-20T15:00:00+00:00", "field": "age", "value": "=42 ü"},
    ]
    assert second["answers"] == []


@given(st.text(st.characters(), max_size=50))
def test_any_text_survives_json_and_nothing_in_it_acts_on_a_terminal(text: str) -> None:
    content = as_json(report((text,)))
    decoded = content.decode("utf-8")
    assert json.loads(decoded)["rows"] == [{"c0": text}]
    assert not any(c in decoded for c in "\x1b\x9b\x7f\u202e\u2066\ufeff")


@given(st.lists(st.text(st.characters(), max_size=20), min_size=2, max_size=2))
def test_any_text_is_one_csv_cell(texts: list[str]) -> None:
    assert [len(row) for row in cells(as_csv(report(tuple(texts))))] == [5, 5]


def test_an_export_is_named_after_campaign_kind_and_days_and_tells_its_sum(tmp_path: Path) -> None:
    done = export(report(("x",), campaign="../Herbst & Co"), tmp_path / "nightly", "csv")
    assert done.path == tmp_path / "nightly" / "herbst-co-test-2026-11-20.csv"
    assert done.sha256 == hashlib.sha256(done.path.read_bytes()).hexdigest()
    assert done.rows == 1
    week = Period(first=DAY, last=DAY + timedelta(days=6), zone="UTC")
    longer = Report(kind="refusal", title="", campaign="日本", period=week, columns=(), rows=())
    assert file_name(longer, "json") == "campaign-refusal-2026-11-20_2026-11-26.json"


def test_an_export_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    for fmt in ("csv", "json"):
        export(report(("x",)), tmp_path, fmt)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".csv", ".json"]


def test_a_full_disk_leaves_the_old_file_whole_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.csv"
    write_whole(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportFault, match=r"No space left on device\. No part of it is there"):
        write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_is_named_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ExportFault, match=r"file/report\.csv could not be written: "):
        write_whole(tmp_path / "file" / "report.csv", b"x")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportFault, match=r"there are csv, json\. Nothing was written"):
        export(report(("x",)), tmp_path, "pdf")


EXPORT_SCRIPT = """
import hashlib
from tests.campaigns.test_exporting import sample
from campaigns.exporting import as_csv, as_json
from campaigns.reports import REPORTS
for kind in REPORTS:
    print(hashlib.sha256(as_csv(sample(kind)) + as_json(sample(kind))).hexdigest())
"""


def sample(kind: str) -> Report:
    asked = ScriptVisit(step="age", at=AT, answers=(("age", "=42 ü"),))
    told = spoken(script=ScriptOutcome.STARTED, script_steps=(asked,), script_end_step="age")
    calls = (call(1, "sale", facts=told), call(2, "refused", facts=spoken(2)), call(3, facts=unanswered()))
    spans = tuple(stretches(2, (AgentState.READY, 100), (AgentState.TALK, 33.3)))
    later = AT + timedelta(hours=1)
    return build(
        kind, Material(campaign="autumn", period=TODAY, settings=settings(), now=later, calls=calls, spans=spans)
    )


@pytest.mark.parametrize(
    ("zone", "locale", "seed"),
    [("UTC", "C", "1"), ("Asia/Kathmandu", "tr_TR.UTF-8", "2"), ("Pacific/Apia", "de_DE.UTF-8", "3")],
)
def test_the_same_data_gives_the_same_bytes_whatever_zone_and_locale(zone: str, locale: str, seed: str) -> None:
    here = hashlib.sha256
    expected = [here(as_csv(sample(k)) + as_json(sample(k))).hexdigest() for k in REPORTS]
    environment = {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": seed, "PATH": os.environ["PATH"]}
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", EXPORT_SCRIPT], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == expected


def test_money_columns_do_not_exist_but_kinds_tell_phones_from_texts() -> None:
    kinds = {c.name: c.kind for c in sample("calls").columns}
    assert [name for name, kind in kinds.items() if kind is ColumnKind.PHONE] == ["number"]

"""Does a shell get one answer, on the right stream, in the right form, with the right exit code?"""

from __future__ import annotations

import gzip
import json
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from campaigns.model import AgentState
from campaigns.storage.store import Store
from dialer.cli import app, run
from dialer.home import Home
from tests.dialer.office import LEADS, SCRIPT

CHECK_KEYS = {"status", "rows", "accepted", "numbers", "rejected", "warnings", "message"}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; fails when anything else is there."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out
        read: dict[str, Any] = json.loads(lines[0])
        return read


Dialer = Callable[..., Said]


@pytest.fixture
def dialer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Dialer:
    """The command line, in this process, with a home of its own that is not made yet."""
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DIALER_ACTOR", "anna")
    monkeypatch.chdir(tmp_path)

    def ask(*argv: str) -> Said:
        capsys.readouterr()
        code = run(argv)
        said = capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    return ask


@pytest.fixture
def ready(dialer: Dialer, tmp_path: Path) -> Dialer:
    """The same after `dialer init`, with a trunk, a list and a campaign."""
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "script.toml").write_text(SCRIPT)
    (tmp_path / "autumn.toml").write_text('trunk = "practice"\nrule_profile = "practice"\nseller_name = "P"\n')
    for argv in (
        ("init",),
        ("trunk", "add", "practice", "--host", "127.0.0.9", "--caller-id", "+12025550100", "--practice"),
        ("leads", "import", "leads.csv", "--list", "autumn"),
        ("campaign", "create", "Autumn", "--from", "autumn.toml", "--list", "autumn"),
    ):
        assert dialer(*argv).code == 0, argv
    return dialer


class TestLeadsCheck:
    """An exact contract: no set-up, no database, no settings."""

    def test_all_good_rows_are_ok(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text("phone\n+12125550101\n(212) 555-0102\n")
        said = dialer("leads", "check", "leads.csv", "--json")
        assert said.code == 0
        assert set(said.json) == CHECK_KEYS
        assert (said.json["status"], said.json["rows"], said.json["accepted"]) == ("OK", 2, 2)
        assert said.json["numbers"] == ["+12125550101", "+12125550102"]
        assert not (tmp_path / "home").exists()

    def test_a_repeated_number_is_a_warning_naming_the_first_line(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text("phone\n+12125550101\n+12125550101\n")
        said = dialer("leads", "check", "leads.csv", "--json")
        assert (said.code, said.json["status"], said.json["accepted"]) == (0, "OK_WARN", 1)
        (warning,) = said.json["warnings"]
        assert set(warning) == {"line", "column", "code", "reason"}
        assert (warning["line"], warning["code"]) == (3, "W-DUP")
        assert "line 2" in warning["reason"]

    def test_some_bad_rows_are_partial_with_line_column_and_reason(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text(LEADS)
        said = dialer("leads", "check", "leads.csv", "--format", "json")
        assert (said.code, said.json["status"]) == (0, "PARTIAL")
        (fault,) = said.json["rejected"]
        assert (fault["line"], fault["column"], fault["code"]) == (4, "phone", "E-PHONE")

    def test_a_file_without_any_lead_is_rejected_with_exit_code_2(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text("name\nAda\n")
        said = dialer("leads", "check", "leads.csv", "--json")
        assert (said.code, said.json["status"], said.json["numbers"]) == (2, "REJECT", [])
        assert set(said.json) == CHECK_KEYS
        assert said.err == ""

    def test_a_file_that_is_not_there_is_rejected_in_the_same_shape(self, dialer: Dialer) -> None:
        said = dialer("leads", "check", "nothing.csv", "--json")
        assert (said.code, said.json["status"]) == (2, "REJECT")
        assert set(said.json) == CHECK_KEYS

    def test_without_json_the_faults_are_shown_to_a_person(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text(LEADS)
        said = dialer("leads", "check", "leads.csv")
        assert said.out.startswith("PARTIAL: leads.csv: 2 of 4 rows")
        assert "leads.csv line 4, phone '911': an emergency number" in said.out
        rejected = dialer("leads", "check", "nothing.csv")
        assert (rejected.code, rejected.out) == (2, "")
        assert "nothing.csv" in rejected.err

    def test_region_encoding_and_columns_are_taken(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "l.csv").write_bytes("Anruf;Straße\n07400 123456;Müllerstraße\n".encode("cp1252"))
        said = dialer(
            "leads", "check", "l.csv", "--region", "GB", "--encoding", "cp1252", "--map", "phone=Anruf", "--json"
        )
        assert (said.code, said.json["numbers"]) == (0, ["+447400123456"])

    @pytest.mark.parametrize("separator", ["\t", "|", ";"])
    def test_other_separators_are_read(self, dialer: Dialer, tmp_path: Path, separator: str) -> None:
        (tmp_path / "leads.txt").write_text(f"name{separator}phone\nAda{separator}+12125550101\n")
        assert dialer("leads", "check", "leads.txt", "--json").json["status"] == "OK"

    def test_gzip_and_workbooks_are_read(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "leads.csv.gz").write_bytes(gzip.compress(b"phone\n+12125550101\n"))
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["phone"])
        sheet.append(["+12125550101"])
        book.save(tmp_path / "leads.xlsx")
        assert dialer("leads", "check", "leads.csv.gz", "--json").json["status"] == "OK"
        assert dialer("leads", "check", "leads.xlsx", "--json").json["status"] == "OK"


class TestDncCheckFile:
    def test_a_partial_list_is_not_active(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "dnc.txt").write_text("+12125550101\nnot-a-number\n")
        said = dialer("dnc", "check-file", "dnc.txt", "--json")
        assert set(said.json) == CHECK_KEYS
        assert (said.code, said.json["status"]) == (0, "PARTIAL")
        assert "NOT active" in said.json["message"]

    def test_a_good_list_is_ok_and_a_useless_one_rejected(self, dialer: Dialer, tmp_path: Path) -> None:
        (tmp_path / "dnc.txt").write_text("+12125550101\n")
        assert dialer("dnc", "check-file", "dnc.txt", "--json").json["status"] == "OK"
        (tmp_path / "dnc.txt").write_text("")
        assert dialer("dnc", "check-file", "dnc.txt", "--json").code == 2


class TestOneObjectAndNothingElse:
    """`--json` in every case, faults of the caller and of ours included."""

    def test_a_refusal_is_one_object_with_exit_code_2(self, dialer: Dialer) -> None:
        said = dialer("campaign", "list", "--json")
        assert (said.code, said.json["status"], said.err) == (2, "refused", "")
        assert "dialer init" in said.json["message"]

    @pytest.mark.parametrize(
        "argv",
        [
            ("frobnicate", "--json"),
            ("leads", "check", "--json"),
            ("leads", "check", "a.csv", "--colour", "--json"),
            ("dnc", "list", "--limit", "many", "--format", "json"),
            ("dnc", "list", "--limit", "0", "--format=json"),
            ("leads", "check", "a.csv", "--map", "phone", "--json"),
            ("report", "campaign", "--json"),
        ],
    )
    def test_a_misunderstood_command_line_is_one_object_with_exit_code_2(self, dialer: Dialer, argv: list[str]) -> None:
        said = dialer(*argv)
        assert (said.code, said.json["status"], said.err) == (2, "refused", "")

    def test_a_misunderstood_command_line_without_json_goes_to_standard_error(self, dialer: Dialer) -> None:
        said = dialer("leads", "frobnicate")
        assert (said.code, said.out) == (2, "")
        assert "dialer leads --help" in said.err
        assert "Traceback" not in said.err

    def test_a_fault_of_ours_has_exit_code_1_and_its_traceback_in_a_file(
        self, ready: Dialer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise KeyError("bug")

        monkeypatch.setattr("dialer.bootstrap.offline_context", broken)
        said = ready("campaign", "list", "--json")
        assert (said.code, said.json["status"], said.err) == (1, "fault", "")
        (kept,) = (tmp_path / "home" / "log").glob("dialer-fault-*.log")
        assert str(kept) in said.json["message"]
        assert "KeyError: 'bug'" in kept.read_text()
        assert kept.stat().st_mode & 0o077 == 0

    def test_every_reading_command_gives_one_object(self, ready: Dialer) -> None:
        for argv in (
            ("campaign", "list"),
            ("campaign", "show", "Autumn"),
            ("campaign", "export", "Autumn"),
            ("leads", "find", "Ada"),
            ("leads", "show", "autumn"),
            ("lists", "show"),
            ("dnc", "list"),
            ("dnc", "check", "+12125550101"),
            ("agent", "list"),
            ("trunk", "list"),
            ("script", "list"),
            ("script", "check", "script.toml"),
            ("callbacks",),
            ("export", "list"),
            ("why", "+12125550101", "--campaign", "Autumn"),
            ("report", "refusal", "--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31"),
        ):
            said = ready(*argv, "--json")
            assert (said.code, said.json["status"], said.err) == (0, "done", ""), argv
            assert ready(*argv, "--format", "json").json.keys() == said.json.keys()

    def test_nothing_but_one_object_leaves_the_process(self, tmp_path: Path) -> None:
        """Once as a process of its own: what is imported there may not print either."""
        (tmp_path / "leads.csv").write_text(LEADS)
        done = _process(tmp_path, "leads", "check", "leads.csv", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["status"] == "PARTIAL"
        refused = _process(tmp_path, "campaign", "list", "--json")
        assert (refused.returncode, refused.stderr) == (2, "")
        assert json.loads(refused.stdout)["status"] == "refused"

    def test_a_reader_that_went_away_is_no_fault(self, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text("phone\n" + "".join(f"+1212{n}\n" for n in range(5550000, 5559999)))
        argv = [sys.executable, "-m", "dialer.cli", "leads", "check", "leads.csv", "--json"]
        with subprocess.Popen(
            argv, cwd=tmp_path, env=_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0


class TestSpeed:
    def test_leads_check_of_a_text_file_starts_without_database_engine_scheduler_and_spreadsheets(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "leads.csv").write_text(LEADS)
        code = (
            "import sys; from dialer.cli import run; run(['leads', 'check', 'leads.csv', '--json'])\n"
            "heavy = {'sqlalchemy', 'sqlmodel', 'apscheduler', 'asyncio', 'textual', 'alembic', 'pyVoIP'}\n"
            "heavy |= {'openpyxl', 'numpy'}\n"
            "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, env=_environment(tmp_path), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.stderr.strip() == "[]"


class TestHelp:
    def test_every_command_has_an_example(self) -> None:
        missing = [" ".join(path) for path, epilog in _commands(app) if "dialer " + " ".join(path) not in epilog]
        assert missing == []

    def test_every_group_has_an_example_of_one_of_its_commands(self, dialer: Dialer) -> None:
        for name in ("", *{path[0] for path, _ in _commands(app) if len(path) > 1}):
            said = dialer(*name.split(), "--help").out
            assert f"Example:\n    dialer {name}".rstrip() in said, name

    def test_every_command_of_the_product_is_there(self) -> None:
        there = {" ".join(path) for path, _ in _commands(app)}
        assert {
            *("init", "serve", "tui", "desk", "demo", "doctor", "why", "callbacks", "simulate"),
            *(f"leads {verb}" for verb in ("check", "import", "undo", "show", "find")),
            *(f"campaign {verb}" for verb in ("create", "set", "export", "start", "pause", "stop", "show", "list")),
            *("campaign emergency-stop", "lists show", "db upgrade", "db backup", "export run", "export list"),
            "evidence verify",
            *(f"script {verb}" for verb in ("check", "import", "list")),
            *(f"dnc {verb}" for verb in ("add", "remove", "import", "check", "check-file")),
            *(f"agent {verb}" for verb in ("add", "list", "assign", "login", "ready", "pause", "logout")),
            *(f"trunk {verb}" for verb in ("add", "list", "test")),
            *(f"report {kind}" for kind in ("completion", "refusal", "campaign", "agents", "calls", "answers")),
        } <= there

    def test_help_is_shown_with_exit_code_0(self, dialer: Dialer) -> None:
        said = dialer("leads", "import", "--help")
        assert said.code == 0
        assert "Example:\n    dialer leads import leads.csv --list autumn" in said.out

    def test_a_group_without_a_command_shows_its_help(self, dialer: Dialer) -> None:
        said = dialer("leads")
        assert said.code == 2
        assert "undo" in said.err


class TestWholeWay:
    """A few commands as a person gives them, with their tables."""

    def test_init_makes_a_private_home_once(self, dialer: Dialer, tmp_path: Path) -> None:
        assert "made: settings, database" in dialer("init").out
        assert "left as they are" in dialer("init").out
        assert (tmp_path / "home").stat().st_mode & 0o077 == 0

    def test_faulty_settings_are_refused_with_all_faults(self, ready: Dialer, tmp_path: Path) -> None:
        (tmp_path / "home" / "dialer.toml").write_text('[ami]\nhots = "x"\n[log]\nlevle = "y"\n')
        said = ready("campaign", "list", "--json")
        assert said.code == 2
        assert len(said.json["faults"]) == 2
        assert "dialer.toml line 2: unknown key ami.hots (did you mean ami.host?)" in said.json["message"]

    def test_a_campaign_is_set_in_words_and_numbers(self, ready: Dialer) -> None:
        assert (
            ready("campaign", "set", "Autumn", "ratio=1.5", "mode=progressive", "seller_name=Mit Komma, GmbH").code == 0
        )
        settings = ready("campaign", "show", "Autumn", "--json").json["settings"]
        assert (settings["ratio"], settings["seller_name"]) == (1.5, "Mit Komma, GmbH")

    def test_the_exported_settings_are_toml_and_nothing_else(self, ready: Dialer, tmp_path: Path) -> None:
        (tmp_path / "again.toml").write_text(ready("campaign", "export", "Autumn").out)
        assert ready("campaign", "create", "Winter", "--from", "again.toml").code == 0

    def test_a_start_without_a_service_is_refused(self, ready: Dialer) -> None:
        said = ready("campaign", "start", "Autumn")
        assert (said.code, said.out) == (2, "")
        assert "dialer serve" in said.err

    def test_foreign_text_reaches_a_terminal_inert(self, ready: Dialer) -> None:
        ready("dnc", "add", "+12125550109", "--reason", "said \x1b[31mred\x1b[0m and\r\nmore")
        shown = ready("dnc", "list").out
        refused = ready("campaign", "create", "Evil", "--from", "\x1b]0;owned\x07.toml")
        assert refused.code == 2
        for text in (shown, refused.err):
            assert not [character for character in text if character < " " and character != "\n"]

    def test_a_report_is_a_table_csv_or_json(self, ready: Dialer) -> None:
        days = ("--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31")
        assert "Hit rate" in ready("report", "campaign", *days).out
        assert ready("report", "campaign", *days, "--format", "csv").out.startswith("by,name,figure,label")
        assert ready("report", "campaign", *days, "--json").json["period"]["to"] == "2026-01-31"

    def test_calls_and_answers_are_tables_csv_or_json_too(self, ready: Dialer) -> None:
        days = ("--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31")
        assert "There are no rows" in ready("report", "answers", *days).out
        heads = {"calls": "attempt,report_date,", "answers": "attempt,time_local,agent,", "agents": "agent,state,"}
        for kind, head in heads.items():
            assert ready("report", kind, *days, "--format", "csv").out.startswith(head)
            assert ready("report", kind, *days, "--json").json["kind"] == kind
        behind = ready("report", "calls", *days, "--figure", "hit_rate", "--format", "csv")
        assert behind.out.rstrip().endswith(",note,counted,from,to,zone")
        unknown = ready("report", "calls", *days, "--figure", "profit")
        assert (unknown.code, "these open: connect_rate" in unknown.err) == (2, True)

    def test_a_reason_is_never_cut_short(self, ready: Dialer) -> None:
        reason = "asked by letter of the second of March, " * 6 + "end of the reason"
        ready("dnc", "add", "+12125550109", "--reason", reason)
        shown = ready("dnc", "check", "+12125550109").out + ready("dnc", "list").out
        assert shown.count(reason) == 2

    def test_a_report_reaches_a_terminal_that_knows_few_letters(self, ready: Dialer, tmp_path: Path) -> None:
        """CSV stays UTF-8, as the exported file; a table shows what the terminal can."""
        ready("agent", "add", "Олена", "--number", "1001")
        store = Store.open(f"sqlite:///{Home(root=tmp_path / 'home').database_file}")
        store.agents.move(1, 1, AgentState.READY, "", datetime(2026, 1, 2, 17, tzinfo=UTC))
        store.close()

        def told(fmt: str) -> str:
            days = ("--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31")
            argv = [sys.executable, "-m", "dialer.cli", "report", "agents", *days, "--format", fmt]
            environment = _environment(tmp_path) | {"PYTHONIOENCODING": "latin-1"}
            return subprocess.run(argv, env=environment, capture_output=True, check=True, timeout=60).stdout.decode()

        assert "Олена,READY" in told("csv")
        assert "?????  READY" in told("table")

    def test_a_list_is_shown_a_page_at_a_time(self, ready: Dialer) -> None:
        first = ready("leads", "show", "autumn", "--limit", "1", "--json").json
        rest = ready("leads", "show", "autumn", "--after", str(first["next_after"])).out
        assert "+12125550102" in rest
        assert "+12125550101" not in rest

    def test_evidence_of_a_period_is_written_checked_and_its_change_named(self, ready: Dialer, tmp_path: Path) -> None:
        days = ("--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31")
        assert "outside hours" in ready("evidence", *days, "--out", "proof").out
        assert ready("evidence", "verify", "proof", "--json").json["folder"]["calls"] == 0
        assert "whole: 0 receipts" in ready("evidence", "verify").out
        (tmp_path / "proof" / "calls.csv").write_text("call_id\n")
        said = ready("evidence", "verify", "proof")
        assert (said.code, said.out) == (2, "")
        assert "calls.csv, line 1: was changed" in said.err
        assert ready("evidence", *days, "--out", "proof", "--json").json["status"] == "refused"

    def test_evidence_is_checked_on_a_machine_without_a_dialer(
        self, ready: Dialer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        days = ("--campaign", "Autumn", "--from", "2026-01-01", "--to", "2026-01-31")
        assert ready("evidence", *days, "--out", "proof").code == 0
        monkeypatch.setenv("DIALER_HOME", "nowhere")
        said = ready("evidence", "verify", "proof")
        assert said.code == 0
        assert "as it was written" in said.out
        assert "seals were not checked" in said.out

    def test_a_campaign_shows_who_saved_its_settings(self, ready: Dialer) -> None:
        assert "versions of the settings:\n  version  saved by" in ready("campaign", "show", "Autumn").out

    def test_why_tells_where_a_lead_may_be_and_how_that_is_known(self, ready: Dialer) -> None:
        shown = ready("why", "+12125550101", "--campaign", "Autumn").out
        assert "Local time in America/New_York" in shown
        assert "Rules of US-NY apply (from the number's area code)" in shown

    def test_why_wants_an_instant_with_its_zone(self, ready: Dialer) -> None:
        said = ready("why", "+12125550101", "--campaign", "Autumn", "--at", "2026-03-03T08:00:00")
        assert said.code == 2
        assert "zone" in said.err

    def test_a_backup_is_made_once_under_a_name(self, ready: Dialer, tmp_path: Path) -> None:
        target = tmp_path / "copy.sqlite3"
        assert ready("db", "backup", str(target)).code == 0
        assert target.stat().st_mode & 0o077 == 0
        assert ready("db", "backup", str(target)).code == 2
        assert ready("db", "upgrade").code == 0

    def test_a_missing_database_is_never_made_silently(self, ready: Dialer, tmp_path: Path) -> None:
        (tmp_path / "home" / "dialer.sqlite3").unlink()
        said = ready("campaign", "list")
        assert said.code == 2
        assert not (tmp_path / "home" / "dialer.sqlite3").exists()

    def test_while_another_command_holds_the_home_a_second_one_waits_and_is_then_refused(
        self, ready: Dialer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from dialer.home import Home, exclusive

        monkeypatch.setattr("dialer.cli.carrying.STARTING_S", 0.2)
        with exclusive(Home(root=tmp_path / "home")):
            said = ready("campaign", "list")
        assert said.code == 2
        assert "in use" in said.err

    def test_a_simulated_day_is_played_without_a_home(self, dialer: Dialer) -> None:
        said = dialer("simulate", "--agents", "2", "--leads", "30", "--hours", "0.5", "--json")
        assert said.code == 0
        assert said.json["attempts"] > 0
        assert dialer("simulate", "--agents", "0").code == 2
        assert dialer("simulate", "--mode", "guessing").code == 2


def test_the_screen_replaces_the_process_and_nothing_of_it_is_imported(
    ready: Dialer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    class Replaced(Exception):
        pass

    def execv(_program: str, argv: list[str]) -> None:
        asked.append(argv)
        raise Replaced

    monkeypatch.setattr(os, "execv", execv)
    for argv in (("tui",), ("desk", "anna")):
        ready(*argv)
    socket = str(tmp_path / "home" / "control.sock")
    assert asked == [
        [sys.executable, "-P", "-m", "tui", "board", "--socket", socket, "--actor", "anna"],
        [sys.executable, "-P", "-m", "tui", "desk", "--agent", "anna", "--socket", socket, "--actor", "anna"],
    ]


def _commands(app: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for command in app.registered_commands:
        yield (*path, command.name), command.epilog or ""
    for group in app.registered_groups:
        yield from _commands(group.typer_instance, (*path, group.typer_instance.info.name))


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DIALER_HOME": str(folder / "home"), "PYTHONPATH": os.getcwd()}  # noqa: PTH109


def _process(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dialer.cli", *argv], cwd=folder, env=_environment(folder), capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip


class TestWhoGivesTheCommand:
    def test_a_name_in_the_environment_makes_no_second_person(
        self, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """LOGNAME and USER are anybody's to set; the account is the operating system's own."""
        monkeypatch.delenv("DIALER_ACTOR")
        assert dialer("init").code == 0
        assert dialer("dnc", "add", "+12125550101", "--reason", "asked").code == 0
        asked = dialer("dnc", "remove", "+12125550101", "--reason", "by mistake", "--json").json
        me = pwd.getpwuid(os.getuid()).pw_name
        assert asked["removal"]["asked_by"] == me
        for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.setenv(name, "boris")
        refused = dialer("dnc", "confirm-removal", "1")
        assert refused.code != 0
        assert f"another person than {me}" in refused.err

    def test_two_names_of_one_account_are_no_two_persons(self, dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
        assert dialer("init").code == 0
        assert dialer("dnc", "add", "+12125550101", "--reason", "asked").code == 0
        asked = dialer("dnc", "remove", "+12125550101", "--reason", "by mistake", "--json").json["removal"]
        account = f"{pwd.getpwuid(os.getuid()).pw_name} (uid {os.getuid()})"
        assert (asked["asked_by"], asked["asked_account"]) == ("anna", account)
        monkeypatch.setenv("DIALER_ACTOR", "boris")
        refused = dialer("dnc", "confirm-removal", "1")
        assert refused.code == 2
        assert f"it needs another account of the operating system than {account}" in refused.err
        assert dialer("dnc", "check", "+12125550101", "--json").json["listed"]


class TestRefusedFiles:
    """A person sees which rows are wrong and why, without asking for JSON."""

    def test_the_first_faulty_rows_are_named_and_where_all_of_them_are(self, dialer: Dialer, tmp_path: Path) -> None:
        assert dialer("init").code == 0
        rows = "".join(f"{n}\n" for n in range(100, 130))
        (tmp_path / "dnc.csv").write_text(f"phone\n+12125550101\n{rows}")
        (tmp_path / "consents.csv").write_text(f"phone\n+12125550101\n{rows}")
        for argv in (
            ("dnc", "import", "dnc.csv", "--reason", "list"),
            ("consent", "import", "consents.csv", "--seller", "P", "--proof", "form"),
            ("reassigned", "import", "consents.csv", "--asked", "2026-01-05"),
            ("dnc", "import-washed", "it-rpo", "consents.csv", "--asked", "2026-01-05", "--region", "US"),
        ):
            said = dialer(*argv)
            assert said.code == 2, argv
            named = [line for line in said.err.splitlines() if " line " in line and "E-" in line]
            assert [f"line {n}" in named[n - 3] for n in range(3, 23)] == [True] * 20, argv
            assert "... and 10 more rejected rows; --json shows them all." in said.err, argv
            assert len(dialer(*argv, "--json").json["report"]["rejected"]) == 30

    def test_so_are_rows_that_say_too_little_of_a_consent_or_an_answer(self, dialer: Dialer, tmp_path: Path) -> None:
        assert dialer("init").code == 0
        rows = "".join(f"+1212555{n:04}\n" for n in range(100, 130))
        (tmp_path / "consents.csv").write_text(f"phone\n{rows}")
        for argv in (
            ("consent", "import", "consents.csv", "--seller", "P", "--proof", "form"),
            ("reassigned", "import", "consents.csv", "--asked", "2026-01-05"),
        ):
            said = dialer(*argv)
            assert "line 2: " in said.err
            assert "line 21: " in said.err
            assert "And 10 more." in said.err
            assert "--json names them all, one by one." in said.err
            assert len(dialer(*argv, "--json").json["faults"]) == 30


def test_an_erasure_is_previewed_with_the_leads_of_the_same_key_and_needs_a_reason(
    ready: Dialer, tmp_path: Path
) -> None:
    (tmp_path / "keys.csv").write_text("phone,name,debtor no\n+12125550111,Ada,K-0042\n+12125550112,A. L.,k0042\n")
    assert ready("leads", "import", "keys.csv", "--list", "keys").code == 0
    said = ready("privacy", "erase", "+12125550111", "--preview")
    assert said.code == 0
    assert "erased only with --with-same-key 1." in said.out
    assert "A. L.  +12125550112" in said.out
    refused = ready("privacy", "erase", "+12125550111")
    assert refused.code == 2
    assert "reason" in refused.err
    assert ready("privacy", "erase", "+12125550111", "--reason", "asked", "--with-same-key", "1").code == 0
    assert ready("dnc", "check", "+12125550112", "--json").json["listed"]


def test_a_refused_registry_list_names_its_faulty_rows(dialer: Dialer, tmp_path: Path) -> None:
    dialer("init")
    settings = tmp_path / "home" / "dialer.toml"
    settings.write_text(settings.read_text().replace('# registries = ["us-ftc"]', 'registries = ["us-ftc"]'))
    (tmp_path / "ftc.txt").write_text("212,5550100\n212,23\nxx\n")
    told = dialer("dnc", "import-registry", "us-ftc", "ftc.txt", "--list-date", "2026-03-01T06:00:00Z")
    assert told.code == 2
    assert "ftc.txt line 2: '212,23' is not an area code and a number" in told.err
    assert "ftc.txt line 3: 'xx' is not" in told.err

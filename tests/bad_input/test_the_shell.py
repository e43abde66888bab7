"""Does the shell stay polite whatever it is given: paths, years, homes, words; one object, the right exit code?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from dialer.cli import app, run
from tests.bad_input.conftest import Shell
from tests.sinks.hostile import CONTROLS

OF_AUTUMN = ("--campaign", "Autumn")
HOMES = {"file": "/dev/null", "below": "/dev/null/below", "proc": "/proc/none", "user": "~nobody-of-this-name/x"}
NAMES = ("with space", "it's", 'two "words"', "dollar $HOME", "Ünïcödé 日本", "-dash", "a;b&c")
DAYS = ("--from", "2026-01-01", "--to", "2026-01-31")
CLUMSY = {
    "no campaign of this name": ("campaign", "show", "Winter"),
    "no list of this name": ("leads", "show", "winter"),
    "no batch of this number": ("leads", "undo", "99"),
    "a batch in words": ("leads", "undo", "first"),
    "a batch beyond all numbers": ("leads", "show", "9" * 40),
    "nothing to find": ("leads", "find", ""),
    "a name of 100,000 characters": ("leads", "find", "x" * 100_000),
    "an unknown region": ("leads", "check", "leads.csv", "--region", "ZZ"),
    "an unknown encoding": ("leads", "check", "leads.csv", "--encoding", "rot13"),
    "an unknown column": ("leads", "import", "leads.csv", "--list", "x", "--map", "phone=telephone"),
    "a file that is not there": ("leads", "import", "nothing.csv", "--list", "x"),
    "a folder as file": ("leads", "import", ".", "--list", "x"),
    "a device as list": ("leads", "check", "/dev/zero"),
    "a device as do-not-call list": ("dnc", "import", "/dev/zero", "--reason", "x"),
    "a device as script": ("script", "check", "/dev/zero"),
    "a device as campaign": ("campaign", "create", "Winter", "--from", "/dev/zero"),
    "a pipe as list": ("leads", "check", "pipe"),
    "a pipe to import": ("leads", "import", "pipe", "--list", "new"),
    "a device to import": ("leads", "import", "/dev/zero", "--list", "new"),
    "a pipe as script": ("script", "import", "pipe"),
    "a pipe as campaign": ("campaign", "create", "Winter", "--from", "pipe"),
    "a pipe as secret": ("agent", "add", "bob", "--number", "1002", "--secret-file", "pipe"),
    "a secret others may read": ("agent", "add", "bob", "--number", "1002", "--secret-file", "leads.csv"),
    "a list name with an escape": ("leads", "import", "leads.csv", "--list", "a\x1b[31m"),
    "a list without a name": ("leads", "import", "leads.csv", "--list", " "),
    "a campaign that is there": ("campaign", "create", "Autumn", "--from", "autumn.toml"),
    "a campaign called ../x": ("campaign", "create", "../x", "--from", "autumn.toml"),
    "a list that is not there": ("campaign", "create", "Winter", "--from", "autumn.toml", "--list", "winter"),
    "an emergency number": ("dnc", "add", "911", "--reason", "x"),
    "an address as number": ("why", "sip:x@host", "--campaign", "Autumn"),
    "no reason": ("dnc", "add", "+12125550101", "--reason", ""),
    "an unknown scope": ("dnc", "add", "+12125550101", "--reason", "x", "--scope", "world"),
    "a number that is not listed": ("dnc", "remove", "+12125550101", "--reason", "x"),
    "a year before all zones": ("why", "+12125550101", "--campaign", "Autumn", "--at", "0001-01-01T00:00:00Z"),
    "a year after all zones": ("why", "+12125550101", "--campaign", "Autumn", "--at", "9999-12-31T23:59:59-12:00"),
    "a time without a zone": ("why", "+12125550101", "--campaign", "Autumn", "--at", "2026-03-03T08:00:00"),
    "a report since year 1": ("report", "campaign", *OF_AUTUMN, "--from", "0001-01-01", "--to", "9999-12-31"),
    "the 30th of February": ("report", "refusal", *OF_AUTUMN, "--from", "2026-02-30", "--to", "2026-03-01"),
    "a period turned round": ("report", "refusal", *OF_AUTUMN, "--from", "2026-03-02", "--to", "2026-03-01"),
    "an export of year 1": ("export", "run", "--date", "0001-01-01"),
    "an export of tomorrow": ("export", "run", "--date", "2099-01-01"),
    "an agent with three digits": ("agent", "add", "bob", "--number", "100"),
    "an agent with full-width digits": ("agent", "add", "bob", "--number", "１００２"),
    "an agent called by escapes": ("agent", "add", "\x1b[31m", "--number", "1002"),
    "an agent nobody knows": ("agent", "assign", "bob", "Autumn"),
    "a trunk called ../x": ("trunk", "add", "../x", "--host", "192.0.2.1", "--caller-id", "+12025550100"),
    "a trunk to a;b": ("trunk", "add", "carrier", "--host", "a;b", "--caller-id", "+12025550100"),
    "a practice trunk far away": (
        "trunk", "add", "far", "--host", "192.0.2.1", "--caller-id", "+12025550100", "--practice",
    ),
    "a trunk without end": (
        "trunk", "add", "c", "--host", "192.0.2.1", "--caller-id", "+12025550100", "--attempts-per-second", "inf",
    ),
    "evidence of no campaign": ("evidence", "--campaign", "Winter", *DAYS, "--out", "proof"),
    "evidence of year 1": ("evidence", *OF_AUTUMN, "--from", "0001-01-01", "--to", "0001-01-02", "--out", "leads.csv"),
    "evidence of nothing named": ("evidence", *OF_AUTUMN),
    "evidence into a file": ("evidence", *OF_AUTUMN, *DAYS, "--out", "leads.csv/proof"),
    "evidence that is a file": ("evidence", "verify", "leads.csv"),
    "evidence that is not there": ("evidence", "verify", "nowhere"),
    "evidence that is another folder": ("evidence", "verify", "."),
    "a start without a service": ("campaign", "start", "Autumn"),
    "a stop without a service": ("campaign", "emergency-stop", "Autumn"),
    "a copy where something is": ("db", "backup", "leads.csv"),
    "a copy into nowhere": ("db", "backup", "no/such/folder/copy"),
    "a day of no agents": ("simulate", "--agents", "0"),
    "a day without end": ("simulate", "--hours", "inf"),
    "a profile nobody knows": ("rules", "show", "us-fedral"),
    "a place by its name": ("rules", "show", "us-federal", "--region", "Florida"),
    "a pipe as profile": ("rules", "lint", "pipe"),
    "a list as profile": ("rules", "lint", "leads.csv"),
    "an unknown command": ("campagin", "list"),
    "an unknown option": ("campaign", "list", "--colour"),
    "a change that is none": ("campaign", "set", "Autumn", "ratio"),
    "bytes that are no text": ("campaign", "show", "\udcff\udcfe"),
}  # fmt: skip


@pytest.mark.parametrize("argv", CLUMSY.values(), ids=CLUMSY.keys())
def test_a_clumsy_command_is_refused_in_words_and_changes_nothing(shell: Shell, argv: tuple[str, ...]) -> None:
    os.mkfifo(shell.folder / "pipe")
    before, files = shell.stored(), shell.files()
    said = shell(*argv)
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()
    assert not CONTROLS.search(said.err)
    assert len(said.err) < 1500
    answer = shell(*argv, "--json")
    assert answer.code == 2
    assert answer.json["message"]
    assert shell.stored() == before
    assert shell.files() == files


@pytest.mark.parametrize(
    "home",
    ["/dev/null", "/dev/null/below", "/proc/none", "~nobody-of-this-name/x"],
    ids=["file", "below", "proc", "user"],
)
def test_a_home_that_cannot_be_is_refused(empty: Shell, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("DIALER_HOME", home)
    for argv in (("init",), ("campaign", "list"), ("serve",), ("tui",), ("db", "backup")):
        assert empty(*argv).code == 2, argv
        assert empty(*argv[:1], "--help").code == 0
    assert empty("init", "--json").json["status"] == "refused"


@pytest.mark.parametrize(
    "name", ["with space", "it's", 'two "words"', "dollar $HOME", "Ünïcödé 日本", "-dash", "a;b&c"]
)
def test_a_home_of_any_name_works(empty: Shell, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DIALER_HOME", str(empty.folder / name))
    empty.write("leads.csv", "phone\n+12125550143\n")
    for argv in (("init",), ("leads", "import", "leads.csv", "--list", "a"), ("db", "backup"), ("leads", "undo", "1")):
        empty.done(*argv)
    assert (empty.folder / name / "dialer.sqlite3").is_file()


def test_a_home_that_became_unusable_is_told_and_the_fault_is_not_ours(shell: Shell) -> None:
    (shell.home / "dialer.lock").unlink(missing_ok=True)
    (shell.home / "dialer.lock").mkdir()
    said = shell("leads", "import", "leads.csv", "--list", "new", "--json")
    assert (said.code, said.json["status"]) == (2, "refused")
    assert "cannot be used" in said.json["message"]


def test_a_log_that_cannot_be_written_is_told_with_its_setting(shell: Shell) -> None:
    (shell.home / "dialer.toml").write_text('[log]\nfile = "/dev/null/dialer.log"\n')
    for argv in (("campaign", "list"), ("serve",)):
        assert "log.file" in shell(*argv).err


def test_a_fault_of_ours_is_exit_code_1_and_its_details_are_in_the_log_that_is_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("the bug")

    monkeypatch.setattr("campaigns.storage.campaigns.Campaigns.all", broken)
    said = shell("campaign", "list", "--json")
    assert (said.code, said.json["status"]) == (1, "fault")
    assert "the log has its details" in said.json["message"]
    assert "the bug" in (shell.home / "log" / "dialer.log").read_text()


def test_settings_exported_make_the_same_campaign_again(shell: Shell) -> None:
    shell.done("campaign", "set", "Autumn", 'seller_name=O\'Neill "& Sons" \\ #1 = 日本', "ratio=1.25", "zone=UTC")
    text = shell.done("campaign", "export", "Autumn").out
    shell.write("again.toml", text)
    shell.done("campaign", "create", "Winter", "--from", "again.toml")
    assert shell.done("campaign", "export", "Winter").out == text.replace('"Autumn"', '"Winter"', 1)


def test_a_backup_put_back_is_what_was_there(shell: Shell) -> None:
    before = shell.stored()
    shell.done("db", "backup", "copy.sqlite3")
    shell.done("leads", "undo", "1")
    assert shell.stored() != before
    for path in shell.home.glob("dialer.sqlite3*"):
        path.unlink()
    (shell.folder / "copy.sqlite3").rename(shell.home / "dialer.sqlite3")
    assert shell.stored() == before
    assert "nothing was changed" in shell.done("db", "upgrade").out
    assert "2" in shell.done("leads", "show", "autumn").out


def test_an_import_undone_leaves_no_lead(shell: Shell) -> None:
    shell.write("more.csv", "phone\n+12125550143\n+12125550144\n")
    batch = shell.done("leads", "import", "more.csv", "--list", "autumn", "--json").json["batch"]
    assert shell.done("leads", "undo", str(batch), "--json").json["leads"] == 2
    again = shell("leads", "undo", str(batch))
    assert (again.code, again.out) == (2, "")
    assert "undone already" in again.err
    assert "No lead was found" in shell.done("leads", "find", "+12125550143").out


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}],
    ids=["C", "C without UTF-8", "ascii"],
)
def test_no_locale_and_no_zone_of_the_machine_changes_what_is_said(shell: Shell, environment: dict[str, str]) -> None:
    shell.write("names.csv", "phone,first_name\n+12125550143,Žofie 王小明\n".encode())
    shell.done("leads", "import", "names.csv", "--list", "names")
    for argv, words in (
        (("leads", "find", "+12125550143"), b"+12125550143"),
        (("report", "campaign", "--campaign", "Autumn", *DAYS), b"Hit rate"),
        (("report", "campaign", "--campaign", "Autumn", *DAYS, "--format", "csv"), b"by,name,figure"),
        (("campaign", "export", "Autumn"), b'name = "Autumn"'),
        (("leads", "find", "+12125550143", "--json"), b"\\u738b\\u5c0f\\u660e"),
    ):
        done = _process(shell, argv, {**environment, "TZ": "Asia/Kolkata"})
        assert (done.returncode, done.stderr) == (0, b"")
        assert words in done.stdout


def test_without_any_home_folder_of_the_user_the_mend_is_told(shell: Shell) -> None:
    done = _process(shell, ("campaign", "list"), {"DIALER_HOME": "", "HOME": "", "XDG_DATA_HOME": ""})
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"dialer init" in done.stderr or b"DIALER_HOME" in done.stderr


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "dialer")
def test_the_help_of_every_command_has_an_example_or_names_what_is_below(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    below = getattr(COMMANDS[path], "commands", {})
    if below:
        assert all(name in said.out for name in below)
    else:
        assert "Example:" in said.out
        assert f"  dialer {' '.join(path)}" in said.out


def test_every_example_of_the_help_is_a_command_line_that_is_understood() -> None:
    import shlex

    for path, command in COMMANDS.items():
        for line in (command.epilog or "").splitlines():
            words = shlex.split(line.partition(">")[0]) if line.startswith("  ") and not line.endswith("<") else []
            words = words[next((n for n, word in enumerate(words) if word == "dialer"), len(words)) :]
            if words:
                assert tuple(words[1 : 1 + len(path)]) == path, line
                command.make_context("dialer", words[1 + len(path) :], resilient_parsing=False)


def _process(shell: Shell, argv: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    usual = {"PATH": os.environ["PATH"], "DIALER_HOME": str(shell.home), "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-m", "dialer.cli", *argv], cwd=shell.folder, env=usual | environment, capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip

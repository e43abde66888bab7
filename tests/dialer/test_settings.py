"""Is every fault of the settings told at once, with its line, and is no secret ever shown?"""

from __future__ import annotations

import json
import traceback
from datetime import time
from pathlib import Path

import pytest

from dialer.home import Home, write_secret
from dialer.settings import ExchangeKind, Secret, SettingsFault, database_url, shown
from dialer.settings_default import DEFAULT_FILE
from dialer.settings_file import load


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(root=tmp_path / "home")
    made.create()
    return made


def faults_of(home: Home, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    home.settings_file.write_text(text)
    with pytest.raises(SettingsFault) as told:
        load(home, environ or {})
    return told.value.faults


def test_without_a_file_the_safe_defaults_hold(home: Home) -> None:
    settings = load(home, {})
    assert settings.exchange.kind is ExchangeKind.MANAGED
    assert settings.exchange.sip_host == "127.0.0.1"
    assert settings.exports.at == time(4, 10)
    assert database_url(home, settings) == f"sqlite:///{home.database_file}"


def test_the_file_that_init_writes_is_without_fault_and_changes_no_default(home: Home) -> None:
    defaults = load(home, {})
    home.settings_file.write_text(DEFAULT_FILE)
    assert load(home, {}) == defaults


def test_every_commented_key_of_the_written_file_is_a_known_one(home: Home) -> None:
    write_secret(home, "ami", "s3cret")
    write_secret(home, "ami-watch", "s3cret")
    lines = DEFAULT_FILE.splitlines()
    uncommented = [line[2:] if line.startswith("# ") and ("=" in line or "[" in line) else line for line in lines[2:]]
    home.settings_file.write_text("\n".join(uncommented))
    load(home, {})


def test_a_key_of_the_written_file_uncommented_alone_is_in_its_own_section(home: Home) -> None:
    written = DEFAULT_FILE.replace("# registries =", "registries =").replace("# keep_days = 90", "keep_days = 30")
    home.settings_file.write_text(written.replace('# level = "INFO"', 'level = "DEBUG"'))
    settings = load(home, {})
    assert settings.dnc.registries == ("us-ftc",)
    assert settings.decisions.keep_days == 30
    assert settings.log.level == "DEBUG"
    assert not [line for line in DEFAULT_FILE.splitlines() if line.startswith("# [")]


def test_an_unknown_key_is_answered_with_the_nearest_known_one_and_its_line(home: Home) -> None:
    assert faults_of(home, '[ami]\nhots = "10.0.0.1"\n') == (
        "dialer.toml line 2: unknown key ami.hots (did you mean ami.host?)",
    )


def test_all_faults_are_told_at_once(home: Home) -> None:
    faults = faults_of(
        home,
        '[exchange]\nkind = "managd"\nsip_port = 0\n[exports]\nat = "4 in the morning"\n[log]\nlevle = "INFO"\n',
        {"DIALER_EXCHANGE_MAX_CALLS": "many", "DIALER_AMI_HOTS": "x"},
    )
    told = "\n".join(faults)
    assert len(faults) == 6
    assert "dialer.toml line 2: exchange.kind = 'managd': one of managed, own, simulated" in told
    assert "exchange.sip_port = 0: a port is 1 to 65535" in told
    assert "dialer.toml line 5: exports.at" in told
    assert "dialer.toml line 7: unknown key log.levle (did you mean log.level?)" in told
    assert "environment DIALER_EXCHANGE_MAX_CALLS: exchange.max_calls = 'many': expected a whole number" in told
    assert "environment: unknown variable DIALER_AMI_HOTS (did you mean DIALER_AMI_HOST?)" in told


def test_the_environment_wins_over_the_file(home: Home) -> None:
    home.settings_file.write_text('[exports]\nat = "05:00"\nfolder = "here"\n')
    settings = load(home, {"DIALER_EXPORTS_AT": "06:30", "DIALER_HOME": "x", "DIALER_ACTOR": "anna", "PATH": "y"})
    assert settings.exports.at == time(6, 30)
    assert settings.exports.folder == "here"


def test_a_toml_time_is_a_time_too(home: Home) -> None:
    home.settings_file.write_text("[exports]\nat = 05:15:00\n")
    assert load(home, {}).exports.at == time(5, 15)


@pytest.mark.parametrize("text", ["[ami\n", "\x00", 'a = "b', "ami = 3\n", "[[exchange]]\nkind = 'own'\n"])
def test_a_file_that_is_no_toml_of_ours_is_told_in_words(home: Home, text: str) -> None:
    assert "dialer.toml" in faults_of(home, text)[0]


def test_a_file_that_is_not_utf8_is_told_in_words(home: Home) -> None:
    home.settings_file.write_bytes(b"[ami]\nhost = '\xff'\n")
    with pytest.raises(SettingsFault, match="UTF-8"):
        load(home, {})


def test_wrong_types_say_what_is_expected(home: Home) -> None:
    faults = faults_of(home, "[ami]\nhost = 3\nport = true\n[exchange]\nsip_port = 50.5\n")
    assert [fault.rsplit(": ", 1)[1] for fault in faults] == [
        "expected a text in quotes",
        "expected a whole number",
        "expected a whole number",
    ]


def test_a_secret_in_the_file_is_refused_and_not_repeated(home: Home) -> None:
    (fault,) = faults_of(home, '[ami]\nsecret = "hunter22"\n')
    assert "DIALER_AMI_SECRET" in fault
    assert "ami.secret_file" in fault
    assert "hunter22" not in fault


def test_ones_own_asterisk_needs_both_secrets_from_private_files(home: Home) -> None:
    path = write_secret(home, "ami", "s3cret")
    write_secret(home, "ami-watch", "other")
    home.settings_file.write_text('[exchange]\nkind = "own"\n')
    assert load(home, {}).ami.secret.reveal() == "s3cret"
    path.chmod(0o644)
    (fault,) = faults_of(home, '[exchange]\nkind = "own"\n')
    assert f"chmod 600 {path}" in fault
    path.unlink()
    assert "DIALER_AMI_SECRET" in faults_of(home, '[exchange]\nkind = "own"\n')[0]
    assert load(home, {"DIALER_AMI_SECRET": "from-env"}).ami.secret.reveal() == "from-env"


def test_no_dump_and_no_traceback_shows_a_secret(home: Home) -> None:
    home.settings_file.write_text('[exchange]\nkind = "own"\n[database]\nurl = "postgresql://u:pa55@127.0.0.1/d"\n')
    home.settings_file.chmod(0o600)
    settings = load(home, {"DIALER_AMI_SECRET": "canary-1", "DIALER_AMI_WATCH_SECRET": "canary-2"})
    try:
        raise ValueError(settings)
    except ValueError as fault:
        dump = "".join(traceback.format_exception(fault)) + repr(settings) + f"{settings}" + json.dumps(shown(settings))
    assert not [word for word in ("canary-1", "canary-2", "pa55") if word in dump]
    assert "postgresql://u:***@127.0.0.1/d" in dump


def test_a_password_in_the_database_url_wants_a_private_file(home: Home) -> None:
    home.settings_file.touch()
    home.settings_file.chmod(0o644)
    assert "chmod 600" in faults_of(home, '[database]\nurl = "postgresql://u:pa55@127.0.0.1/d"\n')[0]


def test_a_secret_can_only_be_had_by_asking_for_it() -> None:
    secret = Secret("canary")
    assert f"{secret}|{secret!r}|{[secret]}" == "***|***|[***]"
    assert secret.reveal() == "canary"
    assert not Secret()


def test_recordings_of_an_own_asterisk_are_named_in_a_list(home: Home) -> None:
    home.settings_file.write_text('[exchange]\nmessages = ["autumn-message", "winter"]\n')
    assert load(home, {}).exchange.messages == ("autumn-message", "winter")
    assert load(home, {"DIALER_EXCHANGE_MESSAGES": "spring, summer"}).exchange.messages == ("spring", "summer")
    assert "without .wav" in faults_of(home, '[exchange]\nmessages = ["autumn.wav"]\n')[0]
    assert "expected a list of texts" in faults_of(home, "[exchange]\nmessages = [1]\n")[0]

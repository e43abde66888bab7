"""Does each class go when its time has come, once a night, and never sooner than the law and the settings say?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from campaigns.rules import PROFILES, Duties
from campaigns.storage.errors import StoreUnavailable
from dialer.due import night_is_due
from dialer.home import Home
from dialer.settings import RetentionSettings, Settings, SettingsFault
from dialer.settings_default import DEFAULT_FILE
from dialer.settings_faults import LEAST_CALLS_DAYS, faults_of
from dialer.settings_file import load
from dialer.use_cases.retention import classes, tidy_due
from tests.dialer.office import NOON, Office
from tests.dialer.test_privacy import ADA, filled

__all__ = ["filled"]  # Ada was called, spoke and left an answer; reports were written

AT = time(4, 10)


def aged(office: Office, path: Path) -> Path:
    """A file of the office's day."""
    os.utime(path, (office.now.timestamp(), office.now.timestamp()))
    return path


def shorter(office: Office, **days: int) -> None:
    office.context.settings = replace(
        office.context.settings, retention=RetentionSettings(below_law_because="test", **days)
    )


def tidy_next(office: Office) -> dict[str, int] | None:
    """The same night once more."""
    office.home.tidied_file.unlink()
    return tidy_due(office.context)


class TestTheNight:
    def test_it_is_due_once_a_day_from_its_time_on_and_a_missed_one_once(self) -> None:
        at = datetime.fromisoformat
        last = at("2026-03-02T00:00:00+00:00").date()
        assert not night_is_due(at("2026-03-04T04:09:00+00:00"), last, AT)
        assert night_is_due(at("2026-03-04T04:10:00+00:00"), last, AT)
        assert night_is_due(at("2026-03-09T12:00:00+00:00"), last, AT)
        assert night_is_due(at("2026-03-04T00:00:00+00:00"), None, AT)

    def test_a_night_is_tidied_once_and_the_next_one_again(self, filled: Office) -> None:
        assert tidy_due(filled.context) is not None
        assert tidy_due(filled.context) is None
        filled.now += timedelta(days=1)
        assert tidy_due(filled.context) is not None

    def test_a_damaged_record_of_the_last_night_only_tidies_once_more(self, filled: Office) -> None:
        for damaged in ("", "[]", '{"night": "soon"}'):
            filled.home.tidied_file.write_text(damaged)
            assert tidy_due(filled.context) is not None
            assert tidy_due(filled.context) is None

    def test_a_class_that_fails_leaves_the_others_and_is_tried_the_next_night(
        self, filled: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        shorter(filled, answers_days=1)
        filled.now += timedelta(days=3)

        def fails(before: datetime) -> int:
            raise StoreUnavailable("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(filled.store.retention, "forget_commands", fails)
            gone = tidy_due(filled.context)
        assert gone is not None
        assert gone["answers"] == 1
        assert "commands" not in gone
        assert "what is too old of commands is still there" in caplog.text


class TestTheClasses:
    def test_nothing_goes_before_its_time(self, filled: Office) -> None:
        filled.now += timedelta(days=80)
        gone = tidy_due(filled.context)
        assert gone is not None
        assert not any(gone.values())
        assert filled.store.attempts.by_number(ADA, 5)[0].facts.note == "likes her mother"

    def test_after_five_years_a_call_loses_number_note_and_log_and_keeps_its_figures(self, filled: Office) -> None:
        day = filled.now.date() - timedelta(days=1)
        before = filled.store.attempts.counters(1, day)
        filled.now = NOON + timedelta(days=1827, hours=1)
        gone = tidy_due(filled.context)
        assert gone is not None
        assert (gone["calls"], filled.store.attempts.by_number(ADA, 5)) == (1, ())
        (call,) = filled.store.attempts.attempts(1, day, day)
        assert call.number.startswith("#")
        assert (call.facts.note, call.facts.talk_ms, call.facts.disposition) == ("", 90_000, "callback")
        assert filled.store.attempts.events(call.id) == ()
        assert filled.store.attempts.counters(1, day) == before
        assert filled.store.check_consistency() == ()
        assert filled.store.leads.lead(1).contact_points[0].number == ADA  # the lead himself is no call

    def test_answers_and_notes_go_earlier_when_set_so_also_from_the_calls_log(self, filled: Office) -> None:
        shorter(filled, answers_days=30)
        filled.now = NOON + timedelta(days=30, hours=1)
        gone = tidy_due(filled.context)
        assert gone is not None
        assert gone["answers"] == 1
        (call,) = filled.store.attempts.by_number(ADA, 5)
        assert [visit.answers for visit in call.facts.script_steps] == [()]
        assert "likes her mother" not in repr(filled.store.attempts.events(call.id))
        filled.now += timedelta(days=1)
        assert (tidy_due(filled.context) or {})["answers"] == 0

    def test_files_and_commands_go_by_their_age_and_the_live_log_stays(self, filled: Office) -> None:
        shorter(filled, exports_days=10, rejected_days=10, logs_days=10, commands_days=30)
        exports = [path for path in (filled.home.root / "exports").rglob("*.*") if path.is_file()]
        rotated = filled.home.logs / "dialer.log.1"
        rotated.write_text("old")
        rejected = filled.folder / "leads.csv.rejected.csv"
        for path in (*exports, rotated, rejected, filled.home.logs / "dialer.log"):
            aged(filled, path)
        filled.now += timedelta(days=9)
        assert not any((tidy_due(filled.context) or {}).values())
        filled.now += timedelta(days=2)
        gone = tidy_due(filled.context) or {}
        assert (gone["exports"], gone["logs"], gone["rejected rows"]) == (len(exports), 1, 1)
        assert not any(path.exists() for path in (*exports, rotated, rejected))
        assert (filled.home.logs / "dialer.log").exists()
        filled.now += timedelta(days=30)
        assert (tidy_due(filled.context) or {})["commands"] > 0
        assert filled.store.commands.latest(5) == ()

    def test_status_tells_days_oldest_and_the_last_night(self, filled: Office) -> None:
        shown = filled.ask("privacy.status")
        assert "No night was tidied yet" in shown.message
        classes = {each["class"]: each for each in shown.data["classes"]}
        assert set(classes) == {
            *("calls", "answers", "recordings", "decision log", "commands", "exports", "rejected rows", "logs"),
        }
        assert (classes["calls"]["keep_days"], classes["calls"]["law_days"]) == (1827, 1827)
        assert classes["calls"]["oldest"] == NOON.isoformat()
        filled.now = NOON + timedelta(days=1830)
        assert "Kept too long now: calls" in filled.ask("privacy.status").message
        tidy_due(filled.context)
        shown = filled.ask("privacy.status")
        assert "Nothing is kept too long" in shown.message
        assert {each["class"]: each["last_night"] for each in shown.data["classes"]}["calls"] == "1 went"


def _looked_back(duties: Duties) -> list[timedelta]:
    return [*(limit.window for limit in duties.attempts), *(rest.rest for rest in duties.cooldowns)]


class TestTheSettings:
    def test_calls_are_kept_for_five_years_unless_another_law_is_named(self) -> None:
        short = Settings(retention=RetentionSettings(calls_days=365))
        (fault,) = faults_of(short)
        assert "16 CFR 310.5" in fault
        assert faults_of(Settings(retention=RetentionSettings(calls_days=365, below_law_because="UK GDPR"))) == []
        assert faults_of(Settings()) == []

    def test_a_rule_profile_that_asks_for_longer_binds_the_night_unless_another_law_is_named(
        self, filled: Office
    ) -> None:
        """The practice profile asks for nothing, so its day is marked as one of a profile that asks for five years."""
        filled.store._db.execute(text("UPDATE receipt_day SET keep_days = 1830"))
        filled.now += timedelta(days=1828)
        calls = next(each for each in classes(filled.context) if each.name == "calls")
        assert calls.keep_days == 1830
        assert (tidy_due(filled.context) or {})["calls"] == 0
        assert filled.do("privacy.status")["classes"][0]["overdue"] is False
        shorter(filled)
        assert (tidy_next(filled) or {})["calls"] == 1

    def test_no_number_goes_while_a_profile_may_still_have_to_find_the_call(self) -> None:
        duties = [PROFILES[name].duties for name in PROFILES]
        longest = max(length for each in duties for length in _looked_back(each))
        assert longest + timedelta(days=2) <= timedelta(days=LEAST_CALLS_DAYS)
        early = RetentionSettings(calls_days=LEAST_CALLS_DAYS - 1, below_law_because="UK GDPR")
        (fault,) = faults_of(Settings(retention=early))
        assert f"retention.calls_days = {LEAST_CALLS_DAYS - 1}: {LEAST_CALLS_DAYS} to " in fault

    @pytest.mark.parametrize("line", ["logs_days = 0", "commands_days = 29", "exports_days = 40000", "calls_days = 1"])
    def test_days_that_cannot_be_are_refused_with_their_line(self, tmp_path: Path, line: str) -> None:
        home = Home(root=tmp_path)
        home.settings_file.write_text(f"[retention]\n{line}\n")
        with pytest.raises(SettingsFault) as refused:
            load(home, {})
        assert f"retention.{line.split()[0]}" in refused.value.message
        assert "line 2" in refused.value.message

    def test_the_file_we_write_shows_every_setting_with_its_default(self) -> None:
        default = Settings().retention
        for name in ("calls", "answers", "commands", "exports", "rejected", "logs"):
            assert f"# {name}_days = {getattr(default, f'{name}_days')}" in DEFAULT_FILE


def test_the_record_of_the_night_is_plain_json(filled: Office) -> None:
    tidy_due(filled.context)
    kept = json.loads(filled.home.tidied_file.read_text())
    assert kept["night"] == (filled.now.date() - timedelta(days=1)).isoformat()

"""Is a day of calls handed out as evidence, whole or not at all, and is every change of it found, by file and line?"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from campaigns.dialable import Candidate, Rules, Verdict, judge
from campaigns.evidence import FILES, MANIFEST, check_folder
from campaigns.evidence.files import line_digests
from campaigns.evidence.tables import CALL_COLUMNS, UNKNOWN_FIELDS
from campaigns.foreign_text import from_csv_cell
from campaigns.hours import US_FEDERAL
from campaigns.model import Suppression
from campaigns.receipts import Outcome, Receipt, receipt_from
from campaigns.storage.store import Store
from dialer.abandon_window import stored_budget
from dialer.control import Answer, Command
from dialer.home import Home
from dialer.receipt_key import key_file, key_of
from dialer.recorded import nothing_recorded
from dialer.rules import rules_for
from dialer.settings import ReceiptSettings, Settings
from dialer.use_cases import Context, execute
from dialer.use_cases.evidence import keep_receipts
from tests.builders.stored import claim
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre, changed
from tests.dialer.test_consents import agreed
from tests.dialer.witness import Witness

PRESSES_NINE = changed(TALKS, opt_out_after_s=1.0)
DAY = {"campaign": CAMPAIGN, "from": "2026-03-02", "to": "2026-03-02"}


class Records:
    """A call centre after its calls, and whoever asks it for proof."""

    def __init__(self, office: CallCentre, folder: Path) -> None:
        self.office = office
        self.home = Home(root=folder / "home")
        self.home.create()
        self.now = office.clock.now()
        self.settings = Settings()
        self.folder = folder

    @property
    def context(self) -> Context:
        return Context(store=self.office.store, home=self.home, settings=self.settings, now=lambda: self.now)

    def ask(self, name: str, **args: Any) -> Answer:
        asked = hashlib.sha256(f"{name}-{self.now}-{args}".encode()).hexdigest()
        command = Command(id=asked, name=name, args=args, actor="anna", reason="", at=self.now)
        return execute(self.context, command)

    def made(self, name: str = "evidence", **changes: Any) -> Path:
        answer = self.ask("evidence.make", **DAY | {"out": str(self.folder / name)} | changes)
        assert answer.done, answer.message
        return self.folder / name

    def summary(self, name: str = "evidence") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name / "summary.json").read_text())
        return found

    def receipts(self) -> list[Receipt]:
        store = self.office.store
        return [
            receipt_from(row.body, row.private)
            for day in store.receipts.days()
            for row in store.receipts.of_day(day.day)
        ]

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.office.url.removeprefix("sqlite:///"))) as rows, rows:
            assert rows.execute(statement).rowcount > 0, "nothing was changed"


@pytest.fixture
def records(centre: Furnish, tmp_path: Path) -> Records:
    """Twelve leads: one is listed, one opts out in the message, one rings on, the others talk with two agents."""
    office = centre(leads=12, agents=2, mode="power", ratio=2.0, otherwise=changed(TALKS, talk_s=10.0))
    listed, opting, ringing = office.numbers[:3]
    office.callees |= {opting: PRESSES_NINE, ringing: RINGS_ON}
    office.store.suppressions.add(_entry(listed, NOON))
    witness = Witness(office, lines=50, per_second=20.0)
    witness.may_dial = True
    office.open()
    for _ in range(24):
        office.clock.advance(10.0)
        for agent in office.agents:
            if office.state_of(agent) == "WRAP_UP":
                office.engine.desk_dispose(agent, "sale")
    assert witness.broken == []
    witness.close()
    return Records(office, tmp_path)


def _entry(number: str, at: datetime) -> Suppression:
    return Suppression(number=number, reason="asked by letter", source="test", actor="anna", added_at=at)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode()
    return [{key: from_csv_cell(cell) for key, cell in row.items()} for row in csv.DictReader(io.StringIO(text))]


def test_a_call_names_the_consent_that_it_relied_on_and_a_hold_none(centre: Furnish, tmp_path: Path) -> None:
    office = centre(leads=2, consent="express")
    agreed(office, office.numbers[0])
    office.open()
    office.until(lambda: office.placed(office.numbers[0]) == 1)
    office.until(lambda: office.lead_state(office.numbers[1]).hold_code == "CONSENT")
    records = Records(office, tmp_path)
    ((consent,), nothing) = [each.consents for each in records.receipts()]
    assert (consent.id, consent.kind, consent.proof, nothing) == (1, "express", "form 4711", ())
    (call,) = rows_of(records.made(), "calls.csv")
    assert call["consents"] == "1 express of 2026-02-27T17:00:00.500+00:00: form 4711"
    table = records.folder / "evidence" / "calls.csv"
    table.write_bytes(table.read_bytes().replace(b"form 4711", b"form 4712"))
    assert "its consents is '1 express" in records.ask("evidence.verify", folder=str(table.parent)).message


# --- what is written with the calls ----------------------------------------------------------------------


def test_every_attempt_has_exactly_one_receipt_that_says_the_same(records: Records) -> None:
    """That each was there before its INVITE is the witness's word, in the fixture and on every day of the engine."""
    attempts = {attempt.id: attempt for attempt in records.office.attempts()}
    dialled = [each for each in records.receipts() if each.outcome is Outcome.DIALLED]
    assert len(attempts) >= 11
    assert sorted(each.attempt_id or "" for each in dialled) == sorted(attempts)
    for each in dialled:
        attempt = attempts[each.attempt_id or ""]
        assert (each.number, each.at, each.trunk) == (attempt.number, attempt.created_at, attempt.trunk)
        assert (each.profile, each.campaign, each.caller_id) == ("practice", CAMPAIGN, "+12025550100")
        assert [place.zone for place in each.places] == ["America/New_York"]


def test_a_listed_lead_has_its_receipt_and_no_call(records: Records) -> None:
    held = [each for each in records.receipts() if each.hold == "DO_NOT_CALL"]
    assert [each.number for each in held] == [records.office.numbers[0]]
    assert records.office.placed(records.office.numbers[0]) == 0


# --- the folder ------------------------------------------------------------------------------------------


def test_the_folder_holds_every_call_with_all_fields_of_the_rule(records: Records) -> None:
    folder = records.made()
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FILES, MANIFEST))
    calls = rows_of(folder, "calls.csv")
    assert [row["call_id"] for row in calls] == [attempt.id for attempt in records.office.attempts()]
    assert set(calls[0]) >= {column.name for column in CALL_COLUMNS}
    always = {
        *("call_id", "receipt", "seller", "outbound", "prerecorded_message", "calling_number", "called_number"),
        *("made_at", "local_date", "local_time", "called_local_times", "duration_s", "network", "outcome", "script"),
        *("caller_id_number", "trunk", "rule_profile", "settings_version", "calls_in_24h_before"),
    }
    for row in calls:
        assert {name for name in always if not row[name]} == set()
        assert {row[name] for name in UNKNOWN_FIELDS} == {""}, "what is not known is empty, never guessed"
        assert row["called_number"].startswith("+1212555")
    readme = (folder / "README.txt").read_text()
    assert all(name in readme for name in UNKNOWN_FIELDS)
    talked = [row for row in calls if row["outcome"] == "connected"]
    assert talked
    assert {(row["disposition"], float(row["duration_s"]) > 0) for row in talked} == {("sale", True)}


def test_the_summary_adds_up_to_what_happened(records: Records) -> None:
    records.made()
    summary, attempts = records.summary(), records.office.attempts()
    assert summary["calls"]["made"] == summary["calls"]["with_receipt"] == len(attempts)
    assert sum(summary["calls"]["by_outcome"].values()) == len(attempts)
    assert summary["blocks"]["by_gate"]["DO_NOT_CALL"] >= 1
    assert summary["calls_outside_hours"] == {"recomputed": len(attempts), "outside": 0, "calls": []}
    assert summary["attempts_over_limit"]["calls"] == 0
    lost = sum(attempt.facts.routing.abandoned for attempt in attempts)
    (thirty_days,) = summary["abandonment"]["per_30_days"]
    assert thirty_days["numerator"] == lost
    played = [
        a.id for a in attempts if any(e.kind == "safe_harbour" for e in records.office.store.attempts.events(a.id))
    ]
    assert summary["messages_played"] == len(played)
    ring = summary["ring_times"]
    assert ring["unanswered"] >= 1
    assert ring["given_up_by_us_under_15_s"] == 0
    assert ring["most_s"] >= 15


def test_an_estimate_of_persons_taken_for_machines_stands_beside_the_plain_abandonment(
    centre: Furnish, tmp_path: Path
) -> None:
    machine = changed(TALKS, answer_after_s=3.0, screened_after_s=2.5, kind="machine")
    estimate = {"machine_false_positives": 0.3, "machine_false_positives_basis": "20 recordings heard by Ann"}
    office = centre(leads=2, agents=2, otherwise=machine, clock_from="greeting", **estimate)
    office.open()
    office.until(lambda: sum(attempt.closed for attempt in office.attempts()) == 2)
    records = Records(office, tmp_path)
    folder = records.made()
    found = records.summary()["abandonment"]
    (days,) = found["per_30_days"]
    assert (days["numerator"], days["denominator"], days["taken_for_machines"]) == (0, 0, 2)
    more = days["with_persons_taken_for_machines"]
    assert (more["numerator"], more["denominator"], more["value"]) == (1, 1, 1.0)
    assert (found["over_cap"], found["over_cap_by_estimate"]) == ([], ["2026-03-02"])
    assert found["machine_false_positives_basis"] == "20 recordings heard by Ann"
    assert check_folder(folder, None).fault is None
    budget = office.engine.board()["campaigns"][0]["budget"]
    assert (budget["taken_for_machines_30d"], budget["more"]) == (1, 1), "one of the two that may be lost"
    stored = stored_budget(office.store, office.campaign, office.engine._live.runs[1].settings, records.now)
    assert (stored.month.taken_for_machines, stored.more) == (1, 1), "the same from what is stored"


def test_an_opt_out_in_the_message_is_told_with_its_delay(centre: Furnish, tmp_path: Path) -> None:
    office = centre(leads=2, agents=1, mode="power", ratio=2.0, otherwise=changed(PRESSES_NINE, talk_s=30.0))
    office.open()
    office.until(lambda: len(office.store.suppressions.latest()) > 0, 300.0)
    office.clock.advance(10.0)
    records = Records(office, tmp_path)
    records.made()
    outs = records.summary()["opt_outs"]
    assert outs["in_calls"] == 1
    assert (outs["longest_delay_s"], outs["calls_after"]) == (0.0, 0)
    assert outs["each"][0]["by"] == "keypad"
    assert records.summary()["messages_played"] >= 1


def lets_through(candidate: Candidate, rules: Rules, now: datetime) -> Verdict:
    """What a judge with a fault would say."""
    return replace(judge(candidate, rules, now), dialable=True, hold=None)


def test_a_call_outside_hours_and_one_too_many_are_told(records: Records) -> None:
    """Four times at night, by a judge who lets everybody through: the figures are recomputed, not believed."""
    office = records.office
    rules, _ = rules_for(office.settings(), office.store.trunks.all(), nothing_recorded)
    assert rules is not None
    by_law = replace(rules, profile=US_FEDERAL)
    night = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # 22:00 of the same day in New York
    again = "UPDATE dialling_state SET state = 'NEW', close_reason = NULL, ask_again_at = '2026-03-02 17:00:00.000000'"
    for n in range(4):
        records.change("UPDATE attempt SET live = 0, closed = 1, network = coalesce(network, 'NO_ANSWER')")
        records.change(again)
        now = night + timedelta(minutes=n)
        made = claim(
            office.store,
            office.campaign,
            wanted=50,
            judge=partial(lets_through, rules=by_law, now=now),
            now=now,
            trunk="practice",
            report_date=NOON.date(),
        )
        assert len(made.intents) == len(office.numbers)
    records.now = night + timedelta(hours=1)
    records.made()
    summary = records.summary()
    assert summary["calls_outside_hours"]["outside"] == 4 * len(office.numbers)
    assert summary["attempts_over_limit"]["calls"] >= len(office.numbers) - 1
    assert summary["attempts_over_limit"]["most_in_24h"] == 5


def test_an_untouched_folder_is_whole_with_and_without_the_store(records: Records) -> None:
    folder = records.made()
    alone = check_folder(folder, None)
    assert alone.fault is None
    assert alone.calls == len(records.office.attempts())
    assert not alone.seals_checked
    answer = records.ask("evidence.verify", folder=str(folder))
    assert answer.done, answer.message
    assert answer.data["folder"]["seals_checked"] is True, "the folder itself is sealed with the key made for it"
    records.now += timedelta(days=1)
    records.made("another")  # the first day is sealed now, with the same key
    assert records.ask("evidence.verify", folder=str(folder)).done


def test_a_later_day_is_sealed_and_its_seals_are_checked(records: Records) -> None:
    records.now += timedelta(days=1)
    folder = records.made()
    answer = records.ask("evidence.verify", folder=str(folder))
    assert answer.done, answer.message
    assert answer.data["folder"]["seals_checked"] is True
    assert answer.data["store"]["sealed"] == 1


def edited(folder: Path, name: str, old: str, new: str) -> int:
    """Change the first place in a file, as an editor would: its line."""
    text = (folder / name).read_text()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    (folder / name).write_text(text.replace(old, new, 1))
    return line


def without_line(folder: Path, name: str, line: int) -> None:
    lines = (folder / name).read_text().split("\n")
    (folder / name).write_text("\n".join(lines[: line - 1] + lines[line:]))


Edit = Callable[[Path, Records], tuple[str, int | None, str]]


def _a_called_number(folder: Path, records: Records) -> tuple[str, int | None, str]:
    number = records.office.attempts()[3].number
    line = edited(folder, "calls.csv", number, "+12125559999")
    return "calls.csv", line, f"its called_number is '+12125559999', the receipt says '{number}'"


def _a_disposition(folder: Path, _: Records) -> tuple[str, int | None, str]:
    return "calls.csv", edited(folder, "calls.csv", "sale", "refused"), "was changed"


def _a_row_taken_out(folder: Path, _: Records) -> tuple[str, int | None, str]:
    without_line(folder, "calls.csv", 3)
    return "calls.csv", 3, "a line was removed here"


def _cut_short(folder: Path, records: Records) -> tuple[str, int | None, str]:
    text = (folder / "calls.csv").read_text()
    (folder / "calls.csv").write_text(text[: len(text) // 2])
    return "calls.csv", text[: len(text) // 2].count("\n") + 1, "was changed"


def _a_reason(folder: Path, _: Records) -> tuple[str, int | None, str]:
    return "blocks.csv", edited(folder, "blocks.csv", "asked by letter", "never asked"), "was changed"


def _a_receipt(folder: Path, _: Records) -> tuple[str, int | None, str]:
    return "receipts.jsonl", edited(folder, "receipts.jsonl", '"outcome":"dialled"', '"outcome":"held"'), "was changed"


def _a_figure(folder: Path, _: Records) -> tuple[str, int | None, str]:
    return "summary.json", edited(folder, "summary.json", '"outside": 0', '"outside": 7'), "was changed"


def _a_head(folder: Path, _: Records) -> tuple[str, int | None, str]:
    return "heads.json", edited(folder, "heads.json", '"rows": ', '"rows": 9'), "was changed"


def _the_paper(folder: Path, _: Records) -> tuple[str, int | None, str]:
    content = (folder / "summary.pdf").read_bytes()
    (folder / "summary.pdf").write_bytes(content[:-20] + b"x" + content[-19:])
    return "summary.pdf", None, "was changed"


def _a_file_less(folder: Path, _: Records) -> tuple[str, int | None, str]:
    (folder / "blocks.csv").unlink()
    return "blocks.csv", None, "is not there"


def _a_file_more(folder: Path, _: Records) -> tuple[str, int | None, str]:
    (folder / "note.txt").write_text("trust me")
    return "note.txt", None, "put into the folder"


def _a_link(folder: Path, _: Records) -> tuple[str, int | None, str]:
    (folder / "blocks.csv").unlink()
    (folder / "blocks.csv").symlink_to("/dev/zero")
    return "blocks.csv", None, "cannot be read"


def _a_pipe(folder: Path, _: Records) -> tuple[str, int | None, str]:
    (folder / "blocks.csv").unlink()
    os.mkfifo(folder / "blocks.csv")
    return "blocks.csv", None, "is no file"


def _nonsense(folder: Path, _: Records) -> tuple[str, int | None, str]:
    (folder / MANIFEST).write_text("[" * 50_000)
    return MANIFEST, None, "was changed"


EDITS: tuple[Edit, ...] = (
    *(_a_called_number, _a_disposition, _a_row_taken_out, _cut_short, _a_reason, _a_receipt),
    *(_a_figure, _a_head, _the_paper, _a_file_less, _a_file_more, _a_link, _a_pipe),
    _nonsense,
)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_a_change_of_the_folder_is_found_and_named_anywhere(edit: Edit, records: Records) -> None:
    records.now += timedelta(days=1)
    folder = records.made()
    file, line, words = edit(folder, records)
    for key, installation in ((None, ""), (key_of(records.home), records.office.store.prefix)):
        fault = check_folder(folder, key, installation).fault
        assert fault is not None
        assert (fault.file, fault.line) == (file, line)
        assert words in fault.words
    answer = records.ask("evidence.verify", folder=str(folder))
    assert not answer.done
    assert file in answer.message


def made_to_fit(folder: Path) -> None:
    """Somebody who knows how the manifest is made, without the key."""
    manifest = json.loads((folder / MANIFEST).read_text())
    for name, told in manifest["files"].items():
        content = (folder / name).read_bytes()
        told["sha256"], told["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
        if "lines" in told:
            told["lines"] = line_digests(content)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_change_with_a_manifest_made_to_fit_is_found_by_the_receipts_or_the_seal(records: Records) -> None:
    records.now += timedelta(days=1)
    folder = records.made()
    number = records.office.attempts()[3].number
    line = edited(folder, "calls.csv", number, "+12125559999")
    made_to_fit(folder)
    fault = check_folder(folder, None).fault
    assert fault is not None
    assert (fault.file, fault.line) == ("calls.csv", line)
    assert "the receipt says" in fault.words
    (folder / "calls.csv").write_text((folder / "calls.csv").read_text().replace("+12125559999", number))
    edited(folder, "summary.json", '"outside": 0', '"outside": 7')
    made_to_fit(folder)
    assert check_folder(folder, None).fault is None, "this is what only the key can show"
    fault = check_folder(folder, key_of(records.home), records.office.store.prefix).fault
    assert fault is not None
    assert fault.file == MANIFEST


def test_a_call_left_out_of_the_table_is_missed_by_its_receipt(records: Records) -> None:
    folder = records.made()
    without_line(folder, "calls.csv", 3)
    made_to_fit(folder)
    fault = check_folder(folder, None).fault
    assert fault is not None
    assert "a row was removed: the call of receipt" in fault.words


# --- the store -------------------------------------------------------------------------------------------


def test_a_row_changed_in_the_database_is_found_and_named(records: Records) -> None:
    assert records.ask("evidence.verify").done
    records.change("UPDATE attempt SET number = '+12125559999' WHERE number = '+12125550104'")
    answer = records.ask("evidence.verify")
    assert not answer.done
    assert "its number is +12125559999, the receipt says +12125550104" in answer.message


def test_evidence_handed_out_before_shows_a_database_that_was_written_anew(records: Records) -> None:
    """Before the seal somebody may write the day anew; a folder that was given away holds the old hashes."""
    folder = records.made()
    records.change("DELETE FROM receipt")
    records.change("DELETE FROM receipt_day")
    answer = records.ask("evidence.verify", folder=str(folder))
    assert not answer.done
    assert "has no receipts of 2026-03-02 any more" in answer.message


def test_the_key_is_made_once_for_its_owner_only_and_its_loss_is_told(records: Records) -> None:
    assert key_of(records.home) is None
    assert keep_receipts(records.context) == ""
    assert key_of(records.home) is None, "no day is over yet"
    records.now += timedelta(days=1)
    assert keep_receipts(records.context) == ""
    key = key_of(records.home)
    assert key is not None
    assert stat.S_IMODE(key_file(records.home).stat().st_mode) == 0o600
    assert keep_receipts(records.context) == ""
    assert key_of(records.home) == key
    assert records.ask("evidence.verify").data["store"]["sealed"] == 1
    key_file(records.home).unlink()
    records.change(
        "INSERT INTO receipt_day (day, previous_head, key_id) SELECT '2026-03-03', head, '' FROM receipt_day"
    )
    records.now += timedelta(days=1)
    assert "key of the receipts' seals is gone" in keep_receipts(records.context)
    assert key_of(records.home) is None, "a new one would hide the loss"


def test_receipts_are_kept_for_their_years_and_then_pruned_by_whole_days(records: Records) -> None:
    records.settings = Settings(receipts=ReceiptSettings(keep_years=2))
    records.now = NOON.replace(year=2028)
    keep_receipts(records.context)
    assert records.receipts() != []
    records.now += timedelta(days=1)
    keep_receipts(records.context)
    assert records.receipts() == []
    answer = records.ask("evidence.verify")
    assert answer.done, answer.message
    assert answer.data["store"]["pruned"] == 1


# --- refusals --------------------------------------------------------------------------------------------


@pytest.fixture
def empty(centre: Furnish, tmp_path: Path) -> Records:
    return Records(centre(leads=1), tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"campaign": "Winter"}, "no campaign 'Winter'"),
        ({"from": "2026-03-03"}, "turn them round"),
        ({"from": "2026-02-30"}, "2026-02-30"),
        ({"out": "evidence"}, "whole path"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(empty: Records, changes: dict[str, str], words: str) -> None:
    answer = empty.ask("evidence.make", **DAY | {"out": str(empty.folder / "evidence")} | changes)
    assert not answer.done
    assert words in answer.message
    assert not (empty.folder / "evidence").exists()


@pytest.mark.parametrize(("name", "words"), [("gone", "is not there"), ("file", "is a file")])
def test_what_is_no_folder_was_not_changed_and_is_not_said_to_be(empty: Records, name: str, words: str) -> None:
    (empty.folder / "file").write_text("mine")
    answer = empty.ask("evidence.verify", folder=str(empty.folder / name))
    assert not answer.done
    assert words in answer.message
    assert "changed" not in answer.message


def test_a_period_that_goes_on_says_so(records: Records) -> None:
    today = records.now.date().isoformat()
    answer = records.ask("evidence.make", **DAY | {"to": today, "out": str(records.folder / "open")})
    assert f"The period is not over: what is dialled from now to {today} is not in it" in answer.message
    records.now += timedelta(days=1)
    answer = records.ask("evidence.make", **DAY | {"to": today, "out": str(records.folder / "closed")})
    assert "not over" not in answer.message


def test_a_folder_that_is_there_is_left_as_it_was(empty: Records) -> None:
    (empty.folder / "evidence").mkdir()
    (empty.folder / "evidence" / "mine.txt").write_text("mine")
    answer = empty.ask("evidence.make", **DAY, out=str(empty.folder / "evidence"))
    assert not answer.done
    assert [path.name for path in (empty.folder / "evidence").iterdir()] == ["mine.txt"]


def test_nothing_is_left_where_nothing_can_be_written(empty: Records) -> None:
    (empty.folder / "file").write_text("not a folder")
    answer = empty.ask("evidence.make", **DAY, out=str(empty.folder / "file" / "evidence"))
    assert not answer.done
    assert "Nothing was written" in answer.message


def test_a_period_without_calls_is_evidence_of_none(empty: Records) -> None:
    folder = empty.made()
    assert empty.summary()["calls"]["made"] == 0
    assert empty.summary()["abandonment"]["per_30_days"] == []
    assert check_folder(folder, None).fault is None


def test_the_same_store_gives_the_same_bytes(records: Records) -> None:
    one, two = records.made("one"), records.made("two")
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_another_campaign_s_receipts_are_shown_by_their_digest_only(records: Records) -> None:
    store: Store = records.office.store
    other = store.campaigns.create(records.office.settings(name="other"), "test", NOON)
    records.office.import_numbers("+13035550123", campaign=other, list_="other list")
    claim(store, other, now=records.now, trunk="practice")
    folder = records.made()
    text = (folder / "receipts.jsonl").read_text()
    assert "+13035550123" not in text
    assert '"digest":' in text
    assert check_folder(folder, None).fault is None


def test_a_folder_from_a_store_that_was_changed_is_written_with_a_warning(records: Records) -> None:
    before = records.ask("evidence.make", **DAY, out=str(records.folder / "before"))
    assert (before.data["changed_before"], "WARNING" in before.message) == (None, False)
    records.change("update receipt set body = replace(body, '2026', '2027') where seq = 2")
    after = records.ask("evidence.make", **DAY, out=str(records.folder / "after"))
    assert after.data["changed_before"]
    assert "WARNING: the store's receipts were changed before this was written" in after.message

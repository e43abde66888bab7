"""Where does foreign text go, and what is harmless there? One function per sink; it asserts what its line says."""

from __future__ import annotations

import csv
import io
import json
import logging
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.exporting import as_csv, as_json, export, file_name
from campaigns.foreign_text import from_csv_cell, holds_control
from campaigns.importing import check_dnc_file, check_leads, rejected_path, write_rejected
from campaigns.metrics import Period
from campaigns.model import Lead
from campaigns.phone import PhoneNumber, parse
from campaigns.reports import Column, Report
from campaigns.script import fill
from campaigns.settings import CampaignSettings, SettingsFault, settings_from
from dialer.cli.output import complain, envelope, refused, say, say_json, table
from dialer.control import Answer, AnswerStatus, decode_reply, encode
from dialer.home import Home
from dialer.service_log import log_to
from dialer.settings import Settings
from dialer.use_cases.campaign_text import as_toml
from dialer.use_cases.report_text import as_table
from telephony.asterisk.adapter_actions import place_customer
from telephony.asterisk.configuration import AgentPhone, ConfigurationError, Trunk
from telephony.asterisk.messages import UnsafeMessageError, build_action
from telephony.call_log import CallLog
from telephony.clock import ManualClock
from telephony.port import CustomerCall
from tests.builders.stored import imported, lead_row
from tests.dialer.office import Office
from tests.sinks.hostile import CONTROLS, FORMULA

DAY = date(2026, 11, 20)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a sink may write to: a folder of its own, and the streams of this process."""

    folder: Path
    capsys: Any = field(repr=False)

    def printed(self) -> str:
        captured = self.capsys.readouterr()
        return str(captured.out + captured.err)


Sink = Callable[[str, Bench], None]


def manager_header(text: str, _bench: Bench) -> None:
    """A header of a manager message: refused whole, or one line under its own name."""
    try:
        sent = str(build_action([("Action", "Originate"), ("CallerID", text)], "id-1")).encode()
    except UnsafeMessageError:
        return
    lines = sent.replace(b"\r", b"\n").split(b"\n")
    names = [line.partition(b":")[0] for line in lines if line]
    assert sorted(names) == [b"Action", b"ActionID", b"CallerID"]
    assert all(len(line) <= 1024 for line in lines)


def dialplan_variable(text: str, _bench: Bench) -> None:
    """A channel variable: refused, or one variable whose value Asterisk neither splits nor evaluates."""
    try:
        sent = str(build_action([("Action", "Originate"), ("Variable", f"MSG={text}")], "id-1")).encode()
    except UnsafeMessageError:
        return
    (variables,) = [line for line in sent.split(b"\r\n") if line.startswith(b"Variable:")]
    assert sent.count(b"\n") == sent.count(b"\r\n")
    value = variables.partition(b"=")[2]
    assert not any(sign in value for sign in (b",", b"${", b"$[", b"\n", b"\r", b"\0"))


def dial_string(text: str, _bench: Bench) -> None:
    """Number, trunk, message and id of a call: refused before any message to Asterisk is made."""
    usual: dict[str, Any] = {"id": "a-1", "number": "+12025550143", "trunk": "carrier", "caller_id": "+12025550100"}
    assert place_customer(CustomerCall(**usual, ring_timeout_s=20))
    for name in ("id", "number", "trunk", "message"):
        wishes = {**usual, name: text, "ring_timeout_s": 20}
        assert _raises(ValueError, partial(CustomerCall, **wishes)), name


def phone_number(text: str, _bench: Bench) -> None:
    """A "number" of a list: a fault, or E.164 digits that stand in the text; never an address, leg or label."""
    for spelled in (text, f"+12025550143{text}", f"{text}+12025550143"):
        found = parse(spelled, "US")
        if isinstance(found, PhoneNumber):
            assert found.e164[0] == "+"
            assert found.e164[1:].isascii()
            assert found.e164[1:].isdigit()
        else:
            assert not CONTROLS.search(repr(found))
            assert len(repr(found)) < 400


def sip_from(text: str, _bench: Bench) -> None:
    """The caller ID of a campaign, call or trunk, which becomes SIP From: refused by all three."""
    usual: dict[str, Any] = {"id": "a-1", "number": "+12025550143", "trunk": "carrier", "ring_timeout_s": 20}
    assert _raises(SettingsFault, lambda: CampaignSettings(name="Autumn", caller_id=text))
    assert _raises(ValueError, lambda: CustomerCall(**usual, caller_id=text))
    assert _raises(ConfigurationError, lambda: Trunk(name="carrier", host="192.0.2.1", caller_id=text))


def asterisk_configuration(text: str, _bench: Bench) -> None:
    """A value of a configuration file of Asterisk: refused, nothing is written."""
    assert _raises(ConfigurationError, lambda: Trunk(name=text, host="192.0.2.1"))
    assert _raises(ConfigurationError, lambda: Trunk(name="carrier", host=text))
    assert _raises(ConfigurationError, lambda: Trunk(name="carrier", host="192.0.2.1", username=text, password="x" * 8))
    assert _raises(ConfigurationError, lambda: AgentPhone(number="1001", secret=text))


def desk_script(text: str, _bench: Bench) -> None:
    """A field of the lead in the script: one line, no control character, never looked up a second time."""
    lead = Lead(
        person_id=1, contact_points=(),
        first_name=text, custom=(("plan", text + "{seller_name}"),),
    )  # fmt: skip
    filled = fill("Hello {first_name}! {custom.plan}", lead, call={"seller_name": "SECOND LOOK"})
    assert filled.startswith("Hello ")
    assert not CONTROLS.search(filled)
    assert "\n" not in filled
    assert "SECOND LOOK" not in filled
    assert len(filled) <= 500


def service_log(text: str, bench: Bench) -> None:
    """The service's log: one JSON object on one line of ASCII, the words whole inside it."""
    home = Home(root=bench.folder)
    home.create()
    with log_to(home, Settings()):
        logging.getLogger("sinks").warning("lead %s refused", text)
    lines = (home.logs / "dialer.log").read_bytes().splitlines()
    assert len(lines) == 1
    assert all(0x20 <= byte < 0x7F for byte in lines[0])
    assert json.loads(lines[0])["message"] == f"lead {text} refused"


def call_log(text: str, bench: Bench) -> None:
    """The call log: each record one JSON object on one line of ASCII."""
    path = bench.folder / "calls.log"
    log = CallLog(path, ManualClock(datetime(2026, 11, 20, tzinfo=UTC)))
    log.command("originate", id="a-1", trunk=text)
    log.move("a-1", text)
    lines = path.read_bytes().split(b"\n")
    assert len(lines) == 3
    assert lines[-1] == b""
    assert all(0x20 <= byte < 0x7F for line in lines for byte in line)
    assert [json.loads(line)["at"] for line in lines[:-1]]


def csv_export(text: str, _bench: Bench) -> None:
    """A cell of a CSV export: one cell, no formula, no control character; what is visible can be read back."""
    content = as_csv(_report(text)).decode("utf-8")
    (header, row) = list(csv.reader(io.StringIO(content), strict=True))
    assert len(row) == len(header)
    assert row[1] == "1", "the text is one cell"
    assert not FORMULA.match(row[0]) or row[0].startswith("'")
    assert not CONTROLS.search(content)
    if text.isprintable():
        assert from_csv_cell(row[0]) == text


def json_export(text: str, _bench: Bench) -> None:
    """A value of a JSON export: the very same text for a program, and no byte that a terminal obeys."""
    content = as_json(_report(text)).decode("utf-8")
    assert not CONTROLS.search(content)
    assert json.loads(content)["rows"] == [{"name": text, "calls": 1}]


def export_file_name(text: str, bench: Bench) -> None:
    """The file of an export: one plain name, inside its folder."""
    made = export(_report(text, campaign=text), bench.folder / "exports")
    assert made.path.parent == bench.folder / "exports"
    assert set(file_name(_report("", campaign=text), "csv")) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(made.path.name) < 150
    assert [path.name for path in bench.folder.iterdir()] == ["exports"]


def rejected_file(text: str, bench: Bench) -> None:
    """The file of rejected rows: beside the list, every cell inert and no formula."""
    path = bench.folder / "leads.csv"
    _write_csv(path, [["phone", "note"], ["call me", _storable(text)]])
    write_rejected(path)
    written = rejected_path(path)
    assert {entry.name for entry in bench.folder.iterdir()} <= {"leads.csv", "leads.csv.rejected.csv"}
    if written.exists():
        content = written.read_text(encoding="utf-8")
        assert not CONTROLS.search(content)
        cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
        assert not [cell for cell in cells if FORMULA.match(cell) and cell[0] != "'"]


def campaign_name(text: str, _bench: Bench) -> None:
    """A campaign's name, which figures, files and sockets carry: refused, in one harmless sentence."""
    assert _raises(SettingsFault, lambda: settings_from({"name": text}))


def settings_text(text: str, _bench: Bench) -> None:
    """A campaign's settings as TOML: refused, or read back as the very same value."""
    try:
        settings = CampaignSettings(name="Autumn", seller_name=text)
    except SettingsFault:
        return
    assert not CONTROLS.search(as_toml(settings))
    assert settings_from(tomllib.loads(as_toml(settings))) == settings


def terminal_table(text: str, bench: Bench) -> None:
    """A table of a command: as many lines as rows, no raw control byte, every cell of bounded width."""
    for line in table([{"name": text, "n": 1}, {"name": [text, text], "n": {text: text}}], {"name": "name", "n": "n"}):
        say(line)
    shown = bench.printed()
    assert shown.count("\n") == 3
    assert not CONTROLS.search(shown)
    assert max(map(len, shown.splitlines())) < 6000


def terminal_report(text: str, _bench: Bench) -> None:
    """A report as a table: no raw control byte, one line a row."""
    shown = as_table(_report(text, campaign=text))
    assert not CONTROLS.search(shown)
    assert len(shown.splitlines()) == 4


def terminal_json(text: str, bench: Bench) -> None:
    """--json: one line of ASCII that gives the very same text back."""
    say_json(envelope(refused(text, {"name": text})))
    shown = bench.printed()
    assert shown.count("\n") == 1
    assert all(0x20 <= ord(character) < 0x7F for character in shown.rstrip("\n"))
    assert json.loads(shown)["message"] == text


def control_socket(text: str, _bench: Bench) -> None:
    """The socket between service and screens: one line a message, the same text on the other side."""
    line = encode(Answer(id="1", status=AnswerStatus.REFUSED, message=text, data={text: text}))
    assert line.count(b"\n") == 1
    answer = decode_reply(line)
    assert isinstance(answer, Answer)
    assert (answer.message, answer.data) == (text, {text: text})


def import_faults(text: str, bench: Bench) -> None:
    """What an import says of a bad file: short, inert, with its line, whatever cells and headings hold."""
    text = _storable(text)
    for name, rows in (
        ("phone.csv", [["phone", "name"], [text, "Ada"], ["+12025550143", text]]),
        ("header.csv", [["phone", text, text], ["x", "y", "z"]]),
        ("zone.csv", [["phone", "timezone"], ["+12025550143", text]]),
    ):
        _write_csv(bench.folder / name, rows)
        for report in (check_leads(bench.folder / name), check_dnc_file(bench.folder / name)):
            plain: dict[str, Any] = dict(report.as_json())
            told = [plain["message"], *(fault["reason"] for fault in (*plain["rejected"], *plain["warnings"]))]
            assert not [words for words in told if CONTROLS.search(words) or "\n" in words]
            assert max(map(len, told)) < 1000
            assert all(number[1:].isdigit() for number in plain["numbers"])


def refusals(text: str, bench: Bench) -> None:
    """A refusal that repeats what was asked: shown inert and short, exit code 2 and never our fault."""
    office = Office(bench.folder)
    for name, args in (
        ("campaign.show", {"name": text}),
        ("leads.show", {"list": text}),
        ("dnc.add", {"number": text, "reason": "x", "scope": text}),
        ("agent.add", {"name": text, "number": text}),
        ("trunk.add", {"name": text, "host": text, "caller_id": text}),
        ("script.import", {"text": text}),
        ("why", {"number": text, "campaign": text, "at": text}),
        ("report.get", {"kind": text, "campaign": text, "from": text, "to": text}),
        ("leads.import", {"path": f"{bench.folder}/{text}", "list": "autumn"}),
        (text, {text: text}),
    ):
        answer = office.ask(name, args)
        assert answer.status is AnswerStatus.REFUSED, (name, answer.message)
        complain(answer.message)
    office.close()
    shown = bench.printed()
    assert not CONTROLS.search(shown)
    assert max(map(len, shown.splitlines())) < 1500


def database(text: str, bench: Bench) -> None:
    """SQL: the very same text comes back (what no database takes is replaced), and no table is touched by it."""
    office = Office(bench.folder)
    imported(office.store, [lead_row(1, first_name=text, note=text, custom=((text, text),))], list_name="list")
    office.store.scripts.save_version("offer", text, text, office.now)
    (lead,) = office.store.leads.members(1, 0, 10)
    kept = _storable(text)
    assert (lead.first_name, lead.note, lead.custom) == (kept, kept, ((kept, kept),))
    assert office.store.leads.find(text) is not None
    assert office.store.check_integrity() == ()
    assert office.store.check_consistency() == ()
    office.close()


BREAKS = dict.fromkeys(map(ord, "\t\n\r"), " ")


def command_log(text: str, bench: Bench) -> None:
    """The record of who did what and why: refused with what is not seen, else one record on one line, for the number
    that was asked for."""
    office = Office(bench.folder)
    args = {"number": "+12125550101", "reason": (text.strip() or "x")[:1000], "scope": "everything"}
    answer = office.ask("dnc.add", args, reason=text, id_="the-id")
    if holds_control(text):
        assert not answer.done
        assert answer.message.endswith("Nothing was done.")
        assert not office.store.suppressions.latest(10)
    else:
        assert answer.done, answer.message
        kept = office.store.commands.answer_of("the-id")
        assert kept is not None
        assert kept.reason == _storable(text.translate(BREAKS))
        (entry,) = office.store.suppressions.latest(10)
        assert (entry.number, entry.reason) == ("+12125550101", _storable(args["reason"].translate(BREAKS)))
    say(json.dumps(dict(office.do("dnc.list")), ensure_ascii=False))
    office.close()
    assert not CONTROLS.search(bench.printed())


SINKS: tuple[Sink, ...] = (
    manager_header, dialplan_variable, dial_string, phone_number, sip_from, asterisk_configuration, desk_script,
    service_log, call_log, csv_export, json_export, export_file_name, rejected_file, campaign_name, settings_text,
    terminal_table, terminal_report, terminal_json, control_socket, import_faults, refusals, database, command_log,
)  # fmt: skip


def _report(text: str, campaign: str = "Autumn") -> Report:
    return Report(
        kind="calls", title=f"Calls, {campaign}", campaign=campaign, period=Period(first=DAY, last=DAY, zone="UTC"),
        columns=(Column(name="name", label="Name"), Column(name="calls", label="Calls")), rows=((text, 1),),
    )  # fmt: skip


def _storable(text: str) -> str:
    """What a UTF-8 file or a database can hold of it."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\ud800", "\N{REPLACEMENT CHARACTER}" * 3)


def _write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _raises(kind: type[Exception], build: Callable[[], object]) -> bool:
    words = ""
    try:
        build()
    except kind as fault:
        words = str(fault)
    assert not CONTROLS.search(words)
    assert len(words) < 400
    return bool(words)

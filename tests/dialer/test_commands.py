"""Is every command answered, recorded once, and never half done?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from campaigns.storage.errors import StoreUnavailable
from dialer.control import AnswerStatus
from dialer.refusal import Refused
from dialer.use_cases import HANDLERS, Kind, execute
from tests.dialer.office import Office, RecordingEngine

CONTROL_COMMANDS = {
    "campaign": "create set rename clone export show list attach_list start pause stop emergency_stop",
    "leads": "check import undo show find",
    "lists": "show",
    "dnc": "add remove import check list",
    "script": "import list",
    "trunk": "add list test",
    "agent": "add list assign login ready pause logout",
    "desk": "step leave dispose note dial hang_up",
    "callbacks": "list",
    "report": "get",
    "export": "run list",
    "engine": "status",
}


def test_every_command_of_the_protocol_has_a_handler() -> None:
    named = {f"{noun}.{verb}" for noun, verbs in CONTROL_COMMANDS.items() for verb in verbs.split()} | {"why"}
    assert named <= set(HANDLERS)


def test_an_unknown_command_is_refused_in_words(office: Office) -> None:
    answer = office.ask("campaign.sell")
    assert (answer.status, answer.data) == (AnswerStatus.REFUSED, {})
    assert "campaign.sell" in answer.message


def test_a_repeated_id_gets_the_same_answer_and_does_nothing_twice(office: Office) -> None:
    args = {"number": "+12125550101", "reason": "asked"}
    first = office.ask("dnc.add", args, id_="one")
    again = office.ask("dnc.add", args, id_="one")
    assert first == again
    assert first.done
    assert len(office.store.commands.latest()) == 1


def test_a_repeated_id_gets_the_same_answer_after_a_restart(office: Office) -> None:
    first = office.ask("dnc.add", {"number": "+12125550101", "reason": "asked"}, id_="one")
    from campaigns.storage.store import Store

    reopened = Store.open(f"sqlite:///{office.home.database_file}")
    context = replace(office.context, store=reopened)
    command = office.command("dnc.add", {"number": "+12125550101", "reason": "asked"}, id_="one")
    assert execute(context, command) == first
    reopened.close()


def test_a_refused_command_stays_refused_under_its_id(office: Office) -> None:
    refused = office.ask("campaign.set", {"name": "Autumn", "changes": {"ratio": 1.5}}, id_="early")
    office.trunk()
    office.campaign()
    assert office.ask("campaign.set", {"name": "Autumn", "changes": {"ratio": 1.5}}, id_="early") == refused
    assert refused.status is AnswerStatus.REFUSED


def test_an_id_that_was_another_commands_is_refused(office: Office) -> None:
    office.ask("dnc.add", {"number": "+12125550101", "reason": "asked"}, id_="one")
    answer = office.ask("dnc.remove", {"number": "+12125550101", "reason": "x"}, id_="one")
    assert answer.status is AnswerStatus.REFUSED
    assert "dnc.add" in answer.message


def test_looking_is_not_recorded(office: Office) -> None:
    for name in ("campaign.list", "lists.show", "agent.list", "trunk.list", "dnc.list", "script.list", "engine.status"):
        assert office.ask(name).done, name
    assert office.store.commands.latest() == ()


def test_commands_of_the_engine_are_refused_without_a_service(office: Office) -> None:
    office.trunk()
    office.campaign()
    for name, handler in HANDLERS.items():
        if handler.kind is not Kind.ENGINE:
            continue
        answer = office.ask(name, {"name": "Autumn", "agent": "anna", "step": "x", "disposition": "sale", "text": "x"})
        assert answer.status is AnswerStatus.REFUSED, name
        assert "dialer serve" in answer.message, name


def test_a_fault_of_ours_is_told_without_its_traceback(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("secret-canary")

    monkeypatch.setitem(HANDLERS, "lists.show", replace(HANDLERS["lists.show"], run=broken))
    answer = office.ask("lists.show")
    assert answer.status is AnswerStatus.FAULT
    assert "fault of ours" in answer.message
    assert "canary" not in answer.message


def test_a_command_that_fails_half_way_leaves_nothing(office: Office) -> None:
    answer = office.ask("campaign.create", {"settings": {"name": "Autumn"}, "lists": ["no such list"]})
    assert answer.status is AnswerStatus.REFUSED
    assert office.store.campaigns.all() == ()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("campaign.set", {"name": 7}),
        ("campaign.set", {"name": "Autumn", "changes": [1]}),
        ("leads.undo", {"batch": "seven"}),
        ("leads.undo", {"batch": True}),
        ("dnc.add", {"number": "x" * 200, "reason": "y"}),
        ("dnc.list", {"limit": -1}),
        ("agent.assign", {"agent": "anna", "campaigns": "Autumn"}),
        ("report.get", {"kind": "campaign", "campaign": "Autumn", "from": "yesterday", "to": "today"}),
        ("why", {"number": "+12125550101", "campaign": "Autumn", "at": "2026-01-01T00:00:00"}),
        ("trunk.add", {"name": "x", "host": "h", "caller_id": "+12025550100", "port": 99999999}),
    ],
)
def test_wrong_arguments_are_told_by_name_and_nothing_is_done(office: Office, name: str, args: dict[str, Any]) -> None:
    office.trunk()
    office.campaign()
    office.do("agent.add", {"name": "anna", "number": "1001"})
    answer = office.ask(name, args)
    assert answer.status is AnswerStatus.REFUSED
    assert answer.message.endswith(".")


class TestWhatFollowsFromACommand:
    """Engine and exchange hear of it after it is durable, never before."""

    def test_the_engine_hears_of_a_do_not_call_entry_once_it_is_stored(self, tmp_path: Path) -> None:
        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        office.do("dnc.add", {"number": "+12125550101", "reason": "asked"})
        ((name, entry),) = engine.told
        assert (name, entry.number) == ("number_suppressed", "+12125550101")
        office.close()

    def test_the_engine_hears_nothing_of_a_command_that_was_refused(self, tmp_path: Path) -> None:
        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        assert not office.ask("dnc.add", {"number": "nobody", "reason": "asked"}).done
        assert not office.ask("dnc.add", {"number": "+12125550101"}).done
        assert engine.told == []
        office.close()

    def test_a_stored_command_stays_done_when_the_exchange_refuses_what_follows(self, office: Office) -> None:
        class Stubborn:
            def why_not_played(self, message: str) -> str:
                return ""

            def phones_or_trunks_changed(self) -> None:
                raise Refused("the exchange does not listen.")

        office.context.exchange = Stubborn()
        answer = office.ask("agent.add", {"name": "anna", "number": "1001"})
        assert answer.done
        assert answer.message.endswith("But: the exchange does not listen.")

    def test_the_engine_does_not_hear_of_a_trunk_on_which_the_exchange_cannot_call_yet(self, tmp_path: Path) -> None:
        class AfterTheNextStart:
            def why_not_played(self, message: str) -> str:
                return ""

            def phones_or_trunks_changed(self) -> None:
                raise Refused("trunk practice is dialled on after the next start of the service.")

        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        office.context.exchange = AfterTheNextStart()
        office.trunk()
        assert engine.told == []
        office.context.exchange = None
        office.trunk("second")
        assert engine.told == [("trunks_changed",)]
        office.close()

    def test_an_emergency_stop_reaches_the_engine_although_the_database_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: Any) -> Any:
            raise StoreUnavailable("The disk is gone.")

        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        monkeypatch.setattr(office.store.commands, "answer_of", gone)
        office.ask("campaign.emergency_stop", {"name": "Autumn"})
        assert ("campaign_emergency_stop", "Autumn", "anna") in engine.told
        office.close()

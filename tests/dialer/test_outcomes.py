"""Are calls without an outcome listed for the supervisor, and can he give them one?"""

from __future__ import annotations

import itertools
from pathlib import Path

from campaigns.model import CloseReason
from dialer.control import Answer, Command
from dialer.home import Home
from dialer.settings import Settings
from dialer.use_cases import Context, execute
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, CallCentre

_IDS = itertools.count(1)


def ask(office: CallCentre, name: str, **args: object) -> Answer:
    context = Context(
        store=office.store,
        home=Home(root=Path("unused")),
        settings=Settings(),
        now=office.clock.now,
        engine=office.engine,
    )
    command = Command(id=f"c{next(_IDS)}", actor="sue", name=name, args=args, reason="", at=office.clock.now())
    return execute(context, command)


def _one_left_open(centre: Furnish) -> CallCentre:
    office: CallCentre = centre(leads=1, wrap_up_limit_s=5)
    office.open()
    office.until(office.talking)
    office.until(lambda: office.state_of() == "READY")
    return office


def test_a_call_without_an_outcome_is_listed_with_its_lead_and_agent(centre: Furnish) -> None:
    office = _one_left_open(centre)
    (row,) = ask(office, "outcomes.list", campaign=CAMPAIGN).data["calls"]
    assert (row["attempt"], row["agent"], row["lead"]) == (office.attempt().id, "Agent 1001", "Ada Number 2")
    assert row["talk_s"] == 30.0


def test_the_supervisors_outcome_moves_the_lead_the_board_and_the_agents_desk(centre: Furnish) -> None:
    office = _one_left_open(centre)
    answer = ask(office, "outcomes.set", attempt=office.attempt().id, disposition="sale")
    assert answer.message == "The call to +12125550100 has the outcome sale."
    office.clock.advance(1.0)
    assert office.lead_state(office.numbers[0]).close_reason is CloseReason.SALE
    assert office.engine.board()["campaigns"][0]["today"]["sales"] == 1
    assert office.engine.desk_view("1001")["message"] == ""
    assert ask(office, "outcomes.list", campaign=CAMPAIGN).data["total"] == 0


def test_a_second_outcome_an_unknown_one_and_an_unknown_call_are_refused(centre: Furnish) -> None:
    office = _one_left_open(centre)
    call = office.attempt().id
    assert "There is no outcome 'gold'" in ask(office, "outcomes.set", attempt=call, disposition="gold").message
    ask(office, "outcomes.set", attempt=call, disposition="refused")
    assert "which is final" in ask(office, "outcomes.set", attempt=call, disposition="sale").message
    assert "There is no such call" in ask(office, "outcomes.set", attempt="x", disposition="sale").message
    assert office.attempt().facts.disposition == "refused"

"""When two things go wrong at once, a fault during a fault: is the ledger right, and nobody and no call left over?"""

from __future__ import annotations

from campaigns.model import AgentState, Network
from telephony.port import AgentLost
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, RINGS_ON, TALKS, CallCentre, changed
from tests.dialer.test_engine_store import failing_database


def _written(office: CallCentre) -> dict[int, AgentState]:
    return {span.agent_id: span.state for span in office.store.agents.running()}


def test_a_phone_that_rings_for_log_in_across_a_restart_is_not_rung_twice_and_logs_in(centre: Furnish) -> None:
    office = centre(leads=0, phones={"1001": Phone(answers_after_s=5.0)})
    office.engine.agent_login("1001")
    office.clock.advance(1.0)
    (leg,) = office.world.legs
    office.kill_engine()
    office.restart()
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)
    assert set(office.world.legs) == {leg}


def test_after_a_restart_the_time_without_a_phone_is_the_systems_in_the_ledger(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    office.engine.agent_pause("1001", "lunch")
    office.kill_engine()
    office.world.hang_up_phone("1001")
    office.world.phones["1001"] = Phone(answers_after_s=None)
    office.restart()
    assert office.state_of() == "SYSTEM"
    assert _written(office) == {1: AgentState.SYSTEM}


def test_a_phone_dropped_while_the_exchange_was_out_of_sight_is_hung_up_afterwards(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    office.telephony.cut_link()
    office.clock.advance(0.1)
    office.engine.agent_logout("1001")
    office.clock.advance(5.0)
    office.telephony.restore_link()
    office.clock.advance(1.0)
    assert office.world.legs == {}
    office.engine.agent_login("1001")
    office.until(lambda: office.state_of() == "READY", limit_s=5.0)


def test_a_call_stopped_while_the_exchange_was_out_of_sight_is_hung_up_afterwards(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON, ring_timeout_s=60)
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(1.0)
    office.telephony.cut_link()
    office.engine.campaign_emergency_stop(CAMPAIGN, "test")
    office.clock.advance(5.0)
    assert len(office.world.lines) == 1
    office.telephony.restore_link()
    office.clock.advance(1.0)
    assert office.world.lines == {}
    assert office.attempt().facts.network is Network.CANCELLED


def test_a_talk_that_begins_while_the_database_fails_shows_its_lead_when_it_can_be_read(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, answer_after_s=5.0, talk_s=60.0))
    office.open()
    office.until(lambda: office.placed() == 1)
    with failing_database(office):
        office.until(office.talking)
        assert office.engine._live.calls[next(iter(office.world.lines))].lead is None
    office.clock.advance(2.0)
    assert office.engine.desk_view("1001")["lead"]["name"] == "Ada Number 2"
    assert not [a for a in office.engine.board()["alarms"] if "Internal fault" in a["words"]]


def test_a_trunk_refused_while_the_database_fails_closes_its_call_and_is_suspended(centre: Furnish) -> None:
    office = centre(leads=2, otherwise=changed(RINGS_ON, refuse_after_s=2.0, refuse_code=403))
    office.open()
    office.until(lambda: office.placed() == 1)
    with failing_database(office):
        office.clock.advance(5.0)
    office.until(lambda: office.attempt().closed, limit_s=5.0)
    assert "account refused" in office.store.trunks.all()[0].suspended_reason


def test_an_outcome_given_twice_while_the_database_fails_closes_the_call_once(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    with failing_database(office):
        office.engine.desk_dispose("1001", "no_decision")
        office.engine.desk_dispose("1001", "sale")
        office.clock.advance(3.5)
    office.clock.advance(5.0)
    assert office.attempt().facts.disposition == "sale"
    assert office.state_of() == "READY"


def test_a_look_at_the_floor_while_nothing_can_be_read_names_the_database_and_not_a_fault_of_ours(
    centre: Furnish,
) -> None:
    office = centre(leads=1, otherwise=changed(RINGS_ON, refuse_after_s=0.3))
    office.open()
    office.clock.advance(10.0)
    with failing_database(office):
        office.clock.advance(10.0)
        words = [a.words for a in office.engine._live.alarms]
    assert any("cannot be written" in w for w in words)
    assert not any("Internal fault" in w for w in words)


def test_a_call_adopted_after_its_answer_was_missed_is_on_the_board_as_answered(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, otherwise=changed(TALKS, answer_after_s=2.0, talk_s=300.0))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.kill_engine()
    office.clock.advance(2.5)
    office.restart()
    assert office.engine.board()["campaigns"][0]["today"]["answered"] == 1


def test_a_talk_goes_on_when_the_exchange_was_out_of_sight_for_a_while(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=300.0))
    office.open()
    office.until(office.talking)
    office.telephony.cut_link()
    office.clock.advance(5.0)
    office.telephony.restore_link()
    office.clock.advance(5.0)
    assert office.talking()
    assert len(office.world.lines) == 1


def test_a_pause_asked_for_holds_also_when_the_lost_agent_is_told_before_his_lost_leg(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=300.0, patience_s=1.0))
    office.open()
    office.until(office.talking)
    office.engine.agent_pause("1001", "lunch")
    call = next(iter(office.engine._live.calls))
    office.engine.on_event(office.telephony._stamp.call(AgentLost, call, agent="1001"))
    office.world.hang_up_phone("1001")
    office.until(lambda: office.state_of() == "PAUSE", limit_s=10.0)

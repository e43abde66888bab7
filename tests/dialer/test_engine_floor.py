"""Do campaigns start, pause and stop as a manager expects, and do agents come and go as they like?"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from campaigns.model import AgentState, Network
from dialer.refusal import Refused
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre, changed


def test_a_campaign_without_agents_list_or_trunk_is_refused_with_everything_that_is_missing(centre: Furnish) -> None:
    office = centre(leads=1, agents=0, script="none-such", trunk={"name": "elsewhere"})
    with pytest.raises(Refused) as refused:
        office.engine.campaign_start(CAMPAIGN, "test")
    words = str(refused.value)
    assert "nothing is dialled" in words
    for missing in ("'practice' is not known", "script 'none-such' is not imported", "agents (dialer agent assign"):
        assert missing in words


def test_a_practice_rule_profile_is_refused_on_a_trunk_that_is_not_on_loopback(centre: Furnish) -> None:
    office = centre(leads=1, trunk={"host": "203.0.113.7"})
    with pytest.raises(Refused, match="rule profile practice is for practice trunks on loopback"):
        office.engine.campaign_start(CAMPAIGN, "test")


def test_pause_starts_no_new_call_and_lets_live_ones_go_on(centre: Furnish) -> None:
    office = centre(leads=5)
    office.open()
    office.until(office.talking)
    office.engine.campaign_pause(CAMPAIGN, "test")
    placed = office.placed()
    assert office.talking()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.clock.advance(300.0)
    assert office.placed() == placed


def test_stop_logs_the_agents_off_when_it_is_quiet(centre: Furnish) -> None:
    office = centre(leads=5, agents=2)
    office.open()
    office.until(office.talking)
    office.engine.campaign_stop(CAMPAIGN, "test")
    assert office.talking()
    office.until(lambda: office.state_of("1001") == "LOGGED_OUT" and office.state_of("1002") == "LOGGED_OUT")
    assert office.engine.board()["campaigns"][0]["state"] == "STOPPED"
    assert office.world.legs == {}


def test_emergency_stop_hangs_up_what_rings_at_once_and_leaves_conversations(centre: Furnish) -> None:
    talks, rings = "+12125550100", "+12125550101"
    office = centre(leads=2, agents=2, callees={talks: changed(TALKS, talk_s=60.0), rings: RINGS_ON})
    office.open()
    office.until(lambda: office.talking("1001") or office.talking("1002"))
    words = office.engine.campaign_emergency_stop(CAMPAIGN, "test")
    office.clock.advance(1.0)
    assert "1 ringing calls hung up" in words
    assert office.attempt(rings).facts.network is Network.CANCELLED
    assert office.talking("1001") or office.talking("1002")
    placed = office.placed()
    office.clock.advance(300.0)
    assert office.placed() == placed


def test_a_stopped_campaign_starts_again(centre: Furnish) -> None:
    office = centre(leads=2)
    office.open()
    office.engine.campaign_stop(CAMPAIGN, "test")
    office.until(lambda: office.engine.board()["campaigns"][0]["state"] == "STOPPED")
    office.open()
    office.until(lambda: office.placed() == 2)


def test_logging_in_rings_the_phone_once(centre: Furnish) -> None:
    office = centre(leads=0)
    words = office.engine.agent_login("Agent 1001")
    assert words == "Ringing the phone of Agent 1001 (1001)."
    office.until(lambda: office.state_of() == "READY")
    assert len(office.world.legs) == 1


def test_a_phone_that_is_not_picked_up_leaves_the_agent_logged_out_with_the_reason(centre: Furnish) -> None:
    office = centre(leads=0, phones={"1001": Phone(answers_after_s=None)})
    office.engine.agent_login("1001")
    office.until(lambda: office.state_of() == "LOGGED_OUT", limit_s=40.0)
    assert "Your phone was not answered" in office.engine.desk_view("1001")["message"]


def test_an_agent_without_a_campaign_is_refused_with_the_command_that_mends_it(centre: Furnish) -> None:
    office = centre(leads=0)
    office.store.campaigns.set_agent_campaigns(1, (), "test", NOON)
    office.engine.agents_changed()
    with pytest.raises(Refused, match="dialer agent assign 1001"):
        office.engine.agent_login("1001")


def test_the_log_in_extension_with_the_right_pin_rings_the_phone(centre: Furnish) -> None:
    office = centre(leads=0)
    office.world.dial_login("1001", "4711")
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)


def test_five_wrong_pins_lock_the_log_in_extension_even_for_the_right_one(centre: Furnish) -> None:
    office = centre(leads=0)
    for _ in range(5):
        office.world.dial_login("1001", "0000")
        office.clock.advance(1.0)
    office.world.dial_login("1001", "4711")
    office.clock.advance(5.0)
    assert office.state_of() == "LOGGED_OUT"
    assert "locked" in office.engine.board()["alarms"][-1]["words"]
    office.clock.advance(900.0)
    office.world.dial_login("1001", "4711")
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)


def test_a_pause_asked_for_in_talk_begins_after_the_call(centre: Furnish) -> None:
    office = centre(leads=2)
    office.open()
    office.until(office.talking)
    assert "when this call is finished" in office.engine.agent_pause("1001", "lunch")
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.engine.desk_dispose("1001", "sale")
    view = office.engine.desk_view("1001")["agent"]
    assert (view["state"], view["code"]) == ("PAUSE", "lunch")


def test_a_paused_agent_whose_phone_is_lost_comes_back_on_pause(centre: Furnish) -> None:
    office = centre(leads=3)
    office.open_agents()
    office.engine.agent_pause("1001", "lunch")
    office.world.hang_up_phone("1001")
    office.until(lambda: office.state_of() == "SYSTEM", limit_s=5.0)
    office.until(lambda: office.state_of() == "PAUSE", limit_s=10.0)


def test_a_log_out_asked_for_in_talk_happens_after_the_call(centre: Furnish) -> None:
    office = centre(leads=2)
    office.open()
    office.until(office.talking)
    office.engine.agent_logout("1001")
    assert office.talking()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.engine.desk_dispose("1001", "sale")
    assert office.state_of() == "LOGGED_OUT"


def test_the_ledger_has_no_gap_and_adds_up_to_the_time_passed(centre: Furnish) -> None:
    office = centre(leads=5, otherwise=changed(TALKS, talk_s=7.0), wrap_up_limit_s=5)
    office.open()
    office.clock.advance(200.0)
    office.engine.agent_logout("1001")
    office.clock.advance(100.0)
    spans = office.store.agents.spans(1, NOON, office.clock.now())
    for earlier, later in pairwise(spans):
        assert earlier.ended_at == later.began_at
    assert {s.state for s in spans} >= {AgentState.RINGING, AgentState.READY, AgentState.TALK, AgentState.WRAP_UP}
    logged_in = sum(((s.ended_at - s.began_at) for s in spans if s.ended_at is not None), timedelta())
    assert logged_in == timedelta(seconds=202)


def test_manual_mode_dials_when_the_agent_asks_and_for_him_alone(centre: Furnish) -> None:
    office = centre(leads=2, agents=2, mode="manual")
    office.open()
    office.clock.advance(30.0)
    assert office.placed() == 0
    words = office.engine.desk_dial("1002")
    assert re.fullmatch(r"Dialling \+1212555010[01]\.", words)
    office.until(lambda: office.talking("1002"))
    assert office.state_of("1001") == "READY"


def test_manual_mode_gives_the_agent_back_when_nobody_answers(centre: Furnish) -> None:
    office = centre(leads=1, mode="manual", otherwise=RINGS_ON)
    office.open()
    office.engine.desk_dial("1001")
    assert office.state_of() == "PREVIEW"
    office.until(lambda: office.state_of() == "READY", limit_s=60.0)


def test_dialling_by_hand_in_another_mode_is_refused(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open_agents()
    with pytest.raises(Refused, match="None of your campaigns is in manual mode"):
        office.engine.desk_dial("1001")


def test_desk_commands_without_a_call_are_refused_and_store_nothing(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    with pytest.raises(Refused, match=r"You have no call now\. Nothing was stored"):
        office.engine.desk_dispose("1001", "sale")


def test_a_callback_in_the_past_and_an_unknown_outcome_are_refused(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    with pytest.raises(Refused, match="lies in the past"):
        office.engine.desk_dispose("1001", "callback", NOON - timedelta(hours=1))
    with pytest.raises(Refused, match="There is no outcome 'gold'; possible: sale"):
        office.engine.desk_dispose("1001", "gold")


def test_never_more_calls_than_the_campaign_allows(centre: Furnish) -> None:
    office = centre(leads=30, agents=10, otherwise=RINGS_ON, max_calls=4)
    office.open()
    office.clock.advance(10.0)
    assert len(office.world.lines) == 4
    assert "max_calls of the campaign leaves 0" in office.engine.board()["campaigns"][0]["pace"]


def test_the_board_says_when_the_shown_decision_was_made(centre: Furnish) -> None:
    office = centre(leads=30, agents=2, otherwise=RINGS_ON)
    office.open()
    office.clock.advance(10.0)
    decided = datetime.fromisoformat(office.engine.board()["campaigns"][0]["paced_at"])
    assert timedelta(0) <= office.clock.now() - decided <= timedelta(seconds=1), "a floor is looked at each second"
    office.clock.advance(5.0)
    assert datetime.fromisoformat(office.engine.board()["campaigns"][0]["paced_at"]) > decided


def test_never_more_attempts_a_second_than_the_trunk_allows(centre: Furnish) -> None:
    office = centre(leads=30, agents=20, otherwise=RINGS_ON, trunk={"attempts_per_second": 2.0})
    office.open()
    office.clock.advance(5.0)
    assert 8 <= office.placed() <= 11


def test_an_empty_queue_is_told_with_the_time_when_it_goes_on(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(RINGS_ON, refuse_after_s=0.3))
    office.open()
    office.clock.advance(10.0)
    pace = office.engine.board()["campaigns"][0]["pace"]
    assert "no lead may be dialled before 2026-03-02 12:15:02 (America/New_York)" in pace, "the campaign's own clock"


def lose_phone(office: CallCentre, reachable: bool) -> None:
    office.world.phones["1001"] = Phone(reachable=reachable)
    office.world.hang_up_phone("1001")


def test_a_lost_phone_that_is_busy_for_a_while_is_rung_until_it_is_free(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    lose_phone(office, reachable=False)
    office.clock.advance(12.0)
    assert office.state_of() == "SYSTEM"
    office.world.phones["1001"] = Phone()
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)


def test_a_lost_phone_that_never_comes_back_logs_its_agent_out_within_a_minute(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    lose_phone(office, reachable=False)
    office.clock.advance(25.0)
    assert office.state_of() == "SYSTEM"
    office.clock.advance(30.0)
    assert office.state_of() == "LOGGED_OUT"


def test_an_agent_who_writes_while_his_phone_is_lost_is_rung_again_when_he_is_done(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=5.0), wrap_up_limit_s=120)
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    lose_phone(office, reachable=False)
    office.clock.advance(60.0)
    assert office.state_of() == "WRAP_UP"
    office.world.phones["1001"] = Phone()
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)

"""Does a customer's call reach an agent, a message or a hang-up, and is all of it recorded?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.model import (
    AnsweredBy,
    CloseReason,
    LeadState,
    Network,
    Routing,
    Scope,
    ScriptOutcome,
    Suppression,
)
from telephony.callee import Callee
from telephony.port import CustomerCall
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import BUSY, CAMPAIGN, RINGS_ON, TALKS, CallCentre, changed


def test_a_ready_agent_gets_a_customer_within_the_limit_and_his_outcome_closes_the_lead(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.state_of() == "READY")
    facts = office.attempt().facts
    assert (facts.network, facts.routing, facts.disposition) == (Network.ANSWERED, Routing.AGENT, "sale")
    assert facts.connect_delay_ms is not None
    assert facts.connect_delay_ms < 100
    assert facts.answered_by is AnsweredBy.HUMAN
    lead = office.lead_state(office.numbers[0])
    assert (lead.state, lead.close_reason) == (LeadState.CLOSED, CloseReason.SALE)


def test_with_nobody_free_the_customer_hears_the_message_and_counts_as_abandoned(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0)
    office.open()
    office.until(lambda: any(a.facts.routing is Routing.ABANDONED_NO_AGENT for a in office.attempts()))
    figure = office.engine.board()["campaigns"][0]["abandon_today"]
    assert figure["numerator"] == 1


def test_the_opt_out_key_writes_do_not_call_at_once_and_closes_the_lead(centre: Furnish) -> None:
    caller = changed(TALKS, opt_out_after_s=1.0)
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=caller)
    office.open()
    office.until(lambda: any(a.facts.opted_out and a.closed for a in office.attempts()))
    opted = next(a for a in office.attempts() if a.facts.opted_out)
    entry = office.store.suppressions.matching(opted.number)[0]
    assert (entry.source, entry.scope, entry.attempt_id) == ("keypad", Scope.EVERYTHING, opted.id)
    assert office.lead_state(opted.number).close_reason is CloseReason.REFUSED


def test_a_number_suppressed_while_it_rings_is_hung_up_within_a_second_and_recorded_so(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open()
    office.until(lambda: office.engine.board()["campaigns"][0]["calls"]["ringing"] == 1)
    entry = office.store.suppressions.add(_suppression(office.numbers[0], office))
    office.engine.number_suppressed(entry)
    office.clock.advance(1.0)
    facts = office.attempt().facts
    assert (facts.network, facts.cancel_reason) == (Network.CANCELLED, "dnc")


def test_an_entry_for_a_campaign_reaches_a_call_that_rang_before_its_rename(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open()
    office.until(lambda: office.engine.board()["campaigns"][0]["calls"]["ringing"] == 1)
    renamed = replace(office.store.campaigns.settings(office.campaign.id), name="summer")
    office.store.campaigns.save_settings(office.campaign.id, renamed, "anna", office.clock.now())
    office.engine.settings_changed("summer")
    entry = replace(_suppression(office.numbers[0], office), scope=Scope.CAMPAIGN, value="summer")
    office.engine.number_suppressed(office.store.suppressions.add(entry))
    office.clock.advance(1.0)
    assert office.attempt().facts.cancel_reason == "dnc"


def test_a_number_suppressed_while_queued_is_never_dialled(centre: Furnish) -> None:
    office = centre(leads=2)
    office.store.suppressions.add(_suppression(office.numbers[1], office))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(600.0)
    assert office.placed(office.numbers[1]) == 0


def _suppression(number: str, office: CallCentre) -> Suppression:
    now = office.clock.now()
    return Suppression(number=number, reason="asked", source="manager", actor="anna", added_at=now)


def test_a_conversation_with_a_number_suppressed_meanwhile_goes_on(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.number_suppressed(_suppression(office.numbers[0], office))
    office.clock.advance(5.0)
    assert office.talking()


@pytest.mark.parametrize("said", ["refused", "do_not_call", "sale"])
def test_after_a_final_word_the_persons_other_number_is_not_called(centre: Furnish, said: str) -> None:
    office = centre(leads=0)
    office.import_person("+12125550101", "+12125550102")
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", said)
    office.until(lambda: office.state_of() == "READY")
    office.clock.advance(3600.0)
    assert (office.placed("+12125550101"), office.placed("+12125550102")) == (1, 0)
    assert office.lead_state("+12125550102").state is LeadState.CLOSED


def test_a_key_on_the_phone_disposes_in_talk_and_the_agent_hears_a_tone(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.world.press("1001", "2")
    office.clock.advance(0.1)
    assert office.world.tones == ["1001"]
    office.until(lambda: office.state_of() == "READY")
    assert office.attempt().facts.disposition == "refused"


def test_a_key_on_the_phone_disposes_in_wrap_up_and_ends_it(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.world.press("1001", "5")
    office.clock.advance(0.5)
    assert office.state_of() == "READY"
    number = office.numbers[0]
    assert office.attempt().facts.disposition == "do_not_call"
    assert office.store.suppressions.matching(number)[0].source == "desk"
    assert office.lead_state(number).close_reason is CloseReason.REFUSED


def test_a_key_pressed_while_ready_means_nothing(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open()
    office.until(lambda: office.placed() == 1)
    office.world.press("1001", "1")
    office.clock.advance(1.0)
    assert office.world.tones == []


def test_the_wrap_up_limit_frees_the_agent_and_the_lead_rests_for_a_day(centre: Furnish) -> None:
    office = centre(leads=1, wrap_up_limit_s=10)
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.until(lambda: office.state_of() == "READY", limit_s=10.5)
    attempt = office.attempt()
    assert attempt.closed
    assert attempt.facts.disposition == ""
    assert office.engine.board()["campaigns"][0]["undisposed"] == 1
    lead = office.lead_state(office.numbers[0])
    assert lead.ask_again_at is not None
    assert lead.ask_again_at >= office.clock.now() + timedelta(hours=23)


def test_a_callback_is_promised_for_the_time_the_customer_named(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    at = office.clock.now() + timedelta(hours=3)
    office.engine.desk_dispose("1001", "callback", at, "prefers the afternoon")
    office.until(lambda: office.state_of() == "READY")
    lead = office.lead_state(office.numbers[0])
    assert (lead.state, lead.ask_again_at) == (LeadState.CALLBACK, at)
    assert office.attempt().facts.note == "prefers the afternoon"


def test_script_steps_answers_and_leaving_are_recorded(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    assert office.engine.desk_view("1001")["script"]["text"] == "Hello Ada"
    office.engine.desk_step("1001", "offer", {})
    office.engine.desk_step("1001", "done", {"want": "blue"})
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.state_of() == "READY")
    facts = office.attempt().facts
    assert facts.script is ScriptOutcome.COMPLETED
    assert [v.step for v in facts.script_steps] == ["greet", "offer", "done"]
    assert dict(facts.script_steps[1].answers) == {"want": "blue"}


def test_a_busy_number_is_tried_again_after_its_gap_and_not_before(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=BUSY, retry_busy_s=900)
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(880.0)
    assert office.placed() == 1
    office.until(lambda: office.placed() == 2, limit_s=60.0)


def test_a_lost_phone_in_mid_call_leaves_the_customer_to_another_agent(centre: Furnish) -> None:
    phones = {"1001": Phone(drops_after_join_s=5.0, answers_after_s=None)}
    office = centre(leads=1, agents=2, phones={"1002": Phone()}, otherwise=changed(TALKS, talk_s=60.0))
    office.engine.agent_login("1001")
    office.clock.advance(2.0)
    office.world.phones |= phones
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    office.engine.agent_login("1002")
    office.until(lambda: office.talking("1002"))
    office.until(lambda: office.state_of("1002") == "WRAP_UP")
    office.engine.desk_dispose("1002", "sale")
    facts = office.attempt().facts
    assert (facts.routing, facts.disposition) == (Routing.AGENT, "sale")


def test_a_lost_phone_is_rung_again_and_the_same_agent_gets_his_customer_back(centre: Furnish) -> None:
    office = centre(leads=1, phones={"1001": Phone(drops_after_join_s=5.0)}, otherwise=changed(TALKS, talk_s=60.0))
    office.open()
    office.until(office.talking)
    office.until(lambda: not office.talking())
    office.world.phones["1001"] = Phone()
    office.until(office.talking, limit_s=20.0)


def test_a_practice_number_is_never_dialled_on_a_real_trunk(centre: Furnish) -> None:
    office = centre(leads=1, trunk={"practice": False, "rule_profile": "us-federal"}, rule_profile="us-federal")
    office.open()
    office.clock.advance(60.0)
    assert office.placed() == 0
    assert office.engine.campaign_view(CAMPAIGN)["held"][0]["code"] == "PRACTICE"


def test_a_real_number_is_never_dialled_on_a_practice_trunk(centre: Furnish) -> None:
    office = centre(leads=0)
    office.import_numbers("+12125501234")
    office.open()
    office.clock.advance(60.0)
    assert office.placed() == 0
    assert office.engine.campaign_view(CAMPAIGN)["held"][0]["code"] == "PRACTICE"


def test_every_call_is_recorded_before_it_is_placed(centre: Furnish) -> None:
    office = centre(leads=3, agents=3, otherwise=RINGS_ON)
    recorded: list[bool] = []
    place = office.world.place

    def watched(call: CustomerCall) -> None:
        recorded.append(office.store.attempts.get(call.id) is not None)
        place(call)

    office.world.place = watched  # type: ignore[method-assign]
    office.open()
    office.until(lambda: len(recorded) == 3)
    assert all(recorded)


def test_a_fast_talker_who_hangs_up_at_once_is_neither_abandoned_nor_talked_to(centre: Furnish) -> None:
    gone = Callee(ring_after_s=0.2, answer_after_s=1.0, leaves_after_s=0.03)
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=gone)
    office.open()
    office.until(lambda: any(a.facts.routing is Routing.HUNG_UP_EARLY for a in office.attempts()))

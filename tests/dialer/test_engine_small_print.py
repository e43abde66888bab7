"""The small print: limits of calls dialled by hand, wishes at odd moments, and what is counted and what is not."""

from __future__ import annotations

import pytest

from campaigns.model import Network
from dialer.refusal import Refused
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, changed
from tests.dialer.test_engine_store import failing_database


def test_dialling_by_hand_keeps_to_the_trunks_lines(centre: Furnish) -> None:
    office = centre(leads=3, agents=2, mode="manual", otherwise=RINGS_ON, trunk={"max_calls": 1})
    office.open()
    office.engine.desk_dial("1001")
    office.clock.advance(1.0)
    with pytest.raises(Refused, match="the trunk's lines leaves no room"):
        office.engine.desk_dial("1002")
    assert (office.placed(), office.state_of("1002")) == (1, "READY")


def test_dialling_by_hand_keeps_to_the_attempts_a_second(centre: Furnish) -> None:
    office = centre(leads=3, agents=2, mode="manual", otherwise=RINGS_ON, trunk={"attempts_per_second": 1.0})
    office.open()
    office.clock.advance(2.0)
    office.engine.desk_dial("1001")
    with pytest.raises(Refused, match="attempts_per_second of the"):
        office.engine.desk_dial("1002")
    office.clock.advance(1.1)
    office.engine.desk_dial("1002")
    assert office.placed() == 2


def test_a_right_pin_makes_the_wrong_ones_before_it_forgotten(centre: Furnish) -> None:
    office = centre(leads=0)
    for pin in ("0000", "0000", "0000", "0000", "4711"):
        office.world.dial_login("1001", pin)
        office.clock.advance(2.0)
    office.engine.agent_logout("1001")
    for pin in ("0000", "4711"):
        office.world.dial_login("1001", pin)
        office.clock.advance(2.0)
    assert office.state_of() == "READY"


def test_on_pause_another_pause_changes_its_code_in_the_ledger(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    office.engine.agent_pause("1001", "lunch")
    office.clock.advance(5.0)
    office.engine.agent_pause("1001", "training")
    (span,) = office.store.agents.running()
    assert (span.pause_code, span.began_at) == ("training", office.clock.now())


def test_logging_out_while_the_phone_rings_stops_its_ringing(centre: Furnish) -> None:
    office = centre(leads=0, phones={"1001": Phone(answers_after_s=10.0)})
    office.engine.agent_login("1001")
    office.clock.advance(1.0)
    office.engine.agent_logout("1001")
    office.clock.advance(15.0)
    assert (office.state_of(), office.world.legs) == ("LOGGED_OUT", {})


def test_an_agent_of_two_campaigns_stays_when_one_of_them_stops(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, otherwise=RINGS_ON)
    other = office.store.campaigns.create(office.settings(name="other"), "test", NOON)
    office.store.campaigns.attach_list(other.id, 1, "test", NOON)
    office.store.campaigns.set_agent_campaigns(1, (office.campaign.id, other.id), "test", NOON)
    office.engine.settings_changed("other")
    office.engine.agents_changed()
    office.open()
    office.engine.campaign_start("other", "test")
    office.engine.campaign_stop(CAMPAIGN, "test")
    office.until(lambda: office.state_of("1002") == "LOGGED_OUT")
    assert office.state_of("1001") == "READY"


def test_the_campaigns_caller_id_is_shown_when_it_has_one(centre: Furnish) -> None:
    office = centre(leads=1, caller_id="+12025550177")
    office.open()
    office.until(lambda: office.placed() == 1)
    assert office.world.placed[0].caller_id == "+12025550177"


def test_a_call_refused_before_the_trunk_is_no_attempt_in_any_figure(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open_agents()
    office.telephony._why_refused = lambda call: f"{call.id}: no"  # type: ignore[method-assign]
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: bool(office.attempts()) and office.attempt().closed)
    assert office.attempt().facts.network is Network.NOT_ATTEMPTED
    assert office.engine.board()["campaigns"][0]["today"]["attempts"] == 0


def test_pacing_learns_answered_calls_as_answered_and_others_not(centre: Furnish) -> None:
    busy = changed(RINGS_ON, refuse_after_s=1.0)
    office = centre(leads=3, callees={"+12125550101": busy, "+12125550102": busy}, wrap_up_limit_s=5)
    office.open()
    office.until(lambda: len(office.attempts()) == 3 and all(a.closed for a in office.attempts()))
    known = office.engine._live.learned.of(office.campaign.id)
    assert (known.answering.landed.total, known.answering.unanswered.total) == (1, 2)
    assert known.freeing.talks == 1


def test_a_number_is_free_again_while_the_agent_still_writes(centre: Furnish) -> None:
    office = centre(leads=1, wrap_up_limit_s=600)
    office.open()
    office.until(office.talking)
    office.clock.advance(1.0)
    assert office.store.attempts.is_live(office.attempt().id)
    office.until(lambda: office.state_of() == "WRAP_UP")
    attempt = office.attempt()
    assert not office.store.attempts.is_live(attempt.id)
    assert (attempt.closed, attempt.facts.network) == (False, Network.ANSWERED)


def test_the_time_an_agent_wrote_is_kept_with_the_call(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.clock.advance(7.0)
    office.engine.desk_dispose("1001", "sale")
    assert 6900 <= office.attempt().facts.wrap_up_ms <= 7100


def test_an_outcome_given_in_talk_holds_over_a_restart_and_needs_no_wrap_up(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=60.0))
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "sale")
    office.kill_engine()
    office.restart()
    office.until(lambda: office.attempt().closed, limit_s=70.0)
    assert (office.state_of(), office.attempt().facts.disposition) == ("READY", "sale")


def test_a_database_that_fails_with_nothing_to_write_holds_only_until_it_works_again(centre: Furnish) -> None:
    office = centre(leads=2)
    office.open_agents()
    with failing_database(office):
        office.engine._launcher.look()
        office.engine._live.runs[office.campaign.id].state = type(office.campaign.state)("RUNNING")
        office.clock.advance(3.0)
        assert office.engine._live.store_fault
    office.until(lambda: office.placed() == 1, limit_s=5.0)


def test_a_key_pressed_while_the_customer_is_being_joined_means_nothing(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(lambda: any(c.stage == "joining" for c in office.engine._live.calls.values()))
    office.world.press("1001", "1")
    office.clock.advance(1.0)
    assert office.world.tones == []
    assert next(iter(office.engine._live.calls.values())).disposition == ""


def test_dialling_by_hand_takes_one_lead_and_a_second_press_is_refused(centre: Furnish) -> None:
    office = centre(leads=3, mode="manual", otherwise=RINGS_ON)
    office.open()
    office.engine.desk_dial("1001")
    office.clock.advance(2.0)
    with pytest.raises(Refused, match="You are PREVIEW"):
        office.engine.desk_dial("1001")
    assert len(office.attempts()) == 1


def test_the_trunks_caller_id_is_shown_when_the_campaign_has_none(centre: Furnish) -> None:
    office = centre(leads=1, caller_id="", trunk={"caller_id": "+12025550188"})
    office.open()
    office.until(lambda: office.placed() == 1)
    assert office.world.placed[0].caller_id == "+12025550188"

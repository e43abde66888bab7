"""Who gets whom? Several customers and agents at once: order, second tries, and nobody given to the wrong agent."""

from __future__ import annotations

from campaigns.model import AgentState, EventKind, Routing
from dialer.live import LiveCall, Stage
from telephony.port import CallRinging, Joined, JoinFailed
from telephony.simulator import Phone, SimulatedTelephony
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre, changed

PATIENT = changed(TALKS, answer_after_s=1.0, talk_s=300.0)


def the_call(office: CallCentre, number: str) -> LiveCall:
    return next(c for c in office.engine._live.calls.values() if c.attempt.number == number)


def joins_of(office: CallCentre) -> list[tuple[str, str]]:
    """Every join the engine asks for from now on: number and agent."""
    asked: list[tuple[str, str]] = []
    join = office.telephony.join

    def watched(call_id: str, agent: str) -> None:
        asked.append((office.engine._live.calls[call_id].attempt.number, agent))
        join(call_id, agent)

    office.telephony.join = watched  # type: ignore[method-assign]
    return asked


def fail_joins(office: CallCentre, times: int) -> None:
    """The next joins fail, as when the agent's phone is lost at that very moment."""
    door, join = office.telephony, office.telephony.join
    left = [times]

    def failing(call_id: str, agent: str) -> None:
        if left[0] == 0:
            join(call_id, agent)
            return
        left[0] -= 1
        _tell(door, JoinFailed, call_id, agent=agent, reason="the phone did not take it")

    door.join = failing  # type: ignore[method-assign]


def _tell(door: SimulatedTelephony, kind: type[JoinFailed | Joined], call_id: str, **data: str) -> None:
    door._outbox.put(door._stamp.call(kind, call_id, **data))


def test_two_customers_who_answer_at_once_never_go_to_the_same_agent(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT, attempts_per_second=20.0)
    office.open_agents()
    asked = joins_of(office)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    office.clock.advance(1.0)
    assert len({call.placed_s for call in office.engine._live.calls.values()}) == 1, "both are placed at one instant"
    assert len(asked) == 1


def test_a_customer_whose_join_failed_goes_to_another_agent_at_once(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, otherwise=PATIENT)
    office.open_agents()
    asked = joins_of(office)
    fail_joins(office, 1)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: office.talking("1001") or office.talking("1002"), limit_s=1.2)
    assert office.attempt().facts.routing is Routing.NOT_ROUTED
    assert the_call(office, office.numbers[0]).facts().routing is Routing.AGENT
    assert len(asked) == 1, "the failed one was answered by the stand-in"
    assert {office.state_of("1001"), office.state_of("1002")} == {"READY", "TALK"}


def test_an_agent_whose_join_failed_is_not_asked_again_for_the_same_customer_and_serves_the_next(
    centre: Furnish,
) -> None:
    office = centre(leads=2, otherwise=changed(PATIENT, patience_s=0.5))
    office.open_agents()
    fail_joins(office, 1)
    asked = joins_of(office)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    assert [number for number, _ in asked] == list(office.numbers)


def test_a_pause_asked_for_while_a_join_is_under_way_begins_at_once_when_the_join_fails(centre: Furnish) -> None:
    office = centre(leads=2, otherwise=PATIENT)
    office.open()
    office.until(lambda: any(c.stage is Stage.JOINING for c in office.engine._live.calls.values()))
    office.engine.agent_pause("1001", "lunch")
    office.world._customer_hangs_up(next(iter(office.world.lines.values())))
    office.clock.advance(1.0)
    assert office.state_of() == "PAUSE"
    office.clock.advance(60.0)
    assert office.placed() == 1


def test_a_log_out_asked_for_while_a_join_is_under_way_happens_when_the_join_fails(centre: Furnish) -> None:
    office = centre(leads=2, otherwise=PATIENT)
    office.open()
    office.until(lambda: any(c.stage is Stage.JOINING for c in office.engine._live.calls.values()))
    office.engine.agent_logout("1001")
    office.world._customer_hangs_up(next(iter(office.world.lines.values())))
    office.clock.advance(1.0)
    assert office.state_of() == "LOGGED_OUT"
    assert office.world.legs == {}


def test_a_customer_hung_up_by_us_while_he_answers_is_given_to_nobody(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PATIENT)
    office.open_agents()
    asked = joins_of(office)
    office.telephony.hang_up = id  # type: ignore[assignment,method-assign]  # it comes too late
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: office.placed() == 1)
    office.engine.campaign_emergency_stop(CAMPAIGN, "test")
    office.clock.advance(3.0)
    assert the_call(office, office.numbers[0]).answered_s is not None
    assert asked == []


def test_a_second_ringing_does_not_take_an_answered_customer_back_to_ringing(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, ring_after_s=5.0, answer_after_s=3.0, talk_s=60.0))
    office.open()
    office.until(office.talking)
    call = the_call(office, office.numbers[0])
    office.engine.on_event(office.telephony._stamp.call(CallRinging, call.attempt.id))
    assert call.stage is Stage.TALKING


def test_a_customer_who_lost_his_agent_comes_before_those_who_wait_and_they_by_their_time(centre: Furnish) -> None:
    office = centre(leads=3, agents=4, otherwise=PATIENT)
    office.open()
    office.until(lambda: sum(office.talking(a) for a in office.agents) == 3)
    first, second, third = (the_call(office, number) for number in office.numbers)
    asked: list[str] = []
    office.engine._calls._send_to_agent = lambda call: asked.append(call.attempt.number)  # type: ignore[method-assign]
    first.stage, first.answered_s = Stage.WAITING, 20.0
    second.stage, second.answered_s = Stage.WAITING, 10.0
    third.stage, third.answered_s = Stage.HOLDING, 30.0
    office.engine._calls.serve_waiting()
    assert asked == [third.attempt.number, second.attempt.number, first.attempt.number]


def test_the_agent_who_waited_longest_gets_the_next_customer(centre: Furnish) -> None:
    office = centre(leads=1, agents=3, otherwise=PATIENT)
    for agent in ("1003", "1001", "1002"):
        office.engine.agent_login(agent)
        office.clock.advance(5.0)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: any(office.talking(a) for a in office.agents))
    assert office.talking("1003")


def test_an_agent_of_another_campaign_gets_no_customer_of_this_one(centre: Furnish) -> None:
    office = centre(leads=2, agents=2, otherwise=PATIENT, mode="power", ratio=2.0)
    office.store.campaigns.create(office.settings(name="other"), "test", NOON)
    office.store.campaigns.set_agent_campaigns(2, (2,), "test", NOON)
    office.engine.settings_changed("other")
    office.engine.agents_changed()
    office.open()
    office.until(lambda: office.talking("1001"))
    office.clock.advance(1.0)
    assert office.state_of("1002") == "READY"


def test_a_customer_on_hold_whose_new_agent_cannot_be_joined_stays_on_hold_and_is_tried_again(
    centre: Furnish,
) -> None:
    office = centre(leads=1, agents=2, otherwise=PATIENT)
    office.engine.agent_login("1001")
    office.clock.advance(2.0)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    office.engine.agent_login("1002")
    office.clock.advance(2.0)
    fail_joins(office, 1)
    office.world.phones["1001"] = Phone(answers_after_s=8.0)
    office.world.hang_up_phone("1001")
    office.clock.advance(1.0)
    assert the_call(office, office.numbers[0]).stage is Stage.HOLDING
    office.until(office.talking, limit_s=10.0)
    events = [e.kind for e in the_call(office, office.numbers[0]).events]
    assert events.count(EventKind.JOINED) == 2


def test_a_customer_with_an_agent_again_is_not_hung_up_when_the_time_on_hold_would_have_ended(
    centre: Furnish,
) -> None:
    office = centre(leads=1, otherwise=PATIENT)
    office.open()
    office.until(office.talking)
    for _ in range(2):  # the second stay on hold is not cut short by the limit of the first
        office.world.hang_up_phone("1001")
        office.until(lambda: not office.talking(), limit_s=5.0)
        office.until(office.talking, limit_s=10.0)
    office.clock.advance(50.0)
    office.world.phones["1001"] = Phone(answers_after_s=20.0)
    office.world.hang_up_phone("1001")
    office.clock.advance(15.0)
    assert the_call(office, office.numbers[0]).stage is Stage.HOLDING
    office.until(office.talking, limit_s=10.0)


def test_a_customer_nobody_comes_back_to_is_let_go_after_a_minute(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PATIENT, patience_s=None))
    office.world.timing = type(office.world.timing)(hold_limit_s=600.0)
    office.open()
    office.until(office.talking)
    office.world.phones["1001"] = Phone(reachable=False)
    office.world.hang_up_phone("1001")
    office.clock.advance(50.0)
    assert len(office.world.lines) == 1
    office.clock.advance(15.0)
    assert office.world.lines == {}
    assert office.attempt().facts.cancel_reason == "no agent came back"


def test_in_manual_mode_a_customer_waits_for_his_agents_phone_and_goes_to_no_other(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, mode="manual", otherwise=changed(PATIENT, answer_after_s=4.0))
    office.open()
    office.engine.desk_dial("1001")
    office.clock.advance(1.0)
    office.world.phones["1001"] = Phone(answers_after_s=4.0)
    office.world.hang_up_phone("1001")
    asked = joins_of(office)
    office.clock.advance(3.2)
    assert asked == [], "his phone is not up yet"
    office.until(office.talking, limit_s=5.0)
    assert asked == [(office.numbers[0], "1001")]


def test_events_of_a_call_in_wrap_up_change_nothing_any_more(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PATIENT, talk_s=5.0))
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    call = the_call(office, office.numbers[0])
    before = list(call.events)
    _tell(office.telephony, Joined, call.attempt.id, agent="1001")
    office.clock.advance(1.0)
    assert (call.stage, call.events) == (Stage.WRAP_UP, before)


def test_a_join_that_completes_after_the_message_began_is_a_talk_and_counts_as_abandoned(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.callees[office.numbers[0]] = changed(PATIENT, talk_s=5.0)
    office.world.timing = type(office.world.timing)(join_s=0.5)
    office.open()
    office.until(lambda: office.state_of() == AgentState.TALK.value)
    call = the_call(office, office.numbers[0])
    assert (call.agent, office.engine._live.seats["1001"].call_id) == ("1001", call.attempt.id)


def test_a_pause_asked_for_in_talk_holds_when_the_phone_is_lost_and_another_agent_takes_the_customer(
    centre: Furnish,
) -> None:
    office = centre(leads=1, agents=2, otherwise=PATIENT)
    office.engine.agent_login("1001")
    office.clock.advance(2.0)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    office.engine.agent_login("1002")
    office.clock.advance(2.0)
    office.engine.agent_pause("1001", "lunch")
    office.world.hang_up_phone("1001")
    office.until(lambda: office.talking("1002"), limit_s=5.0)
    office.until(lambda: office.state_of() == "PAUSE", limit_s=10.0)


def test_a_log_out_asked_for_in_talk_holds_when_the_phone_is_lost(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PATIENT)
    office.open()
    office.until(office.talking)
    office.engine.agent_logout("1001")
    office.world.hang_up_phone("1001")
    office.clock.advance(5.0)
    assert (office.state_of(), office.world.legs) == ("LOGGED_OUT", {})

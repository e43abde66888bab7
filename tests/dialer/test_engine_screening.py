"""With the clock at the greeting's end: does a person reach an agent after the verdict, and a machine nobody?"""

from __future__ import annotations

import pytest

from campaigns.model import AnsweredBy, AnsweredBySource, AttemptEvent, EventKind, LeadState, Network, Routing
from dialer.floor import CallInFlight
from dialer.live import LiveCall, Stage
from dialer.refusal import Refused
from telephony.port import CallScreened, Verdict
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, TALKS, CallCentre, changed

PERSON = changed(TALKS, answer_after_s=3.0, screened_after_s=2.5)
MACHINE = changed(PERSON, kind="machine")


def the_call(office: CallCentre) -> LiveCall:
    (call,) = office.engine._live.calls.values()
    return call


def until_stage(office: CallCentre, stage: Stage) -> None:
    office.until(lambda: any(c.stage is stage for c in office.engine._live.calls.values()))


def in_flight(office: CallCentre) -> tuple[CallInFlight, ...]:
    live = office.engine._live
    return office.engine._launcher.floor(list(live.runs.values())).campaigns[0].in_flight


def ago_s(office: CallCentre, instant_s: float | None) -> float:
    assert instant_s is not None
    return office.clock.monotonic() - instant_s


def log_of(office: CallCentre, number: str | None = None) -> tuple[AttemptEvent, ...]:
    return tuple(office.store.attempts.events(office.attempt(number).id))


def test_a_person_reaches_an_agent_when_the_verdict_is_in_and_the_delay_counts_from_there(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PERSON, clock_from="greeting")
    office.open()
    until_stage(office, Stage.SCREENING)
    office.clock.advance(2.4)
    assert (the_call(office).stage, office.state_of()) == (Stage.SCREENING, "READY")
    office.clock.advance(0.2)
    assert office.talking()
    facts = the_call(office).facts()
    assert (facts.connect_delay_ms, facts.detector_said) == (25, AnsweredBy.HUMAN)
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.attempt().closed)
    facts = office.attempt().facts
    assert (facts.routing, facts.answered_by_source) == (Routing.AGENT, AnsweredBySource.AGENT)
    (screened,) = (event for event in log_of(office) if event.kind is EventKind.SCREENED)
    assert dict(screened.data)["detector"] == "HUMAN"


def test_a_machine_reaches_no_agent_and_is_tried_again_later(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=MACHINE, clock_from="greeting")
    office.open()
    office.until(lambda: office.attempt().closed if office.attempts() else False)
    facts = office.attempt().facts
    assert (facts.network, facts.routing) == (Network.ANSWERED, Routing.NOT_ROUTED)
    assert (facts.answered_by, facts.answered_by_source) == (AnsweredBy.MACHINE, AnsweredBySource.DETECTOR)
    assert office.lead_state(office.numbers[0]).state is LeadState.RETRY
    assert office.state_of() == "READY"
    assert not {EventKind.JOIN_ASKED, EventKind.CANCEL_ASKED} & {event.kind for event in log_of(office)}
    assert office.engine.board()["campaigns"][0]["abandon_today"]["numerator"] == 0


def test_nobody_free_at_the_verdict_the_message_comes_so_long_after_it_and_is_an_abandonment(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PERSON, clock_from="greeting")
    office.open()
    office.until(lambda: any(a.facts.routing is Routing.ABANDONED_NO_AGENT and a.closed for a in office.attempts()))
    (abandoned,) = (a for a in office.attempts() if a.facts.routing is Routing.ABANDONED_NO_AGENT)
    at = {event.kind: event.at for event in log_of(office, abandoned.number)}
    assert round((at[EventKind.SAFE_HARBOUR] - at[EventKind.SCREENED]).total_seconds(), 2) == 1.8
    assert round((at[EventKind.SCREENED] - at[EventKind.ANSWERED]).total_seconds(), 2) == 2.5
    assert office.engine.board()["campaigns"][0]["abandon_today"]["numerator"] == 1


def test_an_agent_who_becomes_free_within_the_limit_after_the_verdict_takes_the_waiting_person(
    centre: Furnish,
) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=changed(PERSON, talk_s=1.0), clock_from="greeting")
    office.callees[office.numbers[1]] = changed(PERSON, answer_after_s=3.2)
    office.open()
    office.until(office.talking)
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.engine.desk_dispose("1001", "no_decision")
    office.until(office.talking)
    office.engine.desk_dispose("1001", "no_decision")
    office.until(lambda: all(a.closed for a in office.attempts()))
    delays = sorted(a.facts.connect_delay_ms or 0 for a in office.attempts())
    assert 500 < delays[1] < 1800
    assert [a.facts.routing for a in office.attempts()] == [Routing.AGENT, Routing.AGENT]


def test_a_customer_who_hangs_up_while_he_is_listened_to_is_no_abandonment(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PERSON, screened_after_s=4.0, patience_s=3.0), clock_from="greeting")
    office.open()
    office.until(lambda: office.attempt().closed if office.attempts() else False)
    assert office.attempt().facts.routing is Routing.HUNG_UP_EARLY
    assert office.engine.board()["campaigns"][0]["abandon_today"]["denominator"] == 0


def test_pacing_sees_whether_a_call_is_listened_to_or_a_person_waits(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PERSON, clock_from="greeting")
    office.open()
    until_stage(office, Stage.SCREENING)
    office.clock.advance(1.0)
    (call,) = in_flight(office)
    assert (call.answered, call.person, call.screened_s) == (True, False, None)
    assert ago_s(office, call.answered_s) == pytest.approx(1.0, abs=0.1)
    office.engine.agent_pause("1001", "break")
    until_stage(office, Stage.WAITING)
    office.clock.advance(1.0)
    (call,) = in_flight(office)
    assert (call.answered, call.person) == (True, True)
    assert ago_s(office, call.answered_s) == pytest.approx(3.5, abs=0.1)
    assert ago_s(office, call.screened_s) == pytest.approx(1.0, abs=0.1)


def test_a_machine_heard_is_no_call_that_may_still_need_an_agent(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=MACHINE, clock_from="greeting")
    office.open()
    until_stage(office, Stage.SCREENING)
    assert len(in_flight(office)) == 1
    verdict = office.telephony._stamp.call(CallScreened, the_call(office).attempt.id, verdict=Verdict.MACHINE)
    office.engine.on_event(verdict)  # a real exchange needs milliseconds from here to the end
    assert (len(office.engine._live.calls), in_flight(office)) == (1, ())


def test_who_was_heard_first_is_served_first(centre: Furnish) -> None:
    first, second = changed(PERSON, screened_after_s=4.0), changed(PERSON, answer_after_s=3.5, screened_after_s=2.0)
    office = centre(leads=2, agents=2, mode="progressive", clock_from="greeting", message_starts_ms=1999)
    office.callees |= {office.numbers[0]: first, office.numbers[1]: second}
    office.open()
    office.until(lambda: [c.stage for c in office.engine._live.calls.values()] == [Stage.SCREENING] * 2)
    for agent in office.agents:
        office.engine.agent_pause(agent, "break")
    office.until(lambda: all(c.stage is Stage.WAITING for c in office.engine._live.calls.values()))
    office.engine.agent_ready("1001")
    office.until(office.talking)
    assert office.engine.desk_view("1001")["call"]["number"] == office.numbers[1]


def test_with_the_clock_at_the_answer_nobody_is_listened_to(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=MACHINE)
    office.open()
    office.until(office.talking)
    assert [call.detect for call in office.world.placed] == [False]


def test_a_call_dialled_by_hand_is_not_listened_to(centre: Furnish) -> None:
    office = centre(leads=1, mode="manual", otherwise=PERSON, clock_from="greeting", detects=False)
    office.open()
    office.engine.desk_dial("1001")
    office.until(office.talking)
    assert [call.detect for call in office.world.placed] == [False]


def test_on_an_exchange_without_detection_such_a_campaign_does_not_start_and_says_why(centre: Furnish) -> None:
    office = centre(leads=1, clock_from="greeting", detects=False)
    office.open_agents()
    with pytest.raises(Refused, match="answering machine detection"):
        office.engine.campaign_start(CAMPAIGN, "test")
    assert office.placed() == 0


def test_a_running_campaign_is_held_when_the_exchange_comes_back_without_detection(centre: Furnish) -> None:
    office = centre(leads=3, otherwise=PERSON, clock_from="greeting")
    office.open()
    office.until(lambda: office.placed() == 1)
    office.telephony.cut_link()
    office.telephony._detects = False
    office.clock.advance(1.0)
    office.telephony.restore_link()
    office.clock.advance(100.0)
    assert office.placed() == 1
    assert "answering machine detection" in office.engine.board()["campaigns"][0]["pace"]


@pytest.mark.parametrize(("dead_s", "delay_ms"), [(0.2, 25), (3.0, None)], ids=["in time", "verdict missed"])
def test_a_call_listened_to_outlives_the_engine(centre: Furnish, dead_s: float, delay_ms: int | None) -> None:
    office = centre(leads=1, otherwise=PERSON, clock_from="greeting")
    office.open()
    until_stage(office, Stage.SCREENING)
    office.clock.advance(0.2)
    office.kill_engine()
    office.clock.advance(dead_s)
    office.restart()
    office.until(office.talking, limit_s=5.0)
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.attempt().closed, limit_s=400.0)
    facts = office.attempt().facts
    # A verdict nobody heard cannot be counted from: the wait counts from the answer, which is too late.
    assert facts.routing is (Routing.AGENT if delay_ms else Routing.ABANDONED_NO_AGENT)
    assert facts.detector_said is AnsweredBy.HUMAN
    if delay_ms:
        assert facts.connect_delay_ms == delay_ms


def test_a_verdict_missed_with_the_link_is_made_up_for_and_counts_from_the_answer(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PERSON, clock_from="greeting", message_starts_ms=1999)
    office.open()
    until_stage(office, Stage.SCREENING)
    office.telephony.cut_link()
    office.clock.advance(3.0)
    office.telephony.restore_link()
    office.until(office.talking, limit_s=2.0)
    facts = the_call(office).facts()
    assert facts.detector_said is AnsweredBy.HUMAN
    assert (facts.connect_delay_ms or 0) >= 3000
    assert facts.routing is Routing.ABANDONED_NO_AGENT


def test_a_detector_that_is_not_sure_sends_the_call_to_an_agent(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PERSON, heard_as=Verdict.UNKNOWN), clock_from="greeting")
    office.open()
    office.until(office.talking)
    assert the_call(office).facts().detector_said is AnsweredBy.UNKNOWN


def test_the_board_counts_calls_that_are_listened_to_where_a_campaign_does_that(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PERSON, clock_from="greeting")
    office.open()
    until_stage(office, Stage.SCREENING)
    assert office.engine.board()["campaigns"][0]["calls"] == {
        "dialling": 0,
        "ringing": 0,
        "screening": 1,
        "waiting": 0,
        "talking": 0,
    }
    plain = centre(leads=1)
    assert "screening" not in plain.engine.board()["campaigns"][0]["calls"]

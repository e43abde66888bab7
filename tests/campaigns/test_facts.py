"""Do the five facts of a call follow from its log, whatever order, repetition or gap there is in it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.facts import callback_time, fold
from campaigns.metrics import aht
from campaigns.metrics.abandonment import Fate, fate_of
from campaigns.model import (
    AnsweredBy,
    AnsweredBySource,
    AttemptEvent,
    ClockFrom,
    EventKind,
    Facts,
    Network,
    Routing,
    ScriptOutcome,
)
from tests.campaigns.call_builders import TODAY, call
from tests.campaigns.rule_builders import NOON, event, settings

K = EventKind


def facts(*events: AttemptEvent) -> Facts:
    return fold(events, settings())


def ended(at_s: float, network: str = "ANSWERED", by: str = "FAR_END", **more: Any) -> AttemptEvent:
    return event(K.ENDED, at_s, network=network, ended_by=by, **more)


PLACED = event(K.PLACED, 0)
RINGING = event(K.RINGING, 1)
ANSWERED = event(K.ANSWERED, 10)
JOINED = event(K.JOINED, 10.05, agent_id=7)
MESSAGE = event(K.SAFE_HARBOUR, 11.8)


def test_a_call_joined_in_time_is_with_its_agent_for_ever() -> None:
    told = facts(PLACED, RINGING, ANSWERED, JOINED, ended(70.05), event(K.WRAPPED_UP, 80.05))
    assert (told.network, told.routing, told.agent_id) == (Network.ANSWERED, Routing.AGENT, 7)
    assert (told.ring_ms, told.connect_delay_ms, told.talk_ms, told.wrap_up_ms) == (9000, 50, 60000, 10000)
    assert told.ended_by == "FAR_END"
    assert told.ended_at == NOON + timedelta(seconds=70.05)


@pytest.mark.parametrize(
    "loss",
    [
        event(K.AGENT_LOST, 20, agent_id=7),
        ended(20, "UNKNOWN", "UNKNOWN", detail="LINK_LOST"),
        event(K.RECOVERED, 90, outcome="exchange_restarted"),
        event(K.SAFE_HARBOUR, 20),
    ],
)
def test_nothing_that_happens_after_a_join_in_time_makes_it_abandoned(loss: AttemptEvent) -> None:
    assert facts(PLACED, ANSWERED, JOINED, loss, ended(95)).routing is Routing.AGENT


def test_a_call_whose_message_began_is_abandoned_even_if_joined_later() -> None:
    told = facts(PLACED, ANSWERED, MESSAGE, event(K.JOINED, 11.9, agent_id=7), ended(60))
    assert told.routing is Routing.ABANDONED_NO_AGENT
    assert told.agent_id == 7
    assert told.talk_ms == 48100


def test_a_message_and_a_join_at_the_same_instant_count_as_abandoned() -> None:
    assert facts(ANSWERED, MESSAGE, event(K.JOINED, 11.8, agent_id=7), ended(60)).routing is Routing.ABANDONED_NO_AGENT


@pytest.mark.parametrize(("delay_s", "routing"), [(2.0, Routing.AGENT), (2.001, Routing.ABANDONED_NO_AGENT)])
def test_the_connect_limit_itself_is_still_in_time(delay_s: float, routing: Routing) -> None:
    assert facts(ANSWERED, event(K.JOINED, 10 + delay_s, agent_id=7), ended(60)).routing is routing


@pytest.mark.parametrize(
    ("end", "routing"),
    [
        (ended(11.9), Routing.HUNG_UP_EARLY),
        (ended(12.0), Routing.HUNG_UP_EARLY),
        (ended(12.1), Routing.ABANDONED_NO_AGENT),
        (ended(11, by="US"), Routing.ABANDONED_SYSTEM),
        (ended(11, by="NETWORK", detail="MEDIA_LOST", q850=44), Routing.ABANDONED_SYSTEM),
        (ended(11, by="UNKNOWN"), Routing.ABANDONED_SYSTEM),
        (ended(11, "UNKNOWN", "FAR_END"), Routing.HUNG_UP_EARLY),
        (event(K.RECOVERED, 50, outcome="gone"), Routing.ABANDONED_SYSTEM),
    ],
)
def test_an_answered_call_that_was_never_joined(end: AttemptEvent, routing: Routing) -> None:
    told = facts(PLACED, ANSWERED, end)
    assert told.routing is routing
    assert told.network is Network.ANSWERED


@pytest.mark.parametrize("reason", ["nobody_free", "dnc", "emergency_stop"])
@pytest.mark.parametrize("end", [ended(10.3, by="US"), ended(10.3, by="FAR_END"), ended(10.3, by="NETWORK")])
@pytest.mark.parametrize("asked_s", [9.9, 10.1])
def test_an_answer_that_crossed_our_hang_up_is_abandoned_whoever_ended_it(
    end: AttemptEvent, reason: str, asked_s: float
) -> None:
    told = facts(PLACED, RINGING, event(K.CANCEL_ASKED, asked_s, reason=reason), ANSWERED, end)
    assert (told.routing, told.cancel_reason) == (Routing.ABANDONED_SYSTEM, reason)
    assert fate_of(told) is Fate.ABANDONED


def test_an_answer_that_crossed_our_hang_up_and_is_known_only_from_the_end_is_abandoned_too() -> None:
    told = facts(PLACED, RINGING, event(K.CANCEL_ASKED, 9.9, reason="nobody_free"), ended(10.1, by="FAR_END"))
    assert (told.network, fate_of(told)) == (Network.ANSWERED, Fate.ABANDONED)


def test_a_ringing_call_that_we_hung_up_in_time_was_answered_by_nobody() -> None:
    told = facts(PLACED, RINGING, event(K.CANCEL_ASKED, 9.9, reason="nobody_free"), ended(10.1, "CANCELLED", "US"))
    assert (told.routing, fate_of(told)) == (Routing.NOT_ROUTED, Fate.OUTSIDE)


def test_a_hang_up_asked_for_after_the_customer_had_hung_up_changes_nothing() -> None:
    told = facts(PLACED, RINGING, ANSWERED, ended(10.5), event(K.CANCEL_ASKED, 10.6, reason="nobody_free"))
    assert told.routing is Routing.HUNG_UP_EARLY


def test_a_call_hung_up_by_us_after_a_talk_was_not_abandoned() -> None:
    told = facts(PLACED, ANSWERED, JOINED, event(K.CANCEL_ASKED, 40, reason="hung up"), ended(40.2, by="US"))
    assert told.routing is Routing.AGENT


def test_an_answer_known_only_from_the_end_is_abandoned_since_nobody_can_show_otherwise() -> None:
    assert facts(PLACED, ended(20)).routing is Routing.ABANDONED_SYSTEM
    assert facts(PLACED, JOINED, ended(20)).routing is Routing.ABANDONED_SYSTEM


def test_a_failed_join_is_no_join() -> None:
    told = facts(ANSWERED, event(K.JOIN_ASKED, 10, agent_id=7), event(K.JOIN_FAILED, 10.5, agent_id=7), ended(11.5))
    assert (told.routing, told.joined_at, told.agent_id) == (Routing.HUNG_UP_EARLY, None, None)


def test_a_join_told_after_the_end_did_not_happen() -> None:
    assert facts(ANSWERED, ended(10.5), JOINED).joined_at is None


@pytest.mark.parametrize("network", [n for n in Network if n is not Network.ANSWERED])
def test_a_call_that_nobody_answered_is_routed_nowhere(network: Network) -> None:
    told = facts(PLACED, RINGING, ended(22, network.value, "NETWORK", sip_code=486, q850=17, detail="EVERYWHERE"))
    assert (told.network, told.routing, told.answered_by) == (network, Routing.NOT_ROUTED, None)
    assert (told.sip_code, told.q850, told.network_detail, told.ring_ms) == (486, 17, "EVERYWHERE", 21000)


def test_a_live_call_has_no_network_fact_yet() -> None:
    assert facts(PLACED, RINGING).network is None
    waiting = facts(PLACED, RINGING, ANSWERED)
    assert (waiting.network, waiting.routing) == (None, Routing.NOT_ROUTED)
    assert facts(PLACED, ANSWERED, MESSAGE).routing is Routing.ABANDONED_NO_AGENT
    assert facts(PLACED, ANSWERED, JOINED).routing is Routing.AGENT


def test_a_refused_originate_was_never_attempted() -> None:
    told = facts(event(K.INTENT, 0), event(K.REFUSED, 0.1, reason="link down"))
    assert told.network is Network.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [("gone", "LINK_LOST"), ("exchange_restarted", "EXCHANGE_RESTARTED"), ("never_placed", "LINK_LOST")],
)
def test_what_recovery_could_not_find_is_unknown_and_counts(outcome: str, detail: str) -> None:
    told = facts(event(K.INTENT, 0), event(K.RECOVERED, 60, outcome=outcome))
    assert (told.network, told.network_detail) == (Network.UNKNOWN, detail)
    assert Network.UNKNOWN.counts_for_limits


def test_an_adopted_call_lives_on() -> None:
    told = facts(PLACED, ANSWERED, JOINED, event(K.RECOVERED, 30, outcome="adopted"), ended(60.05))
    assert (told.network, told.talk_ms) == (Network.ANSWERED, 50000)


def test_a_word_of_the_network_that_we_do_not_know_counts_as_unknown() -> None:
    assert facts(PLACED, ended(5, "TELEPATHY")).network is Network.UNKNOWN


def test_the_first_end_is_final() -> None:
    assert facts(PLACED, ended(5, "BUSY"), ended(6, "NO_ANSWER")).network is Network.BUSY


def test_the_agents_word_wins_over_the_detectors_which_is_kept() -> None:
    told = facts(
        event(K.ANSWERED, 10, detector="MACHINE"), JOINED, ended(60), event(K.DISPOSED, 61, disposition="sale")
    )
    assert (told.answered_by, told.answered_by_source) == (AnsweredBy.HUMAN, AnsweredBySource.AGENT)
    assert told.detector_said is AnsweredBy.MACHINE
    alone = facts(event(K.ANSWERED, 10, detector="MACHINE"), JOINED, ended(60))
    assert (alone.answered_by, alone.answered_by_source) == (AnsweredBy.MACHINE, AnsweredBySource.DETECTOR)
    assert facts(ANSWERED, JOINED, ended(60)).answered_by is AnsweredBy.UNKNOWN


def test_the_last_disposition_counts_and_an_opt_out_stays() -> None:
    told = facts(
        ANSWERED,
        event(K.OPT_OUT, 12),
        ended(60),
        event(K.DISPOSED, 61, disposition="refused"),
        event(K.DISPOSED, 99, disposition="sale"),
    )
    assert (told.disposition, told.opted_out) == ("sale", True)


def test_talk_is_added_up_over_a_lost_agent_and_a_second_join() -> None:
    told = facts(
        ANSWERED,
        JOINED,
        event(K.AGENT_LOST, 20.05, agent_id=7),
        event(K.JOINED, 25, agent_id=8),
        ended(30),
    )
    assert (told.talk_ms, told.agent_id, told.connect_delay_ms) == (15000, 8, 50)


def test_hold_is_from_each_lost_agent_to_the_next_join_or_the_end() -> None:
    lost = event(K.AGENT_LOST, 20.05, agent_id=7)
    back = event(K.JOINED, 25, agent_id=8)
    lost_again = event(K.AGENT_LOST, 40, agent_id=8)
    assert facts(ANSWERED, JOINED, lost, back, ended(30)).hold_ms == 4950
    assert facts(ANSWERED, JOINED, lost, back, lost_again, ended(42)).hold_ms == 6950
    assert facts(ANSWERED, JOINED, lost, ended(30)).hold_ms == 9950
    assert facts(ANSWERED, JOINED, ended(30)).hold_ms == 0


def test_handling_time_has_the_hold_in_it() -> None:
    told = facts(ANSWERED, JOINED, event(K.AGENT_LOST, 20, agent_id=7), event(K.JOINED, 25, agent_id=8), ended(30))
    assert aht((call(1, facts=told),), TODAY).value == 19.95  # all from the first join to the end


def test_lengths_come_from_the_monotonic_clock_of_one_run_even_when_the_machines_clock_jumps() -> None:
    answered = event(K.ANSWERED, 10, mono_s=100.0, run="r1")
    joined = event(K.JOINED, -3600, agent_id=7, mono_s=100.04, run="r1")
    told = facts(answered, joined, event(K.RECOVERED, 60, outcome="adopted"), ended(70, mono_s=3.0, run="r2"))
    assert (told.connect_delay_ms, told.routing) == (40, Routing.AGENT)
    assert told.talk_ms == 3670000


def test_script_steps_are_visits_with_their_answers_and_an_end_completes() -> None:
    told = facts(
        event(K.STEP, 11, step="hello"),
        event(K.STEP, 20, step="age"),
        event(K.STEP, 25, step="age", answer__age="42"),
        event(K.STEP, 30, step="bye", end=True),
        ended(60),
    )
    assert [(v.step, v.answers) for v in told.script_steps] == [("hello", ()), ("age", (("age", "42"),)), ("bye", ())]
    assert told.script_steps[1].at == NOON + timedelta(seconds=20)
    assert (told.script, told.script_end_step) == (ScriptOutcome.COMPLETED, "bye")


def test_a_script_left_with_permission_keeps_step_and_reason() -> None:
    told = facts(event(K.STEP, 11, step="hello"), event(K.LEFT_SCRIPT, 20, step="hello", reason="in a hurry"))
    assert (told.script, told.script_end_step, told.leave_reason) == (ScriptOutcome.LEFT, "hello", "in a hurry")


def test_a_script_neither_left_nor_completed_ended_at_its_last_step() -> None:
    told = facts(event(K.STEP, 11, step="hello"), event(K.STEP, 12, step="age"), ended(13))
    assert (told.script, told.script_end_step) == (ScriptOutcome.STARTED, "age")
    assert facts(ended(13)).script is ScriptOutcome.NOT_STARTED


def test_notes_and_the_reason_of_a_cancel_are_kept() -> None:
    told = facts(
        PLACED,
        event(K.CANCEL_ASKED, 3, reason="dnc"),
        ended(3.2, "CANCELLED", "US"),
        event(K.NOTE, 4, text="one"),
        event(K.NOTE, 5, text="two"),
    )
    assert (told.cancel_reason, told.note, told.network) == ("dnc", "one\ntwo", Network.CANCELLED)


def test_the_callback_time_is_that_of_the_last_disposition() -> None:
    asked = event(K.DISPOSED, 61, disposition="callback", callback_at="2026-11-23T15:00:00+00:00")
    assert callback_time([ANSWERED, asked]) == NOON + timedelta(days=2, hours=22)
    assert callback_time([asked, event(K.DISPOSED, 70, disposition="sale")]) is None
    with pytest.raises(ValueError, match="has no zone"):
        callback_time([event(K.DISPOSED, 61, disposition="callback", callback_at="2026-11-23T15:00:00")])


# Logs as the port permits them: an order of the line's own events, with the desk's events anywhere after the join.
LINE = (PLACED, RINGING, ANSWERED, MESSAGE, JOINED, event(K.AGENT_LOST, 20), event(K.OPT_OUT, 21), ended(60))
DESK = (
    event(K.STEP, 12, step="hello"),
    event(K.STEP, 13, step="bye", end=True),
    event(K.LEFT_SCRIPT, 14, step="hello", reason="no"),
    event(K.NOTE, 15, text="x"),
    event(K.DISPOSED, 61, disposition="machine"),
    event(K.DISPOSED, 62, disposition="sale"),
    event(K.WRAPPED_UP, 65),
)
LOGS = st.lists(st.sampled_from(LINE + DESK), max_size=14)


def numbered(log: list[AttemptEvent]) -> list[AttemptEvent]:
    return [replace(e, seq=n) for n, e in enumerate(log)]


@given(LOGS, st.randoms(use_true_random=False))
def test_a_numbered_log_gives_the_same_facts_in_any_order_and_with_repeats(
    log: list[AttemptEvent], random: Any
) -> None:
    straight = numbered(log)
    shuffled = straight * 2
    random.shuffle(shuffled)
    assert fold(shuffled, settings()) == fold(straight, settings())


@given(LOGS)
def test_an_event_told_twice_changes_nothing(log: list[AttemptEvent]) -> None:
    once = list(dict.fromkeys(log))
    assert fold([e for event_ in once for e in (event_, event_)], settings()) == fold(once, settings())


@given(LOGS, st.sampled_from(LINE + DESK))
def test_facts_of_any_log_are_consistent(log: list[AttemptEvent], later: AttemptEvent) -> None:
    told = fold(numbered(log), settings())
    answered = any(e.kind in (K.ANSWERED, K.SAFE_HARBOUR) for e in log)
    if answered and told.network is not None:
        assert told.network is Network.ANSWERED
        assert told.routing is not Routing.NOT_ROUTED
    if told.routing is Routing.AGENT:
        assert told.joined_at is not None
        assert told.connect_delay_ms is not None
        assert told.connect_delay_ms <= 2000
        longer = fold(numbered([*log, later]), settings())
        assert longer.routing in (Routing.AGENT, Routing.ABANDONED_NO_AGENT)
    assert told.talk_ms >= 0
    assert told.wrap_up_ms >= 0
    assert (told.script is ScriptOutcome.COMPLETED) == any(e.kind is K.STEP and ("end", True) in e.data for e in log)
    if any(e.kind is K.OPT_OUT for e in log):
        assert told.opted_out


LISTENED_TO = event(K.ANSWERED, 10, screening=True)
PERSON = event(K.SCREENED, 12.5, detector="HUMAN")
MACHINE = event(K.SCREENED, 12.5, detector="MACHINE")


def screened(*events: AttemptEvent) -> Facts:
    return fold(events, settings(clock_from=ClockFrom.GREETING))


def test_with_the_clock_at_the_greetings_end_delay_and_limit_count_from_the_verdict() -> None:
    told = screened(LISTENED_TO, PERSON, event(K.JOINED, 14.5, agent_id=7), ended(60))
    assert (told.connect_delay_ms, told.routing) == (2000, Routing.AGENT)
    late = screened(LISTENED_TO, PERSON, event(K.JOINED, 14.501, agent_id=7), ended(60))
    assert late.routing is Routing.ABANDONED_NO_AGENT


def test_with_the_clock_at_the_answer_a_verdict_moves_nothing() -> None:
    told = facts(LISTENED_TO, PERSON, event(K.JOINED, 12.6, agent_id=7), ended(60))
    assert (told.connect_delay_ms, told.routing) == (2600, Routing.ABANDONED_NO_AGENT)


@pytest.mark.parametrize(
    "verdict", [[], [event(K.SCREENED, 12.5, detector="HUMAN", late=True)]], ids=["never told", "told late"]
)
def test_without_a_verdict_to_count_from_the_wait_counts_from_the_answer(verdict: list[AttemptEvent]) -> None:
    told = screened(LISTENED_TO, *verdict, event(K.JOINED, 12.6, agent_id=7), ended(60))
    assert (told.connect_delay_ms, told.routing) == (2600, Routing.ABANDONED_NO_AGENT)


@pytest.mark.parametrize(
    ("end", "routing"),
    [
        (ended(14.5), Routing.HUNG_UP_EARLY),
        (ended(14.6), Routing.ABANDONED_NO_AGENT),
        (ended(13, by="US"), Routing.ABANDONED_SYSTEM),
    ],
)
def test_a_person_who_was_heard_and_never_joined(end: AttemptEvent, routing: Routing) -> None:
    assert screened(LISTENED_TO, PERSON, end).routing is routing


@pytest.mark.parametrize(
    ("end", "routing"),
    [
        (ended(13), Routing.HUNG_UP_EARLY),
        (ended(16), Routing.HUNG_UP_EARLY),
        (ended(16.1), Routing.ABANDONED_NO_AGENT),
        (ended(12, by="US"), Routing.ABANDONED_SYSTEM),
        (ended(12, "UNKNOWN", "UNKNOWN", detail="LINK_LOST"), Routing.ABANDONED_SYSTEM),
    ],
)
def test_a_customer_who_hangs_up_while_he_is_listened_to_hung_up_early(end: AttemptEvent, routing: Routing) -> None:
    assert screened(LISTENED_TO, end).routing is routing


def test_a_call_nobody_listened_to_has_the_connect_limit_even_with_the_clock_at_the_greeting() -> None:
    assert screened(ANSWERED, ended(13)).routing is Routing.ABANDONED_NO_AGENT


def test_a_machine_heard_is_routed_nowhere_and_no_abandonment() -> None:
    told = screened(LISTENED_TO, MACHINE, ended(12.6, by="US"))
    assert (told.network, told.routing) == (Network.ANSWERED, Routing.NOT_ROUTED)
    assert (told.answered_by, told.answered_by_source) == (AnsweredBy.MACHINE, AnsweredBySource.DETECTOR)
    assert fate_of(told) is Fate.HEARD_MACHINE


def test_a_person_heard_is_a_human_until_an_agent_says_otherwise() -> None:
    joined = (LISTENED_TO, PERSON, event(K.JOINED, 12.6, agent_id=7))
    live = screened(*joined)
    assert (live.answered_by, fate_of(live)) == (AnsweredBy.HUMAN, Fate.JOINED_HUMAN)
    told = screened(*joined, ended(20), event(K.DISPOSED, 21, disposition="machine"))
    assert (told.answered_by, told.answered_by_source) == (AnsweredBy.MACHINE, AnsweredBySource.AGENT)
    assert (told.detector_said, fate_of(told)) == (AnsweredBy.HUMAN, Fate.OUTSIDE)

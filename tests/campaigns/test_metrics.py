"""Is every figure counted as defined, and none where there is nothing to divide by?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics import (
    DEFINITIONS,
    AbandonmentCount,
    Call,
    Fate,
    Figure,
    Period,
    abandonment,
    abandonment_share,
    agent_call_rate,
    aht,
    aht_bands,
    attempts_count,
    average_call_length,
    budget,
    calls_behind,
    calls_of,
    connect_delay,
    count_abandonment,
    estimated_abandonment,
    fate_of,
    first_attempt_close,
    first_call_close,
    list_close_rate,
    list_health,
    not_sent_count,
    occupancy,
    penetration,
    refusals,
    seconds_by_state,
    share,
    talk_share,
    utilisation,
)
from campaigns.model import (
    STANDARD_DISPOSITIONS,
    AgentState,
    AnsweredBy,
    CloseReason,
    Disposition,
    Facts,
    Network,
    Routing,
    ScriptOutcome,
)
from tests.campaigns.call_builders import (
    AT,
    DAY,
    TODAY,
    Stretch,
    any_calls,
    any_facts,
    call,
    lead,
    script,
    spoken,
    stretches,
    unanswered,
)


def parts(figure: Figure) -> tuple[float | None, float | None]:
    return figure.numerator, figure.denominator


def test_a_figure_without_data_is_none_never_zero() -> None:
    figures = [share(name, (), TODAY) for name in DEFINITIONS]
    figures += [*refusals((), TODAY), first_call_close((), TODAY), first_attempt_close((), TODAY)]
    figures += [abandonment((), TODAY), average_call_length((), TODAY), aht((), TODAY), *connect_delay((), TODAY)]
    figures += [*aht_bands((), TODAY, low_s=20, high_s=600), *list_close_rate((), TODAY)]
    figures += [*penetration((), (), 0, TODAY), *list_health((), (), TODAY)]
    figures += [f((), TODAY, AT) for f in (occupancy, utilisation, talk_share)]
    figures.append(agent_call_rate((), (), TODAY, AT))
    assert [f.name for f in figures if f.value is not None] == []
    assert all(f.formula and f.zone == "America/New_York" for f in figures)
    assert attempts_count((), TODAY).value == 0


def test_hit_rate_counts_humans_over_everything_sent_and_not_what_was_blocked() -> None:
    calls = (
        call(1, "sale"),
        call(2, "machine", facts=spoken(answered_by=AnsweredBy.MACHINE)),
        call(3, facts=unanswered()),
        call(4, facts=unanswered(Network.NOT_ATTEMPTED)),
    )
    assert parts(share("hit_rate", calls, TODAY)) == (1, 3)
    assert parts(share("connect_rate", calls, TODAY)) == (2, 3)
    assert attempts_count(calls, TODAY).value == 3
    assert not_sent_count(calls, TODAY).value == 1


def test_figures_per_lead_count_a_lead_once_however_often_it_was_called() -> None:
    calls = (
        call(1, facts=unanswered(), person_id=1),
        call(2, "no_decision", person_id=1),
        call(3, "sale", person_id=1),
        call(4, facts=unanswered(), person_id=2),
    )
    assert parts(share("hit_rate_per_lead", calls, TODAY)) == (1, 2)
    assert parts(share("contact_rate", calls, TODAY)) == (1, 2)
    assert parts(share("sales_per_lead", calls, TODAY)) == (1, 2)
    assert parts(share("sales_per_contact", calls, TODAY)) == (1, 2)


def test_a_contact_with_the_wrong_party_is_no_right_party_contact() -> None:
    wife = Disposition(code="wife", label="Spoke to his wife", contact=True)
    calls = (replace(call(1, "not_available"), said=wife), call(2, "no_decision"))
    assert parts(share("contact_rate", calls, TODAY)) == (1, 2)
    assert parts(share("sales_per_contact", calls, TODAY)) == (0, 2)


def test_calls_of_other_days_are_in_no_figure() -> None:
    calls = (call(1, "sale"), call(2, "sale", report_date=DAY - timedelta(days=1)))
    assert parts(share("hit_rate", calls, TODAY)) == (1, 1)


def test_a_share_opens_the_calls_behind_it() -> None:
    calls = (call(1, "sale"), call(2, facts=unanswered()))
    behind = calls_behind("hit_rate", calls, TODAY)
    assert ([c.attempt.id for c in behind.counted], len(behind.among)) == (["a-1"], 2)


def test_first_call_close_looks_at_the_first_conversation_and_not_at_the_first_attempt() -> None:
    yesterday = DAY - timedelta(days=1)
    calls = (
        call(1, facts=unanswered(), person_id=1, report_date=yesterday),
        call(2, "sale", person_id=1, first_attempt=False),
        call(3, "no_decision", person_id=2, report_date=yesterday),
        call(4, "sale", person_id=2, first_attempt=False),
        call(5, "sale", person_id=3),
    )
    assert parts(first_call_close(calls, TODAY)) == (2, 3)
    assert parts(first_attempt_close(calls, TODAY)) == (1, 3)


def test_list_close_rate_never_holds_suppressed_leads_and_its_split_adds_up() -> None:
    reasons = [CloseReason.SALE, CloseReason.REFUSED, CloseReason.REFUSED, CloseReason.BAD_NUMBER]
    reasons += [CloseReason.EXHAUSTED, CloseReason.SUPPRESSED, CloseReason.INELIGIBLE]
    leads = [lead(n, reason=reason) for n, reason in enumerate(reasons)] + [lead(99)]
    rate, *split, suppressed = list_close_rate(leads, TODAY)
    assert parts(rate) == (5, 8)
    assert sum(f.numerator or 0 for f in split) == 5
    assert parts(suppressed) == (1, 8)


def test_completion_is_over_scripts_started() -> None:
    calls = (
        call(1, facts=spoken(**script(ScriptOutcome.COMPLETED, "hello", "bye"))),
        call(2, facts=spoken(**script(ScriptOutcome.LEFT, "hello"))),
        call(3, facts=spoken(**script(ScriptOutcome.STARTED, "hello"))),
        call(4, facts=spoken()),
    )
    assert parts(share("completion_rate", calls, TODAY)) == (1, 3)
    assert parts(share("left_with_permission", calls, TODAY)) == (1, 3)


def test_refusals_are_three_counts_apart_over_human_contacts() -> None:
    calls = (
        call(1, "refused"),
        call(2, "refused", facts=spoken(**script(ScriptOutcome.STARTED, "hello"))),
        call(3, "do_not_call", facts=spoken(**script(ScriptOutcome.LEFT, "offer"))),
        call(4, "refused", facts=spoken(**script(ScriptOutcome.COMPLETED, "bye"))),
        call(5, "sale", facts=spoken(**script(ScriptOutcome.COMPLETED, "bye"))),
        call(6, "not_available"),
    )
    assert [parts(f) for f in refusals(calls, TODAY)] == [(1, 5), (2, 5), (1, 5)]


def test_call_length_and_handling_time_with_their_band() -> None:
    calls = (
        call(1, "sale", facts=spoken(talk_s=10, wrap_up_ms=5000)),
        call(2, "refused", facts=spoken(talk_s=100, wrap_up_ms=20_000)),
        call(3, "machine", facts=spoken(talk_s=700, answered_by=AnsweredBy.MACHINE)),
    )
    assert parts(average_call_length(calls, TODAY)) == (110, 2)
    assert aht(calls, TODAY).value == pytest.approx((15 + 120 + 700) / 3)
    assert [parts(f) for f in aht_bands(calls, TODAY, low_s=20, high_s=600)] == [(1, 3), (1, 3), (1, 3)]
    assert [f.numerator for f in aht_bands(calls, TODAY, low_s=15, high_s=700)] == [0, 3, 0]


def test_connect_delay_percentiles_are_by_nearest_rank() -> None:
    delays = [*range(100, 2100, 100), 2001]
    calls = [call(n, facts=spoken(connect_delay_ms=delay)) for n, delay in enumerate(delays)]
    median, p95, longest, within = connect_delay(calls, TODAY)
    assert (median.value, p95.value, longest.value) == (1100, 2000, 2001)
    assert parts(within) == (20, 21)


@pytest.mark.parametrize(
    ("facts", "fate"),
    [
        (spoken(), Fate.JOINED_HUMAN),
        (spoken(answered_by=AnsweredBy.UNKNOWN), Fate.JOINED_UNKNOWN),
        (spoken(answered_by=AnsweredBy.MACHINE), Fate.OUTSIDE),
        (spoken(routing=Routing.ABANDONED_NO_AGENT), Fate.ABANDONED),
        (spoken(routing=Routing.ABANDONED_SYSTEM, answered_by=AnsweredBy.UNKNOWN), Fate.ABANDONED),
        (spoken(routing=Routing.ABANDONED_NO_AGENT, answered_by=AnsweredBy.MACHINE), Fate.OUTSIDE),
        (spoken(routing=Routing.HUNG_UP_EARLY, answered_by=AnsweredBy.UNKNOWN), Fate.HUNG_UP_EARLY),
        (spoken(routing=Routing.NOT_ROUTED, answered_by=AnsweredBy.MACHINE), Fate.HEARD_MACHINE),
        (spoken(routing=Routing.NOT_ROUTED, answered_by=AnsweredBy.FAX), Fate.HEARD_MACHINE),
        (unanswered(), Fate.OUTSIDE),
    ],
)
def test_each_call_has_one_place_in_the_abandonment_figure(facts: Facts, fate: Fate) -> None:
    assert fate_of(facts) is fate


def test_abandonment_shows_calls_without_a_verdict_and_early_hang_ups_apart() -> None:
    calls = (
        call(1, "sale"),
        call(2, facts=spoken(routing=Routing.ABANDONED_NO_AGENT, answered_by=AnsweredBy.UNKNOWN)),
        call(3, facts=spoken(answered_by=AnsweredBy.UNKNOWN)),
        call(4, facts=spoken(routing=Routing.HUNG_UP_EARLY, answered_by=AnsweredBy.UNKNOWN)),
    )
    assert parts(abandonment(calls, TODAY)) == (1, 2)
    assert count_abandonment(calls, TODAY) == AbandonmentCount(
        abandoned=1, joined_human=1, joined_unknown=1, hung_up_early=1
    )


def test_an_estimate_of_persons_taken_for_machines_stands_beside_the_plain_share_which_it_does_not_change() -> None:
    lost = call(1, facts=spoken(routing=Routing.ABANDONED_NO_AGENT, answered_by=AnsweredBy.UNKNOWN))
    machine = spoken(routing=Routing.NOT_ROUTED, answered_by=AnsweredBy.MACHINE)
    calls = (lost, *(call(n, "sale") for n in range(2, 100)), *(call(n, facts=machine) for n in range(100, 350)))
    assert parts(abandonment(calls, TODAY)) == (1, 99)
    assert parts(estimated_abandonment(calls, TODAY, 0.0)) == (1, 99)
    assert parts(estimated_abandonment(calls, TODAY, 0.008)) == (3, 101)  # exactly 2 of 250
    assert parts(estimated_abandonment(calls, TODAY, 0.0081)) == (4, 102)  # part of a person is a person
    assert parts(estimated_abandonment((), TODAY, 0.008)) == (0, 0)


@pytest.mark.parametrize(
    ("abandoned", "base", "left"),
    [(0, 0, 0), (0, 97, 3), (0, 96, 2), (3, 100, 0), (2, 100, 1), (9, 100, 0), (0, 1000, 30)],
)
def test_the_budget_in_calls(abandoned: int, base: int, left: int) -> None:
    assert budget(abandoned, base, 0.03) == left


@given(abandoned=st.integers(0, 200), joined=st.integers(0, 5000), cap=st.sampled_from([0.03, 0.01, 0.025, 0.005]))
def test_the_budget_is_the_largest_number_that_keeps_the_cap(abandoned: int, joined: int, cap: float) -> None:
    base = abandoned + joined
    left = budget(abandoned, base, cap)
    per_mille = round(cap * 1000)
    if left:
        assert (abandoned + left) * 1000 <= per_mille * (base + left)
    assert (abandoned + left + 1) * 1000 > per_mille * (base + left + 1)


def test_exactly_three_per_cent_is_allowed_and_is_not_over() -> None:
    assert abandonment_share(3, 97) == 0.03
    assert abandonment_share(0, 0) is None
    assert budget(3, 100, 0.03) == 0
    assert budget(2, 99, 0.03) == 1


@given(st.lists(st.tuples(st.integers(0, 4), any_facts()), max_size=20))
def test_a_count_kept_call_by_call_equals_a_count_made_anew(changes: list[tuple[int, Facts]]) -> None:
    kept, current = AbandonmentCount(), dict[int, Facts]()
    for number, facts in changes:
        kept = kept.moved(current.get(number), facts)
        current[number] = facts
    assert kept == count_abandonment([call(n, facts=f) for n, f in current.items()], TODAY)
    assert kept.moved(current.get(0), None) == count_abandonment(
        [call(n, facts=f) for n, f in current.items() if n], TODAY
    )


def test_occupancy_utilisation_and_talk_share_divide_by_different_times() -> None:
    spans = stretches(
        7,
        (AgentState.RINGING, 10),
        (AgentState.READY, 90),
        (AgentState.TALK, 200),
        (AgentState.WRAP_UP, 100),
        (AgentState.PAUSE, 500),
        (AgentState.SYSTEM, 100),
    )
    now = AT + timedelta(hours=2)
    assert parts(occupancy(spans, TODAY, now)) == (300, 390)
    assert parts(utilisation(spans, TODAY, now)) == (300, 1000)
    assert parts(talk_share(spans, TODAY, now)) == (200, 500)
    handled = (call(1, "sale"), call(2, facts=unanswered()))
    assert agent_call_rate(handled, spans, TODAY, now).value == pytest.approx(3.6)


def test_a_running_span_counts_up_to_now_and_only_inside_the_period() -> None:
    midnight = TODAY.ends_at
    spans = [
        Stretch(agent_id=7, state=AgentState.READY, began_at=TODAY.begins_at - timedelta(hours=1), ended_at=AT),
        Stretch(agent_id=7, state=AgentState.TALK, began_at=AT, ended_at=None),
    ]
    seconds = seconds_by_state(spans, TODAY, AT + timedelta(minutes=5))
    assert seconds[AgentState.TALK] == 300
    assert seconds[AgentState.READY] == (AT - TODAY.begins_at).total_seconds()
    late = seconds_by_state(spans, TODAY, midnight + timedelta(hours=5))
    assert late[AgentState.TALK] == (midnight - AT).total_seconds()


@given(
    st.lists(
        st.tuples(st.sampled_from([s for s in AgentState if s.logged_in]), st.integers(0, 7200)),
        min_size=1,
        max_size=30,
    )
)
def test_the_states_of_a_ledger_sum_exactly_to_the_time_it_covers(worked: list[tuple[AgentState, int]]) -> None:
    spans = stretches(7, *worked)
    assert all(a.ended_at == b.began_at for a, b in pairwise(spans))
    week = Period(first=DAY, last=DAY + timedelta(days=7), zone="UTC")
    seconds = seconds_by_state(spans, week, AT + timedelta(days=30))
    assert sum(seconds.values()) == sum(s for _, s in worked)


def test_a_day_with_a_change_of_the_clocks_has_23_or_25_hours() -> None:
    def hours(day: date) -> float:
        period = Period(first=day, last=day, zone="America/New_York")
        return (period.ends_at - period.begins_at).total_seconds() / 3600

    assert [hours(date(2026, 3, 8)), hours(date(2026, 11, 1)), hours(DAY)] == [23, 25, 24]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="turn them round"):
        Period(first=DAY, last=DAY - timedelta(days=1), zone="UTC")


def test_penetration_and_list_health() -> None:
    leads = [lead(1, reason=CloseReason.EXHAUSTED), lead(2), lead(3), lead(4, reason=CloseReason.BAD_NUMBER)]
    calls = [call(n, facts=unanswered(), person_id=1, number="+12125550101") for n in range(1, 4)]
    calls += [call(n, "sale", person_id=2, number="+12125550102") for n in range(9, 12)]
    attempted, numbers, each, exhausted = penetration(leads, calls, 5, TODAY)
    assert [parts(f) for f in (attempted, numbers, each, exhausted)] == [(2, 4), (2, 5), (6, 4), (1, 4)]
    bad, suppressed, silent = list_health(leads, calls, TODAY)
    assert [parts(f) for f in (bad, suppressed, silent)] == [(1, 4), (0, 4), (1, 2)]


def test_words_that_cannot_be_looked_up_are_an_error_and_not_a_wrong_figure() -> None:
    sets = {(1, 1): STANDARD_DISPOSITIONS}
    attempt = call(1, "sale").attempt
    assert calls_of([attempt], sets)[0].sale
    assert calls_of([replace(attempt, facts=Facts())], sets)[0].said is None
    with pytest.raises(ValueError, match="'gone' is not in set 1"):
        calls_of([replace(attempt, facts=replace(attempt.facts, disposition="gone"))], sets)
    with pytest.raises(KeyError):
        calls_of([attempt], {})


def test_the_connect_delay_says_from_where_it_was_counted() -> None:
    plain = connect_delay([call(1, "sale")], TODAY)
    assert "of answer seen to join begun" in plain[0].formula
    listened_to = connect_delay([call(1, "sale"), call(2, facts=spoken(detector_said=AnsweredBy.HUMAN))], TODAY)
    assert all("detection's verdict (answer seen where there was none in time)" in f.formula for f in listened_to)


@given(any_calls())
def test_every_share_equals_a_naive_recount(calls: tuple[Call, ...]) -> None:
    """Written down once more with plain loops over the raw rows, sharing nothing with the code under test."""
    rows = [(c.attempt, c.attempt.facts, c.said) for c in calls if c.attempt.report_date == DAY]
    sent = [r for r in rows if r[1].network is not Network.NOT_ATTEMPTED]
    human = [r for r in sent if r[1].network is Network.ANSWERED and r[1].answered_by is AnsweredBy.HUMAN]
    contacts = [r for r in rows if r[2] is not None and r[2].contact]
    started = [r for r in rows if r[1].script is not ScriptOutcome.NOT_STARTED]
    humans_spoken = [r for r in contacts if r[1].answered_by is AnsweredBy.HUMAN]
    refused = [r for r in humans_spoken if r[2] is not None and r[2].refusal]
    leads = {r[0].person_id for r in sent}
    heard = [r for r in rows if r[1].detector_said is not None]
    judged = [r for r in heard if r[1].joined_at is not None and r[2] is not None]
    expected = {
        "connect_rate": (sum(r[1].network is Network.ANSWERED for r in sent), len(sent)),
        "hit_rate": (len(human), len(sent)),
        "hit_rate_per_lead": (len({r[0].person_id for r in human}), len(leads)),
        "contact_rate": (len({r[0].person_id for r in contacts if r[2] and r[2].right_party}), len(leads)),
        "sales_per_contact": (sum(r[2] is not None and r[2].sale for r in rows), len(contacts)),
        "sales_per_lead": (len({r[0].person_id for r in rows if r[2] and r[2].sale}), len(leads)),
        "completion_rate": (sum(r[1].script is ScriptOutcome.COMPLETED for r in started), len(started)),
        "left_with_permission": (sum(r[1].script is ScriptOutcome.LEFT for r in started), len(started)),
        "refused_before_script": (sum(r[1].script is ScriptOutcome.NOT_STARTED for r in refused), len(humans_spoken)),
        "broke_off": (
            sum(r[1].script in (ScriptOutcome.STARTED, ScriptOutcome.LEFT) for r in refused),
            len(humans_spoken),
        ),
        "heard_it_all": (sum(r[1].script is ScriptOutcome.COMPLETED for r in refused), len(humans_spoken)),
        "machines_heard": (sum(r[1].detector_said is AnsweredBy.MACHINE for r in heard), len(heard)),
        "detection_unsure": (sum(r[1].detector_said is AnsweredBy.UNKNOWN for r in heard), len(heard)),
        "machines_passed": (sum(r[2] is not None and r[2].code == "machine" for r in judged), len(judged)),
    }
    assert {name: parts(share(name, calls, TODAY)) for name in DEFINITIONS} == expected


@given(any_calls())
def test_figures_agree_with_each_other(calls: tuple[Call, ...]) -> None:
    hit, connect = share("hit_rate", calls, TODAY), share("connect_rate", calls, TODAY)
    assert hit.denominator == connect.denominator == attempts_count(calls, TODAY).numerator
    assert (hit.numerator or 0) <= (connect.numerator or 0)
    before, broke, heard = refusals(calls, TODAY)
    refused = sum(1 for c in calls if c.refusal and c.attempt.report_date == DAY)
    assert (before.numerator or 0) + (broke.numerator or 0) + (heard.numerator or 0) == refused
    first, all_sales = parts(first_call_close(calls, TODAY))
    assert (first or 0) <= (all_sales or 0)
    for figure in (hit, connect, before, broke, heard):
        assert figure.value is None or 0 <= figure.value <= 1

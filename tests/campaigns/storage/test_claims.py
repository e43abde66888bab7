"""Are calls claimed once, judged in the same transaction, and written before anything is dialled?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from campaigns.dialable import Candidate, Gate, GateCode, PastCall, Verdict
from campaigns.model import AnsweredBy, CloseReason, EventKind, Facts, LeadState, Network, Routing, Scope
from campaigns.place import Address
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    TALKED,
    after,
    campaign_with,
    claim,
    claimed,
    closed_as,
    entry,
    imported,
    lead_row,
    no,
    number,
    phone,
    retry,
    yes,
)


def test_a_claim_writes_the_attempt_and_its_intent_before_it_returns(store: Store, url: str) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    other = Store.open(url)
    try:
        assert other.attempts.get(attempt.id) == attempt
        assert other.attempts.is_live(attempt.id)
        assert [(event.seq, event.kind) for event in other.attempts.events(attempt.id)] == [(1, EventKind.INTENT)]
    finally:
        other.close()


def test_a_claimed_lead_is_in_progress_and_not_due_again(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    state = store.queue.state(campaign.id, attempt.person_id)
    assert state is not None
    assert (state.state, state.ask_again_at) == (LeadState.IN_PROGRESS, None)
    assert store.queue.due(campaign.id, after(days=400), 10) == ()
    assert store.queue.next_due_at(campaign.id) is None


def test_no_more_are_claimed_than_wanted(store: Store) -> None:
    campaign = campaign_with(store, 10)
    assert len(claim(store, campaign, wanted=3).intents) == 3
    assert len(claim(store, campaign, wanted=30).intents) == 7
    assert claim(store, campaign, wanted=3).intents == ()


def test_no_more_are_judged_than_allowed(store: Store) -> None:
    campaign = campaign_with(store, 30)
    held = claim(store, campaign, judge=no(GateCode.CALLING_HOURS, after(hours=9)), look_at_most=12).held
    assert len(held) == 12


def test_leads_behind_many_held_ones_are_reached_in_one_claim(store: Store) -> None:
    campaign = campaign_with(store, 100)
    last = number(99)

    def only_the_last(candidate: Candidate) -> Verdict:
        judge = yes if candidate.contact_point.number == last else no(GateCode.CALLING_HOURS, after(hours=9))
        return judge(candidate)

    result = claim(store, campaign, judge=only_the_last)
    assert [attempt.number for attempt in result.intents] == [last]
    assert len(result.held) == 99


def test_no_more_are_claimed_than_wanted_after_held_ones(store: Store) -> None:
    campaign = campaign_with(store, 30)
    night = {number(n) for n in range(8)}

    def judge(candidate: Candidate) -> Verdict:
        asleep = candidate.contact_point.number in night
        return (no(GateCode.CALLING_HOURS, after(hours=9)) if asleep else yes)(candidate)

    result = claim(store, campaign, wanted=2, judge=judge)
    assert [attempt.number for attempt in result.intents] == [number(8), number(9)]
    assert len(result.held) == 8


def test_callbacks_come_first_then_retries_then_new_leads_in_the_order_of_the_list(store: Store) -> None:
    campaign = campaign_with(store, 5)
    first, second = claim(store, campaign, wanted=2).intents
    store.attempts.close(first.id, NO_ANSWER, retry(first, after(hours=1)), None, NOON)
    promised = retry(second, after(hours=2), state=LeadState.CALLBACK)
    store.attempts.close(second.id, TALKED, promised, None, NOON)
    due = [c.contact_point.number for c in store.queue.due(campaign.id, after(hours=3), 10)]
    assert due == [number(n) for n in (1, 0, 2, 3, 4)]


def test_a_claim_tells_who_promised_the_callback(store: Store) -> None:
    campaign = campaign_with(store, 2)
    agent = store.agents.add("Olena", "2001", NOON)
    first = claimed(store, campaign)
    promised = retry(first, after(hours=1), state=LeadState.CALLBACK, owner_agent_id=agent.id)
    store.attempts.close(first.id, TALKED, promised, None, NOON)
    result = claim(store, campaign, wanted=2, now=after(hours=1))
    assert [attempt.number for attempt in result.intents] == [number(0), number(1)]
    assert result.owners == (agent.id, None)


def test_a_lead_is_not_due_a_moment_before_his_time(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, after(hours=4)), None, NOON)
    assert store.queue.next_due_at(campaign.id) == after(hours=4)
    assert store.queue.due(campaign.id, after(hours=4, microseconds=-1), 10) == ()
    assert len(store.queue.due(campaign.id, after(hours=4), 10)) == 1


def test_the_judge_sees_what_is_known_of_the_number(store: Store) -> None:
    row = lead_row(timezone="Asia/Tokyo", country="US", region="HI", postal_code="96815")
    campaign = campaign_with(store, [row])
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, after(hours=1)), None, NOON)
    listed = store.suppressions.add(entry(number(0), scope=Scope.CAMPAIGN, value="another"))
    seen: list[Candidate] = []

    def judge(candidate: Candidate) -> Verdict:
        seen.append(candidate)
        return yes(candidate)

    claim(store, campaign, judge=judge, now=after(hours=1))
    (candidate,) = seen
    assert candidate.suppressions == (listed,)
    assert candidate.attempted_at == (NOON,)
    assert candidate.live_call is False
    assert candidate.lead_zone == "Asia/Tokyo"
    assert candidate.address == Address(country="US", region="HI", postal_code="96815")
    assert candidate.zones == ("America/New_York", "Asia/Tokyo", "Pacific/Honolulu")
    assert candidate.state.tries == 1


def test_calls_of_other_campaigns_count_and_calls_older_than_a_day_do_not(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    attempt = claimed(store, theirs)
    (seen,) = store.queue.due(ours.id, after(hours=23), 1)
    assert (seen.attempted_at, seen.live_call) == ((NOON,), True)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt), None, NOON)
    (seen,) = store.queue.due(ours.id, after(hours=24, seconds=1), 1)
    assert (seen.attempted_at, seen.live_call) == ((), False)


@pytest.mark.parametrize(
    ("facts", "outcomes", "remembered"),
    [
        (NO_ANSWER, set(), False),
        (replace(NO_ANSWER, network=Network.ANSWERED, routing=Routing.ABANDONED_NO_AGENT), {"abandoned"}, True),
        (replace(NO_ANSWER, network=Network.ANSWERED, routing=Routing.ABANDONED_SYSTEM), {"abandoned"}, True),
        (replace(NO_ANSWER, network=Network.ANSWERED, answered_by=AnsweredBy.MACHINE), {"machine"}, True),
        (replace(NO_ANSWER, network=Network.UNKNOWN), {"abandoned", "refusal", "conversation", "machine"}, True),
        (replace(TALKED, opted_out=True, disposition="callback"), {"refusal", "conversation"}, True),
        (replace(TALKED, disposition="refused"), {"refusal", "conversation"}, True),
        (replace(TALKED, disposition="do_not_call"), {"refusal", "conversation"}, True),
        (replace(TALKED, disposition="no_decision"), {"conversation"}, True),
        (replace(TALKED, disposition="wrong_number"), set(), True),
        (replace(TALKED, disposition="not_available"), set(), True),
        (replace(TALKED, disposition="machine", answered_by=AnsweredBy.MACHINE), {"machine"}, True),
        (TALKED, {"refusal", "conversation"}, True),  # nobody ever said how it ended
    ],
)
def test_calls_of_a_month_are_known_and_for_a_year_those_that_somebody_may_rest_after(
    store: Store, facts: Facts, outcomes: set[str], remembered: bool
) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    attempt = claimed(store, theirs)
    store.attempts.close(attempt.id, facts, retry(attempt), None, NOON)
    known = bool(facts.disposition) or facts == NO_ANSWER or outcomes in ({"abandoned"}, {"machine"})
    expected = PastCall(
        at=NOON,
        ended_at=facts.ended_at,
        outcomes=frozenset(outcomes),
        known=known,
        answered=facts.network is not Network.NO_ANSWER,
    )
    for later in (after(hours=1), after(days=31, seconds=-1)):
        (seen,) = store.queue.due(ours.id, later, 1)
        assert seen.past_calls == (expected,)
    for later, there in ((after(days=31), remembered), (after(days=366), remembered), (after(days=369), False)):
        (seen,) = store.queue.due(ours.id, later, 1)
        assert seen.past_calls == ((expected,) if there else ())


@pytest.mark.parametrize(
    ("facts", "rang", "answered"),
    [
        (replace(NO_ANSWER, network=Network.BUSY), False, False),
        (replace(NO_ANSWER, network=Network.INVALID_NUMBER), False, False),
        (replace(NO_ANSWER, network=Network.CONGESTION), False, False),
        (replace(NO_ANSWER, network=Network.BUSY, ringing_at=NOON), True, False),  # rang and was pressed away
        (replace(NO_ANSWER, network=Network.UNAVAILABLE), True, False),  # nobody knows
        (replace(NO_ANSWER, network=Network.CANCELLED), True, False),
        (replace(NO_ANSWER, network=Network.REJECTED), True, False),
        (NO_ANSWER, True, False),
        (replace(NO_ANSWER, network=Network.UNKNOWN), True, True),
        (TALKED, True, True),
    ],
)
def test_whether_a_call_rang_or_was_answered_is_told_and_what_nobody_knows_is_taken_for_it(
    store: Store, facts: Facts, rang: bool, answered: bool
) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    attempt = claimed(store, theirs)
    (running,) = store.queue.due(ours.id, after(minutes=1), 1)[0].past_calls
    assert (running.rang, running.answered) == (True, True)
    store.attempts.close(attempt.id, facts, retry(attempt), None, NOON)
    (call,) = store.queue.due(ours.id, after(hours=1), 1)[0].past_calls
    assert (call.rang, call.answered) == (rang, answered)


def test_a_call_is_not_settled_until_it_is_closed_or_the_agent_said_how_it_ended(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    attempt = claimed(store, theirs)

    def settled() -> bool:
        (seen,) = store.queue.due(ours.id, after(minutes=4), 1)
        (call,) = seen.past_calls
        return call.settled

    assert not settled(), "it rings"
    store.attempts.save_facts(attempt.id, TALKED, live=False)
    assert not settled(), "the agent writes it up"
    store.attempts.save_facts(attempt.id, replace(TALKED, disposition="refused"), live=False)
    assert settled()


def test_whose_call_it_was_is_told_by_the_settings_it_was_made_under(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    store.campaigns.save_settings(theirs.id, CampaignSettings(name="theirs", seller_name="Acme"), "anna", NOON)
    attempt = claimed(store, store.campaigns.get(theirs.id))
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt), None, NOON)
    store.campaigns.save_settings(theirs.id, CampaignSettings(name="theirs", seller_name="Other"), "anna", NOON)
    (seen,) = store.queue.due(ours.id, after(hours=5), 1)
    assert [call.seller for call in seen.past_calls] == ["Acme"]


def test_a_call_that_never_reached_a_trunk_does_not_count(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(
        attempt.id, replace(NO_ANSWER, network=Network.NOT_ATTEMPTED), retry(attempt, NOON, attempts=0), None, NOON
    )
    (seen,) = store.queue.due(campaign.id, after(minutes=1), 1)
    assert seen.attempted_at == ()
    assert claimed(store, campaign, now=after(minutes=1)).first_attempt


def test_only_a_persons_first_attempt_is_called_first(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    assert attempt.first_attempt
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, NOON), None, NOON)
    assert not claimed(store, campaign, now=after(minutes=1)).first_attempt


def test_two_persons_with_one_number_are_not_called_at_once(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    result = imported(store, [lead_row(line=2)], list_name="second list")
    store.campaigns.attach_list(ours.id, result.list_id, "anna", NOON)

    def judge(candidate: Candidate) -> Verdict:
        return no(GateCode.LIVE_CALL, after(minutes=1))(candidate) if candidate.live_call else yes(candidate)

    both = claim(store, ours, wanted=2, judge=judge)
    assert len(both.intents) == 1
    assert [(held.code, held.reason) for held in both.held] == [("LIVE_CALL", "held by the test")]


def test_a_second_live_call_on_a_number_is_refused_by_the_database_even_if_the_judge_allows_it(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    assert len(claim(store, ours).intents) == 1
    again = claim(store, theirs)
    assert again.intents == ()
    assert [(held.code, held.ask_again_at) for held in again.held] == [("LIVE_CALL", after(minutes=1))]
    assert len(store.attempts.live()) == 1


def test_a_number_is_free_once_its_call_has_ended_though_the_agent_still_wraps_up(store: Store) -> None:
    ours = campaign_with(store, name="ours")
    theirs = campaign_with(store, name="theirs")
    attempt = claimed(store, ours)
    store.attempts.save_facts(attempt.id, TALKED, live=False)
    assert len(claim(store, theirs).intents) == 1
    assert [open_one.id for open_one in store.attempts.open(ours.id)] == [attempt.id]


def test_an_attempt_id_used_twice_is_a_fault_and_nothing_is_claimed(store: Store) -> None:
    campaign = campaign_with(store, 2)
    with pytest.raises(IntegrityError):
        claim(store, campaign, wanted=2, new_id=lambda: "same-id")
    assert store.attempts.live() == ()
    assert len(store.queue.due(campaign.id, NOON, 10)) == 2


def test_a_judge_who_fails_leaves_everything_as_it_was(store: Store) -> None:
    campaign = campaign_with(store, 3)
    asked: list[Candidate] = []

    def judge(candidate: Candidate) -> Verdict:
        asked.append(candidate)
        if len(asked) == 3:
            raise RuntimeError("the judge fell ill")
        return yes(candidate)

    with pytest.raises(RuntimeError):
        claim(store, campaign, wanted=3, judge=judge)
    assert store.attempts.live() == ()
    assert len(store.queue.due(campaign.id, NOON, 10)) == 3


def test_a_held_lead_keeps_its_reason_and_comes_back_in_time(store: Store) -> None:
    campaign = campaign_with(store)
    claim(store, campaign, judge=no(GateCode.CALLING_HOURS, after(hours=9)))
    (held,) = store.queue.held(campaign.id)
    assert (held.hold_code, held.hold_reason, held.ask_again_at, held.state) == (
        "CALLING_HOURS",
        "held by the test",
        after(hours=9),
        LeadState.NEW,
    )
    assert store.queue.due(campaign.id, after(hours=8), 10) == ()
    assert len(claim(store, campaign, now=after(hours=9)).intents) == 1
    assert store.queue.held(campaign.id) == ()


@pytest.mark.parametrize(
    ("code", "reason"),
    [(GateCode.ATTEMPTS, CloseReason.EXHAUSTED), (GateCode.NUMBER, CloseReason.INELIGIBLE)],
)
def test_a_gate_that_never_opens_closes_the_lead(store: Store, code: GateCode, reason: CloseReason) -> None:
    campaign = campaign_with(store)
    claim(store, campaign, judge=no(code))
    (count,) = store.queue.counts(campaign.id)
    assert (count.state, count.close_reason, count.leads) == (LeadState.CLOSED, reason, 1)


def test_a_wrong_trunk_does_not_close_anybody(store: Store) -> None:
    campaign = campaign_with(store)
    (held,) = claim(store, campaign, judge=no(GateCode.PRACTICE)).held
    assert held.ask_again_at == after(hours=1)
    assert store.queue.counts(campaign.id)[0].state is LeadState.NEW


def test_a_wrong_trunk_does_not_close_anybody_whatever_else_is_wrong(store: Store) -> None:
    campaign = campaign_with(store)
    shut = tuple(Gate(code=code, passed=False, reason="wrong") for code in (GateCode.PRACTICE, GateCode.NUMBER))
    verdict = Verdict(dialable=False, gates=shut, hold=shut[0], ask_again_at=None)
    claim(store, campaign, judge=lambda _: verdict)
    assert store.queue.counts(campaign.id)[0].state is LeadState.NEW


def test_a_lead_listed_before_any_contact_is_closed_as_suppressed(store: Store) -> None:
    campaign = campaign_with(store)
    store.suppressions.add(entry(number(0)))
    claim(store, campaign, judge=no(GateCode.DO_NOT_CALL))
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SUPPRESSED


def test_a_lead_listed_after_a_talk_is_closed_as_refused(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, TALKED, retry(attempt, NOON), None, NOON)
    store.suppressions.add(entry(number(0)))
    claim(store, campaign, judge=no(GateCode.DO_NOT_CALL), now=after(minutes=1))
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.REFUSED


def test_when_one_number_is_barred_another_of_the_same_person_is_called(store: Store) -> None:
    campaign = campaign_with(store, [lead_row(contact_points=(phone(number(0)), phone(number(7))))])
    store.suppressions.add(entry(number(0)))

    def judge(candidate: Candidate) -> Verdict:
        return no(GateCode.DO_NOT_CALL)(candidate) if candidate.suppressions else yes(candidate)

    assert claimed(store, campaign, judge=judge).number == number(7)


def test_when_all_numbers_are_barred_the_lead_is_closed(store: Store) -> None:
    campaign = campaign_with(store, [lead_row(contact_points=(phone(number(0)), phone(number(7))))])
    for n in (0, 7):
        store.suppressions.add(entry(number(n)))
    claim(store, campaign, judge=no(GateCode.DO_NOT_CALL))
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SUPPRESSED


def test_the_same_lead_can_be_called_by_two_campaigns_one_after_the_other(store: Store) -> None:
    result = imported(store)
    first = campaign_with(store, [lead_row(5)], name="first")
    store.campaigns.attach_list(first.id, result.list_id, "anna", NOON)
    second = campaign_with(store, [lead_row(6)], name="second")
    store.campaigns.attach_list(second.id, result.list_id, "anna", NOON)
    mine = next(a for a in claim(store, first, wanted=2).intents if a.number == number(0))
    store.attempts.close(mine.id, TALKED, closed_as(mine, CloseReason.SALE), None, NOON)
    assert number(0) in [a.number for a in claim(store, second, wanted=2, now=after(minutes=1)).intents]

"""Does an attempt end once, with its lead moved and its do-not-call wish in force in the same commit?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from campaigns.metrics import AbandonmentCount
from campaigns.model import (
    AnsweredBy,
    AnsweredBySource,
    AttemptEvent,
    CloseReason,
    EventKind,
    Facts,
    LeadState,
    Network,
    Routing,
    ScriptOutcome,
    ScriptVisit,
)
from campaigns.storage import Store, StoreRefused
from campaigns.storage.values import CallbackStatus, DayCounters
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
    number,
    retry,
)


def every_fact(agent_id: int) -> Facts:
    """Facts in which nothing has its usual value."""
    return Facts(
        network=Network.ANSWERED,
        network_detail="MEDIA_LOST",
        sip_code=200,
        q850=44,
        ended_by="FAR_END",
        ringing_at=after(seconds=1),
        answered_at=after(seconds=5, microseconds=1),
        joined_at=after(seconds=5, microseconds=40_001),
        ended_at=after(minutes=3),
        ring_ms=4000,
        connect_delay_ms=40,
        talk_ms=175_000,
        hold_ms=1200,
        wrap_up_ms=9000,
        answered_by=AnsweredBy.HUMAN,
        answered_by_source=AnsweredBySource.AGENT,
        detector_said=AnsweredBy.MACHINE,
        routing=Routing.AGENT,
        agent_id=agent_id,
        script=ScriptOutcome.LEFT,
        script_steps=(
            ScriptVisit(step="greeting", at=after(seconds=6)),
            ScriptVisit(step="offer", at=after(seconds=30), answers=(("budget", "1 000"), ("budget", "again"))),
        ),
        script_end_step="offer",
        leave_reason="angry",
        disposition="no_decision",
        note="call the brother",
        cancel_reason="none",
        opted_out=True,
    )


def test_every_fact_comes_back_as_it_was_stored(store: Store) -> None:
    campaign = campaign_with(store)
    agent = store.agents.add("Olena", "2001", NOON)
    attempt = claimed(store, campaign)
    facts = every_fact(agent.id)
    store.attempts.close(attempt.id, facts, retry(attempt), None, after(minutes=4))
    assert store.attempts.get(attempt.id) == replace(attempt, facts=facts, closed=True)


def test_instants_come_back_aware_and_in_utc(store: Store) -> None:
    campaign = campaign_with(store)
    claimed(store, campaign)
    (attempt,) = store.attempts.live()
    assert attempt.created_at.tzinfo is UTC
    assert attempt.created_at == NOON


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"naive|timezone|aware"):
        store.agents.add("Olena", "2001", datetime(2026, 1, 1))  # noqa: DTZ001


def test_closing_moves_the_lead_and_frees_the_number(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    move = retry(attempt, after(hours=5), tries=3, attempts=4)
    store.attempts.close(attempt.id, NO_ANSWER, move, None, NOON)
    state = store.queue.state(campaign.id, attempt.person_id)
    assert state is not None
    assert (state.state, state.ask_again_at, state.tries, state.attempts) == (LeadState.RETRY, after(hours=5), 3, 4)
    assert store.attempts.live() == store.attempts.open() == ()


def test_a_second_close_is_refused_and_changes_nothing(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, TALKED, closed_as(attempt, CloseReason.SALE), None, NOON)
    before = store.attempts.get(attempt.id)
    with pytest.raises(StoreRefused, match="final"):
        store.attempts.close(attempt.id, NO_ANSWER, retry(attempt), entry(number(0)), NOON)
    assert store.attempts.get(attempt.id) == before
    assert store.suppressions.count() == 0
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SALE


def test_facts_of_a_closed_attempt_cannot_be_saved_over(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt), None, NOON)
    with pytest.raises(StoreRefused, match="final"):
        store.attempts.save_facts(attempt.id, TALKED, live=True)
    assert store.attempts.live() == ()


def test_an_unknown_call_cannot_be_closed(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    with pytest.raises(StoreRefused, match="no call"):
        store.attempts.close("never-seen", NO_ANSWER, retry(attempt), None, NOON)


def test_a_running_call_cannot_be_closed(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    with pytest.raises(StoreRefused, match="still running"):
        store.attempts.close(attempt.id, Facts(), retry(attempt), None, NOON)


@pytest.mark.parametrize(
    "changes",
    [
        {"ask_again_at": None},
        {"state": LeadState.CLOSED, "ask_again_at": None},
        {"state": LeadState.CLOSED, "close_reason": CloseReason.SALE},
        {"state": LeadState.IN_PROGRESS, "ask_again_at": None},
    ],
)
def test_a_move_that_would_lose_the_lead_is_refused(store: Store, changes: dict[str, Any]) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    move = replace(retry(attempt), **changes)
    with pytest.raises(StoreRefused, match="lost"):
        store.attempts.close(attempt.id, NO_ANSWER, move, None, NOON)
    assert [open_one.id for open_one in store.attempts.open()] == [attempt.id]


def test_a_do_not_call_wish_is_in_force_with_the_close(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    move = closed_as(attempt, CloseReason.REFUSED, suppress=True)
    store.attempts.close(attempt.id, TALKED, move, entry(number(0), attempt_id=attempt.id), NOON)
    (listed,) = store.suppressions.matching(number(0))
    assert listed.attempt_id == attempt.id


def test_a_do_not_call_wish_without_an_entry_is_refused(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    with pytest.raises(StoreRefused, match="do-not-call"):
        store.attempts.close(attempt.id, TALKED, closed_as(attempt, CloseReason.REFUSED, suppress=True), None, NOON)
    assert len(store.attempts.open()) == 1


def test_events_are_numbered_within_their_attempt_and_keep_their_data_in_order(store: Store) -> None:
    campaign = campaign_with(store, 2)
    one, two = claim(store, campaign, wanted=2).intents
    data = (("b", 1), ("a", None), ("text", "7 ч"), ("share", 0.25), ("yes", True))
    store.attempts.append(
        [
            AttemptEvent(attempt_id=one.id, kind=EventKind.RINGING, at=after(seconds=1), data=data),
            AttemptEvent(attempt_id=two.id, kind=EventKind.RINGING, at=after(seconds=1)),
            AttemptEvent(attempt_id=one.id, kind=EventKind.ANSWERED, at=after(seconds=2)),
        ]
    )
    events = store.attempts.events(one.id)
    assert [(e.seq, e.kind) for e in events] == [
        (1, EventKind.INTENT),
        (2, EventKind.RINGING),
        (3, EventKind.ANSWERED),
    ]
    assert events[1].data == data
    assert events[1].at == after(seconds=1)
    assert [e.seq for e in store.attempts.events(two.id)] == [1, 2]


def test_one_bad_event_keeps_the_whole_group_out(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    good = AttemptEvent(attempt_id=attempt.id, kind=EventKind.RINGING, at=NOON)
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.attempts.append([good, replace(good, attempt_id="never-seen")])
    assert [e.kind for e in store.attempts.events(attempt.id)] == [EventKind.INTENT]


def test_a_callback_is_written_down_and_settled_by_the_talk_it_led_to(store: Store) -> None:
    campaign = campaign_with(store)
    agent = store.agents.add("Olena", "2001", NOON)
    first = claimed(store, campaign)
    promised = retry(first, after(hours=2), state=LeadState.CALLBACK, owner_agent_id=agent.id)
    store.attempts.close(first.id, replace(TALKED, agent_id=agent.id, note="after lunch"), promised, None, NOON)
    (callback,) = store.callbacks.pending(campaign.id)
    assert (callback.at, callback.owner_agent_id, callback.note, callback.attempt_id) == (
        after(hours=2),
        agent.id,
        "after lunch",
        first.id,
    )
    second = claimed(store, campaign, now=after(hours=2))
    store.attempts.close(second.id, TALKED, closed_as(second, CloseReason.SALE), None, after(hours=3))
    (settled,) = store.callbacks.promised_for(campaign.id, after(hours=2), after(hours=3))
    assert store.callbacks.promised_for(campaign.id, NOON, after(hours=2)) == ()
    assert (settled.status, settled.kept_by_attempt_id) == (CallbackStatus.KEPT, second.id)


def test_an_unanswered_call_leaves_the_promise_open(store: Store) -> None:
    campaign = campaign_with(store)
    first = claimed(store, campaign)
    store.attempts.close(first.id, TALKED, retry(first, after(hours=2), state=LeadState.CALLBACK), None, NOON)
    second = claimed(store, campaign, now=after(hours=2))
    store.attempts.close(second.id, NO_ANSWER, retry(second, after(hours=3)), None, after(hours=2))
    assert len(store.callbacks.pending(campaign.id)) == 1
    assert store.callbacks.pending(campaign.id, until=after(hours=1)) == ()


def test_a_cancelled_callback_is_an_ordinary_retry(store: Store) -> None:
    campaign = campaign_with(store)
    first = claimed(store, campaign)
    store.attempts.close(first.id, TALKED, retry(first, after(hours=2), state=LeadState.CALLBACK), None, NOON)
    (callback,) = store.callbacks.pending()
    store.callbacks.cancel(callback.id, "anna", after(hours=1))
    state = store.queue.state(campaign.id, first.person_id)
    assert state is not None
    assert (state.state, state.ask_again_at) == (LeadState.RETRY, after(hours=2))
    with pytest.raises(StoreRefused, match="no pending"):
        store.callbacks.cancel(callback.id, "anna", after(hours=1))


def test_a_late_disposition_is_set_once_and_moves_the_lead(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, TALKED, retry(attempt, after(hours=24)), None, NOON)
    assert [a.id for a in store.attempts.without_disposition(campaign.id)] == [attempt.id]
    sold = replace(TALKED, disposition="sale")
    sale = closed_as(attempt, CloseReason.SALE)
    assert store.attempts.dispose(attempt.id, sold, sale, None, after(hours=1))
    assert store.attempts.without_disposition(campaign.id) == ()
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SALE
    with pytest.raises(StoreRefused, match="final"):
        store.attempts.dispose(attempt.id, replace(sold, disposition="refused"), sale, None, after(hours=1))


def test_a_late_disposition_does_not_move_a_lead_who_was_called_again(store: Store) -> None:
    campaign = campaign_with(store)
    first = claimed(store, campaign)
    store.attempts.close(first.id, TALKED, retry(first, after(hours=24)), None, NOON)
    claimed(store, campaign, now=after(hours=24))
    facts = replace(TALKED, disposition="do_not_call")
    move = closed_as(first, CloseReason.REFUSED, suppress=True)
    assert not store.attempts.dispose(first.id, facts, move, entry(number(0)), after(hours=25))
    state = store.queue.state(campaign.id, first.person_id)
    assert state is not None
    assert state.state is LeadState.IN_PROGRESS
    assert len(store.suppressions.matching(number(0))) == 1


def test_an_open_call_takes_no_late_disposition(store: Store) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    with pytest.raises(StoreRefused, match="not closed"):
        store.attempts.dispose(
            attempt.id, replace(TALKED, disposition="sale"), closed_as(attempt, CloseReason.SALE), None, NOON
        )


def test_attempts_are_read_by_report_date_in_the_order_they_were_made(store: Store) -> None:
    campaign = campaign_with(store, 3)
    made = [claimed(store, campaign, now=after(days=day), report_date=after(days=day).date()) for day in (0, 1, 2)]
    found = list(store.attempts.attempts(campaign.id, date(2026, 11, 22), date(2026, 11, 23)))
    assert [a.id for a in found] == [a.id for a in made[1:]]
    assert [a.id for a in store.attempts.by_number(number(0))] == [made[0].id]


def test_counters_are_judged_by_the_rules_of_the_metrics(store: Store) -> None:
    campaign = campaign_with(store, 9)
    abandoned = Facts(network=Network.ANSWERED, answered_at=NOON, routing=Routing.ABANDONED_NO_AGENT)
    outcomes = [
        TALKED,
        replace(TALKED, answered_by=AnsweredBy.UNKNOWN),
        abandoned,
        replace(abandoned, answered_by=AnsweredBy.MACHINE),
        replace(NO_ANSWER, network=Network.NOT_ATTEMPTED),
        replace(abandoned, routing=Routing.HUNG_UP_EARLY),
        Facts(network=Network.UNKNOWN),
        replace(abandoned, routing=Routing.NOT_ROUTED, answered_by=AnsweredBy.MACHINE),
    ]
    *ended, talking = claim(store, campaign, wanted=9).intents
    for attempt, facts in zip(ended, outcomes, strict=True):
        store.attempts.close(attempt.id, facts, retry(attempt), None, NOON)
    store.attempts.save_facts(talking.id, replace(TALKED, answered_by=AnsweredBy.UNKNOWN), live=False)
    (day,) = store.attempts.counters(campaign.id, NOON.date())
    assert day == DayCounters(
        campaign_id=campaign.id,
        report_date=NOON.date(),
        attempts=8,
        answered=7,
        human=1,
        abandoned=1,
        joined_human=1,
        joined_unknown=2,
        hung_up_early=1,
        unknown=1,
        heard_machine=1,
    )
    (closed,) = store.attempts.counters(campaign.id, NOON.date(), closed_only=True)
    assert (closed.attempts, closed.answered, closed.joined_unknown) == (7, 6, 1)
    assert closed.abandonment == AbandonmentCount(
        abandoned=1, joined_human=1, joined_unknown=1, hung_up_early=1, unknown=1, heard_machine=1
    )
    assert store.attempts.counters(campaign.id, after(days=1).date()) == ()

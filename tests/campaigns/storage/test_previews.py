"""Does a lead lie on one desk only, and is it dialled, skipped or given back whole?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.dialable import Candidate, GateCode
from campaigns.model import CloseReason, DiallingState, EventKind, LeadState, Preview, PreviewEnd
from campaigns.storage import Store, StoreRefused
from campaigns.storage.claims import Judge, Terms
from campaigns.storage.previews import Dialled, Offer
from campaigns.storage.values import Agent, Campaign
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    TALKED,
    after,
    campaign_with,
    claim,
    claimed,
    entry,
    imported,
    lead_row,
    new_id,
    no,
    number,
    phone,
    retry,
    yes,
)


def agent(store: Store, digits: str = "1001") -> Agent:
    return store.agents.add(number=digits, name=f"Agent {digits}", pin_hash="", now=NOON)


def look(store: Store, campaign: Campaign, who: Agent, judge: Judge = yes, **changes: Any) -> Offer:
    usual: dict[str, Any] = {
        "now": NOON,
        "agent_id": who.id,
        "limit": timedelta(seconds=60),
        "words": "on the desk of Anna",
        "his": lambda _: True,
    }
    return store.previews.offer(campaign.id, judge, **usual | changes)


def offered(store: Store, campaign: Campaign, who: Agent, **changes: Any) -> Preview:
    preview = look(store, campaign, who, **changes).preview
    assert preview is not None
    return preview


def dial(store: Store, campaign: Campaign, preview: Preview, judge: Judge = yes) -> Dialled:
    terms = Terms(
        campaign_id=campaign.id,
        trunk="carrier",
        settings_version=campaign.settings_version,
        script_version=None,
        disposition_set=campaign.disposition_set,
        report_date=NOON.date(),
        now=NOON,
    )
    return store.previews.dial(preview.id, judge, terms, new_id)


def state_of(store: Store, preview: Preview) -> DiallingState:
    state = store.queue.state(preview.campaign_id, preview.person_id)
    assert state is not None
    return state


def test_a_lead_on_a_desk_is_offered_and_claimed_by_nobody_else(store: Store) -> None:
    campaign = campaign_with(store, 2)
    first, second = agent(store), agent(store, "1002")
    mine, his = offered(store, campaign, first), offered(store, campaign, second)
    assert (mine.number, his.number) == (number(0), number(1))
    assert look(store, campaign, first).preview is None
    assert claim(store, campaign).intents == ()
    assert {p.id for p in store.previews.on_desks(campaign.id)} == {mine.id, his.id}
    state = state_of(store, mine)
    assert (state.state, state.hold_code, state.hold_reason) == (LeadState.NEW, "PREVIEW", "on the desk of Anna")


def test_dialling_writes_the_attempt_with_its_intent_and_clears_the_desk(store: Store) -> None:
    campaign = campaign_with(store)
    preview = offered(store, campaign, agent(store))
    attempt = dial(store, campaign, preview).attempt
    assert attempt is not None
    assert store.attempts.get(attempt.id) == attempt
    assert [e.kind for e in store.attempts.events(attempt.id)] == [EventKind.INTENT]
    state = state_of(store, preview)
    assert (state.state, state.ask_again_at, state.hold_code) == (LeadState.IN_PROGRESS, None, "")
    (kept,) = store.previews.of_person(preview.person_id)
    assert (kept.end, kept.attempt_id, kept.ended_at) == (PreviewEnd.DIALLED, attempt.id, NOON)
    assert store.previews.on_desks(campaign.id) == ()


def test_a_lead_that_may_not_be_dialled_any_more_is_not_and_waits_as_before(store: Store) -> None:
    campaign = campaign_with(store)
    preview = offered(store, campaign, agent(store))
    result = dial(store, campaign, preview, judge=no(GateCode.CALLING_HOURS, after(hours=9)))
    assert (result.attempt, result.why_not) == (None, "CALLING_HOURS: held by the test")
    assert state_of(store, preview).ask_again_at == preview.was_due_at
    assert store.previews.of_person(preview.person_id)[0].end is PreviewEnd.HELD
    assert store.attempts.open() == ()


def test_the_lead_is_judged_as_it_was_before_it_came_onto_the_desk(store: Store) -> None:
    campaign = campaign_with(store)
    earlier = claimed(store, campaign)
    store.attempts.close(earlier.id, NO_ANSWER, retry(earlier, after(hours=1)), None, NOON)
    preview = offered(store, campaign, agent(store), now=after(hours=2))
    seen: list[Candidate] = []

    def notes(candidate: Candidate) -> Any:
        seen.append(candidate)
        return yes(candidate)

    assert dial(store, campaign, preview, judge=notes).attempt is not None
    assert (seen[0].state.state, seen[0].state.ask_again_at) == (LeadState.RETRY, after(hours=1))


def test_a_number_that_another_campaign_calls_meanwhile_is_not_called_twice(store: Store) -> None:
    campaign = campaign_with(store)
    other = campaign_with(store, 1, name="winter sale")
    preview = offered(store, campaign, agent(store))
    assert len(claim(store, other).intents) == 1
    result = dial(store, campaign, preview)
    assert (result.attempt, result.why_not) == (None, "a call on this number is running")


def test_a_number_on_a_desk_lies_on_no_second_desk_for_another_campaign(store: Store) -> None:
    campaign = campaign_with(store)
    other = campaign_with(store, 1, name="winter sale")
    offered(store, campaign, agent(store))
    assert look(store, other, agent(store, "1002")).preview is None
    (held,) = store.queue.held(other.id)
    assert (held.hold_code, held.hold_reason) == ("PREVIEW", "on another agent's desk")
    assert held.ask_again_at == after(seconds=60)


def test_a_skipped_lead_rests_and_says_why(store: Store) -> None:
    campaign = campaign_with(store)
    who = agent(store)
    preview = offered(store, campaign, who)
    store.previews.skip(preview.id, "wrong time", NOON, until=after(hours=4), words="skipped by Anna: wrong time")
    state = state_of(store, preview)
    assert (state.state, state.ask_again_at) == (LeadState.NEW, after(hours=4))
    assert (state.hold_code, state.hold_reason) == ("PREVIEW", "skipped by Anna: wrong time")
    (kept,) = store.previews.of_person(preview.person_id)
    assert (kept.end, kept.reason, kept.agent_id, kept.by_limit) == (PreviewEnd.SKIPPED, "wrong time", who.id, False)
    assert look(store, campaign, who, now=after(hours=3.9)).preview is None
    assert offered(store, campaign, who, now=after(hours=4)).number == preview.number
    assert store.previews.skips(campaign.id, NOON) == (("wrong time", 1),)


def test_a_released_lead_is_the_first_again(store: Store) -> None:
    campaign = campaign_with(store, 3)
    who = agent(store)
    preview = offered(store, campaign, who)
    store.previews.release(preview.id, "the agent paused", NOON)
    store.previews.release(preview.id, "twice is once", NOON)
    assert state_of(store, preview).hold_code == ""
    assert store.previews.of_person(preview.person_id)[0].reason == "the agent paused"
    assert offered(store, campaign, who).number == preview.number


def test_after_a_restart_no_lead_lies_on_a_desk(store: Store) -> None:
    campaign = campaign_with(store, 3)
    before = [offered(store, campaign, agent(store, f"100{n}")) for n in range(3)]
    assert store.previews.release_all("the service was started again", NOON) == 3
    assert store.previews.release_all("the service was started again", NOON) == 0
    assert [c.contact_point.number for c in store.queue.due(campaign.id, NOON, 10)] == [p.number for p in before]


def test_a_lead_that_nobody_gives_back_falls_due_by_itself(store: Store) -> None:
    campaign = campaign_with(store)
    offered(store, campaign, agent(store))
    assert store.queue.due(campaign.id, after(seconds=119), 10) == ()
    assert len(store.queue.due(campaign.id, after(seconds=121), 10)) == 1


@pytest.mark.parametrize("how", ["release", "skip"])
def test_what_moved_the_lead_meanwhile_is_not_undone(store: Store, how: str) -> None:
    campaign = campaign_with(store)
    earlier = claimed(store, campaign)
    store.attempts.close(earlier.id, TALKED, retry(earlier, after(minutes=1)), None, NOON)
    preview = offered(store, campaign, agent(store), now=after(hours=1))
    promised = replace(TALKED, disposition="callback")  # the outcome of the earlier call comes late
    move = retry(earlier, after(days=1), state=LeadState.CALLBACK)
    store.attempts.dispose(earlier.id, promised, move, None, after(hours=1))
    if how == "release":
        store.previews.release(preview.id, "the agent paused", after(hours=1))
    else:
        store.previews.skip(preview.id, "wrong time", after(hours=1), until=after(hours=5), words="skipped")
    state = state_of(store, preview)
    assert (state.state, state.ask_again_at, state.hold_code) == (LeadState.CALLBACK, after(days=1), "")


def test_held_leads_get_their_reason_and_the_next_is_offered(store: Store) -> None:
    campaign = campaign_with(store, 3)
    store.suppressions.add(entry(number(0)))

    def listed(candidate: Candidate) -> Any:
        return (no(GateCode.DO_NOT_CALL) if candidate.suppressions else yes)(candidate)

    found = look(store, campaign, agent(store), judge=listed)
    assert found.preview is not None
    assert (found.preview.number, found.looked) == (number(1), 2)
    listed_one = next(p for p in store.leads.persons_with_number(number(0)))
    state = store.queue.state(campaign.id, listed_one)
    assert state is not None
    assert (state.state, state.close_reason) == (LeadState.CLOSED, CloseReason.SUPPRESSED)


def test_another_number_of_the_person_is_offered_when_the_first_is_barred(store: Store) -> None:
    campaign = campaign_with(store, [lead_row(0, contact_points=(phone(number(0)), phone(number(9))))])
    store.suppressions.add(entry(number(0)))

    def listed(candidate: Candidate) -> Any:
        return (no(GateCode.DO_NOT_CALL) if candidate.suppressions else yes)(candidate)

    assert offered(store, campaign, agent(store), judge=listed).number == number(9)


def test_the_number_that_the_agent_saw_is_dialled_whatever_is_next_to_be_called_by_now(store: Store) -> None:
    campaign = campaign_with(store, [lead_row(0, contact_points=(phone(number(0)), phone(number(9))))])
    earlier = claimed(store, campaign)
    store.attempts.close(earlier.id, TALKED, retry(earlier, after(minutes=1)), None, NOON)
    preview = offered(store, campaign, agent(store), now=after(hours=1))
    other = next(p for p in store.leads.contact_point_ids(preview.person_id) if p != preview.contact_point_id)
    move = retry(earlier, after(minutes=30), contact_point_id=other)
    wrong = replace(TALKED, disposition="wrong_number")
    store.attempts.dispose(earlier.id, wrong, move, None, after(hours=1))
    attempt = dial(store, campaign, preview).attempt
    assert attempt is not None
    assert attempt.number == preview.number == number(0)


def test_leads_of_others_are_left_to_them(store: Store) -> None:
    campaign = campaign_with(store, 2)
    first = store.queue.due(campaign.id, NOON, 1)[0].state.person_id
    preview = offered(store, campaign, agent(store), his=lambda s: s.person_id != first)
    assert preview.number == number(1)
    assert store.queue.held(campaign.id, 10)[0].person_id != first


def test_an_undone_import_takes_its_leads_from_the_desks(store: Store) -> None:
    campaign = campaign_with(store, 1)
    batch = imported(store, [lead_row(7)], list_name="list of spring sale")
    preview = offered(store, campaign, agent(store))
    other = offered(store, campaign, agent(store, "1002"))
    assert batch.batch_id is not None
    store.leads.undo_batch(batch.batch_id, "anna", NOON)
    assert [p.id for p in store.previews.on_desks(campaign.id)] == [preview.id]
    with pytest.raises(StoreRefused, match="on no desk any more"):
        dial(store, campaign, other)

"""When the database fails or an outcome comes late: is nothing dialled blindly and nothing lost?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.model import AgentState, CloseReason, DialMode, LeadState
from campaigns.storage.errors import StoreUnavailable
from dialer.learning import CallMissed, CallOffered, observe
from dialer.pacing import Learned
from dialer.prediction.recent import Recent
from dialer.refusal import Refused
from telephony.simulator import SimulatedTelephony
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre, changed


@contextmanager
def failing_database(office: CallCentre) -> Iterator[None]:
    """Every statement fails, as with a full disk."""
    database = office.store._db

    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("The disk is full.")

    execute, transaction = database.execute, database.transaction
    database.execute = database.transaction = fail  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        database.execute, database.transaction = execute, transaction  # type: ignore[method-assign]


def test_nothing_is_dialled_while_the_database_fails_and_dialling_resumes_after(centre: Furnish) -> None:
    office = centre(leads=5, agents=2, otherwise=changed(RINGS_ON, refuse_after_s=1.0))
    office.open()
    office.until(lambda: office.placed() == 2)
    with failing_database(office):
        office.clock.advance(60.0)
        assert office.placed() == 2
    office.until(lambda: office.placed() > 2)
    assert all(a.facts.network is not None for a in office.attempts() if a.closed)


def test_a_conversation_survives_a_failing_database_and_its_outcome_is_stored_afterwards(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, answer_after_s=5.0, talk_s=20.0))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(1.0)
    with failing_database(office):
        office.until(office.talking)
        office.engine.desk_dispose("1001", "sale")
        office.clock.advance(40.0)
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.disposition == "sale"
    assert office.lead_state(office.numbers[0]).close_reason is CloseReason.SALE
    spans = office.store.agents.spans(1, NOON, office.clock.now())
    assert AgentState.TALK in {s.state for s in spans}


def test_a_fault_of_ours_in_one_campaign_holds_that_one_until_it_is_started_again(
    centre: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = centre(leads=2)
    office.open_agents()
    with monkeypatch.context() as patched:
        patched.setattr("dialer.placing.judge", lambda *_: 1 / 0)
        office.engine.campaign_start(CAMPAIGN, "test")
        office.clock.advance(5.0)
    office.clock.advance(5.0)
    assert office.placed() == 0
    assert "a fault of the dialer" in office.engine.board()["campaigns"][0]["pace"]
    office.engine.campaign_pause(CAMPAIGN, "test")
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: office.placed() == 1)


def test_an_outcome_given_after_the_wrap_up_limit_still_closes_the_lead_and_is_counted(centre: Furnish) -> None:
    office = centre(leads=1, wrap_up_limit_s=5)
    office.open()
    office.until(office.talking)
    office.until(lambda: office.state_of() == "READY")
    assert "wrap-up limit is over" in office.engine.desk_view("1001")["message"]
    assert office.engine.desk_dispose("1001", "sale") == "sale: stored for your last call."
    assert office.lead_state(office.numbers[0]).close_reason is CloseReason.SALE
    row = office.engine.board()["campaigns"][0]
    assert (row["today"]["sales"], row["today"]["attempts"], row["hit_rate"]["numerator"]) == (1, 1, 1)
    with pytest.raises(Refused, match="You have no call now"):
        office.engine.desk_dispose("1001", "refused")


def test_asked_late_not_to_be_called_is_in_force_at_once(centre: Furnish) -> None:
    office = centre(leads=1, wrap_up_limit_s=5)
    office.open()
    office.until(office.talking)
    office.until(lambda: office.state_of() == "READY")
    office.engine.desk_dispose("1001", "do_not_call")
    assert office.store.suppressions.matching(office.numbers[0])[0].actor == "1001"


def test_a_callback_goes_to_the_agent_who_promised_it_when_he_is_free(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    office.until(lambda: office.talking("1001") or office.talking("1002"))
    owner = "1001" if office.talking("1001") else "1002"
    office.engine.desk_dispose(owner, "callback", office.clock.now() + timedelta(minutes=30))
    office.until(lambda: office.state_of(owner) == "READY")
    assert office.lead_state(office.numbers[0]).state is LeadState.CALLBACK
    office.until(lambda: office.talking(owner), limit_s=2400.0)


def test_what_pacing_learned_survives_a_restart(centre: Furnish) -> None:
    office = centre(leads=2, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    office.until(office.talking)
    office.until(lambda: office.state_of() == "WRAP_UP")
    learned = office.engine._live.learned.of(office.campaign.id)
    office.engine.close()
    office.restart()
    again = office.engine._live.learned.of(office.campaign.id)
    assert (again.answering, again.freeing) == (learned.answering, learned.freeing)
    assert again.rate.habit == learned.rate.habit != Learned().of(office.campaign.id).rate.habit


def test_a_restart_knows_whom_the_last_half_hour_lost_and_how_many_answer_now(centre: Furnish) -> None:
    office = centre(leads=8, otherwise=changed(TALKS, talk_s=5.0), mode=DialMode.PREDICTIVE)
    office.open()
    office.clock.advance(300.0)
    before = office.engine._live.learned.of(office.campaign.id)
    office.engine.close()
    office.restart()
    again = office.engine._live.learned.of(office.campaign.id)
    assert len(again.recent.marks) == len(before.recent.marks) >= 5
    assert again.rate.at_s is not None
    assert again.rate.mean == pytest.approx(before.rate.mean, abs=0.02)


def with_winter(office: CallCentre) -> int:
    """Another campaign on the same trunk, made while nobody has learned anything."""
    winter = office.store.campaigns.create(office.settings(name="Winter"), "test", NOON)
    agent = office.store.agents.find("1001")
    assert agent is not None
    office.store.campaigns.attach_agent(winter.id, agent.id, "test", NOON)
    office.import_numbers("+12125550190", campaign=winter, list_="winter")
    office.engine.settings_changed("Winter")
    office.engine.agents_changed()
    return winter.id


def teach(office: CallCentre, campaign_id: int, calls: int) -> None:
    """So many people answered it, and as many did not."""
    live = office.engine._live
    for n in range(calls):
        at_s = live.clock.monotonic() + n
        offered = CallOffered(campaign_id=campaign_id, placed_s=at_s - 9, at_s=at_s, ring_s=7.0)
        missed = CallMissed(campaign_id=campaign_id, placed_s=at_s - 20, at_s=at_s, ring_s=18.0)
        live.learned = observe(observe(live.learned, offered), missed)


def test_a_campaign_made_before_similar_ones_knew_anything_is_lent_it_when_it_starts(centre: Furnish) -> None:
    office = centre(leads=0)
    winter = with_winter(office)
    teach(office, office.campaign.id, 50)
    live = office.engine._live
    assert live.learned.of(winter).answering.calls == 0
    office.engine.campaign_start("Winter", "test")
    lent = live.learned.of(winter)
    assert (lent.answering.calls, lent.taught) == (100, False)
    assert lent.rate.habit == pytest.approx(live.learned.of(office.campaign.id).rate.habit)
    office.engine.campaign_pause("Winter", "test")
    teach(office, office.campaign.id, 50)
    office.engine.campaign_start("Winter", "test")
    assert live.learned.of(winter).answering.calls == 200, "lent anew, not once more on top"


def test_a_restart_lends_to_a_campaign_whose_ignorance_was_stored(centre: Furnish) -> None:
    office = centre(leads=0)
    winter = with_winter(office)
    office.clock.advance(120.0)
    teach(office, office.campaign.id, 50)
    office.engine.close()
    assert office.store.campaigns.learned(winter) is not None
    office.restart()
    lent = office.engine._live.learned.of(winter)
    assert (lent.answering.calls, lent.taught) == (100, False)


def test_what_calls_of_its_own_taught_a_campaign_is_never_overwritten(centre: Furnish) -> None:
    office = centre(leads=0)
    winter = with_winter(office)
    teach(office, office.campaign.id, 50)
    teach(office, winter, 1)
    known = office.engine._live.learned.of(winter)
    office.engine.settings_changed("Winter")
    office.engine.campaign_start("Winter", "test")
    assert office.engine._live.learned.of(winter) is known
    office.engine.close()
    office.restart()
    again = office.engine._live.learned.of(winter)
    assert (again.answering, again.taught) == (known.answering, True)


def test_whom_the_half_hour_lost_stays_known_to_a_campaign_that_is_lent_the_rest(centre: Furnish) -> None:
    office = centre(leads=0)
    winter, live = with_winter(office), office.engine._live
    lost = Recent().noted(live.clock.monotonic(), 2, 9, 3)
    live.learned = live.learned.with_(winter, replace(live.learned.of(winter), recent=lost))
    teach(office, office.campaign.id, 50)
    office.engine.campaign_start("Winter", "test")
    lent = live.learned.of(winter)
    assert (lent.answering.calls, lent.recent) == (100, lost)


def test_what_pacing_learned_survives_a_crash_but_for_the_last_minute(centre: Furnish) -> None:
    office = centre(leads=2, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    office.until(office.talking)
    office.clock.advance(120.0)
    office.kill_engine()
    office.restart()
    assert office.engine._live.learned.of(office.campaign.id).answering.landed.total >= 1


def test_a_start_while_the_database_fails_is_finished_when_it_can_be_read_again(centre: Furnish) -> None:
    office = centre(leads=2, agents=2, otherwise=changed(TALKS, answer_after_s=4.0, talk_s=200.0))
    office.open()
    office.until(lambda: office.talking("1001") and office.talking("1002"))
    office.clock.advance(1.0)
    office.kill_engine()
    listed = type(office.telephony).list_calls

    def with_a_full_disk(telephony: SimulatedTelephony, prefix: str, request: str) -> None:
        listed(telephony, prefix, request)
        broken.enter_context(failing_database(office))

    with ExitStack() as broken, pytest.MonkeyPatch.context() as patched:
        patched.setattr(SimulatedTelephony, "list_calls", with_a_full_disk)
        office.restart()
        office.clock.advance(5.0)
        assert not office.engine._live.recovered
    office.until(lambda: office.talking("1001") and office.talking("1002"), limit_s=10.0)
    assert office.placed() == 2

"""After a crash or a lost exchange: is nothing dialled twice, nothing lost, and unknown shown as unknown?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from campaigns.model import EventKind, LeadState, Network, Routing
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, RINGS_ON, TALKS, CallCentre, changed

LONG_TALK = changed(TALKS, talk_s=300.0)


def _board(office: CallCentre) -> dict[str, object]:
    row: dict[str, object] = office.engine.board()["campaigns"][0]
    return row


def test_a_conversation_is_adopted_with_its_agent_and_its_outcome_recorded_once(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=LONG_TALK)
    office.open()
    office.until(office.talking)
    office.engine.desk_step("1001", "offer", {})
    office.clock.advance(1.0)
    office.kill_engine()
    office.clock.advance(20.0)
    office.restart()
    office.until(office.talking, limit_s=2.0)
    assert office.engine.desk_view("1001")["script"]["step"] == "offer"
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.attempt().closed, limit_s=400.0)
    assert office.placed() == 1
    assert office.attempt().facts.routing is Routing.AGENT


def test_a_ringing_call_is_adopted_and_not_placed_again(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, answer_after_s=15.0))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(2.0)
    office.kill_engine()
    office.restart()
    office.until(office.talking)
    assert office.placed() == 1


def test_a_call_that_ended_unseen_is_unknown_counts_and_rests_for_a_day(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON, ring_timeout_s=15)
    office.open()
    office.until(lambda: office.placed() == 1)
    office.kill_engine()
    office.clock.advance(60.0)
    office.restart()
    office.clock.advance(1.0)
    attempt = office.attempt()
    assert (attempt.facts.network, attempt.facts.network_detail) == (Network.UNKNOWN, "LINK_LOST")
    lead = office.lead_state(office.numbers[0])
    assert (lead.state, lead.attempts) == (LeadState.RETRY, 1)
    assert lead.ask_again_at is not None
    assert lead.ask_again_at >= office.clock.now() + timedelta(hours=23, minutes=59)


def test_an_adopted_call_teaches_pacing_nothing_as_nobody_knows_how_long_it_rang(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON)
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(2.0)
    office.kill_engine()
    office.restart()
    office.until(lambda: office.attempt().closed, limit_s=60.0)
    assert office.attempt().facts.network is Network.NO_ANSWER
    assert office.engine._live.learned.of(office.campaign.id).answering.calls == 0


def test_an_attempt_written_but_never_placed_is_unknown_and_not_placed_later(centre: Furnish) -> None:
    office = centre(leads=1)
    office.world.place = lambda _call: office.clock.call_later(0, lambda: None)  # type: ignore[assignment,method-assign]
    office.open()
    office.clock.advance(1.0)
    office.kill_engine()
    del office.world.place
    office.restart()
    office.clock.advance(60.0)
    assert office.placed() == 0
    assert office.attempt().facts.network is Network.UNKNOWN


def test_the_agents_of_before_are_adopted_without_ringing_their_phones_again(centre: Furnish) -> None:
    office = centre(leads=0, agents=2)
    office.open_agents()
    legs = set(office.world.legs)
    office.engine.agent_pause("1002", "lunch")
    office.kill_engine()
    office.restart()
    office.clock.advance(1.0)
    assert set(office.world.legs) == legs
    assert (office.state_of("1001"), office.state_of("1002")) == ("READY", "PAUSE")


def test_an_agent_whose_line_died_meanwhile_is_called_back(centre: Furnish) -> None:
    office = centre(leads=0)
    office.open_agents()
    office.kill_engine()
    office.world.hang_up_phone("1001")
    office.clock.advance(1.0)
    office.restart()
    office.until(lambda: office.state_of() == "READY", limit_s=10.0)


def test_a_stranger_with_our_prefix_is_hung_up_and_a_foreign_channel_left_alone(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=LONG_TALK)
    office.open()
    office.until(office.talking)
    attempt = office.attempt()
    office.kill_engine()
    strangers = (f"{office.store.prefix}-c-stranger", "other-pbx-1")
    for call_id, number in zip(strangers, ("+12125550150", "+12125550151"), strict=True):
        call = office.world.lines[attempt.id].call
        office.world.place(replace(call, id=call_id, number=number, safe_harbour_ms=90_000))
    office.clock.advance(10.0)
    office.restart()
    office.clock.advance(1.0)
    assert set(office.world.lines) == {attempt.id, "other-pbx-1"}


def test_a_dead_exchange_closes_its_calls_as_lost_calls_agents_back_and_resumes_without_a_burst(
    centre: Furnish,
) -> None:
    office = centre(leads=40, agents=5, otherwise=LONG_TALK, attempts_per_second=5.0)
    office.open()
    office.until(lambda: all(office.talking(a) for a in office.agents))
    office.telephony.crash(down_s=5.0)
    office.clock.advance(4.0)
    assert all(office.state_of(a) != "READY" for a in office.agents)
    placed = office.placed()
    office.until(lambda: office.placed() > placed, limit_s=120.0)
    after = [office.placed() - placed]
    for _ in range(3):
        office.clock.advance(1.0)
        after.append(office.placed() - placed)
    assert max(b - a for a, b in pairwise(after)) <= 6
    lost = [a for a in office.attempts() if a.facts.network_detail == "EXCHANGE_RESTARTED"]
    assert len(lost) == 5
    assert {a.facts.network for a in lost} == {Network.ANSWERED}
    assert max(office.placed(n) for n in office.numbers) == 1


def test_a_lost_link_places_nothing_and_what_happened_meanwhile_is_told_afterwards(centre: Furnish) -> None:
    office = centre(leads=3, otherwise=changed(TALKS, talk_s=10.0))
    office.open()
    office.until(office.talking)
    office.telephony.cut_link()
    placed = office.placed()
    office.clock.advance(60.0)
    assert office.placed() == placed
    assert "cannot be reached" in str(_board(office)["pace"])
    office.telephony.restore_link()
    office.until(lambda: office.placed() > placed, limit_s=120.0)
    assert len({a.number for a in office.attempts()}) == len(office.attempts())


def test_a_trunk_that_is_down_holds_the_campaign_and_says_so(centre: Furnish) -> None:
    office = centre(leads=3)
    office.telephony.fail_trunk("practice")
    office.clock.advance(1.0)
    office.open()
    office.clock.advance(30.0)
    assert office.placed() == 0
    assert "trunk practice is down" in str(_board(office)["pace"])
    office.telephony.restore_trunk("practice")
    office.until(lambda: office.placed() > 0)


def test_a_trunk_that_refuses_our_account_is_suspended_until_somebody_mends_it(centre: Furnish) -> None:
    office = centre(leads=5, otherwise=changed(RINGS_ON, refuse_after_s=0.2, refuse_code=403))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.clock.advance(120.0)
    assert office.placed() == 1
    office.kill_engine()
    office.restart()
    office.clock.advance(120.0)
    assert office.placed() == 1
    assert "account refused" in str(_board(office)["pace"])


def test_the_figures_of_the_board_are_the_same_after_a_restart(centre: Furnish) -> None:
    office = centre(leads=6, agents=2, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    for _ in range(3):
        office.until(lambda: office.state_of() == "WRAP_UP")
        office.engine.desk_dispose("1001", "sale")
    office.clock.advance(120.0)
    before = _board(office)
    office.kill_engine()
    office.restart()
    office.clock.advance(5.0)
    after = _board(office)
    assert {k: after[k] for k in ("today", "hit_rate", "abandon_today", "abandon_30d", "budget", "leads")} == {
        k: before[k] for k in ("today", "hit_rate", "abandon_today", "abandon_30d", "budget", "leads")
    }


def test_every_attempt_tells_its_story_in_its_log(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.attempt().closed)
    kinds = [e.kind for e in office.store.attempts.events(office.attempt().id)]
    story = [EventKind.RINGING, EventKind.ANSWERED, EventKind.JOINED, EventKind.DISPOSED, EventKind.ENDED]
    assert [k for k in kinds if k in story] == story


def test_a_running_campaign_goes_on_after_a_restart(centre: Furnish) -> None:
    office = centre(leads=4, otherwise=changed(TALKS, talk_s=5.0))
    office.open()
    office.until(lambda: office.placed() == 1)
    office.kill_engine()
    office.restart()
    office.until(lambda: office.placed() == 2)
    assert _board(office)["state"] == "RUNNING"
    assert _board(office)["name"] == CAMPAIGN

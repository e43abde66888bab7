"""A do-not-call entry comes at some moment of a call's life: is there no later call, whatever the moment was?

Each time the house opens again three weeks later, which is longer than any callback, retry or wrap-up here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from campaigns.model import CampaignState, CloseReason, LeadState, Network, Suppression
from telephony.callee import Callee
from tests.dialer.conftest import Furnish
from tests.dialer.floor import BUSY, RINGS_ON, TALKS, CallCentre, changed
from tests.dialer.test_limits import OTHER, add_campaign

WEEK = timedelta(days=7)


def _state_is(state: str) -> Callable[[CallCentre], bool]:
    return lambda office: office.state_of() == state


def _stage_is(stage: str) -> Callable[[CallCentre], bool]:
    return lambda office: [call.stage.value for call in office.engine._live.calls.values()] == [stage]


def _lead_is(state: LeadState) -> Callable[[CallCentre], bool]:
    return lambda office: office.lead_state(office.numbers[0]).state is state


def _always(_office: CallCentre) -> bool:
    return True


def _nothing(_office: CallCentre) -> None:
    pass


def _promises_a_callback(office: CallCentre) -> None:
    office.until(office.talking)
    office.engine.desk_dispose("1001", "callback", office.clock.now() + 2 * WEEK, "in two weeks")


def _logs_off(office: CallCentre) -> None:
    office.until(office.talking)
    office.engine.agent_logout("1001")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """How a call is brought to a state, and how often its number may have been dialled until then."""

    reached: Callable[[CallCentre], bool]
    before: Callable[[CallCentre], None] = _nothing
    callee: Callee = TALKS
    placed: int = 1
    hung_up: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


MOMENTS = {
    "queued, while nobody is logged in": Moment(reached=_always, placed=0),
    "on an agent's desk as a preview": Moment(
        reached=_state_is("PREVIEW"), placed=0, settings={"mode": "preview", "preview_limit_s": 600}
    ),
    "dialled, not ringing yet": Moment(
        reached=_stage_is("dialling"), callee=changed(RINGS_ON, ring_after_s=20.0), hung_up=True
    ),
    "ringing": Moment(reached=_stage_is("ringing"), callee=RINGS_ON, hung_up=True),
    "in conversation": Moment(reached=_state_is("TALK")),
    "in wrap-up": Moment(reached=_state_is("WRAP_UP"), settings={"wrap_up_limit_s": 30}),
    "waiting for its outcome, the agent has left": Moment(
        before=_logs_off, reached=_state_is("LOGGED_OUT"), settings={"wrap_up_limit_s": 30}
    ),
    "busy before, to be tried again": Moment(reached=_lead_is(LeadState.RETRY), callee=BUSY),
    "promised a callback in two weeks": Moment(before=_promises_a_callback, reached=_lead_is(LeadState.CALLBACK)),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_number_listed_at_any_moment_of_its_call_is_never_called_later(centre: Furnish, moment: Moment) -> None:
    office = centre(leads=1, otherwise=moment.callee, **moment.settings)
    if moment.reached is not _always:
        office.open()
    moment.before(office)
    office.until(lambda: moment.reached(office))
    assert office.placed() == moment.placed
    _list(office)
    if moment.hung_up:
        office.clock.advance(1.0)
        facts = office.attempt().facts
        assert (facts.network, facts.cancel_reason) == (Network.CANCELLED, "dnc")
    _play_on(office)
    assert office.placed() == moment.placed
    state = office.lead_state(office.numbers[0])
    assert state.state is LeadState.CLOSED
    assert state.close_reason in (CloseReason.SUPPRESSED, CloseReason.REFUSED)


@pytest.mark.parametrize("moment", ["ringing", "in conversation", "in wrap-up"])
def test_a_number_listed_during_one_campaigns_call_is_dialled_by_no_other(centre: Furnish, moment: str) -> None:
    office = centre(leads=1, otherwise=MOMENTS[moment].callee, **MOMENTS[moment].settings)
    add_campaign(office)
    office.open()
    office.engine.campaign_start(OTHER, "test")
    office.until(lambda: MOMENTS[moment].reached(office))
    _list(office)
    _play_on(office)
    assert office.placed() == 1
    other = office.store.campaigns.by_name(OTHER)
    assert other is not None
    for campaign in (office.campaign, other):
        assert [count.state for count in office.store.queue.counts(campaign.id)] == [LeadState.CLOSED]


def test_an_outcome_given_afterwards_does_not_take_the_number_off_the_list(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    _list(office)
    office.engine.desk_dispose("1001", "callback", office.clock.now() + timedelta(hours=2), "call me later")
    office.until(lambda: office.state_of() == "READY")
    _play_on(office)
    assert office.placed() == 1
    assert [entry.reason for entry in office.store.suppressions.matching(office.numbers[0])] == ["asked by letter"]


def _play_on(office: CallCentre) -> None:
    """What was begun ends; then the house is shut for three weeks, and opens again with everybody at work."""
    office.clock.advance(180.0)
    office.kill_engine()
    office.clock.advance(3 * WEEK.total_seconds())
    office.restart()
    if office.state_of() == "LOGGED_OUT":
        office.open_agents()
    if office.store.campaigns.get(office.campaign.id).state is not CampaignState.RUNNING:
        office.engine.campaign_start("spring", "test")
    office.clock.advance(120.0)
    assert office.state_of() == "READY"


def _list(office: CallCentre) -> None:
    now = office.clock.now()
    entry = Suppression(
        number=office.numbers[0], reason="asked by letter", source="manager", actor="anna", added_at=now
    )
    office.engine.number_suppressed(office.store.suppressions.add(entry))

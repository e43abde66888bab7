"""Are a day's records read as they were meant: who answered, who was there, and when nothing was dialled?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, AnsweredBy, Attempt, Facts, Network, Routing
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Span
from dialer.rehearsal.people import Shift
from dialer.rehearsal.recorded_day import RecordedDay, recorded_day
from dialer.rehearsal.recorded_people import Met, recorded_call

NINE = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def attempt(begins_s: float = 0.0, **facts: Any) -> Attempt:
    known: dict[str, Any] = {"network": Network.NO_ANSWER, "ended_at": at(begins_s + 22)} | facts
    return Attempt(
        id=f"call-{begins_s:g}",
        campaign_id=1,
        person_id=1,
        contact_point_id=1,
        list_id=1,
        number="+12025550100",
        trunk="practice",
        settings_version=1,
        script_version=None,
        disposition_set=1,
        created_at=at(begins_s),
        report_date=NINE.date(),
        first_attempt=True,
        facts=Facts(**known),
    )


ANSWERED: dict[str, Any] = {"network": Network.ANSWERED, "ringing_at": at(2), "answered_at": at(10), "ended_at": at(75)}
JOINED: dict[str, Any] = {
    **ANSWERED,
    "joined_at": at(12),
    "connect_delay_ms": 500,
    "talk_ms": 60_000,
    "hold_ms": 3_000,
    "wrap_up_ms": 9_000,
    "routing": Routing.AGENT,
    "answered_by": AnsweredBy.HUMAN,
}


def test_a_joined_call_has_every_length_of_its_records() -> None:
    call = recorded_call(attempt(**JOINED), 0.0, detects=True)
    assert call == (0.0, Met.PERSON, 2.0, 10.0, 1.5, 63.0, 9.0)
    plain = recorded_call(attempt(**JOINED), 0.0, detects=False)
    assert plain is not None
    assert plain.heard_s == 0.0


@pytest.mark.parametrize(
    ("facts", "detects", "met"),
    [
        (JOINED | {"answered_by": AnsweredBy.MACHINE}, True, Met.OTHER),
        (JOINED | {"answered_by": AnsweredBy.UNKNOWN}, False, Met.OTHER),
        (ANSWERED | {"answered_by": AnsweredBy.MACHINE}, True, Met.MACHINE),
        (ANSWERED | {"routing": Routing.HUNG_UP_EARLY}, True, Met.MACHINE),
        (ANSWERED | {"routing": Routing.HUNG_UP_EARLY}, False, Met.LOST),
        (ANSWERED | {"routing": Routing.ABANDONED_NO_AGENT}, True, Met.LOST),
        ({"network": Network.BUSY}, True, Met.BUSY),
        ({"network": Network.CONGESTION}, True, Met.FAILED),
        ({"network": Network.NO_PROGRESS}, True, Met.NOBODY),
        ({"network": Network.CANCELLED}, True, Met.CANCELLED),
    ],
)
def test_what_a_call_met_is_told_by_its_facts(facts: dict[str, Any], detects: bool, met: Met) -> None:
    call = recorded_call(attempt(**facts), 0.0, detects=detects)
    assert call is not None
    assert call.met is met


@pytest.mark.parametrize("network", [None, Network.NOT_ATTEMPTED, Network.UNKNOWN])
def test_a_call_that_was_never_sent_or_was_lost_from_sight_tells_nothing(network: Network | None) -> None:
    assert recorded_call(attempt(network=network), 0.0, detects=True) is None


def span(agent: int, state: AgentState, from_s: float, to_s: float | None, campaign: int | None = 1) -> Span:
    ends = None if to_s is None else at(to_s)
    return Span(
        id=agent, agent_id=agent, campaign_id=campaign, state=state, pause_code="", began_at=at(from_s), ended_at=ends
    )


def day(*spans: Span, calls: tuple[float, ...] = (0.0, 1000.0, 3600.0)) -> RecordedDay:
    return recorded_day(
        [attempt(begins_s) for begins_s in calls],
        spans,
        campaign_id=1,
        settings=CampaignSettings(name="a"),
        trunk=None,
        before=AbandonmentCount(),
    )


def test_a_shift_begins_when_the_phone_is_up_and_has_its_pauses() -> None:
    found = day(
        span(1, AgentState.RINGING, 10, 15),
        span(1, AgentState.READY, 15, 100),
        span(1, AgentState.PAUSE, 100, 200),
        span(1, AgentState.SYSTEM, 200, 260),
        span(1, AgentState.TALK, 260, 400),
        span(1, AgentState.TALK, 400, 500, campaign=2),
        span(1, AgentState.READY, 500, 2000),
        span(1, AgentState.READY, 2500, None),
    )
    first = Shift(begins_s=15.0, ends_s=2000.0, pauses=((100.0, 160.0), (400.0, 100.0)))
    assert found.shifts == (first, Shift(begins_s=2500.0, ends_s=None, pauses=()))
    assert found.figures.pause_s == 260.0
    assert found.figures.talk_s == 140.0
    assert found.figures.ready_s == 85.0 + 1500.0 + 1100.0


def test_agents_time_before_the_first_call_and_after_the_last_is_not_in_it() -> None:
    found = day(span(1, AgentState.PAUSE, -500, 100), span(1, AgentState.READY, 100, 9000))
    assert found.shifts == (Shift(begins_s=0.0, ends_s=None, pauses=((0.01, 100.0),)),)
    assert found.figures.ready_s == 3500.0


def test_the_campaign_stood_still_where_an_agent_was_ready_and_nothing_was_dialled() -> None:
    busy = span(1, AgentState.TALK, 0, 1000)
    ready = span(1, AgentState.READY, 1000, 1500)
    assert day(busy, ready).still == ((1000.0, 3600.0),)
    assert day(busy, replace(ready, ended_at=at(1200))).still == ()


def test_calls_left_out_are_counted() -> None:
    unsent = attempt(5.0, network=Network.NOT_ATTEMPTED)
    found = recorded_day(
        [attempt(0.0), unsent, attempt(9.0)],
        [],
        campaign_id=1,
        settings=CampaignSettings(name="a", max_calls=7),
        trunk=None,
        before=AbandonmentCount(),
    )
    assert (found.left_out, found.figures.attempts, len(found.calls), found.terms.lines) == (1, 2, 2, 7)

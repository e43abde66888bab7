"""Finished calls for the tests of figures and reports: by hand, and any number of them by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from campaigns.metrics import Call, Period
from campaigns.model import (
    STANDARD_DISPOSITIONS,
    AgentState,
    AnsweredBy,
    Attempt,
    CloseReason,
    DiallingState,
    Facts,
    LeadState,
    Network,
    Routing,
    ScriptOutcome,
    ScriptVisit,
)

DAY = date(2026, 11, 20)
TODAY = Period(first=DAY, last=DAY, zone="America/New_York")
AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
WORDS = {d.code: d for d in STANDARD_DISPOSITIONS}


def call(nth: int = 1, said: str = "", *, facts: Facts | None = None, **changes: Any) -> Call:
    """One finished attempt; `nth` makes its id, person and instant."""
    usual: dict[str, Any] = {
        "id": f"a-{nth}",
        "campaign_id": 1,
        "person_id": nth,
        "contact_point_id": nth,
        "list_id": 1,
        "number": f"+1212555{100 + nth:04d}",
        "trunk": "practice",
        "settings_version": 1,
        "script_version": 1,
        "disposition_set": 1,
        "created_at": AT + timedelta(minutes=nth),
        "report_date": DAY,
        "first_attempt": True,
        "closed": True,
    }
    made = replace(facts or spoken(), disposition=said)
    return Call(attempt=Attempt(**(usual | changes), facts=made), said=WORDS.get(said))


def spoken(agent: int = 7, talk_s: float = 60, **changes: Any) -> Facts:
    """A call joined in time with an agent and marked human."""
    usual: dict[str, Any] = {
        "network": Network.ANSWERED,
        "answered_at": AT,
        "joined_at": AT,
        "ended_at": AT + timedelta(seconds=talk_s),
        "connect_delay_ms": 50,
        "talk_ms": round(talk_s * 1000),
        "answered_by": AnsweredBy.HUMAN,
        "routing": Routing.AGENT,
        "agent_id": agent,
    }
    return Facts(**(usual | changes))


def script(outcome: ScriptOutcome, *steps: str, **changes: Any) -> dict[str, Any]:
    """The script part of the facts; the last step is where it ended."""
    visits = tuple(ScriptVisit(step=step, at=AT) for step in steps)
    return {"script": outcome, "script_steps": visits, "script_end_step": steps[-1] if steps else "", **changes}


def unanswered(network: Network = Network.NO_ANSWER) -> Facts:
    return Facts(network=network, ended_at=AT)


def lead(
    person: int, state: LeadState = LeadState.NEW, reason: CloseReason | None = None, **more: Any
) -> DiallingState:
    closed = LeadState.CLOSED if reason is not None else state
    return DiallingState(campaign_id=1, person_id=person, list_id=1, state=closed, close_reason=reason, **more)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of an agent's time."""

    agent_id: int
    state: AgentState
    began_at: datetime
    ended_at: datetime | None
    pause_code: str = ""


def stretches(agent: int, *parts: tuple[AgentState, float]) -> list[Stretch]:
    """Stretches without gaps from AT on, each `seconds` long."""
    made, since = [], AT
    for state, seconds in parts:
        until = since + timedelta(seconds=seconds)
        made.append(Stretch(agent_id=agent, state=state, began_at=since, ended_at=until))
        since = until
    return made


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts as a fold can make them: an agent and a script only where somebody was joined."""
    network = draw(st.sampled_from([Network.ANSWERED, Network.ANSWERED, *Network]))
    if network is not Network.ANSWERED:
        return Facts(network=network, ended_at=AT)
    routing = draw(st.sampled_from([r for r in Routing if r is not Routing.MESSAGE]))
    joined = routing is Routing.AGENT
    outcome = draw(st.sampled_from(ScriptOutcome)) if joined else ScriptOutcome.NOT_STARTED
    passed = (None, AnsweredBy.HUMAN, AnsweredBy.UNKNOWN)
    heard = (None, AnsweredBy.MACHINE) if routing is Routing.NOT_ROUTED else passed
    step = draw(st.sampled_from(["hello", "offer", "bye"])) if outcome is not ScriptOutcome.NOT_STARTED else ""
    return Facts(
        network=network,
        answered_at=AT,
        joined_at=AT if joined else None,
        ended_at=AT,
        connect_delay_ms=draw(st.integers(0, 2000)) if joined else None,
        talk_ms=draw(st.integers(0, 900_000)) if joined else 0,
        wrap_up_ms=draw(st.integers(0, 60_000)) if joined else 0,
        answered_by=draw(st.sampled_from(AnsweredBy)),
        detector_said=draw(st.sampled_from(heard)),
        routing=routing,
        agent_id=draw(st.integers(1, 3)) if joined else None,
        **script(outcome, *((step,) if step else ())),
    )


@st.composite
def any_calls(draw: st.DrawFn) -> tuple[Call, ...]:
    made = []
    for number in range(draw(st.integers(0, 15))):
        facts = draw(any_facts())
        said = draw(st.sampled_from(["", *WORDS])) if facts.joined_at is not None else ""
        if said:
            facts = replace(facts, answered_by=WORDS[said].answered_by)
        made.append(
            call(
                number,
                said,
                facts=facts,
                person_id=draw(st.integers(1, 6)),
                report_date=DAY + timedelta(days=draw(st.integers(-1, 1))),
                script_version=draw(st.integers(1, 2)),
                first_attempt=draw(st.booleans()),
            )
        )
    return tuple(made)

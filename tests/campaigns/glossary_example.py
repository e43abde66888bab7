"""The worked example of docs/glossary.md: one day of a small campaign, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.metrics import Call, Figure
from campaigns.model import AgentState, AnsweredBy, CloseReason, Facts, Network, Routing, ScriptOutcome
from campaigns.reports import Material, Report, build
from tests.campaigns.call_builders import AT, TODAY, call, lead, script, spoken, stretches, unanswered
from tests.campaigns.rule_builders import settings

ADA, BO = 1, 2


@dataclass(frozen=True, kw_only=True)
class Promised:
    """A call promised to a person."""

    at: datetime
    status: str


def _talk(agent: int, talk_s: int, wrap_s: int, delay_ms: int, **more: Any) -> Facts:
    return spoken(agent, talk_s, wrap_up_ms=wrap_s * 1000, connect_delay_ms=delay_ms, **more)


def _calls() -> tuple[Call, ...]:
    completed = script(ScriptOutcome.COMPLETED, "greeting", "offer", "goodbye")
    broken = script(ScriptOutcome.STARTED, "greeting", "offer")
    left = script(ScriptOutcome.LEFT, "greeting", "offer", leave_reason="in a hurry")
    lost = Facts(network=Network.ANSWERED, answered_by=AnsweredBy.UNKNOWN, routing=Routing.ABANDONED_NO_AGENT)
    rows: tuple[tuple[int, str, Facts], ...] = (
        (1, "", unanswered(Network.BUSY)),
        (1, "sale", _talk(ADA, 120, 30, 40, **completed)),
        (2, "refused", _talk(ADA, 60, 15, 55, **completed)),
        (3, "refused", _talk(BO, 30, 15, 60, **broken)),
        (4, "refused", _talk(BO, 10, 5, 70)),
        (5, "callback", _talk(ADA, 90, 30, 50, **left)),
        (6, "machine", _talk(BO, 8, 2, 45, answered_by=AnsweredBy.MACHINE)),
        (6, "", unanswered(Network.NOT_ATTEMPTED)),
        (7, "", unanswered()),
        (7, "", unanswered()),
        (7, "", unanswered()),
        (8, "", unanswered(Network.INVALID_NUMBER)),
        (9, "", lost),
    )
    seen: set[int] = set()
    made = []
    for nth, (person, said, facts) in enumerate(rows, 1):
        number = f"+1212555{100 + person:04d}"
        made.append(call(nth, said, facts=facts, person_id=person, number=number, first_attempt=person not in seen))
        seen.add(person)
    return tuple(made)


def example() -> Report:
    """The campaign report of the example day."""
    return build("campaign", example_material())


def example_material() -> Material:
    """What the example day left in the store."""
    reasons = {1: CloseReason.SALE, 2: CloseReason.REFUSED, 3: CloseReason.REFUSED, 4: CloseReason.REFUSED}
    reasons |= {8: CloseReason.BAD_NUMBER, 10: CloseReason.SUPPRESSED}
    ring, ready, talk = AgentState.RINGING, AgentState.READY, AgentState.TALK
    wrap, pause = AgentState.WRAP_UP, AgentState.PAUSE
    spans = stretches(ADA, (ring, 10), (ready, 2645), (talk, 270), (wrap, 75), (pause, 600))
    spans += stretches(BO, (ring, 10), (ready, 3220), (talk, 48), (wrap, 22), (pause, 300))
    return Material(
        campaign="Autumn",
        period=TODAY,
        settings=settings(),
        now=AT + timedelta(hours=6),
        calls=_calls(),
        leads=tuple(lead(person, reason=reasons.get(person)) for person in range(1, 11)),
        numbers=11,
        agents={ADA: "Ada", BO: "Bo"},
        lists={1: "north"},
        spans=tuple(spans),
        promises=(Promised(at=AT + timedelta(hours=5), status="pending"),),
    )


def row(figure: Figure) -> str:
    """A figure as the glossary's table shows it."""
    return f"| `{figure.name}` | {figure.label} | {figure.formula} | {_sum(figure)} |"


def _sum(figure: Figure) -> str:
    value = "none" if figure.value is None else f"{round(figure.value, 4):g}"
    if figure.numerator is None:
        return f"{value} {figure.unit} over {figure.denominator:g} calls"
    if figure.denominator is None:
        return value
    unit = "" if figure.unit == "share" else f" {figure.unit}"
    return f"{figure.numerator:g} / {figure.denominator:g} = {value}{unit}"

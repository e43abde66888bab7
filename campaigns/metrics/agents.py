"""What did agents do with their time? Figures from the ledger, whose spans have no gaps and sum exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from campaigns.metrics.figure import Call, Figure, Period, Unit, figure
from campaigns.model import AgentState

_BUSY = (AgentState.TALK, AgentState.HOLD, AgentState.WRAP_UP, AgentState.PREVIEW)
HOUR_S = 3600


class LedgerSpan(Protocol):
    """A stretch of one agent's time in one state; `ended_at` none for the running one."""

    @property
    def agent_id(self) -> int: ...
    @property
    def state(self) -> AgentState: ...
    @property
    def pause_code(self) -> str: ...
    @property
    def began_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...


def seconds_by_state(spans: Iterable[LedgerSpan], period: Period, now: datetime) -> dict[AgentState, float]:
    """Seconds in each state inside the period; a running span counts up to `now`. All states are there."""
    total = dict.fromkeys(AgentState, 0.0)
    first, last = period.begins_at, min(period.ends_at, now)
    for span in spans:
        begun, done = max(span.began_at, first), min(span.ended_at or now, last)
        total[span.state] += max(0.0, (done - begun).total_seconds())
    return total


def logged_in_s(seconds: Mapping[AgentState, float]) -> float:
    """Ready + ringing + talk + hold + wrap-up + preview + pause + system."""
    return sum(s for state, s in seconds.items() if state.logged_in)


def occupancy(spans: Iterable[LedgerSpan], period: Period, now: datetime) -> Figure:
    """(talk + hold + wrap-up + preview) / (that + ready)."""
    seconds = seconds_by_state(spans, period, now)
    busy = _busy_s(seconds)
    formula = "(talk + hold + wrap-up + preview) / (that + ready)"
    return figure("occupancy", "Occupancy", formula, period, of=busy, among=busy + seconds[AgentState.READY])


def utilisation(spans: Iterable[LedgerSpan], period: Period, now: datetime) -> Figure:
    """(talk + hold + wrap-up + preview) / logged-in time."""
    seconds = seconds_by_state(spans, period, now)
    formula = "(talk + hold + wrap-up + preview) / logged-in time"
    return figure("utilisation", "Utilisation", formula, period, of=_busy_s(seconds), among=logged_in_s(seconds))


def talk_share(spans: Iterable[LedgerSpan], period: Period, now: datetime) -> Figure:
    """Talk / (logged in - pause), the figure pacing is judged by."""
    seconds = seconds_by_state(spans, period, now)
    at_work = logged_in_s(seconds) - seconds[AgentState.PAUSE]
    formula = "talk / (logged-in time - pause)"
    return figure("talk_share", "Talk share", formula, period, of=seconds[AgentState.TALK], among=at_work)


def agent_call_rate(calls: Iterable[Call], spans: Iterable[LedgerSpan], period: Period, now: datetime) -> Figure:
    """Handled calls / logged-in hours."""
    handled = sum(1 for c in calls if c.handled and period.holds(c.attempt.report_date))
    hours = logged_in_s(seconds_by_state(spans, period, now)) / HOUR_S
    formula = "handled calls / logged-in hours"
    return figure("agent_call_rate", "Agent call rate", formula, period, of=handled, among=hours, unit=Unit.PER_HOUR)


def _busy_s(seconds: Mapping[AgentState, float]) -> float:
    return sum(seconds[state] for state in _BUSY)

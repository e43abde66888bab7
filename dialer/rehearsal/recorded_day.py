"""What is known of a day that was dialled? Its calls, its agents' hours, its settings and its figures, as one value.

The day is that from its first to its last call; seconds count from the first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, Attempt, DialMode
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Span, Trunk
from dialer.rehearsal.figures import DayFigures, figures_by
from dialer.rehearsal.people import Shift
from dialer.rehearsal.recorded_people import Met, RecordedCall, recorded_call

STILL_S = 300.0  # an agent was ready so long and nothing was dialled: the campaign stood still
TOGETHER_S = 1.0  # two stretches of an agent's day that are no further apart are one
_OF_A_CALL = (AgentState.TALK, AgentState.HOLD, AgentState.WRAP_UP, AgentState.PREVIEW)
_AT_WORK = (AgentState.READY, *_OF_A_CALL)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The settings a day is replayed under. `lines` and `rate` are the lower of the campaign's and the trunk's."""

    mode: DialMode
    ratio: float
    cap: float
    lines: int
    rate: float
    lines_per_agent: float
    detects: bool
    ring_timeout_s: int
    message_starts_ms: int


@dataclass(frozen=True, kw_only=True)
class RecordedDay:
    """One day of one campaign. `still`: stretches in which nothing was dialled although an agent was ready.

    `before` are the abandonment counts of the 29 days before; `left_out` the calls that were never sent, lost from
    sight or are not over; `versions` how many versions of the settings the day's calls were made with.
    """

    seconds: float
    calls: tuple[RecordedCall, ...]
    shifts: tuple[Shift, ...]
    still: tuple[tuple[float, float], ...]
    terms: Terms
    before: AbandonmentCount
    figures: DayFigures
    left_out: int
    versions: int

    @property
    def joined(self) -> int:
        return sum(call.met.joined for call in self.calls)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `day_from` reads them back to an equal day."""
        return asdict(self) | {"calls": [list(call) for call in self.calls]}


def day_from(plain: Mapping[str, Any]) -> RecordedDay:
    """The day that `as_json` told."""
    return RecordedDay(
        seconds=plain["seconds"],
        calls=tuple(RecordedCall(at_s, Met(met), *lengths) for at_s, met, *lengths in plain["calls"]),
        shifts=tuple(_shift_from(shift) for shift in plain["shifts"]),
        still=tuple((first, last) for first, last in plain["still"]),
        terms=Terms(**{**plain["terms"], "mode": DialMode(plain["terms"]["mode"])}),
        before=AbandonmentCount(**plain["before"]),
        figures=DayFigures(**plain["figures"]),
        left_out=plain["left_out"],
        versions=plain["versions"],
    )


def _shift_from(plain: Mapping[str, Any]) -> Shift:
    pauses = tuple((from_s, length_s) for from_s, length_s in plain["pauses"])
    return Shift(begins_s=plain["begins_s"], ends_s=plain["ends_s"], pauses=pauses)


def recorded_day(
    attempts: Sequence[Attempt],
    spans: Iterable[Span],
    *,
    campaign_id: int,
    settings: CampaignSettings,
    trunk: Trunk | None,
    before: AbandonmentCount,
) -> RecordedDay:
    """The day of these attempts (at least one, in order) and of the spans of the campaign's agents in it."""
    begin, end = attempts[0].created_at, attempts[-1].created_at
    detects = settings.detects
    at_s = [(attempt, (attempt.created_at - begin).total_seconds()) for attempt in attempts]
    calls = tuple(call for a, s in at_s if (call := recorded_call(a, s, detects=detects)) is not None)
    cut = _cut(spans, campaign_id, begin, end)
    seconds = (end - begin).total_seconds()
    return RecordedDay(
        seconds=seconds,
        calls=calls,
        shifts=tuple(shift for of_agent in _by_agent(cut) for shift in _shifts(of_agent, seconds)),
        still=_still([s for _, s in at_s], cut),
        terms=terms_of(settings, trunk),
        before=before,
        figures=figures_by(attempts, _spent(cut), begin),
        left_out=len(attempts) - len(calls),
        versions=len({attempt.settings_version for attempt in attempts}),
    )


def terms_of(settings: CampaignSettings, trunk: Trunk | None) -> Terms:
    """What these settings say to pacing."""
    return Terms(
        mode=settings.mode,
        ratio=settings.ratio,
        cap=settings.abandon_cap,
        lines=min(settings.max_calls, trunk.max_calls if trunk else settings.max_calls),
        rate=min(settings.attempts_per_second, trunk.attempts_per_second if trunk else settings.attempts_per_second),
        lines_per_agent=settings.max_lines_per_agent,
        detects=settings.detects,
        ring_timeout_s=settings.ring_timeout_s,
        message_starts_ms=settings.message_starts_ms,
    )


# --- agents' hours ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """An agent's time in one state, in seconds of the day. What he does for another campaign is a pause here."""

    agent_id: int
    state: AgentState
    first_s: float
    last_s: float

    @property
    def length_s(self) -> float:
        return self.last_s - self.first_s


def _cut(spans: Iterable[Span], campaign_id: int, begin: datetime, end: datetime) -> list[_Stretch]:
    found = []
    for span in spans:
        first, last = max(span.began_at, begin), min(span.ended_at or end, end)
        if first < last:
            elsewhere = span.state in _OF_A_CALL and span.campaign_id not in (campaign_id, None)
            state = AgentState.PAUSE if elsewhere or span.state is AgentState.SYSTEM else span.state
            seconds = ((at - begin).total_seconds() for at in (first, last))
            found.append(_Stretch(agent_id=span.agent_id, state=state, first_s=next(seconds), last_s=next(seconds)))
    return found


def _by_agent(cut: list[_Stretch]) -> list[list[_Stretch]]:
    ordered = sorted(cut, key=lambda s: (s.agent_id, s.first_s))
    return [list(group) for _, group in itertools.groupby(ordered, key=lambda s: s.agent_id)]


def _shifts(of_agent: list[_Stretch], seconds: float) -> list[Shift]:
    """One for each time he logged in."""
    sessions: list[list[_Stretch]] = []
    for stretch in of_agent:
        if stretch.state is AgentState.RINGING and not (sessions and _follows(sessions[-1], stretch)):
            continue  # his phone was not up yet
        if sessions and _follows(sessions[-1], stretch):
            sessions[-1].append(stretch)
        else:
            sessions.append([stretch])
    return [_shift(session, seconds) for session in sessions]


def _follows(session: list[_Stretch], stretch: _Stretch) -> bool:
    return stretch.first_s - session[-1].last_s <= TOGETHER_S


def _shift(session: list[_Stretch], seconds: float) -> Shift:
    begins_s, last_s = session[0].first_s, session[-1].last_s
    away = [(s.first_s, s.length_s) for s in session if s.state not in _AT_WORK]
    pauses: list[tuple[float, float]] = []
    for from_s, length_s in away:
        if pauses and from_s - sum(pauses[-1]) <= TOGETHER_S:
            pauses[-1] = (pauses[-1][0], from_s + length_s - pauses[-1][0])
        else:
            pauses.append((max(from_s, begins_s + 0.01), length_s))  # the loop logs him in first
    return Shift(begins_s=begins_s, ends_s=last_s if last_s < seconds - TOGETHER_S else None, pauses=tuple(pauses))


def _still(at_s: list[float], cut: list[_Stretch]) -> tuple[tuple[float, float], ...]:
    """The campaign was paused, or nobody was left to call: a replay does not dial then either."""
    ready = [s for s in cut if s.state is AgentState.READY and s.length_s >= STILL_S]
    gaps = [(first, last) for first, last in itertools.pairwise(at_s) if last - first >= STILL_S]
    return tuple(
        (first, last)
        for first, last in gaps
        if any(min(s.last_s, last) - max(s.first_s, first) >= STILL_S for s in ready)
    )


def _spent(cut: Iterable[_Stretch]) -> dict[AgentState, float]:
    spent = dict.fromkeys(AgentState, 0.0)
    for stretch in cut:
        spent[stretch.state] += stretch.length_s
    return spent

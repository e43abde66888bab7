"""What came of a rehearsed day? The same figures for the real engine and for the store-free loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from campaigns.metrics import Fate as Counted
from campaigns.metrics import fate_of
from campaigns.model import AgentState, Attempt, Network
from campaigns.storage.store import Store
from dialer.rehearsal.house import MORNING

if TYPE_CHECKING:
    from dialer.rehearsal.loop import Loop

HALF_HOUR_S = 1800.0
LIVE_ANSWERS = 20  # in fewer a share says nothing
FIRST_HOUR_S = 3600.0


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """Shares are 0..1, or none when there was nothing to divide by; times in seconds.

    Agents' time is that of the day until its last second, the calls are all that were placed. `talk_share` is talk of
    logged in without pause (PACING), `occupancy` talk and wrap-up of these and waiting (PRODUCT); looking at a lead
    before it is dialled counts as wrap-up. `lost` of `met` is
    the abandonment: people who answered and met nobody in time, of these and the people joined. `worst_half_hour` is
    of any 30 minutes in which at least 20 of them answered; the first hour's figures are of its answers. `skipped` are
    leads that agents left for later in preview mode.
    """

    attempts: int
    joined: int
    cancelled: int
    met: int
    lost: int
    worst_half_hour: float | None
    first_hour_met: int
    first_hour_lost: int
    talk_s: float
    wrap_up_s: float
    ready_s: float
    pause_s: float
    skipped: int = 0

    @property
    def abandonment(self) -> float | None:
        return self.lost / self.met if self.met else None

    @property
    def at_work_s(self) -> float:
        return self.talk_s + self.wrap_up_s + self.ready_s

    @property
    def talk_share(self) -> float | None:
        return self.talk_s / self.at_work_s if self.at_work_s else None

    @property
    def occupancy(self) -> float | None:
        return (self.talk_s + self.wrap_up_s) / self.at_work_s if self.at_work_s else None

    @property
    def wait_per_call_s(self) -> float | None:
        return self.ready_s / self.joined if self.joined else None

    @property
    def calls_per_agent_hour(self) -> float | None:
        """Joined calls for each hour logged in, pauses too."""
        logged_in_s = self.at_work_s + self.pause_s
        return self.joined / (logged_in_s / 3600) if logged_in_s else None


def worst_half_hour(met: Iterable[tuple[float, bool]]) -> float | None:
    """The largest lost share of any 30 minutes that hold at least 20 answers; none when there are no such minutes.

    `met` are (second of the answer, whether it was lost). Each answer ends one window of 30 minutes, from the first on
    that begins with the day's first answer or later: the first minutes alone are no half hour. Answers that span less
    are one window (docs/decisions/0020).
    """
    ordered = sorted(met)
    worst: float | None = None
    first = lost = 0
    whole_s = min(ordered[0][0] + HALF_HOUR_S, ordered[-1][0]) if ordered else 0.0
    for last, (at_s, was_lost) in enumerate(ordered):
        lost += was_lost
        while ordered[first][0] < at_s - HALF_HOUR_S:
            lost -= ordered[first][1]
            first += 1
        if at_s >= whole_s and last - first + 1 >= LIVE_ANSWERS:
            worst = max(worst or 0.0, lost / (last - first + 1))
    return worst


def figures_of(day: Loop) -> DayFigures:
    """The figures of a day that the loop has played to its end."""
    spent = {state: sum(agent.spent_s[state] for agent in day.agents) for state in AgentState}
    return _figures(day.met, spent, attempts=day.placed, joined=day.joined, cancelled=day.cancelled)


def figures_by(attempts: Sequence[Attempt], spent: Mapping[AgentState, float], begin: datetime) -> DayFigures:
    """The figures of attempts that the store has, on a day that began then; `spent`: agents' seconds by state."""
    return _figures(
        met_by(attempts, begin),
        spent,
        attempts=sum(a.facts.network is not Network.NOT_ATTEMPTED for a in attempts),
        joined=sum(a.facts.joined_at is not None for a in attempts),
        cancelled=sum(a.facts.network is Network.CANCELLED for a in attempts),
    )


def _figures(
    met: Sequence[tuple[float, bool]], spent: Mapping[AgentState, float], *, attempts: int, joined: int, cancelled: int
) -> DayFigures:
    early = [lost for at_s, lost in met if at_s < FIRST_HOUR_S]
    return DayFigures(
        attempts=attempts,
        joined=joined,
        cancelled=cancelled,
        met=len(met),
        lost=sum(lost for _, lost in met),
        worst_half_hour=worst_half_hour(met),
        first_hour_met=len(early),
        first_hour_lost=sum(early),
        talk_s=spent[AgentState.TALK] + spent[AgentState.HOLD],
        wrap_up_s=spent[AgentState.WRAP_UP] + spent[AgentState.PREVIEW],
        ready_s=spent[AgentState.READY],
        pause_s=spent[AgentState.PAUSE],
    )


# --- of the real engine's day, from its store -------------------------------------------------------------


def figures_from(store: Store, campaign_id: int, seconds: float) -> DayFigures:
    """The figures of the day that is in the store; agents' time until its last second."""
    today = MORNING.date()
    attempts = tuple(store.attempts.attempts(campaign_id, today, today + timedelta(days=1)))
    day = figures_by(attempts, spent_until(store, MORNING + timedelta(seconds=seconds)), MORNING)
    return replace(day, skipped=sum(times for _, times in store.previews.skips(campaign_id, MORNING)))


def met_by(attempts: Sequence[Attempt], begin: datetime = MORNING) -> list[tuple[float, bool]]:
    """(second of the answer, lost) of every call that counts for abandonment."""
    counted = {Counted.ABANDONED: True, Counted.JOINED_HUMAN: False}
    found = ((a.facts.answered_at or a.created_at, counted.get(fate_of(a.facts))) for a in attempts)
    return [((at - begin).total_seconds(), lost) for at, lost in found if lost is not None]


def spent_until(store: Store, end: datetime) -> dict[AgentState, float]:
    """Seconds of all agents in each state."""
    spent = dict.fromkeys(AgentState, 0.0)
    for span in store.agents.spans(None, MORNING, end):
        spent[span.state] += (min(span.ended_at or end, end) - span.began_at).total_seconds()
    return spent

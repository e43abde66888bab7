"""How many calls may be started for these agents, and which to give up? The risk of one too many against a threshold.

For each horizon up to half a minute: how many people will have answered, how many agents will be free by then (or
within the seconds a person may wait). A call is started as long as the chance that *it* would meet nobody, weighed by
when it would land, stays below the threshold; one that has rung long enough is given up when it is likelier than
another threshold to meet nobody. See PACING section 3; docs/decisions/0009 says where this goes beyond it.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from campaigns.model import AgentState
from dialer.floor import LAWFUL_RING_S, AgentSeat, CallInFlight
from dialer.prediction.answering import (
    HORIZON_S,
    LAG_BINS,
    LAG_STEP_S,
    RING_BINS,
    SCREEN_BINS,
    SCREEN_STEP_S,
    AnswerTables,
)
from dialer.prediction.freeing import FreeTables
from dialer.prediction.histogram import Array, Ints
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.rate import LandingRate, with_odds
from dialer.prediction.risk import Crowd
from dialer.prediction.steering import CANCELS_AT, CAREFUL, OVERDRAWN, Appetite

HORIZONS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 21, 24, 28])
WAITS_S = 2  # how long a person may wait and still be in time
IN_TIME = np.minimum(HORIZONS + WAITS_S, HORIZON_S)
SHOWN_HORIZON_S = 9
GIVEN_UP_AT_MOST = 25  # calls in one look; the next look comes within a second
AT_ONCE_AT_MOST = 50  # calls in one look, whatever is wanted


@dataclass(frozen=True)
class Share:
    """The agents one campaign may count on: how many are idle, and the busy ones with the share that is its own."""

    idle: int
    busy: tuple[tuple[AgentSeat, float], ...]


@dataclass(frozen=True)
class Outlook:
    """What the next seconds bring: one row for each call and each busy agent, one column for each horizon."""

    p: float
    landing: Array
    freed: Array
    fresh: Array  # of a call started now
    when: Array  # weights of the horizons at which that call would land
    ringing: int
    expected_answers: float
    expected_free: float
    ripe: tuple[tuple[int, CallInFlight], ...]  # rows of calls that have rung long enough, the oldest first
    remaining: Array  # by row: landing within each horizon, given that it lands


@dataclass(frozen=True)
class Decision:
    """What to start and to give up, and the numbers that led to it. `risk` is that of the first call not started.

    `overdrawn`: one more would be within the threshold, but then all calls in flight together might lose more people
    than the budget has left.
    """

    launch: int
    cancel: tuple[str, ...]
    risk: float
    overdrawn: bool = False


def outlook(
    now_s: float,
    calls: Sequence[CallInFlight],
    share: Share,
    learned: CampaignLearned,
    odds: float = 1.0,
    doubt: float = 0.0,
) -> Outlook:
    """What is to be expected of these calls and agents; `doubt`: see `LandingRate.reckoned`."""
    learned = learned if learned.shape is not None else learned.shaped()
    assert learned.shape is not None
    tables, frees = learned.shape.answers, learned.shape.frees
    dialled, ringing, heard = _phases(calls)
    ring_age = _ages(now_s, [c.ringing_s for c in ringing], 1.0, RING_BINS)
    dial_age = _ages(now_s, [c.placed_s for c in dialled], LAG_STEP_S, LAG_BINS)
    heard_age = _ages(now_s, [c.answered_s for c in heard], SCREEN_STEP_S, SCREEN_BINS)
    silence = tables.still_lands[ring_age], tables.still_open[ring_age]
    listening = _listened_to(heard, heard_age, tables)
    rate = learned.rate

    def chances(rates: Array) -> Array:
        own_ringing, own_dialled, own_heard = (_chances(rate, rates, calls) for calls in (ringing, dialled, heard))
        return np.concatenate([_given(own_ringing, silence), own_dialled, _given(own_heard, listening)])

    ringing_then, dialled_then, heard_then = tables.at(HORIZONS)
    remaining = np.concatenate([ringing_then[ring_age], dialled_then[dial_age], heard_then[heard_age]])
    freed = _freed(now_s, share.busy, frees)
    reckoned = rate.reckoned(doubt)
    fresh = float(reckoned[-1])
    if odds != 1.0:
        fresh = float(with_odds(np.array([fresh]), odds)[0])
    ripe = sorted(
        ((row, c) for row, c in enumerate(ringing) if c.ringing_s is not None and now_s - c.ringing_s >= LAWFUL_RING_S),
        key=lambda each: each[1].ringing_s or 0.0,
    )
    return Outlook(
        p=rate.mean,
        landing=chances(reckoned)[:, None] * remaining,
        freed=freed[:, IN_TIME],
        fresh=fresh * tables.fresh[HORIZONS],
        when=tables.when(HORIZONS),
        ringing=len(ringing) + len(dialled),
        expected_answers=float(chances(rate.means).sum()),
        expected_free=float(freed[:, SHOWN_HORIZON_S].sum()),
        ripe=tuple(ripe),
        remaining=remaining,
    )


def choose(seen: Outlook, idle: int, waiting: int, room: int, appetite: Appetite) -> Decision:
    """How many to start (never above `room`) and which to give up. More idle agents or appetite never mean fewer."""
    need = idle - waiting
    at_work = len(seen.freed)
    crowd = Crowd.of(np.concatenate([seen.landing, 1 - seen.freed]))
    launch, risk, overdrawn = _launch(crowd, seen, need + at_work, min(room, AT_ONCE_AT_MOST), appetite)
    cancel = _give_up(crowd, seen, need + at_work) if not launch and seen.ripe else ()
    return Decision(launch=launch, cancel=cancel, risk=risk, overdrawn=overdrawn)


def _launch(crowd: Crowd, seen: Outlook, takers: int, room: int, wish: Appetite) -> tuple[int, float, bool]:
    """People landed plus agents not yet free, against all takers: the same as people against free agents."""

    def overdrawn(calls: int) -> bool:
        lost = crowd.plus(seen.fresh, calls).at_least(takers + wish.spare + 1)
        return float(lost.max()) > OVERDRAWN

    launch, risk = _within(crowd, seen, takers, room, wish.theta)
    if not launch or not overdrawn(launch):
        return launch, risk, False
    afforded = bisect.bisect_left(range(1, launch + 1), True, key=overdrawn)
    # What is safe on its own goes out even when what is in flight already may overdraw.
    safe, _ = _within(crowd, seen, takers, launch, min(CAREFUL, wish.theta))
    launched, risk = _within(crowd, seen, takers, max(afforded, safe), wish.theta)
    return launched, risk, launched < launch


def _within(crowd: Crowd, seen: Outlook, takers: int, room: int, theta: float) -> tuple[int, float]:
    """How many calls stay within the threshold, and the risk of the next: each call more adds to it."""
    for calls, tail in enumerate(crowd.tails(seen.fresh, takers)):
        risk = float(seen.when @ tail)
        if calls >= room or risk > theta:
            return calls, risk
    raise AssertionError("tails never end")


def _give_up(crowd: Crowd, seen: Outlook, takers: int) -> tuple[str, ...]:
    """Calls that rang long enough and will likely meet nobody, the oldest first, each judged without those before."""
    gone: list[str] = []
    rest = np.ones(len(seen.landing), dtype=bool)
    for row, call in seen.ripe[:GIVEN_UP_AT_MOST]:
        weights = np.diff(seen.remaining[row], prepend=0.0)
        total = float(weights.sum())
        if total <= 1e-6:
            continue
        rest[row] = False
        if crowd.exact is None:
            others = crowd = crowd.minus(seen.landing[row])
        else:
            others = Crowd.of(np.concatenate([seen.landing[rest], 1 - seen.freed]))
        if float(weights @ others.at_least(takers)) / total <= CANCELS_AT:
            break
        gone.append(call.call_id)
    return tuple(gone)


def _phases(
    calls: Sequence[CallInFlight],
) -> tuple[list[CallInFlight], list[CallInFlight], list[CallInFlight]]:
    dialled: list[CallInFlight] = []
    ringing: list[CallInFlight] = []
    heard: list[CallInFlight] = []
    for call in calls:
        if call.person or call.lost:
            continue  # it has landed
        if call.answered_s is not None:
            heard.append(call)
        elif call.ringing_s is not None:
            ringing.append(call)
        else:
            dialled.append(call)
    return dialled, ringing, heard


def _ages(now_s: float, began: Sequence[float | None], step_s: float, bins: int) -> Ints:
    last = bins - 1
    return np.array([min(max(int((now_s - (at or 0.0)) / step_s), 0), last) for at in began], dtype=np.int64)


def _chances(rate: LandingRate, rates: Array, calls: Sequence[CallInFlight]) -> Array:
    """Each call's own chance to land, by when it was placed and its lead's odds."""
    chances = np.asarray(rates[rate.cohorts_of([call.placed_s for call in calls])])
    odds = [call.odds for call in calls]
    return chances if odds.count(1.0) == len(odds) else with_odds(chances, np.array(odds))


def _given(chances: Array, seen: tuple[Array, Array]) -> Array:
    """The chances after something was seen that was so likely of those who land, and of the others (Bayes)."""
    lands, other = chances * seen[0], (1 - chances) * seen[1]
    return np.asarray(lands / (lands + other + 1e-12))


def _listened_to(heard: Sequence[CallInFlight], age: Ints, tables: AnswerTables) -> tuple[Array, Array]:
    """How likely an answer at its ring age and no verdict yet are of a person, and of a machine."""
    if not heard or not tables.screened:
        return np.zeros(len(heard)), np.ones(len(heard))
    rang = np.array([(c.answered_s or 0.0) - (c.ringing_s if c.ringing_s is not None else c.placed_s) for c in heard])
    person, machine = tables.still_heard
    return tables.person_odds(np.clip(rang, 0, RING_BINS - 1)) * person[age], machine[age]


def _freed(now_s: float, busy: Sequence[tuple[AgentSeat, float]], frees: FreeTables) -> Array:
    """A row for each busy agent: those who talk first, then those who write."""
    talking = [(now_s - seat.since_s, share) for seat, share in busy if seat.state is not AgentState.WRAP_UP]
    writing = [(now_s - s.since_s, share, s.talked_s) for s, share in busy if s.state is AgentState.WRAP_UP]
    rows = [np.zeros((0, HORIZON_S + 1))]
    if talking:
        rows.append(frees.talking([seconds for seconds, _ in talking]))
    if writing:
        rows.append(frees.writing([seconds for seconds, _, _ in writing], [talked for _, _, talked in writing]))
    shares = [share for _, share in talking] + [share for _, share, _ in writing]
    freed = np.concatenate(rows)
    return freed if shares.count(1.0) == len(shares) else freed * np.array(shares)[:, None]

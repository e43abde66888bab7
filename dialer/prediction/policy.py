"""How many calls may be started for these agents, and which to give up? The risk of one too many against a threshold.

For each horizon up to half a minute: how many people will have answered, how many agents will be free by then (or
within the seconds a person may wait). A call is started as long as the chance that *it* would meet nobody, weighed by
when it would land, stays below the threshold; one that has rung long enough is given up when it is likelier than
another threshold to meet nobody. See PACING section 3; docs/decisions/0009 says where this goes beyond it.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass

import numpy as np

from dialer.prediction.outlook import Outlook
from dialer.prediction.risk import Crowd
from dialer.prediction.steering import CANCELS_AT, CAREFUL, Appetite, overdrawn_at

GIVEN_UP_AT_MOST = 25  # calls in one look; the next look comes within a second
AT_ONCE_AT_MOST = 50  # calls in one look, whatever is wanted


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


def choose(seen: Outlook, idle: int, waiting: int, room: int, appetite: Appetite) -> Decision:
    """How many to start (never above `room`) and which to give up. More idle agents or appetite never mean fewer."""
    need = idle - waiting
    at_work = len(seen.freed)
    crowd = Crowd.of(np.concatenate([seen.landing, seen.beside, 1 - seen.freed]))
    launch, risk, overdrawn = _launch(crowd, seen, need + at_work, min(room, AT_ONCE_AT_MOST), appetite)
    cancel = _give_up(crowd, seen, need + at_work) if not launch and seen.ripe else ()
    return Decision(launch=launch, cancel=cancel, risk=risk, overdrawn=overdrawn)


def _launch(crowd: Crowd, seen: Outlook, takers: int, room: int, wish: Appetite) -> tuple[int, float, bool]:
    """People landed plus agents not yet free, against all takers: the same as people against free agents."""

    def overdrawn(calls: int) -> bool:
        lost = crowd.plus(seen.fresh, calls).at_least(takers + wish.spare + 1)
        return float(lost.max()) > overdrawn_at(wish.spare)

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
        weights = seen.remaining[row].copy()
        total = float(weights[-1])
        weights[1:] -= seen.remaining[row, :-1]
        if total <= 1e-6:
            continue
        if float(weights @ crowd.at_least(takers)) / total <= CANCELS_AT:
            break  # without it there is less to fear still
        rest[row] = False
        if crowd.exact is None:
            crowd = crowd.minus(seen.landing[row])
        else:
            crowd = Crowd.of(np.concatenate([seen.landing[rest], seen.beside, 1 - seen.freed]))
        if float(weights @ crowd.at_least(takers)) / total <= CANCELS_AT:
            break
        gone.append(call.call_id)
    return tuple(gone)

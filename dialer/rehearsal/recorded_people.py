"""Who answers the k-th call of a replay? Draws from the calls that were recorded about the same time of that day."""

from __future__ import annotations

import bisect
import random
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from campaigns.model import AnsweredBy, Attempt, Network
from dialer.rehearsal.people import Fate, Kind, Shift

NEAR_S = 900.0  # a quarter of an hour to either side: half an hour
FEWEST_NEAR = 20  # with fewer calls in it the window is widened
HALF_HOUR_S = 1800.0
FAILED = frozenset(
    {Network.CONGESTION, Network.INVALID_NUMBER, Network.REJECTED, Network.UNAVAILABLE, Network.TECHNICAL}
)
_MACHINES = (AnsweredBy.MACHINE, AnsweredBy.FAX)


class Met(StrEnum):
    """What a recorded call met, as far as the records tell."""

    PERSON = "person"  # joined; the agent, or detection alone, says it was a person
    OTHER = "other"  # joined, and no person, or nobody ever said who it was
    MACHINE = "machine"  # hung up by detection, or gone while it was listened to
    LOST = "lost"  # answered and joined to nobody: who it was and how long he would have talked is not known
    BUSY = "busy"
    FAILED = "failed"
    NOBODY = "nobody"
    CANCELLED = "cancelled"  # by us: what would have come later is not known

    @property
    def joined(self) -> bool:
        return self in (Met.PERSON, Met.OTHER)


class RecordedCall(NamedTuple):
    """One recorded call; `at_s` from the begin of the day's dialling, the others as in `Fate`.

    `lasted_s` is how long nobody had answered it: until the answer, or its end.
    """

    at_s: float
    met: Met
    set_up_s: float
    lasted_s: float
    heard_s: float
    talk_s: float
    wrap_up_s: float


def recorded_call(attempt: Attempt, at_s: float, *, detects: bool) -> RecordedCall | None:
    """The call as a replay can use it; none when it was never sent, was lost from sight, or is not over."""
    facts = attempt.facts
    if facts.network in (None, Network.NOT_ATTEMPTED, Network.UNKNOWN) or facts.ended_at is None:
        return None
    met = _met(attempt, detects=detects)
    over = facts.answered_at or facts.ended_at
    lasted_s = (over - attempt.created_at).total_seconds()
    rang = facts.ringing_at
    return RecordedCall(
        at_s=at_s,
        met=met,
        set_up_s=max(0.0, lasted_s if rang is None else (rang - attempt.created_at).total_seconds()),
        lasted_s=max(0.0, lasted_s),
        heard_s=_heard_s(attempt, met) if detects else 0.0,
        talk_s=(facts.talk_ms + facts.hold_ms) / 1000,
        wrap_up_s=facts.wrap_up_ms / 1000,
    )


def _met(attempt: Attempt, *, detects: bool) -> Met:
    facts = attempt.facts
    if facts.joined_at is not None:
        return Met.PERSON if facts.answered_by is AnsweredBy.HUMAN else Met.OTHER
    if facts.network is Network.ANSWERED:
        gone = not facts.routing.abandoned  # a machine, or who hung up before anybody could have come
        return Met.MACHINE if detects and (gone or facts.answered_by in _MACHINES) else Met.LOST
    if facts.network is Network.CANCELLED:
        return Met.CANCELLED
    if facts.network is Network.BUSY:
        return Met.BUSY
    return Met.FAILED if facts.network in FAILED else Met.NOBODY


def _heard_s(attempt: Attempt, met: Met) -> float:
    """How long detection listened: until the machine was hung up, or until the person's wait began."""
    facts = attempt.facts
    if met is Met.MACHINE and facts.answered_at and facts.ended_at:
        return max(0.0, (facts.ended_at - facts.answered_at).total_seconds())
    if facts.joined_at and facts.answered_at:
        wait_s = (facts.connect_delay_ms or 0) / 1000
        return max(0.0, (facts.joined_at - facts.answered_at).total_seconds() - wait_s)
    return 0.0


class RecordedPeople:
    """The people of a recorded day, as `People` are those of a made-up one.

    Each seed first draws its own set of the recorded calls, half hour by half hour, with repetition (a bootstrap),
    then every call's fate from those of them that lie nearest in time. What a call meets depends on seed, number and
    instant alone, so two settings with one seed meet the same luck. `calls` holds at least one that was joined.
    """

    def __init__(self, calls: Sequence[RecordedCall], shifts: tuple[Shift, ...], seed: int) -> None:
        self._shifts = shifts
        self._seed = seed
        self._calls = _drawn_again(calls, random.Random(f"recorded/{seed}"))
        self._joined = [call for call in self._calls if call.met.joined] or [c for c in calls if c.met.joined]
        self._begins = [call.at_s for call in self._calls]
        self._joined_begins = [call.at_s for call in self._joined]

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return self._shifts

    def fate(self, index: int, at_s: float) -> Fate:
        """What the call of this number meets when it is launched at this second."""
        dice = random.Random(f"replayed/{self._seed}/{index}")
        which, then, instead = dice.random(), dice.random(), dice.random()
        first, last = nearest(self._begins, at_s)
        call = self._calls[first + int(which * (last - first))]
        if call.met is Met.CANCELLED:
            call = self._gone_on(call, self._calls[first:last], then)
        like = self._like(at_s, instead) if call.met is Met.LOST else call
        return _fate(call, like)

    def _gone_on(self, cut: RecordedCall, near: Sequence[RecordedCall], u: float) -> RecordedCall:
        """A call that we cut short goes on like one of those that had lasted longer; without any nobody answers."""
        longer = [call for call in near if call.met is not Met.CANCELLED and call.lasted_s > cut.lasted_s]
        return longer[int(u * len(longer))] if longer else cut._replace(met=Met.NOBODY)

    def _like(self, at_s: float, u: float) -> RecordedCall:
        """Who was lost is taken for one of those who were joined about then."""
        first, last = nearest(self._joined_begins, at_s)
        return self._joined[first + int(u * (last - first))]


def nearest(begins: Sequence[float], at_s: float) -> tuple[int, int]:
    """The slice of a sorted sequence that lies within a quarter of an hour of `at_s`; wider until it holds 20."""
    reach_s = NEAR_S
    while True:
        first, last = bisect.bisect_left(begins, at_s - reach_s), bisect.bisect_right(begins, at_s + reach_s)
        if last - first >= min(FEWEST_NEAR, len(begins)):
            return first, last
        reach_s *= 1.5


def _drawn_again(calls: Sequence[RecordedCall], dice: random.Random) -> list[RecordedCall]:
    halves: dict[int, list[RecordedCall]] = {}
    for call in calls:
        halves.setdefault(int(call.at_s // HALF_HOUR_S), []).append(call)
    drawn = (call for half in sorted(halves) for call in dice.choices(halves[half], k=len(halves[half])))
    return sorted(drawn, key=lambda call: call.at_s)


def _fate(call: RecordedCall, like: RecordedCall) -> Fate:
    """`like` is the call itself, or for one that was lost the one he is taken for."""
    if call.met in (Met.BUSY, Met.FAILED):
        return Fate(Kind.BUSY if call.met is Met.BUSY else Kind.FAILED, call.lasted_s, 0.0, 0.0, False, 0.0, 0.0)
    if call.met is Met.NOBODY:
        return Fate(Kind.NOBODY, call.set_up_s, 0.0, 0.0, False, 0.0, 0.0)
    kind = Kind.PERSON if like.met is Met.PERSON else Kind.MACHINE
    answer_s = max(call.lasted_s, 1e-3)  # the loop takes no time at all for no answer
    return Fate(kind, call.set_up_s, answer_s, like.heard_s, like.met.joined, like.talk_s, like.wrap_up_s)

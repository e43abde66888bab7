"""What becomes of a list while it is called? Its leads in groups, moved through steps of a quarter of an hour.

Whether a group may be called is asked of `judge` and of nothing else, when its time has come and again at each step as
long as it waits to be called; what becomes of the called is asked of `next_state`. Sizes are expectations, not whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from campaigns.dialable import ATTEMPT_WINDOW, Candidate, GateCode, Rules, Verdict, judge
from campaigns.forecast.moves import Moves
from campaigns.forecast.values import DryReason, Group
from campaigns.model import LeadState

# As the queue is asked: promises first, then those who waited for a time, then fresh ones.
ORDER = (LeadState.CALLBACK, LeadState.RETRY, LeadState.NEW)
DUST = 1e-6  # of a lead
QUARTER_S = 900
CALLS_APART = timedelta(
    hours=4
)  # earlier calls to a number are told apart so finely; they count a little longer for it


@dataclass(frozen=True, slots=True)
class Alike:
    """What tells two groups apart while they are called: where they are, where they stand, when they were called."""

    places: tuple[tuple[str, ...], tuple[str, ...]]  # zones and regions
    state: LeadState
    tries: int
    called_at: tuple[datetime, ...] = ()


@dataclass(kw_only=True)
class Called:
    """The attempts of one step: their expected number by the lead's try, and leads closed by them."""

    by_attempt: dict[int, float] = field(default_factory=dict)
    closed: float = 0.0

    @property
    def attempts(self) -> float:
        return sum(self.by_attempt.values())


def _times(known: Mapping[datetime, float] | None = None) -> defaultdict[datetime, float]:
    return defaultdict(float, known or {})


class List:
    """The leads of a campaign. `ready` may be called now; `asleep` are asked again at their time."""

    def __init__(self, groups: Iterable[Group], rules: Rules, at: datetime) -> None:
        self._rules = rules
        self._models: dict[tuple[tuple[str, ...], tuple[str, ...]], Candidate] = {}
        self._asleep: dict[Alike, dict[datetime, float]] = defaultdict(_times)
        self._wakes: dict[datetime, set[Alike]] = defaultdict(set)
        self.ready: dict[Alike, float] = defaultdict(float)
        self.barred: dict[str, int] = defaultdict(int)
        self._verdicts: dict[tuple[Alike, datetime], Verdict] = {}
        self._open: dict[tuple[object, ...], Verdict] = {}
        self._at = at  # calls of the forecast count for all of its day, so when they were made need not be kept
        self.waiting = 0
        for group in groups:
            self._begin(group, at)

    def copy(self) -> List:
        """The same leads as they stand, to be called differently."""
        other = List((), self._rules, self._at)
        other._models = self._models
        other._asleep = defaultdict(_times, {alike: _times(times) for alike, times in self._asleep.items()})
        other._wakes = defaultdict(set, {at: set(alike) for at, alike in self._wakes.items()})
        other.ready = defaultdict(float, self.ready)
        other.barred, other.waiting = self.barred, self.waiting
        return other

    @property
    def dialable(self) -> float:
        return sum(self.ready.values())

    def wake(self, now: datetime) -> float:
        """Ask for all who may be called again by now, and those ready whether they still may: how many came to it."""
        self._verdicts, self._open = {}, {}
        for alike in [alike for alike in self.ready if not self._verdict(alike, now, now).dialable]:
            self._ask(alike, self.ready.pop(alike), now, now)
        before = self.dialable
        for due in sorted(at for at in self._wakes if at <= now):
            for alike in self._wakes.pop(due):
                self._ask(alike, self._asleep[alike].pop(due), now, due)
        return self.dialable - before

    def call(self, at_most: float, now: datetime, moves: Moves, hour: int) -> Called:
        """Call up to so many leads in the dialer's order; each goes where the outcomes of past calls lead."""
        called = Called()
        for state in ORDER:
            these = {alike: size for alike, size in self.ready.items() if alike.state is state}
            total = sum(these.values())
            share = min(1.0, (at_most - called.attempts) / total) if total > DUST else 0.0
            for alike, size in these.items() if share > 0 else ():
                self._take(alike, size * share)
                self._move(alike, size * share, now, moves, hour, called)
        return called

    def held_back(self, now: datetime, next_look: datetime) -> tuple[dict[DryReason, float], datetime | None]:
        """Those who wait for their time, by what holds them at this instant, and when the first of them may be called.

        Leads come in fractions here: it is when the first whole one may. Whoever came to his time since the step began
        is seen at the next look.
        """
        self._verdicts, self._open = {}, {}
        reasons: dict[DryReason, float] = defaultdict(float)
        openings: dict[datetime, float] = defaultdict(float)
        for alike, times in self._asleep.items():
            for due, size in times.items():
                verdict = self._verdict(alike, now, due)
                reasons[_reason(verdict)] += size
                openings[verdict.ask_again_at or next_look] += size
        return dict(reasons), _first_whole(sorted(openings.items()))

    def _begin(self, group: Group, at: datetime) -> None:
        candidate = group.candidate
        verdict = judge(candidate, self._rules, at)
        if not verdict.dialable and verdict.ask_again_at is None:
            self.barred[verdict.hold.code.value if verdict.hold else ""] += group.leads
            return
        self.waiting += group.leads
        # From here on only places, state, tries and calls differ: every other gate is open, or opens once like a live
        # call's, and stays so. Who rests for calls before sleeps until `judge` lets him be called.
        places = (candidate.zones, candidate.regions)
        self._models.setdefault(places, replace(candidate, live_call=False, live_elsewhere=False, past_calls=()))
        state = candidate.state
        calls = tuple(sorted(_rounded_up(made, at) for made in candidate.attempted_at or ()))
        alike = Alike(places, state.state, state.tries, calls)
        if verdict.ask_again_at is None:
            self.ready[alike] += group.leads
        else:
            self._sleep(alike, group.leads, verdict.ask_again_at)

    def _sleep(self, alike: Alike, size: float, until: datetime) -> None:
        """Until the quarter of an hour that follows: nobody is looked at in between."""
        until += timedelta(seconds=-until.timestamp() % QUARTER_S)
        self._asleep[alike][until] += size
        self._wakes[until].add(alike)

    def _ask(self, alike: Alike, size: float, now: datetime, due: datetime) -> None:
        """Ready, asleep until `judge` says, or, when it names no time, nowhere any more."""
        verdict = self._verdict(alike, now, due)
        if verdict.dialable:
            self.ready[alike] += size
        elif verdict.ask_again_at is not None:
            self._sleep(alike, size, max(verdict.ask_again_at, now + timedelta(seconds=1)))

    def _verdict(self, alike: Alike, now: datetime, due: datetime) -> Verdict:
        """Asked once in a step for all who differ only in how long ago their time came, or in when, not in how often,
        their number was called within the day; held by that, they are asked one kind at a time."""
        counting = sum(at > now - ATTEMPT_WINDOW for at in alike.called_at)
        key = (alike.places, alike.state, alike.tries, counting, max(due, now))
        if key not in self._open:
            verdict = self._asked(alike, now, max(due, now))
            if not verdict.dialable:
                return verdict
            self._open[key] = verdict
        return self._open[key]

    def _asked(self, alike: Alike, now: datetime, due: datetime) -> Verdict:
        key = (alike, due)
        if key not in self._verdicts:
            model = self._models[alike.places]
            state = replace(model.state, state=alike.state, tries=alike.tries, ask_again_at=due)
            self._verdicts[key] = judge(replace(model, state=state, attempted_at=alike.called_at), self._rules, now)
        return self._verdicts[key]

    def _take(self, alike: Alike, size: float) -> None:
        left = self.ready[alike] - size
        if left > DUST:
            self.ready[alike] = left
        else:
            del self.ready[alike]

    def _move(self, alike: Alike, size: float, now: datetime, moves: Moves, hour: int, called: Called) -> None:
        attempt = alike.tries + 1
        called.by_attempt[attempt] = called.by_attempt.get(attempt, 0.0) + size
        recent = (*(at for at in alike.called_at if at > now - ATTEMPT_WINDOW), self._at)
        for move, share in moves.after(alike.state, alike.tries, hour):
            if move.rests is None:
                called.closed += size * share
            elif size * share > DUST:
                after = Alike(alike.places, move.state, move.tries, recent)
                self._sleep(after, size * share, now + move.rests)


def _reason(verdict: Verdict) -> DryReason:
    shut = {gate.code for gate in verdict.gates if not gate.passed}
    if not shut:
        return DryReason.RESTING
    return next((reason for code, reason in _REASONS.items() if code in shut), DryReason.OTHER)


# Closed hours first: a lead that rests into the night could not be called if it did not.
_REASONS: Mapping[GateCode, DryReason] = {
    GateCode.CALLING_HOURS: DryReason.CLOSED_HOURS,
    GateCode.RETRY_TIME: DryReason.RESTING,
    GateCode.ATTEMPTS: DryReason.NUMBER_LIMIT,
}


def _rounded_up(made: datetime, at: datetime) -> datetime:
    return at - (at - made) // CALLS_APART * CALLS_APART


def _first_whole(openings: Iterable[tuple[datetime, float]]) -> datetime | None:
    summed, last = 0.0, None
    for at, size in openings:
        summed, last = summed + size, at
        if summed >= 1:
            return at
    return last


def steps(begins_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The quarters of an hour in this time, the first and the last as long as they are."""
    while begins_at < ends_at:
        into_s = begins_at.timestamp() % QUARTER_S
        step_end = min(begins_at + timedelta(seconds=QUARTER_S - into_s), ends_at)
        yield begins_at, step_end
        begins_at = step_end

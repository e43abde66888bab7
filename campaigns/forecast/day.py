"""What do the next 24 hours of the clock bring? The list drawn down hour by hour, and the times it is dry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.dialable import Rules
from campaigns.forecast.chances import Z_95, Chances, rate
from campaigns.forecast.drawdown import DUST, Called, List, steps
from campaigns.forecast.moves import Moves
from campaigns.forecast.values import Crew, DryReason, DrySpell, Forecast, Group, History, Hour, Totals

HOURS = 24
_FULL = 1 - 1e-9  # so much of what agents could call is all of it


def forecast(groups: Iterable[Group], rules: Rules, crew: Crew, history: History, *, at: datetime) -> Forecast:
    """24 hours of the clock in the campaign's zone; the first is what is left of the present one.

    `at` is an aware UTC instant, `groups` are as of then. Raises ValueError for a crew of less than nobody.
    """
    if crew.agents is not None and crew.agents < 0:
        raise ValueError(f"{crew.agents} agents: 0 or more are expected. Nothing was forecast.")
    untouched = List(groups, rules, at)
    worked = untouched.copy()
    own = history.attempts_per_agent_hour
    per_hour = own if own is not None else rules.settings.attempts_per_agent_hour
    bounds = _clock_hours(at, ZoneInfo(rules.settings.zone))
    hours = [_untouched_hour(untouched, *bound) for bound in bounds]
    day = _Day(rules, history, at, per_hour)
    if crew.agents is not None:
        hours = day.drawn_down(worked, hours, crew.agents)
    return Forecast(
        at=at,
        zone=rules.settings.zone,
        agents=crew.agents,
        attempts_per_agent_hour=per_hour,
        rate_is_own=own is not None,
        waiting=worked.waiting,
        barred=tuple(sorted(worked.barred.items())),
        hit_rate=rate(history.humans, history.calls),
        hours=tuple(hours),
        totals=day.totals(hours),
        dry_spells=tuple(day.spells),
    )


def _clock_hours(at: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """Real hours, so that one the clocks skip is not there and one that comes twice is there twice."""
    local = at.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    first = at - into + timedelta(hours=1)
    ends = [first + timedelta(hours=n) for n in range(HOURS)]
    return list(zip((at, *ends), ends, strict=False))


def _untouched_hour(leads: List, begins_at: datetime, ends_at: datetime) -> Hour:
    dialable = 0.0
    for number, (begin, _) in enumerate(steps(begins_at, ends_at)):
        came = leads.wake(begin)
        dialable += leads.dialable if number == 0 else came
    return Hour(begins_at=begins_at, ends_at=ends_at, dialable_untouched=round(dialable))


@dataclass(kw_only=True)
class _Sums:
    """One hour while it is drawn down. `spread`: the variance of the humans were the rates exact; `doubt`: the rates'
    own deviations summed, since one wrong rate is wrong for all of the hour."""

    dialable: float = 0.0
    attempts: float = 0.0
    humans: float = 0.0
    spread: float = 0.0
    doubt: float = 0.0
    closed: float = 0.0


@dataclass
class _Day:
    """The working of one forecast."""

    rules: Rules
    history: History
    at: datetime
    per_hour: float
    spells: list[DrySpell] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chances = Chances(self.history)
        self._moves = Moves(self.history, self._chances, self.rules.settings, self.at)
        self._zone = ZoneInfo(self.rules.settings.zone)
        self._spread, self._doubt = 0.0, 0.0

    def drawn_down(self, leads: List, hours: Iterable[Hour], agents: int) -> list[Hour]:
        """The same hours with what so many agents make of them; `spells` are filled on the way."""
        drawn = [self._hour(leads, hour, agents) for hour in hours]
        if self.spells and self.spells[-1].ends_at == hours_end(drawn):
            self.spells[-1] = replace(self.spells[-1], ends_at=None)
        return drawn

    def _hour(self, leads: List, hour: Hour, agents: int) -> Hour:
        sums, clock = _Sums(), hour.begins_at.astimezone(self._zone).hour
        for number, (begin, end) in enumerate(steps(hour.begins_at, hour.ends_at)):
            came = leads.wake(begin)
            sums.dialable += leads.dialable if number == 0 else came
            could = self._capacity(agents, (end - begin).total_seconds())
            called = leads.call(could, begin, self._moves, clock)
            self._count(called, clock, sums)
            if could > 0:
                self._watch(leads, begin, end, called.attempts / could)
        self._spread += sums.spread
        self._doubt += sums.doubt
        return self._told(hour, sums, leads.dialable)

    def _capacity(self, agents: int, seconds: float) -> float:
        """What the agents can call, and no more than the campaign may start."""
        return min(agents * self.per_hour / 3600, self.rules.settings.attempts_per_second) * seconds

    def _count(self, called: Called, clock: int, sums: _Sums) -> None:
        sums.attempts += called.attempts
        sums.closed += called.closed
        for attempt, calls in called.by_attempt.items():
            chance = self._chances.of(clock, attempt)
            if chance is not None:
                sums.humans += calls * chance.value
                sums.spread += calls * chance.value * (1 - chance.value)
                sums.doubt += calls * chance.deviation

    def _told(self, hour: Hour, sums: _Sums, left: float) -> Hour:
        told = replace(hour, dialable=sums.dialable, attempts=sums.attempts, used_up=sums.closed, left=left)
        if not self._chances.calls:
            return told
        low, high = _interval(sums.humans, sums.spread, sums.doubt, sums.attempts)
        hit_rate = sums.humans / sums.attempts if sums.attempts > DUST else None
        return replace(told, humans=sums.humans, humans_low=low, humans_high=high, hit_rate=hit_rate)

    def _watch(self, leads: List, begin: datetime, end: datetime, filled: float) -> None:
        """A step that the leads did not fill is dry from where they ended; dry steps in a row are one spell."""
        if filled >= _FULL:
            return
        if self.spells and self.spells[-1].ends_at == begin:
            self.spells[-1] = replace(self.spells[-1], ends_at=end)
            return
        since = begin + (end - begin) * filled
        waiting, next_at = leads.held_back(since, end)
        ordered = tuple(sorted(waiting.items(), key=lambda item: -item[1]))
        nobody = DryReason.ALL_TRIED if leads.waiting else DryReason.NOBODY
        reason = ordered[0][0] if next_at is not None else nobody
        self.spells.append(DrySpell(begins_at=since, ends_at=end, reason=reason, waiting=ordered, next_at=next_at))

    def totals(self, hours: Iterable[Hour]) -> Totals:
        hours = tuple(hours)
        attempts, humans = _sum(h.attempts for h in hours), _sum(h.humans for h in hours)
        low = high = None
        if humans is not None and attempts is not None:
            low, high = _interval(humans, self._spread, self._doubt, attempts)
        used_up = _sum(h.used_up for h in hours)
        return Totals(attempts=attempts, humans=humans, humans_low=low, humans_high=high, used_up=used_up)


def hours_end(hours: list[Hour]) -> datetime:
    """When the last of them ends."""
    return hours[-1].ends_at


def _interval(humans: float, spread: float, doubt: float, attempts: float) -> tuple[float, float]:
    """95 %: chance with exact rates, and the rates' own uncertainty beside it."""
    reach = Z_95 * math.sqrt(spread + doubt * doubt)
    return max(0.0, humans - reach), min(attempts, humans + reach)


def _sum(values: Iterator[float | None] | Iterable[float | None]) -> float | None:
    """None as soon as one is."""
    known = list(values)
    return None if any(value is None for value in known) else sum(value for value in known if value is not None)

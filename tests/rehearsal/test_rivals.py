"""Do the rivals do what PACING says they do, and is our pacing held to nothing they are not?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bench.pacing_rivals import (
    Brake,
    Clairvoyant,
    FixedRatio,
    Free,
    MarketLeader,
    Progressive,
    RatioByDrops,
    coming,
)
from campaigns.model import AgentState, DialMode
from dialer.prediction.risk import Crowd
from dialer.rehearsal.figures import DayFigures, worst_half_hour
from dialer.rehearsal.floor_people import Call, Phase
from dialer.rehearsal.loop import Loop, Pacer
from dialer.rehearsal.pacer import ProductPacer
from dialer.rehearsal.people import Fate, Kind, People
from dialer.rehearsal.world import World, few_trunks, world_a, world_b

RINGS_ON = Fate(Kind.NOBODY, 2.0, 0.0, 0.0, False, 0.0, 0.0)


def floor(idle: int, talking: int = 0, ringing: int = 0, pacer: Pacer | None = None) -> Loop:
    """A day at 09:00:00 with so many agents idle and talking, and so many calls ringing."""
    day = Loop(world_a(50, 1), pacer or Progressive())
    for agent in day.agents[:idle]:
        agent.state, day.ready[agent.index] = AgentState.READY, agent
    for agent in day.agents[idle : idle + talking]:
        agent.state = AgentState.TALK
    day.launch(ringing)
    for call in day.flight.values():
        call.phase = Phase.RINGING
    day.live += talking
    return day


def launched(pacer: Pacer, day: Loop) -> int:
    before = day.placed
    pacer.look(day)
    return day.placed - before


@pytest.mark.parametrize(("idle", "ringing", "calls"), [(5, 0, 5), (5, 3, 2), (5, 7, 0), (0, 0, 0)])
def test_progressive_starts_one_call_for_each_idle_agent(idle: int, ringing: int, calls: int) -> None:
    assert launched(Progressive(), floor(idle, 10, ringing)) == calls


def test_a_fixed_ratio_starts_so_many_for_each_idle_agent_and_none_for_busy_ones() -> None:
    assert launched(FixedRatio(2.0), floor(5, 10, 3)) == 7
    assert launched(FixedRatio(2.0), floor(0, 10)) == 0


def test_a_ratio_by_drops_grows_with_answers_shrinks_with_drops_and_is_one_over_the_limit() -> None:
    pacer, day = RatioByDrops(), floor(4)
    pacer.look(day)
    assert pacer.ratio == 1.5
    day.joined_human = 100
    pacer.look(day)
    assert pacer.ratio == pytest.approx(1.5 * math.exp(0.1 * 2.91))
    day.abandoned = 3
    pacer.look(day)
    assert pacer.ratio == pytest.approx(1.5 * math.exp(0.1 * (0.0291 * 103 - 3)))
    day.abandoned = 4
    pacer.look(day)
    assert pacer.ratio == 1.0
    day.joined_human = 300
    pacer.look(day)
    assert pacer.ratio > 1.5


class TestTheMarketLeader:
    def test_its_goal_multiplies_all_active_agents_and_counts_all_lines(self) -> None:
        pacer, day = MarketLeader(), floor(4, 10, 3)
        pacer.level = 2.0
        pacer._levelled_s = 1e9
        assert launched(pacer, day) == 2 * 14 - 13

    def test_available_only_multiplies_ready_agents_and_adds_connected_lines(self) -> None:
        pacer, day = MarketLeader(available_only=True), floor(4, 10, 3)
        pacer.level = 2.0
        pacer._levelled_s = 1e9
        assert launched(pacer, day) == 2 * 4 + 10 - 13

    def test_agents_in_wrap_up_are_not_counted(self) -> None:
        pacer, day = MarketLeader(), floor(4, 0, 0)
        for agent in day.agents[4:]:
            agent.state = AgentState.WRAP_UP
        pacer._levelled_s = 1e9
        assert launched(pacer, day) == 4

    def test_it_dials_every_two_and_a_half_seconds_only(self) -> None:
        pacer, day = MarketLeader(), floor(4)
        assert launched(pacer, day) == 4
        for call in tuple(day.flight.values()):
            day.live -= 1
            del day.flight[call.index]
        day.now_s = 2.4
        assert launched(pacer, day) == 0
        day.now_s = 2.5
        assert launched(pacer, day) == 4

    def test_its_level_grows_by_the_share_of_idle_agents_every_15_seconds_up_to_three(self) -> None:
        pacer, day = MarketLeader(), floor(10, 10)
        for second in range(46):
            day.now_s = float(second)
            pacer.look(day)
        assert pacer.level == 3.0
        pacer.level, pacer._levelled_s = 1.0, 0.0  # due again
        pacer.look(day)
        assert pacer.level == pytest.approx(1.5)

    @pytest.mark.parametrize(
        ("brake", "hour", "level"),
        [
            (Brake.HARD_LIMIT, 0.0, 1.0),
            (Brake.AVERAGE, 0.0, 1.25),
            (Brake.TAPERED, 0.0, 2.5),  # ten hours and more are left: no brake
            (Brake.TAPERED, 6.0, 1.5),  # at 15:00 it is 2100 - 1500 = 600 of 1000
        ],
    )
    def test_it_brakes_when_the_day_is_over_three_percent(self, brake: Brake, hour: float, level: float) -> None:
        pacer, day = MarketLeader(brake), floor(0, 10)
        day.now_s = hour * 3600
        day.placed, day.abandoned, day.joined_human = 400, 4, 96
        pacer.level, pacer._levelled_s = 2.5, 0.0
        pacer.look(day)
        assert pacer.level == pytest.approx(level)

    def test_drops_that_are_under_three_percent_or_of_few_calls_do_not_brake(self) -> None:
        for placed, abandoned in ((400, 2), (50, 9)):
            pacer, day = MarketLeader(), floor(0, 10)
            day.placed, day.abandoned, day.joined_human = placed, abandoned, 98
            pacer.level, pacer._levelled_s = 2.5, 0.0
            pacer.look(day)
            assert pacer.level == 2.5

    def test_a_minute_in_which_half_of_the_calls_are_dropped_halves_the_level(self) -> None:
        pacer, day = MarketLeader(Brake.TAPERED), floor(0, 10)
        pacer.look(day)
        day.now_s, day.placed, day.abandoned, day.joined_human = 60.0, 30, 20, 1000
        pacer.level, pacer._levelled_s = 2.5, 0.0
        pacer.look(day)
        assert pacer.level == pytest.approx(1.25)


class EveryNinth:
    """The people of a world, but that only every ninth call lands, and always the same way."""

    def __init__(self, people: People, lands: Fate) -> None:
        self.shifts, self._lands = people.shifts, lands

    def fate(self, index: int, at_s: float) -> Fate:
        return self._lands if index % 9 == 8 else RINGS_ON


class TestTheClairvoyant:
    def test_it_is_sure_of_idle_agents_and_expects_losses_beyond_them(self) -> None:
        nobody_busy = Free(0.0, 2, 0, Crowd.of(np.zeros((0, 31))))
        assert nobody_busy.losses([5.0, 6.0]) == 0.0
        assert nobody_busy.losses([5.0, 6.0, 7.0]) == 1.0
        half_free = Free(0.0, 0, 1, Crowd.of(np.full((1, 31), 0.5)))
        assert half_free.losses([5.0]) == pytest.approx(0.5)

    def test_calls_that_come_to_nothing_never_keep_it_from_one_that_lands(self) -> None:
        world = world_a(2, 1)
        people = People(world)
        lands = next(fate for i in range(100) if (fate := people.fate(i, 0.0)).passes)
        day = Loop(world, Clairvoyant(), people=EveryNinth(people, lands))
        for agent in day.agents:
            agent.state, day.ready[agent.index] = AgentState.READY, agent
        assert launched(day.pacer, day) >= 9
        assert any(call.fate.passes for call in day.flight.values())

    def test_it_loses_no_more_than_allowed_and_keeps_agents_busier_than_anybody(self) -> None:
        world = world_a(5, 2, 2.0)
        seer, ours, plain = (played(world, pacer) for pacer in (Clairvoyant(), ProductPacer(), Progressive()))
        assert (seer.abandonment or 0) <= 0.04
        assert (seer.talk_share or 0) > (ours.talk_share or 0) > (plain.talk_share or 0)


def played(world: World, pacer: Pacer) -> DayFigures:
    return Loop(world, pacer).run()


EVERYBODY = [
    Progressive,
    lambda: FixedRatio(5.0),
    RatioByDrops,
    lambda: MarketLeader(Brake.TAPERED),
    Clairvoyant,
    lambda: ProductPacer(DialMode.POWER, ratio=4.0),
]


class Watched(Pacer):
    """Another policy, whose lines are counted at every look."""

    def __init__(self, inner: Pacer) -> None:
        self.inner, self.learns, self.most = inner, inner.learns, 0
        self.learn = inner.learn  # type: ignore[method-assign]

    def look(self, day: Loop) -> float:
        again_s = self.inner.look(day)
        self.most = max(self.most, day.live)
        return again_s


@pytest.mark.parametrize("make", EVERYBODY)
def test_nobody_uses_more_lines_than_there_are(make: type[Pacer]) -> None:
    watched = Watched(make())
    world = few_trunks(6, 3, 1.0)
    played(world, watched)
    assert 5 <= watched.most <= world.lines == 9


@pytest.mark.parametrize("make", EVERYBODY)
def test_a_day_adds_up_under_every_policy(make: type[Pacer]) -> None:
    day = Loop(replace(world_b(6, 4, 1.0), name="b"), make(), keep=True)
    figures = day.run()
    calls: list[Call] = day.calls or []
    assert len(calls) == figures.attempts == day.placed
    assert all(call.outcome and call.phase is Phase.OVER for call in calls)
    assert figures.joined == sum(call.joined_s is not None for call in calls)
    lost = [c for c in calls if c.abandoned_s is not None]
    assert figures.lost == sum(c.joined_s is None or c.fate.kind is Kind.PERSON for c in lost)
    assert (day.live, len(day.flight), len(day.waiting), len(day.crossing)) == (0, 0, 0, 0)
    assert coming(day) == 0
    by_agents = {c.agent.index: 0.0 for c in calls if c.agent is not None}
    for call in calls:
        if call.agent is not None and call.joined_s is not None and call.ended_s is not None:
            end_s, begin_s = min(call.ended_s, 3600.0), min(call.joined_s, 3600.0)
            by_agents[call.agent.index] += end_s - begin_s
    assert sum(by_agents.values()) == pytest.approx(figures.talk_s)


def test_the_worst_half_hour_slides_and_needs_twenty_answers() -> None:
    assert worst_half_hour([]) is None
    assert worst_half_hour([(60.0 * n, True) for n in range(19)]) is None
    steady = [(60.0 * n, n % 10 == 0) for n in range(480)]
    assert worst_half_hour(steady) == pytest.approx(4 / 31)  # both ends of the half hour are in it
    burst = [(0.0, False), *((1810.0 + n, n < 10) for n in range(20))]  # across what would be two fixed half hours
    assert worst_half_hour(burst) == pytest.approx(0.5)
    assert worst_half_hour([(0.0, True), *((1801.0 + n, False) for n in range(20))]) == 0.0


def test_the_first_minutes_of_a_day_are_no_half_hour() -> None:
    bad_start = [(1.0 * n, n < 10) for n in range(40)]
    later = [(40.0 + 10.0 * n, False) for n in range(200)]
    assert worst_half_hour(bad_start + later) == pytest.approx(10 / 217)
    assert worst_half_hour(bad_start) == pytest.approx(10 / 40), "a day that is shorter is judged as a whole"

"""Do the people of a made-up world behave as its parameters say, whoever asks and in whatever order?"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from dataclasses import replace

import pytest

from dialer.rehearsal.people import Fate, Kind, People, RateCourse
from dialer.rehearsal.world import (
    WORLDS,
    AnswerRate,
    Dip,
    LogNormal,
    World,
    cold_start,
    few_answers,
    few_trunks,
    half_leave,
    rate_dip,
    short_refusals,
    world_a,
    world_b,
)

CALLS = 20_000
STEADY = AnswerRate(jumps=0, swing=0.0)


def steady(world: World, rate: float = 0.25) -> World:
    return replace(world, answer_rate=replace(STEADY, profile=((0.0, rate),)))


@pytest.fixture(scope="module")
def fates() -> list[Fate]:
    people = People(steady(world_a(20, 1)))
    return [people.fate(index, 3600.0) for index in range(CALLS)]


def of(fates: list[Fate], kind: Kind) -> list[Fate]:
    return [fate for fate in fates if fate.kind is kind]


def spread(values: list[float]) -> tuple[float, float]:
    mean = statistics.fmean(values)
    return round(mean, 6), round(statistics.pstdev(values) / mean, 6)


def near(mean: float, cv: float, values: list[float]) -> None:
    """Mean within two per cent, coefficient of variation within five."""
    found = spread(values)
    assert found[0] == pytest.approx(mean, rel=0.02)
    assert found[1] == pytest.approx(cv, rel=0.05)


def test_shares_of_what_calls_meet_are_those_of_the_world(fates: list[Fate]) -> None:
    met = {kind: number / CALLS for kind, number in Counter(fate.kind for fate in fates).items()}
    in_time = 0.965  # of the persons: the others would answer after the time-out
    assert met[Kind.PERSON] == pytest.approx(0.25 * in_time, abs=0.01)
    assert met[Kind.BUSY] == pytest.approx(0.75 * 0.05, abs=0.005)
    assert met[Kind.FAILED] == pytest.approx(0.75 * 0.07, abs=0.005)
    assert 0.2 < met[Kind.MACHINE] < 0.75 * 0.38 + 0.01


def test_times_have_their_means_and_spreads(fates: list[Fate]) -> None:
    persons, machines = of(fates, Kind.PERSON), of(fates, Kind.MACHINE)
    near(2.4, 0.5, [f.set_up_s for f in fates])
    near(1.8, 0.4, [f.heard_s for f in persons])
    near(2.6, 0.3, [f.heard_s for f in machines])
    rang = [f.answer_s - f.set_up_s for f in persons]
    assert 9.5 < statistics.fmean(rang) < 11.0  # 11 s, without those who would answer too late
    assert max(f.answer_s for f in persons) < 26
    quick = sum(f.answer_s - f.set_up_s < 4 for f in machines) / len(machines)
    assert quick > 0.25  # a quarter of the machines, and some slow ones are cut off by the time-out


def test_a_third_of_the_talks_are_short_refusals_and_the_others_long(fates: list[Fate]) -> None:
    persons = of(fates, Kind.PERSON)
    assert statistics.fmean(f.talk_s for f in persons) == pytest.approx(0.35 * 18 + 0.65 * 180, rel=0.05)
    assert statistics.fmean(f.wrap_up_s for f in persons) == pytest.approx(0.35 * 6 + 0.65 * 20, rel=0.04)


def test_a_machine_taken_for_a_person_costs_seven_seconds_in_all_and_one_nobody_listened_to_a_wrap_up_too(
    fates: list[Fate],
) -> None:
    unheard = People(steady(world_b(20, 1)))
    machines = of([unheard.fate(index, 3600.0) for index in range(500)], Kind.MACHINE)
    assert {(f.talk_s, f.wrap_up_s) for f in of(fates, Kind.MACHINE)} == {(7.0, 0.0)}
    assert {(f.talk_s, f.wrap_up_s) for f in machines} == {(7.0, 6.0)}


def test_an_agent_who_never_waits_would_talk_89_1_percent(fates: list[Fate]) -> None:
    met = [fate for fate in fates if fate.passes]
    talk_s, wrap_up_s = sum(fate.talk_s for fate in met), sum(fate.wrap_up_s for fate in met)
    assert talk_s / (talk_s + wrap_up_s) == pytest.approx(0.891, abs=0.0015)


def test_detection_errs_as_often_as_it_should(fates: list[Fate]) -> None:
    persons, machines = of(fates, Kind.PERSON), of(fates, Kind.MACHINE)
    assert sum(not f.passes for f in persons) / len(persons) == pytest.approx(0.01, abs=0.004)
    assert sum(f.passes for f in machines) / len(machines) == pytest.approx(0.05, abs=0.01)


def test_without_detection_every_answer_needs_an_agent_at_once() -> None:
    people = People(steady(world_b(5, 1)))
    answered = [fate for fate in (people.fate(k, 0.0) for k in range(2000)) if fate.kind.answers]
    assert all(fate.passes and fate.heard_s == 0.0 for fate in answered)


def test_a_fate_depends_on_seed_and_index_and_not_on_who_asks_or_when() -> None:
    world = steady(world_a(5, 7))
    one, other = People(world), People(world)
    order = list(range(3000))
    random.Random(1).shuffle(order)
    asked = {index: other.fate(index, 100.0 + index) for index in order}
    assert all(one.fate(index, 5000.0) == asked[index] for index in range(3000))
    different = People(replace(world, seed=8))
    assert [one.fate(k, 0.0) for k in range(50)] != [different.fate(k, 0.0) for k in range(50)]


def test_the_rate_at_the_launch_decides_who_is_a_person_and_nothing_else_of_him() -> None:
    people, likelier = People(steady(world_a(5, 1), 0.1)), People(steady(world_a(5, 1), 0.5))
    pairs = [(people.fate(k, 0.0), likelier.fate(k, 0.0)) for k in range(2000)]
    persons = [(rare, often) for rare, often in pairs if rare.kind is Kind.PERSON]
    assert persons
    assert all(rare == often for rare, often in persons)


def test_the_rate_swings_and_jumps_within_its_levels() -> None:
    courses = [RateCourse(AnswerRate(), seed, 28_800.0) for seed in range(200)]
    rates = [course.at(at_s) for course in courses for at_s in range(0, 28_800, 600)]
    assert 0.25 * 0.45 * 0.7 <= min(rates) < 0.10
    assert 0.5 < max(rates) <= 0.25 * 1.9 * 1.3
    assert statistics.fmean(rates) == pytest.approx(0.25, abs=0.015)
    jumps = [sum(abs(c.at(s + 1) - c.at(s)) > 0.01 for s in range(0, 28_800)) for c in courses[:5]]
    assert all(3 <= number <= 6 for number in jumps), jumps  # a jump may be too small to see


def test_a_profile_goes_by_the_hours_of_the_day() -> None:
    course = RateCourse(replace(STEADY, profile=((0.0, 0.2), (3.0, 0.3))), 1, 28_800.0)
    assert [course.at(s) for s in (0.0, 10_799.0, 10_800.0, 28_000.0)] == [0.2, 0.2, 0.3, 0.3]
    with pytest.raises(ValueError, match="in order of time"):
        AnswerRate(profile=((0.0, 0.2), (3.0, 0.3), (2.0, 0.1)))


def test_a_dip_falls_to_a_third_within_a_minute_and_rises_again() -> None:
    dip = Dip(from_s=1000.0, until_s=2000.0)
    seen = [round(dip.factor(s), 3) for s in (999.0, 1000.0, 1030.0, 1060.0, 2000.0, 2030.0, 2060.0, 3000.0)]
    assert seen == [1.0, 1.0, 0.667, 0.333, 0.333, 0.667, 1.0, 1.0]


def test_agents_come_pause_and_go_as_told() -> None:
    shifts = [shift for seed in range(40) for shift in People(world_a(50, seed)).shifts]
    late = sum(shift.begins_s > 600 for shift in shifts) / len(shifts)
    early = sum(shift.ends_s is not None for shift in shifts) / len(shifts)
    assert late == pytest.approx(0.15, abs=0.02)
    assert early == pytest.approx(0.15, abs=0.02)
    assert all(2.0 <= shift.begins_s <= 7200 for shift in shifts)
    assert all(shift.ends_s is None or 28_800 - 7200 <= shift.ends_s <= 28_800 for shift in shifts)
    lunches = [sum(length == 1800.0 for _, length in shift.pauses) for shift in shifts]
    assert max(lunches) == 1
    assert statistics.fmean(lunches) > 0.9
    short = [length for shift in shifts for _, length in shift.pauses if length != 1800.0]
    assert statistics.fmean(short) == pytest.approx(240, abs=5)
    between = [b[0] - a[0] - a[1] for s in shifts for a, b in zip(s.pauses, s.pauses[1:], strict=False)]
    assert statistics.fmean(between) == pytest.approx(2700, rel=0.02)


def test_half_the_agents_leave_at_once() -> None:
    world = half_leave(10, 3)
    gone = [shift.ends_s for shift in People(world).shifts]
    assert sum(at is not None and at <= world.seconds / 2 for at in gone) == 5


def test_each_hard_world_is_hard_in_its_own_way() -> None:
    usual = world_a(20, 1)
    assert few_answers(20, 1).answer_rate.profile == ((0.0, 0.09),)
    assert few_answers(20, 1).talking.talk.mean_s > usual.talking.talk.mean_s
    assert short_refusals(20, 1).answer_rate.profile == ((0.0, 0.35),)
    assert short_refusals(20, 1).talking.refusals > 0.5
    assert few_trunks(20, 1).lines == 30 < usual.lines == 100
    assert rate_dip(20, 1).answer_rate.dip is not None
    assert cold_start(20, 1).hours == 2.0
    assert {name: make(5, 1, 1.0).name for name, make in WORLDS.items()} == {name: name for name in WORLDS}


@pytest.mark.parametrize("sizes", [(0, 8.0), (501, 8.0), (5, 0.0), (5, 16.0), (5, float("nan"))])
def test_a_day_that_cannot_be_is_refused(sizes: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match=r"1 to 500 agents|at most 15 hours"):
        world_a(sizes[0], 1, sizes[1])


def test_a_length_has_the_mean_and_spread_it_was_given() -> None:
    dice = random.Random(1)
    drawn = [LogNormal(mean_s=180.0, cv=0.8).at(dice.gauss(0, 1)) for _ in range(50_000)]
    near(180.0, 0.8, drawn)
    with pytest.raises(ValueError, match="above 0, at most a day"):
        LogNormal(mean_s=0.0, cv=0.5)

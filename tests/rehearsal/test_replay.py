"""Does a recorded day, replayed as it was, come out as it was; and is its luck the seed's alone?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from campaigns.model import DialMode
from dialer.rehearsal.engine_day import EngineDay
from dialer.rehearsal.people import Kind
from dialer.rehearsal.recorded_day import RecordedDay, day_from
from dialer.rehearsal.recorded_people import Met, RecordedCall, RecordedPeople, nearest
from dialer.rehearsal.replay import replay
from dialer.rehearsal.world import world_a, world_b
from tests.rehearsal.days import dialled, steady

SEEDS = range(1, 4)
TOLERANCE = 0.06  # of talk share, for the mean of three seeds of a day of three quarters of an hour
LIKE_OTHERS = RecordedCall(0.0, Met.PERSON, 2.0, 10.0, 1.5, 60.0, 9.0)


@pytest.fixture(scope="module")
def with_detection(tmp_path_factory: pytest.TempPathFactory) -> RecordedDay:
    day = EngineDay(world=steady(world_a(6, 4, 0.75)))
    return dialled(day, tmp_path_factory.mktemp("detection"))


@pytest.fixture(scope="module")
def without_detection(tmp_path_factory: pytest.TempPathFactory) -> RecordedDay:
    return dialled(EngineDay(world=steady(world_b(6, 3, 0.75))), tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("kind", ["with_detection", "without_detection"])
def test_a_day_replayed_as_it_was_comes_out_as_recorded(kind: str, request: pytest.FixtureRequest) -> None:
    day: RecordedDay = request.getfixturevalue(kind)
    again = [replay(day, day.terms, seed) for seed in SEEDS]
    talk = sum(each.talk_share or 0.0 for each in again) / len(SEEDS)
    lost = sum(each.abandonment or 0.0 for each in again) / len(SEEDS)
    assert day.figures.talk_share is not None
    assert day.figures.abandonment is not None
    assert talk == pytest.approx(day.figures.talk_share, abs=TOLERANCE)
    assert lost == pytest.approx(day.figures.abandonment, abs=0.03)
    attempts = sum(each.attempts for each in again) / len(SEEDS)
    assert attempts == pytest.approx(day.figures.attempts, rel=0.15)
    at_work = sum(each.at_work_s for each in again) / len(SEEDS)
    assert at_work == pytest.approx(day.figures.at_work_s, rel=0.05)


def test_the_same_seed_is_the_same_day_and_another_is_another(without_detection: RecordedDay) -> None:
    day = without_detection
    one, two, other = (replay(day, day.terms, seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_more_calls_for_each_agent_mean_more_talk_and_more_lost(with_detection: RecordedDay) -> None:
    day = replace(with_detection, terms=replace(with_detection.terms, mode=DialMode.PROGRESSIVE, cap=0.03))
    calm = replay(day, day.terms, 1)
    eager = replay(day, replace(day.terms, mode=DialMode.POWER, ratio=3.0), 1)
    assert (eager.talk_share or 0) > (calm.talk_share or 0)
    assert eager.lost > calm.lost


def test_no_replay_passes_the_limits_of_the_day(without_detection: RecordedDay) -> None:
    day = without_detection
    assert replay(day, replace(day.terms, lines=1), 1).talk_s <= day.seconds
    narrow = replay(day, replace(day.terms, lines_per_agent=0.2), 1)
    assert narrow.talk_s <= 0.2 * (narrow.at_work_s + narrow.pause_s)
    assert replay(day, replace(day.terms, rate=0.01), 1).attempts <= 0.01 * day.seconds + 1


def test_nothing_is_dialled_while_the_campaign_stood_still(without_detection: RecordedDay) -> None:
    whole = without_detection
    half = replace(whole, still=((0.0, whole.seconds / 2),))
    assert 0 < replay(half, half.terms, 1).attempts < 0.7 * replay(whole, whole.terms, 1).attempts


def test_a_recorded_day_is_told_as_json_and_read_back_equal(with_detection: RecordedDay) -> None:
    assert day_from(json.loads(json.dumps(with_detection.as_json()))) == with_detection


# --- whom a call meets -----------------------------------------------------------------------------------


def people(*calls: RecordedCall) -> RecordedPeople:
    return RecordedPeople(calls, (), seed=1)


def fates(who: RecordedPeople, at_s: float, number: int = 300) -> list[Kind]:
    return [who.fate(index, at_s).kind for index in range(number)]


def test_a_call_meets_those_who_were_called_about_the_same_time() -> None:
    early = [LIKE_OTHERS._replace(at_s=float(second)) for second in range(100)]
    late = [LIKE_OTHERS._replace(at_s=9000.0 + second, met=Met.BUSY) for second in range(100)]
    who = people(*early, *late)
    assert set(fates(who, 60.0)) == {Kind.PERSON}
    assert set(fates(who, 9060.0)) == {Kind.BUSY}


def test_where_few_were_called_it_is_looked_further_away() -> None:
    begins = [*range(0, 3000, 300), *range(9000, 9050)]
    first, last = nearest(begins, 0.0)
    assert last - first >= 20
    assert nearest(begins, 9025.0) == (10, 60)
    assert nearest([1.0, 2.0], 50_000.0) == (0, 2)


def test_a_call_that_we_cut_short_goes_on_like_those_that_lasted_longer() -> None:
    cut = LIKE_OTHERS._replace(met=Met.CANCELLED, lasted_s=16.0)
    quick = [LIKE_OTHERS] * 30
    long = LIKE_OTHERS._replace(lasted_s=20.0, met=Met.OTHER)
    assert set(fates(people(*quick, *[cut] * 30), 0.0)) == {Kind.PERSON, Kind.NOBODY}
    met = fates(people(*quick, *[cut] * 30, *[long] * 5), 0.0)
    assert Kind.NOBODY not in met
    assert met.count(Kind.MACHINE) > 300 * 20 / 65  # many more than the five alone


def test_who_was_lost_talks_as_long_as_one_who_was_joined() -> None:
    lost = LIKE_OTHERS._replace(met=Met.LOST, talk_s=0.0, wrap_up_s=0.0, heard_s=0.0, lasted_s=7.0)
    found = [people(*[lost] * 40, LIKE_OTHERS).fate(index, 0.0) for index in range(50)]
    assert all((each.talk_s, each.wrap_up_s, each.heard_s, each.passes) == (60.0, 9.0, 1.5, True) for each in found)
    assert any(each.answer_s == 7.0 for each in found)

"""Does a minute of decisions lose nothing that counts, tell what matters, and stay small whatever happens?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import DialMode
from dialer.decision_log import (
    MINUTE,
    MINUTE_MS,
    MOST_CAUSES,
    MOST_CHANGES,
    OTHER_CAUSES,
    Look,
    MinuteOfDecisions,
    Standing,
    Telling,
)
from dialer.decision_row import MOST_BYTES, minute_of, row_of
from dialer.held_by import HeldBy, cause_of
from dialer.pacing import CampaignFloor, Pace

TEN_FORTY = datetime(2026, 3, 2, 15, 40, tzinfo=UTC)
EMPTY = MinuteOfDecisions(minute=TEN_FORTY)

looks = st.builds(
    Look,
    words=st.text(max_size=400),
    cause=st.one_of(st.sampled_from(list(HeldBy)), st.text(min_size=1, max_size=80)),
    launched=st.integers(0, 50),
    cancelled=st.integers(0, 5),
    figures=st.lists(
        st.tuples(
            st.sampled_from(
                ["idle", "busy", "expected_free", "risk", "ringing", "expected_answers", "budget", "theta"]
            ),
            st.floats(),
        ),
        max_size=9,
    ).map(tuple),
)
instants = st.floats(-90.0, 150.0).map(lambda s: TEN_FORTY + timedelta(seconds=s))
moves = st.builds(
    lambda at, state, actor: Standing(state=state, since=at, actor=actor),
    instants,
    st.text(max_size=9),
    st.text(max_size=64),
)
happenings = st.lists(st.one_of(st.tuples(looks, instants), moves, st.integers(0, 9)), max_size=40)


def at(second: float) -> datetime:
    return TEN_FORTY + timedelta(seconds=second)


def look(words: str = "launch 0: ...", cause: str = HeldBy.NO_AGENT, **changes: object) -> Look:
    return Look(words=words, cause=cause, **changes)  # type: ignore[arg-type]


def played(events: list[object]) -> MinuteOfDecisions:
    minute = EMPTY
    for event in events:
        if isinstance(event, Standing):
            minute = minute.moved("somebody did something", event)
        elif isinstance(event, int):
            minute = minute.dialled_by_hand(event)
        else:
            assert isinstance(event, tuple)
            minute = minute.with_(*event)
    return minute


@settings(max_examples=300)
@given(happenings)
def test_nothing_that_is_counted_is_lost_and_the_row_stays_small(events: list[object]) -> None:
    minute = played(events).ended()
    seen = [event[0] for event in events if isinstance(event, tuple)]
    row = row_of(7, minute)
    text = json.dumps(row.body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert len(text.encode("utf-8", "replace")) <= MOST_BYTES
    for kept in (minute, minute_of(row)):
        assert kept.looks == len(seen)
        assert kept.launched == sum(each.launched for each in seen)
        assert kept.cancelled == sum(each.cancelled for each in seen)
        assert kept.by_hand == sum(event for event in events if isinstance(event, int))
        assert sum(ms for _, ms in kept.held_ms) <= MINUTE_MS
    assert minute_of(row_of(7, minute_of(row))) == minute_of(row)


@given(st.lists(st.tuples(looks, st.integers(0, 599)), min_size=1, max_size=60))
def test_launches_add_up_over_minutes_whenever_the_looks_are(seen: list[tuple[Look, int]]) -> None:
    minute, closed = EMPTY.with_(look(), at(0)), []
    for each, second in sorted(seen, key=lambda found: found[1]):
        while at(second) >= minute.minute + MINUTE:
            closed.append(minute.ended())
            minute = minute.next(minute.minute + MINUTE)
        minute = minute.with_(each, at(second))
    closed.append(minute.ended())
    assert sum(kept.launched for kept in closed) == sum(each.launched for each, _ in seen)
    for kept in closed[1:]:
        assert sum(ms for _, ms in kept.held_ms) == MINUTE_MS, (
            "each minute after the first is held by something all along"
        )


def test_time_belongs_to_the_cause_that_stood_until_the_next_look() -> None:
    minute = EMPTY.with_(look(cause="a"), at(0)).with_(look(cause="b"), at(15)).with_(look(cause="a"), at(45)).ended()
    assert dict(minute.held_ms) == {"a": 30_000, "b": 30_000}
    assert minute.held == (("a", 0.5), ("b", 0.5))


def test_a_cause_goes_on_into_the_next_minute_but_not_over_a_gap() -> None:
    ended = EMPTY.with_(look(cause="a"), at(50)).ended()
    assert dict(ended.next(TEN_FORTY + MINUTE).with_(look(cause="b"), at(70)).held_ms) == {"a": 10_000}
    assert dict(ended.next(TEN_FORTY + 2 * MINUTE).with_(look(cause="b"), at(130)).held_ms) == {}


def test_a_pause_ends_what_held_the_campaign_back() -> None:
    paused = Standing(state="PAUSED", since=at(20), actor="anna")
    minute = EMPTY.with_(look(cause="a"), at(0)).moved("paused by anna", paused).ended()
    assert dict(minute.held_ms) == {"a": 20_000}
    assert (minute.standing, minute.next(TEN_FORTY + 5 * MINUTE).standing) == (paused, paused)


def test_the_first_sentence_and_the_one_of_the_largest_launch_are_kept() -> None:
    minute = EMPTY.with_(look("launch 1", "", launched=1), at(1))
    for second, launched in ((5, 3), (9, 7), (12, 7), (30, 2)):
        minute = minute.with_(look(f"launch {launched} at {second}", "", launched=launched), at(second))
    assert [(each.telling, each.words) for each in minute.said] == [
        (Telling.FIRST, "launch 1"),
        (Telling.LARGEST, "launch 7 at 9"),
    ]


def test_a_change_of_cause_is_kept_with_its_second_but_not_pacings_own_to_and_fro() -> None:
    minute = EMPTY.with_(look("idle", HeldBy.NO_AGENT), at(1)).with_(look("enough", HeldBy.ENOUGH), at(2))
    minute = minute.with_(look("down", HeldBy.TRUNK_DOWN), at(17.6)).with_(look("still", HeldBy.TRUNK_DOWN), at(18))
    minute = minute.with_(look("up", HeldBy.NO_AGENT), at(40))
    assert [(each.second, each.words) for each in minute.said] == [(1, "idle"), (17, "down"), (40, "up")]


def test_a_limit_that_comes_and_goes_with_every_call_is_told_once() -> None:
    minute = EMPTY.with_(look("idle", HeldBy.NO_AGENT), at(0))
    for second in range(1, 30):
        minute = minute.with_(look(f"{second}", (HeldBy.NOTHING, HeldBy.TRUNK_RATE)[second % 2]), at(second))
    assert [each.words for each in minute.said] == ["idle", "1"]
    assert minute.left_out == 0


def test_a_cause_not_seen_before_takes_the_place_of_one_that_came_back() -> None:
    minute = EMPTY.with_(look("first", "a"), at(0))
    for second in range(1, 21):
        minute = minute.with_(look(f"{second}", "ab"[second % 2]), at(second))
    minute = minute.with_(look("new", "c"), at(30))
    changes = [each for each in minute.said if each.telling is Telling.CHANGE]
    assert len(changes) == MOST_CHANGES
    assert changes[-1].words == "new"
    assert minute.left_out == 21 - 1 - MOST_CHANGES + 1


def test_the_newest_move_is_kept_however_many_there_were() -> None:
    minute = EMPTY
    for second in range(20):
        minute = minute.moved(f"move {second}", Standing(state="PAUSED", since=at(second), actor="anna"))
    assert [each.words for each in minute.said] == ["move 0", "move 1", "move 2", "move 19"]


def test_causes_beyond_the_first_four_are_one() -> None:
    minute = EMPTY
    for second in range(10):
        minute = minute.with_(look(cause=f"cause {second}"), at(second))
    assert dict(minute.ended().held_ms) == {
        **{f"cause {n}": 1000 for n in range(MOST_CAUSES)},
        OTHER_CAUSES: MINUTE_MS - 1000 * MOST_CAUSES,
    }


def test_a_figure_keeps_its_least_mean_and_most_and_one_that_is_no_number_is_passed_over() -> None:
    minute = EMPTY
    for second, idle in enumerate((3.0, 0.0, 1.5, float("nan"), float("inf"))):
        minute = minute.with_(look(figures=(("idle", idle), ("theta", 1.0))), at(second))
    ((name, spread),) = minute.figures
    assert (name, spread.looks, spread.least, spread.mean, spread.most) == ("idle", 3, 0.0, 1.5, 3.0)
    assert minute_of(row_of(1, minute)).figures == minute.figures


def test_what_a_row_holds_comes_back() -> None:
    minute = EMPTY.moved("started by anna", Standing(state="RUNNING", since=at(1), actor="anna"))
    minute = minute.with_(
        look("launch 4", "", launched=4, cancelled=1, figures=(("idle", 2.0),)), at(2)
    ).dialled_by_hand(2)
    again = minute_of(row_of(1, minute.ended()))
    assert (again.attempts, again.cancelled, again.looks) == (6, 1, 1)
    assert again.standing == minute.standing
    assert [(each.second, each.telling, each.words) for each in again.said] == [
        (1, Telling.MOVE, "started by anna"),
        (2, Telling.FIRST, "launch 4"),
    ]


LOST = AbandonmentCount(abandoned=9, joined_human=41)
SPENT = AbandonBudget(today=LOST, thirty_days=LOST, cap=0.03)


def campaign(**changes: object) -> CampaignFloor:
    plain: dict[str, object] = {
        "campaign_id": 1, "mode": DialMode.POWER, "ratio": 2.0, "abandon_cap": 0.03,
        "today": AbandonmentCount(), "thirty_days": AbandonmentCount(), "may_start": 9,
        "limited_by": HeldBy.TRUNK_LINES,
    }  # fmt: skip
    return CampaignFloor(**(plain | changes))  # type: ignore[arg-type]


def pace(launch: int = 0, *, idle: float = 0.0, held_by: str = "") -> Pace:
    return Pace(campaign_id=1, launch=launch, reason="", figures=(("idle", idle),), held_by=held_by)


@pytest.mark.parametrize(
    ("floor", "decided", "cause"),
    [
        (campaign(hold="trunk x is down: 5 s", held_by=HeldBy.TRUNK_DOWN), pace(), HeldBy.TRUNK_DOWN),
        (campaign(hold="something new"), pace(), "something new"),
        (campaign(), pace(1, idle=3.0, held_by=HeldBy.RISK), HeldBy.RISK),
        (campaign(mode=DialMode.MANUAL), pace(), HeldBy.BY_HAND),
        (campaign(may_start=2), pace(2, idle=3.0), HeldBy.TRUNK_LINES),
        (campaign(may_start=0), pace(0, idle=3.0), HeldBy.TRUNK_LINES),
        (campaign(), pace(2, idle=2.0), HeldBy.NOTHING),
        (campaign(), pace(0, idle=2.0), HeldBy.ENOUGH),
        (campaign(), pace(0, idle=0.0), HeldBy.NO_AGENT),
        (campaign(budget=SPENT), pace(0, idle=2.0), HeldBy.BUDGET),
        (campaign(budget=SPENT), pace(2, idle=2.0), HeldBy.NOTHING),
        (campaign(budget=SPENT, mode=DialMode.PROGRESSIVE), pace(0, idle=2.0), HeldBy.ENOUGH),
        (campaign(may_start=0), pace(0, idle=0.0), HeldBy.NO_AGENT),
    ],
)
def test_what_kept_a_decision_from_more_is_pacings_word_else_what_the_floor_shows(
    floor: CampaignFloor, decided: Pace, cause: str
) -> None:
    assert cause_of(floor, decided) == cause

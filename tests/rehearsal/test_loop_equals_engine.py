"""Is the store-free loop the real engine? Whole days of both, compared call by call, to each instant's last digit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from campaigns.model import DialMode
from dialer.rehearsal.engine_day import EngineDay, play
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.floor_people import Call
from dialer.rehearsal.loop import Loop
from dialer.rehearsal.pacer import ProductPacer
from dialer.rehearsal.world import World, half_leave, world_a, world_b
from telephony.port import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallRinging,
    CallScreened,
    Event,
    Joined,
    SafeHarbourStarted,
)

Story = list[tuple[str, float, str]]  # what happened, when, and with which agent or outcome
RANG, ANSWERED, HEARD, JOINED, LOST, ENDED = "rang", "answered", "heard", "joined", "lost", "ended"


@dataclass
class Listener:
    """What the exchange told of each call, in the order in which calls were first heard of."""

    stories: dict[str, Story] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, event: Event) -> None:
        if not isinstance(event, CallEvent):
            return
        story, at_s = self.stories[event.call.id], event.mono_s
        match event:
            case CallRinging():
                story.append((RANG, at_s, ""))
            case CallAnswered():
                story.append((ANSWERED, at_s, ""))
            case CallScreened():
                story.append((HEARD, at_s, ""))
            case Joined():
                story.append((JOINED, at_s, event.agent))
            case SafeHarbourStarted():
                story.append((LOST, at_s, ""))
            case CallEnded():
                story.append((ENDED, at_s, event.cause.network.value))


def story_of(call: Call) -> Story:
    agent = call.agent.number if call.agent is not None else ""
    told = (
        (RANG, call.ringing_s, ""),
        (ANSWERED, call.answered_s, ""),
        (HEARD, call.screened_s, ""),
        (JOINED, call.joined_s, agent),
        (LOST, call.abandoned_s, ""),
        (ENDED, call.ended_s, call.outcome),
    )
    return sorted((what, at_s, who) for what, at_s, who in told if at_s is not None)


def by_engine(day: EngineDay, folder: Path) -> tuple[DayFigures, list[Story]]:
    listener = Listener()
    figures = play(day, folder, overhear=listener)
    # Ids are numbered as calls are made, so this is the order of placing.
    return figures, [sorted(story) for _, story in sorted(listener.stories.items())]


def by_loop(day: EngineDay) -> tuple[DayFigures, list[Story]]:
    pacer = ProductPacer(day.mode, ratio=day.ratio, detects=day.world.detector is not None)
    loop = Loop(day.world, pacer, keep=True)
    figures = loop.run()
    assert loop.calls is not None
    return figures, [story_of(call) for call in loop.calls]


def compare(day: EngineDay, folder: Path) -> tuple[DayFigures, DayFigures]:
    engine, told = by_engine(day, folder)
    loop, played = by_loop(day)
    for index, (real, quick) in enumerate(zip(told, played, strict=False)):
        assert quick == real, f"call {index}"
    assert len(played) == len(told) == engine.attempts == loop.attempts
    assert (loop.met, loop.lost, loop.joined, loop.cancelled) == (
        engine.met,
        engine.lost,
        engine.joined,
        engine.cancelled,
    )
    for name in ("talk_s", "wrap_up_s", "ready_s", "pause_s", "worst_half_hour"):
        # The store keeps microseconds, so sums of thousands of spans differ in the third decimal.
        assert getattr(loop, name) == pytest.approx(getattr(engine, name), abs=0.05), name
    return engine, loop


def predictive(world: World) -> EngineDay:
    return EngineDay(world=world, mode=DialMode.PREDICTIVE)


@pytest.mark.slow
def test_a_whole_predictive_day_of_five_agents_is_the_same_call_by_call(tmp_path: Path) -> None:
    engine, _ = compare(predictive(world_a(5, 3)), tmp_path)
    assert engine.attempts > 1500
    assert engine.lost > 0
    assert engine.cancelled > 0


@pytest.mark.slow
def test_a_whole_power_day_of_five_agents_is_the_same_call_by_call(tmp_path: Path) -> None:
    engine, _ = compare(EngineDay(world=world_a(5, 4), mode=DialMode.POWER, ratio=2.0), tmp_path)
    assert engine.attempts > 2500
    assert engine.lost > 0


@pytest.mark.parametrize(
    "day",
    [
        EngineDay(world=world_a(3, 1, 0.5)),
        EngineDay(world=world_b(4, 2, 0.5), mode=DialMode.POWER, ratio=3.0),
        predictive(half_leave(6, 5, 0.5)),
    ],
    ids=["progressive", "without detection", "half the agents leave"],
)
def test_short_days_of_other_modes_and_worlds_are_the_same_too(day: EngineDay, tmp_path: Path) -> None:
    compare(day, tmp_path)

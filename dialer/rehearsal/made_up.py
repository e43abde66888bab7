"""Which world does somebody mean who describes his day in a few numbers? One of the named ones, with his changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dialer.rehearsal.world import WORLDS, Answering, AnswerRate, LogNormal, Talking, World

OPENS_HOUR = 9.0  # when a rehearsed day begins
SHORTEST_S, LONGEST_S = 1.0, 3600.0


@dataclass(frozen=True, kw_only=True)
class Described:
    """A day as its user describes it; what is None is as the world has it. Lengths are means in seconds."""

    world: str
    agents: int
    hours: float
    seed: int
    answer_rate: str | None = None
    machine: float | None = None
    ring_s: float | None = None
    talk_s: float | None = None
    wrap_up_s: float | None = None


def world_of(day: Described) -> World:
    """The world to play. Raises ValueError, saying what may be given, for a day that cannot be."""
    maker = WORLDS.get(day.world)
    if maker is None:
        raise ValueError(f"World {day.world[:40]!r}: one of {', '.join(WORLDS)}. Nothing was simulated.")
    if not math.isfinite(day.hours):
        raise ValueError(f"--hours {day.hours}: a length of time. Nothing was simulated.")
    world = maker(day.agents, day.seed, day.hours)
    if day.answer_rate is not None:
        world = replace(world, answer_rate=rate_of(day.answer_rate))
    return replace(world, answering=_answering(world, day), talking=_talking(world.talking, day))


def rate_of(words: str) -> AnswerRate:
    """`0.2`, or a course of the day such as `9:0.2,12:0.3`: from nine o'clock 0.2, from twelve 0.3. It does not swing.

    Raises ValueError for anything else.
    """
    steps = [each.split(":") for each in words.split(",")]
    try:
        if len(steps) == 1 and len(steps[0]) == 1:
            profile = [(0.0, float(steps[0][0]))]
        else:
            profile = [(float(hour) - OPENS_HOUR, float(rate)) for hour, rate in steps]
    except ValueError:
        raise ValueError(f"--answer-rate {words[:60]!r}: {_RATES}. Nothing was simulated.") from None
    if not all(math.isfinite(hour) and 0 <= rate <= 1 for hour, rate in profile):
        raise ValueError(f"--answer-rate {words[:60]!r}: {_RATES}. Nothing was simulated.")
    first = [(0.0, rate) for hour, rate in profile if hour <= 0][-1:] or [(0.0, profile[0][1])]
    later = [(hour, rate) for hour, rate in profile if hour > 0]
    return AnswerRate(profile=(*first, *later), jumps=0, swing=0.0)


_RATES = "a share from 0 to 1, or hours and shares such as 9:0.2,12:0.3"


def _answering(world: World, day: Described) -> Answering:
    wired = world.answering
    if day.machine is not None:
        most = 1.0 - wired.busy - wired.failed
        if not 0 <= day.machine <= most:
            words = f"--machine {day.machine:g}: a share of the calls no person answers, from 0 to {most:g}"
            raise ValueError(f"{words}. Nothing was simulated.")
        wired = replace(wired, machine=day.machine)
    if day.ring_s is not None:
        wired = replace(wired, person_ring=replace(wired.person_ring, mean_s=_length("ring", day.ring_s)))
    return wired


def _talking(usual: Talking, day: Described) -> Talking:
    """Short and long ones are stretched alike, so that all of them together have the mean that was asked for."""
    short = usual.refusals
    if day.talk_s is not None:
        mean_s = short * usual.refusal.mean_s + (1 - short) * usual.talk.mean_s
        times = _length("talk", day.talk_s) / mean_s
        usual = replace(usual, refusal=_times(usual.refusal, times), talk=_times(usual.talk, times))
    if day.wrap_up_s is not None:
        mean_s = short * usual.refusal_wrap_up.mean_s + (1 - short) * usual.wrap_up.mean_s
        times = _length("wrap-up", day.wrap_up_s) / mean_s
        refusal_wrap_up, wrap_up = _times(usual.refusal_wrap_up, times), _times(usual.wrap_up, times)
        usual = replace(usual, refusal_wrap_up=refusal_wrap_up, wrap_up=wrap_up)
    return usual


def _times(length: LogNormal, times: float) -> LogNormal:
    return replace(length, mean_s=length.mean_s * times)


def _length(option: str, seconds: float) -> float:
    if not SHORTEST_S <= seconds <= LONGEST_S:
        words = f"--{option} {seconds:g}: {SHORTEST_S:g} to {LONGEST_S:g} seconds"
        raise ValueError(f"{words}. Nothing was simulated.")
    return seconds

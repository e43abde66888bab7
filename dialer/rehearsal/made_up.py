"""Which world does somebody mean who describes his day in a few numbers? One of the named ones, with his changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialer.rehearsal.world import WORLDS, Answering, AnswerRate, LogNormal, Talking, World

OFFICE = "office"  # the plain world, with scripts, callbacks and bad numbers; it is not played here
OPENS_HOUR = 9.0  # when a rehearsed day begins
MIDNIGHT = 24.0
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
        raise ValueError(f"--world {day.world[:40]!r}: one of {', '.join((OFFICE, *WORLDS))}. Nothing was simulated.")
    world = maker(day.agents, day.seed, day.hours)
    if day.answer_rate is not None:
        world = replace(world, answer_rate=rate_of(day.answer_rate))
    return replace(world, answering=_answering(world, day), talking=_talking(world.talking, day))


def rate_of(words: str) -> AnswerRate:
    """`0.2`, or a course of the day such as `9:0.2,12:0.3`: from nine o'clock 0.2, from twelve 0.3. It does not swing.

    The hours are those of the clock, and the day begins at nine: what began before it holds then, and a first hour
    after it holds from its beginning on. Raises ValueError for anything else.
    """
    steps = _steps(words)
    if not all(0 <= rate <= 1 for _, rate in steps):
        raise _no_rate(words, _RATES)
    hours = [hour for hour, _ in steps]
    if not all(0 <= hour < MIDNIGHT for hour in hours):
        raise _no_rate(words, f"hours of the clock, from 0 to below {MIDNIGHT:g}, such as 9:0.2,12:0.3")
    if len(set(hours)) < len(hours):
        raise _no_rate(words, "give each hour of the clock once")
    if hours != sorted(hours):
        raise _no_rate(words, "give the hours of the clock in order of time, such as 9:0.2,12:0.3")
    begun = next((rate for hour, rate in reversed(steps) if hour <= OPENS_HOUR), steps[0][1])
    later = [(hour - OPENS_HOUR, rate) for hour, rate in steps if hour > OPENS_HOUR]
    return AnswerRate(profile=((0.0, begun), *later), jumps=0, swing=0.0)


def _steps(words: str) -> list[tuple[float, float]]:
    """Hour of the clock and share, as they were given. Raises ValueError."""
    parts = [each.split(":") for each in words.split(",")]
    try:
        if len(parts) == 1 and len(parts[0]) == 1:
            return [(OPENS_HOUR, float(words))]
        return [(float(hour), float(rate)) for hour, rate in parts]
    except ValueError:
        raise _no_rate(words, _RATES) from None


def _no_rate(words: str, wanted: str) -> ValueError:
    return ValueError(f"--answer-rate {words[:60]!r}: {wanted}. Nothing was simulated.")


_RATES = "a share from 0 to 1, or hours and shares such as 9:0.2,12:0.3"


def _answering(world: World, day: Described) -> Answering:
    wired = world.answering
    if day.machine is not None:
        most = round(1.0 - wired.busy - wired.failed, 6)
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

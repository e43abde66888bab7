"""How much do agents talk and how many people meet nobody, under our pacing and under others, on the same days?

Run: python -m bench.pacing_table [--quick] [--sizes 5,20] [--seeds 3] [--world a|b|hard] [--workers 2]
     [--policies ours|three|all] [--keep days.jsonl]
Days of eight hours on the store-free loop, which a test holds equal to the real engine. `--quick` is 5, 20 and 100
agents with 5 seeds and takes some minutes, the whole table is 5 to 300 agents with 20 seeds and takes hours. `--keep`
writes each day into a file and does not play it again while the sources are the same. Goals and the rivals' own figures
are PACING's. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.pacing_kept import Kept, sources
from bench.pacing_rivals import Brake, Clairvoyant, FixedRatio, MarketLeader, Progressive, RatioByDrops
from campaigns.model import DialMode
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.loop import Loop, Pacer
from dialer.rehearsal.pacer import ProductPacer
from dialer.rehearsal.world import HARD, WORLDS, World

OURS, PROGRESSIVE, CLAIRVOYANT = "predictive (ours)", "progressive 1:1", "clairvoyant for answers"
POLICIES: dict[str, Callable[[World], Pacer]] = {
    PROGRESSIVE: lambda _: Progressive(),
    "fixed ratio 2": lambda _: FixedRatio(2.0),
    "ratio by the day's drops": lambda _: RatioByDrops(),
    "market leader, hard limit": lambda _: MarketLeader(Brake.HARD_LIMIT),
    "market leader, average": lambda _: MarketLeader(Brake.AVERAGE),
    "market leader, tapered": lambda _: MarketLeader(Brake.TAPERED),
    "market leader, available only": lambda _: MarketLeader(Brake.HARD_LIMIT, available_only=True),
    OURS: lambda world: ProductPacer(DialMode.PREDICTIVE, detects=world.detector is not None),
    CLAIRVOYANT: lambda world: Clairvoyant(DialMode.PREDICTIVE, detects=world.detector is not None),
}
THREE = (PROGRESSIVE, OURS, CLAIRVOYANT)
SIZES, QUICK_SIZES = (5, 10, 20, 50, 100, 300), (5, 20, 100)
SEEDS, QUICK_SEEDS = 20, 5
HARD_AGENTS, HARD_SEEDS = 20, 1  # in the quick run
TALK_GOAL = {5: 0.655, 10: 0.710, 20: 0.763, 50: 0.817, 100: 0.846, 300: 0.872}
HALF_HOUR_GOAL = {5: 0.08, 10: 0.06, 20: 0.05, 50: 0.04, 100: 0.04, 300: 0.03}
LIMIT = 0.03
FIRST_HOUR_CALLS = 2
HEAD = "  talk  abandoned  worst day  half hour  worst  wait s"


@dataclass(frozen=True, kw_only=True)
class Job:
    world: str
    agents: int
    seed: int
    policy: str


@dataclass(frozen=True, kw_only=True)
class Played:
    """One day, and what a day of CPU it took."""

    job: Job
    figures: DayFigures
    cpu_s: float


def play(job: Job) -> Played:
    """One job in this process."""
    began = time.process_time()
    hours = 2.0 if job.world == "cold-start" else 8.0
    world = WORLDS[job.world](job.agents, job.seed, hours)
    with _no_cycles():
        figures = Loop(world, POLICIES[job.policy](world)).run()
    return Played(job=job, figures=figures, cpu_s=time.process_time() - began)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """A day makes millions of values and no cycles: the search for them takes a tenth of its time, and finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def played(jobs: list[Job], workers: int, keep: Path | None = None) -> list[Played]:
    """All jobs but those that are in the file, the longest first so that no worker waits for one at the end."""
    kept = Kept(keep, sources()) if keep else None
    known = {Job(**job): (figures, cpu_s) for job, figures, cpu_s in kept.days()} if kept else {}
    days = [Played(job=job, figures=known[job][0], cpu_s=known[job][1]) for job in jobs if job in known]
    left = sorted((job for job in jobs if job not in known), key=_longest_first)
    began = time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        for number, done in enumerate(as_completed([pool.submit(play, job) for job in left]), start=1):
            day = done.result()
            days.append(day)
            if kept:
                kept.add(asdict(day.job), day.figures, day.cpu_s)
            if number * 10 // len(left) > (number - 1) * 10 // len(left):
                print(f"{number} of {len(left)} days played, {time.monotonic() - began:.0f} s", file=sys.stderr)
    return days


def _longest_first(job: Job) -> tuple[int, bool]:
    return -job.agents, job.policy not in (OURS, CLAIRVOYANT)


class Table:
    """What was played, by world, size and policy, and the goals that were missed."""

    def __init__(self, days: list[Played]) -> None:
        self._days = days
        self.missed: list[str] = []

    def of(self, world: str, agents: int, policy: str) -> list[DayFigures]:
        """The days in the order of their seeds."""
        found = [d for d in self._days if (d.job.world, d.job.agents, d.job.policy) == (world, agents, policy)]
        return [day.figures for day in sorted(found, key=lambda d: d.job.seed)]

    def goal(self, reached: bool, words: str) -> str:
        """OK or MISSED, and the latter is remembered."""
        if not reached:
            self.missed.append(words)
        return "OK" if reached else "MISSED"

    # --- one size in world A or B -----------------------------------------------------------------------

    def size(self, world: str, agents: int, *, goals: bool) -> Iterator[str]:
        yield f"world {world}, {agents} agents, {len(self.of(world, agents, OURS))} days"
        yield f"  {'policy':<30} {HEAD}"
        for policy in POLICIES:
            days = self.of(world, agents, policy)
            if days:
                yield f"  {policy:<30} {_row(days)}"
        yield from self._against_the_clairvoyant(world, agents)
        if goals:
            yield from self._goals(world, agents)

    def _against_the_clairvoyant(self, world: str, agents: int) -> Iterator[str]:
        ours, seer, plain = (
            _mean([d.talk_share or 0.0 for d in self.of(world, agents, policy)])
            for policy in (OURS, CLAIRVOYANT, PROGRESSIVE)
        )
        if seer and seer > plain:
            yield f"  share of the gap progressive -> clairvoyant: {_percent((ours - plain) / (seer - plain))}"
            yield f"  of the clairvoyant's talk share: {_percent(ours / seer)}"

    def _goals(self, world: str, agents: int) -> Iterator[str]:
        days, name = self.of(world, agents, OURS), f"world {world}, {agents} agents"
        talk = _mean([d.talk_share or 0.0 for d in days])
        half = _mean([d.worst_half_hour or 0.0 for d in days])
        if agents in TALK_GOAL:
            goal = TALK_GOAL[agents]
            told = self.goal(talk >= goal, f"{name}: talk share {_percent(talk)}, goal {_percent(goal)}")
            yield f"  talk share {_percent(talk)}, at least {_percent(goal)}: {told}"
            goal = HALF_HOUR_GOAL[agents]
            told = self.goal(half <= goal, f"{name}: worst half hour {_percent(half)}, goal {_percent(goal)}")
            yield f"  worst half hour, mean over the days {_percent(half)}, at most {_percent(goal)}: {told}"
        yield from self._kept(days, name)

    def _kept(self, days: list[DayFigures], name: str) -> Iterator[str]:
        worst = max(d.abandonment or 0.0 for d in days)
        over = [seed for seed, d in enumerate(days) if (d.abandonment or 0.0) > LIMIT]
        told = self.goal(not over, f"{name}: over {_percent(LIMIT)} on the days of seeds {over}")
        yield f"  abandoned on the worst day {_percent(worst)}, at most {_percent(LIMIT)}: {told}"

    # --- the first hour, and hard worlds ------------------------------------------------------------------

    def first_hours(self, sizes: tuple[int, ...], world: str) -> Iterator[str]:
        yield f"the first hour of a new campaign, world {world}: people lost / answered, by seed"
        for agents in sizes:
            days = self.of(world, agents, OURS)
            bad = [
                seed
                for seed, d in enumerate(days)
                if d.first_hour_lost > max(FIRST_HOUR_CALLS, LIMIT * d.first_hour_met)
            ]
            shown = " ".join(f"{d.first_hour_lost}/{d.first_hour_met}" for d in days)
            told = self.goal(not bad, f"first hour with {agents} agents: seeds {bad}")
            yield f"  {agents:>4} agents: {shown}: {told}"

    def hard(self, world: str, agents: int) -> Iterator[str]:
        ours = self.of(world, agents, OURS)
        yield f"hard world {world}, {agents} agents, {len(ours)} days"
        for policy in (PROGRESSIVE, OURS):
            if days := self.of(world, agents, policy):
                yield f"  {policy:<30} {_row(days)}"
        yield from self._kept(ours, f"hard world {world}")


def _row(days: list[DayFigures]) -> str:
    talk = _mean([d.talk_share or 0.0 for d in days])
    lost = [d.abandonment or 0.0 for d in days]
    half = [d.worst_half_hour or 0.0 for d in days]
    wait = _mean([d.wait_per_call_s or 0.0 for d in days])
    shares = (talk, _mean(lost), max(lost), _mean(half), max(half))
    widths = (6, 10, 10, 10, 6)
    cells = (f"{100 * value:.2f}".rjust(width) for value, width in zip(shares, widths, strict=True))
    return f"{' '.join(cells)} {wait:>7.1f}"


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def jobs_of(
    worlds: tuple[str, ...], sizes: tuple[int, ...], seeds: int, *, quick: bool, policies: str = "all"
) -> list[Job]:
    """Every policy in world A, three in world B, two in the hard ones (one size when quick), or fewer if asked for."""
    jobs = []
    asked = {"ours": (OURS,), "three": THREE, "all": tuple(POLICIES)}[policies]
    for world in worlds:
        usual = tuple(POLICIES) if world == "a" else (PROGRESSIVE, OURS) if world in HARD else THREE
        for agents in sizes_in(world, sizes, quick=quick):
            for seed in range(min(seeds, HARD_SEEDS) if quick and world != "a" else seeds):
                jobs += [Job(world=world, agents=agents, seed=seed, policy=each) for each in usual if each in asked]
    return jobs


def sizes_in(world: str, sizes: tuple[int, ...], *, quick: bool) -> tuple[int, ...]:
    """The sizes played there: when it must be quick only world A is played at every size."""
    if world == "a":
        return sizes
    usual = tuple(n for n in sizes if n <= HARD_AGENTS) if quick or world in HARD else sizes
    return usual[-1:] or sizes[:1] if world in HARD or quick else usual


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="5, 20 and 100 agents, 5 seeds")
    options.add_argument("--sizes", help="numbers of agents, like 5,20")
    options.add_argument("--seeds", type=int, help="days for each size")
    options.add_argument("--world", choices=[*WORLDS, "hard", "all"], default="all")
    options.add_argument("--policies", choices=["ours", "three", "all"], default="all", help="ours; or two beside it")
    options.add_argument("--workers", type=int, default=2, help="processes at a time")
    options.add_argument("--keep", type=Path, help="a file of days played, to go on with after a stop")
    given = options.parse_args()
    sizes = tuple(map(int, given.sizes.split(","))) if given.sizes else QUICK_SIZES if given.quick else SIZES
    seeds = given.seeds or (QUICK_SEEDS if given.quick else SEEDS)
    worlds = {"all": tuple(WORLDS), "hard": tuple(HARD)}.get(given.world, (given.world,))
    began = time.monotonic()
    table = Table(
        played(jobs_of(worlds, sizes, seeds, quick=given.quick, policies=given.policies), given.workers, given.keep)
    )
    for line in report(table, worlds, sizes, quick=given.quick):
        print(line, flush=True)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"took {time.monotonic() - began:.0f} s with {given.workers} processes; {os.cpu_count()} cores, load {load}")
    print("every goal met" if not table.missed else "GOALS MISSED:\n  " + "\n  ".join(table.missed))
    return 1 if table.missed else 0


def report(table: Table, worlds: tuple[str, ...], sizes: tuple[int, ...], *, quick: bool) -> Iterator[str]:
    """Everything that was played, goals beside it."""
    for world in worlds:
        here = sizes_in(world, sizes, quick=quick)
        for agents in here:
            yield from table.hard(world, agents) if world in HARD else table.size(world, agents, goals=world == "a")
            yield ""
        if world == "a":
            yield from table.first_hours(here, world)
            yield ""


if __name__ == "__main__":
    raise SystemExit(main())

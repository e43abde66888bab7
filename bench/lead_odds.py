"""What does pacing win by telling leads apart: by attempt, kind of number, local hour and whether they answered before?

Run: python bench/lead_odds.py [--agents 20] [--hours 8] [--seeds 2] [--spread 1.0] [--rest 3600]
Days on the real engine, whose leads differ in their odds to answer by `--spread`, the standard deviation of its
logarithm, and are called again after `--rest` seconds until they answer. The named alternative in the same run takes
all leads to be alike: the ratio is of the talk shares. About three CPU minutes for a day of 20 agents.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import fmean

from call_centre import machine

from campaigns.model import DialMode
from dialer.rehearsal.engine_day import EngineDay, play
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.world import world_a

CAP = 0.03


def played(asked: argparse.Namespace, seed: int, *, tells_apart: bool) -> DayFigures:
    """The figures of one day."""
    day = EngineDay(
        world=world_a(asked.agents, seed, asked.hours),
        mode=DialMode.PREDICTIVE,
        lead_spread=asked.spread,
        tells_apart=tells_apart,
        rest_s=asked.rest,
    )
    with tempfile.TemporaryDirectory() as folder:
        return play(day, Path(folder))


def told(name: str, seed: int, day: DayFigures) -> str:
    answered = day.met / max(day.attempts, 1)
    return (
        f"seed {seed}, {name}: talk share {day.talk_share or 0:.2%}, {day.abandonment or 0:.2%} abandoned,"
        f" worst half hour {day.worst_half_hour or 0:.1%}, {answered:.1%} of {day.attempts} answered"
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--agents", type=int, default=20)
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument("--spread", type=float, default=1.0)
    options.add_argument("--rest", type=int, default=3600)
    asked = options.parse_args()
    print(machine())
    days: dict[str, list[DayFigures]] = {"all alike": [], "told apart": []}
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        for name, found in days.items():
            day = played(asked, seed, tells_apart=name == "told apart")
            found.append(day)
            print(told(name, seed, day), flush=True)
    shares = {name: fmean(day.talk_share or 0.0 for day in found) for name, found in days.items()}
    half = {name: fmean(day.worst_half_hour or 0.0 for day in found) for name, found in days.items()}
    print(f"worst half hour: told apart {half['told apart']:.2%}, all alike {half['all alike']:.2%}")
    print(f"talk share with leads told apart to that with all alike: {shares['told apart'] / shares['all alike']:.3f}")
    worst = max(day.abandonment or 0.0 for day in days["told apart"])
    print(f"most abandoned on any day, told apart: {worst:.2%} (at most 3 %): {'ok' if worst <= CAP else 'MISSED'}")
    return int(worst > CAP)


if __name__ == "__main__":
    raise SystemExit(main())

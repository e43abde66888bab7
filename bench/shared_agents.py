"""What do agents lose who serve several predictive campaigns instead of one? The real engine, the same people.

Run: python bench/shared_agents.py [--agents 20] [--hours 8] [--seeds 2] [--weights 1,1]
The named alternative in the same run is one campaign for all of them: the ratio is of the talk shares. Beside it stands
how the joined calls were shared, and what each campaign abandoned. About three CPU minutes for a day of 20 agents.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import fmean

from call_centre import machine

from campaigns.model import DialMode
from dialer.rehearsal.engine_day import EngineDay, play_together
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.world import world_a


def played(agents: int, hours: float, seed: int, weights: tuple[float, ...]) -> tuple[DayFigures, ...]:
    """The figures of each campaign of one day."""
    day = EngineDay(world=world_a(agents, seed, hours), mode=DialMode.PREDICTIVE, weights=weights)
    with tempfile.TemporaryDirectory() as folder:
        return play_together(day, Path(folder))


def told(name: str, seed: int, day: tuple[DayFigures, ...]) -> str:
    whole = sum(each.joined for each in day)
    parts = ", ".join(
        f"{each.joined / whole:.1%} joined, {each.abandonment or 0:.2%} abandoned,"
        f" worst half hour {each.worst_half_hour or 0:.1%}"
        for each in day
    )
    return f"seed {seed}, {name}: talk share {day[0].talk_share or 0:.2%}; {parts}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--agents", type=int, default=20)
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--weights", default="1,1")
    asked = options.parse_args()
    weights = tuple(float(each) for each in asked.weights.split(","))
    print(machine())
    shares: dict[str, list[float]] = {"one campaign": [], "together": []}
    worst = 0.0
    for seed in range(asked.seeds):
        for name, which in (("one campaign", (1.0,)), ("together", weights)):
            day = played(asked.agents, asked.hours, seed, which)
            shares[name].append(day[0].talk_share or 0.0)
            worst = max(worst, *(each.abandonment or 0.0 for each in day))
            print(told(name, seed, day), flush=True)
    ratio = fmean(shares["together"]) / fmean(shares["one campaign"])
    print(f"talk share of {len(weights)} campaigns by weights {asked.weights} to that of one: {ratio:.3f}")
    print(
        f"most abandoned by any campaign on any day: {worst:.2%} (at most 3 %): {'ok' if worst <= 0.03 else 'MISSED'}"
    )
    return int(worst > 0.03)


if __name__ == "__main__":
    raise SystemExit(main())

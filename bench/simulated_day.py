"""How long does a day of eight hours take with 20 agents, 5,000 leads and the very same engine on a manual clock?

Run: python bench/simulated_day.py [--hours 8] [--runs 3] [--profile]
The named alternative in the same run is real time: the day itself. Beside it stands the CPU of a bare loop over the
same number of timers on the same clock, so that a busy or slow machine shows.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from call_centre import machine

from dialer.simulation import SimulatedDay, SimulationPlan, simulate
from telephony.clock import ManualClock

GOAL_S = 60.0
SHOWN = 25
BARE_TIMERS = 130_000  # about what a whole day sets


def one_day(plan: SimulationPlan) -> tuple[SimulatedDay, float]:
    """The day and its CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        return simulate(plan, Path(folder)), time.process_time() - began


def bare_loop() -> float:
    """CPU seconds for as many timers that do nothing."""
    clock = ManualClock(datetime.now(UTC))
    for n in range(BARE_TIMERS):
        clock.call_later(n * 0.2, lambda: None)
    began = time.process_time()
    clock.advance(BARE_TIMERS * 0.2)
    return time.process_time() - began


def profiled(plan: SimulationPlan) -> None:
    """Where the time goes, the dearest first."""
    profile = cProfile.Profile()
    profile.enable()
    one_day(plan)
    profile.disable()
    found = pstats.Stats(profile)
    found.sort_stats("tottime").print_stats(SHOWN)
    found.sort_stats("cumtime").print_stats(r"(dialer|campaigns|telephony)/", SHOWN)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--profile", action="store_true", help="show where the time goes (takes about thrice as long)")
    given = options.parse_args()
    plan = SimulationPlan(agents=20, leads=5000, hours=given.hours)
    if given.profile:
        profiled(plan)
        return 0
    best = None
    for _ in range(given.runs):
        day, cpu_s = one_day(plan)
        print(f"{day.attempts} attempts, {day.joined} joins: {day.took_s:.1f} s, CPU {cpu_s:.1f} s ({machine()})")
        best = min(best or day.took_s, day.took_s)
    assert best is not None, "at least one run"
    print(f"best {best:.1f} s: {given.hours * 3600 / best:,.0f} times real time; goal {GOAL_S:.0f} s")
    print(f"a bare loop over {BARE_TIMERS} timers: {bare_loop():.2f} s of CPU")
    print("goal met" if best <= GOAL_S else "GOAL MISSED")
    return 0 if best <= GOAL_S else 1


if __name__ == "__main__":
    raise SystemExit(main())

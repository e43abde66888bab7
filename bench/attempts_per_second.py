"""Do fifty attempts a second for half a minute get lost, and what does each cost the dialer beside Asterisk?

Run: python bench/attempts_per_second.py [--rate 50] [--seconds 30] [--profile FILE]
Each attempt is judged and durably written by the engine's own launcher, placed by the real adapter on a private
Asterisk, and rung at the practice exchange: 45 % ring until our limit of 15 s, 25 % refuse, 30 % answer and hear the
message, since no agent is there. Every recorded outcome is compared, by attempt id, with the far end's own log. The
named alternative in the same run is Asterisk's own CPU for the same attempts.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import os
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from call_centre import HELD_AREA, TRUNK, Centre, Exchange, machine, spread

from campaigns.model import AgentState, DialMode
from telephony.asterisk.configuration import Trunk
from telephony.asterisk.laboratory import free_loopback_address
from telephony.asterisk.provisioning import find_or_unpack
from telephony.port import CallAnswered, CallEnded, Event
from telephony.practice import PracticeKind, numbers
from telephony.practice_compare import RecordedCall, compare
from telephony.practice_exchange import PracticeExchange

SEED = 20261121
MAX_CALLS = 2000
BUSY_AGENTS = 150
SPARE = 60  # a few practice numbers are held by hours on purpose
STEP_S = 0.02
RING_TIMEOUT_S = 15
DRAIN_S = 60.0
# Shares of 100; who answers is half a person speaking, the rest short calls and machines.
MIX = (
    (PracticeKind.NO_ANSWER, 45),
    (PracticeKind.BUSY, 10),
    (PracticeKind.REJECTED, 5),
    (PracticeKind.UNALLOCATED, 5),
    (PracticeKind.CONGESTION, 3),
    (PracticeKind.UNAVAILABLE, 2),
    (PracticeKind.ANSWERS_SPEECH, 22),
    (PracticeKind.HANGS_UP_AT_ONCE, 4),
    (PracticeKind.ANSWERING_MACHINE, 4),
)


def plan(count: int) -> list[str]:
    """Distinct practice numbers in the shares of MIX, shuffled by a fixed seed."""
    supply = {kind: (n for n in numbers(kind) if not n.startswith(HELD_AREA)) for kind, _ in MIX}
    slots = [kind for kind, part in MIX for _ in range(part)]
    chosen = [next(supply[slots[n % len(slots)]]) for n in range(count)]
    random.Random(SEED).shuffle(chosen)
    return chosen


@dataclass
class Seen:
    """What was measured on the dialer's side."""

    answered_at: dict[str, datetime] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    claim_ms: list[float] = field(default_factory=list)
    commit_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    peak_live: int = 0


class Bench:
    """Far end, exchange and engine, ready to be run once."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack, count: int) -> None:
        install = find_or_unpack(log=print)
        self.practice = PracticeExchange(install, folder / "practice", free_loopback_address())
        self.practice.start()
        stack.callback(self.practice.stop)
        trunk: Trunk = self.practice.trunk(TRUNK)
        self.exchange = Exchange(install, folder / "asterisk", trunk, agents=1, max_calls=MAX_CALLS)
        stack.callback(self.exchange.close)
        self.seen = Seen()
        self.centre = Centre(folder, self.exchange, trunk, self._hear, more_agents=BUSY_AGENTS)
        stack.callback(self.centre.close)
        self.campaign = self.centre.campaign(
            "fifty",
            plan(count + SPARE),
            mode=DialMode.POWER,
            ratio=5.0,
            max_lines_per_agent=10.0,
            ring_timeout_s=RING_TIMEOUT_S,
            max_calls=MAX_CALLS,
            attempts_per_second=100.0,
        )
        self._time_commits()
        self.centre.engine.start()
        self.centre.until(lambda: self.centre.trunk_up, 20, "the trunk is up")
        self.centre.engine.campaign_start("fifty", "bench")
        self._all_are_talking()

    def _hear(self, event: Event) -> None:
        if isinstance(event, CallAnswered):
            self.seen.answered_at[event.call.id] = event.at
        elif isinstance(event, CallEnded):
            self.seen.ended[event.call.id] += 1

    def _all_are_talking(self) -> None:
        """So many agents such a rate would need; all are busy, so nobody is joined and pacing itself starts nothing."""
        live: Any = self.centre.engine._live
        for seat in live.seats.values():
            seat.state, seat.leg_up, seat.call_id = AgentState.TALK, True, "elsewhere"

    def _time_commits(self) -> None:
        database: Any = self.centre.store._db
        database._commit = _timed(database._commit, self.seen.commit_ms)

    # --- the run ------------------------------------------------------------------------------------

    def run(self, count: int, rate: float) -> float:
        """Place `count` attempts at `rate` a second; the seconds it took.

        The campaign runs and its floor is looked at as ever, but no agent is free, so pacing itself starts none.
        """
        engine: Any = self.centre.engine
        launcher, live = engine._launcher, engine._live
        run = live.runs[self.campaign]
        placed, began = 0, time.monotonic()

        def step() -> None:
            nonlocal placed
            due = min(count, int((time.monotonic() - began) * rate) + 1)
            if due > placed:
                self.seen.late_ms.append((time.monotonic() - began - placed / rate) * 1000)
                before = time.perf_counter()
                calls = launcher.claim(run, due - placed)
                self.seen.claim_ms.append((time.perf_counter() - before) * 1000)
                for call in calls:
                    launcher.place(call)
                placed += len(calls)
            self.seen.peak_live = max(self.seen.peak_live, len(live.calls))
            if placed < count:
                self.centre.loop.call_later(STEP_S, step)

        step()
        self.centre.until(lambda: placed >= count, count / rate + DRAIN_S, "all attempts are placed")
        took_s = time.monotonic() - began
        self.centre.until(lambda: bool(engine.quiet), DRAIN_S, "all calls have ended")
        return took_s

    # --- what came of it ----------------------------------------------------------------------------

    def recorded(self) -> list[RecordedCall]:
        """The attempts as they lie in the store."""
        found = self.centre.store.attempts.attempts(self.campaign, date.min, date.max)
        return [
            RecordedCall(
                id=a.id,
                number=a.number,
                network=a.facts.network,  # type: ignore[arg-type]
                detail=a.facts.network_detail,
            )
            for a in found
        ]

    def notice_ms(self) -> list[float]:
        """From the far end's own answer to the dialer's notice of it."""
        at = {call.attempt_id: call.answered_at for call in self.practice.log() if call.answered_at is not None}
        return [(self.seen.answered_at[i] - at[i]).total_seconds() * 1000 for i in self.seen.answered_at if i in at]


def _timed(call: Callable[[], None], into: list[float]) -> Callable[[], None]:
    def timed() -> None:
        began = time.perf_counter()
        call()
        into.append((time.perf_counter() - began) * 1000)

    return timed


def cpu_s(pid: int | None) -> float:
    """User and system seconds of a process and its threads so far."""
    assert pid is not None
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(bench: Bench, count: int, took_s: float, dialer_s: float, asterisk_s: float, far_end_s: float) -> bool:
    """Print everything; whether nothing was lost or wrong."""
    seen, recorded = bench.seen, bench.recorded()
    differences = compare(recorded, bench.practice.log())
    twice = sum(times != 1 for times in seen.ended.values())
    missing = count - len(recorded)
    kinds = Counter(call.network.value for call in recorded)
    print(f"{count} attempts in {took_s:.1f} s: {count / took_s:.1f} a second, at most {seen.peak_live} at a time")
    print("outcomes: " + ", ".join(f"{name} {number}" for name, number in kinds.most_common()))
    print(f"compared with the far end's log: {missing} missing, {len(differences)} wrong, {twice} not ended just once")
    for difference in differences[:10]:
        print(f"  {difference}")
        for event in bench.centre.store.attempts.events(difference.attempt_id):
            print(f"    {event.at:%H:%M:%S.%f} {event.kind} {dict(event.data)}")
    print(f"answer noticed after      {spread(bench.notice_ms())}")
    print(f"judged and written in     {spread(seen.claim_ms)} for each claim")
    print(f"one commit                {spread(seen.commit_ms)}, {len(seen.commit_ms) / count:.1f} for each attempt")
    print(f"placed late by            {spread(seen.late_ms)}")
    ours, theirs = dialer_s / count * 1000, asterisk_s / count * 1000
    print(
        f"CPU for each attempt: dialer {ours:.2f} ms, Asterisk {theirs:.2f} ms (ratio {ours / theirs:.2f}), "
        f"the far end's Asterisk {far_end_s / count * 1000:.2f} ms"
    )
    good = not (missing or differences or twice)
    print("nothing lost, nothing wrong" if good else "SOMETHING WAS LOST OR WRONG")
    return good


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rate", type=float, default=50.0)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--profile", help="write a cProfile file of the dialer (its CPU figure is then no use)")
    given = options.parse_args()
    count = int(given.rate * given.seconds)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        bench = Bench(Path(folder), stack, count)
        print(f"before: {machine()}, {datetime.now(UTC):%H:%M:%S} UTC")
        pids = (bench.exchange.asterisk.pid, bench.practice.asterisk.pid)
        before = (time.process_time(), *map(cpu_s, pids))
        profile = cProfile.Profile() if given.profile else contextlib.nullcontext()
        with profile:
            took_s = bench.run(count, given.rate)
        after = (time.process_time(), *map(cpu_s, pids))
        print(f"after: {machine()}")
        if isinstance(profile, cProfile.Profile):
            profile.dump_stats(given.profile)
        time.sleep(0.5)  # the far end writes its last lines a moment after the calls have ended
        dialer_s, asterisk_s, far_end_s = (late - early for late, early in zip(after, before, strict=True))
        return 0 if show(bench, count, took_s, dialer_s, asterisk_s, far_end_s) else 1


if __name__ == "__main__":
    raise SystemExit(main())

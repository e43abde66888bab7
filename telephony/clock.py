"""What time is it? The one source of time and timers, so that tests can own it.

Instants (`now`) are aware UTC datetimes for storage and rules; `monotonic` seconds measure
durations and never jump. Everything that waits asks a `Clock` for a timer.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Timer(ABC):
    """A call-back that has not run yet."""

    @abstractmethod
    def cancel(self) -> None:
        """Never run it. Does nothing if it has run or was cancelled before."""


class Clock(ABC):
    """Time for one thread: timers run on the thread that owns the clock, one after another."""

    @abstractmethod
    def now(self) -> datetime:
        """The instant, aware, in UTC. It may jump when an administrator sets the machine's clock."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    @abstractmethod
    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once, `delay_s` seconds from now (at once if not positive)."""


class _LoopTimer(Timer):
    def __init__(self, handle: asyncio.TimerHandle) -> None:
        self._handle = handle

    def cancel(self) -> None:
        self._handle.cancel()


class SystemClock(Clock):
    """The machine's clock; timers run in the given asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        return _LoopTimer(self._loop.call_later(max(delay_s, 0.0), callback))


class _ManualTimer(Timer):
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock(Clock):
    """A clock that moves only when told: a day passes as fast as its work can be done.

    Timers due at the same instant run in the order they were asked for.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A manual clock starts at an aware instant; give it a time zone.")
        self._start = start.astimezone(UTC)
        self._elapsed_s = 0.0
        self._order = itertools.count()
        self._timers: list[tuple[float, int, _ManualTimer]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        timer = _ManualTimer(callback)
        heapq.heappush(self._timers, (self._elapsed_s + max(delay_s, 0.0), next(self._order), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, running every timer that falls due on the way, each at its own time."""
        end_s = self._elapsed_s + seconds
        while self._timers and self._timers[0][0] <= end_s:
            self._run_next()
        self._elapsed_s = end_s

    def run_until(self, reached: Callable[[], bool], limit_s: float) -> bool:
        """Advance timer by timer until `reached()` or `limit_s` have passed; tells whether it was reached."""
        end_s = self._elapsed_s + limit_s
        while not reached():
            if not self._timers or self._timers[0][0] > end_s:
                self._elapsed_s = end_s
                return reached()
            self._run_next()
        return True

    def _run_next(self) -> None:
        due_s, _, timer = heapq.heappop(self._timers)
        self._elapsed_s = max(self._elapsed_s, due_s)
        callback, timer.callback = timer.callback, None
        if callback is not None:
            callback()

"""How long may a test wait on a machine that others use too? Time in which the machine stood still does not count.

Real telephone systems need real seconds, and their promises have limits. A look that comes late says that the machine
was busy elsewhere, and then so were the programs that are tested.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

LONGEST_LOOK_S = 0.1  # of the time between two looks, so much counts
_NAP_S, _LATE_S, _REMEMBERED_S = 0.01, 0.02, 30.0


class Patience:
    """A limit in seconds of which each gap between two looks uses up at most LONGEST_LOOK_S."""

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left_s = limit_s
        self._looked_s = clock()

    @property
    def gone(self) -> bool:
        """Look at the clock: whether the limit is used up."""
        now_s = self._clock()
        self._left_s -= min(now_s - self._looked_s, LONGEST_LOOK_S)
        self._looked_s = now_s
        return self._left_s <= 0


class _StallWatch(threading.Thread):
    """Naps, and remembers how much too late it woke up."""

    def __init__(self) -> None:
        super().__init__(name="stall-watch", daemon=True)
        self._late: deque[tuple[float, float]] = deque(maxlen=5000)
        self.start()

    def run(self) -> None:
        while True:
            began_s = time.monotonic()
            time.sleep(_NAP_S)
            ended_s = time.monotonic()
            if ended_s - began_s > _NAP_S + _LATE_S:
                self._late.append((ended_s, ended_s - began_s - _NAP_S))

    def stalled_s(self) -> float:
        since_s = time.monotonic() - _REMEMBERED_S
        return sum(late_s for at_s, late_s in tuple(self._late) if at_s > since_s)


_watch = _StallWatch()


def within(limit_s: float) -> float:
    """An upper limit for a time measured just now, with the time the machine stood still in the last half minute."""
    return limit_s + _watch.stalled_s()

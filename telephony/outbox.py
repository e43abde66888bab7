"""How are events handed over so that no command is interrupted by what it causes? In order, after it has returned."""

from __future__ import annotations

from collections import deque

from telephony.clock import Clock
from telephony.port import Event, Listener


class Outbox:
    """Events wait here until the clock's thread is free; the listener gets them in the order they were learned."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listener: Listener | None = None
        self._waiting: deque[Event] = deque()

    def open(self, listener: Listener) -> None:
        """From now on events go to this listener."""
        self._listener = listener

    def close(self) -> None:
        """Nothing is told any more, not even what waits."""
        self._listener = None
        self._waiting.clear()

    @property
    def is_open(self) -> bool:
        """Whether somebody listens."""
        return self._listener is not None

    def put(self, event: Event) -> None:
        """Tell this event as soon as the running command has returned."""
        if self._listener is None:
            return
        self._waiting.append(event)
        if len(self._waiting) == 1:
            self._clock.call_later(0.0, self._deliver)

    def _deliver(self) -> None:
        ready, self._waiting = self._waiting, deque()
        while ready and self._listener is not None:
            self._listener(ready.popleft())

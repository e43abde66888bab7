"""How does what was heard reach its listener: in order, on the listener's thread, bounded, and never in silence?

The reader's thread only puts; the listener's thread takes, in slices, so that a flood cannot keep it from its other
work. A full inbox refuses instead of dropping: the link then declares itself lost and is read anew.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

_LOG = logging.getLogger(__name__)

Deliver = Callable[[Callable[[], None]], object]
"""Runs a function soon on the listener's thread, for example `loop.call_soon_threadsafe`. Must return at once."""

SLICE = 200


class Inbox:
    """Calls wait here for the listener's thread."""

    def __init__(self, deliver: Deliver, limit: int) -> None:
        self._deliver = deliver
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._on_its_way = False

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, call: Callable[[], None]) -> bool:
        """Takes `call`, or answers False when the listener is too far behind; then nothing was kept."""
        with self._lock:
            if len(self._waiting) >= self._limit:
                return False
            self._waiting.append(call)
        self._wake()
        return True

    def put(self, call: Callable[[], None]) -> None:
        """Takes `call` whatever is waiting: for the few words that must arrive, such as the link's loss."""
        with self._lock:
            self._waiting.append(call)
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._on_its_way or not self._waiting:
                return
            self._on_its_way = True
        try:
            self._deliver(self._drain)
        except RuntimeError:  # the listener's loop is closed: nobody is left to be told
            _LOG.info("the listener of the manager link is gone; %d calls stay untold", len(self._waiting))

    def _drain(self) -> None:
        for _ in range(SLICE):
            with self._lock:
                if not self._waiting:
                    break
                call = self._waiting.popleft()
            try:
                call()
            except Exception:
                _LOG.exception("a listener of the manager link failed; the link goes on")
        with self._lock:
            self._on_its_way = False
        self._wake()


class OwnThread:
    """Delivers on a thread of its own, for callers without a loop."""

    def __init__(self, name: str) -> None:
        self._calls: deque[Callable[[], None] | None] = deque()
        self._some = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def __call__(self, call: Callable[[], None]) -> None:
        self._calls.append(call)
        self._some.release()

    def stop(self, timeout_s: float) -> None:
        """Ends after what waits was delivered; waits for it at most `timeout_s`."""
        self._calls.append(None)
        self._some.release()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._some.acquire()
            call = self._calls.popleft()
            if call is None:
                return
            call()

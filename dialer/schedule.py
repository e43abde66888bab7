"""When is the next look at what is due? The scheduler only ticks; `dialer.due` says what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

TICK_S = 30


class Schedule:
    """Runs a coroutine at once and then every TICK_S seconds, never two at a time; a tick that was missed is made up.

    Whatever the coroutine raises is logged, and the next tick comes all the same.
    """

    def __init__(self, tick: Callable[[], Awaitable[None]], *, every_s: float = TICK_S) -> None:
        self._tick = tick
        self._every_s = every_s
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin to tick in the running loop."""
        self._scheduler.configure(event_loop=asyncio.get_running_loop())
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=self._every_s, timezone=UTC),
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,  # the default of 1 s drops a tick silently after a blocked loop
        )
        self._scheduler.start()

    def close(self) -> None:
        """No more ticks; one that runs is finished by its owner."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _run(self) -> None:
        try:
            await self._tick()
        except Exception:
            log.exception("the look at what is due failed; the next one comes in %s s", self._every_s)

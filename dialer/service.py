"""How does the dialer run headless? One process owns the home, one loop runs the engine; signals end it in order.

The first SIGTERM or SIGINT stops dialling and lets live calls end, for at most `service.drain_s`; a second one
ends at once and leaves calls to the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from campaigns.model import CampaignState
from campaigns.storage.errors import StoreError
from campaigns.storage.store import Store
from dialer import zones
from dialer.bootstrap import ExchangeInUse, exchange_for, open_store, utc_now
from dialer.control import Answer, Command
from dialer.control_server import ControlServer
from dialer.engine import Engine
from dialer.home import Home, exclusive, pid_written
from dialer.recorded import fingerprint_of
from dialer.refusal import Refused
from dialer.registries import kept_registries
from dialer.schedule import Schedule
from dialer.service_log import log_to
from dialer.settings import Settings
from dialer.settings_file import load
from dialer.standing_faults import lists_that_hold, standing_faults, warnings_of
from dialer.use_cases import Context, answer_to, execute, handler_of, prepare
from dialer.use_cases.evidence import keep_receipts
from dialer.use_cases.exports import run_due
from dialer.use_cases.pace import forget_old
from dialer.use_cases.retention import tidy_due
from telephony.clock import SystemClock

log = logging.getLogger(__name__)

LEAST_FILES = 1024
LOOP_LATE_S = 1.0
HEARTBEAT_S = 1.0
LOOK_AT_CALLS_S = 0.05


def serve(home: Home, environ: Mapping[str, str]) -> None:
    """Run until a signal ends it. Raises Refused when it cannot start; nothing is dialled then."""
    home.require()
    settings = load(home, environ)
    zones.pin()
    tz = zones.require_fresh(utc_now())
    _raise_file_limit()
    with exclusive(home), pid_written(home), log_to(home, settings):
        log.info("starting in %s with time zones of %s", home.root, tz)
        asyncio.run(_Service(home, settings).run())
        log.info("ended")


class _Service:
    """Everything that runs in one loop, from start to end."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home, self._settings = home, settings
        self._told_of_age: set[str] = set()
        self._told_of_receipts = ""
        self._ending = asyncio.Event()
        self._at_once = asyncio.Event()
        self._paused: list[str] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        self._store = _checked(open_store(self._home, self._settings))
        try:
            await self._run_with_store(loop)
        finally:
            self._store.close()

    async def _run_with_store(self, loop: asyncio.AbstractEventLoop) -> None:
        self._clock = SystemClock(loop)
        exchange = exchange_for(self._home, self._settings, self._store, self._clock, loop, _tell)
        await asyncio.to_thread(exchange.start)
        try:
            await self._run_with_exchange(exchange)
        except BaseException:
            exchange.let_go()  # a fault of ours must not cut customers off
            raise
        if self._at_once.is_set():
            exchange.let_go()
        else:
            await asyncio.to_thread(exchange.stop)

    async def _run_with_exchange(self, exchange: ExchangeInUse) -> None:
        self._engine = Engine(
            store=self._store,
            telephony=exchange.telephony,
            clock=self._clock,
            why_not_played=exchange.why_not_played,
            fingerprint=functools.partial(fingerprint_of, self._home, self._settings),
            registries=kept_registries(self._home, self._settings),
        )
        self._context = Context(
            store=self._store,
            home=self._home,
            settings=self._settings,
            now=self._clock.now,
            engine=self._engine,
            exchange=exchange,
        )
        self._engine.start()
        for words in standing_faults(self._home, self._settings, self._store):
            self._engine.alarm(words)
        socket = self._home.below(self._settings.control.socket)
        group = self._settings.control.group
        server = ControlServer(socket, execute=self._execute, view=self._view, now=self._clock.now, group=group)
        schedule = Schedule(self._tick)
        heartbeat = asyncio.create_task(_watch_the_loop())
        try:
            await server.start()
            schedule.start()
            _tell(f"The dialer runs in {self._home.root} as process {os.getpid()}; stop it with Ctrl-C or SIGTERM.")
            await self._ending.wait()
            await self._drained()
        finally:
            heartbeat.cancel()
            schedule.close()
            await server.close()
            self._engine.close()
            self._running_again()

    # --- commands, views and what is due -------------------------------------------------------------

    async def _execute(self, command: Command) -> Answer:
        """Reading files and making reports happens beside the loop; all else is quick and happens in it."""
        handler = handler_of(command.name)
        if handler is None or (handler.prepare is None and not handler.slow):
            return execute(self._context, command)
        try:
            if handler.slow:
                return await asyncio.to_thread(self._with_own_store, functools.partial(execute, command=command))
            prepared = await asyncio.to_thread(prepare, command)
        except Exception as fault:
            return answer_to(fault, command)
        return execute(self._context, command, prepared)

    def _view(self, topic: str) -> Mapping[str, Any]:
        kind, _, name = topic.partition(":")
        if kind == "campaign":
            return self._engine.campaign_view(name)
        return self._engine.desk_view(name) if kind == "desk" else self._engine.board()

    async def _tick(self) -> None:
        self._tell_of_what_grows_old()
        await asyncio.to_thread(self._with_own_store, run_due)
        await asyncio.to_thread(self._with_own_store, forget_old)
        self._tell_once(await asyncio.to_thread(self._with_own_store, keep_receipts))
        await asyncio.to_thread(self._with_own_store, tidy_due)

    def _tell_of_what_grows_old(self) -> None:
        """Lists and zones grow old while it runs, rules ask for lists that are not kept: each sentence is told once."""
        now, kept = self._clock.now(), self._engine.registries
        words = set() if kept is None else set(warnings_of(kept, now))
        with contextlib.suppress(StoreError):  # asked again at the next look
            words.update(lists_that_hold(kept, self._store, now))
        words.update(each for each in (zones.why_stale(now), zones.ageing(now)) if each)
        for each in sorted(words - self._told_of_age):
            self._engine.alarm(each)
        self._told_of_age = words

    def _tell_once(self, words: str) -> None:
        """What went wrong beside the calls, once for as long as it is the same."""
        if words and words != self._told_of_receipts:
            self._engine.alarm(words)
        self._told_of_receipts = words

    def _with_own_store(self, work: Any) -> Any:
        """Run on another thread, with a store that belongs to it; the engine is not touched from there."""
        store = open_store(self._home, self._settings)
        try:
            return work(replace(self._context, store=store, engine=None, exchange=None, now=utc_now))
        finally:
            store.close()

    # --- the end ----------------------------------------------------------------------------------------

    def _signalled(self) -> None:
        if self._ending.is_set():
            log.warning("second signal: ending at once; live calls go on and are found again at the next start")
            self._at_once.set()
        self._ending.set()

    async def _drained(self) -> None:
        """No new calls; wait for the live ones, at most drain_s."""
        self._pause_all()
        limit_s = self._clock.monotonic() + self._settings.service.drain_s
        if not self._engine.quiet:
            _tell(
                f"No new calls; at most {self._settings.service.drain_s} s for live ones. A second signal ends at once."
            )
        while not self._engine.quiet and not self._at_once.is_set() and self._clock.monotonic() < limit_s:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._at_once.wait(), LOOK_AT_CALLS_S)
        log.info("calls are over" if self._engine.quiet else "calls are still live at the end")

    def _pause_all(self) -> None:
        for campaign in self._store.campaigns.all():
            if campaign.state is CampaignState.RUNNING:
                with contextlib.suppress(Refused):
                    self._engine.campaign_pause(campaign.name, "service")
                    self._paused.append(campaign.name)

    def _running_again(self) -> None:
        """Campaigns that ran go on at the next start. Killed before this, they stay paused: the safe side."""
        for name in self._paused:
            campaign = self._store.campaigns.by_name(name)
            if campaign is not None and campaign.state is CampaignState.PAUSED:
                self._store.campaigns.set_state(campaign.id, CampaignState.RUNNING)


def _checked(store: Store) -> Store:
    """A damaged database is refused; contradictions in it are told and dialling goes on."""
    try:
        damage = store.check_integrity()
        contradictions = store.check_consistency()
    except StoreError as fault:
        store.close()
        raise Refused(str(fault)) from fault
    if damage:
        store.close()
        raise Refused(
            f"The database is damaged: {damage[0]}. Nothing is dialled. 'dialer doctor' says how to put a backup back."
        )
    for words in contradictions:
        log.error("the database contradicts itself: %s", words)
    return store


async def _watch_the_loop() -> None:
    """Tell when something kept the loop from its work: calls wait for it."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(HEARTBEAT_S)
        late_s = loop.time() - before - HEARTBEAT_S
        if late_s > LOOP_LATE_S:
            log.warning("the loop was busy for %.1f s; answered customers may have waited", late_s)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < LEAST_FILES:
        raise Refused(f"This process may open {hard} files only, {LEAST_FILES} are needed: raise 'ulimit -n'.")


def _tell(words: str) -> None:
    """To the log, and to whoever started the service in a terminal."""
    log.info("%s", words)
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()

"""Can the exchange be commanded, and what runs on it? Two manager sessions, asked anew after every connect.

`dialer` gives orders and hears of calls; `watch` only hears whether Asterisk has booted and which contacts are
reachable. The exchange counts as reached only when it has booted and has answered what runs on it.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telephony.asterisk import adapter_actions as actions
from telephony.asterisk.adapter_status import (
    Row,
    boot_of,
    detects_of,
    reachable_contact,
    reachable_devices,
    rows,
    version_of,
)
from telephony.asterisk.ami import LinkDown, LinkError, LinkInfo, ManagerEvent, ManagerLink, Reply, ReplyKind
from telephony.asterisk.ami_inbox import Deliver
from telephony.asterisk.messages import ActionLike
from telephony.clock import Clock, Timer

_LOG = logging.getLogger(__name__)

RECONCILE_EVERY_S = 15.0
ASK_AGAIN_S = 1.0


class ManagerAccess(Protocol):
    """Where the manager is and how its two users log in."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def dialer_secret(self) -> str: ...
    @property
    def watch_secret(self) -> str: ...


class Link(Protocol):
    """What is needed of a ManagerLink; tests give their own."""

    def start(self) -> None: ...
    def close(self) -> None: ...
    def send(self, action: ActionLike, on_response: Callable[[Reply], None] | None = None) -> str: ...
    def ask_list(self, action: ActionLike, on_done: Callable[[Reply], None]) -> str: ...


class Connect(Protocol):
    """Makes a link that is not started yet."""

    def __call__(
        self,
        access: ManagerAccess,
        user: str,
        *,
        on_event: Callable[[ManagerEvent], None],
        on_up: Callable[[LinkInfo], None],
        on_down: Callable[[LinkDown], None],
    ) -> Link: ...


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the exchange said after a connect. `restarted` when it is not the run of Asterisk known before."""

    version: str
    started_at: datetime
    restarted: bool
    rows: dict[str, Row]
    devices: dict[str, bool]
    detects: bool


@dataclass(frozen=True, kw_only=True)
class Hears:
    """Whom the exchange's news go to."""

    event: Callable[[ManagerEvent], None]
    up: Callable[[Found], None]
    down: Callable[[str], None]
    reachable: Callable[[str, bool], None]
    running: Callable[[dict[str, Row], float], None]


def connecting(deliver: Deliver, tls: ssl.SSLContext | None = None) -> Connect:
    """Real links whose news arrive through `deliver`, for example `loop.call_soon_threadsafe`."""

    def connect(
        access: ManagerAccess,
        user: str,
        *,
        on_event: Callable[[ManagerEvent], None],
        on_up: Callable[[LinkInfo], None],
        on_down: Callable[[LinkDown], None],
    ) -> Link:
        secret = access.dialer_secret if user == "dialer" else access.watch_secret
        return ManagerLink(
            access.host,
            access.port,
            user,
            secret,
            on_event=on_event,
            on_up=on_up,
            on_down=on_down,
            deliver=deliver,
            tls=tls,
        )

    return connect


class ExchangeLink:
    """Both sessions as one link. `is_up` once the exchange has booted and told what runs on it."""

    def __init__(self, clock: Clock, access: ManagerAccess, connect: Connect, hears: Hears) -> None:
        self._clock = clock
        self._hears = hears
        self._dialer = connect(access, "dialer", on_event=self._event, on_up=self._dialer_up, on_down=self._dialer_down)
        self._watch = connect(access, "watch", on_event=self._watched, on_up=self._watch_up, on_down=self._watch_down)
        self.is_up = False
        self.reason_down = "not connected yet."
        self._version = ""
        self.detects = False
        self._connected = False
        self._booted = False
        self._boot: str | None = None
        self._started_at: datetime | None = None
        self._booted_at: datetime | None = None
        self._trouble_told = ""
        self._connection = 0
        self._timer: Timer | None = None

    @property
    def started_at(self) -> datetime:
        """When this run of Asterisk started, as exactly as it says (a second)."""
        return self._started_at or self._clock.now()

    def start(self) -> None:
        """Connect both sessions and keep them up."""
        self._dialer.start()
        self._watch.start()

    def close(self) -> None:
        """End both sessions; nothing is told afterwards."""
        self.is_up = False
        self._connection += 1
        self._cancel_timer()
        self._dialer.close()
        self._watch.close()

    def send(self, action: actions.Action, on_response: Callable[[Reply], None] | None = None) -> bool:
        """Send one action; false when the link is not up, then nothing was sent. UnsafeMessageError as ManagerLink."""
        if not self.is_up:
            return False
        try:
            self._dialer.send(action, on_response)
        except LinkError:
            return False
        return True

    def ask_rows(self, told: Callable[[dict[str, Row] | None], None]) -> None:
        """Ask what runs; None when the exchange did not answer."""
        self._ask_list(actions.status(), lambda reply: told(rows(reply) if reply.ok else None))

    def reconcile_soon(self) -> None:
        """The same after the running command, once however often it is asked for."""
        self._cancel_timer()
        if self.is_up:
            self._timer = self._clock.call_later(0.0, self.reconcile_now)

    def reconcile_now(self) -> None:
        """Compare what is known with what runs, now and then every 15 s."""
        self._cancel_timer()
        if self.is_up:
            self._timer = self._clock.call_later(RECONCILE_EVERY_S, self.reconcile_now)
            asked_at_s, connection = self._clock.monotonic(), self._connection
            self.ask_rows(lambda found: self._tell_running(found, asked_at_s, connection))
            self._ask_list(actions.device_states(), self._tell_devices)

    # --- the sessions ----------------------------------------------------------------------------

    def _event(self, event: ManagerEvent) -> None:
        self._hears.event(event)

    def _dialer_up(self, info: LinkInfo) -> None:
        _LOG.debug("the dialing session is up (manager version %s)", info.version)
        self._connected = True
        self._look_around()

    def _dialer_down(self, down: LinkDown) -> None:
        self._connected = False
        self._connection += 1
        self._cancel_timer()
        self._tell_down(down.reason)

    def _watch_up(self, info: LinkInfo) -> None:
        _LOG.debug("the watching session is up (%s)", info.version)

    def _watch_down(self, down: LinkDown) -> None:
        """Without it nothing is known of boots and contacts, but what is up stays up: devices are asked every 15 s."""
        self._booted = False
        if not self.is_up:
            self._tell_down(f"the watching session: {down.reason}")

    def _tell_down(self, reason: str) -> None:
        """Tell a loss, and while there is no link every new reason for it once."""
        was_up, self.is_up, self.reason_down = self.is_up, False, reason
        if was_up or reason != self._trouble_told:
            self._trouble_told = reason
            self._hears.down(reason)

    def _watched(self, event: ManagerEvent) -> None:
        if event.name == "FullyBooted":
            self._booted = True
            self._booted_at = self._clock.now() - timedelta(seconds=int(event.get("Uptime") or 0))
            self._look_around()
            return
        contact = reachable_contact(event)
        if contact is not None and self.is_up:
            self._hears.reachable(*contact)

    # --- asking around after a connect -----------------------------------------------------------

    def _look_around(self) -> None:
        """Ask for version, detection, start time, devices and channels; the link is up when all of it is in."""
        if not (self._connected and self._booted) or self.is_up:
            return
        connection = self._connection

        def is_answer(reply: Reply) -> bool:
            if reply.ok and connection == self._connection:
                return True
            self._look_again(connection)
            return False

        def version_told(reply: Reply) -> None:
            if reply.kind is ReplyKind.REFUSED or is_answer(reply):
                self._version = version_of(reply)
                self._send_or_wait(actions.detection(), detection_told, connection)

        def detection_told(reply: Reply) -> None:
            if reply.kind is ReplyKind.REFUSED or is_answer(reply):
                self.detects = detects_of(reply)
                self._send_or_wait(actions.core_status(), boot_told, connection)

        def boot_told(reply: Reply) -> None:
            if is_answer(reply):
                boot = boot_of(reply)
                self._ask_list(actions.device_states(), lambda devices: devices_told(boot, devices))

        def devices_told(boot: str, devices: Reply) -> None:
            if devices.kind is ReplyKind.REFUSED:
                _LOG.warning("The exchange does not list device states (%s); trunks may stay down.", devices.reason)
            if devices.kind is ReplyKind.REFUSED or is_answer(devices):
                self._ask_list(actions.status(), lambda found: rows_told(boot, reachable_devices(devices), found))

        def rows_told(boot: str, devices: dict[str, bool], reply: Reply) -> None:
            if is_answer(reply):
                self._came_up(boot, devices, rows(reply))

        self._send_or_wait(actions.core_settings(), version_told, connection)

    def _send_or_wait(self, action: actions.Action, told: Callable[[Reply], None], connection: int) -> None:
        try:
            self._dialer.send(action, told)
        except LinkError:
            self._look_again(connection)

    def _look_again(self, connection: int) -> None:
        if connection == self._connection and not self.is_up:
            self._cancel_timer()
            self._timer = self._clock.call_later(ASK_AGAIN_S, self._look_around)

    def _came_up(self, boot: str, devices: dict[str, bool], running: dict[str, Row]) -> None:
        if self.is_up:
            return
        restarted = self._boot is not None and boot != self._boot
        if boot != self._boot:
            self._boot, self._started_at = boot, self._booted_at
        self.is_up, self._trouble_told = True, ""
        self._cancel_timer()
        self._timer = self._clock.call_later(RECONCILE_EVERY_S, self.reconcile_now)
        found = Found(
            version=self._version,
            started_at=self.started_at,
            restarted=restarted,
            rows=running,
            devices=devices,
            detects=self.detects,
        )
        self._hears.up(found)

    def _ask_list(self, action: actions.Action, told: Callable[[Reply], None]) -> None:
        try:
            self._dialer.ask_list(action, told)
        except LinkError as fault:
            told(Reply(kind=ReplyKind.LINK_LOST, action_id="", reason=str(fault)))

    def _tell_running(self, found: dict[str, Row] | None, asked_at_s: float, connection: int) -> None:
        if found is not None and self.is_up and connection == self._connection:
            self._hears.running(found, asked_at_s)

    def _tell_devices(self, reply: Reply) -> None:
        if reply.ok and self.is_up:
            for name, reachable in reachable_devices(reply).items():
                self._hears.reachable(name, reachable)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

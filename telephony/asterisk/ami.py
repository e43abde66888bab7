"""How does the dialer talk to Asterisk's manager and know at every moment whether it can?

A link that keeps itself up: it connects, logs in, pings, and after a loss makes a new connection with growing pauses.
It never sends an action twice, so a call can never be placed twice by it. Everything that happens is told in order
through one bounded inbox, on the listener's own thread.
"""

from __future__ import annotations

import concurrent.futures
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial

from telephony.asterisk.ami_connection import Endpoint, LinkError, LinkFault
from telephony.asterisk.ami_inbox import Deliver, Inbox, OwnThread
from telephony.asterisk.ami_replies import Reply, ReplyKind
from telephony.asterisk.ami_session import Session
from telephony.asterisk.messages import ActionLike, ManagerEvent, UnsafeMessageError, build_action

__all__ = [
    "LinkDown",
    "LinkError",
    "LinkFault",
    "LinkInfo",
    "LinkState",
    "LinkTimes",
    "ManagerEvent",
    "ManagerLink",
    "Reply",
    "ReplyKind",
    "UnsafeMessageError",
    "pause_before_retry_s",
]

_LOG = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
PATIENT_PAUSE_S = 30.0
STEADY_AFTER_S = 10.0
READER_ENDS_S = 2.0
"""Less than a close waits. A reader whose connection is hung up ends at once, unless the machine has no time for it."""


class LinkState(Enum):
    """Whether actions can be sent."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class LinkInfo:
    """A link that came up. `connection` counts the connections of this link; above 1 something may have been missed."""

    host: str
    port: int
    version: str
    connection: int


@dataclass(frozen=True, kw_only=True)
class LinkDown:
    """A link that was lost (`was_up`) or an attempt that failed. `reason` is a sentence without any secret."""

    fault: LinkFault
    reason: str
    was_up: bool
    retry_in_s: float | None


@dataclass(frozen=True, kw_only=True)
class LinkTimes:
    """Seconds. Ping and deadline together are the longest time a frozen Asterisk goes unnoticed."""

    greeting_s: float = 5.0
    ping_every_s: float = 2.0
    ping_deadline_s: float = 3.0


def pause_before_retry_s(fault: LinkFault, tries: int, jitter: Callable[[], float] = random.random) -> float:
    """How long to wait after `tries` failures in a row (1 or more). `jitter` gives a number in [0, 1).

    A wrong secret waits at least 30 s, so that no account or address gets locked out by our repeating.
    """
    if fault.patient:
        return PATIENT_PAUSE_S * (1.0 + 0.5 * jitter())
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(tries - 1, 10))
    return longest * (0.5 + 0.5 * jitter())


class ManagerLink:
    """A lasting link to one Asterisk manager.

    - `on_up`, `on_down`, `on_event` and the replies arrive in order through `deliver` (default: a thread of its own).
    - `on_down` comes before the replies of the actions that were lost with the link.
    - every event between `on_up` and `on_down` is told exactly once, in Asterisk's order; what Asterisk said while
      the link was down is lost, so whoever listens asks Asterisk anew at each `on_up`.
    - a listener that lets more than `inbox_limit` events wait loses the link (OVERFLOW) instead of single events.
    - an exception of a listener is logged and changes nothing else.

    Raises UnsafeMessageError for a user or secret that no manager message can hold.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_event: Callable[[ManagerEvent], None] | None = None,
        on_up: Callable[[LinkInfo], None] | None = None,
        on_down: Callable[[LinkDown], None] | None = None,
        deliver: Deliver | None = None,
        times: LinkTimes | None = None,
        inbox_limit: int = 20_000,
        events: bool = True,
        tls: ssl.SSLContext | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        build_action({"Action": "Login", "Username": user, "Secret": secret}, "")
        self._where = Endpoint(host=host, port=port, tls=tls)
        self._user = user
        self._secret = secret
        self._on_event = on_event or _nobody
        self._on_up = on_up or _nobody
        self._on_down = on_down or _nobody
        self._own_thread = OwnThread("ami-listener") if deliver is None else None
        self._inbox = Inbox(deliver or self._own_thread or _nobody, inbox_limit)
        self._times = times or LinkTimes()
        self._events = events
        self._monotonic = monotonic
        self._stopped = threading.Event()
        self._news = threading.Condition()
        self._session: Session | None = None
        self._state = LinkState.DOWN
        self._last_error: LinkError | None = None
        self._info: LinkInfo | None = None
        self._connections = 0
        self._nudge = threading.Event()
        self._sleeps_until_s = 0.0
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"ManagerLink({self._user}@{self._where.host}:{self._where.port}, {self._state.value})"

    @property
    def state(self) -> LinkState:
        """The state right now, which may be ahead of what the listener was told."""
        return self._state

    @property
    def waiting_events(self) -> int:
        """How many calls wait for the listener's thread."""
        return len(self._inbox)

    @property
    def waiting_actions(self) -> int:
        """How many actions wait for their answer."""
        session = self._session
        return len(session.replies) if session else 0

    def start(self) -> None:
        """Starts connecting, in the background. A link is started once."""
        if self._thread is not None:
            raise RuntimeError("a manager link is started once")
        self._thread = threading.Thread(target=self._run, name="ami-link", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 3.0) -> None:
        """Ends the link; actions that wait get their LINK_LOST reply. Calls in Asterisk go on."""
        self._stopped.set()
        session = self._session
        if session is not None:
            session.end(LinkError(LinkFault.STOPPED))
        self._nudge.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
        if self._own_thread is not None:
            self._own_thread.stop(timeout_s)

    def wait_until_up(self, deadline_s: float) -> LinkInfo:
        """Waits for the link. Raises LinkError with the last fault; at once for one that will not mend itself."""
        until_s = time.monotonic() + deadline_s
        with self._news:
            while self._info is None:
                error, left_s = self._last_error, until_s - time.monotonic()
                if error is not None and (error.fault.patient or left_s <= 0 or self._stopped.is_set()):
                    raise _anew(error)
                if left_s <= 0:
                    raise LinkError(LinkFault.NO_BANNER)
                self._news.wait(left_s)
            return self._info

    def send(
        self,
        action: ActionLike,
        on_response: Callable[[Reply], None] | None = None,
        deadline_s: float = 5.0,
    ) -> str:
        """Sends one action; answers its ActionID (an OriginateResponse event carries it too).

        `on_response` gets exactly one Reply. Raises LinkError (link not up) or UnsafeMessageError: nothing was sent.
        """
        return self._start(action, self._told(on_response), deadline_s, is_list=False)

    def ask_list(self, action: ActionLike, on_done: Callable[[Reply], None], deadline_s: float = 5.0) -> str:
        """Sends a list action (Status, CoreShowChannels): its Reply holds the whole list or is not ok.

        Some lists answer "Error" when they are empty; their Reply is REFUSED and its reason is Asterisk's sentence.
        """
        return self._start(action, self._told(on_done), deadline_s, is_list=True)

    def request(self, action: ActionLike, deadline_s: float = 5.0) -> Reply:
        """Sends one action and waits for its Reply. Never call it on an event loop's thread: it blocks."""
        return self._blocking(action, deadline_s, is_list=False)

    def request_list(self, action: ActionLike, deadline_s: float = 5.0) -> Reply:
        """Sends one list action and waits for the whole list. Blocks."""
        return self._blocking(action, deadline_s, is_list=True)

    def _start(self, action: ActionLike, finish: Callable[[Reply], None], deadline_s: float, is_list: bool) -> str:
        session = self._session
        if session is None:
            raise _anew(self._last_error or LinkError(LinkFault.UNREACHABLE, "the link was not up yet"))
        action_id = session.start(action, finish, deadline_s, is_list)
        if self._monotonic() + deadline_s < self._sleeps_until_s:
            self._nudge.set()
        return action_id

    def _told(self, listener: Callable[[Reply], None] | None) -> Callable[[Reply], None]:
        if listener is None:
            return _nobody
        return lambda reply: self._inbox.put(partial(listener, reply))

    def _blocking(self, action: ActionLike, deadline_s: float, is_list: bool) -> Reply:
        answer: concurrent.futures.Future[Reply] = concurrent.futures.Future()
        self._start(action, answer.set_result, deadline_s, is_list)
        return answer.result()

    def _run(self) -> None:
        tries = 0
        while not self._stopped.is_set():
            began_s = self._monotonic()
            error, was_up = self._live_once()
            steady = was_up and self._monotonic() - began_s >= STEADY_AFTER_S
            tries = 1 if steady else tries + 1
            pause_s = None if self._stopped.is_set() else pause_before_retry_s(error.fault, tries)
            self._tell_down(error, was_up, pause_s)
            self._stopped.wait(pause_s or 0.0)

    def _live_once(self) -> tuple[LinkError, bool]:
        """One connection from start to end."""
        session = self._new_session()
        times = self._times
        self._state = LinkState.CONNECTING
        try:
            session.log_in(self._user, self._secret, events=self._events, deadline_s=times.greeting_s)
            self._keep_up(session)
        except LinkError as error:
            session.end(error)
        # Also after a log-in that failed: the reader may have told a link up that was closed before the log-in saw it.
        session.connection.join(READER_ENDS_S)
        return session.error or LinkError(LinkFault.CLOSED), self._info is not None

    def _new_session(self) -> Session:
        session = Session(
            self._where,
            self._inbox,
            on_event=self._on_event,
            on_up=self._came_up,
            on_over=self._nudge.set,
            monotonic=self._monotonic,
        )
        self._session = session
        if self._stopped.is_set():
            session.end(LinkError(LinkFault.STOPPED))
        return session

    def _came_up(self, session: Session) -> None:
        # Called by the reader between the log-in's answer and the first event, so that on_up comes before any event.
        self._connections += 1
        where, version = self._where, session.connection.version
        info = LinkInfo(host=where.host, port=where.port, version=version, connection=self._connections)
        self._inbox.put(partial(self._on_up, info))
        with self._news:
            self._state = LinkState.UP
            self._info = info
            self._news.notify_all()

    def _keep_up(self, session: Session) -> None:
        """Pings and watches deadlines until the session is over."""
        ping_due_s = self._monotonic() + self._times.ping_every_s
        while session.error is None:
            now_s = self._monotonic()
            if now_s >= ping_due_s:
                ping_due_s = now_s + self._times.ping_every_s
                self._ping(session)
            session.replies.time_out(now_s)
            wake_s = min(ping_due_s, session.replies.next_due_s() or ping_due_s)
            self._sleep_until(wake_s, session)

    def _ping(self, session: Session) -> None:
        def answered(reply: Reply) -> None:
            if reply.kind is ReplyKind.TIMED_OUT:
                session.end(LinkError(LinkFault.PING_UNANSWERED))

        try:
            session.start({"Action": "Ping"}, answered, self._times.ping_deadline_s, is_list=False)
        except LinkError as error:
            session.end(error)

    def _sleep_until(self, wake_s: float, session: Session) -> None:
        self._sleeps_until_s = wake_s
        due_s = session.replies.next_due_s()
        if due_s is None or due_s >= wake_s:
            self._nudge.wait(max(0.0, wake_s - self._monotonic()))
        self._nudge.clear()

    def _tell_down(self, error: LinkError, was_up: bool, pause_s: float | None) -> None:
        session = self._session
        down = LinkDown(fault=error.fault, reason=str(error), was_up=was_up, retry_in_s=pause_s)
        if was_up or error.fault is not LinkFault.STOPPED:
            ours = error.fault is LinkFault.STOPPED
            _LOG.log(logging.INFO if ours else logging.WARNING, "%r: %s", self, error)
        with self._news:
            self._state = LinkState.DOWN
            self._info = None
            self._session = None
            self._last_error = error
            self._news.notify_all()
        self._inbox.put(partial(self._on_down, down))
        if session is not None:
            session.replies.lose_all(str(error))


def _anew(error: LinkError) -> LinkError:
    # An exception object that is raised again and again drags its old tracebacks along.
    return LinkError(error.fault, error.detail)


def _nobody(_: object) -> None:
    return None

"""What goes on between log-in and loss of one connection to the manager?

A session logs in, gives every action its id, hands events to the inbox in order, and is over once and for good.
"""

from __future__ import annotations

import itertools
import logging
import threading
import uuid
from collections.abc import Callable
from functools import partial

from telephony.asterisk.ami_connection import Endpoint, LinkError, LinkFault, ManagerConnection
from telephony.asterisk.ami_inbox import Inbox
from telephony.asterisk.ami_replies import Replies, Reply, ReplyKind, Waiting
from telephony.asterisk.messages import ActionLike, ManagerEvent, ManagerResponse, build_action

_LOG = logging.getLogger(__name__)


class Session:
    """One connection's life. Safe from any thread; `over` is set when it has ended, `error` says why."""

    def __init__(
        self,
        where: Endpoint,
        inbox: Inbox,
        *,
        on_event: Callable[[ManagerEvent], None],
        on_up: Callable[[Session], None],
        on_over: Callable[[], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.connection = ManagerConnection(where, self, monotonic)
        self.replies = Replies()
        self.is_up = False
        self.error: LinkError | None = None
        self.unreadable = 0
        self._inbox = inbox
        self._on_event = on_event
        self._on_up = on_up
        self._on_over = on_over
        self._monotonic = monotonic
        self._lock = threading.RLock()
        # An id used on an earlier connection must never meet a late answer to this one.
        self._prefix = uuid.uuid4().hex[:12]
        self._numbers = itertools.count(1)
        self._logged_in = threading.Event()

    def log_in(self, user: str, secret: str, *, events: bool, deadline_s: float) -> None:
        """Connects and logs in. Raises LinkError, whose text never holds the secret."""
        self.connection.open(deadline_s)
        login = {"Action": "Login", "Username": user, "Secret": secret, "Events": "on" if events else "off"}
        self._start(login, self._login_answered, deadline_s, is_list=False)
        self._logged_in.wait(deadline_s)
        if self.is_up:
            return
        self.end(LinkError(LinkFault.NO_LOGIN_ANSWER))
        raise self.error or LinkError(LinkFault.NO_LOGIN_ANSWER)

    def start(self, action: ActionLike, finish: Callable[[Reply], None], deadline_s: float, is_list: bool) -> str:
        """Sends an action and answers its id. `finish` is called once, from any thread.

        Raises LinkError when the session is not up and UnsafeMessageError for a doubtful message: nothing was sent.
        A connection that breaks while sending is told by the reply (LINK_LOST), since the message may be out.
        """
        if not self.is_up:
            fault = self.error.fault if self.error else LinkFault.CLOSED
            raise LinkError(fault, "the link is down")
        return self._start(action, finish, deadline_s, is_list)

    def _start(self, action: ActionLike, finish: Callable[[Reply], None], deadline_s: float, is_list: bool) -> str:
        action_id = f"{self._prefix}-{next(self._numbers)}"
        built = build_action(action, action_id)
        due_s = self._monotonic() + deadline_s
        waiting = Waiting(action_id=action_id, finish=finish, due_s=due_s, is_list=is_list)
        with self._lock:
            if self.error is not None:
                raise self.error
            self.replies.add(waiting)
        try:
            self.connection.send(built)
        except LinkError as error:
            self.end(error)
        return action_id

    def end(self, error: LinkError) -> None:
        """Ends the session for `error`; the first reason counts."""
        with self._lock:
            if self.error is not None:
                return
            self.error = error
            self.is_up = False
        self.connection.end(error)
        self._logged_in.set()
        self._on_over()

    def heard_event(self, event: ManagerEvent) -> None:
        """An event was read: a list's entry is collected, everything else waits for the listener."""
        if self.replies.heard_list_event(event):
            return
        with self._lock:
            taken = not self.is_up or self._inbox.offer(partial(self._on_event, event))
        if not taken:
            self.end(LinkError(LinkFault.OVERFLOW, f"{len(self._inbox)} wait"))

    def heard_response(self, response: ManagerResponse) -> None:
        """An answer was read."""
        self.replies.heard_response(response)

    def heard_nonsense(self, packet: str) -> None:
        """Something was read that is neither event nor answer: counted and logged, harmlessly shown."""
        self.unreadable += 1
        if self.unreadable <= 3:
            _LOG.warning("the manager sent something unreadable: %s", ascii(packet[:80]))

    def heard_end(self, error: LinkError) -> None:
        """The reader has ended."""
        self.end(error)

    def _login_answered(self, reply: Reply) -> None:
        if reply.kind is ReplyKind.REFUSED:
            self.end(LinkError(LinkFault.WRONG_SECRET, reply.reason))
        elif reply.ok:
            with self._lock:
                self.is_up = self.error is None
                if self.is_up:
                    self._on_up(self)
        self._logged_in.set()

"""Which actions still wait for their answer, and what becomes of each?

Every action gets exactly one Reply: Asterisk's answer, a passed deadline, or the link's loss. None is ever sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from telephony.asterisk.messages import ManagerEvent, ManagerResponse

MAX_LIST_EVENTS = 50_000


class ReplyKind(Enum):
    """How an action ended. `certain` is False when Asterisk may have carried it out all the same."""

    DONE = "Asterisk took it"
    REFUSED = "Asterisk refused it"
    TIMED_OUT = "no answer in time"
    LINK_LOST = "the link was lost before the answer"

    @property
    def certain(self) -> bool:
        """True when Asterisk's own word is known."""
        return self in {ReplyKind.DONE, ReplyKind.REFUSED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The end of one action. `events` holds a list action's entries, without the closing one."""

    kind: ReplyKind
    action_id: str
    response: ManagerResponse | None = None
    events: tuple[ManagerEvent, ...] = ()
    reason: str = ""

    @property
    def ok(self) -> bool:
        """True only when Asterisk answered that it took the action (for a list: and the list is whole)."""
        return self.kind is ReplyKind.DONE


@dataclass(kw_only=True, slots=True)
class Waiting:
    """An action on its way. `finish` is called once, on whatever thread learns the end: it must return at once."""

    action_id: str
    finish: Callable[[Reply], None]
    due_s: float
    is_list: bool = False
    response: ManagerResponse | None = None
    events: list[ManagerEvent] = field(default_factory=list)

    def reply(self, kind: ReplyKind, reason: str = "") -> Reply:
        """The reply as far as it is known now."""
        return Reply(
            kind=kind,
            action_id=self.action_id,
            response=self.response,
            events=tuple(self.events),
            reason=reason or (self.response.message if self.response else ""),
        )


class Replies:
    """The actions of one connection that wait for an answer. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, waiting: Waiting) -> None:
        """Remembers an action, before it is sent."""
        with self._lock:
            self._waiting[waiting.action_id] = waiting

    def forget(self, action_id: str) -> None:
        """Drops an action that was not sent; its `finish` is not called."""
        with self._lock:
            self._waiting.pop(action_id, None)

    def next_due_s(self) -> float | None:
        """The monotonic second of the nearest deadline, None when nothing waits."""
        with self._lock:
            return min((waiting.due_s for waiting in self._waiting.values()), default=None)

    def heard_response(self, response: ManagerResponse) -> None:
        """Gives an answer to its action; a list goes on until its closing event."""
        with self._lock:
            waiting = self._waiting.get(response.get("ActionID"))
            if waiting is None:
                return
            waiting.response = response
            if waiting.is_list and not response.is_error:
                return
            del self._waiting[waiting.action_id]
        waiting.finish(waiting.reply(ReplyKind.REFUSED if response.is_error else ReplyKind.DONE))

    def heard_list_event(self, event: ManagerEvent) -> bool:
        """True when the event belongs to a list that is being collected, and must not reach the listener."""
        action_id = event.get("ActionID")
        if not action_id:
            return False
        with self._lock:
            waiting = self._waiting.get(action_id)
            if waiting is None or not waiting.is_list:
                return False
            state = event.get("EventList").lower()
            if state not in {"complete", "cancelled"}:
                waiting.events.append(event)
            if not state and len(waiting.events) <= MAX_LIST_EVENTS:
                return True
            del self._waiting[action_id]
        whole = state == "complete"
        kind = ReplyKind.DONE if whole else ReplyKind.REFUSED
        waiting.finish(waiting.reply(kind, "" if whole else "the list was cut short"))
        return True

    def time_out(self, now_s: float) -> None:
        """Ends every action whose deadline has passed."""
        with self._lock:
            late = [waiting for waiting in self._waiting.values() if waiting.due_s <= now_s]
            for waiting in late:
                del self._waiting[waiting.action_id]
        for waiting in late:
            waiting.finish(waiting.reply(ReplyKind.TIMED_OUT, "Asterisk did not answer in time"))

    def lose_all(self, reason: str) -> None:
        """Ends every action because the link is gone: whether Asterisk carried them out is not known."""
        with self._lock:
            lost = list(self._waiting.values())
            self._waiting.clear()
        for waiting in lost:
            waiting.finish(waiting.reply(ReplyKind.LINK_LOST, reason))

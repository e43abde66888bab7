"""What is a softphone told about its account and its calls, and what can be read of a call?"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import Enum

from telephony.softphone.library import CallState
from telephony.softphone.media import Media
from telephony.softphone.message import Message


class PhoneError(Exception):
    """The phone could not do what it was told. The sentence says why."""


@dataclass(frozen=True, kw_only=True)
class PhoneAccount:
    """Where the phone registers, and its own address. Port 0 takes any free one."""

    user: str
    secret: str
    server_host: str
    server_port: int = 5060
    own_host: str = "127.0.0.1"
    own_port: int = 0
    audio_ports: range | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Takes every call, `after_s` seconds of ringing."""

    after_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Reject:
    """Refuses every call: 486 busy, 603 declined, 480 unavailable ..."""

    status: int = 486


@dataclass(frozen=True, kw_only=True)
class Ignore:
    """Lets every call ring until the caller gives up."""


OnCall = Answer | Reject | Ignore


class EndedBy(Enum):
    """Who ended a call."""

    FAR_END = "the far end hung up"
    OURSELVES = "we hung up"
    CANCELLED = "the caller gave up while it rang"
    REFUSED = "it was refused"
    NO_ANSWER = "the server did not answer"


@dataclass(kw_only=True, eq=False)
class PhoneCall:
    """One call. Read it freely; only the phone changes it. Times are monotonic seconds."""

    call_id: str
    incoming: bool
    state: CallState
    invite: Message
    text: str = ""
    answer_due_s: float | None = None
    answered_at_s: float | None = None
    ended_at_s: float | None = None
    ended_by: EndedBy | None = None
    status: int = 0
    reply: str = ""
    target: str = ""
    number: int = 0
    plug: socket.socket | None = None
    media: Media | None = None
    keys: str = ""

    @property
    def is_talking(self) -> bool:
        """True from answer to end."""
        return bool(self.state == CallState.ANSWERED)

    @property
    def is_over(self) -> bool:
        """True once it has ended, however."""
        return bool(self.state == CallState.ENDED)

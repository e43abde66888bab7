"""What does the dialer ask of a telephone system, and what does that system promise?

Commands return at once and never raise for something that happened on the line: whatever
happened comes as an event, on the thread that owns the clock, in the order it was learned.
The promises below are numbered; `TelephonyContract` (tests/contract) holds one test for each
and runs against every implementation.

 1. Every accepted `originate` ends in exactly one `CallEnded`, and it is the call's last event.
 2. At most one `CallAnswered` comes before it, and `CallRinging` at most once.
 3. The same call id is never placed twice: a second `originate` with an id ever used by this port
    is refused with `OriginateRefused` and places nothing.
 4. `hang_up` of an unknown or finished call does nothing; of a live one it takes effect promptly.
 5. Twenty calls at once end once each.
 6. A lost link never places a call again. While the link is down `originate` is refused.
 7. Every `join` is answered by `Joined` or `JoinFailed` within one second.
 8. An agent's leg that ends is told once (`AgentLegEnded`), for whatever reason it ended.
 9. When an agent's leg is lost in mid-call the customer is not left in silence: `AgentLost` comes
    and he hears the holding message until he is joined again or hung up.
10. Key presses on an agent's leg come as `KeyPressed`; the customer does not hear them.
11. A customer not joined within `safe_harbour_ms` of his answer hears the message: `SafeHarbourStarted`,
    then `OptOutKey` when he pressed the opt-out key, then the call ends.
12. Trunks report `TrunkUp` and `TrunkDown`; originating on a trunk known to be down ends at once as
    NOT_ATTEMPTED.
13. `list_calls` is answered by one `CallsListed` with every channel carrying this installation's prefix,
    or by `LinkDown`.
14. A call placed with `detect` is listened to when it is answered: at most one `CallScreened`, after
    `CallAnswered` and before any `Joined` or `SafeHarbourStarted`; a call placed without it never has one.
15. A machine heard is hung up by the exchange itself: `CallScreened` with a verdict that is no person, then
    `CallEnded` as ANSWERED, and neither a join nor the message between them.
16. Before the verdict a `join` is refused with `JoinFailed` and the customer is listened to on; after the verdict of a
    person he can be joined, and `safe_harbour_ms` counts from the verdict instead of the answer.
17. A customer who hangs up while he is listened to has no `CallScreened`; his `CallEnded` says FAR_END.
18. `send_keys` of an answered call: the far end gets these keys as tones, in order and once, then `KeysSent` comes.
    Before the answer, after the end and while the link is down nothing is sent and nothing is told.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CALL_ID = re.compile(r"[a-z0-9-]{1,64}")
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DIALABLE = re.compile(r"\+[1-9][0-9]{6,14}")
AGENT_NUMBER = re.compile(r"[0-9]{4}")
KEYS = re.compile(r"[0-9*#]{1,32}")
LONGEST_WAIT_MS = 20_000


@dataclass(frozen=True, kw_only=True)
class CallRef:
    """One call on one telephone system. `id` is the attempt's (or agent leg's) own id."""

    exchange: str
    id: str


class Network(StrEnum):
    """What the network did with a call: PRODUCT's first fact, seen from the line."""

    ANSWERED = "ANSWERED"
    BUSY = "BUSY"
    NO_ANSWER = "NO_ANSWER"
    NO_PROGRESS = "NO_PROGRESS"
    CONGESTION = "CONGESTION"
    INVALID_NUMBER = "INVALID_NUMBER"
    REJECTED = "REJECTED"
    UNAVAILABLE = "UNAVAILABLE"
    CANCELLED = "CANCELLED"
    TECHNICAL = "TECHNICAL"
    NOT_ATTEMPTED = "NOT_ATTEMPTED"
    UNKNOWN = "UNKNOWN"


class Ender(StrEnum):
    """Who ended a call."""

    FAR_END = "FAR_END"
    US = "US"
    NETWORK = "NETWORK"
    UNKNOWN = "UNKNOWN"


class Verdict(StrEnum):
    """What answering machine detection made of whoever answered.

    UNKNOWN is its "not sure", and also whoever stays silent: a person waiting for us to speak is not hung up.
    """

    HUMAN = "HUMAN"
    MACHINE = "MACHINE"
    UNKNOWN = "UNKNOWN"

    @property
    def person(self) -> bool:
        """Whether the call goes on to an agent: when in doubt it does."""
        return self is not Verdict.MACHINE


@dataclass(frozen=True, kw_only=True)
class EndCause:
    """Why a call ended, judged by telephony.causes from what was seen, never from DialStatus.

    `detail` is one of EARLY_MEDIA, EVERYWHERE, MEDIA_LOST, ACCOUNT, LINK_LOST, EXCHANGE_RESTARTED or empty.
    `suspends_trunk` is true for account faults (401, 403): nothing more may be dialled on that trunk.
    """

    network: Network
    detail: str = ""
    sip_code: int | None = None
    q850: int | None = None
    ended_by: Ender = Ender.UNKNOWN
    suspends_trunk: bool = False


@dataclass(frozen=True, kw_only=True)
class CustomerCall:
    """A call to a customer, straight on the trunk.

    `id` must match CALL_ID and never have been used; `number` must match DIALABLE (E.164 with +); `trunk` and
    `message` (empty: the usual one) PLAIN_NAME, so that neither can steer a call elsewhere.
    `ring_timeout_s` counts from the INVITE; `safe_harbour_ms` from the answer, or from the verdict when `detect`
    asks for answering machine detection. Raises ValueError otherwise.
    """

    id: str
    number: str
    trunk: str
    caller_id: str
    ring_timeout_s: int
    safe_harbour_ms: int = 1800
    message: str = "safe-harbour"
    opt_out_key: str = "9"
    talk_limit_s: int = 4 * 3600
    record: bool = False
    detect: bool = False

    def __post_init__(self) -> None:
        if not CALL_ID.fullmatch(self.id):
            raise ValueError(f"Call id {self.id[:80]!r} is not of [a-z0-9-], at most 64 characters; nothing dialled.")
        if not DIALABLE.fullmatch(self.number):
            raise ValueError(f"{self.number[:20]!r} is not an E.164 number with +; nothing was dialled.")
        if not DIALABLE.fullmatch(self.caller_id):
            raise ValueError(f"Caller ID {self.caller_id[:20]!r} is not an E.164 number with +; nothing dialled.")
        for name in (self.trunk, self.message or "safe-harbour"):
            if not PLAIN_NAME.fullmatch(name):
                raise ValueError(f"{name[:40]!r} is no name of a trunk or message; nothing was dialled.")
        if not 1 <= self.ring_timeout_s <= 120 or self.safe_harbour_ms < 0:
            raise ValueError("Ring time-out must be 1..120 s, the message's start not negative; nothing dialled.")


@dataclass(frozen=True, kw_only=True)
class AgentLeg:
    """The nailed-up leg of one agent: rings his phone once and keeps the line in a room of his own."""

    id: str
    agent: str
    ring_timeout_s: int = 30

    def __post_init__(self) -> None:
        if not CALL_ID.fullmatch(self.id) or not AGENT_NUMBER.fullmatch(self.agent):
            raise ValueError(f"Agent {self.agent[:10]!r} must have exactly four digits; his phone was not rung.")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something learned from a telephone system; `at` is aware UTC, `mono_s` the monotonic second."""

    at: datetime
    mono_s: float


@dataclass(frozen=True, kw_only=True)
class CallEvent(Event):
    call: CallRef


@dataclass(frozen=True, kw_only=True)
class OriginateRefused(CallEvent):
    """Nothing was placed: invalid, id used before, link down. The call never existed; no CallEnded follows."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CallProgress(CallEvent):
    """Early media (183): an announcement or a network tone plays; nobody rings yet."""


@dataclass(frozen=True, kw_only=True)
class CallRinging(CallEvent):
    """The far end rings (180 seen)."""


@dataclass(frozen=True, kw_only=True)
class CallAnswered(CallEvent):
    """The far end answered (200). `screening`: it is listened to, and nobody can be joined before `CallScreened`."""

    screening: bool = False


@dataclass(frozen=True, kw_only=True)
class CallScreened(CallEvent):
    """Answering machine detection has its verdict; a person waits for an agent from now on, a machine is hung up.

    `words` is the detector's own reason, for the log. `late`: learned after a lost link; the verdict was given some
    unknown time before, so that nothing may be counted from this event.
    """

    verdict: Verdict
    words: str = ""
    late: bool = False

    @property
    def person(self) -> bool:
        return self.verdict.person


@dataclass(frozen=True, kw_only=True)
class Joined(CallEvent):
    """Customer and agent are in one room and hear each other."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class KeysSent(CallEvent):
    """The far end was sent these keys as tones, the last one just now."""

    keys: str


@dataclass(frozen=True, kw_only=True)
class JoinFailed(CallEvent):
    """The join did not happen; the customer is gone or still waits (the next event tells)."""

    agent: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgentLost(CallEvent):
    """The agent's leg left a running conversation; the customer hears the holding message and may be joined again."""

    agent: str


@dataclass(frozen=True, kw_only=True)
class SafeHarbourStarted(CallEvent):
    """The abandonment message began; the call counts as abandoned even if joined later."""


@dataclass(frozen=True, kw_only=True)
class OptOutKey(CallEvent):
    """The customer pressed the opt-out key during the message: do not call again."""


@dataclass(frozen=True, kw_only=True)
class CallEnded(CallEvent):
    """The call's last event."""

    cause: EndCause


@dataclass(frozen=True, kw_only=True)
class AgentLegUp(Event):
    """The agent's phone was answered and his room is open. `leg` is the id given to ring_agent."""

    leg: CallRef
    agent: str


@dataclass(frozen=True, kw_only=True)
class AgentLegEnded(Event):
    """The agent's leg is gone or never came up. `reason` is a short plain sentence."""

    leg: CallRef
    agent: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class KeyPressed(Event):
    """A digit (0-9, *, #) pressed on the agent's phone."""

    agent: str
    digit: str


@dataclass(frozen=True, kw_only=True)
class LoginRequested(Event):
    """Somebody dialled the log-in extension from this agent's phone and entered a PIN. Check it, then ring_agent."""

    agent: str
    pin: str

    def __repr__(self) -> str:
        return f"LoginRequested(agent={self.agent!r}, pin=***)"


@dataclass(frozen=True, kw_only=True)
class PhoneReachable(Event):
    """An agent's softphone registered (True) or went away (False)."""

    agent: str
    reachable: bool


@dataclass(frozen=True, kw_only=True)
class TrunkUp(Event):
    exchange: str
    trunk: str


@dataclass(frozen=True, kw_only=True)
class TrunkDown(Event):
    exchange: str
    trunk: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class LinkUp(Event):
    """The exchange can be commanded. `started_at` tells a restart: calls placed before it are gone.

    `detects`: it has answering machine detection; without it an `originate` that asks for it is refused.
    """

    exchange: str
    version: str
    started_at: datetime
    detects: bool = True


@dataclass(frozen=True, kw_only=True)
class LinkDown(Event):
    """Nothing more is known of running calls until LinkUp; they may well go on."""

    exchange: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ListedCall:
    """One channel carrying our prefix: a customer's call or an agent's leg (`agent` set, `call` empty string).

    `ringing`: the far end rings now. `screening`: answered and listened to, the verdict is still to come. `verdict`:
    what it was, None when there was none or it is not in yet.
    """

    id: str
    agent: str
    answered: bool
    joined_agent: str
    started_at: datetime
    ringing: bool = False
    screening: bool = False
    verdict: Verdict | None = None


@dataclass(frozen=True, kw_only=True)
class CallsListed(Event):
    """What runs on the exchange now, answered to list_calls."""

    exchange: str
    request: str
    started_at: datetime
    calls: tuple[ListedCall, ...]


Listener = Callable[[Event], None]


class Telephony(ABC):
    """One telephone system. All methods are called on the clock's thread and return at once."""

    exchange: str

    @abstractmethod
    def start(self, listener: Listener) -> None:
        """Connect and keep connecting until `close`; `LinkUp` tells when commands are taken."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the link; running calls go on. No event comes afterwards."""

    @abstractmethod
    def originate(self, call: CustomerCall) -> None:
        """Place one call. Answered by OriginateRefused, or by events up to one CallEnded."""

    @abstractmethod
    def hang_up(self, call_id: str) -> None:
        """End a customer's call in whatever state it is; `CallEnded` confirms (ended_by US)."""

    @abstractmethod
    def join(self, call_id: str, agent: str) -> None:
        """Bring an answered customer into the agent's room. Answered by Joined or JoinFailed."""

    @abstractmethod
    def ring_agent(self, leg: AgentLeg) -> None:
        """Ring an agent's phone once; AgentLegUp or AgentLegEnded follows."""

    @abstractmethod
    def drop_agent(self, leg_id: str) -> None:
        """Hang up an agent's leg; AgentLegEnded confirms. Unknown legs: nothing happens."""

    @abstractmethod
    def list_calls(self, prefix: str, request: str) -> None:
        """Ask for all channels whose id starts with `prefix`; answered by CallsListed with this `request`."""

    @abstractmethod
    def drop_call(self, channel_id: str) -> None:
        """Hang up a channel by id that this process does not know (recovery of orphans). No event is promised."""

    @abstractmethod
    def adopt(self, call: ListedCall) -> None:
        """Take over a listed customer's call or agent's leg of a former process: its events come from now on."""

    @abstractmethod
    def send_keys(self, call_id: str, keys: str, wait_ms: int = 0) -> None:
        """Press keys (0-9 * #) towards the far end of an answered call, after a pause; KeysSent follows.

        Raises ValueError for keys that are none, more than 32, or a pause over LONGEST_WAIT_MS: nothing is sent.
        """

    @abstractmethod
    def tone(self, agent: str) -> None:
        """Let the agent, and nobody else, hear a short tone (a disposition key was taken)."""


def checked_keys(keys: str, wait_ms: int) -> str:
    """The keys as they are; ValueError for what no telephone can send."""
    if not KEYS.fullmatch(keys):
        raise ValueError(f"{keys[:40]!r} are not 1 to 32 keys of 0-9, * and #; no key was sent.")
    if not 0 <= wait_ms <= LONGEST_WAIT_MS:
        raise ValueError(f"A pause of {wait_ms} ms before keys: 0 to {LONGEST_WAIT_MS} it may be; no key was sent.")
    return keys

"""What does a contract test need of a telephone system? A port, numbers that behave, a phone, and ways to break it."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TypeVar

from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallScreened,
    CustomerCall,
    EndCause,
    Event,
    OriginateRefused,
    Telephony,
    TrunkDown,
    TrunkUp,
)
from telephony.practice import PracticeKind, behaviour_of, numbers

PREFIX = "contract-"
CALLER_ID = "+12025550100"
TALK_PACE = 6.0
"""How much longer than in the practice table answering callees talk, so that no call ends by itself in a test."""
VERDICT_LIMIT_S = 6.0
E = TypeVar("E", bound=Event)
_numbers = itertools.count(1)


def _practice(kind: PracticeKind, *, ring_ms: range = range(100_000)) -> Iterator[str]:
    return itertools.cycle([number for number in numbers(kind) if behaviour_of(number).ring_ms in ring_ms])


_PRACTICE = {
    "answers": _practice(PracticeKind.ANSWERS_SPEECH, ring_ms=range(1000)),
    "busy": _practice(PracticeKind.BUSY, ring_ms=range(1000)),
    "busy_after_a_while": _practice(PracticeKind.BUSY, ring_ms=range(1800, 10_000)),
    "rejects": _practice(PracticeKind.REJECTED, ring_ms=range(1000)),
    "rings_on": _practice(PracticeKind.NO_ANSWER),
    "hangs_up": _practice(PracticeKind.HANGS_UP_AT_ONCE, ring_ms=range(1000)),
    "machine": _practice(PracticeKind.ANSWERING_MACHINE, ring_ms=range(1000)),
    "opts_out": _practice(PracticeKind.OPTS_OUT, ring_ms=range(1000)),
}


class Bench(ABC):
    """One telephone system under test. The far end does what the number dialled says, and nothing else.

    `agent` has a phone that is registered and picks up; `absent_agent` has none.
    """

    telephony: Telephony
    trunk: str
    agent: str
    absent_agent: str

    def __init__(self) -> None:
        self.events: list[Event] = []

    def number(self, behaviour: str) -> str:
        """A number from the practice table that behaves so, another one each time."""
        return next(_PRACTICE[behaviour])

    @abstractmethod
    def wait(self, reached: Callable[[], object], limit_s: float) -> bool:
        """Let time pass until `reached()`, at most `limit_s`; tells whether it was reached."""

    @abstractmethod
    def press(self, digit: str) -> None:
        """The agent presses a key on his phone."""

    @abstractmethod
    def hang_up_phone(self) -> None:
        """The agent's phone leaves the line by itself."""

    @abstractmethod
    def cut_link(self) -> None:
        """Cut the dialer off from the exchange; calls go on."""

    @abstractmethod
    def restore_link(self) -> None:
        """Let the dialer reach the exchange again."""

    @abstractmethod
    def fail_trunk(self) -> None:
        """Make the carrier unreachable."""

    @abstractmethod
    def restore_trunk(self) -> None:
        """Make the carrier reachable."""

    @abstractmethod
    def times_placed(self, call_id: str) -> int:
        """How many INVITEs with this call id the far end counted."""

    @abstractmethod
    def keys_heard(self, call_id: str) -> str:
        """Which keys the far end of an ended call was sent after its answer, as it noted them itself."""

    # --- what tests do with it -------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        self.events.append(event)

    def until(self, reached: Callable[[], object], limit_s: float, what: str) -> None:
        assert self.wait(reached, limit_s), f"{what}: not within {limit_s} s. Told so far: {self.events}"

    def new_id(self) -> str:
        return f"{PREFIX}{next(_numbers)}"

    def call(
        self,
        behaviour: str,
        *,
        ring_timeout_s: int = 15,
        safe_harbour_ms: int = 1800,
        call_id: str = "",
        detect: bool = False,
    ) -> str:
        call_id = call_id or self.new_id()
        self.telephony.originate(
            CustomerCall(
                id=call_id,
                number=self.number(behaviour),
                trunk=self.trunk,
                caller_id=CALLER_ID,
                ring_timeout_s=ring_timeout_s,
                safe_harbour_ms=safe_harbour_ms,
                detect=detect,
            )
        )
        return call_id

    def answered(self, behaviour: str = "answers", *, safe_harbour_ms: int = 20_000, detect: bool = False) -> str:
        call_id = self.call(behaviour, safe_harbour_ms=safe_harbour_ms, detect=detect)
        self.until(lambda: self.told(CallAnswered, call_id) != [], 5, f"{call_id} is answered")
        return call_id

    def screened(self, behaviour: str, *, safe_harbour_ms: int = 20_000) -> tuple[str, CallScreened]:
        """A call that is listened to, up to its verdict."""
        call_id = self.answered(behaviour, safe_harbour_ms=safe_harbour_ms, detect=True)
        self.until(lambda: self.told(CallScreened, call_id) != [], VERDICT_LIMIT_S, "the verdict")
        return call_id, self.told(CallScreened, call_id)[0]

    def agent_on_line(self) -> str:
        leg_id = self.new_id()
        self.telephony.ring_agent(AgentLeg(id=leg_id, agent=self.agent))
        self.until(lambda: self.leg_told(AgentLegUp, leg_id) != [], 5, "the agent's leg is up")
        return leg_id

    def told(self, kind: type[E], call_id: str) -> list[E]:
        return [e for e in self.of_kind(kind) if isinstance(e, CallEvent) and e.call.id == call_id]

    def of_kind(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def leg_told(self, kind: type[E], leg_id: str) -> list[E]:
        return [e for e in self.of_kind(kind) if isinstance(e, AgentLegUp | AgentLegEnded) and e.leg.id == leg_id]

    def trunk_is_up(self) -> bool:
        told = [event for event in self.events if isinstance(event, TrunkUp | TrunkDown)]
        return bool(told) and isinstance(told[-1], TrunkUp)

    def is_over(self, call_id: str) -> bool:
        return bool(self.told(CallEnded, call_id) or self.told(OriginateRefused, call_id))

    def ended(self, call_id: str, limit_s: float = 5) -> EndCause:
        self.until(lambda: self.told(CallEnded, call_id) != [], limit_s, f"{call_id} ends")
        return self.told(CallEnded, call_id)[0].cause

    def barrier(self) -> None:
        """Listen past the end: place one more call and hear it to its end, so that late events are in."""
        assert self.ended(self.call("busy"), 8) is not None

"""What does the store-free loop keep of one call and of one agent? Plain working state, changed by the loop alone."""

from __future__ import annotations

from enum import IntEnum

from campaigns.model import AgentState
from dialer.floor import AgentSeat, CallInFlight
from dialer.rehearsal.people import Fate

ENDED_BUSY, ENDED_FAILED, ENDED_NO_ANSWER = "BUSY", "UNAVAILABLE", "NO_ANSWER"
ENDED_ANSWERED, ENDED_CANCELLED = "ANSWERED", "CANCELLED"


class Phase(IntEnum):
    """How far one call is; the engine's stages, in their order."""

    DIALLING = 0
    RINGING = 1
    SCREENING = 2
    WAITING = 3
    JOINING = 4
    MESSAGE = 5
    TALKING = 6
    WRAP_UP = 7
    OVER = 8


class Call:
    """One call. `fate` is what the future holds for it: a policy must not look at it, but for a clairvoyant."""

    __slots__ = (
        "abandoned_s",
        "agent",
        "answered_s",
        "ended_s",
        "fate",
        "given_up",
        "index",
        "joined_s",
        "outcome",
        "phase",
        "placed_s",
        "ringing_s",
        "screened_s",
        "seen",
    )

    def __init__(self, index: int, placed_s: float, fate: Fate) -> None:
        self.index = index
        self.placed_s = placed_s
        self.fate = fate
        self.phase = Phase.DIALLING
        self.ringing_s: float | None = None
        self.answered_s: float | None = None
        self.screened_s: float | None = None
        self.joined_s: float | None = None
        self.abandoned_s: float | None = None
        self.ended_s: float | None = None
        self.agent: Agent | None = None
        self.outcome = ""
        self.given_up = False  # we asked for its end
        self.seen: CallInFlight | None = None  # as the floor shows it; none after a change


class Agent:
    """One agent at his desk."""

    __slots__ = (
        "call",
        "index",
        "leaving",
        "number",
        "pause_owed_s",
        "seen",
        "since_s",
        "spent_s",
        "state",
        "talked_s",
    )

    def __init__(self, index: int) -> None:
        self.index = index
        self.number = str(1001 + index)
        self.state = AgentState.LOGGED_OUT
        self.since_s = 0.0
        self.call: Call | None = None
        self.talked_s = 0.0  # how long his last conversation was
        self.leaving = False  # goes home after this call
        self.pause_owed_s = 0.0  # goes on pause so long after this call
        self.seen: AgentSeat | None = None  # as the floor shows him; none after a change
        self.spent_s = dict.fromkeys(AgentState, 0.0)


Flight = dict[int, Call]

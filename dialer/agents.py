"""What may an agent do next? One table of states and events, without I/O."""

from __future__ import annotations

from enum import StrEnum

from campaigns.model import AgentState
from dialer.refusal import Refused


class AgentEvent(StrEnum):
    LOG_IN = "log in"
    PHONE_UP = "phone up"
    PHONE_FAILED = "phone failed"
    PHONE_LOST = "phone lost"
    GO_READY = "go ready"
    GO_PAUSE = "go on pause"
    PREVIEW = "look at a lead or dial it"
    PREVIEW_OVER = "lead off the desk"
    JOINED = "customer joined"
    CALL_ENDED = "call ended"
    WRAPPED_UP = "wrapped up"
    LOG_OUT = "log out"


_S, _E = AgentState, AgentEvent

_MOVES: dict[tuple[AgentState, AgentEvent], AgentState] = {
    (_S.LOGGED_OUT, _E.LOG_IN): _S.RINGING,
    (_S.RINGING, _E.PHONE_UP): _S.READY,
    (_S.RINGING, _E.PHONE_FAILED): _S.LOGGED_OUT,
    (_S.RINGING, _E.PHONE_LOST): _S.LOGGED_OUT,
    (_S.RINGING, _E.LOG_OUT): _S.LOGGED_OUT,
    (_S.READY, _E.GO_PAUSE): _S.PAUSE,
    (_S.READY, _E.GO_READY): _S.READY,
    (_S.READY, _E.PREVIEW): _S.PREVIEW,
    (_S.READY, _E.JOINED): _S.TALK,
    (_S.READY, _E.PHONE_LOST): _S.SYSTEM,
    (_S.READY, _E.LOG_OUT): _S.LOGGED_OUT,
    (_S.PREVIEW, _E.JOINED): _S.TALK,
    (_S.PREVIEW, _E.PREVIEW_OVER): _S.READY,
    (_S.PREVIEW, _E.GO_PAUSE): _S.PAUSE,
    (_S.PREVIEW, _E.PHONE_LOST): _S.SYSTEM,
    (_S.PREVIEW, _E.LOG_OUT): _S.LOGGED_OUT,
    (_S.TALK, _E.CALL_ENDED): _S.WRAP_UP,
    (_S.TALK, _E.PHONE_LOST): _S.SYSTEM,
    (_S.WRAP_UP, _E.WRAPPED_UP): _S.READY,
    (_S.WRAP_UP, _E.PHONE_LOST): _S.WRAP_UP,  # he still writes; his phone is rung again meanwhile
    (_S.WRAP_UP, _E.PHONE_UP): _S.WRAP_UP,
    (_S.WRAP_UP, _E.PHONE_FAILED): _S.WRAP_UP,
    (_S.PAUSE, _E.GO_READY): _S.READY,
    (_S.PAUSE, _E.GO_PAUSE): _S.PAUSE,
    (_S.PAUSE, _E.JOINED): _S.TALK,  # the join was under way when he asked for the pause
    (_S.PAUSE, _E.PHONE_LOST): _S.SYSTEM,
    (_S.PAUSE, _E.LOG_OUT): _S.LOGGED_OUT,
    (_S.SYSTEM, _E.PHONE_UP): _S.READY,
    (_S.SYSTEM, _E.PHONE_FAILED): _S.LOGGED_OUT,
    (_S.SYSTEM, _E.PHONE_LOST): _S.SYSTEM,
    (_S.SYSTEM, _E.LOG_OUT): _S.LOGGED_OUT,
}


def after(state: AgentState, event: AgentEvent, agent: str) -> AgentState:
    """The agent's next state. Raises Refused, naming state, event and agent, for a move not in the table."""
    try:
        return _MOVES[state, event]
    except KeyError:
        raise Refused(f"Agent {agent} is {state}: '{event}' is not possible now. Nothing was changed.") from None


def may(state: AgentState, event: AgentEvent) -> bool:
    """Whether the table knows this move."""
    return (state, event) in _MOVES

"""What may be done to a campaign now? One table of states and events, without any I/O.

Pause: no new attempts, live calls go on. Stop: the same, and agents are logged off when it is quiet.
Emergency stop: no new attempts, ringing calls are hung up, conversations are left; it is accepted in every
state, since nobody in an emergency should be told that he asked at the wrong moment.
"""

from __future__ import annotations

from enum import StrEnum

from campaigns.model import CampaignState


class CampaignEvent(StrEnum):
    """What a manager asks, and `QUIET`: the engine saw the last live call end."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    EMERGENCY_STOP = "emergency_stop"
    QUIET = "quiet"


class LifecycleFault(ValueError):
    """The event is not allowed in this state. Nothing was changed or dialled."""


_S, _E = CampaignState, CampaignEvent

MOVES: dict[tuple[CampaignState, CampaignEvent], CampaignState] = {
    (_S.DRAFT, _E.START): _S.RUNNING,
    (_S.DRAFT, _E.EMERGENCY_STOP): _S.DRAFT,
    (_S.RUNNING, _E.PAUSE): _S.PAUSED,
    (_S.RUNNING, _E.STOP): _S.STOPPING,
    (_S.RUNNING, _E.EMERGENCY_STOP): _S.STOPPING,
    (_S.PAUSED, _E.START): _S.RUNNING,
    (_S.PAUSED, _E.STOP): _S.STOPPING,
    (_S.PAUSED, _E.EMERGENCY_STOP): _S.STOPPING,
    (_S.STOPPING, _E.START): _S.RUNNING,
    (_S.STOPPING, _E.QUIET): _S.STOPPED,
    (_S.STOPPING, _E.EMERGENCY_STOP): _S.STOPPING,
    (_S.STOPPED, _E.START): _S.RUNNING,
    (_S.STOPPED, _E.EMERGENCY_STOP): _S.STOPPED,
}


def move(state: CampaignState, event: CampaignEvent) -> CampaignState:
    """The state after the event. Raises LifecycleFault naming state, event and what is possible instead."""
    try:
        return MOVES[state, event]
    except KeyError:
        possible = ", ".join(allowed(state)) or "nothing"
        raise LifecycleFault(
            f"A campaign that is {state} cannot take {event}; possible now: {possible}. Nothing was changed."
        ) from None


def allowed(state: CampaignState) -> tuple[CampaignEvent, ...]:
    """The events that this state takes, in the order of the table."""
    return tuple(event for at, event in MOVES if at is state)

"""What has become of each agent's leg? Up when his room is open, told once when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from telephony.asterisk.ami import ManagerEvent
from telephony.clock import Clock, Timer
from telephony.port import AgentLegEnded, AgentLegUp, Event, KeyPressed
from telephony.stamp import Stamp

RESPONSE_GRACE_S = 0.6
KEYS = frozenset("0123456789*#")
_BY_CAUSE = {
    17: "the phone is busy",
    19: "the phone was not answered",
    21: "the call was refused on the phone",
    44: "the phone went silent and its line was closed",
}
_BY_REASON = {0: "the phone is not reachable", 3: "the phone was not answered", 5: "the phone is busy"}

Tell = Callable[[Event], None]
OnMove = Callable[[str, str], None]


@dataclass(eq=False)
class TrackedLeg:
    """One agent's leg that is ringing or up."""

    id: str
    agent: str
    placed_at_s: float
    up: bool = False
    channel_seen: bool = False
    dropped: bool = False
    phone_left: bool = False
    taken: bool = False
    end_timer: Timer | None = None


class AgentLegs:
    """All agents' legs of this process. Events of channels that are not in `legs` are ignored."""

    def __init__(self, clock: Clock, stamp: Stamp, tell: Tell, on_move: OnMove) -> None:
        self._clock = clock
        self._stamp = stamp
        self._tell = tell
        self._on_move = on_move
        self.legs: dict[str, TrackedLeg] = {}
        self.on_channel: Callable[[TrackedLeg], None] = lambda _leg: None

    def add(self, leg: TrackedLeg) -> None:
        """Track a leg from now on."""
        self.legs[leg.id] = leg

    def of_agent(self, agent: str) -> TrackedLeg | None:
        """The agent's leg, ringing or up."""
        return next((leg for leg in self.legs.values() if leg.agent == agent), None)

    def is_up(self, agent: str) -> bool:
        """Whether the agent sits in his room."""
        leg = self.of_agent(agent)
        return leg is not None and leg.up

    def hear(self, event: ManagerEvent) -> None:
        """One event of the manager."""
        leg = self.legs.get(event.get("Uniqueid"))
        if leg is None:
            return
        if event.name in ("Newchannel", "Newstate"):
            first, leg.channel_seen = not leg.channel_seen, True
            if first:
                self.on_channel(leg)
        elif event.name == "ConfbridgeJoin":
            self.came_up(leg)  # not at AgentUp before it: a join at that very instant would find an empty room
        elif event.name == "UserEvent":
            leg.taken |= event.get("Stage") == "AgentRefused"
        elif event.name == "DTMFEnd":
            self._key(leg, event)
        elif event.name == "HangupRequest":
            leg.phone_left = True
        elif event.name == "Hangup":
            self.end(leg, self._why(leg, event.get("Cause")))
        elif event.name == "OriginateResponse" and event.get("Response") != "Success":
            self._failed(leg, event.get("Reason"))

    def came_up(self, leg: TrackedLeg) -> None:
        """The agent's room is open; told once."""
        if not leg.up:
            leg.up = True
            self._on_move(leg.id, "ringing -[agent up]-> up")
            self._tell(self._stamp.event(AgentLegUp, leg=self._stamp.ref(leg.id), agent=leg.agent))

    def _key(self, leg: TrackedLeg, event: ManagerEvent) -> None:
        digit = event.get("Digit")
        if event.get("Direction") == "Received" and digit in KEYS and leg.up:
            self._tell(self._stamp.event(KeyPressed, agent=leg.agent, digit=digit))

    def _failed(self, leg: TrackedLeg, reason: str) -> None:
        """The originate failed: the hang-up tells more, but without a channel there will be none."""
        sentence = _BY_REASON.get(int(reason) if reason.isdigit() else 0, "the phone could not be called")
        leg.end_timer = self._clock.call_later(RESPONSE_GRACE_S, lambda: self.end(leg, sentence))

    @staticmethod
    def _why(leg: TrackedLeg, cause: str) -> str:
        number = int(cause) if cause.isdigit() else 0
        if leg.dropped:
            return "hung up by the dialer"
        if leg.taken:
            return "the agent's room is already taken by another line"
        if number in _BY_CAUSE and not (leg.up and number != 44):
            return _BY_CAUSE[number]
        return "the phone hung up" if leg.phone_left else "the exchange ended the line"

    def end(self, leg: TrackedLeg, reason: str) -> None:
        """Tell the end, once."""
        if self.legs.pop(leg.id, None) is None:
            return
        if leg.end_timer is not None:
            leg.end_timer.cancel()
        self._on_move(leg.id, f"{'up' if leg.up else 'ringing'} -[ended]-> over: {reason}")
        ref = self._stamp.ref(leg.id)
        self._tell(self._stamp.event(AgentLegEnded, leg=ref, agent=leg.agent, reason=reason))

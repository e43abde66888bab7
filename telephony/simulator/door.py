"""How does the dialer command the simulated exchange? The port's promises over a world that may outlive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telephony.callee import Callees
from telephony.causes import CallEvidence, judge, unknown_end
from telephony.clock import Clock, Timer
from telephony.outbox import Outbox
from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallProgress,
    CallRinging,
    CallScreened,
    CallsListed,
    CustomerCall,
    Event,
    Joined,
    JoinFailed,
    LinkDown,
    LinkUp,
    ListedCall,
    Listener,
    Network,
    OriginateRefused,
    PhoneReachable,
    SafeHarbourStarted,
    Telephony,
    TrunkDown,
    TrunkUp,
    checked_keys,
)
from telephony.simulator.exchange import Line, SimulatedExchange, Stage
from telephony.simulator.phone import Phone
from telephony.simulator.practice_callees import PracticeCallees
from telephony.stamp import Stamp
from telephony.trunk_watch import TrunkWatch

VERSION = "simulated exchange"
JOIN_LIMIT_S = 0.9
NO_DETECTION = "this exchange has no answering machine detection"


@dataclass(eq=False)
class _Call:
    """What the listener was told of one call so far."""

    trunk: str
    placed_at_s: float
    ringing: bool = False
    answered: bool = False
    message: bool = False
    screening: bool = False  # asked for detection, and the verdict was not told yet
    agent: str = ""
    joining: str = ""
    join_limit: Timer | None = None


@dataclass(eq=False)
class _Leg:
    agent: str
    up: bool = False


class SimulatedTelephony(Telephony):
    """The port over a simulated exchange, on any clock.

    Without `world` it makes its own exchange. A second one over the `world` of the first is a dialer
    that was started again: it knows nothing until it lists and adopts. What customers do is chosen by
    the number dialled (`callees`, without one the practice table), what agents do by `phones` and by the
    methods `press`, `dial_login`, `hang_up_phone` and `set_reachable` of `world`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        callees: Callees | None = None,
        exchange: str = "sim",
        trunks: tuple[str, ...] = ("carrier",),
        phones: Mapping[str, Phone] | None = None,
        world: SimulatedExchange | None = None,
        detects: bool = True,
    ) -> None:
        if world is None:
            callees = callees or PracticeCallees()
            world = SimulatedExchange(clock, callees=callees, name=exchange, trunks=trunks, phones=phones)
        self.world = world
        self.exchange = world.name
        self._clock = clock
        self._stamp = Stamp(clock, world.name)
        self._watch = TrunkWatch(clock, tuple(world.trunks), self._tell_trunk)
        self._link_up = False
        self._boot = world.started_at
        self._detects = detects
        self._outbox = Outbox(clock)
        self._used: set[str] = set()
        self._calls: dict[str, _Call] = {}
        self._legs: dict[str, _Leg] = {}

    # --- the link --------------------------------------------------------------------------------

    def start(self, listener: Listener) -> None:
        self._outbox.open(listener)
        self.world.tell = self._hear
        self.restore_link()

    def close(self) -> None:
        self._link_up = False
        self._outbox.close()

    def cut_link(self, reason: str = "the manager connection was lost.") -> None:
        """Lose the exchange from sight: its calls go on, and what happens meanwhile is never told as it was."""
        if self._link_up:
            self._link_up = False
            self._watch.forget()
            self._outbox.put(self._stamp.event(LinkDown, exchange=self.exchange, reason=reason))

    def restore_link(self) -> None:
        """Find the exchange again and tell what became of the calls."""
        if self._link_up or not self._outbox.is_open:
            return
        self._link_up = True
        restarted = self.world.started_at != self._boot
        self._boot = self.world.started_at
        self._outbox.put(
            self._stamp.event(
                LinkUp,
                exchange=self.exchange,
                version=VERSION,
                started_at=self.world.started_at,
                detects=self._detects,
            )
        )
        for call_id in tuple(self._calls):
            self._catch_up_call(call_id, restarted)
        for leg_id in tuple(self._legs):
            self._catch_up_leg(leg_id)
        for trunk, up in self.world.trunks.items():
            self._watch.contact(trunk, up)
        for agent, phone in self.world.phones.items():
            self._outbox.put(self._stamp.event(PhoneReachable, agent=agent, reachable=phone.reachable))

    def crash(self, down_s: float = 2.0) -> None:
        """The exchange dies without a word and is back after `down_s`, all calls and legs gone."""
        self.cut_link("the exchange closed the manager connection.")
        self.world.restart()
        self._clock.call_later(down_s, self.restore_link)

    def fail_trunk(self, trunk: str) -> None:
        """The carrier of this trunk cannot be reached any more."""
        self.world.trunks[trunk] = False
        if self._link_up:
            self._watch.contact(trunk, False)

    def restore_trunk(self, trunk: str) -> None:
        """The carrier of this trunk answers again."""
        self.world.trunks[trunk] = True
        if self._link_up:
            self._watch.contact(trunk, True)

    # --- commands --------------------------------------------------------------------------------

    def originate(self, call: CustomerCall) -> None:
        reason = self._why_refused(call)
        self._used.add(call.id)
        if reason:
            self._outbox.put(self._stamp.call(OriginateRefused, call.id, reason=reason))
            return
        self._calls[call.id] = _Call(trunk=call.trunk, placed_at_s=self._clock.monotonic(), screening=call.detect)
        if self._watch.is_up(call.trunk):
            self.world.place(call)
        else:
            cause = judge(CallEvidence(channel_existed=False, reason=0))
            self._hear(self._stamp.call(CallEnded, call.id, cause=cause))

    def _why_refused(self, call: CustomerCall) -> str:
        if call.id in self._used:
            return "this call id was used before"
        if call.detect and not self._detects:
            return NO_DETECTION
        return "" if self._link_up else "the link to the exchange is down"

    def hang_up(self, call_id: str) -> None:
        if self._link_up and call_id in self._calls:
            self.world.hang_up(call_id)

    def join(self, call_id: str, agent: str) -> None:
        call = self._calls.get(call_id)
        if call is None or not call.answered or call.joining or not self._link_up:
            reason = self._why_no_join(call)
            self._outbox.put(self._stamp.call(JoinFailed, call_id, agent=agent, reason=reason))
            return
        call.joining = agent
        call.join_limit = self._clock.call_later(
            JOIN_LIMIT_S, lambda: self._fail_join(call_id, call, "no answer in time")
        )
        self.world.join(call_id, agent)

    def _why_no_join(self, call: _Call | None) -> str:
        if call is None or not call.answered:
            return "the customer's call is not up"
        return "a join is already under way" if call.joining else "the link to the exchange is down"

    def ring_agent(self, leg: AgentLeg) -> None:
        if leg.id in self._used:
            raise ValueError(f"Leg id {leg.id} was used before; agent {leg.agent}'s phone was not rung.")
        self._used.add(leg.id)
        if not self._link_up:
            ref = self._stamp.ref(leg.id)
            reason = "the link to the exchange is down"
            self._outbox.put(self._stamp.event(AgentLegEnded, leg=ref, agent=leg.agent, reason=reason))
            return
        self._legs[leg.id] = _Leg(agent=leg.agent)
        self.world.ring(leg)

    def drop_agent(self, leg_id: str) -> None:
        if self._link_up and leg_id in self._legs:
            self.world.hang_up(leg_id)

    def list_calls(self, prefix: str, request: str) -> None:
        if not self._link_up:
            self._outbox.put(self._stamp.event(LinkDown, exchange=self.exchange, reason="the link is still down."))
            return
        listed = self._stamp.event(
            CallsListed,
            exchange=self.exchange,
            request=request,
            started_at=self.world.started_at,
            calls=self.world.listed(prefix),
        )
        self._outbox.put(listed)

    def drop_call(self, channel_id: str) -> None:
        if self._link_up:
            self.world.hang_up(channel_id)

    def adopt(self, call: ListedCall) -> None:
        self._used.add(call.id)
        if call.agent:
            self._legs.setdefault(call.id, _Leg(agent=call.agent, up=call.answered))
            self._catch_up_leg(call.id)
            return
        line = self.world.lines.get(call.id)
        trunk = line.call.trunk if line is not None else ""
        told = _Call(trunk=trunk, placed_at_s=self._clock.monotonic(), answered=call.answered, agent=call.joined_agent)
        told.ringing = call.answered
        told.screening = line is not None and line.call.detect and line.verdict is None
        self._calls.setdefault(call.id, told)
        self._catch_up_call(call.id, restarted=False)

    def send_keys(self, call_id: str, keys: str, wait_ms: int = 0) -> None:
        checked_keys(keys, wait_ms)
        if self._link_up and call_id in self._calls:
            self.world.send_keys(call_id, keys, wait_ms)

    def tone(self, agent: str) -> None:
        self.world.tones.append(agent)

    # --- what the world tells --------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        if not self._link_up:
            return
        if isinstance(event, CallEvent):
            call = self._calls.get(event.call.id)
            if call is not None:
                self._hear_of_call(event, call)
        elif isinstance(event, AgentLegUp | AgentLegEnded):
            self._hear_of_leg(event)
        else:
            self._outbox.put(event)

    def _hear_of_call(self, event: CallEvent, call: _Call) -> None:
        if isinstance(event, CallEnded):
            self._end(event, call)
            return
        if isinstance(event, Joined | JoinFailed) and not self._settle_join(event, call):
            return
        self._note(event, call)
        self._outbox.put(event)

    def _note(self, event: CallEvent, call: _Call) -> None:
        if isinstance(event, CallRinging | CallProgress | CallAnswered):
            self._watch.sign_of_life(call.trunk)
        call.ringing |= isinstance(event, CallRinging)
        call.answered |= isinstance(event, CallAnswered)
        call.message |= isinstance(event, SafeHarbourStarted)
        call.screening &= not isinstance(event, CallScreened)
        if isinstance(event, Joined):
            call.agent = event.agent
        elif isinstance(event, AgentLost):
            call.agent = ""

    def _settle_join(self, event: Joined | JoinFailed, call: _Call) -> bool:
        """Close the pending join; a failure that was already told is not told again, a late success is news."""
        awaited = call.joining == event.agent
        if awaited:
            self._forget_join(call)
        return awaited or isinstance(event, Joined)

    def _forget_join(self, call: _Call) -> None:
        if call.join_limit is not None:
            call.join_limit.cancel()
        call.joining, call.join_limit = "", None

    def _fail_join(self, call_id: str, call: _Call, reason: str) -> None:
        agent = call.joining
        if agent:
            self._forget_join(call)
            self._outbox.put(self._stamp.call(JoinFailed, call_id, agent=agent, reason=reason))

    def _end(self, event: CallEnded, call: _Call) -> None:
        del self._calls[event.call.id]
        self._fail_join(event.call.id, call, "the customer is gone")
        network = event.cause.network
        if network is Network.NO_PROGRESS:
            self._watch.no_progress(call.trunk, call.placed_at_s)
        elif event.cause.sip_code is not None:
            self._watch.sign_of_life(call.trunk)
        self._outbox.put(event)

    def _hear_of_leg(self, event: AgentLegUp | AgentLegEnded) -> None:
        leg = self._legs.get(event.leg.id)
        if leg is None:
            return
        if isinstance(event, AgentLegEnded):
            del self._legs[event.leg.id]
        leg.up = True
        self._outbox.put(event)

    def _catch_up_call(self, call_id: str, restarted: bool) -> None:
        """Tell what was missed of one call while the exchange was out of sight."""
        call, line = self._calls[call_id], self.world.lines.get(call_id)
        if line is None:
            cause = unknown_end(exchange_restarted=restarted)
            self._end(self._stamp.call(CallEnded, call_id, cause=cause), call)
            return
        for missed in self._missed(call_id, call, line):
            self._hear_of_call(missed, call)

    def _missed(self, call_id: str, call: _Call, line: Line) -> list[CallEvent]:
        missed: list[CallEvent] = []
        if line.ringing_seen and not call.ringing and not line.answered:
            missed.append(self._stamp.call(CallRinging, call_id))
        if line.answered and not call.answered:
            missed.append(self._stamp.call(CallAnswered, call_id, screening=line.call.detect))
        if call.screening and line.verdict is not None:
            missed.append(self._stamp.call(CallScreened, call_id, verdict=line.verdict, words="simulated", late=True))
        if line.stage is Stage.MESSAGE and not call.message:
            missed.append(self._stamp.call(SafeHarbourStarted, call_id))
        if call.agent and line.agent != call.agent:
            missed.append(self._stamp.call(AgentLost, call_id, agent=call.agent))
        if line.agent and line.agent != call.agent:
            missed.append(self._stamp.call(Joined, call_id, agent=line.agent))
        return missed

    def _catch_up_leg(self, leg_id: str) -> None:
        told, leg = self._legs[leg_id], self.world.legs.get(leg_id)
        ref = self._stamp.ref(leg_id)
        if leg is None:
            reason = "the line was gone when the exchange could be asked again"
            self._hear_of_leg(self._stamp.event(AgentLegEnded, leg=ref, agent=told.agent, reason=reason))
        elif leg.up and not told.up:
            self._hear_of_leg(self._stamp.event(AgentLegUp, leg=ref, agent=told.agent))

    # --- telling ---------------------------------------------------------------------------------

    def _tell_trunk(self, trunk: str, up: bool, reason: str) -> None:
        if up:
            self._outbox.put(self._stamp.event(TrunkUp, exchange=self.exchange, trunk=trunk))
        else:
            self._outbox.put(self._stamp.event(TrunkDown, exchange=self.exchange, trunk=trunk, reason=reason))

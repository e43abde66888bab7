"""How does the dialer command a real Asterisk? The port's promises over two manager sessions.

Calls go straight on the trunk with the attempt id as channel id; joins are redirects confirmed by the conference's own
event. What became of calls is folded in adapter_calls, of agents' legs in adapter_legs. An originate is never sent
twice, and after a lost link nothing is told before the exchange was asked what still runs.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from telephony.asterisk import adapter_actions as actions
from telephony.asterisk.adapter_calls import CustomerCalls, TrackedCall
from telephony.asterisk.adapter_legs import AgentLegs, TrackedLeg
from telephony.asterisk.adapter_link import Connect, ExchangeLink, Found, Hears, ManagerAccess
from telephony.asterisk.adapter_status import Row
from telephony.asterisk.ami import ManagerEvent, Reply, ReplyKind, UnsafeMessageError
from telephony.asterisk.call_state import Seen, State
from telephony.call_log import CallLog
from telephony.causes import CallEvidence, judge
from telephony.clock import Clock
from telephony.outbox import Outbox
from telephony.port import (
    AGENT_NUMBER,
    DIALABLE,
    AgentLeg,
    CallEnded,
    CallsListed,
    CustomerCall,
    Event,
    JoinFailed,
    LinkDown,
    LinkUp,
    ListedCall,
    Listener,
    LoginRequested,
    OriginateRefused,
    PhoneReachable,
    Telephony,
    TrunkDown,
    TrunkUp,
    checked_keys,
)
from telephony.stamp import Stamp
from telephony.trunk_watch import TrunkWatch

_LOG = logging.getLogger(__name__)

YOUNG_S = 5.0
"""A call placed less than this before the exchange was asked may be missing in the answer and yet be there."""
LINK_IS_DOWN = "the link to the exchange is down"


class AsteriskTelephony(Telephony):
    """The port over one Asterisk.

    `connect` makes the manager sessions (see adapter_link.connecting); their news must arrive on the
    clock's thread. `trunks` are the endpoints customers may be called on; any other ends as
    NOT_ATTEMPTED. Ids that do not start with `prefix` are refused, so that recovery finds every call.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        exchange: str,
        access: ManagerAccess,
        connect: Connect,
        trunks: tuple[str, ...],
        prefix: str = "",
        log: CallLog | None = None,
    ) -> None:
        self.exchange = exchange
        self._clock = clock
        self._prefix = prefix
        self._log = log
        self._stamp = Stamp(clock, exchange)
        self._outbox = Outbox(clock)
        self._watch = TrunkWatch(clock, trunks, self._tell_trunk)
        self._calls = CustomerCalls(clock, self._stamp, self._watch, self._outbox.put, self._log_move)
        self._legs = AgentLegs(clock, self._stamp, self._outbox.put, self._log_move)
        self._calls.on_channel = self._channel_of_call
        self._legs.on_channel = self._channel_of_leg
        self._phones: dict[str, bool] = {}
        self._used: set[str] = set()
        hears = Hears(
            event=self._hear, up=self._link_up, down=self._link_down, reachable=self._reachable, running=self._running
        )
        self._link = ExchangeLink(clock, access, connect, hears)

    # --- the link --------------------------------------------------------------------------------

    def start(self, listener: Listener) -> None:
        self._outbox.open(self._log.listening(listener) if self._log is not None else listener)
        self._link.start()

    def close(self) -> None:
        self._outbox.close()
        self._link.close()

    # --- customers -------------------------------------------------------------------------------

    def originate(self, call: CustomerCall) -> None:
        reason = self._why_refused(call)
        self._used.add(call.id)
        if reason:
            self._outbox.put(self._stamp.call(OriginateRefused, call.id, reason=reason))
        elif not self._watch.is_up(call.trunk):
            cause = judge(CallEvidence(channel_existed=False, reason=0))
            self._outbox.put(self._stamp.call(CallEnded, call.id, cause=cause))
        else:
            self._place(call)

    def _why_refused(self, call: CustomerCall) -> str:
        if call.id in self._used:
            return "this call id was used before"
        if not call.id.startswith(self._prefix):
            return f"this call id does not start with {self._prefix}"
        if not DIALABLE.fullmatch(call.number):
            return "the number is not E.164"
        if self._link.is_up and call.detect and not self._link.detects:
            return "this exchange has no answering machine detection"
        return "" if self._link.is_up else LINK_IS_DOWN

    def _place(self, call: CustomerCall) -> None:
        placed = TrackedCall(
            id=call.id,
            trunk=call.trunk,
            opt_out_key=call.opt_out_key,
            placed_at_s=self._clock.monotonic(),
            detect=call.detect,
        )
        self._calls.add(placed)
        self._log_command("originate", call=call)
        try:
            sent = self._link.send(actions.place_customer(call), lambda reply: self._placed(placed, reply))
        except UnsafeMessageError as fault:
            self._forget(placed, str(fault))
            return
        if not sent:
            self._forget(placed, LINK_IS_DOWN)

    def _placed(self, call: TrackedCall, reply: Reply) -> None:
        """Only a plain no means that nothing was placed; without any answer it may well have been."""
        if reply.kind is ReplyKind.REFUSED and call.state is State.SENT:
            self._forget(call, reply.reason or "the exchange refused the call")

    def _forget(self, call: TrackedCall, reason: str) -> None:
        if self._calls.calls.pop(call.id, None) is not None:
            self._outbox.put(self._stamp.call(OriginateRefused, call.id, reason=reason))

    def hang_up(self, call_id: str) -> None:
        call = self._calls.calls.get(call_id)
        if call is None or call.state is State.GONE:
            return
        # Kept for later as well: an originate on its way has no channel yet, and the link may be down just now.
        call.evidence = replace(call.evidence, we_hung_up=True)
        self._send_hang_up(call_id)

    def _channel_of_call(self, call: TrackedCall) -> None:
        if call.evidence.we_hung_up:
            self._send_hang_up(call.id)

    def _send_hang_up(self, channel_id: str) -> None:
        self._log_command("hang up", id=channel_id)
        self._link.send(actions.hang_up(channel_id))

    def join(self, call_id: str, agent: str) -> None:
        call = self._calls.calls.get(call_id)
        reason = self._why_not_join(call, agent)
        if call is None or reason:
            self._outbox.put(self._stamp.call(JoinFailed, call_id, agent=agent, reason=reason))
            return
        self._calls.begin_join(call, agent)
        self._log_command("join", id=call_id, agent=agent)
        self._link.send(
            actions.redirect_to_room(call.channel or call.id, agent), lambda reply: self._redirected(call, agent, reply)
        )

    def _why_not_join(self, call: TrackedCall | None, agent: str) -> str:
        if call is None or not call.state.answered:
            return "the customer's call is not up"
        if call.state in (State.SCREENING, State.DISMISSED):
            return "it is not known yet whether a person answered"
        if call.joining or call.state is State.TALKING:
            return f"the customer is already with agent {call.joining or call.agent}"
        if not self._legs.is_up(agent):
            return f"agent {agent} is not on the line"
        if self._calls.customer_of(agent):
            return f"agent {agent} already has a customer"
        return "" if self._link.is_up else LINK_IS_DOWN

    def _redirected(self, call: TrackedCall, agent: str, reply: Reply) -> None:
        """Success says nothing (the customer may leave a millisecond later); only a plain no is news."""
        if reply.kind is ReplyKind.REFUSED and call.joining == agent:
            self._calls.fail_join(call, reply.reason or "the exchange refused the join")

    # --- agents ----------------------------------------------------------------------------------

    def ring_agent(self, leg: AgentLeg) -> None:
        if leg.id in self._used:
            raise ValueError(f"Leg id {leg.id} was used before; agent {leg.agent}'s phone was not rung.")
        self._used.add(leg.id)
        reason = self._why_not_ring(leg)
        tracked = TrackedLeg(id=leg.id, agent=leg.agent, placed_at_s=self._clock.monotonic())
        self._legs.add(tracked)
        if reason:
            self._legs.end(tracked, reason)
            return
        self._log_command("ring agent", id=leg.id, agent=leg.agent)
        if not self._link.send(actions.ring_agent(leg), lambda reply: self._rung(tracked, reply)):
            self._legs.end(tracked, LINK_IS_DOWN)

    def _why_not_ring(self, leg: AgentLeg) -> str:
        if not self._link.is_up:
            return LINK_IS_DOWN
        return "the agent's line is already up or ringing" if self._legs.of_agent(leg.agent) else ""

    def _rung(self, leg: TrackedLeg, reply: Reply) -> None:
        if reply.kind is ReplyKind.REFUSED:
            self._legs.end(leg, reply.reason or "the exchange refused to ring the phone")

    def drop_agent(self, leg_id: str) -> None:
        leg = self._legs.legs.get(leg_id)
        if leg is not None:
            leg.dropped = True
            self._send_hang_up(leg_id)

    def _channel_of_leg(self, leg: TrackedLeg) -> None:
        if leg.dropped:
            self._send_hang_up(leg.id)

    def tone(self, agent: str) -> None:
        if self._legs.is_up(agent):
            self._link.send(actions.play_tone(agent))

    def send_keys(self, call_id: str, keys: str, wait_ms: int = 0) -> None:
        checked_keys(keys, wait_ms)
        call = self._calls.calls.get(call_id)
        if call is not None and call.state.answered and call.state is not State.DISMISSED:
            self._log_command("send keys", id=call_id)
            self._link.send(actions.send_keys(call_id, keys, wait_ms))

    # --- recovery --------------------------------------------------------------------------------

    def list_calls(self, prefix: str, request: str) -> None:
        def answer(found: dict[str, Row] | None) -> None:
            if found is None:
                self._tell_down(self._link.reason_down)
                return
            now = self._clock.now()
            ours = tuple(row.listed(now) for row in found.values() if row.id.startswith(prefix))
            listed = self._stamp.event(
                CallsListed, exchange=self.exchange, request=request, started_at=self._link.started_at, calls=ours
            )
            self._outbox.put(listed)

        if self._link.is_up:
            self._link.ask_rows(answer)
        else:
            self._tell_down(self._link.reason_down)

    def drop_call(self, channel_id: str) -> None:
        if channel_id in self._calls.calls:
            self.hang_up(channel_id)
        elif channel_id in self._legs.legs:
            self.drop_agent(channel_id)
        else:
            self._send_hang_up(channel_id)

    def adopt(self, call: ListedCall) -> None:
        if call.id in self._calls.calls or call.id in self._legs.legs:
            return
        self._used.add(call.id)
        placed_at_s = self._clock.monotonic() - (self._clock.now() - call.started_at).total_seconds() - 2 * YOUNG_S
        if call.agent:
            leg = TrackedLeg(id=call.id, agent=call.agent, placed_at_s=placed_at_s, up=call.answered, channel_seen=True)
            self._legs.add(leg)
        else:
            self._calls.add(_adopted(call, placed_at_s))
        # It may have ended since it was listed, and the list says less than the exchange knows.
        self._link.reconcile_soon()

    # --- what the exchange tells -----------------------------------------------------------------

    def _hear(self, event: ManagerEvent) -> None:
        if event.name == "UserEvent":
            if event.get("UserEvent") != "Dialer":
                return
            if event.get("Stage") == "LoginRequest":
                self._login_requested(event)
            elif event.get("Stage") == "KeysSent":
                self._calls.keys_sent(event.get("Call"), event.get("Keys"))
        elif event.name == "Newchannel":
            self._end_stray(event.get("Uniqueid"))
        self._calls.hear(event)
        self._legs.hear(event)

    def _end_stray(self, channel_id: str) -> None:
        """A call that was given up for lost and comes alive after all: nobody waits for it any more."""
        tracked = channel_id in self._calls.calls or channel_id in self._legs.legs
        if channel_id in self._used and not tracked:
            _LOG.error("channel %s came alive after its end was told; it is hung up", channel_id)
            self._send_hang_up(channel_id)

    def _login_requested(self, event: ManagerEvent) -> None:
        agent = event.get("Agent")
        if AGENT_NUMBER.fullmatch(agent):
            self._outbox.put(self._stamp.event(LoginRequested, agent=agent, pin=event.get("Pin")))

    def _link_up(self, found: Found) -> None:
        up = self._stamp.event(
            LinkUp,
            exchange=self.exchange,
            version=found.version,
            started_at=found.started_at,
            detects=found.detects,
        )
        self._outbox.put(up)
        for name, reachable in found.devices.items():
            self._reachable(name, reachable)
        for call in tuple(self._calls.calls.values()):
            row = found.rows.get(call.id)
            if row is None:
                self._calls.lose(call, restarted=found.restarted)
            else:
                self._align_call(call, row)
        for leg in tuple(self._legs.legs.values()):
            row = found.rows.get(leg.id)
            if row is None:
                self._legs.end(leg, "the line was gone when the exchange could be asked again")
            else:
                self._align_leg(leg, row)

    def _link_down(self, reason: str) -> None:
        self._watch.forget()
        self._phones.clear()
        self._tell_down(reason)

    def _tell_down(self, reason: str) -> None:
        self._outbox.put(self._stamp.event(LinkDown, exchange=self.exchange, reason=reason))

    def _reachable(self, name: str, reachable: bool) -> None:
        if AGENT_NUMBER.fullmatch(name):
            if self._phones.get(name) is not reachable:
                self._phones[name] = reachable
                self._outbox.put(self._stamp.event(PhoneReachable, agent=name, reachable=reachable))
        else:
            self._watch.contact(name, reachable)

    def _running(self, found: dict[str, Row], asked_at_s: float) -> None:
        """Every 15 s: an event that was lost is made up for."""
        for call in tuple(self._calls.calls.values()):
            row = found.get(call.id)
            if row is not None:
                self._align_call(call, row)
            elif call.placed_at_s < asked_at_s - YOUNG_S and call.state not in (State.FAILED, State.GONE):
                self._calls.vanished(call)
        for leg in tuple(self._legs.legs.values()):
            row = found.get(leg.id)
            if row is not None:
                self._align_leg(leg, row)
            elif leg.placed_at_s < asked_at_s - YOUNG_S:
                self._legs.end(leg, "the line was found to be gone")

    def _align_call(self, call: TrackedCall, row: Row) -> None:
        call.channel, call.trunk, call.opt_out_key = row.channel, call.trunk or row.trunk, row.opt_out_key
        call.detect |= row.detect
        if row.answered and not call.state.answered:
            self._calls.see_answer(call)
        elif row.ringing and call.state in (State.SENT, State.DIALLING, State.PROGRESSING):
            self._calls.see(call, Seen.RINGING)
        if row.verdict is not None and call.state is State.SCREENING:
            self._calls.see_verdict(call, row.verdict, "found on the channel", late=True)
        if row.room and call.state in (State.WAITING, State.MESSAGE, State.HOLDING):
            self._calls.see(call, Seen.JOINED, agent=row.room)
        elif row.in_message and call.state is State.WAITING:
            self._calls.see(call, Seen.MESSAGE)
        elif row.on_hold and call.state is State.TALKING:
            self._calls.see(call, Seen.AGENT_LOST, agent=call.agent)
        if call.evidence.we_hung_up:
            self._send_hang_up(call.id)

    def _align_leg(self, leg: TrackedLeg, row: Row) -> None:
        if row.room == leg.agent:
            self._legs.came_up(leg)
        if leg.dropped:
            self._send_hang_up(leg.id)

    # --- telling ---------------------------------------------------------------------------------

    def _tell_trunk(self, trunk: str, up: bool, reason: str) -> None:
        event: Event = (
            self._stamp.event(TrunkUp, exchange=self.exchange, trunk=trunk)
            if up
            else self._stamp.event(TrunkDown, exchange=self.exchange, trunk=trunk, reason=reason)
        )
        self._outbox.put(event)

    def _log_move(self, channel_id: str, text: str) -> None:
        if self._log is not None:
            self._log.move(channel_id, text)

    def _log_command(self, name: str, **details: object) -> None:
        if self._log is not None:
            self._log.command(name, **details)


def _adopted(call: ListedCall, placed_at_s: float) -> TrackedCall:
    """What is known of a call that another process placed; the next status tells the rest."""
    state = State.DIALLING
    if call.answered:
        state = State.TALKING if call.joined_agent else State.SCREENING if call.screening else State.WAITING
    return TrackedCall(
        id=call.id,
        trunk="",
        opt_out_key="9",
        placed_at_s=placed_at_s,
        detect=call.screening or call.verdict is not None,
        state=state,
        # That it rings must be known from now on: it may be over before the next status is in.
        evidence=CallEvidence(
            channel_existed=True,
            ringing_seen=call.ringing,
            up_seen=call.answered,
            reason=4 if call.answered else None,
        ),
        response_seen=call.answered,
        agent=call.joined_agent,
        ringing_told=call.answered,
    )

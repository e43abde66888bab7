"""How does one customer's call go, from the intent to its outcome? Port events in, the attempt's log out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from campaigns.facts import callback_time
from campaigns.model import AgentState, EventKind, Facts, Scope, Suppression
from campaigns.retry import next_state
from campaigns.storage.errors import StoreUnavailable
from dialer import lessons, tallies
from dialer.agent_flow import AgentFlow
from dialer.agents import AgentEvent, may
from dialer.late_outcome import asked_not_to_be_called
from dialer.live import WRITE_AGAIN_S, Data, Live, LiveCall, Seat, Stage
from telephony.port import (
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallProgress,
    CallRinging,
    CallScreened,
    EndCause,
    Joined,
    JoinFailed,
    KeysSent,
    OptOutKey,
    OriginateRefused,
    SafeHarbourStarted,
)
from telephony.port import Network as Line

logger = logging.getLogger(__name__)

HOLD_LIMIT_S = 60.0


class CallFlow:
    """Folds what the telephone system tells into attempts and sends answered customers to agents."""

    def __init__(self, live: Live, agents: AgentFlow) -> None:
        self._live = live
        self._agents = agents
        self.on_suppressed: Callable[[Suppression], None] = lambda _entry: None
        self._handlers: dict[type[CallEvent], Callable[..., None]] = {
            CallProgress: self._on_progress,
            CallRinging: self._on_ringing,
            CallAnswered: self._on_answered,
            CallScreened: self._on_screened,
            Joined: self._on_joined,
            KeysSent: self._on_keys_sent,
            JoinFailed: self._on_join_failed,
            AgentLost: self._on_agent_lost,
            SafeHarbourStarted: self._on_safe_harbour,
            OptOutKey: self._on_opt_out,
            CallEnded: self._on_ended,
            OriginateRefused: self._on_refused,
        }

    def handle(self, event: CallEvent) -> None:
        """One event of a call; those of calls we do not know are logged and left alone."""
        call = self._live.calls.get(event.call.id)
        if call is None or call.stage is Stage.WRAP_UP:
            logger.info("event of a call not live here: %s %s", type(event).__name__, event.call.id)
            return
        self._handlers[type(event)](call, event)

    def enter(self, call: LiveCall, stage: Stage, event: str) -> None:
        """Move a call to a stage, told in the log as `ringing -[answered]-> waiting`."""
        logger.info("call %s: %s -[%s]-> %s", call.attempt.id, call.stage, event, stage)
        call.stage = stage
        call.since_s = self._live.clock.monotonic()

    # --- before an agent ------------------------------------------------------------------------------

    def _on_progress(self, call: LiveCall, event: CallProgress) -> None:
        self._live.record(call, EventKind.PROGRESS, seen=event)

    def _on_ringing(self, call: LiveCall, event: CallRinging) -> None:
        call.ringing_s = event.mono_s
        self._live.record(call, EventKind.RINGING, seen=event)
        if call.stage is Stage.DIALLING:
            self.enter(call, Stage.RINGING, "ringing")
        lessons.rang(self._live, call)
        self._live.wake()

    def _on_answered(self, call: LiveCall, event: CallAnswered) -> None:
        call.answered_s = event.mono_s
        self._live.record(call, EventKind.ANSWERED, {"screening": True} if event.screening else None, seen=event)
        self.enter(call, Stage.SCREENING if event.screening else Stage.WAITING, "answered")
        self._live.wake()
        self._begin_waiting(call)

    def _on_screened(self, call: LiveCall, event: CallScreened) -> None:
        said: Data = {"detector": event.verdict.value, "words": event.words}
        self._live.record(call, EventKind.SCREENED, said | ({"late": True} if event.late else {}), seen=event)
        call.screened_s, call.machine = event.mono_s, not event.person
        if event.person:
            self.enter(call, Stage.WAITING, "a person heard")
        else:  # the exchange hangs it up
            logger.info("call %s: a machine was heard (%s)", call.attempt.id, event.words)
            lessons.missed(self._live, call)
        self._live.wake()  # what it told of persons and machines changes what may be dialled
        self._begin_waiting(call)

    def _begin_waiting(self, call: LiveCall) -> None:
        if call.cancel_reason:
            return  # hung up by us while it was being answered; its end is on the way
        if call.stage is Stage.WAITING:
            lessons.needs_agent(self._live, call)
            self._send_to_agent(call)
        tallies.count(call, call.facts())

    def serve_waiting(self) -> None:
        """Give waiting customers to free agents: those who lost their agent first, then the longest waiting."""
        waiting = [c for c in self._live.calls.values() if c.stage in (Stage.HOLDING, Stage.WAITING)]
        somebody_free = any(seat.free for seat in self._live.seats.values()) if waiting else False
        for call in sorted(waiting, key=lambda c: (c.stage is not Stage.HOLDING, c.waits_since_s)):
            if somebody_free or call.for_agent:  # else every waiting call would search all seats in vain
                self._send_to_agent(call)

    def _send_to_agent(self, call: LiveCall) -> None:
        seat = self._pick(call)
        if seat is None or call.cancel_reason:
            return
        seat.call_id, call.agent = call.attempt.id, seat.agent.number
        self._live.record(call, EventKind.JOIN_ASKED, {"agent_id": seat.agent.id})
        self.enter(call, Stage.JOINING, "agent free")
        self._live.telephony.join(call.attempt.id, seat.agent.number)

    def _pick(self, call: LiveCall) -> Seat | None:
        if call.for_agent:
            seat = self._live.seats.get(call.for_agent)
            if seat is None or not seat.leg_up or seat.state not in (AgentState.READY, AgentState.PREVIEW):
                return None  # he went on pause, or off, while it rang: a paused agent gets no customer
            return seat if seat.call_id in ("", call.attempt.id) else None
        free = [
            s
            for s in self._live.seats.values()
            if s.free and call.run.id in s.campaigns and s.agent.number not in call.tried
        ]
        # The agent who promised the callback comes first; else the one who waited longest.
        return min(free, key=lambda s: (s.agent.id != call.owner_id, s.since_s, s.agent.number), default=None)

    def _on_join_failed(self, call: LiveCall, event: JoinFailed) -> None:
        self._live.record(call, EventKind.JOIN_FAILED, {"reason": event.reason}, seen=event)
        seat = self._live.seats.get(event.agent)
        if seat is not None and seat.call_id == call.attempt.id and not call.for_agent:
            self._agents.customer_gone(seat)
        call.tried.add(event.agent)
        call.agent = ""
        if call.stage is Stage.JOINING:
            lost_before = any(e.kind is EventKind.AGENT_LOST for e in call.events)
            self.enter(call, Stage.HOLDING if lost_before else Stage.WAITING, "join failed")
            self._live.serve_soon()
            self._live.wake()

    # --- with an agent ----------------------------------------------------------------------------------

    def _on_joined(self, call: LiveCall, event: Joined) -> None:
        seat = self._live.seats.get(event.agent)
        if seat is None:
            return
        self._cancel_hold_timer(call)
        self._live.record(call, EventKind.JOINED, {"agent_id": seat.agent.id}, seen=event)
        self.enter(call, Stage.TALKING, "joined")
        call.agent, seat.call_id = seat.agent.number, call.attempt.id
        if may(seat.state, AgentEvent.JOINED):
            self._agents.move(seat, AgentEvent.JOINED, campaign_id=call.run.id)
        call.shown = call.shown or event
        self.open_desk(call)
        self._key_extension(call)
        tallies.count(call, call.facts())

    def _key_extension(self, call: LiveCall) -> None:
        """The number is a switchboard's: the agent is on the call and hears how he is put through."""
        extension = call.attempt.extension
        if extension and not call.extension_keyed:
            call.extension_keyed = True
            self._live.telephony.send_keys(call.attempt.id, extension, call.settings.extension_wait_ms)

    def _on_keys_sent(self, call: LiveCall, event: KeysSent) -> None:
        self._live.record(call, EventKind.KEYS_SENT, {"keys": event.keys}, seen=event)

    def open_desk(self, call: LiveCall) -> None:
        """Put the lead and the script's first step on the agent's desk. Shown is not started: that takes an act."""
        self._live.write(lambda: self._read_lead(call))  # late, while the database fails: the talk goes on
        if call.script is not None and not call.step:
            call.step = call.script.start

    def _read_lead(self, call: LiveCall) -> None:
        call.lead = self._live.store.leads.lead(call.attempt.person_id)

    def _on_agent_lost(self, call: LiveCall, event: AgentLost) -> None:
        self._live.record(call, EventKind.AGENT_LOST, seen=event)
        seat = self._live.seats.get(event.agent)
        if seat is not None and seat.call_id == call.attempt.id:
            self._agents.customer_gone(seat)
        call.agent = ""
        call.tried.clear()
        self.enter(call, Stage.HOLDING, "agent lost")
        self._live.alarm(f"A customer lost his agent ({event.agent}) in mid-call and hears the holding message.")
        call.hold_timer = self._live.clock.call_later(HOLD_LIMIT_S, lambda: self._hold_is_over(call))
        self._live.serve_soon()
        self._live.wake()

    def _hold_is_over(self, call: LiveCall) -> None:
        call.hold_timer = None
        if call.stage is Stage.HOLDING:
            self.cancel(call, "no agent came back")

    def _cancel_hold_timer(self, call: LiveCall) -> None:
        if call.hold_timer is not None:
            call.hold_timer.cancel()
            call.hold_timer = None

    # --- nobody free, and the customer's own wish --------------------------------------------------------

    def _on_safe_harbour(self, call: LiveCall, event: SafeHarbourStarted) -> None:
        self._live.record(call, EventKind.SAFE_HARBOUR, seen=event)
        if call.stage in (Stage.WAITING, Stage.SCREENING):
            self.enter(call, Stage.MESSAGE, "nobody free in time")
            lessons.lost(self._live, call)
        tallies.count(call, call.facts())
        self._live.wake()  # pacing must know at once

    def _on_opt_out(self, call: LiveCall, event: OptOutKey) -> None:
        self._live.record(call, EventKind.OPT_OUT, seen=event)
        self.suppress(call, reason="pressed the opt-out key", source="keypad", actor="customer")

    def suppress(self, call: LiveCall, *, reason: str, source: str, actor: str) -> None:
        """Write a do-not-call entry for the number now, and not only when the call is closed."""
        entry = Suppression(
            number=call.attempt.number,
            scope=Scope.EVERYTHING,
            reason=reason,
            source=source,
            actor=actor,
            attempt_id=call.attempt.id,
            added_at=self._live.clock.now(),
        )
        self._live.write(lambda: self._keep(entry))
        self.on_suppressed(entry)

    def _keep(self, entry: Suppression) -> None:
        self._live.store.suppressions.add(entry)

    def cancel(self, call: LiveCall, reason: str) -> None:
        """Hang up, and remember that it was us and why."""
        if not call.cancel_reason:
            call.cancel_reason = reason
            self._live.record(call, EventKind.CANCEL_ASKED, {"reason": reason})
        self._live.telephony.hang_up(call.attempt.id)

    def on_link_up(self) -> None:
        """What was to be hung up while the exchange could not be reached is hung up now."""
        for call in self._live.calls.values():
            if call.cancel_reason and call.stage is not Stage.WRAP_UP:
                self._live.telephony.hang_up(call.attempt.id)

    # --- the end ----------------------------------------------------------------------------------------

    def _on_refused(self, call: LiveCall, event: OriginateRefused) -> None:
        self._live.record(call, EventKind.REFUSED, {"reason": event.reason}, seen=event)
        self._finish_or_wrap_up(call, EndCause(network=Line.NOT_ATTEMPTED))

    def _on_ended(self, call: LiveCall, event: CallEnded) -> None:
        cause = event.cause
        self._live.record(
            call,
            EventKind.ENDED,
            {
                "network": cause.network.value,
                "detail": cause.detail,
                "sip_code": cause.sip_code,
                "q850": cause.q850,
                "ended_by": cause.ended_by.value,
            },
            seen=event,
        )
        self._finish_or_wrap_up(call, cause)

    def _finish_or_wrap_up(self, call: LiveCall, cause: EndCause) -> None:
        self._cancel_hold_timer(call)
        if cause.suspends_trunk:
            self._suspend_trunk(call, cause)
        lessons.missed(self._live, call, cause.network)
        talked, seat = call.stage in (Stage.TALKING, Stage.HOLDING), self._live.seats.get(call.agent)
        if talked and seat is not None and seat.state is AgentState.TALK and seat.call_id == call.attempt.id:
            self._begin_wrap_up(call, seat)
        else:
            self.finish(call)

    def _suspend_trunk(self, call: LiveCall, cause: EndCause) -> None:
        line = self._live.trunks.get(call.attempt.trunk)
        if line is not None and not line.trunk.suspended_reason:
            reason = f"it answered SIP {cause.sip_code}: account refused"
            name, at = line.trunk.name, self._live.clock.now()
            self._live.write(lambda: self._keep_suspended(name, reason, at))
            line.trunk = replace(line.trunk, suspended_reason=reason)
            self._live.alarm(
                f"Trunk {call.attempt.trunk} is suspended: it answered SIP {cause.sip_code}. Nothing more is dialled "
                f"on it; mend the account, then: dialer trunk resume {call.attempt.trunk}"
            )

    def _keep_suspended(self, trunk: str, reason: str, at: datetime) -> None:
        self._live.store.trunks.suspend(trunk, reason, at)

    def _begin_wrap_up(self, call: LiveCall, seat: Seat) -> None:
        self._live.flush()
        self.enter(call, Stage.WRAP_UP, "call ended")
        lessons.talked(self._live, call, seat)
        self._live.wake()
        self._agents.move(seat, AgentEvent.CALL_ENDED)
        facts = call.facts()
        self._live.write(lambda: self._live.store.attempts.save_facts(call.attempt.id, facts, live=False))
        if call.disposition:
            self.finish(call)
            return
        limit_s = float(call.settings.wrap_up_limit_s)
        seat.wrap_ends_s = self._live.clock.monotonic() + limit_s
        seat.wrap_timer = self._live.clock.call_later(limit_s, lambda: self._wrap_up_over(call, seat))

    def _wrap_up_over(self, call: LiveCall, seat: Seat) -> None:
        seat.wrap_timer = None
        if self._live.calls.get(call.attempt.id) is call and call.stage is Stage.WRAP_UP:
            seat.message = "The wrap-up limit is over. Give your last call its outcome when you can."
            self.finish(call)

    def finish(self, call: LiveCall) -> None:
        """Close the attempt: facts, the lead's next state and any do-not-call entry in one commit."""
        if self._live.calls.get(call.attempt.id) is not call:
            return  # closed meanwhile: it was tried again while the database failed
        if not call.finishing:
            call.finishing = True
            self._live.record(call, EventKind.WRAPPED_UP)
        facts = call.facts()
        try:
            self._live.write_with_log(lambda: close_attempt(self._live, call, facts))
        except StoreUnavailable as fault:
            self._live.store_failed(fault)
            self._live.clock.call_later(WRITE_AGAIN_S, lambda: self.finish(call))
            return
        tallies.count(call, facts)
        del self._live.calls[call.attempt.id]
        seat = self._live.seats.get(call.agent) or self._live.seats.get(call.for_agent)
        if seat is not None and facts.joined_at is not None and not facts.disposition:
            seat.undisposed.append(call.attempt.id)
        if seat is not None and seat.call_id == call.attempt.id:
            lessons.wrapped_up(self._live, call, seat)
            self._agents.call_over(seat)
        call.run.dry_until = None
        self._live.wake()

    def store_outcome(self, call: LiveCall, facts: Facts) -> None:
        """One commit: attempt closed, lead moved, suppression written; then the counters."""
        close_attempt(self._live, call, facts)
        tallies.count(call, facts)


def close_attempt(live: Live, call: LiveCall, facts: Facts) -> None:
    """Decide the lead's next state by campaigns.retry and store it with the attempt."""
    now = live.clock.now()
    with live.store.transaction():
        state = live.store.queue.state(call.attempt.campaign_id, call.attempt.person_id)
        assert state is not None, "an attempt is only ever made from a dialling state"
        points = live.store.leads.contact_point_ids(call.attempt.person_id)
        move = next_state(
            state,
            facts,
            call.settings.disposition(facts.disposition),
            call.settings,
            now,
            contact_points=points,
            callback_at=callback_time(call.events),
            had_contact=live.store.attempts.had_contact(call.attempt.campaign_id, call.attempt.person_id),
        )
        suppression = asked_not_to_be_called(call.attempt, facts, now, call.agent) if move.suppress else None
        live.store.attempts.close(call.attempt.id, facts, move, suppression, now)

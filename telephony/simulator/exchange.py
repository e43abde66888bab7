"""What would the exchange, the customers and the agents' phones do? A whole telephone world on any clock.

The world goes on whether or not a dialer is connected; `SimulatedTelephony` is the dialer's door to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from telephony.callee import Callee, Callees
from telephony.causes import MEDIA_TIMED_OUT, ORIGINATE_ANSWERED, ORIGINATE_TIMED_OUT, CallEvidence, judge
from telephony.clock import Clock, Timer
from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallProgress,
    CallRinging,
    CallScreened,
    CustomerCall,
    Event,
    Joined,
    JoinFailed,
    KeyPressed,
    KeysSent,
    ListedCall,
    LoginRequested,
    OptOutKey,
    PhoneReachable,
    SafeHarbourStarted,
    Verdict,
)
from telephony.simulator.phone import Phone
from telephony.stamp import Stamp

STILL_SCREENED = "it is not known yet whether a person answered"
Q850_OF_SIP = {486: 17, 600: 17, 404: 1, 604: 1, 410: 22, 484: 28, 603: 21, 403: 21, 401: 21, 480: 19, 503: 34}


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The exchange's own times, in seconds."""

    join_s: float = 0.025
    message_s: float = 8.0
    after_opt_out_s: float = 1.0
    hold_limit_s: float = 60.0
    media_timeout_s: float = 30.0
    unreachable_s: float = 0.002
    key_s: float = 0.27  # a tone and the silence after it
    hang_up_s: float = 0.0  # on the way to the far end; what happens there meanwhile crosses it, an answer too


class Stage(StrEnum):
    DIALLED = "dialled"
    RINGING = "ringing"
    SCREENING = "screening"
    WAITING = "waiting"
    MESSAGE = "message"
    JOINED = "joined"
    HOLDING = "holding"


ANSWERED_STAGES = frozenset({Stage.SCREENING, Stage.WAITING, Stage.MESSAGE, Stage.JOINED, Stage.HOLDING})


@dataclass(eq=False)
class Line:
    """One customer's call that is alive on the exchange."""

    call: CustomerCall
    callee: Callee
    placed_at: datetime
    stage: Stage = Stage.DIALLED
    progress_seen: bool = False
    ringing_seen: bool = False
    verdict: Verdict | None = None
    agent: str = ""
    step_timers: list[Timer] = field(default_factory=list)
    life_timers: list[Timer] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        return self.stage in ANSWERED_STAGES


@dataclass(eq=False)
class Leg:
    """One agent's leg that is ringing or up."""

    leg: AgentLeg
    placed_at: datetime
    up: bool = False
    timer: Timer | None = None


class SimulatedExchange:
    """Channels, rooms, trunks and phones; tells every event to its one connected door."""

    def __init__(
        self,
        clock: Clock,
        *,
        callees: Callees,
        name: str = "sim",
        trunks: tuple[str, ...] = ("carrier",),
        phones: Mapping[str, Phone] | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.clock = clock
        self.name = name
        self.started_at = clock.now()
        self.trunks = dict.fromkeys(trunks, True)
        self.phones: dict[str, Phone] = dict(phones or {})
        self.lines: dict[str, Line] = {}
        self.legs: dict[str, Leg] = {}
        self.tones: list[str] = []
        self.placed: list[CustomerCall] = []
        self.keys_heard: dict[str, str] = {}  # by call: what its far end was sent as tones
        self.timing = timing or Timing()
        self.tell: Callable[[Event], None] = lambda _event: None
        self._callees = callees
        self._stamp = Stamp(clock, name)
        self._leg_of: dict[str, Leg] = {}
        self._customer_of: dict[str, Line] = {}

    # --- customers -------------------------------------------------------------------------------

    def place(self, call: CustomerCall) -> None:
        """Send the INVITE; on a trunk that is down or unknown no channel ever exists."""
        if not self.trunks.get(call.trunk, False):
            self._tell_end(call.id, CallEvidence(channel_existed=False, reason=0))
            return
        self.placed.append(call)
        line = Line(call=call, callee=self._callees(call.number), placed_at=self.clock.now())
        self.lines[call.id] = line
        self._play_far_end(line)

    def _play_far_end(self, line: Line) -> None:
        callee, limit_s = line.callee, float(line.call.ring_timeout_s)
        steps = (
            (callee.progress_after_s, self._progress),
            (callee.ring_after_s, self._ring),
            (callee.answer_after_s, self._answer),
            (callee.refuse_after_s, self._refuse),
        )
        due = [(delay_s, step) for delay_s, step in steps if delay_s is not None and delay_s < limit_s]
        for delay_s, step in due:
            self._step_later(line, delay_s, step)
        if not any(step in (self._answer, self._refuse) for _, step in due):
            self._step_later(line, limit_s, self._time_out)

    def _progress(self, line: Line) -> None:
        line.progress_seen = True
        self.tell(self._stamp.call(CallProgress, line.call.id))

    def _ring(self, line: Line) -> None:
        line.ringing_seen = True
        line.stage = Stage.RINGING
        self.tell(self._stamp.call(CallRinging, line.call.id))

    def _refuse(self, line: Line) -> None:
        code = line.callee.refuse_code
        self._end(line, CallEvidence(reason=0, sip_code=code, q850=Q850_OF_SIP.get(code, 127)))

    def _time_out(self, line: Line) -> None:
        seen = CallEvidence(reason=ORIGINATE_TIMED_OUT, sip_code=480, q850=19)
        self._end(line, replace(seen, ringing_seen=line.ringing_seen, progress_seen=line.progress_seen))

    def _answer(self, line: Line) -> None:
        self._cancel_steps(line)
        line.stage = Stage.SCREENING if line.call.detect else Stage.WAITING
        self.tell(self._stamp.call(CallAnswered, line.call.id, screening=line.call.detect))
        if line.call.detect:
            self._step_later(line, line.callee.screened_after_s, self._screen)
        else:
            self._step_later(line, line.call.safe_harbour_ms / 1000, self._start_message)
        self._step_later(line, line.callee.patience_s, self._customer_hangs_up)
        self._life_later(line, float(line.call.talk_limit_s), self._end_by_exchange)
        self._life_later(line, line.callee.leaves_after_s, self._customer_hangs_up)
        if line.callee.vanishes_after_s is not None:
            lost_s = line.callee.vanishes_after_s + self.timing.media_timeout_s
            self._life_later(line, lost_s, self._lose_media)

    def _screen(self, line: Line) -> None:
        line.verdict = line.callee.verdict
        self.tell(self._stamp.call(CallScreened, line.call.id, verdict=line.verdict, words="simulated"))
        if not line.verdict.person:
            self._end_by_exchange(line)
            return
        line.stage = Stage.WAITING
        self._step_later(line, line.call.safe_harbour_ms / 1000, self._start_message)

    def _start_message(self, line: Line) -> None:
        line.stage = Stage.MESSAGE
        self.tell(self._stamp.call(SafeHarbourStarted, line.call.id))
        presses = line.callee.opt_out_after_s
        if presses is not None and presses < self.timing.message_s and line.callee.opt_out_key == line.call.opt_out_key:
            self._step_later(line, presses, self._opt_out)
        else:
            self._step_later(line, self.timing.message_s, self._end_by_exchange)

    def _opt_out(self, line: Line) -> None:
        self.tell(self._stamp.call(OptOutKey, line.call.id))
        self._step_later(line, self.timing.after_opt_out_s, self._end_by_exchange)

    def _customer_hangs_up(self, line: Line) -> None:
        self._end(line, CallEvidence(reason=ORIGINATE_ANSWERED, up_seen=True, q850=0, far_end_hung_up=True))

    def _end_by_exchange(self, line: Line) -> None:
        self._end(line, CallEvidence(reason=ORIGINATE_ANSWERED, up_seen=True, q850=16))

    def _lose_media(self, line: Line) -> None:
        self._end(line, CallEvidence(reason=ORIGINATE_ANSWERED, up_seen=True, q850=MEDIA_TIMED_OUT))

    def hang_up(self, channel_id: str) -> None:
        """End whatever channel has this id: a customer's call or an agent's leg. Unknown ids: nothing."""
        if self.timing.hang_up_s:
            self.clock.call_later(self.timing.hang_up_s, lambda: self._hang_up(channel_id))
        else:
            self._hang_up(channel_id)

    def _hang_up(self, channel_id: str) -> None:
        line = self.lines.get(channel_id)
        if line is not None:
            seen = CallEvidence(reason=ORIGINATE_ANSWERED if line.answered else 0, up_seen=line.answered)
            self._end(line, replace(seen, we_hung_up=True, q850=16))
        leg = self.legs.get(channel_id)
        if leg is not None:
            self._end_leg(leg, "hung up by the dialer")

    def _end(self, line: Line, evidence: CallEvidence) -> None:
        self._cancel_steps(line)
        for timer in line.life_timers:
            timer.cancel()
        self.lines.pop(line.call.id, None)
        self._customer_of.pop(line.agent, None)
        self._tell_end(line.call.id, evidence)

    def _tell_end(self, call_id: str, evidence: CallEvidence) -> None:
        self.tell(self._stamp.call(CallEnded, call_id, cause=judge(evidence)))

    # --- joins -----------------------------------------------------------------------------------

    def join(self, call_id: str, agent: str) -> None:
        """Bring a customer into an agent's room; told as Joined or JoinFailed after the time a join takes."""
        self.clock.call_later(self.timing.join_s, lambda: self._complete_join(call_id, agent))

    def _complete_join(self, call_id: str, agent: str) -> None:
        line, leg = self.lines.get(call_id), self._leg_of.get(agent)
        reason = self._why_not_join(line, leg, agent)
        if line is None or reason:
            self.tell(self._stamp.call(JoinFailed, call_id, agent=agent, reason=reason))
            return
        self._cancel_steps(line)
        line.stage, line.agent = Stage.JOINED, agent
        self._customer_of[agent] = line
        self.tell(self._stamp.call(Joined, line.call.id, agent=agent))
        self._step_later(line, line.callee.talk_s, self._customer_hangs_up)
        self._step_later(line, self.phone(agent).drops_after_join_s, lambda _line: self.hang_up_phone(agent))

    def _why_not_join(self, line: Line | None, leg: Leg | None, agent: str) -> str:
        if line is None or not line.answered:
            return "the customer's call is not up"
        if line.stage is Stage.SCREENING:
            return STILL_SCREENED
        if line.stage is Stage.JOINED:
            return f"the customer is already with agent {line.agent}"
        if leg is None or not leg.up:
            return f"agent {agent} is not on the line"
        if agent in self._customer_of:
            return f"agent {agent} already has a customer"
        return ""

    # --- keys ------------------------------------------------------------------------------------

    def send_keys(self, call_id: str, keys: str, wait_ms: int) -> None:
        """Let the far end of an answered call hear these keys, one after the other, then tell KeysSent."""
        line = self.lines.get(call_id)
        if line is None or not line.answered:
            return
        for count, key in enumerate(keys, start=1):
            self._life_later(line, wait_ms / 1000 + count * self.timing.key_s, partial(self._hears_key, key))
        self._life_later(line, wait_ms / 1000 + len(keys) * self.timing.key_s, partial(self._keys_sent, keys))

    def _hears_key(self, key: str, line: Line) -> None:
        self.keys_heard[line.call.id] = self.keys_heard.get(line.call.id, "") + key

    def _keys_sent(self, keys: str, line: Line) -> None:
        self.tell(self._stamp.call(KeysSent, line.call.id, keys=keys))

    # --- agents ----------------------------------------------------------------------------------

    def ring(self, leg: AgentLeg) -> None:
        """Ring the agent's phone once."""
        reason = self._why_not_ring(leg.agent)
        ringing = Leg(leg=leg, placed_at=self.clock.now())
        self.legs[leg.id] = ringing
        if reason:
            ringing.timer = self.clock.call_later(self.timing.unreachable_s, lambda: self._end_leg(ringing, reason))
            return
        self._leg_of[leg.agent] = ringing
        answers_s = self.phone(leg.agent).answers_after_s
        if answers_s is not None and answers_s < leg.ring_timeout_s:
            ringing.timer = self.clock.call_later(answers_s, lambda: self._leg_up(ringing))
        else:
            ringing.timer = self.clock.call_later(leg.ring_timeout_s, lambda: self._end_leg(ringing, "not answered"))

    def _why_not_ring(self, agent: str) -> str:
        if not self.phone(agent).reachable:
            return "the agent's phone is not reachable"
        return "the agent's line is already up or ringing" if agent in self._leg_of else ""

    def _leg_up(self, leg: Leg) -> None:
        leg.up = True
        self.tell(self._stamp.event(AgentLegUp, leg=self._stamp.ref(leg.leg.id), agent=leg.leg.agent))

    def _end_leg(self, leg: Leg, reason: str) -> None:
        if self.legs.pop(leg.leg.id, None) is None:
            return
        if leg.timer is not None:
            leg.timer.cancel()
        agent = leg.leg.agent
        if self._leg_of.get(agent) is leg:
            del self._leg_of[agent]
        ref = self._stamp.ref(leg.leg.id)
        self.tell(self._stamp.event(AgentLegEnded, leg=ref, agent=agent, reason=reason))
        line = self._customer_of.pop(agent, None) if agent not in self._leg_of else None
        if line is not None:
            self._hold(line, agent)

    def _hold(self, line: Line, agent: str) -> None:
        """The customer lost his agent: he hears the holding message until somebody takes him or he gives up."""
        self._cancel_steps(line)
        line.stage, line.agent = Stage.HOLDING, ""
        self.tell(self._stamp.call(AgentLost, line.call.id, agent=agent))
        patience_s = line.callee.patience_s
        if patience_s is not None and patience_s < self.timing.hold_limit_s:
            self._step_later(line, patience_s, self._customer_hangs_up)
        else:
            self._step_later(line, self.timing.hold_limit_s, self._end_by_exchange)

    # --- what agents and administrators do -------------------------------------------------------

    def phone(self, agent: str) -> Phone:
        """The agent's phone; one that nobody described is reachable and answers after half a second."""
        return self.phones.get(agent, Phone())

    def press(self, agent: str, digit: str) -> None:
        """The agent presses a key; nothing is heard of it unless his leg is up."""
        leg = self._leg_of.get(agent)
        if leg is not None and leg.up:
            self.tell(self._stamp.event(KeyPressed, agent=agent, digit=digit))

    def dial_login(self, agent: str, pin: str) -> None:
        """The agent dials the log-in extension from his phone and enters a PIN."""
        if self.phone(agent).reachable:
            self.tell(self._stamp.event(LoginRequested, agent=agent, pin=pin))

    def hang_up_phone(self, agent: str) -> None:
        """The agent's phone leaves the line, by mistake or by a fault."""
        leg = self._leg_of.get(agent)
        if leg is not None:
            self._end_leg(leg, "the phone hung up")

    def set_reachable(self, agent: str, reachable: bool) -> None:
        """The agent's phone registers or goes away."""
        self.phones[agent] = replace(self.phone(agent), reachable=reachable)
        self.tell(self._stamp.event(PhoneReachable, agent=agent, reachable=reachable))

    def restart(self) -> None:
        """The exchange died and came back: every call and leg is gone, and nobody was told."""
        for line in self.lines.values():
            for timer in (*line.step_timers, *line.life_timers):
                timer.cancel()
        for leg in self.legs.values():
            if leg.timer is not None:
                leg.timer.cancel()
        for table in (self.lines, self.legs, self._leg_of, self._customer_of):
            table.clear()
        self.started_at = self.clock.now()

    def listed(self, prefix: str) -> tuple[ListedCall, ...]:
        """Every channel whose id starts with the prefix."""
        lines = [_listed(call_id, line) for call_id, line in self.lines.items()]
        legs = [
            ListedCall(
                id=i, agent=x.leg.agent, answered=x.up, joined_agent="", started_at=x.placed_at, ringing=not x.up
            )
            for i, x in self.legs.items()
        ]
        return tuple(found for found in (*lines, *legs) if found.id.startswith(prefix))

    # --- timers ----------------------------------------------------------------------------------

    def _step_later(self, line: Line, delay_s: float | None, step: Callable[[Line], None]) -> None:
        if delay_s is not None:
            line.step_timers.append(self.clock.call_later(delay_s, lambda: step(line)))

    def _life_later(self, line: Line, delay_s: float | None, step: Callable[[Line], None]) -> None:
        if delay_s is not None:
            line.life_timers.append(self.clock.call_later(delay_s, lambda: step(line)))

    def _cancel_steps(self, line: Line) -> None:
        for timer in line.step_timers:
            timer.cancel()
        line.step_timers.clear()


def _listed(call_id: str, line: Line) -> ListedCall:
    return ListedCall(
        id=call_id,
        agent="",
        answered=line.answered,
        joined_agent=line.agent,
        started_at=line.placed_at,
        ringing=line.stage is Stage.RINGING,
        screening=line.stage is Stage.SCREENING,
        verdict=line.verdict,
    )

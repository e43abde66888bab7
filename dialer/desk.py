"""What can an agent do on his desk during a call? Steps, answers, leaving, outcome, note, hang-up, and dialling."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.model import AgentState, DialMode, Disposition, EventKind
from campaigns.script import Script, Step, answer_fault, leave_fault
from campaigns.storage.errors import StoreRefused
from dialer import holds, room, tallies
from dialer.agent_flow import AgentFlow
from dialer.agents import AgentEvent
from dialer.call_flow import CallFlow
from dialer.late_outcome import set_late
from dialer.live import Data, Live, LiveCall, Seat, Stage
from dialer.placing import Placing
from dialer.previews import Previews
from dialer.refusal import Refused
from dialer.turns import Turns
from telephony.port import Event

NOTE_LIMIT = 4000
OUTCOME_ASKED_FOR = timedelta(hours=24)  # as long as the lead rests
LATEST_CALLBACK = timedelta(days=366)


class Desk:
    """Every command checks that the agent has a call, says what it did, and is in the attempt's log."""

    def __init__(self, live: Live, agents: AgentFlow, calls: CallFlow, placing: Placing, previews: Previews):
        self._live = live
        self._agents = agents
        self._calls = calls
        self._placing = placing
        self._previews = previews
        self._turns = Turns()  # of campaigns in manual mode

    def step(self, seat: Seat, step: str, answers: dict[str, str]) -> str:
        """Keep the answers of the step shown and go on to the next one."""
        call, script, here = self._scripted_call(seat)
        kept = _checked_answers(here, answers)
        target = script.step(step if step in here.targets else here.follow(step) or "")
        if target is None and step != here.key:
            possible = ", ".join(here.targets) or "none, this is an end"
            raise Refused(f"From step {here.key!r} you cannot go to {step[:40]!r}; possible: {possible}.")
        self._begin_script(call, here)
        if kept:
            call.answers.setdefault(here.key, {}).update(kept)
            self._record_step(call, here, kept)
        if target is None:
            return f"Answers of step {here.key} kept."
        call.step = target.key
        self._record_step(call, target, {})
        return f"Step {target.key}."

    def _begin_script(self, call: LiveCall, here: Step) -> None:
        """The agent's first act in the script starts it, as of the moment when its first step was shown."""
        if not any(e.kind is EventKind.STEP for e in call.events):
            self._record_step(call, here, {}, seen=call.shown)

    def _record_step(self, call: LiveCall, step: Step, answers: dict[str, str], seen: Event | None = None) -> None:
        data: Data = {f"answer.{name}": value for name, value in answers.items()}
        self._live.record(call, EventKind.STEP, data | {"step": step.key, "end": step.end}, seen=seen)

    def leave(self, seat: Seat, reason: str) -> str:
        """Leave the script, where the step allows it, with a reason."""
        call, script, here = self._scripted_call(seat)
        fault = leave_fault(script, here.key, reason)
        if fault is not None:
            raise Refused(f"You stay in the script: {fault}.")
        self._begin_script(call, here)
        self._live.record(call, EventKind.LEFT_SCRIPT, {"step": here.key, "reason": reason})
        return f"Left the script at {here.key}."

    def dispose(self, seat: Seat, code: str, callback_at: datetime | None, note: str) -> str:
        """Give the call its outcome: in talk it counts when the call ends, in wrap-up it ends the wrap-up."""
        if seat.call_id not in self._live.calls and seat.undisposed:
            return self._dispose_late(seat, code, callback_at)
        call = self._call(seat)
        chosen = call.settings.disposition(code)
        if chosen is None:
            known = ", ".join(d.code for d in call.settings.dispositions)
            raise Refused(f"There is no outcome {code[:40]!r}; possible: {known}. Nothing was stored.")
        check_callback_time(callback_at, self._live.clock.now())
        if note.strip():
            self.note(seat, note)
        if chosen.do_not_call:  # in force from now on, whatever outcome is chosen later
            self._calls.suppress(call, reason="asked not to be called", source="desk", actor=seat.agent.number)
        self._read_to_the_end(call, chosen)
        data: Data = {"callback_at": callback_at.isoformat()} if callback_at is not None else {}
        self._live.record(call, EventKind.DISPOSED, data | {"disposition": chosen.code})
        call.disposition = chosen.code
        if call.stage is Stage.WRAP_UP:
            self._calls.finish(call)
            return f"{chosen.label}: stored, the call is closed."
        self._live.flush()
        return f"{chosen.label}: stored; it closes when the call ends."

    def _read_to_the_end(self, call: LiveCall, chosen: Disposition) -> None:
        """A script of one step has no act to begin it: a person who spoke has heard it."""
        here = call.script.step(call.step) if call.script is not None else None
        if here is not None and here.end and chosen.contact:
            self._begin_script(call, here)

    # --- outcomes that come late ------------------------------------------------------------------------

    def load_undisposed(self) -> None:
        """After a start: which calls of the last day wait for their agent's word?"""
        since = self._live.clock.now() - OUTCOME_ASKED_FOR
        seats = {seat.agent.id: seat for seat in self._live.seats.values()}
        for run in self._live.runs.values():
            for attempt in self._live.store.attempts.without_disposition(run.id, since):
                seat = seats.get(attempt.facts.agent_id or 0)
                if seat is not None:
                    seat.undisposed.append(attempt.id)

    def forget_settled(self) -> None:
        """Somebody else may have given a call its outcome."""
        for seat in self._live.seats.values():
            found = ((i, self._live.store.attempts.get(i)) for i in seat.undisposed)
            seat.undisposed = [i for i, attempt in found if attempt is not None and not attempt.facts.disposition]
            if not seat.undisposed:
                seat.message = ""

    def _dispose_late(self, seat: Seat, code: str, callback_at: datetime | None) -> str:
        """The agent's latest call without an outcome; those before it stay for the next word."""
        attempt = self._live.store.attempts.get(seat.undisposed[-1])
        assert attempt is not None, "a closed attempt is never deleted"
        now = self._live.clock.now()
        check_callback_time(callback_at, now)
        try:
            moved = set_late(self._live.store, attempt, code, callback_at, actor=seat.agent.number, now=now)
        except StoreRefused as fault:
            self.forget_settled()
            raise Refused(str(fault)) from None
        self.forget_settled()
        tallies.load_again(self._live, attempt.campaign_id)
        return f"{code}: stored for your last call" + ("." if moved else "; its lead was called again meanwhile.")

    def note(self, seat: Seat, text: str) -> str:
        """Add a note to the call."""
        call = self._call(seat)
        if len(text) > NOTE_LIMIT:
            raise Refused(f"The note has {len(text)} characters, the limit is {NOTE_LIMIT}. Nothing was stored.")
        self._live.record(call, EventKind.NOTE, {"text": text})
        return "Note kept."

    def hang_up(self, seat: Seat) -> str:
        """End the agent's call; he goes to wrap-up. A call he dials by hand may be given up while it rings."""
        mine = self._live.calls.get(seat.call_id)
        call = mine if mine is not None and mine.for_agent else self._call(seat)
        if call.stage is Stage.WRAP_UP:
            raise Refused("The call has ended already; give it its outcome.")
        self._calls.cancel(call, "agent")
        return "Hanging up."

    def keys(self, seat: Seat, keys: str) -> str:
        """Press keys towards the customer: an extension once more, or what a voice asks for."""
        call = self._call(seat)
        if call.stage is Stage.WRAP_UP:
            raise Refused("The call has ended already; no key was sent.")
        wanted = "".join(keys.split())
        if not self._live.link_up:
            raise Refused("The exchange cannot be reached just now; no key was sent. Try again in a moment.")
        try:
            self._live.telephony.send_keys(call.attempt.id, wanted)
        except ValueError as fault:
            raise Refused(str(fault)) from None
        return f"Sending {wanted}."

    def dial(self, seat: Seat, number: str = "") -> str:
        """Dial the lead on his desk; in manual mode the next one of the campaign whose turn it is, by weight.

        It is dialled for him alone.
        """
        if seat.preview is not None or number:
            return self._previews.dial(seat, number)
        if not seat.free:
            raise Refused(f"You are {seat.state}; be ready and without a call to dial. Nothing was dialled.")
        manual = [r for r in self._live.runs.values() if r.id in seat.campaigns and r.settings.mode is DialMode.MANUAL]
        runs = sorted(manual, key=self._turns.of)
        if not runs:
            raise Refused("None of your campaigns is in manual mode: wait for a call or a lead. Nothing was dialled.")
        now = self._live.clock.now()
        reasons = []
        for run in runs:
            why_not = holds.hold(self._live, run, now)[1] or room.no_room(self._live, run, seat)
            calls = [] if why_not else self._placing.claim(run, 1, for_agent=seat.agent.number)
            if calls:
                self._turns.had(run, self._live.clock.monotonic())
                seat.call_id = calls[0].attempt.id
                self._calls.open_desk(calls[0])  # he reads lead and script while it rings
                self._agents.move(seat, AgentEvent.PREVIEW, campaign_id=run.id)
                self._placing.place(calls[0])
                return f"Dialling {calls[0].attempt.number}."
            reasons.append(why_not or "no lead of your campaign may be dialled now")
        raise Refused(f"Nothing was dialled: {'; '.join(dict.fromkeys(reasons))}.")

    def skip(self, seat: Seat, reason: str, number: str = "") -> str:
        """Preview mode: leave the lead on his desk for later, and say why."""
        return self._previews.skip(seat, reason, number)

    def _call(self, seat: Seat) -> LiveCall:
        call = self._live.calls.get(seat.call_id)
        if call is None or call.stage not in (Stage.TALKING, Stage.WRAP_UP):
            idle = "" if seat.state is not AgentState.LOGGED_OUT else " and not logged in"
            raise Refused(f"You have no call now{idle}. Nothing was stored.")
        return call

    def _scripted_call(self, seat: Seat) -> tuple[LiveCall, Script, Step]:
        call = self._call(seat)
        script = call.script
        here = script.step(call.step) if script is not None else None
        if script is None or here is None:
            raise Refused("This campaign has no script.")
        return call, script, here


def check_callback_time(at: datetime | None, now: datetime) -> None:
    """Raises Refused for a callback in the past, or so far ahead that it must be a slip."""
    if at is not None and at <= now:
        raise Refused("The callback time lies in the past; nothing was stored. Give a later one.")
    if at is not None and at > now + LATEST_CALLBACK:
        raise Refused(f"The callback time {at:%Y-%m-%d} is over a year ahead; nothing was stored. Check the year.")


def _checked_answers(step: Step, answers: dict[str, str]) -> dict[str, str]:
    known = {f.name: f for f in step.fields}
    for name, value in answers.items():
        if name not in known:
            raise Refused(
                f"Step {step.key!r} asks no field {name[:40]!r}; it asks: {', '.join(sorted(known)) or 'none'}."
            )
        fault = answer_fault(known[name], value)
        if fault is not None:
            raise Refused(f"{fault}. Nothing was stored.")
    return answers

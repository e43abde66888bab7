"""What can an agent do on his desk during a call? Steps, answers, leaving, outcome, note, hang-up, and dialling."""

from __future__ import annotations

from datetime import datetime

from campaigns.model import AgentState, DialMode, EventKind
from campaigns.script import Script, Step, answer_fault, leave_fault
from campaigns.storage.errors import StoreRefused
from dialer import tallies
from dialer.agent_flow import AgentFlow
from dialer.agents import AgentEvent
from dialer.call_flow import CallFlow
from dialer.late_outcome import set_late
from dialer.launching import Launcher
from dialer.live import Data, Live, LiveCall, Seat, Stage
from dialer.refusal import Refused

NOTE_LIMIT = 4000


class Desk:
    """Every command checks that the agent has a call, says what it did, and is in the attempt's log."""

    def __init__(self, live: Live, agents: AgentFlow, calls: CallFlow, launcher: Launcher) -> None:
        self._live = live
        self._agents = agents
        self._calls = calls
        self._launcher = launcher

    def step(self, seat: Seat, step: str, answers: dict[str, str]) -> str:
        """Keep the answers of the step shown and go on to the next one."""
        call, script, here = self._scripted_call(seat)
        kept = _checked_answers(here, answers)
        target = script.step(step if step in here.targets else here.follow(step) or "")
        if target is None and step != here.key:
            possible = ", ".join(here.targets) or "none, this is an end"
            raise Refused(f"From step {here.key!r} you cannot go to {step[:40]!r}; possible: {possible}.")
        if kept:
            call.answers.setdefault(here.key, {}).update(kept)
            self._record_step(call, here, kept)
        if target is None:
            return f"Answers of step {here.key} kept."
        call.step = target.key
        self._record_step(call, target, {})
        return f"Step {target.key}."

    def _record_step(self, call: LiveCall, step: Step, answers: dict[str, str]) -> None:
        data: Data = {f"answer.{name}": value for name, value in answers.items()}
        self._live.record(call, EventKind.STEP, data | {"step": step.key, "end": step.end})

    def leave(self, seat: Seat, reason: str) -> str:
        """Leave the script, where the step allows it, with a reason."""
        call, script, here = self._scripted_call(seat)
        fault = leave_fault(script, here.key, reason)
        if fault is not None:
            raise Refused(f"You stay in the script: {fault}.")
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
        if callback_at is not None and callback_at <= self._live.clock.now():
            raise Refused("The callback time lies in the past; nothing was stored. Give a later one.")
        if note.strip():
            self.note(seat, note)
        data: Data = {"callback_at": callback_at.isoformat()} if callback_at is not None else {}
        self._live.record(call, EventKind.DISPOSED, data | {"disposition": chosen.code})
        call.disposition = chosen.code
        if call.stage is Stage.WRAP_UP:
            self._calls.finish(call)
            return f"{chosen.label}: stored, the call is closed."
        self._live.flush()
        return f"{chosen.label}: stored; it closes when the call ends."

    def _dispose_late(self, seat: Seat, code: str, callback_at: datetime | None) -> str:
        attempt = self._live.store.attempts.get(seat.undisposed)
        if attempt is None:
            raise Refused("You have no call now. Nothing was stored.")
        try:
            now, actor = self._live.clock.now(), seat.agent.number
            moved = set_late(self._live.store, attempt, code, callback_at, actor=actor, now=now)
        except StoreRefused as fault:
            raise Refused(str(fault)) from None
        finally:
            seat.undisposed, seat.message = "", ""
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
        """End the agent's call; he goes to wrap-up."""
        call = self._call(seat)
        if call.stage is Stage.WRAP_UP:
            raise Refused("The call has ended already; give it its outcome.")
        self._calls.cancel(call, "agent")
        return "Hanging up."

    def dial(self, seat: Seat) -> str:
        """Manual mode: dial the next lead of the agent's campaign for him alone."""
        if not seat.free:
            raise Refused(f"You are {seat.state}; be ready and without a call to dial. Nothing was dialled.")
        runs = [r for r in self._live.runs.values() if r.id in seat.campaigns and r.settings.mode is DialMode.MANUAL]
        if not runs:
            raise Refused("None of your campaigns is in manual mode; calls come by themselves. Nothing was dialled.")
        now = self._live.clock.now()
        for run in runs:
            why_not = f"the campaign is {run.state}" if run.state != "RUNNING" else self._launcher.hold(run, now)
            calls = [] if why_not else self._launcher.claim(run, 1, for_agent=seat.agent.number)
            if calls:
                seat.call_id = calls[0].attempt.id
                self._agents.move(seat, AgentEvent.PREVIEW, campaign_id=run.id)
                self._launcher.place(calls[0])
                return f"Dialling {calls[0].attempt.number}."
        raise Refused(f"Nothing was dialled: {why_not or 'no lead of your campaign may be dialled now'}.")

    def _call(self, seat: Seat) -> LiveCall:
        call = self._live.calls.get(seat.call_id)
        if call is None or call.stage not in (Stage.TALKING, Stage.WRAP_UP):
            idle = "" if seat.state is not AgentState.LOGGED_OUT else " and not logged in"
            raise Refused(f"You have no call now{idle}. Nothing was stored.")
        return call

    def _scripted_call(self, seat: Seat) -> tuple[LiveCall, Script, Step]:
        call = self._call(seat)
        script = call.run.script
        here = script.step(call.step) if script is not None else None
        if script is None or here is None:
            raise Refused("This campaign has no script.")
        return call, script, here


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

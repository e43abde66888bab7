"""What still runs after a restart or a lost exchange? Ask by channel id: adopt or hang up; the rest is unknown."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from campaigns.model import AgentState, Attempt, EventKind
from campaigns.script import Script, parse_script
from campaigns.storage.errors import StoreUnavailable
from dialer import tallies
from dialer.agent_flow import AgentFlow
from dialer.agents import AgentEvent
from dialer.call_flow import CallFlow
from dialer.live import WRITE_AGAIN_S, Live, LiveCall, Seat, Stage
from dialer.room import restart_empty
from telephony.port import CallsListed, LinkUp, ListedCall

logger = logging.getLogger(__name__)


class Recovery:
    """Runs once per start of the engine: until it is done, no call is placed."""

    def __init__(self, live: Live, agents: AgentFlow, calls: CallFlow) -> None:
        self._live = live
        self._agents = agents
        self._calls = calls
        self._requests = 0
        self._awaited = ""
        self._open: dict[str, Attempt] = {}
        self._were_logged_in: dict[int, tuple[AgentState, str]] = {}
        self._agents_taken_over = False

    def load(self) -> None:
        """Before the link is up: which attempts and agents did the former process leave?"""
        self._open = {a.id: a for a in self._live.store.attempts.open()}
        for span in self._live.store.agents.running():
            if span.state.logged_in:
                self._were_logged_in[span.agent_id] = (span.state, span.pause_code)

    def on_link_up(self, _: LinkUp) -> None:
        """Ask what runs; after the first time the telephone system itself tells of calls it lost."""
        restart_empty(self._live)
        if self._live.recovered:
            self._agents.on_link_up()
            self._calls.on_link_up()
            return
        self._ask()

    def _ask(self) -> None:
        self._requests += 1
        self._awaited = f"recovery-{self._requests}"
        self._live.telephony.list_calls(self._live.prefix, self._awaited)

    def on_listed(self, event: CallsListed) -> None:
        """Adopt what is known and still of use, hang up what is not, close the rest as unknown."""
        if event.request != self._awaited or self._live.recovered:
            return
        try:
            self._take_over(event)
        except StoreUnavailable as fault:  # what was taken over stays so; the rest is asked for again
            self._live.store_failed(fault)
            self._live.clock.call_later(WRITE_AGAIN_S, self._ask)
            return
        self._live.recovered = True
        self._live.flush()
        self._agents.on_link_up()
        self._live.wake()

    def _take_over(self, event: CallsListed) -> None:
        if not self._agents_taken_over:
            self._adopt_agents([c for c in event.calls if c.agent])
            self._agents_taken_over = True
        for listed in event.calls:
            if not listed.agent and listed.id not in self._live.calls:
                self._adopt_or_hang_up(listed)
        for attempt in tuple(self._open.values()):
            self._close_unknown(attempt, event.started_at)
            del self._open[attempt.id]
        self._live.store.previews.release_all("the service was started again", self._live.clock.now())

    # --- agents ---------------------------------------------------------------------------------------

    def _adopt_agents(self, legs: Sequence[ListedCall]) -> None:
        """Who was at work keeps one leg, rather one that is up than one that rings; every other leg is hung up."""
        at_work = [s for s in self._live.seats.values() if s.agent.id in self._were_logged_in]
        kept: dict[str, ListedCall] = {}
        for listed in sorted(legs, key=lambda leg: not leg.answered):
            if listed.agent in kept or listed.agent not in {s.agent.number for s in at_work}:
                self._live.telephony.drop_call(listed.id)
            else:
                kept[listed.agent] = listed
        for seat in at_work:
            state, code = self._were_logged_in[seat.agent.id]
            seat.resume_pause = code if state is AgentState.PAUSE else None
            self._resume(seat, kept.get(seat.agent.number))

    def _resume(self, seat: Seat, listed: ListedCall | None) -> None:
        if listed is not None and listed.answered:
            seat.state = AgentState.SYSTEM
            self._adopt_leg(seat, listed)
            return
        self._agents.resume_without_phone(seat)
        if listed is None:
            seat.ring_again = True
        else:
            seat.leg = listed.id  # it rings already; a second ring would find it busy
            self._live.telephony.adopt(listed)

    def _adopt_leg(self, seat: Seat, listed: ListedCall) -> None:
        seat.leg, seat.leg_up = listed.id, True
        self._live.telephony.adopt(listed)
        self._agents.move(seat, AgentEvent.PHONE_UP)
        if seat.resume_pause is not None:
            code, seat.resume_pause = seat.resume_pause, None
            self._agents.move(seat, AgentEvent.GO_PAUSE, code=code)

    # --- customers' calls -------------------------------------------------------------------------------

    def _adopt_or_hang_up(self, listed: ListedCall) -> None:
        attempt = self._open.get(listed.id)
        call = self._revived(attempt) if attempt is not None else None
        if call is None:
            logger.warning("recovery: hanging up %s, which belongs to no attempt that can go on", listed.id)
            self._live.telephony.drop_call(listed.id)
            return
        del self._open[listed.id]
        self._live.calls[call.attempt.id] = call
        self._live.telephony.adopt(listed)
        self._live.record(call, EventKind.RECOVERED, {"outcome": "adopted"})
        self._place_in_flow(call, listed)
        tallies.count(call, call.facts())

    def _revived(self, attempt: Attempt) -> LiveCall | None:
        run = self._live.runs.get(attempt.campaign_id)
        if run is None or attempt.facts.ended_at is not None:
            return None
        now_s = self._live.clock.monotonic()
        events = list(self._live.store.attempts.events(attempt.id))
        settings = self._live.store.campaigns.settings(attempt.campaign_id, attempt.settings_version)
        call = LiveCall(attempt=attempt, run=run, settings=settings, placed_s=now_s, since_s=now_s, events=events)
        call.taught = True  # how long it rang before is not known by this clock
        facts = call.facts()
        call.script = self._script_of(call)
        call.step = facts.script_steps[-1].step if facts.script_steps else ""
        call.answers = {visit.step: dict(visit.answers) for visit in facts.script_steps if visit.answers}
        call.disposition = facts.disposition
        return call

    def _script_of(self, call: LiveCall) -> Script | None:
        """The version the attempt was made with, which may not be the newest any more."""
        if not call.settings.script or call.attempt.script_version is None:
            return None
        stored = self._live.store.scripts.script(call.settings.script, call.attempt.script_version)
        return parse_script(stored.body) if stored is not None else None

    def _place_in_flow(self, call: LiveCall, listed: ListedCall) -> None:
        if listed.answered:
            self._take_over_answer(call, listed)
        seat = self._live.seats.get(listed.joined_agent)
        if listed.joined_agent and seat is not None and seat.leg_up:
            call.agent, seat.call_id = seat.agent.number, call.attempt.id
            self._calls.enter(call, Stage.TALKING, "adopted")
            if seat.state in (AgentState.READY, AgentState.PAUSE):
                self._agents.move(seat, AgentEvent.JOINED, campaign_id=call.run.id)
            if not any(e.kind is EventKind.JOINED for e in call.events):
                self._live.record(call, EventKind.JOINED, {"agent_id": seat.agent.id})
            self._calls.open_desk(call)
        elif listed.answered:
            self._calls.enter(call, Stage.SCREENING if listed.screening else Stage.WAITING, "adopted")
        else:
            self._calls.enter(call, Stage.RINGING, "adopted")

    def _take_over_answer(self, call: LiveCall, listed: ListedCall) -> None:
        """Write what the exchange knows of the answer and the log does not."""
        told = {event.kind for event in call.events}
        call.answered_s = self._live.clock.monotonic()
        if EventKind.ANSWERED not in told and not listed.joined_agent:
            listened_to = listed.screening or listed.verdict is not None
            self._live.record(call, EventKind.ANSWERED, {"screening": True} if listened_to else None)
        if listed.verdict is not None:
            call.screened_s = self._live.clock.monotonic()
            if EventKind.SCREENED not in told:
                said = {"detector": listed.verdict.value, "words": "learned after a restart", "late": True}
                self._live.record(call, EventKind.SCREENED, said)

    def _close_unknown(self, attempt: Attempt, exchange_started_at: datetime) -> None:
        run = self._live.runs.get(attempt.campaign_id)
        if run is None:
            return
        now_s = self._live.clock.monotonic()
        settings = self._live.store.campaigns.settings(attempt.campaign_id, attempt.settings_version)
        events = list(self._live.store.attempts.events(attempt.id))
        call = LiveCall(attempt=attempt, run=run, settings=settings, placed_s=now_s, events=events)
        if attempt.facts.ended_at is None:
            restarted = exchange_started_at > attempt.created_at
            self._live.record(call, EventKind.RECOVERED, {"outcome": "exchange_restarted" if restarted else "gone"})
        self._live.flush()
        self._calls.store_outcome(call, call.facts())

"""How does a day go without a store and an exchange? The engine's rules for calls and agents on a heap of events.

It is the quick twin of the real engine on the simulated exchange: the same instants, the same choices, call by call
(tests/rehearsal/test_loop_equals_engine.py holds both to it). A pacer is asked when the engine would ask it.
"""

from __future__ import annotations

import heapq
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from campaigns.model import AgentState
from dialer.learning import CallLost, CallMissed, CallOffered, CallRang, Lesson, TalkEnded, WrapUpEnded
from dialer.pacing import next_look_s
from dialer.rehearsal.figures import DayFigures, figures_of
from dialer.rehearsal.floor_people import (
    ENDED_ANSWERED,
    ENDED_BUSY,
    ENDED_CANCELLED,
    ENDED_FAILED,
    ENDED_NO_ANSWER,
    Agent,
    Call,
    Flight,
    Phase,
)
from dialer.rehearsal.people import Kind, People, Population
from dialer.rehearsal.world import World

CAMPAIGN_ID = 1
LOOK_S = 1.0  # the slowest look, as the launcher's
STARTS_S = 1.0  # when the campaign is started: the exchange is asked first what runs


class Pacer(ABC):
    """A policy: how many calls to start and which to cancel. Everything it may know it reads from the loop."""

    learns = False  # whether it is to be told every lesson
    cap = 0.03  # the campaign's abandonment cap, which lessons tell

    @abstractmethod
    def look(self, day: Loop) -> float:
        """Start and cancel calls with `day.launch` and `day.cancel`; returns after how many seconds to look again."""

    def learn(self, lesson: Lesson) -> None:  # noqa: B027 (most policies learn nothing)
        """One more event of calls and agents, as the engine's lessons; told when `learns`."""


class Loop:
    """One day under one policy. `keep`: hold every call, for comparison."""

    def __init__(self, world: World, pacer: Pacer, *, people: Population | None = None, keep: bool = False) -> None:
        self.world = world
        self.people: Population = people or People(world)
        self.pacer = pacer
        self.now_s = 0.0
        self.calls: list[Call] | None = [] if keep else None
        self.agents = [Agent(index) for index in range(world.agents)]
        self.ready: dict[int, Agent] = {}  # free agents, who waited longest first
        self.flight: Flight = {}  # dialled and with nobody yet, those who hear the message among them
        self.waiting: Flight = {}  # persons whom nobody could take yet
        self.crossing: Flight = {}  # hear the message's first word while they are joined
        self.placed = 0
        self.live = 0  # lines in use: all but wrap-up
        self.cancelled = 0
        self.abandoned = 0
        self.joined = 0
        self.joined_human = 0
        self.joined_unknown = 0  # joined, and nobody has said who it was
        self.stopping = False
        self.met: list[tuple[float, bool]] = []  # (answer, lost) of each call that counts for abandonment
        self._timers: list[tuple[float, int, Callable[..., None], Any]] = []
        self._order = itertools.count()
        self._look_at_s: float | None = None
        self._looked_s = float("-inf")
        self._at_work = 0  # logged in, or their phone rings
        self._open = 0  # calls not closed yet, wrap-up too

    # --- the day ----------------------------------------------------------------------------------------

    def run(self) -> DayFigures:
        """Play the day until its last call is finished, and tell its figures."""
        for agent, shift in zip(self.agents, self.people.shifts, strict=True):
            self._at(shift.begins_s, self._log_in, agent)
            for from_s, length_s in shift.pauses:
                self._at(from_s, self._wants_pause, (agent, length_s))
            if shift.ends_s is not None:
                self._at(shift.ends_s, self._goes_home, agent)
        self._at(self.world.seconds, self._stop, None)
        self._at(STARTS_S, self._start, None)
        timers = self._timers
        while timers:
            self.now_s, _, happen, what = heapq.heappop(timers)
            happen(what)
        return figures_of(self)

    def _at(self, at_s: float, happen: Callable[..., None], what: Any) -> None:
        """Timers due at the same instant run in the order they were asked for, as the clock's do."""
        heapq.heappush(self._timers, (at_s, next(self._order), happen, what))

    def wake(self, delay_s: float = 0.0) -> None:
        """Ask for a look; several wishes make one, the earliest wins."""
        if self._look_at_s is not None and self._look_at_s <= self.now_s + delay_s:
            return
        due_s = next_look_s(self.now_s + delay_s, self._looked_s, self._at_work)
        if self._look_at_s is None or due_s < self._look_at_s:
            self._look_at_s = due_s
            # As a timer of the clock is set: by a delay, which in the last digit is not the same as the instant.
            self._at(self.now_s + (due_s - self.now_s), self._look, due_s)

    def _look(self, due_s: float) -> None:
        if due_s != self._look_at_s:
            return  # an earlier one took its place
        self._look_at_s, self._looked_s = None, self.now_s
        self._serve(None)
        again_s = self.pacer.look(self)
        if self.stopping and not self._open:
            for agent in self.agents:
                self._move(agent, AgentState.LOGGED_OUT)
            return
        self.wake(again_s)

    def _start(self, _: None) -> None:
        self.wake()

    def _stop(self, _: None) -> None:
        self.stopping = True
        self.wake()

    # --- agents -----------------------------------------------------------------------------------------

    def _move(self, agent: Agent, state: AgentState) -> None:
        before, end_s = agent.state, min(self.now_s, self.world.seconds)
        if end_s > agent.since_s:
            agent.spent_s[before] += end_s - agent.since_s
        if before is AgentState.LOGGED_OUT or state is AgentState.LOGGED_OUT:
            self._at_work += (state is not AgentState.LOGGED_OUT) - (before is not AgentState.LOGGED_OUT)
        self.ready.pop(agent.index, None)
        agent.state, agent.since_s, agent.seen = state, self.now_s, None
        if state is AgentState.READY:
            self.ready[agent.index] = agent
            if self.waiting:
                self._at(self.now_s, self._serve, None)
            self.wake()

    def _log_in(self, agent: Agent) -> None:
        self._move(agent, AgentState.RINGING)
        self._at(self.now_s + self.world.phone_s, self._phone_up, agent)

    def _phone_up(self, agent: Agent) -> None:
        if agent.state is AgentState.RINGING:
            self._move(agent, AgentState.READY)

    def _wants_pause(self, wish: tuple[Agent, float]) -> None:
        agent, length_s = wish
        if agent.leaving or agent.pause_owed_s:
            return
        if agent.call is not None:
            agent.pause_owed_s, agent.seen = length_s, None
        elif agent.state is AgentState.READY:
            self._pause(agent, length_s)

    def _pause(self, agent: Agent, length_s: float) -> None:
        self._move(agent, AgentState.PAUSE)
        self._at(self.now_s + length_s, self._back, agent)

    def _back(self, agent: Agent) -> None:
        if agent.state is AgentState.PAUSE:
            self._move(agent, AgentState.READY)

    def _goes_home(self, agent: Agent) -> None:
        agent.leaving, agent.pause_owed_s, agent.seen = True, 0.0, None
        if agent.call is None:
            self._move(agent, AgentState.LOGGED_OUT)

    def _free(self, agent: Agent) -> None:
        """He is done with his call: what he wanted meanwhile happens now."""
        agent.call = None
        self._move(agent, AgentState.READY)
        owed_s, agent.pause_owed_s = agent.pause_owed_s, 0.0
        if agent.leaving:
            self._move(agent, AgentState.LOGGED_OUT)
        elif owed_s:
            self._pause(agent, owed_s)
        self.wake()  # with one agent less at work the next look may be sooner

    # --- calls until somebody is needed -------------------------------------------------------------------

    def launch(self, number: int) -> None:
        """Place so many calls now; the caller has asked the limits."""
        for _ in range(number):
            call = Call(self.placed, self.now_s, self.people.fate(self.placed, self.now_s))
            self.placed += 1
            self.live += 1
            self._open += 1
            self.flight[call.index] = call
            if self.calls is not None:
                self.calls.append(call)
            self._play(call)

    def _play(self, call: Call) -> None:
        fate, placed_s = call.fate, call.placed_s
        if fate.kind is Kind.BUSY or fate.kind is Kind.FAILED:
            self._at(placed_s + fate.set_up_s, self._refused, call)
            return
        self._at(placed_s + fate.set_up_s, self._rings, call)
        if fate.answer_s:
            self._at(placed_s + fate.answer_s, self._answered, call)
        else:
            self._at(placed_s + float(self.world.answering.ring_timeout_s), self._times_out, call)

    def cancel(self, call: Call) -> None:
        """Hang up a call that nobody has answered yet; an answered one is left alone."""
        if call.phase > Phase.RINGING or call.given_up:
            return
        call.given_up = True
        del self.flight[call.index]
        if call.ended_s is None:  # else its end is on the way already, and there is nothing left to hang up
            self.cancelled += 1
            self._at(self.now_s, self._hung_up, call)

    def _hung_up(self, call: Call) -> None:
        self._unanswered(call, ENDED_CANCELLED)

    def _refused(self, call: Call) -> None:
        if not call.given_up:
            self._unanswered(call, ENDED_BUSY if call.fate.kind is Kind.BUSY else ENDED_FAILED)

    def _rings(self, call: Call) -> None:
        if not call.given_up:
            call.phase, call.ringing_s, call.seen = Phase.RINGING, self.now_s, None
            if self.pacer.learns:
                self.pacer.learn(CallRang(campaign_id=CAMPAIGN_ID, lag_s=self.now_s - call.placed_s))
            self.wake()

    def _times_out(self, call: Call) -> None:
        """Whole seconds after a look, so another may be due now; the exchange's word comes after it."""
        if not call.given_up:
            call.ended_s = self.now_s
            self._at(self.now_s, self._not_answered, call)

    def _not_answered(self, call: Call) -> None:
        self._unanswered(call, ENDED_NO_ANSWER)

    def _unanswered(self, call: Call, outcome: str) -> None:
        self.flight.pop(call.index, None)
        self._missed(call)
        self._line_over(call, outcome)
        self._close(call)

    def _missed(self, call: Call) -> None:
        if not self.pacer.learns:
            return
        until_s = self.now_s if call.answered_s is None else call.answered_s
        machine = call.screened_s is not None
        lesson = CallMissed(
            campaign_id=CAMPAIGN_ID,
            placed_s=call.placed_s,
            at_s=self.now_s,
            ring_s=None if call.ringing_s is None else until_s - call.ringing_s,
            machine=machine,
            heard_s=self.now_s - until_s if machine else None,
            cancelled=call.given_up,
        )
        self.pacer.learn(lesson)

    def _line_over(self, call: Call, outcome: str) -> None:
        call.outcome, call.ended_s = outcome, self.now_s
        self.live -= 1

    def _close(self, call: Call) -> None:
        call.phase = Phase.OVER
        self._open -= 1
        self.wake()

    def _answered(self, call: Call) -> None:
        if call.given_up:
            return
        call.answered_s, call.seen = self.now_s, None
        self.wake()
        if self.world.detector is None:
            self._person_waits(call)
        else:
            call.phase = Phase.SCREENING
            self._at(self.now_s + call.fate.heard_s, self._verdict, call)

    def _verdict(self, call: Call) -> None:
        call.screened_s, call.seen = self.now_s, None
        if call.fate.passes:
            self._person_waits(call)
            self.wake()
        else:
            self._unanswered(call, ENDED_ANSWERED)

    # --- calls that need somebody -------------------------------------------------------------------------

    def _person_waits(self, call: Call) -> None:
        call.phase = Phase.WAITING
        self._at(self.now_s + self.world.message_starts_ms / 1000, self._message, call)
        self._offered(call)
        self.waiting[call.index] = call
        self._send_to_agent(call)

    def _offered(self, call: Call) -> None:
        if not self.pacer.learns:
            return
        answered_s, ringing_s = call.answered_s, call.ringing_s
        assert answered_s is not None, "nobody waits before he has answered"
        lesson = CallOffered(
            campaign_id=CAMPAIGN_ID,
            placed_s=call.placed_s,
            at_s=self.now_s,
            ring_s=answered_s - (call.placed_s if ringing_s is None else ringing_s),
            heard_s=None if call.screened_s is None else call.screened_s - answered_s,
            cap=self.pacer.cap,
        )
        self.pacer.learn(lesson)

    def _serve(self, _: None) -> None:
        """Free agents for those who wait, the longest waiting first."""
        for call in tuple(self.waiting.values()):
            if not self._send_to_agent(call):
                return

    def _send_to_agent(self, call: Call) -> bool:
        agent = self._longest_waiting()
        if agent is None:
            return False
        agent.call, call.agent = call, agent
        agent.seen = call.seen = None
        call.phase = Phase.JOINING
        del self.waiting[call.index], self.ready[agent.index]
        self._at(self.now_s + self.world.join_s, self._joined, call)
        return True

    def _longest_waiting(self) -> Agent | None:
        first: Agent | None = None
        for agent in self.ready.values():
            if first is None:
                first = agent
            elif agent.since_s > first.since_s:
                break
            elif agent.index < first.index:
                first = agent
        return first

    def _joined(self, call: Call) -> None:
        agent = call.agent
        assert agent is not None, "a join has its agent"
        del self.flight[call.index]
        self.crossing.pop(call.index, None)
        call.phase, call.joined_s = Phase.TALKING, self.now_s
        self.joined += 1
        self._move(agent, AgentState.TALK)
        if call.abandoned_s is None:
            self._count_joined(1)
        self._at(self.now_s + call.fate.talk_s, self._talk_over, call)

    def _count_joined(self, number: int) -> None:
        """With a detector's word he is a person until the agent says otherwise; without it nobody knows yet."""
        if self.world.detector is not None:
            self.joined_human += number
        else:
            self.joined_unknown += number

    def _talk_over(self, call: Call) -> None:
        agent = call.agent
        assert agent is not None, "a talk has its agent"
        agent.talked_s = self.now_s - agent.since_s
        call.phase = Phase.WRAP_UP
        self._line_over(call, ENDED_ANSWERED)
        if self.pacer.learns:
            self.pacer.learn(TalkEnded(campaign_id=CAMPAIGN_ID, talk_s=agent.talked_s))
        self._move(agent, AgentState.WRAP_UP)
        self.wake()
        self._at(self.now_s + call.fate.wrap_up_s, self._disposed, call)

    def _disposed(self, call: Call) -> None:
        agent = call.agent
        assert agent is not None, "a wrap-up has its agent"
        self._count_outcome(call, person=call.fate.kind is Kind.PERSON)
        if self.pacer.learns:
            wrap_s = self.now_s - agent.since_s
            self.pacer.learn(WrapUpEnded(campaign_id=CAMPAIGN_ID, wrap_s=wrap_s, talked_s=agent.talked_s))
        self._close(call)
        self._free(agent)

    def _count_outcome(self, call: Call, *, person: bool) -> None:
        """The agent's word: a machine leaves the figure, a person is in it."""
        lost = call.abandoned_s is not None
        if lost:
            self.abandoned -= not person
        else:
            self._count_joined(-1)
            self.joined_human += person
        if person:
            self.met.append((call.answered_s or 0.0, lost))

    # --- nobody free ------------------------------------------------------------------------------------

    def _message(self, call: Call) -> None:
        if call.phase is Phase.JOINING:  # he hears its first word before his agent
            call.abandoned_s = self.now_s
            self.crossing[call.index] = call
        elif call.phase is Phase.WAITING:
            del self.waiting[call.index]
            call.phase, call.abandoned_s, call.seen = Phase.MESSAGE, self.now_s, None
            self.met.append((call.answered_s or 0.0, True))
            if self.pacer.learns:
                self.pacer.learn(CallLost(campaign_id=CAMPAIGN_ID))
            self._at(self.now_s + self.world.message_s, self._message_over, call)
        else:
            return
        self.abandoned += 1
        self.wake()

    def _message_over(self, call: Call) -> None:
        """Whole seconds after the look that its beginning asked for: see `_times_out`."""
        self._at(self.now_s, self._heard_out, call)

    def _heard_out(self, call: Call) -> None:
        del self.flight[call.index]
        self._line_over(call, ENDED_ANSWERED)
        self._close(call)

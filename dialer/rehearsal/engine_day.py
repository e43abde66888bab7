"""How does the real engine do on a made-up day? Store, engine and simulated exchange, with the world's people.

The store-free loop plays the same day by the same instants (dialer.rehearsal.loop); a test holds them equal.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from campaigns.model import AgentState, ClockFrom, DialMode
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from dialer.engine import Engine
from dialer.refusal import Refused
from dialer.rehearsal.by_hand import READS_S, HandDiallers, checked_reads_s, preview_limit_s
from dialer.rehearsal.dry_list import DryList
from dialer.rehearsal.figures import DayFigures, figures_from
from dialer.rehearsal.house import (
    CAMPAIGN,
    FIRST_AGENT,
    MORNING,
    TRUNK,
    furnish,
    furnish_another,
    plain_settings,
)
from dialer.rehearsal.loop import STARTS_S
from dialer.rehearsal.pacer import LINES_PER_AGENT, RATE
from dialer.rehearsal.people import Fate, Kind, People, Shift
from dialer.rehearsal.world import World
from telephony.callee import Callee
from telephony.clock import ManualClock
from telephony.port import CallEnded, Event, Joined, Listener, Verdict
from telephony.simulator import Phone, SimulatedExchange, SimulatedTelephony, Timing

MOST_LEADS = 30_000
MOST_SPREAD = 3.0  # e-folds: beyond it hardly a lead is like another
REST_S = 60  # between two calls to one lead
ATTEMPTS_AN_HOUR = 200  # for one agent, where few answer
LONGEST_TAIL_S = 3 * 3600.0
# No callbacks: who answers next is somebody new, whom nobody has promised anything.
OUTCOMES = ("sale", "refused", "no_decision", "not_available", "wrong_number", "do_not_call")
WEIGHTS = (12, 38, 22, 18, 5, 5)


@dataclass(frozen=True, kw_only=True)
class EngineDay:
    """What is played: a world, the campaign's mode, and how many leads there are (none: as many as are needed).

    `weights`: one campaign for each, all served by all agents; the k-th call of them all meets the k-th person.
    `lead_spread`: how much leads differ in their odds to answer, as the standard deviation of its logarithm; 0, as in
    the store-free loop, when all are alike. `tells_apart`: pacing learns of leads' attempts, hours and answers.
    `rest_s`: so long a lead is left alone after an attempt; then he is called again before anybody new.
    `preview_s`: how long agents who dial themselves look at a lead before, on average.
    """

    world: World
    mode: DialMode = DialMode.PROGRESSIVE
    ratio: float = 1.0
    leads: int | None = None
    weights: tuple[float, ...] = (1.0,)
    lead_spread: float = 0.0
    tells_apart: bool = False
    rest_s: int = REST_S
    preview_s: float = READS_S

    def __post_init__(self) -> None:
        checked_reads_s(self.preview_s)
        if not self.weights:
            raise ValueError("A day needs a campaign, so at least one weight. Nothing was simulated.")
        if not 0 <= self.lead_spread <= MOST_SPREAD:
            raise ValueError(
                f"Leads differ by 0 to {MOST_SPREAD:g}, not by {self.lead_spread:g}. Nothing was simulated."
            )
        if self.leads is not None and not 1 <= self.leads <= self._most_leads:
            raise ValueError(f"--leads {self.leads}: 1 to {self._most_leads} leads. Nothing was simulated.")

    @property
    def leads_in_list(self) -> int:
        """Twice as many as agents could talk to, and as many as they try before the first may be called again."""
        agents, hours = self.world.agents, self.world.hours
        tried = agents * min(hours, self.rest_s / 3600) * ATTEMPTS_AN_HOUR
        return self.leads or min(self._most_leads, max(500, int(agents * hours * 45), int(tried)))

    @property
    def _most_leads(self) -> int:
        return MOST_LEADS // len(self.weights)

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Their names, in the order of the weights."""
        return (CAMPAIGN, *(f"{CAMPAIGN} {number}" for number in range(2, len(self.weights) + 1)))


class Overheard(SimulatedTelephony):
    """The simulated exchange, with the agents listening too."""

    hear: Callable[[Event], None] = staticmethod(lambda _event: None)

    def start(self, listener: Listener) -> None:
        def both(event: Event) -> None:
            listener(event)
            self.hear(event)

        super().start(both)


@dataclass(frozen=True, kw_only=True)
class _Made(Callee):
    """A callee who also says how long his agent writes afterwards."""

    wrap_up_s: float = 0.0


class MadeUpCallees:
    """The k-th call placed meets the k-th person, who answers as readily as the number that was dialled does."""

    def __init__(self, people: People, clock: ManualClock, lead_spread: float = 0.0) -> None:
        self._people = people
        self._clock = clock
        self._placed = itertools.count()
        self._lead_spread = lead_spread

    def __call__(self, number: str) -> Callee:
        return callee_of(self._people.fate(next(self._placed), self._clock.monotonic(), self._odds(number)))

    def _odds(self, number: str) -> float:
        if not self._lead_spread:
            return 1.0
        return math.exp(self._lead_spread * random.Random(f"lead/{self._people.world.seed}/{number}").gauss(0.0, 1.0))


def callee_of(fate: Fate) -> Callee:
    """The far end that behaves so."""
    if fate.kind in (Kind.BUSY, Kind.FAILED):
        return Callee(refuse_after_s=fate.set_up_s, refuse_code=486 if fate.kind is Kind.BUSY else 480, kind="nobody")
    if fate.kind is Kind.NOBODY:
        return Callee(ring_after_s=fate.set_up_s, kind="nobody")
    return _Made(
        ring_after_s=fate.set_up_s,
        answer_after_s=fate.answer_s,
        talk_s=fate.talk_s,
        kind="human" if fate.kind is Kind.PERSON else "machine",
        screened_after_s=fate.heard_s,
        heard_as=Verdict.HUMAN if fate.passes else Verdict.MACHINE,
        wrap_up_s=fate.wrap_up_s,
    )


class MadeUpAgents:
    """Agents who come, talk, write, pause and go by the world's draws."""

    def __init__(self, engine: Engine, telephony: Overheard, clock: ManualClock, people: People) -> None:
        self._engine = engine
        self._telephony = telephony
        self._clock = clock
        self._dice = random.Random(f"outcomes/{people.world.seed}")
        self._on_call: dict[str, tuple[str, _Made]] = {}  # call id -> agent, who answered
        self._owed_s: dict[str, float] = {}  # agents who go on pause after this call, and for how long
        self._leaving: set[str] = set()

    def expect(self, agent: str, shift: Shift) -> None:
        """Do at its time what this shift says."""
        self._clock.call_later(shift.begins_s, lambda: self._try(self._engine.agent_login, agent))
        for from_s, length_s in shift.pauses:
            self._clock.call_later(from_s, lambda length_s=length_s: self._wants_pause(agent, length_s))  # type: ignore[misc]
        if shift.ends_s is not None:
            self._clock.call_later(shift.ends_s, lambda: self._goes_home(agent))

    def hear(self, event: Event) -> None:
        """Take a customer; write when he is gone."""
        if isinstance(event, Joined):
            line = self._telephony.world.lines.get(event.call.id)
            if line is not None and isinstance(line.callee, _Made):
                self._on_call[event.call.id] = (event.agent, line.callee)
        elif isinstance(event, CallEnded) and event.call.id in self._on_call:
            agent, who = self._on_call.pop(event.call.id)
            outcome = self._dice.choices(OUTCOMES, weights=WEIGHTS)[0] if who.kind == "human" else "machine"
            self._clock.call_later(who.wrap_up_s, lambda: self._disposes(agent, outcome))
        elif isinstance(event, CallEnded):
            for agent in tuple(self._owed_s):  # whoever dialled it himself has nothing to write
                self._goes_on_pause(agent)

    def _disposes(self, agent: str, outcome: str) -> None:
        self._try(self._engine.desk_dispose, agent, outcome)
        self._goes_on_pause(agent)

    def _goes_on_pause(self, agent: str) -> None:
        if agent in self._owed_s and self._state(agent) is AgentState.PAUSE:
            self._clock.call_later(self._owed_s.pop(agent), lambda: self._comes_back(agent))

    def _state(self, agent: str) -> AgentState:
        return AgentState(self._engine.desk_view(agent)["agent"]["state"])

    def _wants_pause(self, agent: str, length_s: float) -> None:
        if agent in self._leaving or agent in self._owed_s or self._state(agent) is AgentState.PAUSE:
            return
        self._try(self._engine.agent_pause, agent, "break")
        if self._state(agent) is AgentState.PAUSE:
            self._clock.call_later(length_s, lambda: self._comes_back(agent))
        else:
            self._owed_s[agent] = length_s

    def _comes_back(self, agent: str) -> None:
        if self._state(agent) is AgentState.PAUSE:
            self._try(self._engine.agent_ready, agent)

    def _goes_home(self, agent: str) -> None:
        self._leaving.add(agent)
        self._owed_s.pop(agent, None)
        self._try(self._engine.agent_logout, agent)

    def _try(self, command: Callable[..., str], *args: object) -> None:
        try:
            command(*args)
        except Refused:
            return  # the campaign had stopped, and he was sent home before


def play(
    day: EngineDay, folder: Path, *, overhear: Callable[[Event], None] | None = None, dry: DryList | None = None
) -> DayFigures:
    """Run the day in `folder`, whose database stays there. `overhear` is told every event of the exchange.

    With several campaigns the figures are those of the first, and so is the list that `dry` watches: see
    `play_together`.
    """
    return play_together(day, folder, overhear=overhear, dry=dry)[0]


def play_together(
    day: EngineDay, folder: Path, *, overhear: Callable[[Event], None] | None = None, dry: DryList | None = None
) -> tuple[DayFigures, ...]:
    """The same for all its campaigns, in the order of their weights; agents' time is all of it in each."""
    clock = ManualClock(MORNING)
    store = Store.create(f"sqlite:///{folder / 'simulated.sqlite3'}", now=MORNING, durable=False)
    try:
        campaigns = _furnished(store, day)
        people = People(day.world)
        telephony = _telephony(day, people, clock)
        engine = _engine(store, telephony, clock, day)
        agents = MadeUpAgents(engine, telephony, clock, people)
        telephony.hear = _both(agents.hear, overhear)
        for number, shift in zip(_numbers(day.world), people.shifts, strict=True):
            agents.expect(number, shift)
        engine.start()
        clock.advance(STARTS_S)
        for name in day.campaigns:
            engine.campaign_start(name, "simulation")
        if dry is not None:
            dry.watch(engine, clock, CAMPAIGN)
        if day.mode.by_hand:
            seed, reads_s = day.world.seed, day.preview_s
            HandDiallers(engine, clock, _numbers(day.world), mode=day.mode, reads_s=reads_s, seed=seed).look()
        clock.advance(day.world.seconds - STARTS_S)
        for name in day.campaigns:
            engine.campaign_stop(name, "simulation")
        clock.run_until(lambda: engine.quiet, limit_s=LONGEST_TAIL_S)
        clock.advance(60.0)
        engine.close()
        return tuple(figures_from(store, each, day.world.seconds) for each in campaigns)
    finally:
        store.close()


def _both(first: Callable[[Event], None], second: Callable[[Event], None] | None) -> Callable[[Event], None]:
    def told(event: Event) -> None:
        first(event)
        if second is not None:
            second(event)

    return told


def _numbers(world: World) -> tuple[str, ...]:
    return tuple(str(FIRST_AGENT + index) for index in range(world.agents))


def _telephony(day: EngineDay, people: People, clock: ManualClock) -> Overheard:
    world = day.world
    exchange = SimulatedExchange(
        clock,
        callees=MadeUpCallees(people, clock, day.lead_spread),
        trunks=(TRUNK,),
        phones={number: Phone(answers_after_s=world.phone_s) for number in _numbers(world)},
        timing=Timing(join_s=world.join_s, message_s=world.message_s),
    )
    return Overheard(clock, trunks=(TRUNK,), world=exchange)


def _engine(store: Store, telephony: Overheard, clock: ManualClock, day: EngineDay) -> Engine:
    ids = itertools.count(1)
    engine = Engine(store=store, telephony=telephony, clock=clock, new_id=lambda: f"{day.world.seed}-{next(ids):012d}")
    engine._live.tells_leads_apart = day.tells_apart
    return engine


# --- the store ------------------------------------------------------------------------------------------


def _furnished(store: Store, day: EngineDay) -> list[int]:
    first = furnish(
        store,
        settings_of(day),
        at=MORNING,
        lines=day.world.lines,
        calls_per_second=RATE,
        leads=day.leads_in_list,
        seed=day.world.seed,
        agents=[(number, f"Agent {number}") for number in _numbers(day.world)],
    )
    leads, seed = day.leads_in_list, day.world.seed
    others = (settings_of(day, index) for index in range(1, len(day.weights)))
    return [
        first,
        *(
            furnish_another(store, settings, at=MORNING, leads=leads, after=number * leads, seed=seed)
            for number, settings in enumerate(others, start=1)
        ),
    ]


def settings_of(day: EngineDay, index: int = 0) -> CampaignSettings:
    """What a campaign is set to. People are not used up: each of the world's calls meets somebody new anyway."""
    return plain_settings(
        name=day.campaigns[index],
        weight=day.weights[index],
        mode=day.mode,
        ratio=day.ratio,
        max_calls=day.world.lines,
        max_lines_per_agent=LINES_PER_AGENT,
        attempts_per_second=RATE,
        clock_from=ClockFrom.ANSWER if day.world.detector is None else ClockFrom.GREETING,
        message_starts_ms=day.world.message_starts_ms,
        ring_timeout_s=day.world.answering.ring_timeout_s,
        wrap_up_limit_s=3600,
        preview_limit_s=preview_limit_s(day.preview_s),
        max_tries=100_000,
        max_attempts_per_number_per_day=100_000,
        retry_no_answer_s=day.rest_s,
        retry_busy_s=day.rest_s,
        retry_machine_s=day.rest_s,
        retry_congestion_s=day.rest_s,
        retry_unavailable_s=day.rest_s,
        retry_rejected_s=day.rest_s,
        retry_abandoned_s=day.rest_s,
        retry_spoken_s=day.rest_s,
    )

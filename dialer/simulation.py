"""How would a day go with these settings? The real engine on a simulated exchange and a manual clock.

Nothing here replaces a part of the engine: store, pacing, call flow and figures are those of a real day. Only
the clock is moved by hand, and the people are made up from a seed.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from campaigns.metrics import Figure, Period, calls_of, share
from campaigns.model import AgentState, Attempt, DialMode, Network
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from dialer.engine import Engine
from dialer.refusal import Refused
from dialer.rehearsal.engine_day import EngineDay, Overheard, met_by, play, spent_until
from dialer.rehearsal.figures import DayFigures, worst_half_hour
from dialer.rehearsal.house import BY_WHOM, CAMPAIGN, FIRST_AGENT, MORNING, TRUNK, furnish, plain_settings
from telephony.clock import ManualClock
from telephony.port import CallEnded, Event, Joined
from telephony.simulator import Phone, Population, Shares

SCRIPT = """
name = "simulated"

[[steps]]
key = "greet"
text = "Hello {first_name}, a word about our offer?"
may_leave = true
choices = [{ key = "1", label = "Go on", next = "offer" }]

[[steps]]
key = "offer"
text = "This is the offer."
choices = [{ key = "1", label = "All said", next = "done" }]

[[steps]]
key = "done"
text = "Good bye."
end = true
"""
LONGEST_S = 3600
READING_S = (15.0, 90.0)  # how long people listen to a step; many hang up before its end


@dataclass(frozen=True, kw_only=True)
class SimulationPlan:
    """A synthetic day. Raises ValueError for sizes that make no day. Lengths are in seconds."""

    agents: int = 20
    leads: int = 5000
    hours: float = 8.0
    seed: int = 1
    mode: DialMode = DialMode.PROGRESSIVE
    ratio: float = 1.0
    ring_s: float = 12.0
    talk_s: float = 150.0
    wrap_up_s: float = 20.0
    lines_per_agent: int = 5
    shares: Shares = field(default_factory=Shares)

    def __post_init__(self) -> None:
        if not (1 <= self.agents <= 500 and 1 <= self.leads <= 30_000 and 0 < self.hours <= 24):
            raise ValueError("Simulate 1 to 500 agents, 1 to 30000 leads, up to 24 hours. Nothing was simulated.")
        if not (0 < self.ring_s <= LONGEST_S and 0 < self.talk_s <= LONGEST_S):
            raise ValueError(f"Ringing and talking last above 0, at most {LONGEST_S} seconds. Nothing was simulated.")
        if self.mode.by_hand:
            raise ValueError("Agents dial themselves in this mode: use progressive, power or predictive.")


@dataclass(frozen=True, kw_only=True)
class SimulatedDay:
    """What came of it. Shares are 0..1 or none when there was nothing to divide by; times in seconds.

    Figures with a name of the glossary are those of the reports. `abandonment` is among `answered_by_person`, the
    calls that count for it; `talk_share` is `talk_s` of `at_work_s`, `occupancy` is `busy_s` of `busy_s + ready_s`.
    """

    plan: SimulationPlan
    attempts: int
    sent: int
    answered: int
    humans: int
    hit_rate: float | None
    joined: int
    abandoned: int
    answered_by_person: int
    abandonment: float | None
    worst_half_hour: float | None
    talk_s: float
    at_work_s: float
    talk_share: float | None
    busy_s: float
    ready_s: float
    occupancy: float | None
    wait_per_call_s: float | None
    calls_per_agent_hour: float | None
    cancelled: int
    sales: int
    took_s: float


class _Agents:
    """Twenty people at their desks: they read the script, find machines out, write, and dispose."""

    def __init__(self, engine: Engine, telephony: Overheard, clock: ManualClock, plan: SimulationPlan) -> None:
        self._engine = engine
        self._telephony = telephony
        self._clock = clock
        self._plan = plan
        self._dice = random.Random(f"agents/{plan.seed}")
        self._reading = random.Random(f"reading/{plan.seed}")
        self._on_call: dict[str, tuple[str, str]] = {}  # call id -> agent, who answered

    def hear(self, event: Event) -> None:
        if isinstance(event, Joined):
            line = self._telephony.world.lines.get(event.call.id)
            kind = line.callee.kind if line is not None else "human"
            self._on_call[event.call.id] = (event.agent, kind)
            if kind == "human":
                self._read_on(event.call.id, event.agent, ("offer", "done"))
            else:
                self._clock.call_later(6.0, lambda: self._try(self._engine.desk_hang_up, event.agent))
        elif isinstance(event, CallEnded) and event.call.id in self._on_call:
            agent, kind = self._on_call.pop(event.call.id)
            wrap_s = self._dice.gammavariate(4.0, self._plan.wrap_up_s / 4.0)
            outcome = self._outcome() if kind == "human" else "machine"
            self._clock.call_later(wrap_s, lambda: self._try(self._engine.desk_dispose, agent, outcome))

    def _read_on(self, call_id: str, agent: str, steps: tuple[str, ...]) -> None:
        """One step after another, as long as the customer stays on the line; now and then he is let go early."""

        def turn() -> None:
            if call_id not in self._on_call:
                return
            if len(steps) == 2 and self._reading.random() < 0.05:
                self._try(self._engine.desk_leave, agent, "in a hurry")
                return
            self._try(self._engine.desk_step, agent, steps[0], {})
            self._read_on(call_id, agent, steps[1:])

        if steps:
            self._clock.call_later(self._reading.uniform(*READING_S), turn)

    def _outcome(self) -> str:
        outcomes = ("sale", "refused", "no_decision", "not_available", "callback", "wrong_number", "do_not_call")
        return self._dice.choices(outcomes, weights=(12, 38, 22, 10, 8, 5, 5))[0]

    def _try(self, command: Callable[..., str], *args: object) -> None:
        try:
            command(*args)
        except Refused:
            return  # the wrap-up limit was faster, or the customer hung up first


def simulate(plan: SimulationPlan, folder: Path) -> SimulatedDay:
    """Run the day in `folder` (its database stays there for reports). Takes seconds for a day of 20 agents."""
    began = time.perf_counter()
    clock = ManualClock(MORNING)
    with_store = Store.create(f"sqlite:///{folder / 'simulated.sqlite3'}", now=MORNING, durable=False)
    try:
        campaign_id = _furnished(with_store, plan, clock)
        numbers = tuple(str(FIRST_AGENT + n) for n in range(plan.agents))
        telephony = Overheard(
            clock,
            callees=Population(plan.seed, shares=plan.shares, ring_s=plan.ring_s, talk_s=plan.talk_s),
            trunks=(TRUNK,),
            phones=dict.fromkeys(numbers, Phone()),
        )
        engine = _started(with_store, telephony, clock, plan)
        for index, number in enumerate(numbers):
            clock.call_later(5.0 + 600.0 * index / plan.agents, _log_in(engine, number))
        clock.advance(plan.hours * 3600)
        _end_of_day(engine, clock)
        attempts = tuple(with_store.attempts.attempts(campaign_id, MORNING.date(), MORNING.date() + timedelta(days=1)))
        day = _figures(plan, attempts, with_store, clock, time.perf_counter() - began)
        engine.close()
        return day
    finally:
        with_store.close()


def rehearse(day: EngineDay, folder: Path) -> tuple[DayFigures, float]:
    """Play a made-up world in `folder` with the real engine: its figures, and the real seconds it took."""
    began = time.perf_counter()
    figures = play(day, folder)
    return figures, time.perf_counter() - began


def _log_in(engine: Engine, number: str) -> Callable[[], None]:
    def run() -> None:
        engine.agent_login(number)

    return run


def _started(store: Store, telephony: Overheard, clock: ManualClock, plan: SimulationPlan) -> Engine:
    ids = itertools.count(1)
    engine = Engine(store=store, telephony=telephony, clock=clock, new_id=lambda: f"{plan.seed}-{next(ids):012d}")
    telephony.hear = _Agents(engine, telephony, clock, plan).hear
    engine.start()
    clock.advance(1.0)
    engine.campaign_start(CAMPAIGN, "simulation")
    return engine


def _end_of_day(engine: Engine, clock: ManualClock) -> None:
    engine.campaign_stop(CAMPAIGN, "simulation")
    clock.run_until(lambda: engine.quiet, limit_s=3 * 3600)
    clock.advance(60.0)


def _furnished(store: Store, plan: SimulationPlan, clock: ManualClock) -> int:
    store.scripts.save_version(CAMPAIGN, SCRIPT, BY_WHOM, clock.now())
    return furnish(
        store,
        settings_of(plan),
        at=clock.now(),
        lines=plan.agents * plan.lines_per_agent,
        calls_per_second=50.0,
        leads=plan.leads,
        seed=plan.seed,
        agents=[(str(FIRST_AGENT + n), f"Agent {n + 1}") for n in range(plan.agents)],
    )


def settings_of(plan: SimulationPlan) -> CampaignSettings:
    """The settings a synthetic day runs under: everything at its default but what the plan says."""
    return plain_settings(
        script=CAMPAIGN,
        mode=plan.mode,
        ratio=plan.ratio,
        max_calls=plan.agents * plan.lines_per_agent,
        max_lines_per_agent=float(plan.lines_per_agent),
        attempts_per_second=20.0,
    )


def _figures(
    plan: SimulationPlan, attempts: tuple[Attempt, ...], store: Store, clock: ManualClock, took_s: float
) -> SimulatedDay:
    spent = spent_until(store, clock.now())
    talk = spent[AgentState.TALK] + spent[AgentState.HOLD]
    busy = talk + spent[AgentState.WRAP_UP] + spent[AgentState.PREVIEW]
    ready = spent[AgentState.READY]
    logged_in = sum(s for state, s in spent.items() if state.logged_in and state is not AgentState.RINGING)
    joined = sum(a.facts.joined_at is not None for a in attempts)
    at_work = logged_in - spent[AgentState.PAUSE]
    hits = _hit_rate(attempts, store)
    met = met_by(attempts)
    abandoned, persons = sum(lost for _, lost in met), len(met)
    return SimulatedDay(
        plan=plan,
        attempts=len(attempts),
        answered=sum(a.facts.answered_at is not None for a in attempts),
        sent=int(hits.denominator or 0),
        humans=int(hits.numerator or 0),
        hit_rate=hits.value,
        joined=joined,
        abandoned=abandoned,
        answered_by_person=persons,
        abandonment=abandoned / persons if persons else None,
        worst_half_hour=worst_half_hour(met),
        cancelled=sum(a.facts.network is Network.CANCELLED for a in attempts),
        talk_s=talk,
        at_work_s=at_work,
        talk_share=talk / at_work if at_work else None,
        busy_s=busy,
        ready_s=ready,
        occupancy=busy / (busy + ready) if busy + ready else None,
        wait_per_call_s=ready / joined if joined else None,
        calls_per_agent_hour=joined / (logged_in / 3600) if logged_in else None,
        sales=sum(a.facts.disposition == "sale" for a in attempts),
        took_s=took_s,
    )


def _hit_rate(attempts: tuple[Attempt, ...], store: Store) -> Figure:
    sets = {(a.campaign_id, a.disposition_set) for a in attempts}
    calls = calls_of(attempts, {each: store.campaigns.dispositions(*each) for each in sets})
    day = MORNING.date()
    return share("hit_rate", calls, Period(first=day, last=day + timedelta(days=1), zone="America/New_York"))

"""How would a day go with these settings? The real engine on a simulated exchange and a manual clock.

Nothing here replaces a part of the engine: store, pacing, call flow and figures are those of a real day. Only
the clock is moved by hand, and the people are made up from a seed.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from campaigns.metrics import Figure, Period, calls_of, share
from campaigns.model import AgentState, Attempt, DialMode, Network
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from dialer.engine import Engine
from dialer.rehearsal.by_hand import (
    LONGEST_S,
    READS_S,
    TIMES_USUAL,
    HandDiallers,
    checked_reads_s,
    preview_limit_s,
)
from dialer.rehearsal.dry_list import DryList
from dialer.rehearsal.engine_day import EngineDay, Overheard, play
from dialer.rehearsal.figures import DayFigures, met_by, spent_until, worst_half_hour
from dialer.rehearsal.house import BY_WHOM, CAMPAIGN, FIRST_AGENT, MORNING, TRUNK, furnish, plain_settings
from dialer.rehearsal.office_people import MACHINE_S, OfficeAgents
from telephony.clock import ManualClock
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
MOST_AGENTS, MOST_LEADS, LONGEST_HOURS = 500, 30_000, 24
LEAST_LEADS = 500  # in a list as long as it takes
RING_OUT_S = 30.0  # a call nobody answers, dialling and the carrier's time too


@dataclass(frozen=True, kw_only=True)
class SimulationPlan:
    """A synthetic day. Raises ValueError for sizes that make no day. Lengths are in seconds.

    `leads`: none is as many as it takes. `preview_s`: how long agents who dial themselves look at a lead before.
    """

    agents: int = 20
    leads: int | None = None
    hours: float = 8.0
    seed: int = 1
    mode: DialMode = DialMode.PROGRESSIVE
    ratio: float = 1.0
    ring_s: float = 12.0
    talk_s: float = 150.0
    wrap_up_s: float = 20.0
    preview_s: float = READS_S
    lines_per_agent: int = 5
    shares: Shares = field(default_factory=Shares)

    def __post_init__(self) -> None:
        sizes = {"agents": (self.agents, MOST_AGENTS), "leads": (self.leads, MOST_LEADS)}
        for option, (size, most) in sizes.items():
            if size is not None and not 1 <= size <= most:
                raise ValueError(f"--{option} {size}: 1 to {most} {option}. Nothing was simulated.")
        if not 0 < self.hours <= LONGEST_HOURS:
            words = f"--hours {self.hours:g}: above 0, at most {LONGEST_HOURS} hours"
            raise ValueError(f"{words}. Nothing was simulated.")
        checked_reads_s(self.preview_s)
        lengths = {"ring": self.ring_s, "talk": self.talk_s, "wrap-up": self.wrap_up_s}
        for option, seconds in lengths.items():
            if not 0 < seconds <= LONGEST_S:
                words = f"--{option} {seconds:g}: above 0, at most {LONGEST_S} seconds"
                raise ValueError(f"{words}. Nothing was simulated.")

    @property
    def leads_in_list(self) -> int:
        """As many as agents could ask if none of them ever waited, and nobody were called twice."""
        if self.leads is not None:
            return self.leads
        tried = self.agents * self.hours * 3600 / self._agent_s_a_call
        return min(MOST_LEADS, max(LEAST_LEADS, math.ceil(tried)))

    @property
    def _agent_s_a_call(self) -> float:
        """An agent's time that one call takes on average; never less than his lines need to ring in vain."""
        person_s, machine_s = self.talk_s + self.wrap_up_s, MACHINE_S + self.wrap_up_s
        joined_s = self.shares.human * person_s + self.shares.machine * machine_s
        return max(joined_s, RING_OUT_S / self.lines_per_agent)


@dataclass(frozen=True, kw_only=True)
class SimulatedDay:
    """What came of it. Shares are 0..1 or none when there was nothing to divide by; times in seconds.

    Figures with a name of the glossary are those of the reports. `abandonment` is among `answered_by_person`, the
    calls that count for it; `talk_share` is `talk_s` of `at_work_s`, `occupancy` is `busy_s` of `busy_s + ready_s`.
    `skipped` are leads in preview mode. `list_dry_at` and `list_dry_s`: see DryList.
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
    skipped: int
    sales: int
    list_dry_at: str | None
    list_dry_s: float
    took_s: float


def simulate(plan: SimulationPlan, folder: Path) -> SimulatedDay:
    """Run the day in `folder` (its database stays there for reports). A day of 20 agents takes minutes."""
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
        by_hand, dry = _diallers(engine, clock, numbers, plan), DryList()
        dry.watch(engine, clock, CAMPAIGN)
        for index, number in enumerate(numbers):
            clock.call_later(5.0 + 600.0 * index / plan.agents, _log_in(engine, number))
        clock.advance(plan.hours * 3600)
        _end_of_day(engine, clock)
        attempts = tuple(with_store.attempts.attempts(campaign_id, MORNING.date(), MORNING.date() + timedelta(days=1)))
        day = _figures(plan, attempts, with_store, clock, dry)
        engine.close()
        return replace(day, skipped=by_hand.skipped, took_s=time.perf_counter() - began)
    finally:
        with_store.close()


def rehearse(day: EngineDay, folder: Path) -> tuple[DayFigures, DryList, float]:
    """Play a made-up world in `folder` with the real engine: its figures, its list, and the real seconds it took."""
    began = time.perf_counter()
    dry = DryList()
    figures = play(day, folder, dry=dry)
    return figures, dry, time.perf_counter() - began


def _log_in(engine: Engine, number: str) -> Callable[[], None]:
    def run() -> None:
        engine.agent_login(number)

    return run


def _started(store: Store, telephony: Overheard, clock: ManualClock, plan: SimulationPlan) -> Engine:
    ids = itertools.count(1)
    engine = Engine(store=store, telephony=telephony, clock=clock, new_id=lambda: f"{plan.seed}-{next(ids):012d}")
    telephony.hear = OfficeAgents(engine, telephony, clock, wrap_up_s=plan.wrap_up_s, seed=plan.seed).hear
    engine.start()
    clock.advance(1.0)
    engine.campaign_start(CAMPAIGN, "simulation")
    return engine


def _diallers(engine: Engine, clock: ManualClock, agents: Sequence[str], plan: SimulationPlan) -> HandDiallers:
    """They are at work in the modes in which agents dial themselves, and do nothing in the others."""
    diallers = HandDiallers(engine, clock, agents, mode=plan.mode, reads_s=plan.preview_s, seed=plan.seed)
    if plan.mode.by_hand:
        diallers.look()
    return diallers


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
        leads=plan.leads_in_list,
        seed=plan.seed,
        agents=[(str(FIRST_AGENT + n), f"Agent {n + 1}") for n in range(plan.agents)],
    )


def settings_of(plan: SimulationPlan) -> CampaignSettings:
    """The settings a synthetic day runs under: everything at its default but what the plan says.

    An agent's time limits only grow: a longer wrap-up or look at a lead that the plan asks for is not cut short.
    """
    return plain_settings(
        wrap_up_limit_s=max(CampaignSettings.wrap_up_limit_s, math.ceil(TIMES_USUAL * plan.wrap_up_s)),
        preview_limit_s=preview_limit_s(plan.preview_s),
        script=CAMPAIGN,
        mode=plan.mode,
        ratio=plan.ratio,
        max_calls=plan.agents * plan.lines_per_agent,
        max_lines_per_agent=float(plan.lines_per_agent),
        attempts_per_second=20.0,
    )


def _figures(
    plan: SimulationPlan, attempts: tuple[Attempt, ...], store: Store, clock: ManualClock, dry: DryList
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
        skipped=0,
        sales=sum(a.facts.disposition == "sale" for a in attempts),
        list_dry_at=dry.since,
        list_dry_s=dry.seconds,
        took_s=0.0,
    )


def _hit_rate(attempts: tuple[Attempt, ...], store: Store) -> Figure:
    sets = {(a.campaign_id, a.disposition_set) for a in attempts}
    calls = calls_of(attempts, {each: store.campaigns.dispositions(*each) for each in sets})
    day = MORNING.date()
    return share("hit_rate", calls, Period(first=day, last=day + timedelta(days=1), zone="America/New_York"))

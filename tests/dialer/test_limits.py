"""Are there ever more calls than the limits allow: per trunk, per campaign, per agent, at once and per second?

A witness at the exchange counts for himself, on days on which links fail, processes die and limits are lowered
while calls are live. LIMITS_SEED and LIMITS_EXAMPLES in the environment play other days, and more.
"""

from __future__ import annotations

import itertools
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play

from campaigns.model import AgentState
from campaigns.settings import CampaignSettings
from campaigns.storage.errors import StoreUnavailable
from dialer import launching
from dialer.pacing import Floor, Learned, Plan, decide
from dialer.refusal import Refused
from telephony.port import CustomerCall
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import BUSY, CAMPAIGN, RINGS_ON, TALKS, CallCentre, changed, lead_row

SEED = int(os.environ.get("LIMITS_SEED", "1"))
EXAMPLES = int(os.environ.get("LIMITS_EXAMPLES", "8"))
STEPS, AGENTS, LEADS = 30, 4, 40
OTHER, THIRD = "summer", "autumn"
TRUNK_LINES, TRUNK_RATE = 8, 3.0
MODES = ("manual", "preview", "progressive", "power", "predictive")
WORK = (AgentState.READY, AgentState.TALK, AgentState.HOLD, AgentState.WRAP_UP, AgentState.PREVIEW)
PEOPLE = (TALKS, RINGS_ON, BUSY, changed(TALKS, answer_after_s=1.0, talk_s=400.0), changed(TALKS, talk_s=5.0))


@dataclass
class Rate:
    """INVITEs seen on one way out since its rate was last set."""

    per_second: float
    seen_s: list[float] = field(default_factory=list)

    def one_more(self, now_s: float) -> str:
        """A complaint when there are too many within any second."""
        self.seen_s = [s for s in self.seen_s if now_s - s < 1.0 - 1e-9] + [now_s]
        most = math.ceil(self.per_second)
        return f"{len(self.seen_s)} INVITEs in a second, {most} allowed" if len(self.seen_s) > most else ""


class LineWitness:
    """Counts at the exchange; knows the limits from whoever set them and never asks the engine's launcher."""

    seen = 0  # INVITEs of all days

    def __init__(self, office: CallCentre, campaigns: dict[str, CampaignSettings], trunk_lines: int) -> None:
        self.office, self.campaigns, self.trunk_lines = office, campaigns, trunk_lines
        self.broken: list[str] = []
        self.rates = {name: Rate(s.attempts_per_second) for name, s in campaigns.items()}
        self.trunk_rate = Rate(TRUNK_RATE)
        self._place = office.world.place
        office.world.place = self._placing  # type: ignore[method-assign]

    def _placing(self, call: CustomerCall) -> None:
        LineWitness.seen += 1
        now_s = self.office.clock.monotonic()
        name = self._name(call.id)
        rules = self.campaigns[name]
        self._place(call)
        lines = list(self.office.world.lines)
        own = sum(self._name(line) == name for line in lines)
        self._must(len(lines) <= self.trunk_lines, f"{len(lines)} calls on a trunk of {self.trunk_lines}")
        self._must(own <= rules.max_calls, f"{own} calls of {name}, max_calls is {rules.max_calls}")
        most = math.floor(rules.max_lines_per_agent * self._at_work(name))
        self._must(own <= most, f"{own} calls of {name}, {most} for its agents at work")
        self._no_agent_used_twice([self._name(line) for line in lines])
        for what, rate in ((name, self.rates[name]), ("the trunk", self.trunk_rate)):
            words = rate.one_more(now_s)
            self._must(not words, f"{what}: {words}")

    def _no_agent_used_twice(self, calls: list[str]) -> None:
        """A call uses a part of an agent; no set of campaigns may use more of them than serve it."""
        at_work = {name: self._working(name) for name in self.campaigns}
        for count in range(1, len(self.campaigns) + 1):
            for some in itertools.combinations(self.campaigns, count):
                parts = sum(1 / self.campaigns[call].max_lines_per_agent for call in calls if call in some)
                serve = len(set[str]().union(*(at_work[name] for name in some)))
                self._must(parts <= serve + 1e-6, f"calls of {some} use {parts:.2f} agents, {serve} at work")

    def _name(self, call_id: str) -> str:
        attempt = self.office.store.attempts.get(call_id)
        assert attempt is not None
        return self.office.store.campaigns.get(attempt.campaign_id).name

    def _at_work(self, name: str) -> int:
        return len(self._working(name))

    def _working(self, name: str) -> set[str]:
        campaign = self.office.store.campaigns.by_name(name)
        assert campaign is not None
        serving = {a.number for a in self.office.store.campaigns.agents(campaign.id)}
        return {n for n, s in self.office.engine._live.seats.items() if n in serving and s.state in WORK}

    def _must(self, holds: bool, words: str) -> None:
        if not holds:
            self.broken.append(words)


class Limits(RuleBasedStateMachine):
    """Campaigns share a trunk and agents, one only some of them; whatever happens, no limit is ever passed."""

    @initialize(modes=st.tuples(*[st.sampled_from(MODES)] * 3), who=st.integers(0, len(PEOPLE) - 1))
    def morning(self, modes: tuple[str, str, str], who: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="limits-")
        self.office = CallCentre(
            Path(self._folder.name),
            leads=LEADS,
            agents=AGENTS,
            callees={f"+1212555{100 + n:04}": PEOPLE[(n + who) % len(PEOPLE)] for n in range(LEADS)},
            trunk={"max_calls": TRUNK_LINES, "attempts_per_second": TRUNK_RATE},
            durable=False,
            mode=modes[0],
            ratio=3.0,
            wrap_up_limit_s=5,
            preview_limit_s=5,
        )
        made = add_campaign(self.office, mode=modes[1], ratio=3.0)
        third = add_campaign(self.office, THIRD, self.office.agents[:2], mode=modes[2], ratio=3.0)
        rules = {CAMPAIGN: self.office.settings(mode=modes[0]), OTHER: made, THIRD: third}
        self.witness = LineWitness(self.office, rules, TRUNK_LINES)
        self.office.open_agents()
        for name in rules:
            self.office.engine.campaign_start(name, "test")

    def ask(self, command: Callable[..., str], *args: Any) -> None:
        with suppress(Refused, StoreUnavailable):
            command(*args)

    @rule(
        name=st.sampled_from([CAMPAIGN, OTHER, THIRD]),
        calls=st.integers(1, 9),
        per_second=st.sampled_from([0.5, 2.0, 20.0]),
        lines=st.sampled_from([1.0, 1.5, 3.0, 10.0]),
        mode=st.sampled_from(MODES),
    )
    def set_the_campaign(self, name: str, calls: int, per_second: float, lines: float, mode: str) -> None:
        made = change(
            self.office,
            name,
            max_calls=calls,
            attempts_per_second=per_second,
            max_lines_per_agent=lines,
            mode=mode,
            ratio=3.0,
        )
        if self.witness.campaigns[name].attempts_per_second != per_second:
            self.witness.rates[name] = Rate(per_second)
        self.witness.campaigns[name] = made

    @rule(agent=st.integers(1, AGENTS), what=st.sampled_from(["login", "logout", "pause", "ready"]))
    def agent_does(self, agent: int, what: str) -> None:
        extra = ("lunch",) if what == "pause" else ()
        self.ask(getattr(self.office.engine, f"agent_{what}"), str(1000 + agent), *extra)

    @rule(agent=st.integers(1, AGENTS), code=st.sampled_from(["sale", "machine"]))
    def dispose(self, agent: int, code: str) -> None:
        self.ask(self.office.engine.desk_dispose, str(1000 + agent), code)

    @rule(agent=st.integers(1, AGENTS))
    def dial_by_hand(self, agent: int) -> None:
        self.ask(self.office.engine.desk_dial, str(1000 + agent))

    @rule(agent=st.integers(1, AGENTS))
    def lose_a_phone(self, agent: int) -> None:
        self.office.world.phones[str(1000 + agent)] = Phone()
        self.office.world.hang_up_phone(str(1000 + agent))

    @rule(back_s=st.sampled_from([0.5, 5.0, 30.0]))
    def lose_the_link(self, back_s: float) -> None:
        self.office.telephony.cut_link()
        self.office.clock.advance(back_s)
        self.office.telephony.restore_link()

    @rule(away_s=st.sampled_from([0.5, 5.0]))
    def exchange_dies(self, away_s: float) -> None:
        self.office.telephony.crash(away_s)

    @rule(away_s=st.sampled_from([0.1, 5.0, 60.0]))
    def engine_dies(self, away_s: float) -> None:
        self.office.kill_engine()
        self.office.clock.advance(away_s)
        self.office.restart()

    @rule(seconds=st.sampled_from([0.03, 0.5, 2.0, 8.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.office.clock.advance(seconds)

    @invariant()
    @precondition(lambda self: hasattr(self, "witness"))
    def no_limit_is_passed(self) -> None:
        self.office.clock.advance(0.7)
        assert not self.witness.broken, self.witness.broken
        told = [a.words for a in self.office.engine._live.alarms]
        assert not [w for w in told if "nternal fault" in w or "fault of the dialer" in w], told

    def teardown(self) -> None:
        if hasattr(self, "office"):
            with suppress(AssertionError):
                self.office.close()
            self._folder.cleanup()


def test_no_limit_is_passed_at_any_instant_of_any_day() -> None:
    sys.stdout.write(f"LIMITS_SEED={SEED}\n")  # shown when it fails
    LineWitness.seen = 0
    play(
        seed(SEED)(Limits),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert LineWitness.seen > EXAMPLES, "days without calls prove nothing"


def add_campaign(
    office: CallCentre,
    name: str = OTHER,
    agents: Sequence[str] | None = None,
    lists: Sequence[str] | None = None,
    **wishes: Any,
) -> CampaignSettings:
    """Another campaign for the same people and trunk; with these agents and lists, or those of the first."""
    now = office.clock.now()
    made = replace(office.settings(**wishes), name=name)
    campaign = office.store.campaigns.create(made, "test", now)
    for each in office.store.campaigns.lists(office.campaign.id) if lists is None else office.store.leads.lists():
        if lists is None or each.name in lists:
            office.store.campaigns.attach_list(campaign.id, each.id, "test", now)
    for agent in office.store.campaigns.agents(office.campaign.id) if agents is None else office.store.agents.all():
        if agents is None or agent.number in agents:
            office.store.campaigns.attach_agent(campaign.id, agent.id, "test", now)
    office.engine.settings_changed(name)
    office.engine.agents_changed()
    return made


def dials(office: CallCentre) -> str:
    """He dials, nobody answers, and he is free again: the campaign whose lead it was."""
    office.engine.desk_dial("1001")
    (call,) = office.engine._live.calls.values()
    office.until(lambda: office.state_of() == "READY", limit_s=60.0)
    office.clock.advance(1.5)  # both rates let another one out
    return call.run.name


def second_trunk(office: CallCentre) -> str:
    first = office.store.trunks.all()[0]
    same = ("exchange", "host", "port", "caller_id", "practice", "rule_profile", "max_calls", "attempts_per_second")
    office.store.trunks.add(name="second", **{each: getattr(first, each) for each in same})
    office.world.trunks["second"] = True
    office.engine.trunks_changed()
    return "second"


@pytest.mark.parametrize("trunks", [1, 2])
def test_manual_campaigns_of_an_agent_take_turns_by_weight_and_a_later_one_from_then_on(
    centre: Furnish, trunks: int
) -> None:
    office = centre(leads=90, mode="manual", otherwise=BUSY)
    add_campaign(office, mode="manual", weight=3.0, **({"trunk": second_trunk(office)} if trunks == 2 else {}))
    office.open()
    assert {dials(office) for _ in range(20)} == {CAMPAIGN}
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(2.0)
    dialled = [dials(office) for _ in range(40)]
    assert dialled.count(OTHER) == pytest.approx(30, abs=1)
    assert set(dialled[:5]) == {CAMPAIGN, OTHER}


def test_a_line_stays_kept_while_his_other_campaign_has_lines_and_no_lead(centre: Furnish) -> None:
    only = "+12125550199"
    office = centre(leads=9, agents=2, mode="manual", callees={only: BUSY}, otherwise=RINGS_ON, trunk={"max_calls": 1})
    office.store.leads.import_batch("short", [lead_row(1, only)], "made up", "1", "test", office.clock.now())
    add_campaign(office, agents=("1002",), lists=("short",), mode="manual", trunk=second_trunk(office))
    office.open()
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(2.0)
    office.engine.desk_dial("1001")
    assert office.engine.desk_dial("1002") == f"Dialling {only}."
    office.until(lambda: office.state_of("1002") == "READY", limit_s=10.0)
    office.clock.advance(1.5)
    with pytest.raises(Refused, match=r"a line is kept for you .* no lead of your campaign may be dialled now"):
        office.engine.desk_dial("1002")
    kept = office.engine._live.seats["1002"].line_kept
    assert kept is not None
    assert kept.campaign_id == office.campaign.id
    office.until(lambda: office.state_of("1001") == "READY", limit_s=60.0)
    assert office.engine.desk_dial("1002").startswith("Dialling")
    assert office.engine._live.seats["1002"].line_kept is None


def change(office: CallCentre, name: str, **wishes: object) -> CampaignSettings:
    """What `campaign set` does."""
    campaign = office.store.campaigns.by_name(name)
    assert campaign is not None
    made = replace(office.settings(**wishes), name=name)
    office.store.campaigns.save_settings(campaign.id, made, "test", office.clock.now())
    office.engine.settings_changed(name)
    return made


def test_there_are_never_more_lines_than_the_agents_at_work_may_have(centre: Furnish) -> None:
    office = centre(leads=30, agents=2, otherwise=RINGS_ON, mode="power", ratio=5.0, max_lines_per_agent=1.5)
    office.open()
    office.clock.advance(5.0)
    assert len(office.world.lines) == 3
    assert "the lines per agent leaves 0" in office.engine.board()["campaigns"][0]["pace"]


def test_an_agent_on_pause_or_without_a_line_brings_no_lines(centre: Furnish) -> None:
    office = centre(leads=30, agents=3, otherwise=RINGS_ON, mode="power", ratio=5.0, max_lines_per_agent=2.0)
    office.open_agents()
    office.engine.agent_pause("1001", "lunch")
    office.engine.agent_logout("1002")
    office.engine.campaign_start(CAMPAIGN, "test")
    office.clock.advance(5.0)
    assert len(office.world.lines) == 2


@pytest.mark.parametrize("rate", [1.0, 2.5, 10.0, 30.0])
def test_no_second_sees_more_calls_than_the_rate(centre: Furnish, rate: float) -> None:
    trunk = {"attempts_per_second": 100.0, "max_calls": 400}
    office = centre(leads=200, agents=40, otherwise=RINGS_ON, trunk=trunk, attempts_per_second=rate, max_calls=400)
    placed_s: list[float] = []
    place = office.world.place

    def placing(call: CustomerCall) -> None:
        placed_s.append(office.clock.monotonic())
        place(call)

    office.world.place = placing  # type: ignore[method-assign]
    office.engine.campaign_start(CAMPAIGN, "test")
    office.clock.advance(20.0)
    office.open_agents()  # a bucket that was full, and everybody wants a call at once
    office.clock.advance(20.0)
    assert len(placed_s) >= min(40, math.floor(20 * rate))
    assert max(sum(at <= other < at + 1.0 - 1e-9 for other in placed_s) for at in placed_s) == math.ceil(rate)


def test_a_talk_is_one_of_an_agents_lines(centre: Furnish) -> None:
    office = centre(leads=30, agents=2, otherwise=changed(TALKS, talk_s=300.0), mode="power", ratio=2.0)
    change(office, CAMPAIGN, mode="power", ratio=2.0, max_lines_per_agent=1.0)
    office.open()
    office.until(lambda: office.talking() and office.talking("1002"))
    office.clock.advance(30.0)
    assert (len(office.world.lines), office.placed()) == (2, 2)


def test_two_campaigns_do_not_overbook_the_trunk_they_share(centre: Furnish) -> None:
    office = centre(leads=30, agents=6, otherwise=RINGS_ON, trunk={"max_calls": 4})
    add_campaign(office, mode="progressive")
    office.engine.campaign_start(OTHER, "test")
    office.open()
    most = 0
    for _ in range(100):
        office.clock.advance(0.1)
        most = max(most, len(office.world.lines))
    assert most == len(office.world.lines) == 4


def test_whatever_pacing_wants_no_limit_is_passed(centre: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    office = centre(leads=30, agents=3, otherwise=RINGS_ON, trunk={"max_calls": 4}, max_lines_per_agent=2.0)
    add_campaign(office, mode="progressive", max_lines_per_agent=2.0)

    def greedy(floor: Floor, learned: Learned) -> Plan:
        return Plan(paces=tuple(replace(p, launch=50, cancel=()) for p in decide(floor, learned).paces))

    monkeypatch.setattr(launching, "decide", greedy)
    office.open()
    office.engine.campaign_start(OTHER, "test")
    most = 0
    for _ in range(100):
        office.clock.advance(0.1)
        most = max(most, len(office.world.lines))
    assert most == len(office.world.lines) == 4


def test_a_limit_lowered_while_calls_are_live_holds_for_the_next_call(centre: Furnish) -> None:
    office = centre(leads=30, agents=6, otherwise=changed(TALKS, talk_s=20.0), wrap_up_limit_s=1)
    office.open()
    office.until(lambda: len(office.world.lines) == 6)
    change(office, CAMPAIGN, max_calls=2, wrap_up_limit_s=1)
    office.until(lambda: len(office.world.lines) <= 2)
    most = 0
    for _ in range(400):
        office.clock.advance(0.1)
        most = max(most, len(office.world.lines))
    assert most == 2

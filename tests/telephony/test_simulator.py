"""Does the simulated world behave like a day on the telephone, and fast enough to rehearse one?"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.callee import Callee
from telephony.clock import ManualClock
from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallScreened,
    CallsListed,
    CustomerCall,
    EndCause,
    Ender,
    Event,
    Joined,
    JoinFailed,
    KeyPressed,
    LinkDown,
    LinkUp,
    LoginRequested,
    Network,
    OriginateRefused,
    PhoneReachable,
    SafeHarbourStarted,
    TrunkDown,
    TrunkUp,
    Verdict,
)
from telephony.practice import PracticeKind, numbers
from telephony.simulator import Phone, Population, PracticeCallees, Screening, Shares, SimulatedTelephony
from telephony.simulator.door import NO_DETECTION
from telephony.simulator.exchange import Timing

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
TALKS = Callee(ring_after_s=1, answer_after_s=3, talk_s=60, patience_s=20)
SILENT = Callee()


class Floor:
    """A simulated exchange with one kind of callee behind every number, and what it told."""

    def __init__(self, callee: Callee = TALKS, *, phone: Phone | None = None) -> None:
        self.clock = ManualClock(START)
        self.told: list[Event] = []
        phones = {"1001": phone or Phone()}
        self.sim = SimulatedTelephony(self.clock, callees=lambda _number: callee, phones=phones)
        self.sim.start(self.told.append)
        self.clock.advance(0)

    def call(
        self, call_id: str = "a-1", *, ring_timeout_s: int = 20, safe_harbour_ms: int = 1800, detect: bool = False
    ) -> None:
        self.sim.originate(
            CustomerCall(
                id=call_id,
                number="+12025550143",
                trunk="carrier",
                caller_id="+12025550100",
                ring_timeout_s=ring_timeout_s,
                safe_harbour_ms=safe_harbour_ms,
                detect=detect,
            )
        )

    def joined(self) -> None:
        self.sim.ring_agent(AgentLeg(id="leg-1", agent="1001"))
        self.call()
        self.clock.advance(3.1)
        self.sim.join("a-1", "1001")
        self.clock.advance(0.1)
        assert self.kinds(Joined) == 1

    def kinds(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.told)

    def ends(self) -> list[EndCause]:
        return [event.cause for event in self.told if isinstance(event, CallEnded)]


def test_nothing_is_told_before_a_command_has_returned() -> None:
    floor = Floor()
    told = len(floor.told)
    floor.sim.hang_up("a-1")
    floor.call()
    floor.call()
    assert len(floor.told) == told
    floor.clock.advance(0)
    assert isinstance(floor.told[-1], OriginateRefused)


def test_a_joined_customer_talks_and_hangs_up() -> None:
    floor = Floor()
    floor.joined()
    floor.clock.advance(59)
    assert floor.ends() == []
    floor.clock.advance(2)
    assert floor.ends() == [EndCause(network=Network.ANSWERED, q850=0, ended_by=Ender.FAR_END)]


def test_a_customer_who_waits_too_long_hangs_up_himself() -> None:
    floor = Floor(Callee(answer_after_s=1, patience_s=1))
    floor.call()
    floor.clock.advance(3)
    assert [cause.ended_by for cause in floor.ends()] == [Ender.FAR_END]
    assert floor.kinds(SafeHarbourStarted) == 0


@pytest.mark.parametrize(
    ("callee", "network", "detail"),
    [
        (Callee(ring_after_s=1), Network.NO_ANSWER, ""),
        (Callee(progress_after_s=1), Network.NO_ANSWER, "EARLY_MEDIA"),
        (SILENT, Network.NO_PROGRESS, ""),
        (Callee(refuse_after_s=1, refuse_code=603), Network.REJECTED, ""),
        (Callee(refuse_after_s=1, refuse_code=403), Network.TECHNICAL, "ACCOUNT"),
        (Callee(refuse_after_s=1, refuse_code=600), Network.BUSY, "EVERYWHERE"),
        (Callee(ring_after_s=1, answer_after_s=25), Network.NO_ANSWER, ""),
    ],
)
def test_a_call_that_is_not_answered_says_why(callee: Callee, network: Network, detail: str) -> None:
    floor = Floor(callee)
    floor.call()
    floor.clock.advance(21)
    assert [(cause.network, cause.detail) for cause in floor.ends()] == [(network, detail)]


def test_a_line_that_dies_in_mid_call_is_answered_and_lost() -> None:
    floor = Floor(Callee(answer_after_s=3, vanishes_after_s=10))
    floor.joined()
    floor.clock.advance(60)
    assert [(cause.network, cause.detail) for cause in floor.ends()] == [(Network.ANSWERED, "MEDIA_LOST")]


def test_the_talk_limit_ends_a_call_that_never_would() -> None:
    floor = Floor(Callee(answer_after_s=3))
    floor.joined()
    floor.clock.advance(4 * 3600)
    assert [cause.ended_by for cause in floor.ends()] == [Ender.US]


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        (Phone(answers_after_s=None), "not answered"),
        (Phone(reachable=False), "not reachable"),
    ],
)
def test_a_phone_that_does_not_answer_ends_the_leg_with_the_reason(phone: Phone, reason: str) -> None:
    floor = Floor(phone=phone)
    floor.sim.ring_agent(AgentLeg(id="leg-1", agent="1001", ring_timeout_s=10))
    floor.clock.advance(11)
    (ended,) = [event for event in floor.told if isinstance(event, AgentLegEnded)]
    assert reason in ended.reason


def test_a_phone_that_drops_in_mid_call_leaves_a_customer_who_can_be_joined_again() -> None:
    floor = Floor(phone=Phone(drops_after_join_s=5))
    floor.joined()
    floor.clock.advance(6)
    assert (floor.kinds(AgentLost), floor.kinds(AgentLegEnded)) == (1, 1)
    floor.sim.ring_agent(AgentLeg(id="leg-2", agent="1001"))
    floor.clock.advance(1)
    floor.sim.join("a-1", "1001")
    floor.clock.advance(1)
    assert floor.kinds(Joined) == 2


def test_an_agent_has_one_line_only() -> None:
    floor = Floor()
    floor.sim.ring_agent(AgentLeg(id="leg-1", agent="1001"))
    floor.sim.ring_agent(AgentLeg(id="leg-2", agent="1001"))
    floor.clock.advance(2)
    assert [e.leg.id for e in floor.told if isinstance(e, AgentLegUp)] == ["leg-1"]
    assert [e.leg.id for e in floor.told if isinstance(e, AgentLegEnded)] == ["leg-2"]


def test_an_agent_may_log_in_by_phone_and_press_keys_only_on_his_line() -> None:
    floor = Floor()
    floor.sim.world.press("1001", "1")
    floor.sim.world.dial_login("1001", "4711")
    floor.sim.ring_agent(AgentLeg(id="leg-1", agent="1001"))
    floor.clock.advance(1)
    floor.sim.world.press("1001", "2")
    floor.clock.advance(0)
    assert [e.pin for e in floor.told if isinstance(e, LoginRequested)] == ["4711"]
    assert [e.digit for e in floor.told if isinstance(e, KeyPressed)] == ["2"]


def test_a_phone_that_goes_away_is_told() -> None:
    floor = Floor()
    floor.sim.world.set_reachable("1001", False)
    floor.sim.world.dial_login("1001", "4711")
    floor.clock.advance(0)
    assert [e.reachable for e in floor.told if isinstance(e, PhoneReachable)] == [True, False]
    assert floor.kinds(LoginRequested) == 0


def test_an_exchange_that_restarts_loses_every_call_and_says_when_it_started() -> None:
    floor = Floor()
    floor.joined()
    floor.call("a-2")
    floor.clock.advance(1)
    floor.sim.crash(down_s=2)
    floor.clock.advance(1)
    assert (floor.kinds(LinkDown), len(floor.ends())) == (1, 0)
    floor.clock.advance(2)
    boots = [event.started_at for event in floor.told if isinstance(event, LinkUp)]
    assert boots == [START, START + timedelta(seconds=4.2)]
    assert [(cause.network, cause.detail) for cause in floor.ends()] == [(Network.UNKNOWN, "EXCHANGE_RESTARTED")] * 2
    assert floor.kinds(AgentLegEnded) == 1
    floor.clock.advance(600)
    assert len(floor.ends()) == 2


def test_calls_of_a_dead_exchange_do_nothing_any_more() -> None:
    floor = Floor()
    floor.joined()
    floor.sim.crash()
    world_said: list[Event] = []
    floor.sim.world.tell = world_said.append
    floor.clock.advance(5 * 3600)
    assert world_said == []


def test_after_a_lost_link_what_was_missed_is_told_and_ended_calls_are_unknown() -> None:
    floor = Floor()
    floor.sim.ring_agent(AgentLeg(id="leg-1", agent="1001"))
    floor.call("a-1", safe_harbour_ms=60_000)
    floor.clock.advance(2)
    floor.sim.cut_link()
    floor.clock.advance(2)
    assert floor.kinds(CallAnswered) == 0
    floor.sim.restore_link()
    floor.clock.advance(0)
    assert floor.kinds(CallAnswered) == 1
    floor.sim.join("a-1", "1001")
    floor.sim.cut_link()
    floor.clock.advance(1)
    assert floor.kinds(JoinFailed) == 1
    floor.sim.restore_link()
    floor.clock.advance(0)
    assert floor.kinds(Joined) == 1, "the join had worked, which is told as soon as it is known"
    floor.sim.cut_link()
    floor.sim.world.hang_up("a-1")
    floor.sim.restore_link()
    floor.clock.advance(0)
    assert [(cause.network, cause.detail) for cause in floor.ends()] == [(Network.UNKNOWN, "LINK_LOST")]


@pytest.mark.parametrize(("hung_up_at_s", "network"), [(2.0, Network.CANCELLED), (2.8, Network.ANSWERED)])
def test_an_answer_may_cross_a_hang_up_that_is_on_its_way(hung_up_at_s: float, network: Network) -> None:
    floor = Floor()
    floor.sim.world.timing = Timing(hang_up_s=0.5)
    floor.call()
    floor.clock.advance(hung_up_at_s)
    floor.sim.hang_up("a-1")
    floor.clock.advance(0.4)
    assert floor.ends() == []
    floor.clock.advance(0.2)
    assert [(cause.network, cause.ended_by) for cause in floor.ends()] == [(network, Ender.US)]
    assert floor.kinds(CallAnswered) == (network is Network.ANSWERED)


def test_a_lost_link_tells_a_lost_agent_afterwards() -> None:
    floor = Floor()
    floor.joined()
    floor.sim.cut_link()
    floor.sim.world.hang_up_phone("1001")
    floor.sim.restore_link()
    floor.clock.advance(0)
    assert (floor.kinds(AgentLost), floor.kinds(AgentLegEnded)) == (1, 1)


def test_a_dialer_that_was_started_again_lists_and_adopts_what_runs() -> None:
    floor = Floor()
    floor.joined()
    floor.sim.close()
    told: list[Event] = []
    again = SimulatedTelephony(floor.clock, world=floor.sim.world)
    again.start(told.append)
    again.list_calls("", "recovery")
    floor.clock.advance(0)
    (listed,) = [event for event in told if isinstance(event, CallsListed)]
    assert {(c.id, c.agent, c.answered, c.joined_agent) for c in listed.calls} == {
        ("leg-1", "1001", True, ""),
        ("a-1", "", True, "1001"),
    }
    for call in listed.calls:
        again.adopt(call)
    floor.clock.advance(61)
    assert [event.call.id for event in told if isinstance(event, CallEnded)] == ["a-1"]
    again.drop_agent("leg-1")
    floor.clock.advance(0)
    assert sum(isinstance(event, AgentLegEnded) for event in told) == 1
    assert floor.kinds(CallEnded) == 0, "the former dialer is told nothing any more"


def test_a_stranger_that_is_not_adopted_is_not_told_of() -> None:
    floor = Floor()
    floor.joined()
    floor.sim.close()
    told: list[Event] = []
    again = SimulatedTelephony(floor.clock, world=floor.sim.world)
    again.start(told.append)
    again.drop_call("a-1")
    floor.clock.advance(1)
    assert not any(isinstance(event, CallEnded) for event in told)
    assert floor.sim.world.lines == {}


def test_a_call_that_ended_before_it_was_adopted_is_told_as_ended() -> None:
    floor = Floor()
    floor.joined()
    floor.sim.list_calls("a-", "recovery")
    floor.clock.advance(0)
    (call,) = next(event.calls for event in floor.told if isinstance(event, CallsListed))
    floor.sim.close()
    told: list[Event] = []
    again = SimulatedTelephony(floor.clock, world=floor.sim.world)
    again.start(told.append)
    again.drop_call("a-1")
    again.adopt(call)
    floor.clock.advance(0)
    assert [e.cause.network for e in told if isinstance(e, CallEnded)] == [Network.UNKNOWN]


def test_three_calls_into_silence_suspend_the_trunk() -> None:
    floor = Floor(SILENT)
    for number in range(3):
        floor.call(f"a-{number}", ring_timeout_s=10)
        floor.clock.advance(11)
    assert floor.kinds(TrunkDown) == 1
    floor.call("a-9")
    floor.clock.advance(0)
    assert floor.ends()[-1].network is Network.NOT_ATTEMPTED
    floor.clock.advance(60)
    assert floor.kinds(TrunkUp) == 2


def test_the_same_seed_gives_the_same_people() -> None:
    numbers = [f"+1202555{n:04}" for n in range(300)]
    first, again, other = ([people(n) for n in numbers] for people in (Population(7), Population(7), Population(8)))
    assert first == again
    assert sum(a == b for a, b in zip(first, other, strict=True)) < 30


def test_the_population_keeps_its_shares_and_a_bad_number_stays_bad() -> None:
    people = Population(1, shares=Shares(human=0.3, machine=0.2, invalid=0.1))
    callees = {n: people(n) for n in (f"+1202{n:07}" for n in range(4000))}
    humans = sum(c.answer_after_s is not None and c.kind == "human" for c in callees.values()) / 4000
    bad = [n for n, c in callees.items() if c.refuse_code == 404 and c.refuse_after_s is not None]
    assert 0.27 < humans < 0.33
    assert 0.08 < len(bad) / 4000 < 0.12
    assert all(people(n).refuse_code == 404 for n in bad)


@pytest.mark.parametrize("wrong", [{"human": 0.9, "machine": 0.9}, {"busy": -0.1}])
def test_shares_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Shares"):
        Shares(**wrong)


def test_an_eight_hour_day_is_played_to_its_end() -> None:
    day = _Day(Population(3), agents=20, leads=5000)
    day.run(hours=8)
    assert day.ended == day.placed - day.live
    assert day.placed > 5000
    assert day.networks[Network.ANSWERED] > 1000


class _Day:
    """The simplest dialer there is: every free agent causes a call, whoever answers gets the first free agent."""

    def __init__(self, people: Population, *, agents: int, leads: int) -> None:
        self.clock = ManualClock(START)
        self.sim = SimulatedTelephony(self.clock, callees=people)
        self.free = [f"{1001 + n}" for n in range(agents)]
        self.with_agent: dict[str, str] = {}
        self.numbers = [f"+1202{n:07}" for n in range(leads)] * 2
        self.placed = self.ended = self.live = 0
        self.networks: Counter[Network] = Counter()
        self.sim.start(self.hear)
        for agent in self.free:
            self.sim.ring_agent(AgentLeg(id=f"leg-{agent}", agent=agent))

    def run(self, hours: int) -> None:
        self.clock.call_later(2, self.tick)
        self.clock.advance(hours * 3600)

    def tick(self) -> None:
        while self.numbers and self.live < 2 * len(self.free):
            self.placed += 1
            self.live += 1
            call = CustomerCall(
                id=f"a-{self.placed}",
                number=self.numbers.pop(),
                trunk="carrier",
                caller_id="+12025550100",
                ring_timeout_s=25,
            )
            self.sim.originate(call)
        self.clock.call_later(0.5, self.tick)

    def hear(self, event: Event) -> None:
        if isinstance(event, CallAnswered) and self.free:
            agent = self.free.pop()
            self.with_agent[event.call.id] = agent
            self.sim.join(event.call.id, agent)
        elif isinstance(event, CallEnded):
            self.ended += 1
            self.live -= 1
            self.networks[event.cause.network] += 1
            agent = self.with_agent.pop(event.call.id, "")
            if agent:
                self.free.append(agent)


@pytest.mark.parametrize("kind", PracticeKind)
def test_every_practice_number_ends_as_the_practice_table_says(kind: PracticeKind) -> None:
    clock, told = ManualClock(START), list[Event]()
    sim = SimulatedTelephony(clock)
    sim.start(told.append)
    clock.advance(0)
    placed = 0
    for number in itertools.islice(numbers(kind), 0, None, 97):
        placed += 1
        call = CustomerCall(
            id=f"a-{placed}",
            number=number,
            trunk="carrier",
            caller_id="+12025550100",
            ring_timeout_s=20,
            safe_harbour_ms=60_000,  # the message would end a call before its lost media is noticed
        )
        sim.originate(call)
    clock.advance(120)
    causes = [event.cause for event in told if isinstance(event, CallEnded)]
    assert placed > 3
    assert [(c.network.value, c.detail) for c in causes] == [(kind.network, kind.detail)] * placed


def test_a_number_that_is_not_for_practice_does_not_exist() -> None:
    callee = PracticeCallees()("+12024561111")
    assert callee.refuse_code == 404


def screened_floor(callee: Callee) -> Floor:
    floor = Floor(callee)
    floor.call(detect=True)
    floor.clock.advance(60)
    return floor


def seconds_told(floor: Floor, *kinds: type[Event]) -> list[float]:
    began_s = next(e.mono_s for e in floor.told if isinstance(e, CallAnswered))
    return [round(e.mono_s - began_s, 3) for e in floor.told if isinstance(e, kinds)]


def test_a_verdict_comes_when_the_callee_says_and_the_message_so_long_after_it() -> None:
    floor = screened_floor(Callee(answer_after_s=3, screened_after_s=2.5))
    assert seconds_told(floor, CallAnswered, CallScreened, SafeHarbourStarted) == [0, 2.5, 4.3]


def test_a_machine_ends_at_the_instant_of_its_verdict() -> None:
    floor = screened_floor(Callee(answer_after_s=3, kind="machine", screened_after_s=2.6, talk_s=30))
    assert seconds_told(floor, CallScreened, CallEnded) == [2.6, 2.6]
    assert [(cause.network, cause.ended_by) for cause in floor.ends()] == [(Network.ANSWERED, Ender.US)]


@pytest.mark.parametrize(
    ("kind", "heard_as", "person"),
    [
        ("human", None, True),
        ("machine", None, False),
        ("fax", None, False),
        ("machine", Verdict.HUMAN, True),
        ("human", Verdict.MACHINE, False),
        ("human", Verdict.UNKNOWN, True),
    ],
)
def test_a_callee_is_taken_for_what_he_is_heard_as(kind: str, heard_as: Verdict | None, person: bool) -> None:
    floor = screened_floor(Callee(answer_after_s=3, kind=kind, heard_as=heard_as))
    assert [event.person for event in floor.told if isinstance(event, CallScreened)] == [person]


def test_detection_draws_its_own_dice_and_errs_as_often_as_it_is_told() -> None:
    told = Screening()
    drawn = [Population(7, screening=told)(f"+1212555{n:04}") for n in range(6000)]
    plain = [Population(7, screening=Screening(person_s=9, machine_s=9))(f"+1212555{n:04}") for n in range(6000)]
    assert [replace(c, screened_after_s=0, heard_as=None) for c in drawn] == [
        replace(c, screened_after_s=0, heard_as=None) for c in plain
    ]
    persons = [c for c in drawn if c.answer_after_s is not None and c.kind == "human"]
    machines = [c for c in drawn if c.kind == "machine"]
    assert abs(statistics.mean(c.screened_after_s for c in persons) - 1.8) < 0.1
    assert abs(statistics.stdev(c.screened_after_s for c in machines) / 2.6 - 0.3) < 0.05
    assert 0.03 < sum(c.verdict.person for c in machines) / len(machines) < 0.07
    assert 0.004 < sum(not c.verdict.person for c in persons) / len(persons) < 0.018
    assert drawn == [Population(7, screening=told)(f"+1212555{n:04}") for n in range(6000)]


def test_an_exchange_without_detection_says_so_and_refuses_a_call_that_asks_for_it() -> None:
    clock, told = ManualClock(START), list[Event]()
    sim = SimulatedTelephony(clock, callees=lambda _number: TALKS, detects=False)
    sim.start(told.append)
    call = CustomerCall(
        id="a-1", number="+12025550143", trunk="carrier", caller_id="+12025550100", ring_timeout_s=20, detect=True
    )
    sim.originate(call)
    clock.advance(30)
    assert [event.detects for event in told if isinstance(event, LinkUp)] == [False]
    assert [event.reason for event in told if isinstance(event, OriginateRefused)] == [NO_DETECTION]
    assert sim.world.placed == []


def test_a_call_adopted_while_it_is_listened_to_is_told_its_verdict() -> None:
    floor = Floor(Callee(answer_after_s=3, screened_after_s=2))
    floor.call(detect=True)
    floor.clock.advance(4)
    listed = floor.sim.world.listed("a-")
    assert [(row.answered, row.screening) for row in listed] == [(True, True)]
    heir_told = list[Event]()
    heir = SimulatedTelephony(floor.clock, world=floor.sim.world)
    heir.start(heir_told.append)
    heir.adopt(listed[0])
    heir.join("a-1", "1001")
    floor.clock.advance(0.5)
    heir.cut_link()
    floor.clock.advance(1)
    heir.restore_link()
    floor.clock.advance(0)
    assert [type(e) for e in heir_told if isinstance(e, CallEvent)] == [JoinFailed, CallScreened]

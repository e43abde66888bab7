"""Does pacing start as many calls as the mode allows, never more, and say why?"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, DialMode
from dialer.held_by import HeldBy
from dialer.pacing import (
    AgentSeat,
    CallInFlight,
    CallMissed,
    CallOffered,
    CampaignFloor,
    Floor,
    Learned,
    Pace,
    decide,
    observe,
)


def seat(number: int, state: AgentState = AgentState.READY, *, serves: tuple[int, ...] = (1,)) -> AgentSeat:
    return AgentSeat(agent=f"{number:04}", state=state, since_s=-5.0, campaigns=frozenset(serves))


def campaign(**changes: object) -> CampaignFloor:
    plain = CampaignFloor(
        campaign_id=1,
        mode=DialMode.PROGRESSIVE,
        ratio=1.0,
        abandon_cap=0.03,
        today=AbandonmentCount(),
        thirty_days=AbandonmentCount(),
        may_start=100,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def in_flight(count: int) -> tuple[CallInFlight, ...]:
    return tuple(CallInFlight(call_id=f"c{n}", placed_s=-3.0) for n in range(count))


def pace(floor: CampaignFloor, *agents: AgentSeat) -> Pace:
    found = decide(Floor(campaigns=(floor,), agents=agents), Learned()).for_campaign(floor.campaign_id)
    assert found is not None
    return found


def test_progressive_starts_one_call_per_ready_agent_less_those_in_flight() -> None:
    decided = pace(campaign(in_flight=in_flight(1)), seat(1), seat(2), seat(3))
    assert decided.launch == 2
    assert decided.reason == "launch 2: 3 ready x 1.0, 1 in flight"


def test_an_agent_in_talk_wrap_up_or_pause_and_a_reserved_one_attract_no_call() -> None:
    busy = (seat(1, AgentState.TALK), seat(2, AgentState.WRAP_UP), seat(3, AgentState.PAUSE))
    assert pace(campaign(), *busy, replace(seat(4), reserved=True)).launch == 0


def test_ratio_mode_starts_ratio_calls_per_ready_agent() -> None:
    assert pace(campaign(mode=DialMode.POWER, ratio=1.5), seat(1), seat(2)).launch == 3


def test_ratio_falls_to_progressive_when_today_reaches_the_cap_and_says_so() -> None:
    floor = campaign(mode=DialMode.POWER, ratio=3.0, today=AbandonmentCount(abandoned=3, joined_human=97))
    decided = pace(floor, seat(1))
    assert decided.launch == 1
    assert "ratio 3.0 is off: 3 of 100 abandoned today" in decided.reason


def test_ratio_falls_to_progressive_when_thirty_days_reach_the_cap() -> None:
    floor = campaign(mode=DialMode.POWER, ratio=3.0, thirty_days=AbandonmentCount(abandoned=30, joined_human=970))
    assert pace(floor, seat(1)).launch == 1


def test_ratio_is_eased_before_the_budget_is_spent_and_says_so() -> None:
    floor = campaign(mode=DialMode.POWER, ratio=3.0, today=AbandonmentCount(abandoned=2, joined_human=98))
    decided = pace(floor, *(seat(n) for n in range(30)), *(seat(n, AgentState.TALK) for n in range(30, 60)))
    assert "30 ready x 2.3, 0 in flight" in decided.reason
    assert "ratio 3.0 is eased: 2 of 100 abandoned today" in decided.reason


def test_a_ratio_never_dials_for_more_people_than_agents_and_budget_can_bear() -> None:
    floor = campaign(mode=DialMode.POWER, ratio=5.0, today=AbandonmentCount(abandoned=2, joined_human=98))
    decided = pace(floor, seat(1), seat(2), seat(3))
    assert decided.launch == 4, "were all to answer, one would be lost, and one may be"
    assert "no more because those in flight might lose more than 1" in decided.reason
    ringing = pace(replace(floor, in_flight=in_flight(4)), seat(1), seat(2), seat(3))
    assert (ringing.launch, ringing.held_by) == (0, HeldBy.BUDGET)


def test_a_ratio_counts_calls_in_flight_by_chance_once_the_budget_can_bear_some() -> None:
    few, many = (AbandonmentCount(abandoned=1, joined_human=answered) for answered in (299, 599))
    some = campaign(mode=DialMode.POWER, ratio=5.0, today=few, thirty_days=few)
    seats = [seat(n) for n in range(20)]
    launches = pace(some, *seats).launch
    assert 20 + some.kept_budget.more < launches < 100
    assert pace(replace(some, today=many, thirty_days=many), *seats).launch > launches
    assert pace(some, *seats, seat(20)).launch > launches


def test_ratio_is_whole_while_nobody_was_lost() -> None:
    floor = campaign(mode=DialMode.POWER, ratio=3.0, today=AbandonmentCount(abandoned=0, joined_human=98))
    assert pace(floor, seat(1)).launch == 3


def test_manual_mode_never_starts_a_call_by_itself() -> None:
    assert pace(campaign(mode=DialMode.MANUAL), seat(1)).launch == 0


def test_a_hold_starts_nothing_and_is_the_reason() -> None:
    decided = pace(campaign(hold="trunk carrier is down"), seat(1))
    assert (decided.launch, decided.reason) == (0, "launch 0: trunk carrier is down")


def test_a_limit_is_named_when_it_leaves_less_than_wanted() -> None:
    decided = pace(campaign(may_start=1, limited_by="the trunk's lines"), seat(1), seat(2))
    assert decided.launch == 1
    assert "2 wanted but the trunk's lines leaves 1" in decided.reason


def test_an_agent_of_two_campaigns_attracts_a_call_from_one_of_them_only() -> None:
    floor = Floor(campaigns=(campaign(), campaign(campaign_id=2)), agents=(seat(1, serves=(1, 2)),))
    assert sum(p.launch for p in decide(floor, Learned()).paces) == 1


def test_shared_agents_go_to_the_campaign_that_has_fewest() -> None:
    agents = (seat(1), seat(2, serves=(1, 2)), seat(3, serves=(1, 2)))
    plan = decide(Floor(campaigns=(campaign(), campaign(campaign_id=2)), agents=agents), Learned())
    assert [p.launch for p in plan.paces] == [2, 1]


def test_shared_agents_are_not_lent_to_a_campaign_on_hold() -> None:
    floor = Floor(campaigns=(campaign(hold="x"), campaign(campaign_id=2)), agents=(seat(1, serves=(1, 2)),))
    assert [p.launch for p in decide(floor, Learned()).paces] == [0, 1]


def test_what_is_learned_is_a_new_value_and_shows_in_the_sentence() -> None:
    nothing = Learned()
    learned = nothing
    for second in range(40):
        learned = observe(learned, CallOffered(campaign_id=1, placed_s=second - 7, at_s=second, ring_s=5.0))
        learned = observe(learned, CallMissed(campaign_id=1, placed_s=second - 22, at_s=second, ring_s=20.0))
    assert nothing == Learned()
    plan = decide(Floor(campaigns=(campaign(),), agents=(seat(1),)), learned)
    assert "48% answer" in plan.paces[0].reason  # 42 of 88: ten calls' worth of doubt at the start


floors = st.builds(
    campaign,
    mode=st.sampled_from(DialMode),
    ratio=st.floats(1.0, 5.0),
    may_start=st.integers(0, 50),
    in_flight=st.integers(0, 20).map(in_flight),
    today=st.builds(AbandonmentCount, abandoned=st.integers(0, 10), joined_human=st.integers(0, 200)),
)


@given(floors, st.integers(0, 30))
def test_never_more_than_the_limits_leave_and_never_fewer_for_one_more_ready_agent(
    floor: CampaignFloor, ready: int
) -> None:
    fewer = pace(floor, *(seat(n) for n in range(ready))).launch
    more = pace(floor, *(seat(n) for n in range(ready + 1))).launch
    assert 0 <= fewer <= more <= floor.may_start


@given(floors, st.integers(0, 30), st.integers(0, 9))
def test_fewer_abandoned_calls_never_mean_fewer_calls(floor: CampaignFloor, ready: int, abandoned: int) -> None:
    agents = [seat(n) for n in range(ready)]
    better = replace(floor, today=AbandonmentCount(abandoned=abandoned, joined_human=200))
    worse = replace(floor, today=AbandonmentCount(abandoned=abandoned + 1, joined_human=200))
    assert pace(better, *agents).launch >= pace(worse, *agents).launch


def test_a_plan_held_back_by_what_rings_already_says_so() -> None:
    ringing = tuple(CallInFlight(call_id=f"r{n}", placed_s=0.0, ringing_s=1.0) for n in range(30))
    tight = campaign(
        mode=DialMode.PREDICTIVE,
        in_flight=ringing,
        today=AbandonmentCount(abandoned=58, joined_human=1942),
        thirty_days=AbandonmentCount(abandoned=58, joined_human=1942),
    )
    plan = pace(tight, *(seat(n) for n in range(20)))
    assert plan.reason.endswith("budget 2, no more because those in flight might lose more than 2")

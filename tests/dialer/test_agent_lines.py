"""Does no agent ever have more calls than his lines bear, whatever campaigns he serves, and does each get its share?"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, DialMode
from dialer.agent_lines import AgentLines, share_out_agent_lines
from dialer.floor import AgentSeat, CampaignFloor, Floor, Pace
from dialer.held_by import HeldBy
from dialer.refusal import Refused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import RINGS_ON, CallCentre
from tests.dialer.test_limits import OTHER, add_campaign

BOTH = frozenset({1, 2})


def room(agents: Mapping[frozenset[int], int], per_agent: Mapping[int, float], of: int = 1, **calls: int) -> int:
    """How many calls more this campaign may have."""
    have = {each: calls.get(f"c{each}", 0) for each in per_agent}
    return AgentLines(agents=agents, per_agent=per_agent, calls=have).take(of, 100)


def floor_of(campaign_id: int, **changes: object) -> CampaignFloor:
    plain = CampaignFloor(
        campaign_id=campaign_id,
        mode=DialMode.POWER,
        ratio=2.0,
        abandon_cap=0.03,
        today=AbandonmentCount(),
        thirty_days=AbandonmentCount(),
        may_start=100,
        lines_per_agent=2.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def ready(number: int, *serves: int) -> AgentSeat:
    return AgentSeat(agent=f"{number:04}", state=AgentState.READY, since_s=-5.0, campaigns=frozenset(serves))


def wants(launches: Mapping[int, int]) -> list[Pace]:
    return [Pace(campaign_id=c, launch=n, reason=f"launch {n}: as asked") for c, n in launches.items()]


def shared_out(floor: Floor, launches: Mapping[int, int]) -> dict[int, int]:
    return {pace.campaign_id: pace.launch for pace in share_out_agent_lines(floor, wants(launches))}


# --- room --------------------------------------------------------------------------------------------------


def test_calls_of_two_campaigns_with_the_same_agents_share_their_lines() -> None:
    four = {BOTH: 4}
    assert room(four, {1: 2.0, 2: 2.0}) == 8
    assert room(four, {1: 2.0, 2: 2.0}, c1=1, c2=5) == 2
    assert room(four, {1: 2.0, 2: 2.0}, c1=3, c2=5) == 0


def test_a_call_of_a_campaign_with_few_lines_per_agent_uses_more_of_an_agent() -> None:
    assert room({BOTH: 4}, {1: 5.0, 2: 1.0}, c2=3) == 5
    assert room({BOTH: 4}, {1: 5.0, 2: 1.0}, of=2, c1=5) == 3
    assert room({BOTH: 4}, {1: 5.0, 2: 1.0}, of=2, c1=6) == 2


def test_calls_rely_on_agents_who_do_not_serve_the_other_campaign_when_there_are_such() -> None:
    agents = {frozenset({2}): 2, BOTH: 2}
    assert room(agents, {1: 2.0, 2: 2.0}, c2=4) == 4
    assert room(agents, {1: 2.0, 2: 2.0}, c2=6) == 2


def test_calls_move_to_other_agents_to_make_room_and_nobody_is_counted_twice() -> None:
    chain = {frozenset({1, 2}): 1, frozenset({1, 3}): 1, frozenset({3}): 1}
    assert room(chain, {1: 1.0, 2: 1.0, 3: 1.0}, of=2, c1=1, c3=2) == 0
    assert room(chain, {1: 1.0, 2: 1.0, 3: 1.0}, of=2, c1=1, c3=1) == 1


def test_calls_whose_agents_have_left_leave_no_room_and_take_none_from_others() -> None:
    assert room({BOTH: 1}, {1: 2.0, 2: 2.0}, c2=7) == 0
    assert room({}, {1: 2.0}) == 0
    assert room({frozenset({1}): 1}, {1: 2.0, 2: 2.0}, c2=7) == 2


serving = st.frozensets(st.integers(1, 4), min_size=1)
per_agent = st.sampled_from([1.0, 1.5, 2.0, 3.0, 7.3])
CHAIN = {frozenset({1, 2}): 1, frozenset({1, 3}): 1, frozenset({3}): 1}


@given(
    st.dictionaries(serving, st.integers(0, 4), max_size=6),
    st.tuples(per_agent, per_agent, per_agent, per_agent),
    st.lists(st.integers(1, 4), min_size=10, max_size=80),
)
@example(CHAIN, (1.0, 1.0, 1.0, 1.0), [1, 3, 3, 2])
@settings(max_examples=300)
def test_a_call_finds_room_exactly_when_no_set_of_campaigns_would_use_more_agents_than_serve_it(
    agents: dict[frozenset[int], int], each: tuple[float, ...], asked: list[int]
) -> None:
    """Hall's condition, counted over every set of campaigns."""
    per = dict(enumerate(each, start=1))
    calls = dict.fromkeys(per, 0)
    sets = [frozenset(some) for n in (1, 2, 3, 4) for some in itertools.combinations(per, n)]
    for campaign in asked:
        more = calls | {campaign: calls[campaign] + 1}
        fits = all(
            sum(more[c] / per[c] for c in some) <= sum(n for serves, n in agents.items() if serves & some) + 1e-6
            for some in sets
        )
        assert AgentLines(agents=agents, per_agent=per, calls=calls).take(campaign) == fits
        calls = more if fits else calls


# --- by weight -------------------------------------------------------------------------------------------


def test_a_lone_campaign_gets_what_it_wants() -> None:
    floor = Floor(campaigns=(floor_of(1),), agents=(ready(1, 1),))
    assert shared_out(floor, {1: 9}) == {1: 9}, "its own limit is in may_start already"


def test_free_lines_are_dealt_by_weight_and_none_stays_unused() -> None:
    agents = tuple(ready(n, 1, 2) for n in range(8))
    rivals = (floor_of(1), floor_of(2, weight=3.0))
    assert shared_out(Floor(campaigns=rivals, agents=agents), {1: 50, 2: 50}) == {1: 4, 2: 12}
    assert shared_out(Floor(campaigns=rivals, agents=agents), {1: 50, 2: 5}) == {1: 11, 2: 5}


def test_what_is_dealt_by_weight_is_agents_and_not_calls() -> None:
    agents = tuple(ready(n, 1, 2) for n in range(4))
    rivals = (floor_of(1, lines_per_agent=1.0), floor_of(2, lines_per_agent=5.0))
    assert shared_out(Floor(campaigns=rivals, agents=agents), {1: 50, 2: 50}) == {1: 2, 2: 10}


def test_a_line_that_gets_free_is_kept_for_the_campaign_that_has_fewest() -> None:
    agents = tuple(ready(n, 1, 2) for n in range(4))
    full = floor_of(2, lines_per_agent=5.0, live=19)
    starved = floor_of(1, lines_per_agent=1.0)
    assert shared_out(Floor(campaigns=(starved, full), agents=agents), {1: 4, 2: 9}) == {1: 0, 2: 0}
    emptier = replace(full, live=15)
    assert shared_out(Floor(campaigns=(starved, emptier), agents=agents), {1: 4, 2: 9}) == {1: 1, 2: 0}


def test_lines_of_calls_that_agents_are_about_to_dial_themselves_are_kept() -> None:
    agents = tuple(ready(n, 1, 2) for n in range(4))
    by_hand = floor_of(1, mode=DialMode.PREVIEW, by_hand_next=3)
    floor = Floor(campaigns=(by_hand, floor_of(2)), agents=agents)
    assert shared_out(floor, {2: 50}) == {2: 5}


def test_a_cut_says_so_and_has_a_cause_of_its_own() -> None:
    floor = Floor(campaigns=(floor_of(1), floor_of(2, live=7)), agents=tuple(ready(n, 1, 2) for n in range(4)))
    (pace,) = share_out_agent_lines(floor, wants({1: 6}))
    assert (pace.launch, pace.held_by) == (1, HeldBy.AGENT_LINES_SHARE)
    assert pace.reason.startswith("launch 1: as asked, 6 wanted but by weight its agents' lines are those of")
    assert HeldBy.AGENT_LINES_SHARE.meaning
    assert HeldBy.AGENT_LINES_SHARE.comes_and_goes


@settings(max_examples=40)
@given(
    st.lists(st.tuples(per_agent, st.sampled_from([1.0, 2.0])), min_size=2, max_size=4),
    st.lists(st.frozensets(st.integers(1, 4), min_size=1), min_size=1, max_size=6),
    st.integers(0, 999),
)
def test_no_campaign_starves_that_has_an_agent(
    rivals: list[tuple[float, float]], serves: list[frozenset[int]], seed: int
) -> None:
    """Everyone always wants more; calls last 5 to 30 looks. Whoever has an agent gets calls, again and again."""
    drawn, live = Random(seed), Counter[int]()
    ends: list[tuple[int, int]] = []
    agents = tuple(ready(n, *each) for n, each in enumerate(serves))
    last: dict[int, int] = {}
    lately = Counter[int]()
    for look in range(400):
        for at, campaign in [each for each in ends if each[0] == look]:
            ends.remove((at, campaign))
            live[campaign] -= 1
        floor = Floor(
            campaigns=tuple(
                floor_of(n, lines_per_agent=per, weight=weight, live=live[n], started_lately=float(lately[n]))
                for n, (per, weight) in enumerate(rivals, start=1)
            ),
            agents=agents,
        )
        for campaign, launch in shared_out(floor, {c.campaign_id: 20 for c in floor.campaigns}).items():
            last |= {campaign: look} if launch else {}
            live[campaign] += launch
            lately[campaign] += launch
            ends += [(look + drawn.randint(5, 30), campaign) for _ in range(launch)]
    served = {each for one in serves for each in one if each <= len(rivals)}
    assert set(last) == served
    assert all(look > 200 for look in last.values()), f"starved: {last}"


# --- with the real engine --------------------------------------------------------------------------------


def power(office: CallCentre, **wishes: Any) -> None:
    """Another power campaign with the same agents runs beside the first, and all are ready."""
    add_campaign(office, mode="power", ratio=5.0, **wishes)
    office.engine.campaign_start(OTHER, "test")
    office.open()


def manual_beside_power(centre: Furnish) -> CallCentre:
    """Two agents who dial by hand, or would: a power campaign uses both of their lines."""
    office = centre(leads=60, agents=2, otherwise=RINGS_ON, mode="manual", max_lines_per_agent=1.0)
    power(office, max_lines_per_agent=1.0)
    office.until(lambda: len(office.world.lines) == 2)
    return office


def own(office: CallCentre) -> tuple[int, int]:
    """Calls of the first campaign that the exchange saw, and of the other."""
    seen = [office.store.attempts.get(call.id) for call in office.world.placed]
    first = sum(attempt is not None and attempt.campaign_id == office.campaign.id for attempt in seen)
    return first, len(seen) - first


def test_agents_of_two_campaigns_have_no_more_lines_than_agents_of_one(centre: Furnish) -> None:
    office = centre(leads=60, agents=4, otherwise=RINGS_ON, mode="power", ratio=5.0, max_lines_per_agent=1.5)
    power(office, max_lines_per_agent=1.5)
    most = 0
    for _ in range(400):
        office.clock.advance(0.1)
        most = max(most, len(office.world.lines))
    assert most == 6
    told = [row["pace"] for row in office.engine.board()["campaigns"]]
    assert any("by weight its agents' lines" in words for words in told), told


def test_a_campaign_with_fewer_lines_per_agent_is_not_shut_out(centre: Furnish) -> None:
    office = centre(leads=90, agents=4, otherwise=RINGS_ON, mode="power", ratio=5.0, max_lines_per_agent=1.0)
    power(office, max_lines_per_agent=5.0)
    office.clock.advance(120.0)
    few, many = own(office)
    assert few >= 6, "at least two of four agents, one call each, three times over"
    assert many > few


def test_who_dials_by_hand_gets_the_next_line_that_is_free(centre: Furnish) -> None:
    office = manual_beside_power(centre)
    with pytest.raises(Refused, match=r"other calls use all lines of its agents; a line is kept for you"):
        office.engine.desk_dial("1001")
    office.until(lambda: len(office.world.lines) < 2, limit_s=40.0)
    office.clock.advance(1.5)
    assert len(office.world.lines) < 2, "a line that got free is kept"
    assert office.engine.desk_dial("1001").startswith("Dialling")


def test_a_line_is_kept_for_a_while_and_not_for_ever(centre: Furnish) -> None:
    office = manual_beside_power(centre)
    with pytest.raises(Refused, match="kept for you"):
        office.engine.desk_dial("1001")
    office.clock.advance(31.0)
    before = own(office)
    office.until(lambda: own(office) > before, limit_s=60.0)


def test_a_lead_on_a_desk_has_its_line(centre: Furnish) -> None:
    lines: dict[str, Any] = {"max_lines_per_agent": 1.0}
    office = centre(leads=60, agents=4, otherwise=RINGS_ON, mode="preview", preview_limit_s=120, **lines)
    add_campaign(office, mode="power", ratio=5.0, **lines)
    office.open()
    office.until(lambda: all(seat.preview is not None for seat in office.engine._live.seats.values()))
    office.engine.desk_skip("1004", "wrong time")
    office.engine.agent_pause("1004", "lunch")
    office.engine.agent_ready("1004")
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(20.0)
    assert own(office)[0] == 0
    assert own(office)[1] <= 1, "three of four agents are about to dial"
    called = {call.number for call in office.world.placed}
    desks = [seat for seat in office.engine._live.seats.values() if seat.preview and seat.preview.number not in called]
    assert len(desks) >= 2, "both campaigns call the same people"
    for seat in desks:
        assert office.engine.desk_dial(seat.agent.number).startswith("Dialling")
        office.clock.advance(1.5)


def test_three_campaigns_that_share_some_agents_have_no_more_calls_than_lines(centre: Furnish) -> None:
    """The first campaign's call may rely on an agent of either other one, and has to move."""
    one: dict[str, Any] = {"max_lines_per_agent": 1.0}
    office = centre(leads=90, agents=3, otherwise=RINGS_ON, mode="power", ratio=3.0, max_calls=1, **one)
    third = next(agent for agent in office.store.agents.all() if agent.number == "1003")
    office.store.campaigns.detach_agent(office.campaign.id, third.id)
    add_campaign(office, "summer", ("1002",), mode="power", ratio=3.0, **one)
    add_campaign(office, "autumn", ("1001", "1003"), mode="power", ratio=3.0, **one)
    office.open_agents()
    for name in (office.campaign.name, "autumn", "summer"):
        office.engine.campaign_start(name, "test")
        office.clock.advance(1.5)
    most = 0
    for _ in range(600):
        office.clock.advance(0.1)
        most = max(most, len(office.world.lines))
    assert most == 3


def test_whoever_asked_first_gets_the_line_that_is_kept(centre: Furnish) -> None:
    office = manual_beside_power(centre)
    with pytest.raises(Refused, match="kept for you"):
        office.engine.desk_dial("1001")
    office.until(lambda: len(office.world.lines) == 1, limit_s=40.0)
    office.clock.advance(1.5)
    with pytest.raises(Refused, match="kept for you"):
        office.engine.desk_dial("1002")
    assert office.engine.desk_dial("1001").startswith("Dialling")

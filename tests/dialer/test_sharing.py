"""Do campaigns that want the same agents and lines get them by their weights, and does nothing stay unused?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, DialMode
from campaigns.settings import SettingsFault, settings_from
from dialer.floor import AgentSeat, CallInFlight, CampaignFloor, Floor
from dialer.held_by import HeldBy
from dialer.learning import Learned
from dialer.pacing import decide
from dialer.sharing import busy_agents, ready_agents
from telephony.callee import Callee
from tests.dialer.conftest import Furnish
from tests.dialer.floor import NOON, RINGS_ON, CallCentre

OTHER = "summer"
LEADS = 90
OFTEN = {
    "ring_timeout_s": 15,
    "wrap_up_limit_s": 5,
    "retry_no_answer_s": 60,
    "retry_spoken_s": 60,
    "max_tries": 1000,
    "max_attempts_per_number_per_day": 1000,
    "max_lines_per_agent": 10.0,
}
SHORT = Callee(ring_after_s=0.5, answer_after_s=6.0, talk_s=20.0, patience_s=60.0)
HALF_AN_HOUR_S = 1800.0


def floor_of(campaign_id: int = 1, **changes: object) -> CampaignFloor:
    plain = CampaignFloor(
        campaign_id=campaign_id,
        mode=DialMode.PROGRESSIVE,
        ratio=1.0,
        abandon_cap=0.03,
        today=AbandonmentCount(),
        thirty_days=AbandonmentCount(),
        may_start=100,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def ready(number: int, *serves: int, since_s: float = -5.0) -> AgentSeat:
    return AgentSeat(agent=f"{number:04}", state=AgentState.READY, since_s=since_s, campaigns=frozenset(serves))


def calls(campaign_id: int, count: int) -> tuple[CallInFlight, ...]:
    return tuple(CallInFlight(call_id=f"{campaign_id}-{n}", placed_s=-3.0) for n in range(count))


def launches(*campaigns: CampaignFloor, agents: tuple[AgentSeat, ...]) -> list[int]:
    return [p.launch for p in decide(Floor(campaigns=campaigns, agents=agents), Learned()).paces]


# --- agents ----------------------------------------------------------------------------------------------


def test_agents_who_become_ready_one_by_one_are_drawn_by_weight() -> None:
    rivals = (floor_of(1), floor_of(2, weight=3.0))
    drawn = [launches(*rivals, agents=(ready(1, 1, 2, since_s=float(second)),)) for second in range(2000)]
    assert all(sum(each) == 1 for each in drawn)
    assert sum(each[1] for each in drawn) / 2000 == pytest.approx(0.75, abs=0.04)


def test_many_agents_at_once_are_dealt_by_weight_to_within_one() -> None:
    agents = tuple(ready(n, 1, 2) for n in range(20))
    first, second = launches(floor_of(1), floor_of(2, weight=3.0), agents=agents)
    assert first + second == 20
    assert abs(first - 5) <= 1


def test_the_agent_a_call_in_flight_was_placed_for_is_kept_for_it_whatever_the_weights() -> None:
    rivals = (floor_of(1, weight=0.1, in_flight=calls(1, 1)), floor_of(2, weight=10.0))
    for second in range(50):
        assert launches(*rivals, agents=(ready(1, 1, 2, since_s=float(second)),)) == [0, 0]


def test_agents_go_where_lines_are_left() -> None:
    full = floor_of(1, weight=10.0, may_start=0, limited_by="max_calls of the campaign")
    assert launches(full, floor_of(2), agents=tuple(ready(n, 1, 2) for n in range(5))) == [0, 5]


def test_a_busy_agent_is_counted_by_each_campaign_with_its_part() -> None:
    rivals = (floor_of(1), floor_of(2, weight=3.0), floor_of(3, weight=9.0, hold="paused"))
    busy = replace(ready(1, 1, 2, 3), state=AgentState.TALK)
    floor = Floor(campaigns=rivals, agents=(busy,))
    assert [share for c in rivals[:2] for _, share in busy_agents(floor, [c], (busy,))] == [0.25, 0.75]


def test_a_busy_agent_who_may_get_a_lead_to_look_at_next_is_counted_for_less() -> None:
    rivals = (
        floor_of(1),
        floor_of(2, weight=3.0, mode=DialMode.PREVIEW),
        floor_of(3, weight=9.0, mode=DialMode.MANUAL),
    )
    busy = replace(ready(1, 1, 2, 3), state=AgentState.TALK)
    floor = Floor(campaigns=rivals, agents=(busy,))
    assert [share for _, share in busy_agents(floor, rivals[:1], (busy,))] == [0.25]


rivals_at_work: st.SearchStrategy[list[dict[str, object]]] = st.lists(
    st.builds(
        dict,
        weight=st.floats(0.1, 10.0),
        flying=st.integers(0, 3),
        may_start=st.integers(0, 9),
        live=st.integers(0, 9),
        started_lately=st.floats(0, 50),
    ),
    min_size=1,
    max_size=4,
)


@given(rivals_at_work, st.lists(st.frozensets(st.integers(1, 4), min_size=1), max_size=12), st.integers(0, 9))
def test_never_more_calls_than_the_trunks_room_and_no_agent_counted_twice(
    rivals: list[dict[str, object]], serves: list[frozenset[int]], room: int
) -> None:
    campaigns = tuple(
        floor_of(n, **{k: v for k, v in r.items() if k != "flying"}, in_flight=calls(n, int(str(r["flying"]))))
        for n, r in enumerate(rivals, start=1)
    )
    on_a_trunk = tuple(replace(c, trunk="t", trunk_room=room, may_start=min(c.may_start, room)) for c in campaigns)
    agents = tuple(ready(n, *each, since_s=float(n)) for n, each in enumerate(serves))
    started = launches(*on_a_trunk, agents=agents)
    assert sum(started) <= room
    assert all(launch <= c.may_start for launch, c in zip(started, on_a_trunk, strict=True))
    counted = ready_agents(Floor(campaigns=campaigns, agents=agents), {c.campaign_id: 0 for c in campaigns})
    assert sum(counted.values()) == sum(bool(a.campaigns & counted.keys()) for a in agents)


# --- trunks ----------------------------------------------------------------------------------------------


def test_the_next_call_on_a_trunk_is_of_the_campaign_with_fewest_attempts_for_its_weight() -> None:
    agents = tuple(ready(n, 1) for n in range(9)) + tuple(ready(n, 2) for n in range(10, 19))
    behind = floor_of(1, trunk="t", trunk_room=2, started_lately=4.0)
    ahead = floor_of(2, trunk="t", trunk_room=2, started_lately=30.0, weight=5.0)
    assert launches(behind, ahead, agents=agents) == [2, 0]
    assert launches(behind, replace(ahead, weight=10.0), agents=agents) == [0, 2]


def test_a_cut_by_weight_is_told_as_such_and_not_as_a_trunk_without_lines() -> None:
    agents = tuple(ready(n, 1) for n in range(9)) + tuple(ready(n, 2) for n in range(10, 19))
    behind = floor_of(1, trunk="t", trunk_room=2, started_lately=4.0)
    ahead = floor_of(2, trunk="t", trunk_room=2, started_lately=30.0)
    plan = decide(Floor(campaigns=(behind, ahead), agents=agents), Learned())
    cut = next(pace for pace in plan.paces if pace.campaign_id == 2)
    assert cut.held_by == HeldBy.TRUNK_SHARE
    assert "9 wanted but the next calls on the trunk are those of other campaigns by weight" in cut.reason
    assert HeldBy.TRUNK_SHARE.meaning
    assert HeldBy.TRUNK_SHARE.comes_and_goes


def test_a_weight_outside_its_bounds_is_refused() -> None:
    for weight in (0.0, 11.0, float("nan")):
        with pytest.raises(SettingsFault, match=r"weight = .*between 0\.1 and 10\.0"):
            settings_from({"name": "autumn", "weight": weight})
    assert settings_from({"name": "autumn", "weight": 2}).weight == 2.0


# --- half an hour with the real engine -------------------------------------------------------------------


def two_campaigns(centre: Furnish, weight: float, *, lines: int = 6) -> CallCentre:
    """Two campaigns on one trunk with the same agents and people, the second of this weight; the first runs."""
    office = centre(
        leads=LEADS,
        agents=12,
        otherwise=RINGS_ON,
        callees={f"+1212555{100 + n:04}": SHORT for n in range(0, LEADS, 5)},
        trunk={"max_calls": lines, "attempts_per_second": 5.0},
        durable=False,
        **OFTEN,
    )
    made = office.store.campaigns.create(replace(office.settings(**OFTEN), name=OTHER, weight=weight), "test", NOON)
    for each in office.store.campaigns.lists(office.campaign.id):
        office.store.campaigns.attach_list(made.id, each.id, "test", NOON)
    for agent in office.store.campaigns.agents(office.campaign.id):
        office.store.campaigns.attach_agent(made.id, agent.id, "test", NOON)
    office.engine.settings_changed(OTHER)
    office.engine.agents_changed()
    office.open()
    return office


def attempts(office: CallCentre, since: int = 0) -> tuple[int, int]:
    """How many calls of the first campaign and of the second the exchange saw."""
    seen = [office.store.attempts.get(call.id) for call in office.world.placed[since:]]
    own = sum(attempt is not None and attempt.campaign_id == office.campaign.id for attempt in seen)
    return own, len(seen) - own


@pytest.mark.parametrize(("weight", "lines"), [(1.0, 6), (2.0, 6), (4.0, 2)])
def test_over_half_an_hour_attempts_are_in_the_proportion_of_the_weights(
    centre: Furnish, weight: float, lines: int
) -> None:
    office = two_campaigns(centre, weight, lines=lines)
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(HALF_AN_HOUR_S)
    own, others = attempts(office)
    assert own + others > 50 * lines, "the trunk is busy all the time"
    assert others / own == pytest.approx(weight, rel=0.12)


def test_a_lone_campaign_has_the_whole_trunk_and_one_that_is_held_gives_its_share_away(centre: Furnish) -> None:
    alone = two_campaigns(centre, 4.0)
    alone.clock.advance(600.0)
    both = two_campaigns(centre, 4.0)
    both.engine.campaign_start(OTHER, "test")
    both.clock.advance(60.0)
    both.engine.campaign_pause(OTHER, "test")
    paused_at = both.placed()
    both.clock.advance(540.0)
    assert attempts(alone)[1] == attempts(both, paused_at)[1] == 0
    assert both.placed() == pytest.approx(alone.placed(), rel=0.03)


def test_who_begins_later_gets_its_share_and_not_what_it_missed(centre: Furnish) -> None:
    office = two_campaigns(centre, 1.0)
    office.clock.advance(600.0)
    office.engine.campaign_start(OTHER, "test")
    own, others = attempts(office, since=0)
    office.clock.advance(240.0)
    own, others = attempts(office, since=own + others)
    assert own + others > 60
    assert others / (own + others) == pytest.approx(0.5, abs=0.06)

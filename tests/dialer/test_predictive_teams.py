"""Do predictive campaigns of the same agents pace as one team, by weight, and does none hold another back?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics import AbandonmentCount
from campaigns.model import AgentState, DialMode
from dialer.floor import AgentSeat, CallInFlight, CampaignFloor, Floor, Pace
from dialer.learning import Learned
from dialer.pacing import decide
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.recent import Mark, Recent
from dialer.rehearsal.engine_day import EngineDay, play_together
from dialer.rehearsal.world import world_a

NOW_S = 10_000.0
PLENTY = AbandonmentCount(abandoned=6, joined_human=600)
SPENT = AbandonmentCount(abandoned=18, joined_human=582)


def predictive(campaign_id: int, **changes: object) -> CampaignFloor:
    plain = CampaignFloor(
        campaign_id=campaign_id,
        mode=DialMode.PREDICTIVE,
        ratio=1.0,
        abandon_cap=0.03,
        today=PLENTY,
        thirty_days=PLENTY,
        may_start=40,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def spent(campaign_id: int) -> CampaignFloor:
    return predictive(campaign_id, today=SPENT, thirty_days=SPENT)


def idle(number: int, *serves: int) -> tuple[AgentSeat, ...]:
    return tuple(
        AgentSeat(agent=f"{n:04}", state=AgentState.READY, since_s=NOW_S - 9.0 - n, campaigns=frozenset(serves))
        for n in range(number)
    )


def ringing(campaign_id: int, count: int) -> tuple[CallInFlight, ...]:
    call = CallInFlight(call_id="", placed_s=NOW_S - 6.0, ringing_s=NOW_S - 4.0)
    return tuple(replace(call, call_id=f"{campaign_id}-{n}") for n in range(count))


def known() -> CampaignLearned:
    """In the middle of a day: half an hour lies behind it, with nothing lost."""
    mark = Mark(at_s=NOW_S - 1800.0, lost=PLENTY.abandoned, base=606, agents=10)
    return replace(CampaignLearned(), recent=Recent(marks=(mark,), team=10)).shaped()


def paces(*campaigns: CampaignFloor, agents: tuple[AgentSeat, ...]) -> list[Pace]:
    learned = Learned()
    for campaign in campaigns:
        learned = learned.with_(campaign.campaign_id, known())
    return list(decide(Floor(campaigns=campaigns, agents=agents, now_s=NOW_S), learned).paces)


def launches(*campaigns: CampaignFloor, agents: tuple[AgentSeat, ...]) -> list[int]:
    return [pace.launch for pace in paces(*campaigns, agents=agents)]


def test_two_campaigns_of_the_same_agents_start_together_what_one_campaign_would() -> None:
    talking = tuple(replace(seat, agent=f"9{seat.agent}", state=AgentState.TALK) for seat in idle(12, 1, 2))
    (alone,) = launches(predictive(1, in_flight=ringing(1, 6)), agents=idle(8, 1, 2) + talking)
    rivals = predictive(1, in_flight=ringing(1, 3)), predictive(2, in_flight=ringing(2, 3))
    together = launches(*rivals, agents=idle(8, 1, 2) + talking)
    assert sum(together) == alone > 1
    assert abs(together[0] - together[1]) <= 1


def test_the_others_calls_in_flight_count_against_the_same_agents() -> None:
    rings = predictive(2, in_flight=ringing(2, 8))
    free, taken = launches(predictive(1), agents=idle(4, 1))[0], paces(predictive(1), rings, agents=idle(4, 1, 2))[0]
    assert 0 <= taken.launch < free
    assert "8 of other campaigns with the same agents" in taken.reason


def test_calls_go_out_by_weight_in_answers_and_who_is_behind_goes_first() -> None:
    first, second = launches(predictive(1), predictive(2, weight=3.0), agents=idle(10, 1, 2))
    assert abs(first - (first + second) / 4) <= 1
    behind, ahead = launches(predictive(1), predictive(2, started_lately=500.0), agents=idle(10, 1, 2))
    assert behind > 0
    assert ahead == 0


def test_one_whose_budget_is_spent_paces_alone_and_holds_nobody_back() -> None:
    team = launches(predictive(1), predictive(2), agents=idle(10, 1, 2))
    careful, free = launches(spent(1), predictive(2), agents=idle(10, 1, 2))
    assert careful < team[0]
    assert free >= 0.75 * team[1], "it has the half that is dealt to it, and risks what it would by itself"
    assert free > sum(launches(spent(1), spent(2), agents=idle(10, 1, 2))) / 2


def test_one_whose_day_begins_paces_by_itself_and_two_such_pace_together() -> None:
    begun = AbandonmentCount(joined_human=50)
    new = [predictive(n, today=begun, thirty_days=begun, in_flight=ringing(n, 2)) for n in (1, 2)]
    old = predictive(3, in_flight=ringing(3, 2))
    apart = paces(new[0], old, agents=idle(10, 1, 3))
    assert not any("of other campaigns" in pace.reason for pace in apart)
    together = paces(*new, agents=idle(10, 1, 2))
    assert all("2 of other campaigns" in pace.reason for pace in together[:1])


def test_campaigns_that_share_only_some_agents_pace_apart() -> None:
    shared, own = idle(5, 1, 2), tuple(replace(seat, agent=f"9{seat.agent}") for seat in idle(5, 1))
    words = [pace.reason for pace in paces(predictive(1), predictive(2, in_flight=ringing(2, 3)), agents=shared + own)]
    assert not any("of other campaigns" in each for each in words)


counts = st.integers(0, 12)


@given(counts, counts, counts, st.integers(0, 9), st.integers(0, 9), st.floats(0.1, 10.0))
def test_a_team_passes_no_campaigns_limit_and_more_idle_agents_never_mean_fewer_calls(
    agents: int, mine: int, theirs: int, my_room: int, their_room: int, weight: float
) -> None:
    rivals = (
        predictive(1, in_flight=ringing(1, mine), may_start=my_room),
        predictive(2, in_flight=ringing(2, theirs), may_start=their_room, weight=weight),
    )
    now = launches(*rivals, agents=idle(agents, 1, 2))
    assert now[0] <= my_room
    assert now[1] <= their_room
    assert sum(launches(*rivals, agents=idle(agents + 1, 1, 2))) >= sum(now)


def test_over_an_hour_two_predictive_campaigns_share_agents_by_weight_and_keep_their_caps(tmp_path: Path) -> None:
    day = EngineDay(world=world_a(12, seed=3, hours=1.5), mode=DialMode.PREDICTIVE, weights=(1.0, 3.0))
    one, three = play_together(day, tmp_path)
    assert 0.15 <= one.joined / (one.joined + three.joined) <= 0.35
    for each in (one, three):
        assert each.joined > 30, "and neither stands still"
        assert each.lost <= max(2, 0.03 * each.met)

"""Does the engine keep the abandon budget of a campaign's window: through answers, crashes, renames and clones?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import Network, Routing
from dialer.live import CampaignRun, Stage
from dialer.pacing import CampaignFloor
from telephony.simulator import Phone
from telephony.simulator.exchange import Timing
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, TALKS, CallCentre, changed

CLONE = "autumn"
PATIENT = changed(TALKS, answer_after_s=2.0, talk_s=100.0, patience_s=None)
RINGS_LONG = changed(TALKS, ring_after_s=0.5, answer_after_s=16.0)
OTHERS = ("+12125550191", "+12125550192", "+12125550193")


def row(office: CallCentre, name: str = CAMPAIGN) -> dict[str, Any]:
    return next(r for r in office.engine.board()["campaigns"] if r["name"] == name)


def run_of(office: CallCentre, name: str = CAMPAIGN) -> CampaignRun:
    run = office.engine._live.run_named(name)
    assert run is not None
    return run


def floor_of(office: CallCentre, name: str = CAMPAIGN) -> tuple[CampaignFloor, AbandonBudget]:
    """What pacing gets to see of a campaign."""
    run = run_of(office, name)
    (seen,) = office.engine._launcher.floor([run]).campaigns
    assert seen.budget is not None
    return seen, seen.budget


def clone(office: CallCentre) -> None:
    """A clone of the campaign, with leads of its own, known to the engine."""
    now = office.clock.now()
    made = office.store.campaigns.clone(office.campaign.id, CLONE, "anna", now)
    office.import_numbers(*OTHERS, campaign=made, list_="others")
    office.engine.settings_changed(CLONE)
    office.engine.agents_changed()


def lose_one(office: CallCentre) -> None:
    """Two people answer at once where one agent is free."""
    office.open()
    office.until(lambda: row(office)["abandon_today"]["numerator"] == 1)


@pytest.mark.parametrize("clock_from", ["answer", "greeting"])
def test_an_answer_that_crosses_our_hang_up_is_counted_as_abandoned(centre: Furnish, clock_from: str) -> None:
    office = centre(leads=1, otherwise=RINGS_LONG, ring_timeout_s=60, clock_from=clock_from)
    office.world.timing = Timing(hang_up_s=1.0)
    office.open()
    office.until(lambda: row(office)["calls"]["ringing"] == 1)
    office.engine.agent_logout("1001")
    office.until(lambda: office.attempt().facts.cancel_reason != "" or row(office)["budget"]["waiting"] == 1)
    assert row(office)["budget"]["waiting"] == 1, "from the answer on it counts against us"
    office.until(lambda: office.attempt().closed)
    facts = office.attempt().facts
    assert (facts.network, facts.routing, facts.cancel_reason) == (
        Network.ANSWERED,
        Routing.ABANDONED_SYSTEM,
        "nobody_free",
    )
    assert row(office)["abandon_today"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert (row(office)["budget"]["more"], row(office)["budget"]["waiting"]) == (1, 0)


def test_a_hang_up_that_comes_in_time_costs_nothing(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(RINGS_LONG, answer_after_s=30.0), ring_timeout_s=60)
    office.world.timing = Timing(hang_up_s=1.0)
    office.open()
    office.until(lambda: row(office)["calls"]["ringing"] == 1)
    office.engine.agent_logout("1001")
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.network is Network.CANCELLED
    assert row(office)["budget"]["more"] == 2


def test_who_waits_counts_as_lost_until_he_is_lost_for_good_and_then_once(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    office.open()
    office.until(lambda: row(office)["calls"]["talking"] == 1 and row(office)["budget"]["waiting"] == 1)
    assert row(office)["budget"]["more"] == 1
    office.until(lambda: row(office)["abandon_today"]["numerator"] == 1)
    assert row(office)["budget"]["waiting"] == 0
    assert row(office)["budget"]["more"] == 1


def test_who_hears_the_message_while_he_is_being_joined_is_lost_once_and_waits_no_more(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PATIENT, message_starts_ms=500)
    office.world.timing = Timing(join_s=5.0)
    office.open()
    office.until(lambda: row(office)["budget"]["waiting"] == 1)
    office.until(lambda: row(office)["abandon_today"]["numerator"] == 1)
    assert row(office)["calls"]["talking"] == 0
    assert (row(office)["budget"]["waiting"], row(office)["budget"]["more"]) == (0, 1)


def test_a_call_that_is_listened_to_does_not_wait_yet(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PATIENT, screened_after_s=2.0), clock_from="greeting")
    office.open()
    office.until(lambda: any(c.stage is Stage.SCREENING for c in office.engine._live.calls.values()))
    assert row(office)["budget"]["waiting"] == 0
    office.until(lambda: row(office)["budget"]["waiting"] == 1)
    office.until(office.talking)
    assert row(office)["abandon_today"]["denominator"] == 1, "detection's word counts from the join on"


def test_a_talk_is_undecided_until_the_agent_says_who_it_was(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PATIENT, talk_s=10.0))
    office.open()
    office.until(office.talking)
    assert floor_of(office)[1].undecided == 1
    assert floor_of(office)[1].day.base == 0
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.engine.desk_dispose("1001", "sale")
    assert (floor_of(office)[1].undecided, floor_of(office)[1].day.base) == (0, 1)


def test_a_call_in_wrap_up_when_the_dialer_dies_is_counted_once(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(PATIENT, talk_s=10.0), wrap_up_limit_s=3600)
    office.open()
    office.until(lambda: office.state_of() == "WRAP_UP")
    office.kill_engine()
    office.restart()
    office.until(lambda: office.attempt().closed)
    assert floor_of(office)[1].undecided == 1


def test_a_call_that_a_crash_took_from_sight_counts_as_lost(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, answer_after_s=None))
    office.open()
    office.until(lambda: row(office)["calls"]["ringing"] == 1)
    office.kill_engine()
    office.world.restart()
    office.restart()
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.network is Network.UNKNOWN
    assert row(office)["abandon_today"]["denominator"] == 0
    assert (row(office)["budget"]["unknown_30d"], row(office)["budget"]["more"]) == (1, 1)


def test_pacing_gets_the_counts_of_the_window_and_its_budget(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    lose_one(office)
    clone(office)
    for name in (CAMPAIGN, CLONE):
        seen, budget = floor_of(office, name)
        assert (seen.today.abandoned, seen.thirty_days.abandoned) == (1, 1)
        assert (budget.more, budget.cap) == (1, 0.03)
    assert row(office, CLONE)["abandon_today"] == row(office)["abandon_today"]
    assert row(office, CLONE)["budget"]["shared_with"] == [CAMPAIGN]
    assert row(office, CLONE)["today"]["attempts"] == 0, "what is no abandonment stays the campaign's own"


def test_what_a_running_clone_loses_is_lost_for_its_origin_at_once(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    lose_one(office)
    clone(office)
    office.engine.campaign_pause(CAMPAIGN, "test")
    office.until(lambda: office.state_of() == "WRAP_UP", limit_s=300.0)
    office.engine.campaign_start(CLONE, "test")
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: row(office, CLONE)["calls"]["ringing"] == 1)
    office.engine.agent_logout("1001")
    office.until(lambda: row(office, CLONE)["budget"]["waiting"] == 1)
    assert row(office)["budget"]["waiting"] == 1
    office.until(lambda: row(office, CLONE)["abandon_today"]["numerator"] == 2)
    for name in (CAMPAIGN, CLONE):
        assert row(office, name)["abandon_today"] == {"numerator": 2, "denominator": 3, "value": 2 / 3}
        assert (row(office, name)["budget"]["more"], row(office, name)["budget"]["stage"]) == (0, "spent")


def test_the_window_survives_a_restart_a_rename_and_a_clone(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    lose_one(office)
    clone(office)
    renamed = replace(office.store.campaigns.settings(office.campaign.id), name="summer")
    office.store.campaigns.save_settings(office.campaign.id, renamed, "anna", office.clock.now())
    office.engine.settings_changed("summer")
    office.until(lambda: not office.engine._live.calls, limit_s=600.0)
    before = {name: row(office, name)["budget"] for name in ("summer", CLONE)}
    assert [budget["more"] for budget in before.values()] == [1, 1]
    office.kill_engine()
    office.restart()
    office.until(lambda: office.engine._live.recovered)
    assert {name: row(office, name)["budget"] for name in ("summer", CLONE)} == before


@pytest.mark.parametrize("how", ["pause", "stop", "emergency_stop"])
def test_neither_a_pause_nor_a_stop_begins_the_window_anew(centre: Furnish, how: str) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    lose_one(office)
    getattr(office.engine, f"campaign_{how}")(CAMPAIGN, "test")
    office.until(lambda: not office.engine._live.calls, limit_s=600.0)
    office.until(lambda: row(office)["state"] in ("PAUSED", "STOPPED"))
    if how == "pause":
        assert row(office)["budget"]["more"] == 1
    office.engine.campaign_start(CAMPAIGN, "test")
    assert (row(office)["abandon_30d"]["numerator"], row(office)["budget"]["more"]) == (1, 1)


def test_an_agent_who_is_gone_before_the_join_leaves_an_abandoned_call(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PATIENT)
    office.world.timing = Timing(join_s=1.0)
    office.open()
    office.until(lambda: any(call.stage is Stage.JOINING for call in office.engine._live.calls.values()))
    office.world.phones["1001"] = Phone(reachable=False)
    office.world.hang_up_phone("1001")
    office.until(lambda: office.attempt().closed)
    facts = office.attempt().facts
    assert (facts.network, facts.routing) == (Network.ANSWERED, Routing.ABANDONED_NO_AGENT)
    assert row(office)["abandon_today"] == {"numerator": 1, "denominator": 1, "value": 1.0}


def test_an_agent_who_is_gone_after_the_join_leaves_a_customer_who_was_answered(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=PATIENT)
    office.open()
    office.until(office.talking)
    office.world.phones["1001"] = Phone(reachable=False)
    office.world.hang_up_phone("1001")
    office.until(lambda: not office.engine._live.calls or office.attempt().closed, limit_s=400.0)
    assert office.attempt().facts.routing is Routing.AGENT
    assert row(office)["abandon_today"]["numerator"] == 0


def test_a_campaign_of_its_own_has_a_window_of_its_own(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=PATIENT)
    lose_one(office)
    other = replace(office.store.campaigns.settings(office.campaign.id), name=CLONE)
    office.store.campaigns.create(other, "anna", office.clock.now())
    office.engine.settings_changed(CLONE)
    assert row(office, CLONE)["budget"]["more"] == 2
    assert row(office, CLONE)["budget"]["shared_with"] == []


def test_thirty_report_dates_count_and_the_one_before_them_does_not(centre: Furnish) -> None:
    office = centre(leads=0)
    clone(office)
    now = office.clock.now()
    today = run_of(office).local_date(now)
    run_of(office, CLONE).by_date = {
        today - timedelta(days=30): AbandonmentCount(abandoned=5),
        today - timedelta(days=29): AbandonmentCount(abandoned=1, joined_human=97),
        today: AbandonmentCount(joined_human=1),
    }
    run_of(office).by_date = {today - timedelta(days=1): AbandonmentCount(joined_human=1)}
    seen, budget = floor_of(office)
    assert seen.thirty_days == AbandonmentCount(abandoned=1, joined_human=99)
    assert seen.today == AbandonmentCount(joined_human=1)
    assert (budget.more_today, budget.more_30_days) == (2, 2)

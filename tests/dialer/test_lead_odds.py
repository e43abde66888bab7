"""Does pacing learn which leads are likelier to be reached, and only as far as their calls say so?"""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.learning import CallMissed, CallOffered, Learned, observe
from dialer.prediction.leads import LEAST_ODDS, MOST_ODDS, LeadOdds, LeadTraits, hour_band, lately
from dialer.prediction.learned import CampaignLearned, from_plain, warm_start
from dialer.prediction.rate import with_odds
from tests.dialer.conftest import Furnish
from tests.dialer.floor import RINGS_ON, TALKS

FIRST = LeadTraits(attempt=1, kind="mobile", hour="morning", answered_before=False)
FOURTH = LeadTraits(attempt=4, kind="mobile", hour="morning", answered_before=False)
TRUTH = {FIRST: 0.3, FOURTH: 0.1}


def taught(calls: int, truth: dict[LeadTraits, float] = TRUTH, seed: int = 1) -> CampaignLearned:
    """What is known after so many calls, placed with the odds learned until then."""
    dice = random.Random(seed)
    learned = Learned()
    for n in range(calls):
        traits = dice.choice(list(truth))
        odds = learned.of(1).lead_odds.of(traits)
        if dice.random() < truth[traits]:
            lesson = CallOffered(
                campaign_id=1, placed_s=2.0 * n - 20, at_s=2.0 * n, ring_s=5.0, odds=odds, traits=traits
            )
            learned = observe(learned, lesson)
        else:
            learned = observe(
                learned,
                CallMissed(campaign_id=1, placed_s=2.0 * n - 20, at_s=2.0 * n, ring_s=20.0, odds=odds, traits=traits),
            )
    return learned.of(1)


def chance(known: CampaignLearned, traits: LeadTraits) -> float:
    return float(with_odds(np.array([known.rate.mean]), known.lead_odds.of(traits))[0])


def test_attempts_that_answer_by_thirty_and_ten_in_a_hundred_are_told_apart() -> None:
    known = taught(3000)
    odds = known.lead_odds.of(FIRST) / known.lead_odds.of(FOURTH)
    assert odds == pytest.approx((0.3 / 0.7) / (0.1 / 0.9), rel=0.25)
    assert chance(known, FIRST) == pytest.approx(0.3, abs=0.06)
    assert chance(known, FOURTH) == pytest.approx(0.1, abs=0.03)


def test_leads_that_answer_alike_keep_odds_near_one() -> None:
    known = taught(3000, dict.fromkeys(TRUTH, 0.25))
    assert known.lead_odds.of(FIRST) == pytest.approx(1.0, abs=0.15)


def test_without_calls_or_without_traits_every_lead_is_in_the_middle() -> None:
    assert LeadOdds().of(FIRST) == 1.0
    known = LeadOdds().after(None, landed=True, chance=0.3)
    assert known.of(FIRST) == known.of(None) == 1.0


def test_a_few_calls_hardly_move_the_odds() -> None:
    odds = LeadOdds()
    for traits, landed in ((FIRST, True), (FIRST, True), (FOURTH, False), (FOURTH, False)):
        odds = odds.after(traits, landed=landed, chance=0.25)
    assert 1.0 < odds.of(FIRST) < 1.8
    assert 0.6 < odds.of(FOURTH) < 1.0


def test_an_hour_in_which_everybody_answers_more_is_the_rates_affair_and_not_the_leads() -> None:
    evening = LeadTraits(attempt=1, kind="mobile", hour="evening", answered_before=False)
    dice, odds = random.Random(3), LeadOdds()
    for traits, rate in ((FIRST, 0.15), (evening, 0.45)):
        for _ in range(2000):
            odds = odds.after(traits, landed=dice.random() < rate, chance=rate)
    assert odds.of(evening) / odds.of(FIRST) == pytest.approx(1.0, abs=0.2)


every_lead = st.builds(
    LeadTraits,
    attempt=st.integers(0, 9),
    kind=st.sampled_from(["mobile", "fixed", "unknown"]),
    hour=st.integers(0, 23).map(hour_band),
    answered_before=st.booleans(),
)


@given(st.lists(st.tuples(every_lead, st.booleans(), st.floats(0.0, 1.0)), max_size=60), every_lead)
def test_odds_are_never_outside_the_cap_and_the_middle_of_late_neither(
    calls: list[tuple[LeadTraits, bool, float]], asked: LeadTraits
) -> None:
    odds, middle = LeadOdds(), 1.0
    for traits, landed, given_chance in calls * 5:
        odds = odds.after(traits, landed=landed, chance=given_chance)
        middle = lately(middle, odds.of(traits))
    assert LEAST_ODDS <= odds.of(asked) <= MOST_ODDS
    assert LEAST_ODDS <= middle <= MOST_ODDS


def test_the_odds_are_saved_and_restored_and_an_older_save_is_read_without_them() -> None:
    stored = json.loads(json.dumps(taught(400).as_plain(0.0)))
    again = from_plain(stored)
    assert again is not None
    assert again.lead_odds.of(FIRST) == pytest.approx(taught(400).lead_odds.of(FIRST), abs=0.001)
    assert again.lead_odds.of(FIRST) > 1.2
    del stored["lead_odds"]
    older = from_plain(stored)
    assert older is not None
    assert older.lead_odds == LeadOdds()


def test_a_new_campaign_inherits_the_odds_of_similar_ones_but_a_few_calls_of_its_own_outweigh_them() -> None:
    before = taught(3000)
    new = warm_start(False, [before, taught(3000, seed=2)])
    inherited = new.lead_odds.of(FIRST) / new.lead_odds.of(FOURTH)
    assert 2.0 < inherited < before.lead_odds.of(FIRST) / before.lead_odds.of(FOURTH)
    assert new.lead_odds.whole.calls == pytest.approx(300)
    for _ in range(200):
        odds = new.lead_odds.after(FIRST, landed=False, chance=0.3)
        new = replace(new, lead_odds=odds.after(FOURTH, landed=True, chance=0.3))
    assert new.lead_odds.of(FIRST) < new.lead_odds.of(FOURTH)


@pytest.mark.parametrize("damage", [[], {"attempt 1": [1, 2]}, {"attempt 1": [1, 2, 3]}, {"attempt 1": ["x", 0, 0]}])
def test_damaged_odds_are_no_history(damage: object) -> None:
    assert from_plain(taught(20).as_plain(0.0) | {"lead_odds": damage}) is None


def test_the_engine_learns_from_its_calls_which_attempt_it_was_and_reckons_with_it(centre: Furnish) -> None:
    office = centre(
        leads=40,
        agents=4,
        otherwise=RINGS_ON,
        callees={f"+1212555{100 + n:04}": TALKS for n in range(20)},
        durable=False,
        ring_timeout_s=15,
        wrap_up_limit_s=5,
        retry_no_answer_s=60,
        retry_spoken_s=60,
        max_attempts_per_number_per_day=100,
        max_tries=100,
    )
    office.open()
    live = office.engine._live
    live.learned = live.learned.with_(office.campaign.id, taught(2000).shaped())
    before = dict(live.learned.of(office.campaign.id).lead_odds.seen)
    office.until(lambda: bool(live.calls), 30.0)
    first = next(iter(live.calls.values()))
    assert first.traits is not None
    assert (first.traits.attempt, first.traits.kind, first.traits.hour) == (1, "unknown", "noon")
    assert first.odds == live.learned.of(office.campaign.id).lead_odds.of(first.traits) > 1.2
    office.until(lambda: any(c.traits is not None and c.traits.attempt > 2 for c in live.calls.values()), 900.0)
    again = [c for c in live.calls.values() if c.traits is not None and c.traits.attempt > 2]
    seen = live.learned.of(office.campaign.id).lead_odds.seen
    assert seen["attempt 1"].calls >= before["attempt 1"].calls + 40
    assert seen["attempt 1"].landed >= before["attempt 1"].landed + 20
    assert seen["attempt 2"].calls > 0
    assert again
    assert all(not c.traits.answered_before for c in again if c.traits is not None)
    floor = office.engine._launcher.floor(list(live.runs.values())).campaigns[0]
    assert floor.next_odds != 1.0
    assert {c.call_id: c.odds for c in floor.in_flight}.items() <= {
        c.attempt.id: c.odds for c in live.calls.values()
    }.items()


def test_a_lead_an_agent_spoke_with_is_known_to_answer(centre: Furnish) -> None:
    office = centre(leads=1, agents=1, retry_spoken_s=60)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "no_decision")
    live = office.engine._live
    first = next(iter(live.calls.values())).traits
    office.until(lambda: len(office.world.placed) == 2, 600.0)
    again = next(iter(live.calls.values())).traits
    assert first is not None
    assert again is not None
    assert (first.answered_before, again.answered_before) == (False, True)
    assert (first.attempt, again.attempt) == (1, 2)

"""Does the forecast say of each hour what the dialer's own rules say, and none where nothing is known?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.dialable import Candidate, judge
from campaigns.forecast import (
    PRIOR_CALLS,
    Chances,
    Crew,
    DryReason,
    Forecast,
    Group,
    History,
    Outcome,
    Tally,
    forecast,
    rate,
)
from campaigns.forecast.drawdown import ORDER, List, steps
from campaigns.forecast.moves import Moves
from campaigns.model import AnsweredBy, Facts, LeadState, Network, Routing
from campaigns.storage import queue
from tests.campaigns import rule_builders as build
from tests.campaigns.rule_builders import NOON

EAST, WEST = ("America/New_York",), ("America/Los_Angeles",)
RULES = build.rules()
NO_HISTORY = History(since=NOON - timedelta(days=28))
BUSY = Outcome(facts=Facts(network=Network.BUSY), disposition=None, calls=1)
INVALID = Outcome(facts=Facts(network=Network.INVALID_NUMBER), disposition=None, calls=1)
PERSON = Outcome(
    facts=Facts(network=Network.ANSWERED, answered_by=AnsweredBy.HUMAN, routing=Routing.AGENT, joined_at=NOON),
    disposition=build.settings().disposition("sale"),
    calls=1,
)


def group(leads: int = 1, zones: tuple[str, ...] = EAST, called: tuple[datetime, ...] = (), **state: Any) -> Group:
    """Leads of one zone, new unless said otherwise."""
    point = build.contact_point(zones=zones)
    alike = build.candidate(contact_point=point, state=build.dialling_state(**state), attempted_at=called)
    return Group(candidate=alike, leads=leads)


def resting(until: datetime, leads: int = 1, **changes: Any) -> Group:
    return group(leads, state=LeadState.RETRY, tries=1, ask_again_at=until, **changes)


def told(*groups: Group, agents: int | None = 1, history: History = NO_HISTORY, **changes: Any) -> Forecast:
    """By rules of settings with these changes."""
    at = changes.pop("at", NOON)
    rules = replace(RULES, settings=build.settings(**changes))
    return forecast(groups, rules, Crew(agents=agents), history, at=at)


def past(*outcomes: Outcome, humans: int = 0, calls: int = 100) -> History:
    """A campaign that had so many calls at noon, all a lead's first."""
    tally = Tally(hour=12, attempt=1, calls=calls, humans=humans)
    return replace(NO_HISTORY, tallies=(tally,), outcomes=outcomes)


class TestHours:
    def test_there_are_24_hours_of_the_clock_and_the_first_is_what_is_left_of_this_one(self) -> None:
        hours = told(at=NOON + timedelta(minutes=20)).hours
        assert len(hours) == 24
        assert hours[0].ends_at - hours[0].begins_at == timedelta(minutes=40)
        assert {hour.ends_at - hour.begins_at for hour in hours[1:]} == {timedelta(hours=1)}
        assert [a.ends_at for a in hours[:-1]] == [b.begins_at for b in hours[1:]]

    def test_the_hour_the_clocks_skip_is_not_there(self) -> None:
        zone = ZoneInfo("America/New_York")
        hours = told(at=datetime(2027, 3, 14, 5, 0, tzinfo=UTC)).hours
        assert [f"{hour.begins_at.astimezone(zone):%H %z}" for hour in hours[:4]] == [
            *("00 -0500", "01 -0500", "03 -0400", "04 -0400")
        ]

    def test_the_hour_that_comes_twice_is_there_twice(self) -> None:
        zone = ZoneInfo("America/New_York")
        hours = told(at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC)).hours
        assert [f"{hour.begins_at.astimezone(zone):%H %z}" for hour in hours[:4]] == [
            *("00 -0400", "01 -0400", "01 -0500", "02 -0500")
        ]

    def test_leads_are_dialable_in_the_hours_of_their_own_zones(self) -> None:
        hours = told(group(10), group(5, zones=WEST), agents=None).hours
        by_hour = [hour.dialable_untouched for hour in hours]  # noon in New York, 9:00 in Los Angeles
        assert by_hour == [15] * 9 + [5] * 3 + [0] * 8 + [10] * 3 + [15]

    def test_a_number_in_two_zones_is_dialable_when_both_allow_it(self) -> None:
        hours = told(group(1, zones=EAST + WEST), agents=None).hours
        assert [hour.dialable_untouched for hour in hours] == [1] * 9 + [0] * 14 + [1]

    def test_a_resting_lead_comes_in_the_hour_of_his_next_try(self) -> None:
        hours = told(resting(NOON + timedelta(hours=2, minutes=40)), agents=None).hours
        assert [hour.dialable_untouched for hour in hours[:4]] == [0, 0, 1, 1]

    def test_a_callback_comes_in_its_hour_though_all_tries_are_used_up(self) -> None:
        due = NOON + timedelta(hours=1)
        hours = told(group(1, state=LeadState.CALLBACK, tries=6, ask_again_at=due), agents=None).hours
        assert [hour.dialable_untouched for hour in hours[:3]] == [0, 1, 1]

    def test_a_number_called_as_often_as_it_may_be_opens_a_day_after_the_first_call(self) -> None:
        calls = tuple(NOON - timedelta(hours=n) for n in (20, 12, 4))
        hours = told(
            group(3, called=calls, zones=("Pacific/Auckland",)), agents=None, at=NOON + timedelta(hours=7)
        ).hours
        # 19:00 UTC is 8:00 there; the first of the three calls was 27 h ago then
        assert hours[0].dialable_untouched == 3
        early = told(resting(NOON, 3, called=calls), agents=None).hours
        assert [hour.dialable_untouched for hour in early[:6]] == [0, 0, 0, 0, 3, 3]

    def test_leads_held_for_good_are_told_apart_by_their_gate(self) -> None:
        listed = group(4)
        suppressed = replace(listed, candidate=replace(listed.candidate, suppressions=(build.suppression(),)))
        tried = group(2, state=LeadState.RETRY, tries=6, ask_again_at=NOON)
        found = told(suppressed, tried, group(3))
        assert found.barred == (("ATTEMPTS", 2), ("DO_NOT_CALL", 4))
        assert found.waiting == 3
        assert found.hours[0].dialable_untouched == 3


_MINUTES = st.integers(-300, 1500)
_LEADS = st.builds(
    group,
    leads=st.integers(1, 50),
    zones=st.sampled_from([EAST, WEST, EAST + WEST, ("Asia/Kolkata",), ("America/St_Johns",)]),
    called=st.lists(st.integers(0, 5).map(lambda n: NOON - timedelta(hours=4 * n)), max_size=4).map(tuple),
    state=st.sampled_from([LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK]),
    tries=st.integers(0, 7),
    ask_again_at=_MINUTES.map(lambda n: NOON + timedelta(minutes=n)),
)


def seen_by_judge(candidate: Candidate, begin: datetime, end: datetime) -> bool:
    """Whether the lead may be called at some quarter of an hour of this time, asked each time anew."""
    return any(judge(candidate, RULES, at).dialable for at, _ in steps(begin, end))


@settings(max_examples=40, deadline=None)
@given(groups=st.lists(_LEADS, max_size=6))
def test_each_hour_counts_whom_the_dialer_itself_would_find_dialable(groups: list[Group]) -> None:
    for hour in told(*groups, agents=None).hours:
        wanted = sum(g.leads for g in groups if seen_by_judge(g.candidate, hour.begins_at, hour.ends_at))
        assert hour.dialable_untouched == wanted


@settings(max_examples=30, deadline=None)
@given(groups=st.lists(_LEADS, max_size=5), agents=st.integers(0, 30), humans=st.integers(0, 100))
def test_nobody_is_called_who_is_not_there_and_nobody_calls_more_than_he_can(
    groups: list[Group], agents: int, humans: int
) -> None:
    found = told(*groups, agents=agents, history=past(BUSY, PERSON, INVALID, humans=humans))
    used_up = 0.0
    for hour in found.hours:
        assert hour.attempts is not None
        assert hour.dialable is not None
        assert hour.used_up is not None
        assert hour.humans is not None
        length_h = (hour.ends_at - hour.begins_at).total_seconds() / 3600
        assert hour.attempts <= min(hour.dialable, agents * 40 * length_h) + 1e-6
        assert 0 <= hour.humans <= hour.attempts + 1e-6
        used_up += hour.used_up
    assert used_up <= found.waiting + 1e-6


class TestDrawdown:
    def test_agents_call_as_fast_as_the_setting_says_until_the_campaign_has_its_own(self) -> None:
        assert told(group(1000), agents=3).hours[0].attempts == pytest.approx(120)
        assert told(group(1000), agents=3, attempts_per_agent_hour=10.0).hours[0].attempts == pytest.approx(30)
        own = replace(NO_HISTORY, attempts_at_work=550, hours_at_work=10.0)
        found = told(group(1000), agents=3, history=own)
        assert found.rate_is_own
        assert found.hours[0].attempts == pytest.approx(165)

    def test_no_more_is_called_than_the_campaign_may_start(self) -> None:
        hours = told(group(10_000), agents=500, attempts_per_second=1.0).hours
        assert hours[0].attempts == pytest.approx(3600)

    def test_called_leads_rest_as_the_retry_rules_say_and_come_back(self) -> None:
        found = told(group(10), history=past(BUSY), retry_busy_s=7200)
        attempts = [hour.attempts for hour in found.hours[:5]]
        assert attempts == pytest.approx([10, 0, 10, 0, 10])

    def test_leads_are_used_up_by_their_last_try(self) -> None:
        found = told(group(10), history=past(BUSY), retry_busy_s=3600, max_tries=2)
        assert [hour.used_up for hour in found.hours[:3]] == pytest.approx([0, 10, 0])
        assert found.totals.attempts == pytest.approx(20)

    def test_promises_are_called_first_then_retries_then_new_ones(self) -> None:
        promised = group(5, state=LeadState.CALLBACK, ask_again_at=NOON)
        leads = List((group(40), resting(NOON, 30), promised), RULES, NOON)
        leads.wake(NOON)
        history = past(INVALID)
        leads.call(20, NOON, Moves(history, Chances(history), RULES.settings, NOON), 12)
        left = {alike.state: size for alike, size in leads.ready.items()}
        assert left == {LeadState.RETRY: pytest.approx(15), LeadState.NEW: 40}
        assert ORDER == queue.ORDER  # the forecast calls in the dialer's own order

    def test_a_number_is_not_called_more_often_in_a_day_than_it_may_be(self) -> None:
        found = told(group(4), history=past(BUSY), retry_busy_s=900, max_tries=50)
        assert found.totals.attempts == pytest.approx(4 * 3)

    def test_calls_of_before_count_for_the_leads_who_had_them_and_for_no_others(self) -> None:
        earlier = (NOON - timedelta(hours=8), NOON - timedelta(hours=4))
        history = past(BUSY)
        found = told(group(4), group(4, called=earlier), history=history, retry_busy_s=900, max_tries=50)
        attempts = [hour.attempts or 0.0 for hour in found.hours[:9]]
        assert sum(attempts) == pytest.approx(4 * 3 + 4 * 1)

    def test_expected_answers_come_with_an_interval_that_shrinks_with_what_is_known(self) -> None:
        few, many = past(BUSY, PERSON, humans=3, calls=10), past(BUSY, PERSON, humans=3000, calls=10_000)
        narrow, wide = (told(group(500), history=known).hours[0] for known in (many, few))
        for hour in (narrow, wide):
            assert hour.humans == pytest.approx(12)
            assert hour.hit_rate == pytest.approx(0.3)
        assert narrow.humans_low is not None
        assert wide.humans_low is not None
        assert wide.humans_low < narrow.humans_low == pytest.approx(12 - 1.96 * (40 * 0.3 * 0.7) ** 0.5, abs=0.4)

    def test_without_past_calls_nobody_knows_who_answers_and_none_is_said(self) -> None:
        found = told(group(10))
        assert found.hit_rate.value is None
        assert found.hours[0].attempts == pytest.approx(10)
        assert found.hours[0].humans is found.hours[0].hit_rate is found.totals.humans is None

    def test_without_agents_known_only_the_list_is_told(self) -> None:
        found = told(group(10), agents=None)
        assert found.hours[0].dialable_untouched == 10
        assert {found.hours[0].attempts, found.hours[0].left, found.totals.attempts} == {None}
        assert found.dry_spells == ()

    def test_less_than_nobody_is_refused(self) -> None:
        with pytest.raises(ValueError, match="-1 agents"):
            told(group(), agents=-1)


class TestRunningDry:
    def test_a_list_too_large_for_its_agents_is_dry_only_while_hours_are_closed(self) -> None:
        (night,) = told(group(5000)).dry_spells
        assert (night.reason, night.begins_at) == (DryReason.CLOSED_HOURS, NOON + timedelta(hours=9))
        assert night.ends_at == night.next_at == NOON + timedelta(hours=20)

    def test_a_short_list_runs_dry_when_its_last_lead_is_called_and_rests(self) -> None:
        spell = told(group(20)).dry_spells[0]  # one agent, 40 an hour
        assert spell.begins_at == NOON + timedelta(minutes=30)
        assert spell.reason is DryReason.RESTING
        assert spell.next_at == NOON + timedelta(hours=4)
        assert dict(spell.waiting) == {DryReason.RESTING: pytest.approx(20)}

    def test_a_list_whose_leads_are_all_closed_is_all_tried(self) -> None:
        (spell,) = told(group(20), history=past(INVALID)).dry_spells
        assert (spell.reason, spell.ends_at, spell.next_at) == (DryReason.ALL_TRIED, None, None)

    def test_a_list_of_which_nobody_may_be_called_says_so(self) -> None:
        (spell,) = told(group(2, state=LeadState.RETRY, tries=6, ask_again_at=NOON)).dry_spells
        assert (spell.begins_at, spell.reason) == (NOON, DryReason.NOBODY)

    def test_numbers_called_often_enough_today_are_the_reason_when_they_are(self) -> None:
        calls = tuple(NOON - timedelta(hours=n) for n in (8, 4, 0))
        spell = told(group(9, called=calls)).dry_spells[0]
        assert (spell.reason, spell.next_at) == (DryReason.NUMBER_LIMIT, NOON + timedelta(hours=20))

    @settings(max_examples=25, deadline=None)
    @given(leads=st.integers(1, 400), agents=st.integers(1, 12))
    def test_more_agents_never_find_the_list_dry_later(self, leads: int, agents: int) -> None:
        fewer, more = (told(group(leads), agents=n).dry_spells[0].begins_at for n in (agents, agents + 1))
        assert more <= fewer


class TestChances:
    """The worked example of the glossary: 1,000 calls with 200 humans; at 9:00 35 of 100, at 20:00 5 of 10."""

    KNOWN = replace(
        NO_HISTORY,
        tallies=(
            Tally(hour=9, attempt=1, calls=100, humans=35),
            Tally(hour=20, attempt=1, calls=10, humans=5),
            Tally(hour=14, attempt=1, calls=890, humans=160),
        ),
    )

    def chance(self, hour: int, attempt: int = 1) -> float:
        found = Chances(self.KNOWN).of(hour, attempt)
        assert found is not None
        return found.value

    def test_an_hour_with_calls_of_its_own_stands_by_itself(self) -> None:
        assert PRIOR_CALLS == 50
        assert self.chance(9) == pytest.approx(45 / 150)  # (35 + 50 x 0.2) / (100 + 50)

    def test_an_hour_with_few_calls_is_near_the_mean(self) -> None:
        assert self.chance(20) == pytest.approx(15 / 60)  # 5 of 10 is no half

    def test_an_hour_or_a_try_without_calls_is_the_mean(self) -> None:
        assert self.chance(3) == pytest.approx(0.2)
        assert self.chance(3, attempt=2) == pytest.approx(0.2)

    def test_later_tries_count_by_their_ratio_to_the_mean_and_all_from_the_fourth_on_alike(self) -> None:
        tallies = (Tally(hour=9, attempt=1, calls=950, humans=200), Tally(hour=9, attempt=4, calls=50, humans=0))
        known = Chances(replace(NO_HISTORY, tallies=tallies))
        fourth, seventh = known.of(9, 4), known.of(9, 7)
        assert fourth is not None
        assert fourth.value == pytest.approx(0.1)  # (0 + 50 x 0.2) / (50 + 50), at an hour that is the mean
        assert seventh == fourth

    def test_without_calls_there_is_no_chance_to_speak_of(self) -> None:
        assert Chances(NO_HISTORY).of(9, 1) is None

    def test_a_rate_that_was_always_or_never_is_still_uncertain(self) -> None:
        for humans in (0, 20):
            found = Chances(past(humans=humans, calls=20)).of(12, 1)
            assert found is not None
            assert found.deviation > 0.01

    def test_the_interval_of_the_mean_is_wilsons(self) -> None:
        found = rate(10, 100)
        assert found.low == pytest.approx(0.0552, abs=5e-5)
        assert found.high == pytest.approx(0.1744, abs=5e-5)
        assert (rate(0, 0).value, rate(0, 0).low) == (None, None)
        assert rate(0, 10).low == 0


def test_steps_are_quarters_of_an_hour_with_shorter_ends() -> None:
    begin, end = NOON + timedelta(minutes=20), NOON + timedelta(minutes=65)
    lengths = [(b - a).total_seconds() / 60 for a, b in steps(begin, end)]
    assert lengths == [10, 15, 15, 5]
    assert Counter(b for _, b in steps(begin, end)) == Counter(
        [*(NOON + timedelta(minutes=n) for n in (30, 45, 60)), end]
    )

"""Do a few groups say of a list what judging each of its leads says, and past calls what the figures say?"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from campaigns.dialable import Candidate, Rules, Trunk, judge
from campaigns.forecast import Tally
from campaigns.hours import US_FEDERAL
from campaigns.importing import LeadRow
from campaigns.metrics import Period, aht, calls_of, share
from campaigns.model import AgentState, AnsweredBy, CloseReason, Facts, LeadState, Network, Routing, Scope
from campaigns.retry import NextMove
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign
from tests.builders.stored import (
    NOON,
    after,
    campaign_with,
    claimed,
    closed_as,
    entry,
    lead_row,
    number,
    phone,
    retry,
)
from tests.campaigns.rule_builders import EveryListSaysClear

RULES = Rules(
    settings=CampaignSettings(name="spring sale"),
    trunk=Trunk(name="carrier", practice=False, loopback=False),
    profile=US_FEDERAL,
    registries=EveryListSaysClear(),
)
ZONES = (("America/New_York",), ("America/Los_Angeles",), ("America/New_York", "America/Los_Angeles"))


DAY = after(days=1)  # leads are due from their import on, so all happens a day later


def then(**spans: float) -> datetime:
    """An instant so long after that day's noon in New York."""
    return DAY + timedelta(**spans)


def mixed_rows(count: int) -> list[LeadRow]:
    """Leads of several zones, kinds and addresses; one in nine never dialled by his number, one by his address."""
    rows = []
    for n in range(count):
        e164 = f"+1900555{n:04}" if n % 9 == 4 else number(n)
        point = phone(e164, zones=ZONES[n % 3])
        address = {"postal_code": ("", "90210", "90211", "96815", "09001")[n % 5]} if n % 9 in (3, 5) else {}
        rows.append(lead_row(n, contact_points=(point,), timezone="America/Denver" if n % 9 == 6 else "", **address))
    return rows


def called(store: Store, campaign: Campaign, facts: Facts, at: datetime, **move: Any) -> None:
    """The next lead is called at this time, and waits for his next try unless the move says otherwise."""
    attempt = claimed(store, campaign, now=at, report_date=at.date())
    usual = retry(attempt, at + timedelta(hours=4)) if "state" not in move else NextMove(reason="", **move)
    store.attempts.close(attempt.id, facts, usual, None, at)


def leads_of(store: Store, campaign: Campaign, at: datetime) -> list[Candidate]:
    """Each waiting lead by himself, as the dialer's queue has him."""
    waiting = [s for s in store.queue.states(campaign.id) if s.state in (LeadState.NEW, LeadState.RETRY)]
    return [store.queue.candidates_of(campaign.id, state.person_id, at)[0] for state in waiting]


def words(candidate: Candidate, at: datetime) -> tuple[object, ...]:
    """The verdict, with the time rounded up as groups have it."""
    verdict = judge(candidate, RULES, at)
    again = verdict.ask_again_at
    rounded = again + timedelta(seconds=-again.timestamp() % 900) if again is not None else None
    return (verdict.dialable, tuple(gate.code for gate in verdict.gates if not gate.passed), rounded)


NO_ANSWER = Facts(network=Network.NO_ANSWER, ended_at=NOON)


class TestWaiting:
    def filled(self, store: Store) -> Campaign:
        """40 leads: some listed, some called today and resting, one in a call, one closed."""
        campaign = campaign_with(store, mixed_rows(40))
        for n in (1, 3, 20):
            store.suppressions.add(entry(number(n)))
        store.suppressions.add(entry(number(6), scope=Scope.SELLER, value="somebody else"))
        for n in range(6):
            called(store, campaign, NO_ANSWER, then(hours=-3, minutes=7 * n))
        attempt = claimed(store, campaign, now=DAY)
        store.attempts.close(attempt.id, NO_ANSWER, closed_as(attempt, CloseReason.EXHAUSTED), None, DAY)
        claimed(store, campaign, now=DAY)
        return campaign

    def test_the_groups_are_judged_as_each_of_their_leads_is(self, store: Store) -> None:
        campaign = self.filled(store)
        for at in (DAY, then(hours=2), then(hours=12)):
            groups = store.outlook.waiting(campaign.id, at, US_FEDERAL.denied_numbers)
            by_groups: Counter[tuple[object, ...]] = Counter()
            for group in groups:
                by_groups[words(group.candidate, at)] += group.leads
            assert by_groups == Counter(words(lead, at) for lead in leads_of(store, campaign, at))
            assert sum(group.leads for group in groups) == 38
            assert len(groups) < 30

    def test_leads_who_differ_in_nothing_a_gate_asks_about_are_one_group(self, store: Store) -> None:
        campaign = campaign_with(store, 25)
        (group,) = store.outlook.waiting(campaign.id, DAY)
        assert (group.leads, group.candidate.state.state) == (25, LeadState.NEW)

    def test_leads_of_one_place_are_one_group_however_their_addresses_are_written(self, store: Store) -> None:
        written = [
            {"postal_code": "10001"},
            {"postal_code": "10002-1234", "region": "NY"},
            {"region": "New York"},
            {"country": "USA", "postal_code": "10003"},
        ]
        rows = [lead_row(n, **address) for n, address in enumerate((*written, {"postal_code": "96815"}))]
        groups = store.outlook.waiting(campaign_with(store, rows).id, DAY)
        zones = {group.candidate.zones: group.leads for group in groups}
        assert zones == {("America/New_York",): 4, ("America/New_York", "Pacific/Honolulu"): 1}

    def test_a_number_called_by_another_campaign_is_a_group_of_its_own(self, store: Store) -> None:
        campaign = campaign_with(store, 5)
        other = campaign_with(store, 1, name="autumn sale")  # the same person
        called(store, other, NO_ANSWER, then(hours=-2))
        found = {len(g.candidate.attempted_at or ()): g.leads for g in store.outlook.waiting(campaign.id, DAY)}
        assert found == {0: 4, 1: 1}

    def test_numbers_called_once_and_twice_since_the_same_hour_are_two_groups(self, store: Store) -> None:
        campaign, other = campaign_with(store, 5), campaign_with(store, 1, name="autumn sale")
        called(store, campaign, NO_ANSWER, then(hours=-2))
        called(store, campaign, NO_ANSWER, then(hours=-2, minutes=1))
        called(store, other, NO_ANSWER, then(hours=-2, minutes=2))  # the first person again
        groups = store.outlook.waiting(campaign.id, then(hours=3))
        assert sorted((len(g.candidate.attempted_at or ()), g.leads) for g in groups) == [(0, 3), (1, 1), (2, 1)]

    def test_a_group_is_due_when_the_last_of_its_leads_is(self, store: Store) -> None:
        campaign = campaign_with(store, 3)
        for n in range(3):
            called(store, campaign, NO_ANSWER, then(hours=-3, minutes=n))
        groups = store.outlook.waiting(campaign.id, then(minutes=50))
        assert [(g.leads, g.candidate.state.ask_again_at) for g in groups] == [(3, then(hours=1, minutes=2))]


class TestHistory:
    def three_calls(self, store: Store) -> Campaign:
        """One lead: nobody answers at 9:00 and at 13:05 New York time; at 17:10 he does, talks, and buys."""
        campaign = campaign_with(store, 1)
        called(store, campaign, NO_ANSWER, then(hours=-3))
        called(store, campaign, Facts(network=Network.BUSY, ended_at=NOON), then(hours=1, minutes=5))
        attempt = claimed(store, campaign, now=then(hours=5, minutes=10))
        sold = Facts(
            network=Network.ANSWERED,
            answered_by=AnsweredBy.HUMAN,
            routing=Routing.AGENT,
            joined_at=NOON,
            ended_at=NOON,
            talk_ms=90_000,
            wrap_up_ms=30_500,
            disposition="sale",
        )
        store.attempts.close(attempt.id, sold, closed_as(attempt, CloseReason.SALE), None, then(hours=5, minutes=12))
        return campaign

    def history(self, store: Store, campaign: Campaign, since: datetime = DAY - timedelta(days=28)) -> Any:
        return store.outlook.history(campaign.id, zone="America/New_York", since=since, now=then(hours=9))

    def test_calls_are_counted_by_the_local_hour_and_by_the_leads_try(self, store: Store) -> None:
        known = self.history(store, self.three_calls(store))
        assert known.tallies == (
            Tally(hour=9, attempt=1, calls=1, humans=0),
            Tally(hour=13, attempt=2, calls=1, humans=0),
            Tally(hour=17, attempt=3, calls=1, humans=1),
        )

    def test_which_try_a_call_was_is_known_though_the_earlier_ones_are_older(self, store: Store) -> None:
        known = self.history(store, self.three_calls(store), since=then(hours=4))
        assert [(tally.attempt, tally.calls) for tally in known.tallies] == [(3, 1)]

    def test_outcomes_carry_what_the_retry_rules_ask_about(self, store: Store) -> None:
        known = self.history(store, self.three_calls(store))
        by_network = {outcome.facts.network: outcome for outcome in known.outcomes}
        assert set(by_network) == {Network.NO_ANSWER, Network.BUSY, Network.ANSWERED}
        sold = by_network[Network.ANSWERED]
        assert sold.disposition is not None
        assert sold.disposition.sale
        assert sold.facts.joined_at is not None
        assert sold.facts.routing is Routing.AGENT

    def test_hit_rate_and_aht_are_the_figures_own(self, store: Store) -> None:
        campaign = self.three_calls(store)
        known = self.history(store, campaign)
        attempts = tuple(store.attempts.attempts(campaign.id, date.min, date.max))
        calls = calls_of(attempts, {(campaign.id, 1): store.campaigns.dispositions(campaign.id, 1)})
        period = Period(first=date(2026, 11, 1), last=date(2026, 11, 30), zone="America/New_York")
        hit = share("hit_rate", calls, period)
        assert (known.humans, known.calls) == (hit.numerator, hit.denominator) == (1, 3)
        handled = aht(calls, period)
        assert (known.handling_s, known.handled) == (handled.numerator, handled.denominator) == (120.5, 1)

    def test_a_call_that_was_never_sent_or_has_not_ended_teaches_nothing(self, store: Store) -> None:
        campaign = campaign_with(store, 2)
        called(store, campaign, Facts(network=Network.NOT_ATTEMPTED, ended_at=NOON), then(hours=-1))
        claimed(store, campaign)
        assert self.history(store, campaign).calls == 0

    def test_attempts_per_agent_hour_are_over_hours_with_attempts_and_without_pauses(self, store: Store) -> None:
        campaign = self.three_calls(store)  # at 9:00, 13:05 and 17:10
        agent = store.agents.add("Ada", "1001", NOON)
        store.campaigns.attach_agent(campaign.id, agent.id, "anna", NOON)
        for minutes, state in (
            *((-180, AgentState.READY), (-150, AgentState.PAUSE), (-120, AgentState.READY)),
            *((65, AgentState.TALK), (95, AgentState.LOGGED_OUT)),
        ):
            store.agents.move(agent.id, campaign.id, state, "", then(minutes=minutes))
        known = self.history(store, campaign)
        assert known.hours_at_work == pytest.approx(
            1.0
        )  # 9:00 to 9:30 and 13:05 to 13:35; from 10:00 on nobody was called
        assert known.attempts_at_work == 2  # the call at 17:10 had no agent's time beside it
        assert known.attempts_per_agent_hour == pytest.approx(2.0)

    def test_nothing_on_record_is_none(self, store: Store) -> None:
        known = self.history(store, campaign_with(store, 1))
        assert (known.calls, known.outcomes, known.attempts_per_agent_hour) == (0, (), None)


def test_agents_logged_in_are_counted_for_the_campaigns_they_serve(store: Store) -> None:
    campaign, other = campaign_with(store, 1), campaign_with(store, 1, name="autumn sale")
    for name, campaigns, state in (
        ("Ada", [campaign], AgentState.READY),
        ("Bo", [campaign, other], AgentState.PAUSE),
        ("Cy", [other], AgentState.TALK),
        ("Di", [campaign], AgentState.LOGGED_OUT),
    ):
        agent = store.agents.add(name, f"10{ord(name[0])}", NOON)
        for each in campaigns:
            store.campaigns.attach_agent(each.id, agent.id, "anna", NOON)
        store.agents.move(agent.id, None, state, "", NOON)
    assert store.outlook.agents_at_work(campaign.id) == 2
    assert store.outlook.agents_at_work(other.id) == 2

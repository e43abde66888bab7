"""Are calls to one person counted together, whatever number, list and campaign they were made by, and no others?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from campaigns.dialable import Candidate, Gate, GateCode, Rules, Trunk, Verdict, judge
from campaigns.funnel import Standing, funnel
from campaigns.hours import US_FEDERAL, RuleProfile
from campaigns.importing import LeadRow
from campaigns.model import Facts, Network
from campaigns.rules import PROFILES
from campaigns.rules.duties import AttemptLimit, Cooldown, Duties
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    TALKED,
    after,
    campaign_with,
    claim,
    imported,
    lead_row,
    number,
    phone,
    retry,
    yes,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, B, C, HOME = number(1), number(2), number(3), number(9)


def person(n: int, *numbers: str, key: str = "", debt: str = "") -> LeadRow:
    return lead_row(n, contact_points=tuple(map(phone, numbers)), person_key=key, debt=debt)


def called(store: Store, campaign: Campaign, at: datetime, to: str = "", facts: object = NO_ANSWER) -> None:
    """One call that was made then to whoever is due by that number, and is over."""

    def judge_it(candidate: Candidate) -> Verdict:
        if to in ("", candidate.contact_point.number):
            return yes(candidate)
        gate = Gate(code=GateCode.NUMBER, passed=False, reason="another is meant")
        return Verdict(dialable=False, gates=(gate,), hold=gate, ask_again_at=None)

    (attempt,) = claim(store, campaign, judge=judge_it, now=at, report_date=at.date()).intents
    ended = replace(facts, ended_at=at)  # type: ignore[type-var]
    store.attempts.close(attempt.id, ended, retry(attempt, at, contact_point_id=attempt.contact_point_id), None, at)  # type: ignore[arg-type]


def under(*limits: AttemptLimit, rests: Sequence[Cooldown] = (), seller: str = "Acme") -> Rules:
    profile = replace(US_FEDERAL, name="test", duties=Duties(attempts=limits, cooldowns=tuple(rests)))
    return by(profile, seller)


def by(profile: RuleProfile, seller: str = "Acme") -> Rules:
    # Research asks for no do-not-call registry: none is kept here.
    settings = CampaignSettings(
        name="ours", seller_name=seller, purpose="research", max_attempts_per_number_per_day=20, max_tries=20
    )
    return Rules(settings=settings, trunk=Trunk(name="carrier", practice=False, loopback=False), profile=profile)


def limit(most: int, window: timedelta = DAY, scope: str = "person", counts: str = "attempts") -> AttemptLimit:
    return AttemptLimit(most=most, window=window, scope=scope, counts=counts)


def verdict_on(store: Store, campaign: Campaign, e164: str, rules: Rules, now: datetime) -> Gate | None:
    """Why a lead with this number may not be called by it now; none when he may. The first of the list who has it."""
    for state in store.queue.states(campaign.id):
        for candidate in store.queue.candidates_of(campaign.id, state.person_id, now):
            if candidate.contact_point.number == e164:
                return judge(candidate, rules, now).hold
    raise AssertionError(f"nobody has {e164}")


def test_calls_to_all_numbers_of_a_lead_count_together_to_the_second(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, B)], name="ours")
    theirs = campaign_with(store, [person(0, B)], name="theirs")
    called(store, ours, NOON, A)
    called(store, theirs, NOON + HOUR, B)
    called(store, ours, NOON + 2 * HOUR, A)
    three = under(limit(3))
    for e164 in (A, B):
        hold = verdict_on(store, ours, e164, three, NOON + 3 * HOUR)
        assert hold is not None
        assert hold.passes_at == NOON + DAY
        assert hold.reason == "called 3 times in the last 24 h on all numbers of this person, test allows 3"
        assert verdict_on(store, ours, e164, three, NOON + DAY - timedelta(seconds=1)) is not None
        assert verdict_on(store, ours, e164, three, NOON + DAY) is None
    assert verdict_on(store, ours, B, under(limit(3, scope="number")), NOON + 3 * HOUR) is None


def test_the_same_key_in_another_list_is_the_same_person_however_it_is_written(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, key="c17")], name="ours")
    theirs = campaign_with(store, [person(0, B, key="c17"), person(1, C, key="c18")], name="theirs")
    called(store, theirs, NOON, B)
    assert verdict_on(store, ours, A, under(limit(1)), NOON + HOUR) is not None
    assert verdict_on(store, theirs, C, under(limit(1)), NOON + HOUR) is None


def test_two_persons_of_a_household_share_its_numbers_calls_and_no_others(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, HOME, key="ann")], name="ours")
    theirs = campaign_with(store, [person(0, HOME, B, key="ben")], name="theirs")
    called(store, theirs, NOON, HOME)
    assert verdict_on(store, ours, HOME, under(limit(1)), NOON + HOUR) is not None, "who picks up is not known"
    assert verdict_on(store, ours, HOME, under(limit(1, scope="number")), NOON + HOUR) is not None
    assert verdict_on(store, ours, A, under(limit(1)), NOON + HOUR) is None, "Ann was not called"
    assert verdict_on(store, theirs, B, under(limit(1)), NOON + HOUR) is not None, "Ben was"


def test_a_lead_without_a_key_is_everybody_with_whom_he_shares_a_number(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, HOME)], name="ours")
    theirs = campaign_with(store, [person(0, HOME, B, key="ben")], name="theirs")
    others = campaign_with(store, [person(0, C, key="ben")], name="others")
    called(store, others, NOON, C)
    assert verdict_on(store, ours, A, under(limit(1)), NOON + HOUR) is not None
    called(store, ours, NOON + HOUR, A)
    assert verdict_on(store, others, C, under(limit(2)), NOON + 2 * HOUR) is not None
    assert verdict_on(store, theirs, B, under(limit(2)), NOON + 2 * HOUR) is not None


def test_calls_made_before_the_key_was_known_add_up_once_it_is_imported(store: Store) -> None:
    ours = campaign_with(store, [person(0, A)], name="ours")
    theirs = campaign_with(store, [person(0, B)], name="theirs")
    called(store, ours, NOON, A)
    called(store, theirs, NOON, B)
    assert verdict_on(store, ours, A, under(limit(2)), NOON + HOUR) is None
    imported(store, [person(0, A, key="c17"), person(1, B, key="c17")], list_name="who is who")
    late = campaign_with(store, [person(0, C, key="c17")], name="late")
    for campaign, e164 in ((ours, A), (theirs, B), (late, C)):
        assert verdict_on(store, campaign, e164, under(limit(2)), NOON + HOUR) is not None, e164


def test_two_leads_who_are_one_person_are_not_called_in_one_claim_nor_while_the_other_call_runs(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, key="c17"), person(1, B, key="c17"), person(2, C)], name="ours")
    rules = under()

    def asked(candidate: Candidate) -> Verdict:
        return judge(candidate, rules, NOON)

    found = claim(store, ours, wanted=3, judge=asked)
    assert [attempt.number for attempt in found.intents] == [A, C]
    (held,) = found.held
    assert (held.number, held.code, held.ask_again_at) == (B, "LIVE_CALL", NOON + timedelta(seconds=60))
    assert held.reason == "a call to this person on another number is running"
    later = NOON + timedelta(seconds=60)
    again = claim(store, ours, judge=lambda candidate: judge(candidate, rules, later), now=later)
    assert [each.reason for each in again.held] == ["a call to this person on another number is running"]


def test_an_attempt_counts_for_the_person_from_the_moment_it_is_written(store: Store, url: str) -> None:
    """A crash between the claim and the call: what another process finds is the attempt, and nobody knows its end."""
    ours = campaign_with(store, [person(0, A, key="c17")], name="ours")
    theirs = campaign_with(store, [person(0, B, key="c17")], name="theirs")
    (attempt,) = claim(store, ours).intents
    with closing(Store.open(url)) as after_the_crash:
        (seen,) = after_the_crash.queue.due(theirs.id, NOON + HOUR, 1)
        assert seen.live_elsewhere
        verdict = judge(seen, under(limit(1)), NOON + HOUR)
        assert {gate.code for gate in verdict.gates if not gate.passed} == {GateCode.ATTEMPTS, GateCode.LIVE_CALL}
        lost = replace(NO_ANSWER, network=Network.UNKNOWN)
        after_the_crash.attempts.close(attempt.id, lost, retry(attempt), None, NOON)
        hold = verdict_on(after_the_crash, theirs, B, under(limit(1)), NOON + HOUR)
        assert hold is not None
        assert hold.passes_at == NOON + DAY


@pytest.mark.parametrize(
    ("theirs", "ours", "adds_up"),
    [
        ("00-ACC-42", "acc 42", True),
        ("ACC-0042", "ACC-0043", False),
        ("", "ACC-0042", True),
        ("ACC-0042", "", True),
        ("", "", True),
    ],
)
def test_calls_and_conversations_about_another_debt_do_not_count_and_one_that_is_not_known_is_every_debt(
    store: Store, theirs: str, ours: str, adds_up: bool
) -> None:
    one = campaign_with(store, [person(0, A, key="c17", debt=theirs)], name="one")
    other = campaign_with(store, [person(0, B, A, key="c17", debt=ours)], name="other")
    for hours in range(7):
        called(store, one, NOON + hours * HOUR, A)
    now = NOON + DAY
    rules = by(PROFILES["us-reg-f"])
    for e164 in (A, B):
        hold = verdict_on(store, other, e164, rules, now)
        assert (hold is not None) == adds_up
        if hold is not None:
            assert hold.passes_at == NOON + 7 * DAY
            assert "rang or was answered 7 times in the last 7 days" in hold.reason


def test_after_a_conversation_about_a_debt_seven_days_pass_on_every_number_of_the_person(store: Store) -> None:
    one = campaign_with(store, [person(0, A, key="c17", debt="1")], name="one")
    same = campaign_with(store, [person(0, B, key="c17", debt="1")], name="same")
    other = campaign_with(store, [person(0, C, key="c17", debt="2")], name="other")
    called(store, one, NOON, A, replace(TALKED, disposition="no_decision"))
    rules = by(PROFILES["us-reg-f"])
    hold = verdict_on(store, same, B, rules, NOON + HOUR)
    assert hold is not None
    assert hold.passes_at == NOON + 7 * DAY - 12 * HOUR, "from midnight of the eighth day on"
    assert "a conversation ended at 2026-11-21 17:00 UTC on another number of this person" in hold.reason
    assert verdict_on(store, other, C, rules, NOON + HOUR) is None


def test_who_refused_is_not_called_by_his_other_number(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, B)], name="ours")
    called(store, ours, NOON, A, replace(TALKED, disposition="refused"))
    month = Cooldown(after="refusal", rest=30 * DAY, scope="person+seller")
    hold = verdict_on(store, ours, B, under(rests=(month,)), NOON + HOUR)
    assert hold is not None
    assert hold.passes_at == NOON + 30 * DAY
    assert "a call was refused at 2026-11-21 17:00 UTC on another number of this person" in hold.reason
    of_the_number = replace(month, scope="number")
    assert verdict_on(store, ours, B, under(rests=(of_the_number,)), NOON + HOUR) is None


def test_a_number_that_went_to_somebody_else_brings_its_calls_along(store: Store) -> None:
    ours = campaign_with(store, [person(0, A, key="ann")], name="ours")
    theirs = campaign_with(store, [person(0, A, key="ben")], name="theirs")
    called(store, ours, NOON, A)
    for scope in ("number", "person"):
        assert verdict_on(store, theirs, A, under(limit(1, scope=scope)), NOON + HOUR) is not None


def test_the_calls_of_another_seller_do_not_count_where_the_law_counts_by_seller(store: Store) -> None:
    theirs = campaign_with(store, [person(0, A, key="c17")], name="theirs")
    store.campaigns.save_settings(theirs.id, CampaignSettings(name="theirs", seller_name="Other"), "anna", NOON)
    theirs = store.campaigns.get(theirs.id)
    ours = campaign_with(store, [person(0, B, key="c17")], name="ours")
    called(store, theirs, NOON, A)
    assert verdict_on(store, ours, B, under(limit(1, scope="person+seller")), NOON + HOUR) is None
    assert verdict_on(store, ours, B, under(limit(1, scope="person+seller"), seller="Other"), NOON + HOUR) is not None
    assert verdict_on(store, ours, B, under(limit(1, scope="person+subject")), NOON + HOUR) is not None


# --- all of it by a plain count --------------------------------------------------------------------------

SCOPES = ("number", "person", "person+subject", "person+seller", "person+debt")
KEYS, DEBTS = ("", "", "k1", "k2", "k3"), ("", "1", "2")


def of_many(store: Store, dice: random.Random) -> list[Campaign]:
    """Three campaigns of one house whose 12 leads each share numbers, keys and debts, and up to 70 calls to them."""
    campaigns = []
    for name, seller in (("one", "Acme"), ("two", "Other"), ("three", "Acme")):
        free = list(range(30))
        dice.shuffle(free)
        rows = []
        for n in range(12):
            numbers = [number(free.pop()) for _ in range(dice.choice((1, 1, 2)))]
            rows.append(person(n, *numbers, key=dice.choice(KEYS), debt=dice.choice(DEBTS)))
        campaign = campaign_with(store, rows, name=name)
        store.campaigns.save_settings(campaign.id, CampaignSettings(name=name, seller_name=seller), "anna", NOON)
        campaigns.append(store.campaigns.get(campaign.id))
    busy, gone = replace(NO_ANSWER, network=Network.BUSY), replace(NO_ANSWER, network=Network.INVALID_NUMBER)
    talked = (TALKED, replace(TALKED, disposition="refused"), replace(TALKED, disposition="wrong_number"))
    ends = (NO_ANSWER, NO_ANSWER, busy, gone, replace(busy, ringing_at=NOON), *talked, replace(NO_ANSWER, network=None))
    for _ in range(70):
        at = after(days=10) - timedelta(seconds=dice.randint(0, 12 * 24) * 3600)
        campaign = dice.choice(campaigns)
        found = claim(store, campaign, now=at, report_date=at.date(), judge=_either(dice)).intents
        for attempt in found:
            facts = dice.choice(ends)
            if facts.network is None:
                facts = replace(facts, network=Network.NOT_ATTEMPTED)
            other = dice.choice(store.leads.contact_point_ids(attempt.person_id))
            move = retry(attempt, at, contact_point_id=other)
            store.attempts.close(attempt.id, replace(facts, ended_at=at), move, None, at)
    return campaigns


def _either(dice: random.Random):  # type: ignore[no-untyped-def]
    def judge_it(candidate: Candidate) -> Verdict:
        if dice.random() < 0.5:
            return yes(candidate)
        gate = Gate(code=GateCode.RETRY_TIME, passed=False, reason="the dice say no")
        return Verdict(dialable=False, gates=(gate,), hold=gate, ask_again_at=candidate.state.ask_again_at)

    return judge_it


COUNTED: dict[str, Callable[[Facts], object]] = {
    "attempts": lambda _facts: True,
    "ringing_or_connected": lambda facts: facts.ringing_at or facts.network in (Network.NO_ANSWER, Network.ANSWERED),
    "connected": lambda facts: facts.network is Network.ANSWERED,
    "conversations": lambda facts: facts.joined_at and facts.disposition != "wrong_number",
}


class Plain:
    """The same house, read whole and counted by the words of the decision, pair by pair."""

    def __init__(self, store: Store, campaigns: Iterable[Campaign]) -> None:
        self.leads = {}
        self.calls = []
        for campaign in campaigns:
            for state in store.queue.states(campaign.id):
                self.leads[state.person_id] = store.leads.lead(state.person_id)
            seller = store.campaigns.settings(campaign.id).seller_name
            calls = store.attempts.attempts(campaign.id, after(days=-30).date(), after(days=30).date())
            self.calls += [(each, seller) for each in calls if each.facts.network is not Network.NOT_ATTEMPTED]

    def numbers(self, lead: int) -> set[str]:
        return {point.number for point in self.leads[lead].contact_points}

    def keys(self, lead: int) -> set[str]:
        """Whose he is: his own key's, or without one everybody's with whom he shares a number."""
        own = self.leads[lead].person_key
        beside = {other.person_key for other in self.leads.values() if self.share(lead, other.person_id)}
        return {own} if own else beside - {""}

    def share(self, one: int, other: int) -> bool:
        return bool(self.numbers(one) & self.numbers(other))

    def same(self, one: int, other: int) -> bool:
        neither = not self.leads[one].person_key and not self.leads[other].person_key
        return one == other or bool(self.keys(one) & self.keys(other)) or (neither and self.share(one, other))

    def counted(
        self, lead: int, e164: str, scope: str, counts: str, seller: str, now: datetime, window: timedelta
    ) -> int:
        debt = self.leads[lead].debt
        return sum(
            call.created_at > now - window
            and bool(COUNTED[counts](call.facts))
            and (call.number == e164 or (scope != "number" and self.same(lead, call.person_id)))
            and not (scope == "person+seller" and seller != whose)
            and not (scope == "person+debt" and debt and self.leads[call.person_id].debt not in ("", debt))
            for call, whose in self.calls
        )


@pytest.mark.parametrize("seed", range(6))
def test_the_judge_counts_what_a_plain_count_over_the_whole_house_counts(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    campaigns = of_many(store, dice)
    plain = Plain(store, campaigns)
    assert len(plain.calls) > 20
    now = after(days=10) + timedelta(hours=dice.choice((0, 1)))
    held = dict.fromkeys(COUNTED, 0)
    for campaign in campaigns:
        for state in store.queue.states(campaign.id):
            for candidate in store.queue.candidates_of(campaign.id, state.person_id, now):
                for scope in SCOPES:
                    counts, window = dice.choice(tuple(COUNTED)), dice.choice((DAY, 3 * DAY, 7 * DAY))
                    e164 = candidate.contact_point.number
                    whose = (state.person_id, e164, scope, counts, "Acme")
                    most = plain.counted(*whose, now, window)
                    allowed = judge(candidate, under(limit(most + 1, window, scope, counts)), now)
                    assert allowed.hold is None, (allowed.hold, scope, counts)
                    if most:
                        held[counts] += 1
                        hold = judge(candidate, under(limit(most, window, scope, counts)), now).hold
                        assert hold is not None, (scope, counts, most)
                        assert f" {most} times in the last " in hold.reason
                        assert hold.passes_at is not None
                        before = hold.passes_at - timedelta(seconds=1)
                        first = plain.counted(*whose, hold.passes_at, window)
                        assert first < most <= plain.counted(*whose, before, window)
    assert min(held.values()) > 5


@pytest.mark.parametrize("seed", range(4))
def test_the_funnel_of_many_households_and_debts_is_what_judging_each_lead_alone_says(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    campaigns = of_many(store, dice)
    claim(store, campaigns[1], now=after(days=10), report_date=after(days=10).date(), wanted=2)  # they ring
    week = Cooldown(after="conversation", rest=7 * DAY, scope="person+debt", counted="calendar_days")
    month = Cooldown(after="refusal", rest=60 * DAY, scope="person+seller")
    strict = under(limit(2, 7 * DAY, "person+debt"), limit(3, DAY), rests=(week, month))
    for rules in (strict, by(PROFILES["us-reg-f"]), under()):
        for campaign in campaigns:
            instants = (after(days=10), after(days=11, hours=3))
            alike = store.alike(campaign.id, rules.profile, instants, None)
            members = [(member.key, member.person_id, member.candidate()) for member in alike.members()]
            kinds: dict[object, set[bool]] = {}
            for key, person_id, candidate in members:
                (alone, *_) = store.queue.candidates_of(campaign.id, person_id, instants[0])
                mine, yours = judge(candidate, rules, instants[0]), judge(alone, rules, instants[0])
                assert (mine.hold, mine.ask_again_at) == (yours.hold, yours.ask_again_at)
                kinds.setdefault(key, set()).add(yours.dialable)
            assert all(len(verdicts) == 1 for verdicts in kinds.values()), "leads told alike are judged alike"
            (found, _) = funnel(alike.members(), alike.numbers_of, rules, instants)
            assert found.counts[Standing.CALLABLE] == sum(
                judge(candidate, rules, instants[0]).dialable for _, _, candidate in members
            )

"""Does the funnel say of every lead what judging him alone says, whatever tells him apart, on both databases?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.best_number import best_number
from campaigns.consent import Consent, ConsentAsked, ConsentKind
from campaigns.dialable import Rules, Trunk, judge
from campaigns.funnel import FunnelAt, Standing, funnel
from campaigns.hours import US_FEDERAL, Window
from campaigns.model import AnsweredBy, CloseReason, Facts, LeadState, Network, Scope
from campaigns.number_answers import REASSIGNED, Answered, NumberAnswer, ReassignedAsked
from campaigns.registry import (
    Answer,
    Kind,
    ListImport,
    Registries,
    RegistryVerdict,
    import_list,
    open_registries,
    united_states,
    us_state,
)
from campaigns.rules import PROFILES, ListsAsked
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign
from tests.builders.stored import (
    NOON,
    TALKED,
    after,
    campaign_with,
    claim,
    claimed,
    closed_as,
    entry,
    imported,
    lead_row,
    number,
    phone,
    retry,
)
from tests.campaigns.rule_builders import EveryListSaysClear

NO_ANSWER = Facts(network=Network.NO_ANSWER, ended_at=NOON)
ZONES = (("America/New_York",), ("America/Los_Angeles",), ("America/New_York", "Pacific/Honolulu"), ("Asia/Kolkata",))


class OddIsListed:
    """A registry that has every number with an odd last digit, and knows nothing of those that end with 8."""

    def ask(self, number: str, _now: datetime, _asked: ListsAsked) -> RegistryVerdict:
        return RegistryVerdict(answer=Answer(self.told_apart([number])[0]), reason="said the test's registry")

    def told_apart(self, numbers: Sequence[str]) -> Sequence[int]:
        return [
            Answer.LISTED if n[-1] in "13579" else Answer.UNKNOWN if n[-1] == "8" else Answer.CLEAR for n in numbers
        ]


SPRING = CampaignSettings(name="spring sale")


def rules(**changes: Any) -> Rules:
    usual: dict[str, Any] = {
        "settings": SPRING,
        "trunk": Trunk(name="carrier", practice=False, loopback=False),
        "profile": US_FEDERAL,
        "registries": EveryListSaysClear(),
    }
    return Rules(**usual | changes)


def told(store: Store, campaign: Campaign, by: Rules, *instants: datetime, **changes: Any) -> tuple[FunnelAt, ...]:
    registries: Any = by.registries
    alike = store.alike(campaign.id, by.profile, instants, registries, **changes)
    return funnel(alike.members(), alike.numbers_of, by, instants)


def alone(store: Store, campaign: Campaign, by: Rules, at: datetime) -> FunnelAt:
    """The same from a plain loop: each lead with all his numbers, judged by himself."""
    counts = dict.fromkeys(Standing, 0)
    held: Counter[tuple[str, str]] = Counter()
    later: Counter[datetime] = Counter()
    for state in store.queue.states(campaign.id):
        numbers = store.queue.candidates_of(campaign.id, state.person_id, at)
        judged = [(each, judge(each, by, at)) for each in numbers]
        _, verdict = best_number(*judged[0], lambda judged=judged: judged)  # type: ignore[misc]
        standing = Standing.CALLABLE
        if not verdict.dialable and state.state is LeadState.IN_PROGRESS:
            standing = Standing.IN_A_CALL
        elif not verdict.dialable:
            standing = Standing.LATER if verdict.ask_again_at else Standing.NEVER
        counts[standing] += 1
        if verdict.hold is not None:
            held[(standing, verdict.hold.code)] += 1
        if standing is Standing.LATER and verdict.ask_again_at is not None:
            later[_quarter(verdict.ask_again_at)] += 1
    return FunnelAt(at=at, counts=counts, held=tuple(sorted(held.items())), later=tuple(sorted(later.items())))  # type: ignore[arg-type]


def _quarter(at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % 900)


def same_words(found: FunnelAt) -> FunnelAt:
    """A funnel as the plain loop has it."""
    held: Counter[tuple[str, str]] = Counter()
    for each in found.held:
        held[(each.standing, each.code)] += each.leads
    later: Counter[datetime] = Counter()
    for at, leads in found.later:
        later[_quarter(at)] += leads
    return replace(found, held=tuple(sorted(held.items())), later=tuple(sorted(later.items())))  # type: ignore[arg-type]


def filled(store: Store, seed: int) -> Campaign:
    """60 leads of all sorts: several zones and numbers, called, resting, listed, in a call, closed, never dialled."""
    dice = random.Random(seed)
    rows = []
    for n in range(60):
        numbers = [phone(f"+1900555{n:04}" if dice.random() < 0.1 else number(n), zones=dice.choice(ZONES))]
        if dice.random() < 0.3:
            numbers.append(phone(number(200 + n), zones=dice.choice(ZONES)))
        rows.append(lead_row(n, contact_points=tuple(numbers), timezone="America/Denver" if n % 7 == 0 else ""))
    campaign = campaign_with(store, rows)
    for n in dice.sample(range(60), 12):
        store.suppressions.add(entry(number(n)))
    store.suppressions.add(entry(number(5), scope=Scope.SELLER, value="somebody else"))
    for _ in range(24):
        at = after(days=1, minutes=-dice.randint(1, 600))
        attempt = claimed(store, campaign, now=at, report_date=at.date())
        rest = timedelta(minutes=dice.randint(1, 1500))
        move = retry(attempt, at + rest) if dice.random() < 0.8 else closed_as(attempt, CloseReason.SALE)
        store.attempts.close(attempt.id, NO_ANSWER, move, None, at)
    claimed(store, campaign, now=after(days=1))
    return campaign


ENDS = (
    *(NO_ANSWER, Facts(network=Network.UNKNOWN), replace(TALKED, answered_by=AnsweredBy.MACHINE)),
    *(TALKED, replace(TALKED, disposition="refused"), replace(TALKED, disposition="no_decision")),
)
PLACES = ("+1850555", "+1203555", "+1212555", "+3361234", "+4479460")  # Florida, Connecticut, New York, France, UK
ADDRESSES: tuple[dict[str, str], ...] = (
    {},
    {"region": "FL", "country": "US"},
    {"postal_code": "86515"},
    {"country": "Atlantis"},
)


def filled_with_rules(store: Store, seed: int) -> Campaign:
    """50 leads in several states and countries, some with an address, a consent, a pattern, a call of last week."""
    dice = random.Random(seed)
    rows = []
    for n in range(50):
        text = f"{dice.choice(PLACES)}{n:04}"
        abroad = {"+33": ("FR", ("Europe/Paris",)), "+44": ("GB", ("Europe/London",))}
        region, zones = abroad.get(text[:3], ("US", dice.choice(ZONES)))
        kind = {"region": region, "zones": zones}
        rows.append(lead_row(n, contact_points=(phone(text, **kind),), **dice.choice(ADDRESSES)))
    campaign = campaign_with(store, rows)
    store.suppressions.add(entry("+1850*"))
    store.suppressions.add(entry("+336123400*", scope=Scope.SELLER, value="Acme"))
    for row in dice.sample(rows, 25):
        store.consents.add_many([agreed(row.contact_points[0].e164, dice)])
    for days_ago in (20, 6, 3, 2):
        for _ in range(3):
            at = after(days=22) - timedelta(days=days_ago, minutes=dice.randint(0, 600))
            found = claim(store, campaign, now=at, report_date=at.date(), wanted=6).intents
            for attempt in found:
                facts = replace(dice.choice(ENDS), ended_at=at)
                store.attempts.close(attempt.id, facts, retry(attempt, at + timedelta(hours=1)), None, at)
    return campaign


def agreed(number: str, dice: random.Random) -> Consent:
    return Consent(
        number=number,
        seller=dice.choice(("Acme", "Acme", "Other")),
        purpose="sales",
        kind=dice.choice(tuple(ConsentKind)),
        given_at=NOON - timedelta(days=dice.choice((1, 8, 400))),
        proof="form",
        source="test",
        actor="anna",
        recorded_at=NOON,
        revoked_at=NOON if dice.random() < 0.2 else None,
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("asked", [ConsentAsked.NONE, ConsentAsked.EXPRESS])
def test_places_patterns_consents_and_rests_count_as_judging_each_lead_alone_says(
    store: Store, seed: int, asked: ConsentAsked
) -> None:
    campaign = filled_with_rules(store, seed)
    wishes = CampaignSettings(name="spring sale", seller_name="Acme", consent=asked, consent_max_age_days=30)
    for profile in (US_FEDERAL, PROFILES["uk"], PROFILES["fr"], PROFILES["us-reg-f"]):
        by = rules(profile=profile, settings=wishes)
        for found in told(store, campaign, by, after(days=22), after(days=22, hours=19)):  # Sunday, and Monday noon
            assert same_words(found) == alone(store, campaign, by, found.at)


def answered(number: str, dice: random.Random) -> NumberAnswer:
    washed = number.startswith("+39")
    words = (Answered.CLEAR, Answered.CLEAR, Answered.LISTED) if washed else (Answered.NO, Answered.NO, Answered.YES)
    return NumberAnswer(
        list_id="it-rpo" if washed else REASSIGNED,
        number=number,
        answer=dice.choice(words),
        about=None if washed else (NOON - timedelta(days=dice.choice((2, 9, 401)))).date(),
        asked_at=after(days=dice.choice((1, 8, 21))),
        source="answers.csv",
        actor="anna",
        recorded_at=after(days=21),
    )


@pytest.mark.parametrize("seed", range(3))
def test_answers_about_single_numbers_count_as_judging_each_lead_alone_says(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    numbers = [f"{dice.choice(('+1212555', '+3931234', '+1203555'))}{n:04}" for n in range(50)]
    abroad = {"region": "IT", "zones": ("Europe/Rome",), "kind": "mobile"}
    rows = [
        lead_row(n, contact_points=(phone(each, **(abroad if each.startswith("+39") else {})),))
        for n, each in enumerate(numbers)
    ]
    campaign = campaign_with(store, rows)
    store.consents.add_many([agreed(each, dice) for each in dice.sample(numbers, 40)])
    store.number_answers.add_many([answered(each, dice) for each in dice.sample(numbers, 40)])
    asks = CampaignSettings(name="spring sale", seller_name="Acme", reassigned=ReassignedAsked.ASK)
    seen: Counter[str] = Counter()
    for profile in (US_FEDERAL, PROFILES["it"]):
        by = rules(profile=profile, settings=asks)
        for found in told(store, campaign, by, after(days=22, hours=-3), after(days=23, hours=-3)):
            assert same_words(found) == alone(store, campaign, by, found.at)
            seen.update({held.code: held.leads for held in found.held})
            seen["CALLABLE"] += found.counts[Standing.CALLABLE]
    assert all(seen[code] for code in ("REASSIGNED", "REGISTRY", "REGISTRY_KNOWN", "CALLABLE")), seen


def kept_lists(folder: Path, seed: int) -> Registries:
    """The national list without New York, half of Florida on it; Florida's own list half of the time, and too old in a
    day."""
    dice = random.Random(seed)
    fifty = [f"555{n:04}" for n in range(50)]
    text = "".join(f"850,{n}\n" for n in dice.sample(fifty, 25)) + "".join(f"203,{n}\n" for n in fifty[:5])
    florida = us_state("us-fl", "Florida")
    for registry, rows, days in (
        (united_states(), text, 1),
        (florida, "".join(f"850{n}\n" for n in dice.sample(fifty, 10)), 9),
    ):
        file = folder / f"{registry.id}.txt"
        file.write_text(rows)
        order = ListImport(
            registry=registry, kind=Kind.FULL, files=(file,), list_date=NOON - timedelta(days=days), who="Ann"
        )
        assert import_list(folder / "kept", order, NOON).generation == 1
    return open_registries(folder / "kept", [united_states(), *([florida] if seed % 2 else [])])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("purpose", ["sales", "research"])
@pytest.mark.parametrize("keeps", [True, False], ids=["keeps lists", "keeps none"])
def test_lists_that_rules_ask_for_and_consents_that_lift_them_count_as_judging_each_lead_alone_says(
    store: Store, tmp_path: Path, seed: int, purpose: str, keeps: bool
) -> None:
    campaign = filled_with_rules(store, seed)
    wishes = CampaignSettings(name="spring sale", seller_name="Acme", purpose=purpose)
    lists = kept_lists(tmp_path, seed) if keeps else None
    seen: Counter[str] = Counter()
    for profile in (US_FEDERAL, PROFILES["uk"]):
        by = rules(profile=profile, settings=wishes, registries=lists)
        for found in told(store, campaign, by, after(days=21, hours=19), after(days=22, hours=19)):
            assert same_words(found) == alone(store, campaign, by, found.at)
            seen.update({held.code: held.leads for held in found.held})
    assert bool(seen["REGISTRY_KNOWN"]) is (purpose == "sales"), "who sells waits for lists, others do not"
    assert not seen["REGISTRY"] or (keeps and purpose == "sales")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("registries", [None, OddIsListed()], ids=["no registry", "a registry"])
def test_the_funnel_is_what_judging_each_lead_alone_says(store: Store, seed: int, registries: Any) -> None:
    campaign = filled(store, seed)
    odd_hours = replace(US_FEDERAL, name="odd", week=((Window(opens_min=8 * 60 + 7, closes_min=20 * 60 + 52),),) * 7)
    for profile in (US_FEDERAL, odd_hours):
        purpose = "research" if registries is None else "sales"  # who keeps no list sells nothing
        by = rules(profile=profile, registries=registries, settings=replace(SPRING, purpose=purpose))
        instants = (after(days=1), after(days=1, hours=5, minutes=3), after(days=1, hours=16))
        for found in told(store, campaign, by, *instants):
            assert same_words(found) == alone(store, campaign, by, found.at)
            assert found.leads == 60


def test_a_lead_whose_first_number_is_listed_counts_by_his_second(store: Store) -> None:
    two = (phone(number(0)), phone(number(7)))
    campaign = campaign_with(store, [lead_row(contact_points=two), lead_row(1, contact_points=(phone(number(1)),))])
    store.suppressions.add(entry(number(0)))
    store.suppressions.add(entry(number(1)))
    (found,) = told(store, campaign, rules(), NOON)
    assert (found.counts[Standing.CALLABLE], found.counts[Standing.NEVER]) == (1, 1)
    assert [(held.code, held.leads, held.alone) for held in found.held] == [("DO_NOT_CALL", 1, 1)]


def test_only_the_leads_of_one_list_are_counted_when_it_is_named(store: Store) -> None:
    campaign = campaign_with(store, 5)
    more = imported(store, [lead_row(50), lead_row(51)], list_name="late")
    store.campaigns.attach_list(campaign.id, more.list_id, "anna", NOON)
    assert told(store, campaign, rules(), NOON)[0].leads == 7
    assert told(store, campaign, rules(), NOON, list_id=more.list_id)[0].leads == 2


def test_a_closed_lead_says_why_it_was_closed_and_one_in_a_call_is_neither_later_nor_never(store: Store) -> None:
    campaign = campaign_with(store, 2)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, NO_ANSWER, closed_as(attempt, CloseReason.SALE), None, NOON)
    claimed(store, campaign)
    (found,) = told(store, campaign, rules(), NOON)
    assert [(h.standing, h.code, h.detail) for h in found.held] == [
        (Standing.IN_A_CALL, "LEAD_STATE", ""),
        (Standing.NEVER, "LEAD_STATE", "sale"),
    ]


def test_an_empty_campaign_has_a_funnel_of_nothing(store: Store) -> None:
    campaign = campaign_with(store, [])
    (found,) = told(store, campaign, rules(), NOON)
    assert (found.leads, found.held, found.later) == (0, (), ())


def test_a_number_that_rests_after_a_lost_call_is_told_from_one_that_was_only_not_answered(store: Store) -> None:
    """The United Kingdom's profile rests 72 hours after an abandoned call; both leads were tried as often."""
    numbers = ("+447946000001", "+447946000002")
    rows = [
        lead_row(n, contact_points=(phone(each, region="GB", zones=("Europe/London",)),))
        for n, each in enumerate(numbers)
    ]
    campaign = campaign_with(store, rows)
    at = after(days=21, hours=-4)  # a Saturday
    called = claim(store, campaign, wanted=2, now=at, report_date=at.date()).intents
    for attempt, lost in zip(called, (True, False), strict=True):
        facts = Facts(network=Network.UNKNOWN if lost else Network.NO_ANSWER, ended_at=at)
        store.attempts.close(attempt.id, facts, retry(attempt, at + timedelta(hours=1)), None, at)
    monday_noon = after(days=22, hours=19)
    by = rules(profile=PROFILES["uk"])
    (found,) = told(store, campaign, by, monday_noon)
    assert same_words(found) == alone(store, campaign, by, monday_noon)
    assert (found.counts[Standing.CALLABLE], found.counts[Standing.LATER]) == (1, 1)

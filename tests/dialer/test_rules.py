"""Do the rules of campaign and trunk hold together, in the engine as in "why not?"?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, product
from typing import Any

import pytest

from campaigns.dialable import GateCode, PastCall, judge
from campaigns.hours import PRACTICE, STRICT, US_FEDERAL, RuleProfile, both, judge_hours
from campaigns.rules import PROFILES, Duties, ProfileFault
from campaigns.rules.duties import Abandonment, AbandonMessage
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Trunk
from dialer.rules import looser_than, rules_for
from dialer.use_cases import execute
from tests.campaigns.rule_builders import candidate, contact_point
from tests.dialer.conftest import Furnish
from tests.dialer.floor import NOON, TALKS, changed
from tests.dialer.office import Office

SUNDAY_NOON = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # strict is closed, us-federal is open


def trunk(**changes: object) -> Trunk:
    usual = {"id": 1, "name": "carrier", "exchange": "main", "host": "192.0.2.1", "port": 5060, "max_calls": 5}
    more = {"caller_id": "+12025550100", "practice": False, "rule_profile": "us-federal", "attempts_per_second": 5.0}
    return Trunk(**(usual | more | changes))  # type: ignore[arg-type]


def settings(**changes: object) -> CampaignSettings:
    return CampaignSettings(**({"name": "Autumn", "trunk": "carrier"} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("one", "other"), [*product((US_FEDERAL, STRICT, PRACTICE), repeat=2)])
def test_both_profiles_allow_a_minute_only_when_each_of_them_does(one: RuleProfile, other: RuleProfile) -> None:
    together = both(one, other)
    for day, hour, zone in product((2, 4, 6, 7, 8), range(0, 24, 2), ("America/New_York", "Pacific/Honolulu")):
        at = datetime(2026, 3, day, hour, 30, tzinfo=UTC)
        alone = [judge_hours([zone], profile, at).open for profile in (one, other)]
        assert judge_hours([zone], together, at).open == all(alone), (day, hour, zone)


def test_what_either_profile_denies_is_denied() -> None:
    abroad = RuleProfile(
        name="abroad", week=US_FEDERAL.week, regions=("GB",), source="a test", verified_on=date(2026, 1, 1)
    )
    assert both(STRICT, US_FEDERAL).in_force_to == STRICT.in_force_to
    assert both(US_FEDERAL, STRICT).closed_dates == STRICT.closed_dates
    assert both(US_FEDERAL, PRACTICE).practice
    assert both(US_FEDERAL, PRACTICE).regions == US_FEDERAL.regions, "an empty list means any region"
    assert not set(both(US_FEDERAL, abroad).regions) & {"US", "GB", ""}
    assert both(US_FEDERAL, abroad).regions, "no common region must not become any region"


@pytest.mark.parametrize(("of_campaign", "of_trunk"), [("us-federal", "strict"), ("strict", "us-federal")])
def test_the_stricter_of_campaign_and_trunk_holds(of_campaign: str, of_trunk: str) -> None:
    rules, why = rules_for(settings(rule_profile=of_campaign), [trunk(rule_profile=of_trunk)], lambda _: "")
    assert rules is not None, why
    assert not judge_hours(["America/New_York"], rules.profile, SUNDAY_NOON).open
    alone, _ = rules_for(settings(), [trunk()], lambda _: "")
    assert alone is not None
    assert judge_hours(["America/New_York"], alone.profile, SUNDAY_NOON).open


def test_a_name_that_is_not_known_is_answered_with_the_nearest() -> None:
    for missing, words in (
        (rules_for(settings(trunk="carier"), [trunk()], lambda _: ""), "did you mean carrier"),
        (rules_for(settings(rule_profile="us-fedral"), [trunk()], lambda _: ""), "did you mean us-federal"),
        (rules_for(settings(), [trunk(rule_profile="gone")], lambda _: ""), "of trunk carrier: 'gone'"),
        (rules_for(settings(), [], lambda _: ""), "none yet (dialer trunk add)"),
    ):
        assert missing[0] is None
        assert words in missing[1]


@pytest.mark.parametrize(
    ("duties", "change", "just", "words"),
    [
        (
            Duties(abandonment=(Abandonment(cap=0.02, window="day"),)),
            {"abandon_cap": 0.021},
            {"abandon_cap": 0.02},
            "abandon_cap = 0.021 (at most 0.02)",
        ),
        (
            Duties(abandonment=(Abandonment(cap=0.03, window="day", connect_within_ms=1500),)),
            {"connect_within_ms": 1501, "message_starts_ms": 1000},
            {"connect_within_ms": 1500},
            "connect_within_ms = 1501 (at most 1500)",
        ),
        (
            Duties(ring_at_least_s=30),
            {"ring_timeout_s": 29},
            {"ring_timeout_s": 30},
            "ring_timeout_s = 29 (at least 30)",
        ),
        (
            Duties(messages=(AbandonMessage(within_ms=1000, says=("seller_name",)),)),
            {"message_starts_ms": 1001},
            {"message_starts_ms": 1000},
            "message_starts_ms = 1001 (at most 1000)",
        ),
    ],
)
def test_settings_that_are_looser_than_the_profile_are_not_dialled_by(
    duties: Duties, change: dict[str, Any], just: dict[str, Any], words: str
) -> None:
    stricter = replace(US_FEDERAL, duties=duties)
    (told,) = looser_than(settings(**change), stricter)
    assert words in told
    assert not list(looser_than(settings(**(change | just)), stricter)), "the limit itself is kept"


def test_a_campaign_that_keeps_its_profile_loosely_is_told_what_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.rules.PROFILES", {"us-federal": replace(US_FEDERAL, duties=Duties(ring_at_least_s=30))})
    rules, missing = rules_for(settings(), [trunk()], lambda _: "")
    assert rules is None
    assert "rule profile us-federal allows: ring_timeout_s = 22 (at least 30)" in missing


RANG = PastCall(at=NOON - timedelta(days=2), answered=False)
SEVEN = tuple(replace(RANG, at=NOON - timedelta(hours=20 * n)) for n in range(1, 8))
SPOKE = (replace(RANG, ended_at=RANG.at, answered=True, outcomes=frozenset({"conversation"})),)


@pytest.mark.parametrize("calls", [SEVEN, SPOKE])
@pytest.mark.parametrize("profile", ["us-federal", "strict"])
def test_calls_for_debts_are_judged_by_regulation_f_whatever_profile_the_campaign_names(
    profile: str, calls: tuple[PastCall, ...]
) -> None:
    debtor = candidate(contact_point=contact_point(number="+16145550123"), past_calls=calls)
    told = {}
    for purpose in ("debts", "collections", "research"):
        rules, missing = rules_for(settings(rule_profile=profile, purpose=purpose), [trunk()], lambda _: "")
        assert rules is not None, missing
        hold = next(gate for gate in judge(debtor, rules, NOON).gates if gate.code is GateCode.ATTEMPTS)
        told[purpose] = "" if hold.passed else hold.reason
    assert "us-reg-f" in told["debts"]
    assert "us-reg-f" in told["collections"], "a word of the house's own may mean it"
    assert told["research"] == ""


def test_regulation_f_holds_nobody_outside_the_united_states() -> None:
    rules, missing = rules_for(
        settings(rule_profile="strict", purpose="debts"), [trunk(rule_profile="uk")], lambda _: ""
    )
    assert rules is not None, missing
    briton = candidate(contact_point=contact_point(number="+442079460123", region="GB", zones=("Europe/London",)))
    verdict = judge(briton, rules, NOON)
    assert verdict.basis is not None
    assert "us-reg-f" not in verdict.basis.profile.made_of


def test_every_shipped_profile_can_be_kept_with_the_settings_as_they_come() -> None:
    assert [(name, each) for name in PROFILES for each in looser_than(settings(), PROFILES[name])] == []


def test_a_profile_whose_file_cannot_be_read_is_told_and_nothing_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    class Torn(dict[str, RuleProfile]):
        def __getitem__(self, name: str) -> RuleProfile:
            raise ProfileFault(f"{name}.yaml", ("line 3: torn",))

    monkeypatch.setattr("dialer.rules.PROFILES", Torn({"us-federal": US_FEDERAL}))
    rules, missing = rules_for(settings(), [trunk()], lambda _: "")
    assert rules is None
    assert "us-federal.yaml: line 3: torn" in missing


def test_a_trunks_stricter_hours_hold_its_campaigns_leads(centre: Furnish) -> None:
    stricter = {"practice": False, "rule_profile": "strict"}
    office = centre(leads=0, agents=2, trunk=stricter, rule_profile="us-federal", purpose="research")
    office.clock.advance(6.5 * 3600)  # half past six in the afternoon in New York: strict closes at six
    office.import_numbers("+12122000001", "+12122000002")
    office.open()
    office.clock.advance(120.0)
    assert office.placed() == 0
    held = office.engine.campaign_view("spring")["held"]
    assert " under strict" in held[0]["reason"]


def test_a_call_placed_in_time_is_talked_to_its_end_and_no_other_is_placed_after_hours(centre: Furnish) -> None:
    answers_late = changed(TALKS, answer_after_s=15.0)
    trunk = {"practice": False, "rule_profile": "strict"}
    office = centre(leads=0, trunk=trunk, otherwise=answers_late, rule_profile="us-federal", purpose="research")
    office.clock.advance(6 * 3600 - 10.0)  # strict closes at 18:00 in New York, ten seconds from now
    office.import_numbers("+12122000001", "+12122000002", "+12122000003")
    office.open()
    closing = NOON + timedelta(hours=6)
    office.until(lambda: office.placed() == 1)
    assert office.attempt().created_at < closing
    office.until(office.talking)
    assert office.clock.now() > closing
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.state_of() == "READY")
    office.clock.advance(120.0)
    assert office.placed() == 1
    assert " under strict" in office.engine.campaign_view("spring")["held"][0]["reason"]


def test_why_not_asked_of_now_does_not_say_that_it_asks_about_the_past(office: Office) -> None:
    office.leads("phone\n+12025550123\n")
    office.trunk()
    office.campaign(lists=("autumn",))
    ticks = count()
    ticking = replace(office.context, now=lambda: NOON + timedelta(milliseconds=next(ticks)))
    told = execute(ticking, office.command("why", {"number": "+12025550123", "campaign": "Autumn"}))
    assert told.done
    assert not told.data["judged_by_todays_lists"]
    assert "about the past" not in told.message


def test_why_not_asks_the_trunks_profile_too(office: Office) -> None:
    office.trunk("carrier", host="192.0.2.1", practice=False, rule_profile="strict")
    office.leads("phone\n+12122000001\n")
    office.campaign(lists=("autumn",), trunk="carrier", rule_profile="us-federal", message="autumn")
    asked = {"number": "+12122000001", "campaign": "Autumn", "at": "2026-03-01T12:00:00-05:00"}
    told = office.ask("why", asked)
    assert "This asks about the past by what is known today" in told.message
    later = asked | {"at": "2026-12-01T12:00:00-05:00"}
    assert "about the past" not in office.ask("why", later).message
    shut = {gate["code"]: gate for gate in told.data["gates"] if not gate["passed"]}
    assert "sounds/autumn.wav" in shut["RULES"]["reason"]
    assert " under strict" in shut["CALLING_HOURS"]["reason"]

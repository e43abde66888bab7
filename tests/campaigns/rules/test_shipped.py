"""Do the shipped profiles decide as their own tables say, and as the law is written down in them?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import campaigns.rules
from campaigns.hours import judge_hours
from campaigns.phone import PhoneKind
from campaigns.rules import PROFILES, ProfileFault, shipped_file, shipped_names
from campaigns.rules.cases import decide
from campaigns.rules.linting import lint
from tests.campaigns.rules.profile_texts import changed

TODAY = date(2026, 11, 22)
CASES = [(name, case) for name in shipped_names() for case in shipped_file(name).cases]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}:{case.line}" for name, case in CASES])
def test_a_profile_decides_as_its_table_says(name: str, case: campaigns.rules.cases.Case) -> None:
    found = decide(PROFILES[name], case)
    assert found.allowed == case.allowed, found.reason
    assert case.because in found.reason


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_profile_passes_the_linter(name: str) -> None:
    found = lint(shipped_file(name), TODAY)
    assert found.faults == ()
    assert found.cases >= 5


def test_the_countries_and_states_that_are_promised_are_there() -> None:
    promised = {"us-federal", "us-reg-f", "uk", "ca", "de", "fr", "es", "it", "br", "in", "au", "strict", "practice"}
    stricter = {"fl", "ok", "md", "wa", "ct", "tx", "ny", "ma", "wy", "al", "la", "ms", "ri", "ut", "pa", "ky", "nv"}
    assert promised <= set(PROFILES)
    assert {f"us-{state}" for state in stricter} <= set(PROFILES)


@pytest.mark.parametrize("name", [name for name in shipped_names() if shipped_file(name).extends])
def test_a_profile_that_extends_another_is_never_looser(name: str) -> None:
    child, parent = PROFILES[name], PROFILES[shipped_file(name).extends]
    start = datetime(2026, 12, 20, tzinfo=UTC)
    for minutes in range(0, 14 * 1440, 30):
        at = start + timedelta(minutes=minutes)
        if judge_hours(["America/Chicago"], child, at).open:
            assert judge_hours(["America/Chicago"], parent, at).open
    assert set(child.regions) <= set(parent.regions)
    assert set(child.kinds) <= set(parent.kinds)
    assert set(child.denied_numbers) >= set(parent.denied_numbers)


@pytest.mark.parametrize("name", shipped_names())
def test_no_profile_lets_a_number_through_that_costs_or_is_nobodys_phone(name: str) -> None:
    profile = PROFILES[name]
    where = profile.regions[0] if profile.regions else "US"
    for kind in set(PhoneKind) - {PhoneKind.FIXED, PhoneKind.MOBILE, PhoneKind.FIXED_OR_MOBILE, PhoneKind.VOIP}:
        assert profile.why_not_dialled("+12125550123", kind.value, where), kind
    for number in ("+12129761234", "+19005551234", "+15005551234", "+881612345678", "+88216123456", "+97912345678"):
        assert profile.why_not_dialled(number, PhoneKind.MOBILE.value, where), number


def test_the_reason_names_the_day_on_which_a_verification_ended() -> None:
    late = datetime(2028, 1, 3, 17, tzinfo=UTC)
    for name in ("us-fl", "fr"):
        verdict = judge_hours(["America/New_York"], PROFILES[name], late)
        assert not verdict.open
        assert f"the verification of {name} ended on 2027-12-31" in verdict.reason
        assert verdict.opens_at is None


def test_a_sunday_in_one_zone_and_a_monday_in_the_other_is_a_sunday() -> None:
    at = datetime(2027, 2, 1, 13, tzinfo=UTC)  # Monday in Chicago
    sunday = at - timedelta(hours=7, minutes=30)  # 00:30 on Monday in Chicago, 23:30 on Sunday in Denver
    assert sunday.astimezone(ZoneInfo("America/Denver")).weekday() == 6
    assert not judge_hours(["America/Chicago", "America/Denver"], PROFILES["us-al"], sunday).open


@pytest.mark.parametrize("name", ["us-al", "us-la", "us-ms", "us-ri", "us-ut", "strict"])
def test_a_holiday_and_the_day_on_which_it_is_observed_are_both_closed(name: str) -> None:
    for day in ("2026-07-03", "2026-07-04", "2027-07-04", "2027-07-05"):  # Saturday's on Friday, Sunday's on Monday
        assert PROFILES[name].windows(date.fromisoformat(day)) == (), day
    assert PROFILES[name].windows(date(2026, 7, 2)), "the day before is like any other"


def test_a_holiday_of_one_state_closes_that_state_only() -> None:
    mardi_gras = datetime(2027, 2, 9, 18, tzinfo=UTC)  # noon in New Orleans, a Tuesday
    assert judge_hours(["America/Chicago"], PROFILES["us-federal"], mardi_gras).open
    assert judge_hours(["America/Chicago"], PROFILES["us-al"], mardi_gras).open
    assert not judge_hours(["America/Chicago"], PROFILES["us-la"], mardi_gras).open


def test_a_file_is_called_as_the_profile_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.yaml").write_text(changed("profile: test", "profile: test"))
    (tmp_path / "loop.yaml").write_text(changed("profile: test", "profile: loop\nextends: loop"))
    monkeypatch.setattr("campaigns.rules.shipped._FOLDER", tmp_path)
    campaigns.rules.shipped.shipped_names.cache_clear()
    try:
        with pytest.raises(ProfileFault, match="expected other, as the file is called"):
            shipped_file.__wrapped__("other")
        with pytest.raises(ProfileFault, match="loop extends itself"):
            campaigns.rules.effective(shipped_file.__wrapped__("loop"))
    finally:
        campaigns.rules.shipped.shipped_names.cache_clear()

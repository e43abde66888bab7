"""Can a person see which rules hold, where they stand, and whether a file of them may be relied on?"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from campaigns import hours
from campaigns.rules import shipped_names
from dialer.cli import run
from dialer.refusal import Refused
from dialer.use_cases.rules import linted, listed, profile_warnings, shown
from tests.campaigns.rules.profile_texts import GOOD, changed
from tests.dialer.office import Office

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True, scope="module")
def _packaged_zones() -> Iterator[None]:
    """Cases are judged by the packaged data, as every command of the shell does."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    _forget()
    yield
    zoneinfo.reset_tzpath(before)
    _forget()


def _forget() -> None:
    zoneinfo.ZoneInfo.clear_cache()
    hours.zone_named.cache_clear()
    hours._judged.cache_clear()


def limit(data: Mapping[str, object], name: str) -> list[tuple[str, list[str], str]]:
    rows = data["limits"]
    assert isinstance(rows, list)
    return [(row["value"], row["from"], row["enforced"]) for row in rows if row["limit"] == name]


def test_every_profile_is_listed_with_the_end_of_its_verification() -> None:
    done = listed(TODAY)
    rows = {row["profile"]: row for row in done.data["profiles"]}
    assert set(rows) == set(shipped_names())
    assert rows["us-fl"]["applies"] == "US-FL"
    assert (rows["us-fl"]["good_until"], rows["us-fl"]["note"], rows["us-fl"]["closed"]) == ("2027-12-31", "", False)


@pytest.mark.parametrize(
    ("day", "closed", "words"),
    [
        (date(2027, 11, 30), False, ""),
        (date(2027, 12, 1), False, "good until 2027-12-31, for 30 more days"),
        (date(2027, 12, 31), False, "for 0 more days; then it closes"),
        (date(2028, 1, 1), True, "the verification of fr ended on 2027-12-31"),
    ],
)
def test_a_verification_warns_for_thirty_days_and_then_closes(day: date, closed: bool, words: str) -> None:
    (row,) = (row for row in listed(day).data["profiles"] if row["profile"] == "fr")
    assert row["closed"] is closed
    assert words in row["note"]
    assert bool(row["note"]) is bool(words)
    assert bool([each for each in profile_warnings(day) if "fr " in each]) is bool(words)


def test_profiles_and_places_are_shown_together_with_where_each_limit_stands() -> None:
    done = shown(["us-federal", "strict"], ["US-FL", "US-LA"], TODAY)
    assert "1 of them no software can check: your agents keep them, and a person declares it." in done.message
    data = dict(done.data)
    assert limit(data, "Monday") == [("10:00-18:00", ["strict"], "enforced")]
    assert limit(data, "Sunday") == [("closed", ["strict", "us-la"], "enforced")]
    assert limit(data, "attempts") == [("3 in 24 h, person+subject", ["us-fl"], "enforced")]
    national = "us-ftc, 31 days old, for sales, unless express_written consent"
    assert (national, ["us-federal"], "enforced") in limit(data, "do-not-call")
    assert limit(data, "keep records") == [("5 years", ["us-federal"], "in part")]
    assert {source["profile"] for source in data["sources"]} == {"strict", "us-federal", "us-fl", "us-la"}


def test_a_place_that_nothing_covers_is_told_to_be_closed() -> None:
    done = shown(["us-federal"], ["MX"], TODAY)
    assert "closed, no rule profile covers MX" in done.message


def test_the_linter_refuses_what_may_not_be_relied_on(tmp_path: Path) -> None:
    for text, words in (
        (changed('sources: ["a test"]\n', ""), "sources: is missing"),
        (changed("good_until: 2027-12-31", "good_until: 2026-11-21"), "its verification ended on 2026-11-21"),
        (changed("verified_on: 2026-11-21", "verified_on: 2026-12-24"), "lies in the future"),
        (GOOD[: GOOD.index("cases:")], "cases: there are none"),
        (
            changed('"2027-02-04 09:00", expect: allow', '"2027-02-04 09:00", expect: deny'),
            "expected deny, found allow",
        ),
        (changed('because: "closed"', 'because: "asleep"'), "the reason must hold 'asleep'"),
        (changed("zone: Europe/Paris", "zone: Europe/Pari"), "time zone 'Europe/Pari' is unknown"),
        (changed("regions: [FR]\n", "regions: [FR]\n  held_zones: [Mars/Olympus]\n"), "'Mars/Olympus' is unknown"),
        (changed("calendars: [FR]", "calendars: [FR-9]"), "there is no holiday calendar 'FR-9'"),
        (changed('    - {at: "2027-02-04 18:00", expect: deny}\n', ""), "none for 14:00-18:00 has deny at 18:00"),
        (changed('    - {at: "2027-02-07 12:00", expect: deny}\n', ""), "none is on a Sunday"),
        (changed("add: [2027-02-02]", "add: [2027-03-02]").replace("2027-02-01 09:59", "2027-02-02 09:59"), "expected"),
        (changed("profile: test", "profile: test\nextends: us-fedral"), "there is no profile 'us-fedral'"),
    ):
        with pytest.raises(Refused) as refused:
            linted({"mine.yaml": text}, TODAY)
        assert words in refused.value.message
        assert "Nothing was changed." in refused.value.message


def test_the_linter_passes_a_good_file_and_tells_what_is_not_sure() -> None:
    done = linted({"mine.yaml": GOOD}, TODAY)
    assert done.message == "1 profile without fault, 16 cases kept."
    doubtful = changed("verified_by: anna", 'verified_by: null\ndoubt: ["really?"]')
    unsure = linted({"mine.yaml": doubtful}, TODAY)
    assert unsure.data["profiles"][0]["warnings"] == [
        "nobody has confirmed it (verified_by): have your counsel read it, then keep who and when with "
        "'dialer rules declare add profile test --by ...'",
        "doubt: really?",
    ]
    assert len(linted({}, TODAY).data["profiles"]) == len(shipped_names())


def test_the_commands_need_no_home_and_answer_in_one_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
    (tmp_path / "mine.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(changed("version: 1", "version: one"))
    assert run(("rules", "show", "us-federal", "--region", "US-FL")) == 0
    out = capsys.readouterr().out
    assert "Fla. Stat. 501.616(6)" in out
    assert "declared" in out
    assert run(("rules", "lint", str(tmp_path / "mine.yaml"))) == 0
    assert run(("rules", "lint", str(tmp_path / "mine.yaml"), str(tmp_path / "bad.yaml"), "--json")) == 2
    assert "expected a whole number from 1 to 9999" in capsys.readouterr().out
    assert not (tmp_path / "home").exists()


def test_a_running_service_answers_the_same(office: Office) -> None:
    assert len(office.do("rules.list")["profiles"]) == len(shipped_names())
    assert office.do("rules.show", {"names": ["us-federal"], "regions": ["US-FL"]})["profile"] == "us-fl"
    refused = office.ask("rules.show", {"names": ["nobody"]})
    assert "'nobody' is not known" in refused.message
    assert f"and {len(shipped_names()) - 20} more ('dialer rules list' shows all)" in refused.message
    lower = office.do("rules.show", {"names": ["us-federal"], "regions": ["us-wa"]})
    assert lower["profile"] == "us-wa"
    assert "at least one profile" in office.ask("rules.show", {}).message


def test_the_rules_of_a_campaign_for_debts_name_regulation_f(office: Office) -> None:
    office.trunk("carrier", host="192.0.2.1", practice=False, rule_profile="us-federal")
    office.campaign(trunk="carrier", rule_profile="us-federal", message="autumn", purpose="debts")
    assert "Leads in US are judged by us-reg-f too" in office.ask("rules.show", {"campaign": "Autumn"}).message
    whole = office.do("rules.show", {"campaign": "Autumn", "regions": ["US-OH"]})
    seven = "7 in 7 days, person+debt, only ringing or connected"
    assert limit(dict(whole), "attempts") == [(seven, ["us-reg-f"], "enforced")]


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("US-ZZ", "known of US: US-AK, US-AL"),
        ("QQ", "no country QQ"),
        ("FR-75", "no parts of FR are known; say FR"),
    ],
)
def test_a_place_that_is_not_known_is_refused_with_those_that_are(office: Office, region: str, words: str) -> None:
    answer = office.ask("rules.show", {"names": ["us-federal"], "regions": [region]})
    assert not answer.done
    assert words in answer.message
    assert answer.message.endswith("Nothing was changed.")

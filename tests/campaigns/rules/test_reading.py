"""Is a profile's file read strictly, every fault told with its line, its key and what is allowed?"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.dialable import PAST_WINDOW
from campaigns.phone import PhoneKind
from campaigns.phone.policy import NEVER_DIALLED
from campaigns.rules import PROFILES, ProfileFault, read_profile
from campaigns.rules.duties import AttemptLimit, Cooldown
from campaigns.rules.enforced import ENFORCED, recorded_only
from campaigns.rules.reading import DIALLED_KINDS, KINDS
from tests.campaigns.rules.profile_texts import GOOD, changed

PAGE = (Path(__file__).parents[3] / "docs" / "rule-profiles.md").read_text(encoding="utf-8")


def hours_on(text: str, day: str) -> list[str]:
    return [str(window) for window in read_profile(text, "test.yaml").own.windows(date.fromisoformat(day))]


def faults_of(text: str) -> str:
    with pytest.raises(ProfileFault) as refused:
        read_profile(text, "test.yaml")
    assert str(refused.value).startswith("test.yaml: ")
    assert "Nothing is dialled under it" in str(refused.value)
    return str(refused.value)


def test_a_good_file_is_read_as_it_is_written() -> None:
    found = read_profile(GOOD, "test.yaml")
    assert (found.name, found.sources, found.verified_by, len(found.cases)) == ("test", ("a test",), "anna", 16)
    duties = found.own.duties
    assert duties.attempts == (AttemptLimit(most=4, window=timedelta(days=30), scope="person+seller"),)
    assert duties.cooldowns == (Cooldown(after="refusal", rest=timedelta(days=60), scope="person+seller"),)
    assert (duties.abandon_cap, duties.connect_within_ms, duties.ring_at_least_s) == (0.03, 2000, 15)
    assert duties.consents[0].max_age == timedelta(days=730)
    assert duties.keep_records >= timedelta(days=5 * 365 + 1), "five years hold a leap day"


def test_weekdays_holidays_and_the_days_before_them_have_their_own_hours() -> None:
    assert hours_on(GOOD, "2027-02-04") == ["09:00-12:00", "14:00-18:00"]
    assert hours_on(GOOD, "2027-02-06") == ["10:00-12:00"]
    assert hours_on(GOOD, "2027-02-07") == []
    assert hours_on(GOOD, "2027-07-14") == [], "the fourteenth of July"
    assert hours_on(GOOD, "2027-07-13") == ["10:00-12:00", "14:00-16:00"], "an eve narrows the hours of its weekday"
    assert hours_on(GOOD, "2027-02-02") == [], "a day that was added"
    assert hours_on(GOOD, "2027-05-08") == ["10:00-12:00"], "a Saturday that was removed from the holidays"


def test_a_holidays_own_windows_never_widen_its_weekday() -> None:
    text = changed("holiday: closed", 'holiday: ["08:00-20:00"]')
    assert hours_on(text, "2027-07-14") == ["09:00-12:00", "14:00-18:00"]
    assert hours_on(text, "2027-08-15") == [], "a Sunday stays closed"


def test_outside_its_dates_a_profile_is_closed() -> None:
    text = changed("good_until: 2027-12-31", "good_until: 2027-12-31\neffective_from: 2027-02-04")
    assert hours_on(text, "2027-02-03") == []
    assert hours_on(text, "2027-02-04")
    assert hours_on(text, "2028-01-03") == [], "its verification has ended"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 1", "version: 1\nversion: 2", "line 4: version stands twice (first on line 3)"),
        ("title:", "titel:", "unknown key 'titel' (did you mean title?)"),
        ('title: "A test"\n', "", "title: is missing"),
        ("version: 1", "version: one", "line 3: version: 'one': expected a whole number from 1 to 9999"),
        ("version: 1", 'version: "1"', "line 3: version: '1': expected a whole number"),
        ('sources: ["a test"]', "sources: []", "at least one is needed"),
        ('sources: ["a test"]', "sources: a test", "sources: 'a test': expected a list of texts"),
        ("verified_on: 2026-11-21", "verified_on: 2026-02-30", "'2026-02-30': expected a date such as 2026-11-21"),
        ("good_until: 2027-12-31", "good_until: 2026-01-01", "lies before verified_on"),
        ("good_until: 2027-12-31", "good_until: null", "holidays are not known for ever"),
        ('"09:00-12:00"', '"12:00-09:00"', "line 9: hours.mon-fri: '12:00-09:00': expected a text such as"),
        ('"09:00-12:00"', '"09:00-24:01"', "hours.mon-fri: '09:00-24:01': expected"),
        ('"09:00-12:00"', '"9-12"', "hours.mon-fri: '9-12': expected"),
        ('"14:00-18:00"', '"11:00-18:00"', "windows of a day must follow each other with a gap"),
        ("sat: [", "fri: [", "hours.fri: fri has hours already; each day is named once"),
        ("  sun: closed\n", "", "no hours for sun"),
        ("  sun: closed", "  sun: no", "hours.sun: expected closed, or a list of windows"),
        ("  sun: closed", "  sun: closed\n  sunday: closed", "unknown key 'sunday' (did you mean sun?)"),
        ("calendars: [FR]", "calendars: [XX]", "line 14: hours.calendars: there is no holiday calendar 'XX'"),
        ("calendars: [FR]", "calendars: [FR-XX]", "there is no holiday calendar 'FR-XX'"),
        ("calendars: [FR]", "calendars: [UA]", "the holiday calendar 'UA' is empty"),
        ("remove: [2027-05-08]", "remove: [2027-05-07]", "2027-05-07: no such holiday to remove"),
        ("regions: [FR]", "regions: [France]", "expected countries by two letters"),
        ("regions: [FR]", 'regions: [FR]\n  denied: ["090*"]', "expected + and digits"),
        ("regions: [FR]", "regions: [FR]\n  kinds: [fax]", "numbers.kinds: a list or table: expected a list of fixed"),
        ("regions: [FR]", "regions: [FR]\n  kinds: [premium]", "numbers.kinds: a list or table: expected a list of"),
        ("regions: [FR]", "regions: [FR]\n  kinds: [pager]", "numbers.kinds: a list or table: expected a list of"),
        ("max: 4", "max: 0", "attempts[1].max: '0': expected a whole number from 1"),
        ("scope: person+seller}\ncool", "scope: household}\ncool", "expected one of number, person"),
        ("window: 30d", "window: month", "'month': expected a length such as 24h, 30d or 5y"),
        ("cap: 0.03", "cap: 3", "'3': expected a share such as 0.03"),
        ("cap: 0.03", "cap: 3%", "'3%': expected a share such as 0.03"),
        ("ring: {at_least_s: 15}", "ring: 15", "ring: expected a table of keys"),
        ("ring: {at_least_s: 15}", "ring: {at_least: 15}", "ring.unknown key 'at_least' (did you mean at_least_s?)"),
        ("shown: true", "shown: yes", "caller_id.shown: 'yes': expected true or false"),
        ("{max: 4, window: 30d, scope: person+seller}", "4", "attempts: expected a list of tables"),
        ('at: "2027-02-04 09:00"', 'at: "2027-02-29 09:00"', "cases.rows[2].at: '2027-02-29 09:00': expected local"),
        ('at: "2027-02-04 09:00"', 'at: "2027-02-04T09:00+01:00"', "expected local time such as"),
        ('"2027-02-04 09:00", expect: allow', '"2027-02-04 09:00", expect: yes', "'yes': expected one of allow, deny"),
        ("sources: [", "sources: &a [", "anchors and aliases are not allowed"),
        ("title: ", "title: !!python/name:os.system ", "tags (!) are not allowed"),
        ("title: ", "title: \t- ", "not YAML"),
        ('title: "A test"', 'title: "A\\x1btest"', "title: 'A�test': expected a text"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_told_with_line_and_key(old: str, new: str, words: str) -> None:
    assert words in faults_of(changed(old, new))


def test_a_case_may_be_of_every_kind_that_a_number_can_have_and_only_dialled_ones_are_opened() -> None:
    assert set(KINDS) == {kind.value for kind in PhoneKind}
    for kind in DIALLED_KINDS:
        text = changed("regions: [FR]", f"regions: [FR]\n  kinds: [{kind}]")
        assert read_profile(text, "test.yaml").own.kinds == (kind,)
    assert not {kind.value for kind in NEVER_DIALLED} & set(DIALLED_KINDS)


def test_every_fault_is_told_at_once() -> None:
    text = changed("version: 1", "version: none").replace("cap: 0.03", "cap: 3").replace("sun: closed", "sun: open")
    told = faults_of(text)
    assert all(words in told for words in ("version:", "abandonment.cap", "hours.sun"))


@pytest.mark.parametrize("text", ["", "- a", "just words", "a: 1\n---\nb: 2", "{" * 5000, "a: [" * 5000, "x" * 300_000])
def test_what_is_no_profile_at_all_is_refused(text: str) -> None:
    faults_of(text)


@given(st.text(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 60))
def test_no_text_makes_another_fault_than_one_that_is_told(noise: str, at: int, cut: int) -> None:
    told: tuple[str, ...] = ()
    try:
        read_profile(GOOD[:at] + noise + GOOD[at + cut :], "test.yaml")
    except ProfileFault as refused:
        told = refused.faults
    assert all(fault.isprintable() for fault in told)


def test_every_key_of_a_file_is_told_to_be_enforced_or_recorded_only() -> None:
    told = faults_of(changed("version: 1", "version: 1\nnonsense: 1"))
    known = set(told.split("allowed: ")[1].split(". Nothing")[0].split(", "))
    assert known == set(ENFORCED)
    page = {
        key.strip("` "): row[2].strip()
        for row in (line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| `"))
        for key in row[0].split(",")
    }
    assert set(page) == known
    assert {key for key, words in page.items() if words == "recorded only"} == {k for k in known if recorded_only(k)}


def test_no_rolling_window_is_longer_than_the_calls_that_are_looked_up() -> None:
    assert max(limit.window for name in PROFILES for limit in PROFILES[name].duties.attempts) <= PAST_WINDOW
    assert "attempts[1].window: at most 31d" in faults_of(changed("window: 30d", "window: 32d"))

"""Is what several profiles allow together exactly what each of them allows, whatever their order?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.hours import US_FEDERAL, judge_hours, next_open
from campaigns.rules import PROFILES, RuleProfile, all_of, both, shipped_names
from campaigns.rules.duties import Abandonment, AttemptLimit, Cooldown, Duties
from campaigns.rules.windows import ALL_DAY, DAY_MIN, Window, Windows

DAY = date(2027, 2, 1)
ZONES = ("America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Honolulu")
NUMBERS = ("+12125550123", "+19005550123", "+33612345678", "+18815550123")
KINDS = ("fixed", "mobile", "fixed_or_mobile", "premium")
REGIONS = ("US", "FR", "GB")
_days = st.dates(DAY, DAY + timedelta(days=6))


@st.composite
def _windows(draw: st.DrawFn) -> Windows:
    edges = sorted(draw(st.lists(st.integers(0, DAY_MIN), max_size=4, unique=True)))
    return tuple(Window(opens_min=a, closes_min=b) for a, b in zip(edges[::2], edges[1::2], strict=False))


_duties = st.builds(
    Duties,
    attempts=st.lists(
        st.builds(
            AttemptLimit,
            most=st.integers(1, 9),
            window=st.sampled_from([timedelta(hours=24), timedelta(days=7)]),
            scope=st.sampled_from(["number", "person"]),
        ),
        max_size=2,
        unique=True,
    ).map(tuple),
    cooldowns=st.lists(
        st.builds(
            Cooldown, after=st.just("abandoned"), rest=st.just(timedelta(hours=72)), scope=st.sampled_from(["number"])
        ),
        max_size=1,
    ).map(tuple),
    abandonment=st.lists(
        st.builds(Abandonment, cap=st.floats(0.01, 0.05), window=st.just("day")), max_size=2, unique=True
    ).map(tuple),
    ring_at_least_s=st.integers(0, 30),
    identify_within_s=st.integers(0, 60),
    keep_records=st.integers(0, 2000).map(lambda days: timedelta(days=days)),
)
made_up = st.builds(
    RuleProfile,
    name=st.sampled_from(["one", "two", "three"]),
    week=st.tuples(*[st.one_of(_windows(), st.just(ALL_DAY))] * 7),
    regions=st.lists(st.sampled_from(REGIONS), unique=True, max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from(KINDS), unique=True, min_size=1).map(tuple),
    denied_numbers=st.lists(st.sampled_from(["+1900*", "+33*", "+1?12*"]), unique=True).map(tuple),
    held_zones=st.lists(st.sampled_from(ZONES[-1:]), max_size=1).map(tuple),
    closed_dates=st.lists(_days, unique=True, max_size=2).map(tuple),
    other_days=st.dictionaries(_days, _windows(), max_size=3).map(lambda days: tuple(sorted(days.items()))),
    in_force_from=st.one_of(st.none(), _days),
    in_force_to=st.one_of(st.none(), _days),
    good_until=st.one_of(st.none(), _days),
    practice=st.booleans(),
    never=st.sampled_from(["", "", "", "held"]),
    every_region=st.booleans(),
    source=st.just("a test"),
    verified_on=_days,
    duties=_duties,
)
shipped = st.sampled_from(shipped_names()).map(PROFILES.__getitem__)
any_profile = st.one_of(made_up, shipped)
moments = st.integers(0, 7 * DAY_MIN).map(lambda m: datetime(2027, 1, 31, 12, tzinfo=UTC) + timedelta(minutes=m))


def rules_in(profile: RuleProfile) -> dict[str, object]:
    """Everything that is decided by; the order of a list decides nothing."""
    words = ("name", "source", "version", "never")
    found = {each.name: getattr(profile, each.name) for each in fields(profile) if each.name not in words}
    return {name: frozenset(v) if isinstance(v, tuple) and name != "week" else v for name, v in found.items()}


@settings(max_examples=300)
@given(st.lists(any_profile, min_size=1, max_size=5), moments, st.sampled_from(ZONES))
def test_an_instant_is_legal_together_only_when_it_is_legal_under_each(
    profiles: list[RuleProfile], at: datetime, zone: str
) -> None:
    together = all_of(profiles[0], profiles[1:])
    assert judge_hours([zone], together, at).open == all(judge_hours([zone], each, at).open for each in profiles)


@given(
    st.lists(any_profile, min_size=1, max_size=4),
    st.sampled_from(NUMBERS),
    st.sampled_from(KINDS),
    st.sampled_from(REGIONS),
)
def test_a_number_is_dialled_together_only_when_it_is_under_each(
    profiles: list[RuleProfile], number: str, kind: str, region: str
) -> None:
    together = all_of(profiles[0], profiles[1:])
    alone = [not each.why_not_dialled(number, kind, region) for each in profiles]
    assert (not together.why_not_dialled(number, kind, region)) == all(alone)


@given(st.lists(any_profile, min_size=2, max_size=3))
def test_the_order_in_which_they_are_put_together_changes_nothing(profiles: list[RuleProfile]) -> None:
    results = [rules_in(all_of(first, more)) for first, *more in permutations(profiles)]
    assert all(each == results[0] for each in results)


@given(st.lists(any_profile, min_size=1, max_size=4))
def test_every_duty_of_each_holds_together(profiles: list[RuleProfile]) -> None:
    duties = all_of(profiles[0], profiles[1:]).duties
    for each in (profile.duties for profile in profiles):
        assert set(each.attempts) <= set(duties.attempts)
        assert set(each.cooldowns) <= set(duties.cooldowns)
        assert set(each.consents) <= set(duties.consents)
        assert duties.ring_at_least_s >= each.ring_at_least_s
        assert duties.keep_records >= each.keep_records
        if each.abandon_cap is not None:
            assert duties.abandon_cap is not None
            assert duties.abandon_cap <= each.abandon_cap
        if each.identify_within_s:
            assert 0 < duties.identify_within_s <= each.identify_within_s


@given(any_profile, any_profile)
def test_a_profile_added_twice_changes_nothing(one: RuleProfile, other: RuleProfile) -> None:
    once = both(one, other)
    assert rules_in(both(once, other)) == rules_in(once)


def test_a_state_that_holds_the_federal_rules_already_keeps_its_own_name() -> None:
    assert both(PROFILES["us-federal"], PROFILES["us-fl"]).name == "us-fl"
    assert both(PROFILES["us-tx"], PROFILES["us-fl"]).name == "us-tx and us-fl"


def test_the_latest_beginning_and_the_earliest_end_hold_together() -> None:
    one = replace(US_FEDERAL, in_force_from=DAY, in_force_to=DAY + timedelta(days=9), good_until=None)
    other = replace(
        US_FEDERAL,
        in_force_from=DAY + timedelta(days=1),
        in_force_to=DAY + timedelta(days=8),
        good_until=DAY + timedelta(days=7),
    )
    for together in (both(one, other), both(other, one)):
        assert together.in_force_from == DAY + timedelta(days=1)
        assert together.in_force_to == DAY + timedelta(days=8)
        assert together.good_until == DAY + timedelta(days=7)
    assert both(one, replace(one, in_force_from=None)).in_force_from == DAY


@given(
    st.lists(shipped, min_size=1, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from([date(2026, 12, 23), date(2027, 3, 13), date(2027, 7, 2), date(2027, 10, 31), date(2027, 5, 5)]),
    st.integers(0, 36 * 60),
)
def test_the_next_open_minute_of_shipped_profiles_is_the_one_that_a_scan_finds(
    profiles: list[RuleProfile], zone: str, day: date, later: int
) -> None:
    together = all_of(profiles[0], profiles[1:])
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=later)
    found = next_open([zone], together, now)
    place = ZoneInfo(zone)
    moment, limit = now, now + timedelta(days=3)
    while moment < limit:
        local = moment.astimezone(place)
        minute = local.hour * 60 + local.minute
        if any(w.opens_min <= minute < w.closes_min for w in together.windows(local.date())):
            break
        moment += timedelta(minutes=1)
    held = zone in together.held_zones
    assert (found == moment) if moment < limit and not held else (found is None or found >= limit)

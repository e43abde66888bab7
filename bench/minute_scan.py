"""Does the rule engine open and close in the very minutes that a brute force finds, in every zone, for a whole year?

    python -m bench.minute_scan [--year 2026] [--week federal|night|always|office] [--workers 2]
    python -m bench.minute_scan --zones America/Denver,Asia/Kolkata

Every minute of the year is judged twice: by `campaigns.hours.judge_hours`, and by turning the instant into each zone's
local time and looking at a plain table; the two share the hours as numbers and no code. Where it is shut, the engine's
next opening must be the first legal minute that the table finds. Scanned are all IANA zones, those with the same clock
all year once, and the zones of every split area code. It must print 0 disagreements, and ends with 1 otherwise. Nine
tenths of the time are the engine's own, 15 us for each minute; each worker is a process that takes one set of zones
after the other. tests/campaigns/test_minute_scan.py scans the days around each change.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import sys
import time
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources

from campaigns.hours import RuleProfile, Window, judge_hours
from campaigns.phone import nanp_area_codes, zones_of
from campaigns.place import whereabouts

MINUTE = timedelta(minutes=1)
LOOK_EVERY = timedelta(hours=6)  # no zone changes its clock twice in that
AHEAD = 3 * 24 * 60  # minutes looked at beyond the end, for openings after it

# Minutes of the local day by weekday, Monday first. A window over midnight is written as two: 23:00-24:00, 00:00-00:10.
Week = tuple[tuple[tuple[int, int], ...], ...]
WEEKS: Mapping[str, Week] = {
    "federal": (((8 * 60, 21 * 60),),) * 7,
    # Ends within the hour that comes twice, lies in the hour that is skipped, goes over midnight.
    "night": (((0, 10), (30, 90), (135, 165), (23 * 60, 24 * 60)),) * 7,
    "always": (((0, 24 * 60),),) * 7,
    "office": (*((((10 * 60, 13 * 60), (14 * 60, 20 * 60)),) * 5), (), ()),
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """How many minutes were judged, and the first few in which the two disagree."""

    minutes: int
    disagreements: tuple[str, ...]


def scan(zones: Sequence[str], week: Week, begin: datetime, minutes: int) -> Found:
    """Compare the engine with the table for so many minutes from `begin`, a whole minute in UTC."""
    opens = next_legal(legal_minutes(zones, week, begin, minutes + AHEAD))
    profile = profile_of(week)
    wrong = []
    for n in range(minutes):
        now = begin + n * MINUTE
        verdict = judge_hours(zones, profile, now)
        first = opens[n]
        expected = None if first is None else begin + first * MINUTE
        if verdict.open is not (first == n) or (expected is not None and verdict.opens_at != expected):
            said = f"engine {'open' if verdict.open else 'shut'}, opens {verdict.opens_at}"
            wrong.append(f"{now:%Y-%m-%d %H:%M} UTC in {', '.join(zones)}: {said}; table opens {expected}")
    return Found(minutes=minutes, disagreements=tuple(wrong))


def legal_minutes(zones: Sequence[str], week: Week, begin: datetime, count: int) -> bytearray:
    """1 for each minute that is legal in all zones, by their wall clocks alone."""
    legal = bytearray(b"\x01") * count
    for name in zones:
        place = zoneinfo.ZoneInfo(name)
        for n in range(count):
            if legal[n]:
                local = (begin + n * MINUTE).astimezone(place)
                of_day = local.hour * 60 + local.minute
                legal[n] = any(opens <= of_day < closes for opens, closes in week[local.weekday()])
    return legal


def next_legal(legal: bytearray) -> list[int | None]:
    """For each minute the first legal one from it on; None when there is none before the end."""
    found: list[int | None] = [None] * len(legal)
    following: int | None = None
    for n in range(len(legal) - 1, -1, -1):
        following = n if legal[n] else following
        found[n] = following
    return found


def profile_of(week: Week) -> RuleProfile:
    """The same hours as the rule engine has them."""
    days = tuple(tuple(Window(opens_min=a, closes_min=b) for a, b in day) for day in week)
    return RuleProfile(name="scan", week=days, source="bench/minute_scan.py", verified_on=date(2026, 11, 22))


def all_zones() -> tuple[str, ...]:
    """Every IANA name of the packaged data."""
    names = resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    return tuple(name for name in names if name != "Factory")


def split_area_codes() -> dict[str, tuple[str, ...]]:
    """Area codes of the USA and Canada whose numbers may be in more than one zone."""
    found = {}
    for area in sorted(nanp_area_codes("US") | nanp_area_codes("CA")):
        number = f"+1{area}5550100"
        place = whereabouts(number=number, kind="fixed_or_mobile", region="US", zones=zones_of(number))
        if len(place.zones) > 1:
            found[area] = place.zones
    return found


def clock_of(zone: str, begin: datetime, end: datetime) -> tuple[tuple[datetime, timedelta], ...]:
    """The zone's offset at `begin` and each minute in which it changes before `end`."""
    place = zoneinfo.ZoneInfo(zone)
    changes = [(begin, _offset(place, begin))]
    moment = begin
    while moment < end:
        following = min(moment + LOOK_EVERY, end)
        if _offset(place, following) != changes[-1][1]:
            changed = _change_between(place, moment, following)
            changes.append((changed, _offset(place, changed)))
        moment = following
    return tuple(changes)


def _change_between(place: zoneinfo.ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first minute of the new offset, halving the time in which it lies."""
    old = _offset(place, before)
    while after - before > MINUTE:
        middle = before + (after - before) // MINUTE // 2 * MINUTE
        before, after = (middle, after) if _offset(place, middle) == old else (before, middle)
    return after


def _offset(place: zoneinfo.ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(place).utcoffset() or timedelta()


def distinct(sets: Iterable[tuple[str, ...]], begin: datetime, end: datetime) -> dict[tuple[str, ...], int]:
    """One set of zones for all whose clocks are the same throughout, with how many they are; each clock in it once."""
    clocks: dict[str, tuple[tuple[datetime, timedelta], ...]] = {}
    first: dict[frozenset[object], tuple[str, ...]] = {}
    counted: dict[tuple[str, ...], int] = {}
    for zones in sets:
        for zone in zones:
            if zone not in clocks:
                clocks[zone] = clock_of(zone, begin, end)
        apart = {clocks[zone]: zone for zone in reversed(zones)}  # the first zone of each clock
        chosen = first.setdefault(frozenset(apart), tuple(reversed(apart.values())))
        counted[chosen] = counted.get(chosen, 0) + 1
    return counted


def changes_of_clocks(begin: datetime, end: datetime) -> dict[tuple[datetime, timedelta, timedelta], str]:
    """Every change that any zone makes between the two: its instant and both offsets, with one zone that makes it."""
    found: dict[tuple[datetime, timedelta, timedelta], str] = {}
    for zone in all_zones():
        clock = clock_of(zone, begin, end)
        for (_, before), (moment, after) in itertools.pairwise(clock):
            found.setdefault((moment, before, after), zone)
    return found


@dataclass(frozen=True, kw_only=True)
class Job:
    """One set of zones to scan for a whole year, in whichever process."""

    zones: tuple[str, ...]
    week: str
    year: int


def scanned(job: Job) -> tuple[Job, Found, float]:
    """What a whole year found, and the seconds of processor that it took."""
    began = time.process_time()
    begin = datetime(job.year, 1, 1, tzinfo=UTC)
    minutes = int((datetime(job.year + 1, 1, 1, tzinfo=UTC) - begin) / MINUTE)
    found = scan(job.zones, WEEKS[job.week], begin, minutes)
    return job, found, time.process_time() - began


def all_scanned(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Found, float]]:
    """Every job once, in the order in which they are done. A process that fails ends the scan with its error."""
    if workers == 1:
        yield from map(scanned, jobs)
        return
    # Those of many zones first, so that no process works on alone at the end.
    longest_first = sorted(jobs, key=lambda job: -len(job.zones))
    with multiprocessing.get_context("spawn").Pool(workers, pin_packaged_zones) as pool:
        yield from pool.imap_unordered(scanned, longest_first)


def pin_packaged_zones() -> None:
    """As the dialer does: the machine's own zone files may be years old."""
    zoneinfo.reset_tzpath(())


def main(arguments: Sequence[str]) -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--year", type=int, default=2026)
    asked.add_argument("--week", choices=sorted(WEEKS), default="federal")
    asked.add_argument("--zones", default="", help="one set of zones instead of all, names with commas between")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    given = asked.parse_args(arguments)
    if given.workers < 1:
        asked.error("--workers: 1 or more")
    pin_packaged_zones()
    begin, end = datetime(given.year, 1, 1, tzinfo=UTC), datetime(given.year + 1, 1, 8, tzinfo=UTC)
    splits = split_area_codes()
    alone = tuple((zone,) for zone in all_zones())
    sets = distinct([tuple(given.zones.split(","))] if given.zones else (*alone, *splits.values()), begin, end)
    if not given.zones:
        print(f"{len(alone)} zones and {len(splits)} split area codes: {len(sets)} different clocks in {given.year}")
    jobs = [Job(zones=zones, week=given.week, year=given.year) for zones in sets]
    began, spent, judged, wrong, done = time.perf_counter(), 0.0, 0, 0, 0
    for done, (job, found, seconds) in enumerate(all_scanned(jobs, min(given.workers, len(jobs))), start=1):
        spent, judged, wrong = spent + seconds, judged + found.minutes, wrong + len(found.disagreements)
        for words in found.disagreements[:3]:
            print(f"DISAGREE {words}")
        minutes = (time.perf_counter() - began) / 60
        told = f"{done} of {len(jobs)} after {minutes:.1f} min: {judged:,} minutes, {wrong} disagreements"
        print(f"{told} ({', '.join(job.zones[:2])})", flush=True)
    minutes = (time.perf_counter() - began) / 60
    told = f"week {given.week}: {done} of {len(jobs)} clocks, {judged:,} minutes judged twice, {wrong} disagreements"
    print(f"{told}; {spent / 60:.1f} min of CPU, {minutes:.1f} min on the clock")
    return 1 if wrong or done < len(jobs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

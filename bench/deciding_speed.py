"""How long does it take to decide one lead by all rules, and how much faster than reading the rules anew each time?

Run: python -m bench.deciding_speed [--seconds 1.0]
Prints microseconds of one `judge`, warm, for leads with one state and zone, with another state by their address, and in
ten zones, open and closed, in the same minute and in a new one each time; beside it the same decision with the profiles
read and put together anew. Goal: 50 us.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from campaigns import hours
from campaigns.dialable import Candidate, Rules, Trunk, judge
from campaigns.hours import US_FEDERAL
from campaigns.model import ContactPoint, DiallingState, LeadState
from campaigns.place import NO_ADDRESS, Address
from campaigns.rules import PROFILES, places, shipped
from campaigns.settings import CampaignSettings

NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
TEXAS = Address(country="US", region="TX", postal_code="75001")
ZONES = tuple(
    f"America/{city}"
    for city in (
        *("New_York", "Chicago", "Los_Angeles", "Denver", "Detroit", "Phoenix", "Boise"),
        *("Indiana/Indianapolis", "Kentucky/Louisville", "Menominee"),
    )
)
RULES = Rules(
    settings=CampaignSettings(name="bench", seller_name="Acme", trunk="t", purpose="research"),
    trunk=Trunk(name="t", practice=False, loopback=False),
    profile=US_FEDERAL,
)
GOAL_US = 50.0
ROUNDS = 5


def lead(zones: tuple[str, ...], address: Address = NO_ADDRESS) -> Candidate:
    point = ContactPoint(id=1, number="+12125550123", kind="fixed_or_mobile", region="US", zones=zones, practice=False)
    return Candidate(
        contact_point=point,
        state=DiallingState(campaign_id=1, person_id=1, list_id=1, state=LeadState.NEW, contact_point_id=1),
        suppressions=(),
        attempted_at=(NOON - timedelta(hours=30),),
        live_call=False,
        address=address,
    )


LEADS = {
    "one state": lead(ZONES[:1]),
    "another by address": lead(ZONES[:1], TEXAS),
    "ten zones": lead(ZONES, TEXAS),
}


def microseconds(work: Callable[[int], object], seconds: float) -> float:
    """The median of some rounds; warm."""
    work(0)
    began, count = time.process_time(), 0
    while time.process_time() - began < seconds / 10:
        work(count)
        count += 1
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for number in range(count):
            work(number)
        found.append((time.process_time() - began) / count * 1e6)
    return statistics.median(found)


def new_minute(number: int) -> datetime:
    """Of every hour of the day, for three weeks round and round: none is kept from before."""
    return NOON + timedelta(minutes=number % 30_240)


def forget() -> None:
    """As if nothing had been worked out before."""
    hours._judged.cache_clear()
    hours.zone_named.cache_clear()
    places.rules_of_places.cache_clear()
    places._placed.cache_clear()
    shipped._effective.cache_clear()
    shipped.shipped_file.cache_clear()
    shipped.shipped_names.cache_clear()


def read_anew(candidate: Candidate, at: datetime) -> None:
    """Read every file that is needed, put the rules together and judge."""
    forget()
    base = PROFILES["us-federal"]
    judge(candidate, Rules(settings=RULES.settings, trunk=RULES.trunk, profile=base), at)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--seconds", type=float, default=1.0)
    seconds = options.parse_args().seconds
    zoneinfo.reset_tzpath(())
    print(
        f"one judge, microseconds of CPU, median of {ROUNDS}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"{'a lead with':<20}{'open':>8}{'closed':>8}{'any new minute':>18}{'read anew':>12}{'ratio':>8}")
    worst = 0.0
    for name, someone in LEADS.items():
        open_ = microseconds(lambda _, c=someone: judge(c, RULES, NOON), seconds)
        shut = microseconds(lambda _, c=someone: judge(c, RULES, NIGHT), seconds)
        later = iter(range(1, 10**9))
        minute = microseconds(lambda _, c=someone, m=later: judge(c, RULES, new_minute(next(m))), seconds)
        began = time.process_time()
        read_anew(someone, NOON)
        anew = (time.process_time() - began) * 1e6
        print(f"{name:<20}{open_:>8.1f}{shut:>8.1f}{minute:>18.1f}{anew:>12,.0f}{anew / max(open_, shut):>8,.0f}")
        worst = max(worst, open_, shut)
    print(f"goal {GOAL_US:.0f} us: {'kept' if worst <= GOAL_US else 'missed'} ({worst:.1f} us)")


if __name__ == "__main__":
    main()

"""How long does the funnel of a large list take, and how much faster than judging each lead on its own?

Run: python -m bench.funnel_speed [--leads 500000] [--keep FILE]
Fills a store as bench/forecast_speed.py does (20 sets of zones, three in ten called before, one in fifty on the
do-not-call list) and prints seconds for the funnel at two instants, beside a loop over judge for every lead.
`--keep` leaves the store at FILE, or uses the one that is there.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.forecast_speed import NOON, RULES, filled
from campaigns.dialable import judge
from campaigns.funnel import Standing, funnel
from campaigns.storage import Store

INSTANTS = (NOON, NOON + timedelta(hours=21))
LIMIT_S = 40


def measured(store: Store) -> None:
    campaign = store.campaigns.all()[0]
    began, cpu = time.perf_counter(), time.process_time()
    alike = store.alike(campaign.id, RULES.profile, INSTANTS)
    told = funnel(alike.members(), alike.numbers_of, RULES, INSTANTS)
    took, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    print(f"funnel of {told[0].leads:,} leads at {len(INSTANTS)} instants: {took:.1f} s ({cpu_s:.1f} s CPU)")
    print(f"limit {LIMIT_S} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for each in told:
        print(f"{each.at:%a %H:%M} UTC: " + ", ".join(f"{leads:,} {kind}" for kind, leads in each.counts.items()))
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")
    began = time.perf_counter()
    plain = _one_by_one(store, campaign.id)
    loop = time.perf_counter() - began
    assert plain == [each.counts[Standing.CALLABLE] for each in told], (plain, told)
    print(f"a plain loop of judge over every lead, with the same answer: {loop:.1f} s, {loop / took:.1f} times that")


def _one_by_one(store: Store, campaign_id: int) -> list[int]:
    """How many may be called at each instant; every lead read and judged as the dialer's queue does it."""
    persons = [state.person_id for state in store.queue.states(campaign_id)]
    found = [0] * len(INSTANTS)
    for candidate in store.queue.candidates_among(campaign_id, persons, INSTANTS[0]):
        for place, at in enumerate(INSTANTS):
            found[place] += judge(candidate, RULES, at).dialable
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--leads", type=int, default=500_000)
    options.add_argument("--keep", type=Path, default=None)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.keep or Path(folder) / "store.sqlite"
        store = Store.open(f"sqlite:///{file}") if file.exists() else filled(file, given.leads)
        measured(store)
        store.close()


if __name__ == "__main__":
    main()

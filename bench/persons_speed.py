"""How much dearer is a claim where persons must be counted over several numbers, lists and debts?

Run: python -m bench.persons_speed [--leads 3000] [--claims 150]
Fills two stores with the same leads and the same calls of the last week: in one each lead has one number of his own, in
the other each person has two numbers, a key and a debt on each of three lists. Prints milliseconds of CPU of a claim of
10 leads judged under Regulation F, and the funnel's seconds, as the ratio of the second store to the first.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.dialable import Rules, Trunk, judge
from campaigns.funnel import funnel
from campaigns.importing import LeadRow
from campaigns.model import Attempt, Facts, LeadState, Network
from campaigns.phone.values import PhoneKind, PhoneNumber
from campaigns.retry import NextMove
from campaigns.rules import PROFILES
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
LISTS, WANTED = 3, 10
RULES = Rules(
    settings=CampaignSettings(name="list 0", max_tries=20, purpose="research"),
    trunk=Trunk(name="t", practice=False, loopback=False),
    profile=replace(PROFILES["us-reg-f"], good_until=None),
)
LENIENT = replace(RULES, profile=PROFILES["us-federal"])
_ids = itertools.count()


def _phone(n: int) -> PhoneNumber:
    return PhoneNumber(
        e164=f"+1{2_025_550_000 + n}",
        region="US",
        country_code=1,
        kind=PhoneKind.FIXED_OR_MOBILE,
        zones=("America/New_York",),
    )


def _rows(leads: int, which: int, *, persons: bool) -> Iterator[LeadRow]:
    for n in range(leads):
        if persons:
            numbers = (_phone(2 * n), _phone(2 * n + 1))
            yield LeadRow(line=n + 2, contact_points=numbers, person_key=f"c{n}", debt=f"{which % 2}")
        else:
            yield LeadRow(line=n + 2, contact_points=(_phone(LISTS * n + which),))


def _filled(file: Path, leads: int, *, persons: bool) -> tuple[Store, Campaign]:
    """Every third lead of each list was called twice last week."""
    store = Store.create(f"sqlite:///{file}", now=NOON - timedelta(days=9), durable=False)
    campaigns = []
    for which in range(LISTS):
        name, began = f"list {which}", NOON - timedelta(days=8)
        rows = _rows(leads, which, persons=persons)
        batch = store.leads.import_batch(name, rows, "bench.csv", f"digest {which}", "bench", began)
        campaign = store.campaigns.create(replace(RULES.settings, name=name), "bench", began)
        store.campaigns.attach_list(campaign.id, batch.list_id, "bench", began)
        campaigns.append(campaign)
    for day in (5, 3):
        at = NOON - timedelta(days=day)
        for campaign in campaigns:
            with store.transaction():
                _called(store, campaign, leads // 3, at)
    return store, campaigns[0]


def _claimed(store: Store, campaign: Campaign, rules: Rules, wanted: int, at: datetime) -> tuple[Attempt, ...]:
    return store.attempts.claim(
        campaign.id,
        lambda candidate: judge(candidate, rules, at),
        wanted,
        at,
        lambda: f"bench-{next(_ids)}",
        trunk="t",
        settings_version=1,
        script_version=None,
        disposition_set=1,
        report_date=at.date(),
        look_at_most=2 * wanted,
    ).intents


def _called(store: Store, campaign: Campaign, wanted: int, at: datetime) -> None:
    """So many leads, the same ones every time: they come back before those who were never called."""
    for attempt in _claimed(store, campaign, LENIENT, wanted, at):
        move = NextMove(
            state=LeadState.RETRY,
            reason="no answer",
            ask_again_at=at + timedelta(days=1),
            contact_point_id=attempt.contact_point_id,
            tries=1,
            attempts=1,
        )
        store.attempts.close(attempt.id, Facts(network=Network.NO_ANSWER, ended_at=at), move, None, at)


def _measured(store: Store, campaign: Campaign, claims: int) -> tuple[float, float]:
    """Milliseconds of CPU of a claim, the tenth of the fastest apart (others work here too); and of the funnel."""
    began = time.process_time()
    alike = store.alike(campaign.id, RULES.profile, (NOON,), None)
    funnel(alike.members(), alike.numbers_of, RULES, (NOON,))
    funnel_ms = (time.process_time() - began) * 1000
    times = []
    for _ in range(claims):
        began = time.process_time()
        found = _claimed(store, campaign, RULES, WANTED, NOON)
        times.append((time.process_time() - began) * 1000)
        assert len(found) == WANTED, "too few leads for so many claims"
    return statistics.quantiles(times, n=10)[0], funnel_ms


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--leads", type=int, default=3000)
    options.add_argument("--claims", type=int, default=150)
    given = options.parse_args()
    told = {}
    for name, persons in (("one number each", False), ("persons on three lists", True)):
        with tempfile.TemporaryDirectory() as folder:
            store, campaign = _filled(Path(folder) / "store.sqlite", given.leads, persons=persons)
            claim_ms, funnel_ms = told[name] = _measured(store, campaign, given.claims)
            print(f"{name:24} a claim of {WANTED}: {claim_ms:.2f} ms of CPU, the funnel: {funnel_ms:.0f} ms")
            store.close()
    plain, persons_ms = told.values()
    print(f"ratio: claim {persons_ms[0] / plain[0]:.2f}, funnel {persons_ms[1] / plain[1]:.2f}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

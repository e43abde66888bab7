"""How long does the forecast of a large list take, and how much faster than judging each lead on its own?

Run: python bench/forecast_speed.py [--leads 1000000] [--keep FILE]
Fills a store with leads in 20 sets of zones, three in ten called before, some of them today, one in fifty on the
do-not-call list, and prints seconds for the read, for the forecast, and what judging them one by one would cost.
`--keep` leaves the store at FILE, or uses the one that is there.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, insert, update

from campaigns.dialable import Rules, Trunk, judge
from campaigns.forecast import Crew, forecast
from campaigns.hours import US_FEDERAL
from campaigns.importing import LeadRow
from campaigns.model import AnsweredBy, Facts, LeadState, Network, Routing, ScriptOutcome, Suppression
from campaigns.phone.values import PhoneKind, PhoneNumber
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.rows import facts_as_columns
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import DIALLING

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
SETTINGS = CampaignSettings(name="bench", seller_name="Acme", trunk="t", purpose="research")  # no list is asked for
RULES = Rules(settings=SETTINGS, trunk=Trunk(name="t", practice=False, loopback=False), profile=US_FEDERAL)
ZONES = ("New_York", "Chicago", "Denver", "Los_Angeles", "Phoenix", "Anchorage", "Detroit", "Boise", "Halifax", "Adak")
SETS = tuple((f"America/{a}",) for a in ZONES) + tuple(
    (f"America/{a}", f"America/{b}") for a, b in zip(ZONES, ZONES[1:] + ZONES[:1], strict=True)
)
CALLED, TODAY, LISTED = 0.3, 0.04, 0.02
ALONE = 2_000  # leads judged one by one, to tell what all of them would cost
FIRST = 2_010_000_000


def rows(count: int) -> Iterator[LeadRow]:
    for n in range(count):
        point = PhoneNumber(
            e164=f"+1{FIRST + n}",
            region="US",
            country_code=1,
            kind=PhoneKind.FIXED_OR_MOBILE,
            zones=SETS[n % len(SETS)],
        )
        yield LeadRow(line=n + 2, contact_points=(point,), first_name="Ada", last_name=f"Lovelace {n}")


def filled(file: Path, leads: int) -> Store:
    store = Store.create(f"sqlite:///{file}", now=NOON, durable=False)
    batch = store.leads.import_batch("bench", rows(leads), "bench.csv", "digest", "bench", NOON - timedelta(days=30))
    campaign = store.campaigns.create(SETTINGS, "bench", NOON)
    store.campaigns.attach_list(campaign.id, batch.list_id, "bench", NOON - timedelta(days=30))
    with store.transaction():
        _call_some(store, campaign.id, leads)
        for n in range(0, leads, int(1 / LISTED)):
            store.suppressions.add(
                Suppression(number=f"+1{FIRST + n}", reason="asked", source="desk", actor="bench", added_at=NOON)
            )
    return store


def _call_some(store: Store, campaign_id: int, leads: int) -> None:
    """Three in ten wait for their next try; today's calls and those of two weeks stand in the records."""
    dice = random.Random(1)
    moves, calls = [], []
    for person in range(1, leads + 1):
        if dice.random() >= CALLED:
            continue
        today = dice.random() < TODAY / CALLED
        at = NOON - timedelta(seconds=dice.uniform(0, 4 * 3600) if today else dice.uniform(90_000, 14 * 86_400))
        moves.append({"person": person, "at": at + timedelta(seconds=dice.choice((14_400, 21_600, 259_200)))})
        moves[-1]["new_tries"] = dice.randint(1, 4)
        calls.append(_attempt(campaign_id, person, at, dice))
    database = store._db
    for some in (moves[n : n + 10_000] for n in range(0, len(moves), 10_000)):
        database.execute(_MOVED, some)
    for some in (calls[n : n + 10_000] for n in range(0, len(calls), 10_000)):
        database.execute(insert(ATTEMPT), some)


def _attempt(campaign_id: int, person: int, at: datetime, dice: random.Random) -> dict[str, object]:
    answered = dice.random() < 0.3
    facts = Facts(network=Network.NO_ANSWER, ended_at=at)
    if answered:
        facts = Facts(network=Network.ANSWERED, answered_by=AnsweredBy.HUMAN, joined_at=at, ended_at=at, talk_ms=60_000)
    return {
        **{"id": f"b-{person}", "campaign_id": campaign_id, "person_id": person, "contact_point_id": person},
        **{"list_id": 1, "number": f"+1{FIRST + person - 1}", "trunk": "t", "settings_version": 1},
        **{"disposition_set": 1, "created_at": at, "report_date": at.date(), "first_attempt": True},
        **{"live": False, "closed": True, **facts_as_columns(facts)},
        **{"routing": Routing.AGENT if answered else Routing.NOT_ROUTED, "script": ScriptOutcome.NOT_STARTED},
        "disposition": "no_decision" if answered else "",
    }


_MOVED = (
    update(DIALLING)
    .where(DIALLING.c.person_id == bindparam("person"))
    .values(state=LeadState.RETRY, ask_again_at=bindparam("at"), tries=bindparam("new_tries"), attempts=1)
)


def measured(store: Store) -> None:
    campaign = store.campaigns.all()[0]
    began, cpu = time.perf_counter(), time.process_time()
    waiting = store.outlook.waiting(campaign.id, NOON, RULES.profile.denied_numbers)
    read = time.perf_counter()
    history = store.outlook.history(campaign.id, zone=SETTINGS.zone, since=NOON - timedelta(days=28), now=NOON)
    known = time.perf_counter()
    told = forecast(waiting, RULES, Crew(agents=100), history, at=NOON)
    done, cpu_s = time.perf_counter(), time.process_time() - cpu
    leads = sum(group.leads for group in waiting)
    print(
        f"{leads:,} leads wait in {len(waiting):,} groups of leads that are judged alike; {history.calls:,} past calls"
    )
    print(
        f"read {read - began:.1f} s, past calls {known - read:.1f} s, forecast {done - known:.1f} s: "
        f"{done - began:.1f} s, of which {cpu_s:.1f} s CPU; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    alone = _one_by_one(store, campaign.id)
    print(
        f"judging all of them one by one, once: {alone * leads:.0f} s, {alone * leads / (done - began):.0f} times that"
    )
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")
    for spell in told.dry_spells[:3]:
        print(f"dry from {spell.begins_at:%a %H:%M} UTC: {spell.reason}")


def _one_by_one(store: Store, campaign_id: int) -> float:
    """Seconds for one lead, read and judged as the dialer does it."""
    began = time.perf_counter()
    for candidate in store.queue.due(campaign_id, NOON, ALONE):
        judge(candidate, RULES, NOON)
    return (time.perf_counter() - began) / ALONE


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--leads", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, default=None)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.keep or Path(folder) / "store.sqlite"
        store = Store.open(f"sqlite:///{file}") if file.exists() else filled(file, given.leads)
        measured(store)
        store.close()


if __name__ == "__main__":
    main()

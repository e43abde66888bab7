"""How fast is the store, and how much faster than the plain way of writing it with ORM objects?

Run: python bench/store_speed.py [--calls 1000] [--leads 5000] [--import-rows 200000]
Prints medians in ms and the ratio to a loop over SQLModel objects in the same run, on the same disk: absolute
figures depend on the machine, the ratio hardly does.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, create_engine, select

from campaigns.dialable import Rules, Trunk, judge
from campaigns.hours import PRACTICE
from campaigns.importing import LeadRow
from campaigns.model import AttemptEvent, EventKind, Facts, LeadState, Network, Routing, ScriptOutcome
from campaigns.phone.values import PhoneKind, PhoneNumber
from campaigns.retry import next_state
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.tables.attempts import AttemptRow, EventRow
from campaigns.storage.tables.campaigns import DiallingRow
from campaigns.storage.values import Campaign

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
EVENTS = (EventKind.PLACED, EventKind.PROGRESS, EventKind.RINGING, EventKind.ANSWERED, EventKind.JOIN_ASKED)
NO_ANSWER = Facts(network=Network.NO_ANSWER, ended_at=NOON, ring_ms=15_000)
SETTINGS = CampaignSettings(name="bench", zone="UTC")
RULES = Rules(settings=SETTINGS, trunk=Trunk(name="t", practice=True, loopback=True), profile=PRACTICE)


@dataclass(kw_only=True)
class Times:
    """Milliseconds per step of a call."""

    claim: list[float] = field(default_factory=list)
    append: list[float] = field(default_factory=list)
    close: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0

    def shown(self) -> str:
        steps = (("claim", self.claim), ("append 10", self.append), ("close", self.close))
        words = [f"{name} {statistics.median(ms):.2f} (p99 {quantile99(ms):.2f})" for name, ms in steps if ms]
        return f"{', '.join(words)}, CPU per call {self.cpu_ms:.2f} ms"


def quantile99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def rows(count: int) -> Iterator[LeadRow]:
    for n in range(count):
        point = PhoneNumber(
            e164=f"+1{2_025_550_000 + n}",
            region="US",
            country_code=1,
            kind=PhoneKind.FIXED_OR_MOBILE,
            zones=("America/New_York",),
            practice=True,
        )
        yield LeadRow(line=n + 2, contact_points=(point,), first_name="Ada", last_name=f"Lovelace {n}")


def timed(step: list[float], act: Callable[[], None]) -> None:
    began = time.perf_counter()
    act()
    step.append((time.perf_counter() - began) * 1000)


def filled(folder: Path, leads: int) -> tuple[Store, Campaign]:
    store = Store.create(f"sqlite:///{folder / 'store.sqlite'}", now=NOON)
    batch = store.leads.import_batch("bench", rows(leads), "bench.csv", "digest", "bench", NOON)
    campaign = store.campaigns.create(SETTINGS, "bench", NOON)
    store.campaigns.attach_list(campaign.id, batch.list_id, "bench", NOON)
    return store, campaign


def life_of_a_call(store: Store, campaign: Campaign, at: datetime, attempt_id: str, times: Times) -> None:
    def claim() -> None:
        store.attempts.claim(
            campaign.id,
            lambda candidate: judge(candidate, RULES, at),
            1,
            at,
            lambda: attempt_id,
            trunk="t",
            settings_version=1,
            script_version=None,
            disposition_set=1,
            report_date=at.date(),
        )

    def append() -> None:
        store.attempts.append(
            [AttemptEvent(attempt_id=attempt_id, kind=kind, at=at, data=(("mono_s", 1.5),)) for kind in EVENTS * 2]
        )

    def close() -> None:
        attempt = store.attempts.get(attempt_id)
        assert attempt is not None, "no lead was dialable"
        state = store.queue.state(campaign.id, attempt.person_id)
        assert state is not None
        move = next_state(state, NO_ANSWER, None, SETTINGS, at, (attempt.contact_point_id,))
        store.attempts.close(attempt_id, NO_ANSWER, move, None, at)

    timed(times.claim, claim)
    timed(times.append, append)
    timed(times.close, close)


def the_store(folder: Path, leads: int, calls: int) -> Times:
    store, campaign = filled(folder, leads)
    times = Times()
    began = time.process_time()
    for n in range(calls):
        life_of_a_call(store, campaign, NOON + timedelta(seconds=n), f"bench-{n}", times)
    times.cpu_ms = (time.process_time() - began) * 1000 / calls
    store.close()
    return times


def plain_objects(folder: Path, leads: int, calls: int) -> Times:
    """The same rows by SQLModel objects in sessions, without judging and without looking at do-not-call."""
    store, campaign = filled(folder, leads)
    store.close()
    engine = create_engine(f"sqlite:///{folder / 'store.sqlite'}")
    times = Times()
    began = time.process_time()
    for n in range(calls):
        plain_call(Session(engine), campaign.id, NOON + timedelta(seconds=n), f"bench-{n}", times)
    times.cpu_ms = (time.process_time() - began) * 1000 / calls
    engine.dispose()
    return times


def plain_call(session: Session, campaign_id: int, at: datetime, attempt_id: str, times: Times) -> None:
    def claim() -> None:
        due = select(DiallingRow).where(
            DiallingRow.campaign_id == campaign_id,
            DiallingRow.state == LeadState.NEW,
            DiallingRow.ask_again_at <= at,  # type: ignore[operator]
        )
        lead = session.exec(due.order_by(DiallingRow.ask_again_at, DiallingRow.person_id).limit(1)).one()  # type: ignore[arg-type]
        lead.state, lead.ask_again_at = LeadState.IN_PROGRESS, None
        session.add(plain_attempt(lead, at, attempt_id))
        session.add(EventRow(attempt_id=attempt_id, seq=1, kind=EventKind.INTENT, at=at, data=[]))
        session.commit()

    def append() -> None:
        for seq, kind in enumerate(EVENTS * 2, start=2):
            session.add(EventRow(attempt_id=attempt_id, seq=seq, kind=kind, at=at, data=[["mono_s", 1.5]]))
        session.commit()

    def close() -> None:
        attempt = session.exec(select(AttemptRow).where(AttemptRow.id == attempt_id)).one()
        attempt.network, attempt.closed, attempt.live, attempt.closed_at = Network.NO_ANSWER, True, False, at
        lead = session.exec(select(DiallingRow).where(DiallingRow.person_id == attempt.person_id)).one()
        lead.state, lead.ask_again_at, lead.tries = LeadState.RETRY, at + timedelta(hours=4), lead.tries + 1
        session.commit()

    timed(times.claim, claim)
    timed(times.append, append)
    timed(times.close, close)
    session.close()


def plain_attempt(lead: DiallingRow, at: datetime, attempt_id: str) -> AttemptRow:
    return AttemptRow(
        id=attempt_id,
        campaign_id=lead.campaign_id,
        person_id=lead.person_id,
        contact_point_id=lead.contact_point_id or 0,
        list_id=lead.list_id,
        number=f"+1{attempt_id}",
        trunk="t",
        settings_version=1,
        disposition_set=1,
        created_at=at,
        report_date=at.date(),
        first_attempt=True,
        live=True,
        closed=False,
        routing=Routing.NOT_ROUTED,
        script=ScriptOutcome.NOT_STARTED,
        script_steps=[],
    )


def imported(folder: Path, count: int) -> str:
    store = Store.create(f"sqlite:///{folder / 'store.sqlite'}", now=NOON)
    campaign = store.campaigns.create(SETTINGS, "bench", NOON)
    began = time.perf_counter()
    batch = store.leads.import_batch("bench", rows(count), "bench.csv", "digest", "bench", NOON)
    middle = time.perf_counter()
    store.campaigns.attach_list(campaign.id, batch.list_id, "bench", NOON)
    end = time.perf_counter()
    store.close()
    return (
        f"{count} rows: import {middle - began:.1f} s ({count / (middle - began):,.0f}/s), attach {end - middle:.1f} s"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--calls", type=int, default=1000)
    options.add_argument("--leads", type=int, default=5000)
    options.add_argument("--import-rows", type=int, default=200_000)
    given = options.parse_args()
    results: dict[str, Times] = {}
    for name, run in (("plain objects", plain_objects), ("the store", the_store)):
        with tempfile.TemporaryDirectory() as folder:
            results[name] = run(Path(folder), given.leads, given.calls)
        print(f"{name:14} {results[name].shown()}")
    ratio = results["plain objects"].cpu_ms / results["the store"].cpu_ms
    print(f"CPU per call: plain objects / the store = {ratio:.1f} (the store also judges and asks do-not-call)")
    with tempfile.TemporaryDirectory() as folder:
        print(imported(Path(folder), given.import_rows))


if __name__ == "__main__":
    main()

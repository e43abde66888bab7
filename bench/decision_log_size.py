"""How large is the decision log of a day of eight hours, and of a day of 24 in the same manner?

Run: python bench/decision_log_size.py [--agents 20] [--hours 8] [--mode power] [--ratio 1.5]
The real engine on a simulated day. The named alternative in the same run is the plain way: every decision's sentence
with its time, in a row of its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import timedelta
from pathlib import Path

from call_centre import machine

from campaigns.model import DialMode
from campaigns.storage.store import Store
from campaigns.storage.values import DecisionMinute
from dialer.decision_book import DecisionBook
from dialer.rehearsal.house import CAMPAIGN, MORNING
from dialer.simulation import SimulationPlan, simulate

GOAL_BYTES = 1_000_000
MINUTES_OF_A_DAY = 1440
STAMP_BYTES = 26  # an instant as SQLite keeps it


class PlainLog:
    """Counts what one row per decision would take."""

    def __init__(self) -> None:
        self.rows = self.bytes = 0

    def listen(self) -> None:
        """Hear every decision from now on, beside the book."""
        keep = DecisionBook.looked

        def looked(book: DecisionBook, run: object, campaign: object, pace: object, *, cancelled: int) -> None:
            self.rows += 1
            self.bytes += len(getattr(pace, "reason", "").encode()) + STAMP_BYTES
            keep(book, run, campaign, pace, cancelled=cancelled)  # type: ignore[arg-type]

        DecisionBook.looked = looked  # type: ignore[assignment,method-assign]


def minutes_of(folder: Path) -> tuple[DecisionMinute, ...]:
    store = Store.open(f"sqlite:///{folder / 'simulated.sqlite3'}")
    campaign = store.campaigns.by_name(CAMPAIGN)
    assert campaign is not None
    try:
        return store.decisions.between(campaign.id, MORNING, MORNING + timedelta(days=1))
    finally:
        store.close()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--agents", type=int, default=20)
    options.add_argument("--leads", type=int, default=5000)
    options.add_argument("--hours", type=float, default=8.0)
    options.add_argument("--mode", default="power")
    options.add_argument("--ratio", type=float, default=1.5)
    given = options.parse_args()
    plan = SimulationPlan(
        agents=given.agents, leads=given.leads, hours=given.hours, mode=DialMode(given.mode), ratio=given.ratio
    )
    plain = PlainLog()
    plain.listen()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        day = simulate(plan, Path(folder))
        minutes = minutes_of(Path(folder))
    sizes = [len(json.dumps(each.body, ensure_ascii=False, separators=(",", ":")).encode()) for each in minutes]
    launched = sum(dict(each.body).get("launched", 0) for each in minutes)  # type: ignore[call-overload]
    whole = sum(sizes) + STAMP_BYTES * len(sizes)
    print(
        f"{plain.rows} decisions, {day.attempts} attempts, {launched} in the log: one row a minute, {len(sizes)} rows"
    )
    print(f"the log: {whole / 1e6:.3f} MB; a row {sum(sizes) / len(sizes):.0f} bytes, the largest {max(sizes)}")
    print(f"24 hours of such minutes: {whole / len(sizes) * MINUTES_OF_A_DAY / 1e6:.3f} MB (goal: under 1)")
    print(f"every sentence in a row of its own: {plain.bytes / 1e6:.3f} MB, {plain.bytes / whole:.1f} times as much")
    good = launched == day.attempts and whole / len(sizes) * MINUTES_OF_A_DAY < GOAL_BYTES
    print("goal reached" if good else "goal MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())

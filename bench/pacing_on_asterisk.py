"""Does predictive pacing see on a real Asterisk what it foresaw? Predicted and achieved side by side.

Run: python bench/pacing_on_asterisk.py [--minutes 10] [--agents 10]
Everything is real: the service with its durable store, a private Asterisk, a second one as the far end, SIP and RTP on
loopback, scripted agents on softphones who send the commands of a person's desk. Every ten seconds the decision's own
sentence is read: how many of the calls in flight should need an agent. Which of those very calls did is read from the
store afterwards. Every call we gave up is looked up in the far end's log for an answer that crossed it.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dialer.cli.output import say
from dialer.demo.practice_day import CAMPAIGN, PracticeDay
from dialer.demo.run import Agents
from telephony.port import Network
from telephony.practice import PracticeKind, numbers
from telephony.practice_compare import RecordedCall, compare, crossed_answers

MIX = (
    (PracticeKind.ANSWERS_SPEECH, 24), (PracticeKind.ANSWERS_SLOWLY, 8), (PracticeKind.NO_ANSWER, 44),
    (PracticeKind.BUSY, 8), (PracticeKind.UNALLOCATED, 4), (PracticeKind.REJECTED, 4),
    (PracticeKind.ANSWERING_MACHINE, 8),
)  # fmt: skip
HELD_AREA = "+1808"  # the practice rules keep this one closed on purpose
LEADS_PER_AGENT_MINUTE = 30
READ_EVERY_S = 10.0
EXPECTED = re.compile(r"of which ([0-9.]+) should answer")
INSTANT = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True)
class Reading:
    """What the pacer expected of the calls in flight, and when it did."""

    at: datetime
    expected: float


def leads(count: int) -> Iterator[str]:
    """Practice numbers of every kind in a random order that is the same each time."""
    supply = {kind: numbers(kind) for kind, _ in MIX}
    dice = random.Random(1)
    kinds, weights = zip(*MIX, strict=True)
    while count:
        number = next(supply[dice.choices(kinds, weights)[0]])
        if not number.startswith(HELD_AREA):
            count -= 1
            yield number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--agents", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pacing-") as folder:
        root = Path(folder)
        sheet = root / "leads-to-call.csv"
        count = int(LEADS_PER_AGENT_MINUTE * asked.agents * asked.minutes)
        sheet.write_text("phone\n" + "".join(f"{number}\n" for number in leads(count)), encoding="utf-8")
        with PracticeDay(root / "day", agents=asked.agents, talk=6.0, say=say) as day:
            day.set_up(
                sheet,
                mode="predictive",
                max_calls=50,
                attempts_per_second=10.0,
                ring_timeout_s=22,
                max_lines_per_agent=8.0,
            )
            day.start_service()
            day.plug_in_phones()
            with Agents(day):
                readings = watch(day, asked.minutes * 60)
            finish(day)
            tell(day, readings)


def watch(day: PracticeDay, seconds: float) -> list[Reading]:
    """Let it run and read its sentence now and then."""
    day.do("campaign.start", {"name": CAMPAIGN})
    readings: list[Reading] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(READ_EVERY_S)
        shown = day.do("campaign.show", {"name": CAMPAIGN}).data
        words = shown["pace"]
        found = EXPECTED.search(words)
        if found:
            readings.append(Reading(datetime.fromisoformat(shown["paced_at"]), float(found[1])))
            say(f"{seconds - (ends - time.monotonic()):4.0f} s  {words}")
    day.do("campaign.stop", {"name": CAMPAIGN})
    return readings


def finish(day: PracticeDay) -> None:
    """Until its last call is over."""
    ends = time.monotonic() + 90
    while time.monotonic() < ends and day.do("campaign.show", {"name": CAMPAIGN}).data["state"] != "STOPPED":
        time.sleep(0.5)


def tell(day: PracticeDay, readings: list[Reading]) -> None:
    """The figures, and whether both sides tell the same of every call."""
    link = sqlite3.connect(f"file:{day.home.database_file}?mode=ro", uri=True)
    link.row_factory = sqlite3.Row
    rows = link.execute("SELECT id, number, network, network_detail, created_at FROM attempt").fetchall()
    events: dict[str, dict[str, datetime]] = {}
    for row in link.execute("SELECT attempt_id, kind, at FROM attempt_event ORDER BY seq"):
        events.setdefault(row["attempt_id"], {}).setdefault(row["kind"], instant(row["at"]))
    link.close()
    expected = sum(each.expected for each in readings)
    achieved = sum(lands_after(each.at, instant(row["created_at"]), events.get(row["id"], {}))
                   for each in readings for row in rows)  # fmt: skip
    say("")
    say(f"{len(readings)} readings: predicted {expected:.1f} answers of the calls in flight, achieved {achieved}"
        f" (ratio {achieved / expected if expected else 0:.2f})")  # fmt: skip
    recorded = [
        RecordedCall(
            id=row["id"], number=row["number"], network=Network(row["network"] or "UNKNOWN"),
            detail=row["network_detail"] or "", ended_at=events.get(row["id"], {}).get("ended"),
        )
        for row in rows
    ]  # fmt: skip
    log = day.far_end_log()
    cancelled = [call for call in recorded if call.network is Network.CANCELLED]
    say(f"attempts {len(rows)}, given up by us {len(cancelled)}, of these answered at the far end meanwhile:"
        f" {len(crossed_answers(recorded, log))}")  # fmt: skip
    for difference in compare(recorded, log):
        say(f"DIFFERENT: {difference}")
    today = datetime.now(UTC).date().isoformat()
    say(day.shell("report", "campaign", "--campaign", CAMPAIGN, "--from", "2026-01-01", "--to", today))


def lands_after(at: datetime, placed: datetime, seen: dict[str, datetime]) -> bool:
    """Whether a call that was in flight and unanswered at this instant was answered later."""
    answered = seen.get("answered")
    return placed <= at and answered is not None and answered > at


def instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


if __name__ == "__main__":
    main()

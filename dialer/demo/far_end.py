"""Does the dialer tell the same of every practice call as the far end itself? Shown side by side, compared by call."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.cli.output import say
from dialer.demo.practice_day import CAMPAIGN, PracticeDay
from telephony.port import Network
from telephony.practice import PracticeKind
from telephony.practice_compare import Difference, RecordedCall, compare
from telephony.practice_log import PracticeCall

FAR_END_LIMIT_S = 5.0


def show_far_end(day: PracticeDay) -> bool:
    """The far end's own outcomes beside the dialer's, and every call on which they differ; whether none does."""
    seen, recorded, differences = _compared(day)
    theirs = Counter(PracticeKind(call.kind).network for call in seen)
    ours = Counter(call.network.value for call in recorded)
    say("What the practice exchange saw of the calls, and what the dialer recorded:")
    say(f"  {'':<16} exchange  dialer")
    for network in sorted({*theirs, *ours}):
        say(f"  {network:<16} {theirs[network]:8}  {ours[network]:6}")
    for difference in differences:
        say(f"  differs: {difference}")
    ids = {call.id for call in recorded} | {call.attempt_id for call in seen}
    say(f"Compared call by call, equal: {len(ids) - len({d.attempt_id for d in differences})} of {len(ids)}")
    return not differences


def _compared(day: PracticeDay) -> tuple[Sequence[PracticeCall], Sequence[RecordedCall], Sequence[Difference]]:
    """Both sides and their differences. The far end writes a call down when it is over, so it is waited for."""
    deadline = time.monotonic() + FAR_END_LIMIT_S
    while True:
        seen, recorded = day.far_end_log(), recorded_calls(day)
        differences = compare(recorded, seen)
        if not differences or time.monotonic() > deadline:
            return seen, recorded, differences
        time.sleep(0.2)


def recorded_calls(day: PracticeDay) -> tuple[RecordedCall, ...]:
    """Every call of the campaign as its report has it; one that is still live is recorded as unknown."""
    today = datetime.now(ZoneInfo("America/New_York")).date()
    days = {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
    rows = day.do("report.get", {"kind": "calls", "campaign": CAMPAIGN, **days}).data["rows"]
    return tuple(
        RecordedCall(
            id=row["attempt"],
            number=row["number"],
            network=Network(row["network"] or Network.UNKNOWN),
            detail=row["detail"],
        )
        for row in rows
    )

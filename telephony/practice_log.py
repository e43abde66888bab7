"""What did the practice exchange itself see of every call? Its own log, read back for comparison.

The far end writes one JSON line for each INVITE, when the call is over (Asterisk) or as soon as the INVITE is in
(SIPp, for callees that never reply or vanish). The caller's attempt id comes in the header X-Attempt-Id.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ATTEMPT_HEADER = "X-Attempt-Id"


@dataclass(frozen=True, kw_only=True)
class PracticeCall:
    """One INVITE as the far end saw it. Times are aware UTC.

    `sip_code` is the final status it sent (487 for a cancelled call), None when it sent none. `ended_by` is "callee",
    "caller" or "nobody" (never replied, vanished). `keys`: what was keyed to a talking callee after his answer.
    """

    at: datetime
    number: str
    attempt_id: str
    kind: str
    answered: bool
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    sip_code: int | None
    keys: str = ""


def read_practice_log(path: Path) -> tuple[PracticeCall, ...]:
    """All calls in a log file, or in all `*.jsonl` of a folder, by time of the INVITE.

    A half-written last line is left for the next reading. ValueError names any other line that cannot be read.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    calls = [call for file in files for call in _calls(file)]
    return tuple(sorted(calls, key=lambda call: (call.at, call.attempt_id)))


def _calls(path: Path) -> Iterable[PracticeCall]:
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    for number, line in enumerate(whole.splitlines(), start=1):
        if line.strip():
            try:
                yield _call(json.loads(line))
            except (ValueError, KeyError, TypeError) as fault:
                raise ValueError(f"{path.name} line {number} is not a practice call: {line[:120]!r}") from fault


def _call(row: dict[str, object]) -> PracticeCall:
    at = _instant(row["at"])
    assert at is not None
    code = row["sip_code"]
    return PracticeCall(
        at=at,
        number=str(row["number"]),
        attempt_id=str(row["attempt_id"]),
        kind=str(row["kind"]),
        answered=bool(row["answered"]),
        answered_at=_instant(row["answered_at"]),
        ended_at=_instant(row["ended_at"]),
        ended_by=str(row["ended_by"]),
        sip_code=int(str(code)) if code is not None else None,
        keys=str(row.get("keys", "")),
    )


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, dict):  # SIPp tells seconds and microseconds apart
        return datetime.fromtimestamp(int(value["s"]), UTC) + timedelta(microseconds=int(value["us"]))
    return datetime.fromtimestamp(float(str(value)), UTC)

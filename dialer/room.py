"""How many more calls have room now? The limits of campaign and trunk: lines, rates, and lines for each agent."""

from __future__ import annotations

import math
from collections.abc import Iterator

from campaigns.model import AgentState
from dialer.held_by import HeldBy
from dialer.live import CampaignRun, Live, LiveCall, Stage
from dialer.sharing import faded

# Who can take a customer now or after his call; not those on pause, logging in, or without a line.
AT_WORK = frozenset(AgentState) - {AgentState.LOGGED_OUT, AgentState.RINGING, AgentState.PAUSE, AgentState.SYSTEM}


def may_start(live: Live, run: CampaignRun) -> tuple[int, str]:
    """How many calls may be started, and which limit says so."""
    line = live.trunks.get(run.settings.trunk)
    if line is None:
        return 0, HeldBy.NO_TRUNK
    own = sum(call.run is run for call in _on_the_line(live))
    on_trunk = sum(call.attempt.trunk == line.trunk.name for call in _on_the_line(live))
    limits = (
        (run.settings.max_calls - own, HeldBy.CAMPAIGN_LINES),
        (line.trunk.max_calls - on_trunk, HeldBy.TRUNK_LINES),
        (_most_lines(live, run) - own, HeldBy.LINES_PER_AGENT),
        (run.bucket.room(run.settings.attempts_per_second), HeldBy.CAMPAIGN_RATE),
        (line.bucket.room(line.trunk.attempts_per_second), HeldBy.TRUNK_RATE),
    )
    room, limited_by = min(limits, key=lambda x: x[0])
    return max(room, 0), limited_by


def trunk_room(live: Live, run: CampaignRun) -> int | None:
    """What the trunk leaves for all its campaigns together: free lines, and what its rate lets out."""
    line = live.trunks.get(run.settings.trunk)
    if line is None:
        return None
    on_trunk = sum(call.attempt.trunk == line.trunk.name for call in _on_the_line(live))
    return max(min(line.trunk.max_calls - on_trunk, line.bucket.room(line.trunk.attempts_per_second)), 0)


def no_room(live: Live, run: CampaignRun) -> str:
    """Which limit leaves no room for one more call; empty when there is room. For calls dialled by hand."""
    refill(live, run)
    room, limited_by = may_start(live, run)
    if not room and _just_started(live, run):
        return "in the first second after its start the dialer places no call, try again"
    return "" if room else f"{limited_by} leaves no room at this moment"


def _just_started(live: Live, run: CampaignRun) -> bool:
    line = live.trunks.get(run.settings.trunk)
    return run.bucket.closed or (line is not None and line.bucket.closed)


def refill(live: Live, run: CampaignRun) -> None:
    """Fill the buckets of campaign and trunk for the time since the last look."""
    now_s = live.clock.monotonic()
    run.started_lately = faded(run.started_lately, now_s - run.bucket.filled_s)
    run.bucket.refill(run.settings.attempts_per_second, now_s)
    line = live.trunks.get(run.settings.trunk)
    if line is not None:
        line.bucket.refill(line.trunk.attempts_per_second, now_s)


def next_token_s(live: Live, run: CampaignRun, slowest_s: float) -> float:
    """How long until both rates let one more out; `slowest_s` when they do already."""
    line = live.trunks.get(run.settings.trunk)
    waits_s = [run.bucket.opens_after_s(run.settings.attempts_per_second, 0.0)]
    if line is not None:
        waits_s.append(line.bucket.opens_after_s(line.trunk.attempts_per_second, 0.0))
    return max(waits_s) or slowest_s


def restart_empty(live: Live) -> None:
    """After a lost link every bucket restarts empty: work that piled up makes no burst."""
    now_s = live.clock.monotonic()
    for bucket in (*(run.bucket for run in live.runs.values()), *(line.bucket for line in live.trunks.values())):
        bucket.empty(now_s)


def _on_the_line(live: Live) -> Iterator[LiveCall]:
    """Calls that use a line: an agent who only writes needs none."""
    return (call for call in live.calls.values() if call.stage is not Stage.WRAP_UP)


def _most_lines(live: Live, run: CampaignRun) -> int:
    """max_lines_per_agent times the campaign's agents who can work now: those on pause or without a line are none.

    Who serves several campaigns is counted in each of them.
    """
    at_work = sum(s.state in AT_WORK and run.id in s.campaigns for s in live.seats.values())
    return math.floor(run.settings.max_lines_per_agent * at_work + 1e-9)

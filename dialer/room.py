"""How many more calls have room now? The limits of campaign and trunk: lines, rates, and lines for each agent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from campaigns.model import CampaignState, DialMode
from dialer.agent_lines import AgentLines
from dialer.floor import WITH_LINES
from dialer.held_by import HeldBy
from dialer.live import CampaignRun, KeptLine, Live, LiveCall, Seat, Stage, TrunkLine
from dialer.sharing import faded

# How long it is kept for an agent who pressed dial when others used it. A rate comes back within a second or two, and
# nobody else may dial on the trunk meanwhile.
_KEPT_S: dict[str, float] = {HeldBy.AGENT_LINES_SHARE: 30.0, HeldBy.TRUNK_LINES: 30.0, HeldBy.TRUNK_RATE: 5.0}


def may_start(live: Live, run: CampaignRun, seat: Seat | None = None) -> tuple[int, str]:
    """How many calls may be started now, beside those of other campaigns, and which limit says so.

    With a seat: for a call that this agent dials himself.
    """
    room, limited_by = may_want(live, run, seat)
    shared = _shared_room(live, run, seat, room) if room else room
    return (shared, HeldBy.AGENT_LINES_SHARE) if shared < room else (room, limited_by)


def may_want(live: Live, run: CampaignRun, seat: Seat | None = None) -> tuple[int, str]:
    """The same as if no other campaign had calls that rely on the same agents: those are shared out by weight."""
    line = live.trunks.get(run.settings.trunk)
    if line is None:
        return 0, HeldBy.NO_TRUNK
    own = sum(call.run is run for call in _on_the_line(live))
    on_trunk = sum(call.attempt.trunk == line.trunk.name for call in _on_the_line(live))
    limits = (
        (run.settings.max_calls - own, HeldBy.CAMPAIGN_LINES),
        (line.trunk.max_calls - on_trunk - _asked_before(live, line, HeldBy.TRUNK_LINES, seat), HeldBy.TRUNK_LINES),
        (_most_lines(live, run) - own, HeldBy.LINES_PER_AGENT),
        (run.bucket.room(run.settings.attempts_per_second), HeldBy.CAMPAIGN_RATE),
        (_tokens(live, line, seat), HeldBy.TRUNK_RATE),
    )
    room, limited_by = min(limits, key=lambda x: x[0])
    return max(room, 0), limited_by


def trunk_room(live: Live, run: CampaignRun) -> int | None:
    """What the trunk leaves for all its campaigns together: free lines, and what its rate lets out."""
    line = live.trunks.get(run.settings.trunk)
    if line is None:
        return None
    on_trunk = sum(call.attempt.trunk == line.trunk.name for call in _on_the_line(live))
    lines = line.trunk.max_calls - on_trunk - _asked_before(live, line, HeldBy.TRUNK_LINES)
    return max(min(lines, _tokens(live, line)), 0)


def no_room(live: Live, run: CampaignRun, seat: Seat) -> str:
    """Which limit leaves no room for a call that this agent dials himself; empty when there is room.

    When other calls use the lines of its agents, or the trunk, what gets free next is kept for him for a while.
    """
    refill(live, run)
    room, limited_by = may_start(live, run, seat)
    if room:
        if seat.line_kept is not None and seat.line_kept.campaign_id == run.id:
            seat.line_kept = None
        return ""
    if _just_started(live, run):
        return "in the first second after its start the dialer places no call, try again"
    words = f"{limited_by} leaves no room at this moment"
    if limited_by == HeldBy.AGENT_LINES_SHARE:
        words = "other calls use all lines of its agents"
    if limited_by in _KEPT_S and _keep_line(live, run, seat, limited_by):
        return f"{words}; a line is kept for you as soon as one is free, try again in a moment"
    return words


def by_hand_next(live: Live, run: CampaignRun) -> int:
    """How many calls of it agents are about to dial themselves: a lead is on the desk, or the next line kept."""
    return sum(campaign_id == run.id for campaign_id, _ in _about_to_dial(live))


def _keep_line(live: Live, run: CampaignRun, seat: Seat, limit: str) -> bool:
    """Whether a line of this campaign is kept for him: one at a time, and who asks again keeps his place."""
    now_s = live.clock.monotonic()
    kept = seat.line_kept if seat.line_kept is not None and now_s < seat.line_kept.until_s else None
    if kept is not None and kept.campaign_id != run.id:
        return False
    seat.line_kept = KeptLine(run.id, kept.asked_s if kept is not None else now_s, now_s + _KEPT_S[limit], limit)
    return True


def _tokens(live: Live, line: TrunkLine, seat: Seat | None = None) -> int:
    """How many calls the trunk's rate lets out now."""
    return line.bucket.room(line.trunk.attempts_per_second) - _asked_before(live, line, HeldBy.TRUNK_RATE, seat)


def _asked_before(live: Live, line: TrunkLine, limit: str, seat: Seat | None = None) -> int:
    """How many agents pressed dial before this one, or at all, and wait for this of the trunk."""
    now_s = live.clock.monotonic()
    turn = _turn(live, seat)
    return sum(
        each is not seat and (each.line_kept.asked_s, number) < turn
        for number, each in live.seats.items()
        if each.line_kept is not None
        and each.line_kept.limit == limit
        and now_s < each.line_kept.until_s
        and _waits_on(live, each, line)
    )


def _waits_on(live: Live, seat: Seat, line: TrunkLine) -> bool:
    """Whether he still wants to dial by hand on this trunk: a lead on his desk, or free and in manual mode."""
    run = live.runs.get(seat.line_kept.campaign_id) if seat.line_kept is not None else None
    if run is None or run.settings.trunk != line.trunk.name:
        return False
    on_desk = seat.preview is not None and seat.preview.run is run
    return on_desk or (seat.free and _dials_by_hand(live, seat, run.id))


def _about_to_dial(live: Live, but: Seat | None = None) -> Iterator[tuple[int, tuple[float, str]]]:
    """(Campaign, turn) of every other agent who is about to dial himself."""
    now_s = live.clock.monotonic()
    for number, seat in live.seats.items():
        kept = seat.line_kept
        if seat is but:
            continue
        if seat.preview is not None:
            yield seat.preview.run.id, (seat.since_s, number)
        elif kept is not None and seat.free and now_s < kept.until_s and _dials_by_hand(live, seat, kept.campaign_id):
            yield kept.campaign_id, (kept.asked_s, number)


def _dials_by_hand(live: Live, seat: Seat, campaign_id: int) -> bool:
    run = live.runs.get(campaign_id)
    if run is None or campaign_id not in seat.campaigns:
        return False
    return run.state is CampaignState.RUNNING and run.settings.mode is DialMode.MANUAL


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
    """max_lines_per_agent times the campaign's agents who can work now: those on pause or without a line are none."""
    at_work = sum(s.state in WITH_LINES and run.id in s.campaigns for s in live.seats.values())
    return math.floor(run.settings.max_lines_per_agent * at_work + 1e-9)


def _shared_room(live: Live, run: CampaignRun, seat: Seat | None, most: int) -> int:
    """How many of so many calls more find a part of an agent that no other campaign's call relies on.

    Calls that agents are about to dial themselves count; for one of them those who were there before him.
    """
    calls = Counter(call.run.id for call in _on_the_line(live))
    turn = _turn(live, seat)
    calls.update(each for each, theirs in _about_to_dial(live, but=seat) if theirs < turn)
    if calls.keys() <= {run.id}:
        return most  # nobody to share with, which is the usual day: its own limit is known
    lines = AgentLines(
        agents=Counter(each.campaigns for each in live.seats.values() if each.state in WITH_LINES),
        per_agent={each: live.runs[each].settings.max_lines_per_agent for each in {run.id, *calls}},
        calls=calls,
    )
    return lines.take(run.id, most)


def _turn(live: Live, seat: Seat | None) -> tuple[float, str]:
    """Since when he wants to dial himself, and who he is; without a seat later than everybody."""
    if seat is None:
        return math.inf, ""
    now_s, kept = live.clock.monotonic(), seat.line_kept
    since_s = kept.asked_s if kept is not None and now_s < kept.until_s else now_s
    return min(since_s, seat.since_s) if seat.preview is not None else since_s, seat.agent.number

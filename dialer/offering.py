"""Which free agents may look at a lead, and which are there for campaigns that dial by themselves?

It is drawn by weight, once each time an agent becomes free, before pacing counts on him. Whoever is drawn for calls is
there for them from then on. A lead comes to him later when his campaigns have no call under way after pacing has
looked, or when they have no line left for one more and other free agents can take all calls under way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping

from dialer import holds, room
from dialer.abandon_window import budget_of
from dialer.agent_lines import AgentLines
from dialer.by_ratio import claimed
from dialer.live import CampaignRun, Live, LiveCall, Seat, Stage
from dialer.sharing import LINES

_WANTS_AN_AGENT = (Stage.DIALLING, Stage.RINGING, Stage.SCREENING, Stage.WAITING, Stage.HOLDING)
_HIS_OWN = -1  # no campaign has this id


def drawn_for_leads(live: Live, leads: list[CampaignRun]) -> Iterator[Seat]:
    """Agents who have just become free and look at a lead of one of these campaigns next, by weight.

    With no campaign that dials by itself and has a line left nothing is drawn: see `to_spare`.
    """
    dialling: list[CampaignRun] | None = None
    for seat in [each for each in _free(live) if each.just_free]:
        seat.just_free = False
        own = [run for run in leads if run.id in seat.campaigns]
        if not own:
            continue
        dialling = [run for run in _dialling(live) if _has_lines(live, run)] if dialling is None else dialling
        others = [run for run in dialling if run.id in seat.campaigns]
        if others and _lot(seat, own, others) and _spared(live, seat, _claims(live)):
            yield seat


def to_spare(live: Live) -> Iterator[Seat]:
    """Free agents whom neither a call under way may need, nor one that may still be dialled beside those."""
    under_way = Counter(call.run.id for call in _under_way(live))
    hungry = {run.id for run in _dialling(live) if _has_lines(live, run)} if under_way else set()
    for seat in _free(live):
        wanted = seat.campaigns & under_way.keys()
        if not wanted or (not seat.campaigns & hungry and _spared(live, seat, under_way)):
            yield seat


def _free(live: Live) -> list[Seat]:
    free = [seat for seat in live.seats.values() if seat.free]
    return sorted(free, key=lambda s: (s.since_s, s.agent.number))


def _under_way(live: Live) -> Iterator[LiveCall]:
    """Calls that may need a free agent in a moment."""
    for call in live.calls.values():
        wanted = not call.for_agent and not call.cancel_reason and not call.machine
        if call.stage in _WANTS_AN_AGENT and wanted:
            yield call


def _dialling(live: Live) -> list[CampaignRun]:
    """Campaigns that dial by themselves and may do so now."""
    now = live.clock.now()
    by_itself = (run for run in live.runs.values() if not run.settings.mode.by_hand)
    return [run for run in by_itself if not holds.rests(live, run, now)]


def _has_lines(live: Live, run: CampaignRun) -> bool:
    """Whether it has a line for one more call; a rate that lets none out just now does not count."""
    may, limited_by = room.may_want(live, run)
    return may > 0 or limited_by not in LINES


def _claims(live: Live) -> dict[int, int]:
    """Ready agents that calls under way were dialled for. Predictive ones are dialled for nobody in particular."""
    calls, now = Counter(call.run.id for call in _under_way(live)), live.clock.now()
    runs = [(live.runs[each], count) for each, count in calls.items()]
    return {
        run.id: claimed(count, run.settings.mode, run.settings.ratio, budget_of(live, run, now)) for run, count in runs
    }


def _spared(live: Live, seat: Seat, claims: Mapping[int, int]) -> bool:
    """Whether calls with these claims find other free agents: as if he had a campaign that nobody else serves."""
    free = Counter(each.campaigns for each in live.seats.values() if each.free and each is not seat)
    free[seat.campaigns | {_HIS_OWN}] = 1
    whole = dict.fromkeys((*claims, _HIS_OWN), 1.0)
    return AgentLines(agents=free, per_agent=whole, calls=claims).take(_HIS_OWN) == 1


def _lot(seat: Seat, leads: list[CampaignRun], dialling: list[CampaignRun]) -> bool:
    """Whether campaigns with leads win him, in proportion to the weights; drawn from who he is and since when."""
    own, others = (sum(run.settings.weight for run in runs) for runs in (leads, dialling))
    told = f"{seat.agent.number} {seat.since_s:.3f}".encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=6).digest()) / 2**48 < own / (own + others)

"""What do progressive and power campaigns start? So many calls for each ready agent, as far as the budget bears them.

A fixed ratio eases as the budget of abandoned calls runs out and is off when nothing more may be lost. Counts alone
come too late: who is lost was dialled half a minute before. So no call goes out with which those in flight might lose
more people than the budget has left: while it has two or fewer left whoever answers, later but for a small chance, as
predictive reckons it (docs/decisions/0009, 9). What progressive would start always goes out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from campaigns.metrics import AbandonBudget
from campaigns.model import AgentState, DialMode
from dialer.floor import CampaignFloor, Floor, Pace
from dialer.held_by import HeldBy
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.outlook import Share, outlook
from dialer.prediction.policy import AT_ONCE_AT_MOST, choose
from dialer.prediction.steering import LAST_FEW, Appetite
from dialer.sharing import busy_agents, takes_agents

WHOLE_DOUBT = 1.0  # standard deviations that the answer rate is taken higher: nothing else steers a ratio
KEPT_BACK = 1  # of the calls that may be lost, so that a rate that jumps does not spend the last of them
EASED = 0.05  # a ratio that is this much below its setting is told


@dataclass(frozen=True)
class _Ratio:
    """The ratio in force now, and why it is not the campaign's own."""

    value: float
    words: str = ""


def claim(c: CampaignFloor) -> int:
    """Ready agents its calls in flight were placed for. Predictive calls are placed for nobody in particular."""
    if not c.in_flight or not takes_agents(c):
        return 0
    return claimed(len(c.in_flight), c.mode, c.ratio, c.kept_budget)


def claimed(calls: int, mode: DialMode, ratio: float, budget: AbandonBudget) -> int:
    """How many ready agents so many calls in flight were placed for, at the ratio in force."""
    if mode is DialMode.PREDICTIVE:
        return 0
    return math.ceil(calls / _in_force(mode, ratio, budget).value - 1e-9)


def by_ratio(floor: Floor, c: CampaignFloor, ready: int, learned: CampaignLearned) -> Pace:
    """The pace of a progressive or power campaign with so many ready agents dealt to it."""
    ratio, in_flight = _in_force(c.mode, c.ratio, c.kept_budget), len(c.in_flight)
    wanted = max(math.floor(ready * ratio.value + 1e-9) - in_flight, 0)
    within = min(wanted, c.may_start, AT_ONCE_AT_MOST)
    launch = _afforded(floor, c, ready, learned, within)
    words = f"launch {launch}: {ready} ready x {ratio.value:.1f}, {in_flight} in flight"
    if c.may_start < wanted:
        words += f", {wanted} wanted but {c.limited_by or 'a limit'} leaves {c.may_start}"
    if launch < within:
        words += f", no more because those in flight might lose more than {c.kept_budget.more}"
    rate = f", {learned.rate.habit:.0%} answer" if learned.answering.calls else ""
    figures = (("idle", float(ready)), ("ringing", float(in_flight)), ("budget", float(c.kept_budget.more)))
    held = HeldBy.BUDGET if ready and not launch and (ratio.words or within) else ""
    return Pace(
        campaign_id=c.campaign_id, launch=launch, reason=words + rate + ratio.words, figures=figures, held_by=held
    )


def _in_force(mode: DialMode, ratio: float, budget: AbandonBudget) -> _Ratio:
    """A fixed ratio slides to progressive as the budget runs out, and is off when nothing more may be lost."""
    if mode is not DialMode.POWER:
        return _Ratio(1.0)
    if not budget.more:
        return _Ratio(1.0, f"; ratio {ratio:.1f} is off: {budget.sentence}")
    value = 1 + (ratio - 1) * _left(budget)
    words = f"; ratio {ratio:.1f} is eased: {budget.sentence}" if value < ratio - EASED else ""
    return _Ratio(value, words)


def _left(budget: AbandonBudget) -> float:
    """How much of the ratio is left: all of it until half the binding period's budget is spent."""
    return min(1.0, 2 * budget.more / (budget.more + budget.binding.lost))


def _afforded(floor: Floor, c: CampaignFloor, ready: int, learned: CampaignLearned, launch: int) -> int:
    """As many of these calls as the budget can bear, were more people to answer than agents get free."""
    free = max(ready - len(c.in_flight), 0)
    if c.mode is not DialMode.POWER or launch <= free:
        return launch
    more = c.kept_budget.more
    if more <= LAST_FEW:
        return min(launch, max(ready + more - len(c.in_flight), 0))
    seats = floor.at_work(c.campaign_id)
    busy = [seat for seat in seats if seat.state is not AgentState.READY and not seat.leaving]
    share = Share(idle=ready, busy=busy_agents(floor, [c], busy))
    seen = outlook(floor.now_s, c.in_flight, share, learned, c.next_odds, WHOLE_DOUBT)
    waiting = sum(call.waiting for call in c.in_flight)
    anything = Appetite(theta=1.0, careful=False, spare=more - KEPT_BACK)
    return max(choose(seen, ready, waiting, launch, anything).launch, free)

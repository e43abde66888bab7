"""What does each predictive campaign start and give up? Those that share all their agents look at one floor together.

Alone, a campaign weighs its own calls in flight against its own agents. Campaigns served by the same agents pace as one
team: their calls land on the same people, and two halves of twenty agents would idle like two teams of ten. The most
careful of them sets what is risked; what goes out is theirs by weight, counted in answers that are to be expected. One
that is held to less, because its budget is spent, its half hour has lost its share or its day has just begun, paces by
itself with the agents that are dealt to it, so that it holds nobody back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from campaigns.metrics import AbandonBudget
from campaigns.model import AgentState
from dialer.floor import AgentSeat, CampaignFloor, Floor, Pace
from dialer.held_by import HeldBy
from dialer.learning import Learned
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.outlook import Outlook, Share, outlook
from dialer.prediction.policy import Decision, choose
from dialer.prediction.steering import Appetite, Caution, appetite, doubt_of
from dialer.sharing import busy_agents

_READY = AgentState.READY
ALIKE = 0.2  # nobody in a team risks less than this share of what the boldest would


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What one campaign would risk by itself, and whom it has."""

    campaign: CampaignFloor
    seats: list[AgentSeat]
    ready: int
    learned: CampaignLearned
    budget: AbandonBudget
    appetite: Appetite

    @property
    def waiting(self) -> int:
        return sum([call.waiting for call in self.campaign.in_flight])


def predicted(
    floor: Floor, campaigns: Iterable[CampaignFloor], ready: Mapping[int, int], learned: Learned
) -> dict[int, Pace]:
    """The pace of each of these campaigns, by id; `ready`: the agents dealt to each."""
    wishes = [_wish(floor, c, ready[c.campaign_id], learned.of(c.campaign_id)) for c in campaigns]
    return {pace.campaign_id: pace for team in _teams(wishes) for pace in _paced(floor, team)}


def _wish(floor: Floor, c: CampaignFloor, ready: int, learned: CampaignLearned) -> _Wish:
    seats = floor.at_work(c.campaign_id)
    budget = c.kept_budget
    lately = learned.recent.since(floor.now_s, budget.day.lost, budget.day.base)
    wish = appetite(budget, len(seats), learned.correction, lately)
    return _Wish(campaign=c, seats=seats, ready=ready, learned=learned, budget=budget, appetite=wish)


def _teams(wishes: Sequence[_Wish]) -> list[list[_Wish]]:
    """Campaigns of the same agents that nothing holds, or that are held to the same; every other one by itself."""
    if len(wishes) < 2:
        return [[wish] for wish in wishes]
    boldest = max(wish.appetite.theta for wish in wishes)
    teams: dict[tuple[frozenset[str], float | None], list[_Wish]] = {}
    for wish in wishes:
        theta = wish.appetite.theta
        held_to = theta if wish.appetite.held or theta < ALIKE * boldest else None
        teams.setdefault((frozenset(seat.agent for seat in wish.seats), held_to), []).append(wish)
    return list(teams.values())


# --- one team --------------------------------------------------------------------------------------------


def _paced(floor: Floor, team: list[_Wish]) -> Iterator[Pace]:
    """The paces of campaigns that look at one floor: whose turn it is goes first."""
    seen = {wish.campaign.campaign_id: _outlook(floor, wish, team) for wish in team}
    idle, waiting = sum(wish.ready for wish in team), sum(wish.waiting for wish in team)
    most = _most_careful(team)
    todo = sorted(team, key=lambda wish: _turn(wish, seen[wish.campaign.campaign_id]))
    started: list[tuple[Outlook, int]] = []
    given_up = False
    while todo:
        wish, own = todo[0], seen[todo[0].campaign.campaign_id]
        if len(team) > 1:
            own = own.among((seen[each.campaign.campaign_id] for each in team if each is not wish), started)
        room = wish.campaign.may_start if wish.seats else 0
        chosen = choose(own, idle, waiting, room, most)
        if len(todo) > 1:
            chosen = replace(chosen, launch=min(chosen.launch, _part(chosen.launch, todo, seen)))
        if given_up:
            chosen = replace(chosen, cancel=())  # the other's calls that go make room enough for this look
        started.append((own, chosen.launch))
        given_up |= bool(chosen.cancel)
        yield _pace(wish, own, idle, chosen, most)
        todo = todo[1:]


def _outlook(floor: Floor, wish: _Wish, team: list[_Wish]) -> Outlook:
    c = wish.campaign
    busy = [seat for seat in wish.seats if seat.state is not _READY and not seat.leaving]
    share = Share(idle=wish.ready, busy=busy_agents(floor, [each.campaign for each in team], busy))
    return outlook(floor.now_s, c.in_flight, share, wish.learned, c.next_odds, doubt_of(len(wish.seats)))


def _most_careful(team: list[_Wish]) -> Appetite:
    """Whoever of them is lost, it may be any one's call."""
    wishes = [wish.appetite for wish in team]
    least = min(wishes, key=lambda each: each.theta)
    return Appetite(
        theta=least.theta,
        caution=least.caution,
        careful=any(each.careful for each in wishes),
        spare=min(each.spare for each in wishes),
    )


def _turn(wish: _Wish, seen: Outlook, more: int = 0) -> tuple[float, int]:
    """Whose turn is it? His with the fewest answers to be had from his attempts of late for his weight."""
    c = wish.campaign
    return (c.started_lately + more) * seen.p / c.weight, c.campaign_id


def _part(launch: int, todo: Sequence[_Wish], seen: Mapping[int, Outlook]) -> int:
    """How many of so many calls are the first one's, when each goes to him whose turn it is."""
    dealt = {wish.campaign.campaign_id: 0 for wish in todo}
    for _ in range(launch):
        hungry = [wish for wish in todo if dealt[wish.campaign.campaign_id] < wish.campaign.may_start]
        turns = [_turn(w, seen[w.campaign.campaign_id], dealt[w.campaign.campaign_id]) for w in hungry]
        dealt[min(turns)[1]] += 1
    return dealt[todo[0].campaign.campaign_id]


# --- in words --------------------------------------------------------------------------------------------


def _pace(wish: _Wish, seen: Outlook, idle: int, chosen: Decision, most: Appetite) -> Pace:
    c, agents, more = wish.campaign, len(wish.seats), wish.budget.more
    room = c.may_start if agents else 0
    figures = (
        ("idle", float(idle)),
        ("expected_free", seen.expected_free),
        ("ringing", float(seen.ringing)),
        ("expected_answers", seen.expected_answers),
        ("risk", chosen.risk),
        ("theta", most.theta),
        ("budget", float(more)),
    )
    others = f", {len(seen.beside)} of other campaigns with the same agents" if len(seen.beside) else ""
    words = (
        f"launch {chosen.launch}: {idle} idle, {seen.expected_free:.1f} expected free within 9 s,"
        f" {seen.ringing} ringing of which {seen.expected_answers:.1f} should answer{others},"
        f" risk of one too many {_percent(chosen.risk)}"
        f" (at most {_percent(most.theta)}{_why(most)}), budget {more}"
    )
    limited = chosen.launch >= room and chosen.risk <= most.theta
    if chosen.overdrawn:
        words += f", no more because those in flight might lose more than {most.spare}"
    if limited:
        words += f", no more because of {c.limited_by or 'a limit'}" if agents else ", nobody is logged in"
    if most.careful:
        theirs = "the budget of another campaign with the same agents is spent"
        words += f"; {wish.budget.sentence if wish.appetite.careful else theirs}"
    if chosen.cancel:
        words += f"; cancel {len(chosen.cancel)}: nobody will be free for them"
    held = c.limited_by if limited else HeldBy.BUDGET if most.careful or chosen.overdrawn else HeldBy.RISK
    return Pace(
        campaign_id=c.campaign_id,
        launch=chosen.launch,
        reason=words,
        cancel=chosen.cancel,
        figures=figures,
        held_by="" if chosen.launch else held if agents else HeldBy.NO_AGENT,
    )


def _why(most: Appetite) -> str:
    """Which limit sets what may be risked; a spent budget has a sentence of its own."""
    return "" if most.caution is Caution.SPENT or not most.held else f": {most.caution}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"

"""What does pacing learn from? The events of calls and agents, folded into one explicit value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

from dialer.floor import CampaignFloor, Floor
from dialer.prediction.leads import LeadOdds, LeadTraits
from dialer.prediction.learned import (
    BUSY_FROM,
    CORRECTION_LIMIT,
    CORRECTION_OF_CAP,
    CORRECTION_STEP,
    CORRECTION_STEP_BUSY,
    CampaignLearned,
)
from dialer.prediction.rate import NOT_RINGING, Open
from dialer.prediction.recent import Recent

LISTEN_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRang:
    """A call began to ring, `lag_s` after it was placed."""

    campaign_id: int
    lag_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallOffered:
    """Somebody has to be there now: a person (or, with detection off, whoever answered).

    `placed_s` is when it was placed and `at_s` now (monotonic), `ring_s` the ring age at the answer (from placing, when
    no ringing was told); `heard_s` how long detection listened, None when it was off. `cap` is the campaign's
    abandonment cap.
    """

    campaign_id: int
    placed_s: float
    at_s: float
    ring_s: float
    heard_s: float | None = None
    odds: float = 1.0
    cap: float = 0.03
    traits: LeadTraits | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallMissed:
    """A call ended without needing an agent: refused, unanswered, a machine, or given up by us.

    It was placed at `placed_s`, and it is `at_s` now (monotonic). `ring_s` is None when it never rang. A cancelled call
    says only that nothing had happened until then.
    """

    campaign_id: int
    placed_s: float
    at_s: float
    ring_s: float | None
    machine: bool = False
    heard_s: float | None = None
    cancelled: bool = False
    odds: float = 1.0
    traits: LeadTraits | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLost:
    """A person met nobody in time."""

    campaign_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TalkEnded:
    campaign_id: int
    talk_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUpEnded:
    """An agent is done with a call of `talked_s`, after `wrap_s` of wrap-up."""

    campaign_id: int
    wrap_s: float
    talked_s: float


Lesson = CallRang | CallOffered | CallMissed | CallLost | TalkEnded | WrapUpEnded


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What past calls taught about each campaign, saved and restored. A campaign not in it is known by nothing."""

    campaigns: tuple[tuple[int, CampaignLearned], ...] = ()

    def of(self, campaign_id: int) -> CampaignLearned:
        return next((known for each, known in self.campaigns if each == campaign_id), _NOTHING)

    def with_(self, campaign_id: int, known: CampaignLearned) -> Learned:
        others = tuple(each for each in self.campaigns if each[0] != campaign_id)
        return replace(self, campaigns=(*others, (campaign_id, known)))


_NOTHING = CampaignLearned().shaped()


def listen(learned: Learned, floor: Floor) -> Learned:
    """What the silence of calls that ring tells, told every LISTEN_S, and how the day's count stands, noted every
    minute. To be asked before each decision."""
    for campaign in floor.campaigns:
        known = learned.of(campaign.campaign_id)
        before_s = known.rate.at_s
        if before_s is None or floor.now_s - before_s >= LISTEN_S:
            learned = learned.with_(campaign.campaign_id, _listened(known, campaign, floor))
    return learned


def _listened(known: CampaignLearned, campaign: CampaignFloor, floor: Floor) -> CampaignLearned:
    now_s = floor.now_s
    before_s = now_s if known.rate.at_s is None else known.rate.at_s
    rate = known.rate.at(now_s)
    ringing = [c for c in campaign.in_flight if c.ringing_s is not None and c.answered_s is None]
    if ringing and known.shape is not None:
        tables = known.shape.answers
        since = [c.ringing_s or 0.0 for c in ringing]
        before = tables.open_at([before_s - at for at in since])
        now = tables.open_at([now_s - at for at in since])
        rate = rate.silent(before, now, [c.placed_s for c in ringing])
    return replace(known, rate=rate, recent=_noted(known.recent, campaign, floor))


def _noted(recent: Recent, campaign: CampaignFloor, floor: Floor) -> Recent:
    """People who wait yet are in no mark: they may be joined, and would be taken for lost for half an hour."""
    if campaign.budget is None or not recent.due(floor.now_s):
        return recent
    today = campaign.budget.today
    lost = today.abandoned + today.unknown
    agents = len(floor.at_work(campaign.campaign_id))
    return recent.noted(floor.now_s, lost, lost + today.joined_human, agents)


def _was_open(known: CampaignLearned, ring_s: float | None, over_s: float) -> Open:
    """How open a call's answer was when silence was last told, from its ring age when that was over at `over_s`."""
    if ring_s is None or known.shape is None or known.rate.at_s is None:
        return NOT_RINGING
    since_told_s = min(max(over_s - known.rate.at_s, 0.0), LISTEN_S)
    return known.shape.answers.open_at([ring_s - since_told_s])


def _odds_learned(known: CampaignLearned, event: CallOffered | CallMissed, *, landed: bool) -> LeadOdds:
    if event.traits is None:
        return known.lead_odds
    chance = float(known.rate.means[known.rate.cohorts_of([event.placed_s])[0]])
    return known.lead_odds.after(event.traits, landed=landed, chance=chance)


def observe(learned: Learned, event: Lesson) -> Learned:
    """What is known after one more event; its tables are made anew when enough was seen since the last time."""
    known = learned.of(event.campaign_id)
    after = _taught(event, known)
    return learned.with_(event.campaign_id, (known if after is known else replace(after, taught=True)).shaped())


@singledispatch
def _taught(event: Lesson, _known: CampaignLearned) -> CampaignLearned:
    raise TypeError(f"pacing cannot learn from {type(event).__name__}")


@_taught.register
def _(event: CallRang, known: CampaignLearned) -> CampaignLearned:
    return replace(known, answering=replace(known.answering, lag=known.answering.lag.with_(event.lag_s)))


@_taught.register
def _(event: CallOffered, known: CampaignLearned) -> CampaignLearned:
    seen = known.answering
    heard = seen.person_heard if event.heard_s is None else seen.person_heard.with_(event.heard_s)
    known = _corrected(known, CORRECTION_OF_CAP * event.cap)
    was = _was_open(known, event.ring_s, event.at_s - (event.heard_s or 0.0))
    return replace(
        known,
        screened=event.heard_s is not None,
        answering=replace(seen, landed=seen.landed.with_(event.ring_s), person_heard=heard),
        rate=known.rate.after(landed=True, was=was, placed_s=event.placed_s, odds=event.odds),
        lead_odds=_odds_learned(known, event, landed=True),
    )


@_taught.register
def _(event: CallMissed, known: CampaignLearned) -> CampaignLearned:
    seen = known.answering
    if event.cancelled:
        if event.ring_s is None:
            return known
        return replace(known, answering=replace(seen, cancelled=seen.cancelled.with_(event.ring_s)))
    if event.ring_s is None:
        seen = replace(seen, refused=seen.refused + 1)
    elif event.machine:
        heard = seen.machine_heard if event.heard_s is None else seen.machine_heard.with_(event.heard_s)
        seen = replace(seen, machine=seen.machine.with_(event.ring_s), machine_heard=heard)
    else:
        seen = replace(seen, unanswered=seen.unanswered.with_(event.ring_s))
    was = _was_open(known, event.ring_s, event.at_s - (event.heard_s or 0.0))
    rate = known.rate.after(landed=False, was=was, placed_s=event.placed_s, odds=event.odds)
    lead_odds = _odds_learned(known, event, landed=False)
    screened = known.screened or event.heard_s is not None
    return replace(known, answering=seen, rate=rate, lead_odds=lead_odds, screened=screened)


@_taught.register
def _(_event: CallLost, known: CampaignLearned) -> CampaignLearned:
    return _corrected(known, -1.0)


@_taught.register
def _(event: TalkEnded, known: CampaignLearned) -> CampaignLearned:
    return replace(known, freeing=replace(known.freeing, talk=known.freeing.talk.with_(event.talk_s)))


@_taught.register
def _(event: WrapUpEnded, known: CampaignLearned) -> CampaignLearned:
    return replace(known, freeing=known.freeing.with_wrap_up(event.wrap_s, event.talked_s))


def _corrected(known: CampaignLearned, lost: float) -> CampaignLearned:
    """One step of the learned threshold: up with every person offered, down with every one lost."""
    step = CORRECTION_STEP_BUSY if known.recent.answers >= BUSY_FROM else CORRECTION_STEP
    moved = known.log_correction + step * lost
    return replace(known, log_correction=min(max(moved, -CORRECTION_LIMIT), CORRECTION_LIMIT))

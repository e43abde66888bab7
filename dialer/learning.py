"""What does pacing learn from? The events of calls and agents, folded into one explicit value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

from dialer.prediction.learned import CORRECTION_LIMIT, CORRECTION_STEP, CampaignLearned
from dialer.prediction.steering import TARGET_OF_CAP


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRang:
    """A call began to ring, `lag_s` after it was placed."""

    campaign_id: int
    lag_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CallOffered:
    """Somebody has to be there now: a person (or, with detection off, whoever answered).

    `ring_s` is the ring age at the answer (from placing, when no ringing was told); `heard_s` how long detection
    listened, None when it was off. `cap` is the campaign's abandonment cap.
    """

    campaign_id: int
    at_s: float
    ring_s: float
    heard_s: float | None = None
    odds: float = 1.0
    cap: float = 0.03


@dataclass(frozen=True, kw_only=True, slots=True)
class CallMissed:
    """A call ended without needing an agent: refused, unanswered, a machine, or given up by us.

    `ring_s` is None when it never rang. A cancelled call says only that nothing had happened until then.
    """

    campaign_id: int
    at_s: float
    ring_s: float | None
    machine: bool = False
    heard_s: float | None = None
    cancelled: bool = False
    odds: float = 1.0


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


def observe(learned: Learned, event: Lesson) -> Learned:
    """What is known after one more event; its tables are made anew when enough was seen since the last time."""
    return learned.with_(event.campaign_id, _taught(event, learned.of(event.campaign_id)).shaped())


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
    known = _corrected(known, TARGET_OF_CAP * event.cap)
    return replace(
        known,
        screened=event.heard_s is not None,
        answering=replace(seen, landed=seen.landed.with_(event.ring_s), person_heard=heard),
        rate=known.rate.after(event.at_s, landed=True, odds=event.odds),
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
    rate = known.rate.after(event.at_s, landed=False, odds=event.odds)
    return replace(known, answering=seen, rate=rate, screened=known.screened or event.heard_s is not None)


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
    moved = known.log_correction + CORRECTION_STEP * lost
    return replace(known, log_correction=min(max(moved, -CORRECTION_LIMIT), CORRECTION_LIMIT))

"""What do calls tell that have not ended?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.metrics import AbandonmentCount
from campaigns.model import DialMode
from dialer.floor import CallInFlight, CampaignFloor, Floor
from dialer.learning import CallMissed, CallOffered, Learned, listen, observe

PLACED_S = 1200.0


def floor(now_s: float, *calls: CallInFlight) -> Floor:
    nobody = AbandonmentCount(abandoned=0, joined_human=0, joined_unknown=0)
    campaign = CampaignFloor(
        campaign_id=1,
        mode=DialMode.PREDICTIVE,
        ratio=1.0,
        abandon_cap=0.03,
        today=nobody,
        thirty_days=nobody,
        in_flight=calls,
    )
    return Floor(campaigns=(campaign,), agents=(), now_s=now_s)


def offered(at_s: float, *, ring_s: float, heard_s: float) -> CallOffered:
    placed_s = at_s - ring_s - heard_s - 2.0
    return CallOffered(campaign_id=1, placed_s=placed_s, at_s=at_s, ring_s=ring_s, heard_s=heard_s)


def machine(at_s: float, *, ring_s: float, heard_s: float) -> CallMissed:
    placed_s = at_s - ring_s - heard_s - 2.0
    return CallMissed(campaign_id=1, placed_s=placed_s, at_s=at_s, ring_s=ring_s, heard_s=heard_s, machine=True)


def experienced() -> Learned:
    """600 calls, one every two seconds, one of four a person; each is in sight from placing to verdict."""
    known, calls = Learned(), [_Course(n) for n in range(600)]
    for second in range(1200):
        near = calls[max(second // 2 - 20, 0) : second // 2 + 1]
        known = listen(known, floor(float(second), *(call.seen(second) for call in near if call.in_sight(second))))
        for call in near:
            if second < call.over_s <= second + 1:
                known = observe(known, call.verdict)
    return known


def after_ringing(known: Learned, ring_s: int) -> Learned:
    """Twenty calls that ring for so long, looked at each second."""
    calls = [CallInFlight(call_id=str(n), placed_s=PLACED_S, ringing_s=PLACED_S + 2.0) for n in range(20)]
    for second in range(3, 3 + ring_s):
        known = listen(known, floor(PLACED_S + second, *calls))
    return known


def rate(known: Learned) -> float:
    means = known.of(1).rate
    return float(means.means[means.cohorts_of([PLACED_S])[0]])


def test_calls_that_ring_on_make_a_low_rate_likelier_before_they_end() -> None:
    known = experienced()
    assert rate(after_ringing(known, 15)) < 0.95 * rate(after_ringing(known, 9))


def test_an_end_takes_back_what_silence_told_so_that_a_quarter_is_taken_for_a_quarter() -> None:
    assert experienced().of(1).rate.mean == pytest.approx(0.25, rel=0.15)


class _Course:
    """One call's course by its number."""

    def __init__(self, n: int) -> None:
        self.placed_s, self.person = 2.0 * n, n % 4 == 0
        self.ring_s, self.heard_s = (9.0 + n % 3, 1.8) if self.person else (19.0 + n % 3, 2.6)
        self.ringing_s = self.placed_s + 1.5
        self.answered_s = self.ringing_s + self.ring_s
        self.over_s = self.answered_s + self.heard_s

    def in_sight(self, now_s: float) -> bool:
        return self.placed_s <= now_s < self.over_s

    def seen(self, now_s: float) -> CallInFlight:
        """As the floor shows it at this second."""
        return CallInFlight(
            call_id=f"{self.placed_s}",
            placed_s=self.placed_s,
            ringing_s=self.ringing_s if now_s >= self.ringing_s else None,
            answered_s=self.answered_s if now_s >= self.answered_s else None,
        )

    @property
    def verdict(self) -> CallOffered | CallMissed:
        event = offered if self.person else machine
        return replace(event(self.over_s, ring_s=self.ring_s, heard_s=self.heard_s), placed_s=self.placed_s)

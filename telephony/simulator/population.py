"""Who would answer on a day of calls? A seeded population for rehearsing pacing, with made-up but plausible shares."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from telephony.callee import Callee


@dataclass(frozen=True, kw_only=True)
class Shares:
    """What share of calls meets what; the rest up to 1 is not answered. Round figures, not a measurement."""

    human: float = 0.28
    machine: float = 0.18
    busy: float = 0.05
    invalid: float = 0.04
    rejected: float = 0.03
    unavailable: float = 0.03
    congestion: float = 0.01

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 0 or sum(vars(self).values()) > 1:
            raise ValueError("Shares must not be negative and not add up to more than 1; nothing was simulated.")


class Population:
    """Chooses a callee for every call: the same seed, number and count of calls to it give the same callee.

    A bad number stays bad; everything else is drawn anew each time the number is called. Ringing lasts
    `ring_s` on average, a conversation `talk_s` (log-normal, so a few are very long).
    """

    def __init__(self, seed: int, *, shares: Shares | None = None, ring_s: float = 12.0, talk_s: float = 150.0) -> None:
        if ring_s <= 0 or talk_s <= 0:
            raise ValueError("Ring and talk time must be positive; nothing was simulated.")
        self._seed = seed
        self._shares = shares or Shares()
        self._ring_s = ring_s
        self._talk_s = talk_s
        self._calls: Counter[str] = Counter()

    def __call__(self, number: str) -> Callee:
        if random.Random(f"{self._seed}/{number}").random() < self._shares.invalid:
            return Callee(refuse_after_s=0.4, refuse_code=404)
        self._calls[number] += 1
        return self._draw(random.Random(f"{self._seed}/{number}/{self._calls[number]}"))

    def _draw(self, dice: random.Random) -> Callee:
        shares, drawn = self._shares, dice.random() * (1 - self._shares.invalid)
        ring_after_s = dice.uniform(0.5, 3.0)
        for share, code in (
            (shares.busy, 486),
            (shares.rejected, 603),
            (shares.unavailable, 480),
            (shares.congestion, 503),
        ):
            if drawn < share:
                return Callee(refuse_after_s=ring_after_s, refuse_code=code)
            drawn -= share
        answer_after_s = ring_after_s + min(dice.gammavariate(4.0, self._ring_s / 4.0), 60.0)
        if drawn < shares.human:
            return self._human(dice, ring_after_s, answer_after_s)
        if drawn < shares.human + shares.machine:
            talk_s = dice.uniform(10.0, 40.0)
            return Callee(ring_after_s=ring_after_s, answer_after_s=answer_after_s, talk_s=talk_s, kind="machine")
        return Callee(ring_after_s=ring_after_s)

    def _human(self, dice: random.Random, ring_after_s: float, answer_after_s: float) -> Callee:
        spread = 0.8
        talk_s = self._talk_s * dice.lognormvariate(-(spread**2) / 2, spread)
        return Callee(
            ring_after_s=ring_after_s,
            answer_after_s=answer_after_s,
            talk_s=min(talk_s, 3600.0),
            patience_s=dice.uniform(1.0, 12.0),
            opt_out_after_s=dice.uniform(1.0, 6.0) if dice.random() < 0.1 else None,
        )

"""Who would answer on a day of calls? A seeded population for rehearsing pacing, with made-up but plausible shares."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, replace

from telephony.callee import Callee
from telephony.port import Verdict


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


@dataclass(frozen=True, kw_only=True)
class Screening:
    """How long answering machine detection listens, and how often it is wrong (PACING, world A).

    Log-normal times of mean `..._s` and coefficient of variation `..._cv`, from the answer to the verdict. A machine
    passes as a person with probability `machine_passes`, a person is taken for a machine with `person_lost`.
    """

    person_s: float = 1.8
    person_cv: float = 0.4
    machine_s: float = 2.6
    machine_cv: float = 0.3
    machine_passes: float = 0.05
    person_lost: float = 0.01

    def __post_init__(self) -> None:
        if min(self.person_s, self.machine_s) <= 0 or min(self.person_cv, self.machine_cv) < 0:
            raise ValueError("Detection takes longer than no time, and its spread is not negative; nothing simulated.")
        if not (0 <= self.machine_passes <= 1 and 0 <= self.person_lost <= 1):
            raise ValueError("Shares of wrong verdicts are 0 to 1; nothing was simulated.")

    def draw(self, dice: random.Random, *, machine: bool) -> tuple[float, Verdict]:
        """Seconds from the answer to the verdict, and the verdict."""
        mean_s, cv = (self.machine_s, self.machine_cv) if machine else (self.person_s, self.person_cv)
        spread = math.sqrt(math.log1p(cv * cv))
        after_s = mean_s * math.exp(spread * dice.gauss(0.0, 1.0) - spread * spread / 2)
        wrong = dice.random() < (self.machine_passes if machine else self.person_lost)
        return after_s, Verdict.MACHINE if machine is not wrong else Verdict.HUMAN


class Population:
    """Chooses a callee for every call: the same seed, number and count of calls to it give the same callee.

    A bad number stays bad; everything else is drawn anew each time the number is called. Ringing lasts
    `ring_s` on average, a conversation `talk_s` (log-normal, so a few are very long). `screening` tells how calls
    go that ask for detection; its dice are their own, so that asking or not leaves everything else as it is.
    """

    def __init__(
        self,
        seed: int,
        *,
        shares: Shares | None = None,
        ring_s: float = 12.0,
        talk_s: float = 150.0,
        screening: Screening | None = None,
    ) -> None:
        if ring_s <= 0 or talk_s <= 0:
            raise ValueError("Ring and talk time must be positive; nothing was simulated.")
        self._seed = seed
        self._shares = shares or Shares()
        self._ring_s = ring_s
        self._talk_s = talk_s
        self._screening = screening or Screening()
        self._calls: Counter[str] = Counter()

    def __call__(self, number: str) -> Callee:
        if random.Random(f"{self._seed}/{number}").random() < self._shares.invalid:
            return Callee(refuse_after_s=0.4, refuse_code=404)
        self._calls[number] += 1
        call = f"{self._seed}/{number}/{self._calls[number]}"
        callee = self._draw(random.Random(call))
        if callee.answer_after_s is None:
            return callee
        dice = random.Random(f"{call}/screening")
        after_s, heard_as = self._screening.draw(dice, machine=callee.kind != "human")
        return replace(callee, screened_after_s=after_s, heard_as=heard_as)

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

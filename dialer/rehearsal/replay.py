"""What would pacing have made of a recorded day under these settings? The store-free loop with the day's own people.

Every seed is one more day like it; the same seeds under two settings meet the same luck, so they can be compared.
"""

from __future__ import annotations

import bisect
from dataclasses import replace

from dialer.learning import CallOffered, Lesson
from dialer.rehearsal.figures import DayFigures
from dialer.rehearsal.loop import Loop
from dialer.rehearsal.pacer import ProductPacer, nothing_learned
from dialer.rehearsal.recorded_day import RecordedDay, Terms
from dialer.rehearsal.recorded_people import RecordedPeople
from dialer.rehearsal.world import Answering, Detecting, World


class RecordedPacer(ProductPacer):
    """The product's pacing under the day's limits. It stands still when the campaign did, and begins with nothing
    learned: what it knew that morning is not on record."""

    def __init__(self, day: RecordedDay, terms: Terms) -> None:
        super().__init__(
            terms.mode,
            ratio=terms.ratio,
            cap=terms.cap,
            learned=nothing_learned(detects=terms.detects),
            before=day.before,
            rate=terms.rate,
            lines_per_agent=terms.lines_per_agent,
        )
        self._still = day.still
        self._still_from = [first for first, _ in day.still]

    def hold(self, day: Loop) -> str:
        place = bisect.bisect_right(self._still_from, day.now_s) - 1
        if place >= 0 and day.now_s < self._still[place][1]:
            return "nothing was dialled then"
        return super().hold(day)

    def learn(self, lesson: Lesson) -> None:
        super().learn(replace(lesson, cap=self.cap) if isinstance(lesson, CallOffered) else lesson)


def replay(day: RecordedDay, terms: Terms, seed: int) -> DayFigures:
    """The day under these terms, with this seed's luck. Raises ValueError for a day too large for the loop."""
    people = RecordedPeople(day.calls, day.shifts, seed)
    return Loop(_world(day, terms, seed), RecordedPacer(day, terms), people=people).run()


def _world(day: RecordedDay, terms: Terms, seed: int) -> World:
    """What of a world the loop itself asks for; who answers and who is there comes from the records."""
    return World(
        name="recorded",
        agents=len(day.shifts),
        seed=seed,
        hours=day.seconds / 3600.0,
        detector=Detecting() if terms.detects else None,
        answering=Answering(ring_timeout_s=terms.ring_timeout_s),
        lines_per_agent=(terms.lines + 0.5) / len(day.shifts),
        message_starts_ms=terms.message_starts_ms,
        phone_s=0.0,
    )

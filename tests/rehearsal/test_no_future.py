"""Can pacing reach anything that has not happened yet?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import replace

from dialer.floor import AgentSeat, CallInFlight, Floor
from dialer.rehearsal.loop import Loop
from dialer.rehearsal.pacer import ProductPacer
from dialer.rehearsal.world import world_a

PLAIN = (str, int, float, bool, type(None))
KNOWN_FROM = ("dialer.floor", "campaigns.metrics", "campaigns.model", "dialer.held_by")


def reachable(value: object) -> Iterator[object]:
    """The value and everything that can be got at from it; anything unknown to this test is an error."""
    yield value
    if isinstance(value, PLAIN):
        return
    if isinstance(value, tuple | frozenset):
        parts = list(value)
    else:
        assert type(value).__module__.startswith(KNOWN_FROM), f"pacing can reach {type(value)}"
        assert dataclasses.is_dataclass(value), f"{type(value)} is no plain value"
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    for part in parts:
        yield from reachable(part)


class Watched(ProductPacer):
    """The product's pacer, whose every floor is gone through."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def floor(self, day: Loop) -> Floor:
        floor = super().floor(day)
        for each in reachable(floor):
            if isinstance(each, CallInFlight):
                self.seen += 1
                instants = (each.placed_s, each.ringing_s, each.answered_s, each.screened_s)
                assert all(at is None or at <= floor.now_s for at in instants), "an instant that is yet to come"
            elif isinstance(each, AgentSeat):
                assert each.since_s <= floor.now_s
        return floor


def test_nothing_of_the_future_can_be_reached_from_what_pacing_is_shown() -> None:
    pacer = Watched()
    Loop(replace(world_a(5, 1), hours=0.5), pacer).run()
    assert pacer.seen > 1000

"""Is a dead trunk noticed, and a living one left alone?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from telephony.clock import ManualClock
from telephony.trunk_watch import PROBE_AGAIN_S, TrunkWatch


class Watched:
    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
        self.told: list[tuple[str, bool, str]] = []
        self.watch = TrunkWatch(self.clock, ("carrier",), lambda *change: self.told.append(change))

    def silent_call(self) -> None:
        placed_at_s = self.clock.monotonic()
        self.clock.advance(10)
        self.watch.no_progress("carrier", placed_at_s)


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.watch.contact("carrier", True)
    watched.told.clear()
    return watched


def test_a_trunk_is_not_used_before_its_contact_is_known() -> None:
    watched = Watched()
    assert not watched.watch.is_up("carrier")
    watched.watch.contact("carrier", True)
    assert watched.watch.is_up("carrier")
    assert watched.told == [("carrier", True, "")]


def test_an_unreachable_contact_takes_the_trunk_down_once(watched: Watched) -> None:
    watched.watch.contact("carrier", False)
    watched.watch.contact("carrier", False)
    assert not watched.watch.is_up("carrier")
    assert [change[:2] for change in watched.told] == [("carrier", False)]


def test_three_calls_without_any_progress_suspend_the_trunk_for_a_while(watched: Watched) -> None:
    for _ in range(3):
        watched.silent_call()
    assert not watched.watch.is_up("carrier")
    assert "3 calls in a row" in watched.told[0][2]
    watched.clock.advance(PROBE_AGAIN_S)
    assert watched.watch.is_up("carrier")
    assert watched.told[-1] == ("carrier", True, "")


def test_two_silent_calls_are_not_enough(watched: Watched) -> None:
    watched.silent_call()
    watched.silent_call()
    assert watched.watch.is_up("carrier")


def test_a_carrier_that_answers_somebody_else_meanwhile_is_alive(watched: Watched) -> None:
    watched.silent_call()
    watched.silent_call()
    placed_at_s = watched.clock.monotonic()
    watched.clock.advance(5)
    watched.watch.sign_of_life("carrier")
    watched.watch.no_progress("carrier", placed_at_s)
    assert watched.watch.is_up("carrier")
    watched.silent_call()
    watched.silent_call()
    assert watched.watch.is_up("carrier")


def test_a_suspended_trunk_whose_contact_is_lost_does_not_come_up_by_itself(watched: Watched) -> None:
    for _ in range(3):
        watched.silent_call()
    watched.watch.contact("carrier", False)
    watched.clock.advance(PROBE_AGAIN_S)
    assert not watched.watch.is_up("carrier")
    assert [up for _, up, _ in watched.told] == [False, False]
    watched.watch.contact("carrier", True)
    assert watched.watch.is_up("carrier")


def test_what_was_known_before_the_link_was_lost_is_told_anew(watched: Watched) -> None:
    watched.watch.forget()
    assert not watched.watch.is_up("carrier")
    watched.watch.contact("carrier", True)
    assert watched.told == [("carrier", True, "")]


def test_trunks_of_others_are_ignored(watched: Watched) -> None:
    watched.watch.contact("somebody-else", False)
    watched.watch.sign_of_life("somebody-else")
    watched.watch.no_progress("somebody-else", 0.0)
    assert watched.told == []
    assert not watched.watch.is_up("somebody-else")

"""Does the engine log its decisions once a minute, with every attempt, and dial on whatever becomes of the log?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.storage.errors import StoreUnavailable
from dialer.decision_log import MINUTE, MinuteOfDecisions
from dialer.decision_row import minute_of
from dialer.held_by import HeldBy
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre, changed
from tests.dialer.test_engine_store import failing_database

REFUSES = changed(RINGS_ON, refuse_after_s=2.0, refuse_code=486)


def logged(office: CallCentre) -> tuple[MinuteOfDecisions, ...]:
    return tuple(map(minute_of, office.store.decisions.between(office.campaign.id, NOON, NOON + timedelta(days=1))))


def said(minutes: tuple[MinuteOfDecisions, ...]) -> list[str]:
    return [each.words for minute in minutes for each in minute.said]


def decisions(office: CallCentre) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = office.engine.campaign_view(CAMPAIGN)["decisions"]
    return shown


def test_launches_in_the_log_are_the_attempts_written(centre: Furnish) -> None:
    office = centre(leads=60, agents=3, otherwise=REFUSES)
    office.open()
    office.clock.advance(200.0)
    office.engine.close()
    attempts = office.attempts()
    assert len(attempts) == 60
    by_minute = {minute.minute: minute.launched for minute in logged(office)}
    for minute, launched in by_minute.items():
        assert launched == sum(minute <= a.created_at < minute + MINUTE for a in attempts)
    assert sum(by_minute.values()) == 60


def test_a_minute_is_written_when_it_is_over_and_the_one_going_on_is_told_from_memory(centre: Furnish) -> None:
    office = centre(leads=60, agents=1, otherwise=REFUSES)
    office.open()
    office.clock.advance(40.0)
    assert logged(office) == ()
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    assert current.launched == len(office.attempts()) > 0
    office.clock.advance(25.0)
    (written,) = logged(office)
    assert written.minute == NOON
    assert written.launched + office.engine.unwritten_decisions(office.campaign.id)[-1].launched == len(
        office.attempts()
    )


def test_calls_that_agents_dial_are_counted_apart(centre: Furnish) -> None:
    office = centre(leads=3, agents=1, mode="manual", otherwise=REFUSES)
    office.open()
    office.engine.desk_dial("1001")
    office.clock.advance(3.0)
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    assert (current.launched, current.by_hand) == (0, 1)
    assert current.cause == HeldBy.BY_HAND


def test_a_limit_is_what_held_the_minute(centre: Furnish) -> None:
    office = centre(leads=9, agents=3, otherwise=changed(RINGS_ON), trunk={"max_calls": 1}, ring_timeout_s=55)
    office.open()
    office.clock.advance(40.0)
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    cause, share = current.held[0]
    assert cause == HeldBy.TRUNK_LINES
    assert share > 0.5
    assert any("wanted but the trunk's lines leaves" in words for words in said((current,)))


def test_who_paused_it_is_logged_and_nothing_is_written_while_nothing_is_decided(centre: Furnish) -> None:
    office = centre(leads=60, agents=1, otherwise=REFUSES)
    office.open()
    office.clock.advance(20.0)
    office.engine.campaign_pause(CAMPAIGN, "anna")
    office.clock.advance(600.0)
    office.engine.campaign_start(CAMPAIGN, "ben")
    office.clock.advance(120.0)
    minutes = logged(office)
    assert [round((m.minute - NOON) / MINUTE) for m in minutes] == [0, 10, 11]
    paused, resumed = minutes[0].standing, minutes[1].standing
    assert paused is not None
    assert resumed is not None
    assert (paused.state, paused.actor, resumed.state, resumed.actor) == ("PAUSED", "anna", "RUNNING", "ben")
    assert "paused by anna: the campaign is PAUSED" in said(minutes[:1])


def test_a_stop_that_the_engine_sees_through_is_of_the_person_who_asked_for_it(centre: Furnish) -> None:
    office = centre(leads=9, agents=1, otherwise=changed(TALKS, talk_s=20.0))
    office.open()
    office.until(office.talking)
    office.engine.campaign_stop(CAMPAIGN, "ben")
    office.clock.advance(120.0)
    standing = logged(office)[-1].standing
    assert standing is not None
    assert (standing.state, standing.actor) == ("STOPPED", "ben")
    assert said(logged(office))[-1] == "the last live call is over: the campaign is STOPPED"


def test_a_restart_in_the_same_minute_goes_on_with_its_row(centre: Furnish) -> None:
    office = centre(leads=60, agents=2, otherwise=REFUSES)
    office.open()
    office.clock.advance(15.0)
    office.engine.close()
    office.kill_engine()
    office.restart()
    office.clock.advance(65.0)
    first = logged(office)[0]
    assert first.launched == sum(a.created_at < NOON + MINUTE for a in office.attempts())
    assert "the dialer was started: the campaign goes on" in said((first,))


def test_the_last_minutes_are_shown_after_a_restart_too(centre: Furnish) -> None:
    office = centre(leads=90, agents=1, otherwise=REFUSES)
    office.open()
    office.clock.advance(600.0)
    before = [each["minute"] for each in decisions(office)]
    assert len(before) == 8
    office.engine.close()
    office.kill_engine()
    office.restart()
    assert [each["minute"] for each in decisions(office)][-7:] == before[-7:]


def test_a_log_that_cannot_be_written_stops_no_call_and_is_written_later(
    centre: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = centre(leads=90, agents=1, otherwise=REFUSES)
    office.open()

    def full(_minutes: object) -> None:
        raise StoreUnavailable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(office.store.decisions, "write", full)
        office.clock.advance(150.0)
        placed = office.placed()
        assert placed > 20
        assert any("decision log cannot be written" in a["words"] for a in office.engine.board()["alarms"])
    assert logged(office) == ()
    office.clock.advance(60.0)
    assert office.placed() > placed
    assert len(logged(office)) == 3


def test_a_fault_in_the_log_is_told_and_stops_no_call(centre: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    office = centre(leads=30, agents=1, otherwise=REFUSES)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MinuteOfDecisions, "with_", broken)
    office.open()
    office.clock.advance(30.0)
    assert office.placed() > 3
    assert any("fault in the decision log" in a["words"] for a in office.engine.board()["alarms"])


def test_the_log_is_not_tried_while_the_database_is_known_to_fail(
    centre: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = centre(leads=90, agents=1, otherwise=REFUSES)
    office.open()
    office.clock.advance(30.0)
    with failing_database(office), monkeypatch.context() as patch:
        tried: list[object] = []
        patch.setattr(office.store.decisions, "write", tried.append)
        office.clock.advance(120.0)
    assert tried == []
    office.clock.advance(120.0)
    minutes = logged(office)
    assert sum(minute.launched for minute in minutes) == len(
        [a for a in office.attempts() if a.created_at < minutes[-1].minute + MINUTE]
    )
    assert HeldBy.DATABASE in dict(minutes[1].held_ms)


def test_a_clock_set_back_opens_no_minute_twice(centre: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    office = centre(leads=60, agents=1, otherwise=REFUSES)
    office.open()
    office.clock.advance(70.0)
    real = office.clock.now
    monkeypatch.setattr(office.clock, "now", lambda: real() - timedelta(seconds=65))
    office.clock.advance(30.0)
    monkeypatch.undo()
    office.clock.advance(60.0)
    minutes = logged(office)
    assert [m.minute for m in minutes] == sorted({m.minute for m in minutes})
    assert sum(m.launched for m in minutes) + office.engine.unwritten_decisions(office.campaign.id)[-1].launched == len(
        office.attempts()
    )


def test_talking_agents_are_the_reason_for_few_calls(centre: Furnish) -> None:
    office = centre(leads=9, agents=1, otherwise=changed(TALKS, answer_after_s=1.0, talk_s=100.0))
    office.open()
    office.clock.advance(58.0)
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    assert current.held[0][0] == HeldBy.NO_AGENT


def test_a_list_that_has_run_dry_is_the_reason_when_less_was_started_than_decided(centre: Furnish) -> None:
    office = centre(leads=1, agents=3, otherwise=REFUSES)
    office.open()
    office.clock.advance(0.5)
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    assert HeldBy.NOT_DUE in {each.cause for each in current.said}
    assert any(words.endswith("0 started, no other lead is due") for words in said((current,)))
    assert current.launched == 1


def test_the_budget_is_among_the_figures_where_calls_may_be_lost(centre: Furnish) -> None:
    office = centre(leads=30, agents=2, mode="power", ratio=1.5, otherwise=REFUSES)
    office.open()
    office.clock.advance(10.0)
    (current,) = office.engine.unwritten_decisions(office.campaign.id)
    assert dict(current.figures)["budget"].mean == 2

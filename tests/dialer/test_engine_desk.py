"""Does the desk keep to the script a call began with, count only what was said, and forget nothing?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.model import CloseReason, Network, ScriptOutcome
from dialer.refusal import Refused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, RINGS_ON, SCRIPT, TALKS, CallCentre, changed


def _row(office: CallCentre) -> dict[str, dict[str, int]]:
    row: dict[str, dict[str, int]] = office.engine.board()["campaigns"][0]
    return row


def _import_script(office: CallCentre, body: str) -> None:
    office.store.scripts.save_version("offer", body, "test", office.clock.now())
    office.engine.settings_changed(CAMPAIGN)


def test_a_live_call_keeps_the_script_it_began_with_when_a_new_version_is_imported(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    _import_script(office, SCRIPT.replace("Hello", "Bonjour").replace('"offer"\ntext', '"offer"\ntext'))
    assert office.engine.desk_view("1001")["script"]["text"] == "Hello Ada"
    assert office.engine.desk_view("1001")["script"]["version"] == 1
    office.engine.desk_step("1001", "offer", {})


def test_after_a_restart_a_call_goes_on_with_its_own_version_and_its_answers(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=changed(TALKS, talk_s=300.0))
    office.open()
    office.until(office.talking)
    office.engine.desk_step("1001", "offer", {})
    office.engine.desk_step("1001", "done", {"want": "blue"})
    office.clock.advance(1.0)
    _import_script(office, SCRIPT.replace("Good bye", "Au revoir"))
    office.kill_engine()
    office.restart()
    office.until(office.talking, limit_s=2.0)
    assert office.engine.desk_view("1001")["script"]["text"] == "Good bye."
    assert office.engine._live.calls[office.attempt().id].answers == {"offer": {"want": "blue"}}


def test_a_refusal_at_the_greeting_is_a_refusal_before_the_script(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "refused")
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.script is ScriptOutcome.NOT_STARTED


def test_the_first_act_starts_the_script_as_of_the_moment_it_was_shown(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    shown_at = office.clock.now()
    office.clock.advance(9.0)
    office.engine.desk_step("1001", "offer", {})
    office.engine.desk_dispose("1001", "no_decision")
    office.until(lambda: office.attempt().closed)
    first = office.attempt().facts.script_steps[0]
    assert first.step == "greet"
    assert abs(first.at - shown_at) < timedelta(seconds=0.5)


def test_a_machine_has_started_no_script(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "machine")
    office.engine.desk_hang_up("1001")
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.script is ScriptOutcome.NOT_STARTED


def test_do_not_call_is_in_force_when_the_key_is_pressed_and_survives_another_outcome(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    office.engine.desk_dispose("1001", "do_not_call")
    assert office.store.suppressions.matching(office.numbers[0])[0].source == "desk"
    office.engine.desk_dispose("1001", "sale")
    office.until(lambda: office.attempt().closed)
    assert office.attempt().facts.disposition == "sale"
    assert len(office.store.suppressions.matching(office.numbers[0])) == 1


def test_every_call_without_an_outcome_can_still_be_given_one_also_after_a_crash(centre: Furnish) -> None:
    office = centre(leads=3, otherwise=changed(TALKS, talk_s=5.0), wrap_up_limit_s=2)
    office.open()
    office.until(lambda: _row(office)["undisposed"] == 3, limit_s=300.0)  # type: ignore[comparison-overlap]
    late = office.engine.desk_view("1001")["late"]
    assert (late["open"], late["lead"]) == (3, "Ada Number 4")
    office.kill_engine()
    office.restart()
    for left in (2, 1):
        office.engine.desk_dispose("1001", "refused")
        assert office.engine.desk_view("1001")["late"]["open"] == left
    office.engine.desk_dispose("1001", "refused")
    assert office.engine.desk_view("1001")["late"] is None
    assert all(office.lead_state(n).close_reason is CloseReason.REFUSED for n in office.numbers)


def test_a_callback_years_ahead_is_refused_as_a_slip(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(office.talking)
    with pytest.raises(Refused, match="over a year ahead"):
        office.engine.desk_dispose("1001", "callback", office.clock.now() + timedelta(days=4000))


def test_in_manual_mode_the_agent_reads_lead_and_script_while_it_rings_and_may_give_up(centre: Furnish) -> None:
    office = centre(leads=1, mode="manual", otherwise=RINGS_ON)
    office.open()
    office.engine.desk_dial("1001")
    view = office.engine.desk_view("1001")
    assert (view["lead"]["name"], view["script"]["text"]) == ("Ada Number 2", "Hello Ada")
    office.clock.advance(5.0)
    office.engine.desk_hang_up("1001")
    office.until(lambda: office.state_of() == "READY", limit_s=5.0)
    assert office.attempt().facts.network is Network.CANCELLED


def test_calls_that_do_not_ring_yet_are_cancelled_when_their_agents_leave(centre: Furnish) -> None:
    office = centre(leads=3, agents=3, otherwise=changed(TALKS, ring_after_s=5.0, answer_after_s=8.0))
    office.open()
    office.until(lambda: office.placed() == 3)
    for number in office.agents:
        office.engine.agent_pause(number, "lunch")
    office.clock.advance(1.0)
    assert {a.facts.network for a in office.attempts()} == {Network.CANCELLED}
    assert {a.facts.cancel_reason for a in office.attempts()} == {"nobody_free"}
    assert office.engine.board()["campaigns"][0]["abandon_today"]["numerator"] == 0


def test_a_call_that_rings_is_cancelled_only_when_it_has_rung_fifteen_seconds(centre: Furnish) -> None:
    office = centre(leads=1, otherwise=RINGS_ON, ring_timeout_s=60)
    office.open()
    office.until(lambda: _row(office)["calls"]["ringing"] == 1)
    office.engine.agent_logout("1001")
    office.clock.advance(14.0)
    assert _row(office)["calls"]["ringing"] == 1
    office.clock.advance(1.5)
    assert office.attempt().facts.cancel_reason == "nobody_free"


def test_one_agent_leaving_cancels_one_call_and_not_the_others(centre: Furnish) -> None:
    office = centre(leads=3, agents=3, otherwise=changed(RINGS_ON, ring_after_s=10.0))
    office.open()
    office.until(lambda: office.placed() == 3)
    office.engine.agent_logout("1002")
    office.clock.advance(1.0)
    assert sum(a.facts.network is Network.CANCELLED for a in office.attempts()) == 1


def test_the_board_counts_an_attempt_from_its_start_an_answer_and_the_message_at_once(centre: Furnish) -> None:
    office = centre(leads=2, mode="power", ratio=2.0, otherwise=changed(TALKS, patience_s=None))
    office.open()
    office.until(lambda: office.placed() == 2)
    assert _row(office)["today"]["attempts"] == 2
    office.until(lambda: _row(office)["calls"]["talking"] == 1)
    assert _row(office)["today"]["answered"] >= 1
    office.until(lambda: any(c.stage == "message" for c in office.engine._live.calls.values()), limit_s=10.0)
    assert _row(office)["abandon_today"]["numerator"] == 1
    office.until(lambda: not office.engine._live.calls, limit_s=300.0)
    assert _row(office)["abandon_today"]["numerator"] == 1
    assert _row(office)["today"]["attempts"] == 2


def test_a_call_dialled_by_hand_is_given_up_when_its_agent_leaves_the_line(centre: Furnish) -> None:
    office = centre(leads=1, mode="manual", otherwise=changed(RINGS_ON, ring_after_s=30.0))
    office.open()
    office.engine.desk_dial("1001")
    office.clock.advance(1.0)
    office.world.hang_up_phone("1001")
    office.until(lambda: office.attempt().closed, limit_s=5.0)
    assert office.attempt().facts.cancel_reason == "nobody_free"

"""Preview mode: does an agent see each lead first, alone, and is nothing dialled that he or the limit did not dial?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from campaigns.model import AgentState, CloseReason, LeadState, Network, PreviewEnd, Suppression
from campaigns.storage.errors import StoreUnavailable
from dialer.refusal import Refused
from telephony.simulator import Phone
from tests.dialer.conftest import Furnish
from tests.dialer.floor import BUSY, CAMPAIGN, RINGS_ON, TALKS, TRUNK, CallCentre, changed
from tests.dialer.test_engine_store import failing_database
from tests.dialer.test_limits import OTHER, add_campaign, change


def desk(office: CallCentre, agent: str = "1001") -> dict[str, Any]:
    return office.engine.desk_view(agent)


def on_desk(office: CallCentre, agent: str = "1001") -> str:
    """The number on his desk; empty when none is."""
    preview = desk(office, agent)["preview"]
    return "" if preview is None else str(preview["number"])


def previewing(centre: Furnish, **wishes: Any) -> CallCentre:
    """A preview campaign with a lead on the desk of 1001."""
    office = centre(mode="preview", **wishes)
    office.open()
    office.until(lambda: on_desk(office) != "", limit_s=2.0)
    return office


def ends(office: CallCentre, number: str) -> list[tuple[PreviewEnd | None, str]]:
    person = next(f.lead.person_id for f in office.store.leads.find(number))
    return [(p.end, p.reason) for p in office.store.previews.of_person(person)]


def barred(office: CallCentre, number: str) -> None:
    entry = Suppression(number=number, reason="asked", source="manager", actor="anna", added_at=office.clock.now())
    office.engine.number_suppressed(office.store.suppressions.add(entry))


# --- the lead on the desk ---------------------------------------------------------------------------


def test_a_ready_agent_sees_the_next_lead_with_its_script_and_nothing_is_dialled(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    view = desk(office)
    assert (view["agent"]["state"], view["call"]) == ("PREVIEW", None)
    assert view["lead"]["name"] == "Ada Number 2"
    assert (view["script"]["text"], view["script"]["next"]) == ("Hello Ada", [])
    preview = view["preview"]
    assert (preview["number"], preview["then"], preview["attempts"]) == (office.numbers[0], "dial", 0)
    assert 57.0 < preview["left_s"] <= 60.0
    office.clock.advance(50.0)
    assert (office.placed(), office.attempts()) == (0, ())


def test_dialling_writes_the_attempt_and_calls_the_lead_that_was_shown(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    assert office.engine.desk_dial("1001") == f"Dialling {office.numbers[0]}."
    assert office.attempt().number == office.numbers[0]
    assert desk(office)["preview"] is None
    assert desk(office)["lead"]["name"] == "Ada Number 2"
    office.until(office.talking)
    assert ends(office, office.numbers[0]) == [(PreviewEnd.DIALLED, "")]
    office.engine.desk_step("1001", "offer", {})


def test_after_a_call_that_was_not_answered_the_next_lead_comes(centre: Furnish) -> None:
    office = previewing(centre, leads=2, otherwise=BUSY)
    office.engine.desk_dial("1001")
    office.until(lambda: on_desk(office) == office.numbers[1], limit_s=10.0)
    assert office.attempt().facts.network is Network.BUSY


def test_two_agents_never_see_the_same_lead(centre: Furnish) -> None:
    office = previewing(centre, leads=3, agents=3)
    office.until(lambda: all(on_desk(office, a) for a in office.agents), limit_s=2.0)
    assert {on_desk(office, a) for a in office.agents} == set(office.numbers)


def test_the_same_desk_is_shown_to_a_screen_that_died_and_came_again(centre: Furnish) -> None:
    office = previewing(centre, leads=3)
    before = desk(office)
    office.clock.advance(20.0)
    after = desk(office)
    assert (after["preview"]["number"], after["lead"]) == (before["preview"]["number"], before["lead"])
    assert after["preview"]["left_s"] == pytest.approx(before["preview"]["left_s"] - 20.0)


def test_time_on_the_desk_is_preview_time_of_the_campaign_in_the_ledger(centre: Furnish) -> None:
    office = previewing(centre, leads=1, otherwise=RINGS_ON)
    office.clock.advance(10.0)
    office.engine.desk_dial("1001")
    office.clock.advance(5.0)
    running = office.store.agents.running()
    assert [(s.state, s.campaign_id) for s in running] == [(AgentState.PREVIEW, office.campaign.id)]
    assert (office.clock.now() - running[0].began_at).total_seconds() > 14.0


def test_dialling_with_no_lead_on_the_desk_is_refused(centre: Furnish) -> None:
    office = centre(leads=0, mode="preview")
    office.open_agents()
    with pytest.raises(Refused, match="wait for a call or a lead"):
        office.engine.desk_dial("1001")
    with pytest.raises(Refused, match="No lead is on your desk"):
        office.engine.desk_skip("1001", "wrong time")


def test_a_key_meant_for_a_lead_that_is_gone_does_nothing_to_the_next(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    office.engine.desk_skip("1001", "not a fit", office.numbers[0])
    with pytest.raises(Refused, match="No lead is on your desk"):
        office.engine.desk_dial("1001", office.numbers[0])
    office.until(lambda: on_desk(office) == office.numbers[1], limit_s=2.0)
    another = f"Another lead is on your desk now: .{office.numbers[1][1:]}"
    with pytest.raises(Refused, match=another):
        office.engine.desk_dial("1001", office.numbers[0])
    with pytest.raises(Refused, match=another):
        office.engine.desk_skip("1001", "not a fit", office.numbers[0])
    assert (on_desk(office), office.placed()) == (office.numbers[1], 0)


def test_a_lead_that_was_called_before_says_so(centre: Furnish) -> None:
    office = previewing(centre, leads=1, otherwise=BUSY)
    assert "Calls so far" not in dict(desk(office)["lead"]["fields"])
    office.engine.desk_dial("1001")
    office.until(lambda: on_desk(office) != "", limit_s=1000.0)
    assert dict(desk(office)["lead"]["fields"])["Calls so far"] == "1"


def test_the_board_counts_who_looks_at_a_lead(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    agents = office.engine.board()["campaigns"][0]["agents"]
    assert (agents["preview"], agents["other"], agents["logged_in"]) == (1, 0, 1)


# --- skipping ---------------------------------------------------------------------------------------


def test_a_skipped_lead_rests_with_who_when_and_why_and_the_next_comes(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    said = office.engine.desk_skip("1001", "wrong time")
    assert said.startswith("Skipped: wrong time. He is asked again from 2026-03-02 21:00 UTC")
    state = office.lead_state(office.numbers[0])
    assert (state.state, state.hold_code) == (LeadState.NEW, "PREVIEW")
    assert state.hold_reason == "skipped by Agent 1001 (1001) at 2026-03-02 17:00 UTC: wrong time"
    office.until(lambda: on_desk(office) == office.numbers[1], limit_s=2.0)
    assert ends(office, office.numbers[0]) == [(PreviewEnd.SKIPPED, "wrong time")]
    office.engine.desk_skip("1001", "not a fit")
    office.clock.advance(4 * 3600 - 5.0)
    assert on_desk(office) == ""
    office.clock.advance(10.0)
    assert on_desk(office) == office.numbers[0]


@pytest.mark.parametrize("reason", ["", "  ", "because", "wrong time\n"])
def test_a_reason_that_is_not_on_the_list_leaves_the_lead_on_the_desk(centre: Furnish, reason: str) -> None:
    office = previewing(centre, leads=2)
    if reason.strip() == "wrong time":
        reason = "wrong\ntime"
    with pytest.raises(Refused, match="wrong time, known already, wrong data, not a fit"):
        office.engine.desk_skip("1001", reason)
    assert on_desk(office) == office.numbers[0]


def test_without_a_list_of_reasons_the_agent_writes_his_own(centre: Furnish) -> None:
    office = previewing(centre, leads=1, preview_skip_reasons=[])
    with pytest.raises(Refused, match="Say why"):
        office.engine.desk_skip("1001", " ")
    office.engine.desk_skip("1001", "we met last week")
    assert "we met last week" in office.lead_state(office.numbers[0]).hold_reason


# --- the time limit ---------------------------------------------------------------------------------


def test_when_the_time_is_over_the_lead_is_dialled(centre: Furnish) -> None:
    office = previewing(centre, leads=1, preview_limit_s=20)
    office.clock.advance(18.0)
    assert office.placed() == 0
    office.clock.advance(3.0)
    assert office.placed(office.numbers[0]) == 1
    office.until(office.talking)


def test_when_the_time_is_over_the_lead_is_skipped_where_the_campaign_says_so(centre: Furnish) -> None:
    office = previewing(centre, leads=2, preview_limit_s=20, preview_then="skip")
    office.clock.advance(21.0)
    assert (office.placed(), on_desk(office)) == (0, office.numbers[1])
    assert ends(office, office.numbers[0]) == [(PreviewEnd.SKIPPED, "time limit")]
    person = next(f.lead.person_id for f in office.store.leads.find(office.numbers[0]))
    assert office.store.previews.of_person(person)[0].by_limit


def test_an_empty_chair_lets_two_leads_pass_and_no_more(centre: Furnish) -> None:
    office = previewing(centre, leads=5, preview_limit_s=20, preview_then="skip")
    office.clock.advance(100.0)
    assert (office.state_of(), desk(office)["agent"]["code"]) == ("PAUSE", "away")
    assert office.lead_states() == {LeadState.NEW: 5}
    assert sum(office.lead_state(n).hold_code == "PREVIEW" for n in office.numbers) == 2


def test_an_agent_who_acts_between_two_limits_is_not_sent_on_pause(centre: Furnish) -> None:
    office = previewing(centre, leads=5, preview_limit_s=20, preview_then="skip")
    office.clock.advance(21.0)
    office.engine.desk_skip("1001", "not a fit")
    office.clock.advance(21.0)
    assert office.state_of() == "PREVIEW"


def test_a_lead_whose_time_is_over_is_dialled_as_soon_as_a_line_is_free(centre: Furnish) -> None:
    office = centre(leads=2, agents=2, mode="preview", preview_limit_s=20, otherwise=RINGS_ON, trunk={"max_calls": 1})
    office.open()
    office.until(lambda: on_desk(office, "1002") != "", limit_s=2.0)
    office.engine.desk_dial("1001")
    office.clock.advance(20.5)
    assert (office.placed(), on_desk(office, "1002")) == (1, office.numbers[1])
    office.until(lambda: office.placed(office.numbers[1]) == 1, limit_s=10.0)


def test_a_lead_whose_time_is_over_while_the_exchange_is_away_is_given_back(centre: Furnish) -> None:
    office = previewing(centre, leads=1, preview_limit_s=20)
    office.telephony.cut_link()
    office.clock.advance(10.0)
    assert on_desk(office) == office.numbers[0]
    office.clock.advance(11.0)
    assert (on_desk(office), office.state_of(), office.placed()) == ("", "READY", 0)
    office.telephony.restore_link()
    office.until(lambda: on_desk(office) == office.numbers[0], limit_s=5.0)


# --- what takes a lead off the desk -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["pause", "log out", "phone", "campaign", "mode", "agents"])
def test_a_lead_is_given_back_at_once_when_its_agent_or_campaign_stops(centre: Furnish, how: str) -> None:
    office = centre(leads=1, agents=2, mode="preview")
    office.engine.agent_login("1001")
    office.clock.advance(2.0)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: on_desk(office) != "", limit_s=2.0)
    happenings: dict[str, Callable[[], object]] = {
        "pause": lambda: office.engine.agent_pause("1001", "lunch"),
        "log out": lambda: office.engine.agent_logout("1001"),
        "phone": lambda: office.world.hang_up_phone("1001"),
        "campaign": lambda: office.engine.campaign_pause(CAMPAIGN, "test"),
        "mode": lambda: change(office, CAMPAIGN, mode="manual"),
        "agents": lambda: _unassign(office, "1001"),
    }
    happenings[how]()
    office.clock.advance(0.5)
    if how != "phone":  # his phone is rung again at once
        assert on_desk(office) == ""
    assert office.placed() == 0
    number = office.numbers[0]
    assert ends(office, number)[-1][0] is PreviewEnd.RELEASED
    assert office.lead_state(number).state is LeadState.NEW
    if how in ("pause", "log out"):
        office.engine.agent_login("1002")
        office.until(lambda: on_desk(office, "1002") == number, limit_s=5.0)


def _unassign(office: CallCentre, agent: str) -> None:
    found = next(a for a in office.store.agents.all() if a.number == agent)
    office.store.campaigns.detach_agent(office.campaign.id, found.id)
    office.engine.agents_changed()


def test_do_not_call_takes_the_lead_from_the_desk_and_closes_it(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    barred(office, office.numbers[0])
    office.until(lambda: on_desk(office) == office.numbers[1], limit_s=2.0)
    assert office.lead_state(office.numbers[0]).close_reason is CloseReason.SUPPRESSED
    assert ends(office, office.numbers[0])[0] == (PreviewEnd.HELD, "its number is on do-not-call now")
    assert office.placed() == 0


def test_a_lead_barred_behind_the_engines_back_is_judged_again_before_it_is_dialled(centre: Furnish) -> None:
    office = previewing(centre, leads=1)
    now = office.clock.now()
    office.store.suppressions.add(
        Suppression(number=office.numbers[0], reason="asked", source="file", actor="anna", added_at=now)
    )
    with pytest.raises(Refused, match="Nothing was dialled: DO_NOT_CALL"):
        office.engine.desk_dial("1001")
    assert (office.placed(), office.attempts()) == (0, ())
    office.clock.advance(2.0)
    assert (on_desk(office), office.state_of()) == ("", "READY")
    assert office.lead_state(office.numbers[0]).close_reason is CloseReason.SUPPRESSED


def test_after_a_crash_the_lead_is_offered_again_and_was_never_dialled(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    office.kill_engine()
    office.clock.advance(5.0)
    office.restart()
    office.until(lambda: on_desk(office) == office.numbers[0], limit_s=5.0)
    assert (office.placed(), len(ends(office, office.numbers[0]))) == (0, 2)
    assert ends(office, office.numbers[0])[-1] == (PreviewEnd.RELEASED, "the service was started again")


def test_a_service_that_stops_leaves_no_lead_on_a_desk(centre: Furnish) -> None:
    office = previewing(centre, leads=2)
    office.engine.close()
    assert office.store.previews.on_desks(office.campaign.id) == ()
    assert office.lead_state(office.numbers[0]).hold_code == ""


def test_an_import_that_is_undone_takes_its_lead_from_the_desk(centre: Furnish) -> None:
    office = previewing(centre, leads=1)
    office.store.leads.undo_batch(1, "anna", office.clock.now())
    with pytest.raises(Refused, match="the lead lies on no desk any more"):
        office.engine.desk_dial("1001")
    assert (office.placed(), office.state_of()) == (0, "READY")


def test_while_the_database_fails_nothing_is_dialled_and_the_lead_goes_out_afterwards(centre: Furnish) -> None:
    office = previewing(centre, leads=1, preview_limit_s=20)
    with failing_database(office):
        office.clock.advance(30.0)
        assert office.placed() == 0
    office.until(lambda: office.placed(office.numbers[0]) == 1, limit_s=120.0)
    assert office.placed() == 1


def test_an_offer_that_was_written_although_the_database_failed_strands_no_lead(
    centre: Furnish, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = centre(leads=1, mode="preview")
    really = office.store.previews.offer

    def fails_after_writing(*args: Any, **wishes: Any) -> Any:
        monkeypatch.undo()
        really(*args, **wishes)
        raise StoreUnavailable("the connection broke in the commit")

    monkeypatch.setattr(office.store.previews, "offer", fails_after_writing)
    office.open()
    office.until(lambda: on_desk(office) == office.numbers[0], limit_s=10.0)
    assert [end for end, _ in ends(office, office.numbers[0])] == [None, PreviewEnd.RELEASED]


def test_a_campaign_that_is_held_lets_nobody_dial_and_leaves_the_lead_where_it_is(centre: Furnish) -> None:
    office = previewing(centre, leads=1)
    office.telephony.fail_trunk(TRUNK)
    office.clock.advance(1.0)
    with pytest.raises(Refused, match=r"Nothing was dialled: trunk practice is down.*stays on your desk"):
        office.engine.desk_dial("1001")
    assert (on_desk(office), office.placed()) == (office.numbers[0], 0)


# --- agents of several campaigns --------------------------------------------------------------------


def mixed(centre: Furnish, **wishes: Any) -> CallCentre:
    """One agent for a progressive campaign and a preview campaign; only the first runs."""
    office = centre(**{"leads": 3} | wishes)
    add_campaign(office, mode="preview")
    office.open()
    return office


def test_calls_that_dial_by_themselves_go_before_leads_on_the_desk(centre: Furnish) -> None:
    office = mixed(centre, otherwise=RINGS_ON)
    office.until(lambda: office.placed() == 1, limit_s=5.0)
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(10.0)
    assert (on_desk(office), office.state_of()) == ("", "READY")


def test_leads_come_to_the_desk_when_nothing_dials_by_itself(centre: Furnish) -> None:
    office = mixed(centre, otherwise=BUSY)
    office.until(lambda: office.placed() == 3, limit_s=30.0)
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(5.0)
    assert on_desk(office) == office.numbers[0]


def test_a_customer_who_waits_goes_before_a_lead(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, otherwise=changed(TALKS, talk_s=300.0))
    add_campaign(office, mode="preview")
    office.import_numbers("+12125559001")
    office.engine.agent_login("1001")
    office.clock.advance(2.0)
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(office.talking)
    office.engine.campaign_start(OTHER, "test")
    office.world.phones["1001"] = Phone(reachable=False)
    office.world.hang_up_phone("1001")
    office.engine.agent_login("1002")
    office.until(lambda: office.talking("1002"), limit_s=10.0)
    assert on_desk(office, "1002") == ""


def test_two_preview_campaigns_take_turns_on_one_desk(centre: Furnish) -> None:
    office = centre(leads=6, mode="preview")
    add_campaign(office, mode="preview")
    office.engine.campaign_start(OTHER, "test")
    office.open()
    shown = []
    for _ in range(4):
        office.until(lambda: on_desk(office) != "", limit_s=2.0)
        shown.append(desk(office)["campaign"])
        office.engine.desk_skip("1001", "not a fit")
    assert shown in ([CAMPAIGN, OTHER] * 2, [OTHER, CAMPAIGN] * 2)


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_who_becomes_ready_is_drawn_by_weight_for_leads_or_for_calls(centre: Furnish, weight: float) -> None:
    often: dict[str, Any] = {
        "retry_machine_s": 60,
        "preview_skip_rest_s": 60,
        "max_tries": 1000,
        "max_attempts_per_number_per_day": 1000,
    }
    talks = changed(TALKS, talk_s=5.0)
    office = centre(leads=90, agents=4, otherwise=talks, wrap_up_limit_s=60, weight=4 / weight, **often)
    add_campaign(office, mode="preview", weight=4.0, **often)
    office.engine.campaign_start(OTHER, "test")
    office.open()
    shown = working(office, 400)
    assert office.placed() > 90, "people are called again"
    assert shown / (shown + office.placed()) == pytest.approx(weight / (1 + weight), abs=0.06)
    lost = [row["abandon_today"] for row in office.engine.board()["campaigns"]]
    assert not any(each["numerator"] for each in lost), "nobody is taken away from calls that are on the way to him"


@pytest.mark.parametrize("what", ["nothing", "a pause", "a lost phone", "a restart"])
def test_nobody_is_taken_away_from_a_call_that_rings_for_him(centre: Furnish, what: str) -> None:
    for moment in range(6):
        slow = changed(TALKS, answer_after_s=8.0, patience_s=20.0)
        office = mixed(centre, leads=2, otherwise=slow, wrap_up_limit_s=60)
        office.until(lambda office=office: len(office.world.lines) == 1)  # type: ignore[misc]
        office.clock.advance(1.0)
        office.engine.campaign_start(OTHER, "test")
        office.clock.advance(0.137 * moment)
        if what == "a pause":
            office.engine.agent_pause("1001", "break")
            office.clock.advance(1.0)
            office.engine.agent_ready("1001")
        elif what == "a lost phone":
            office.world.hang_up_phone("1001")
        elif what == "a restart":
            office.kill_engine()
            office.clock.advance(0.2)
            office.restart()
        office.until(office.talking, limit_s=20.0)


def test_an_agent_of_another_campaign_is_no_substitute_for_the_one_a_call_rings_for(centre: Furnish) -> None:
    """1001 serves the first campaign, 1002 another, both that of the leads: neither can take the other's call."""
    one: dict[str, Any] = {"max_lines_per_agent": 1.0}
    slow = changed(TALKS, answer_after_s=8.0, patience_s=20.0)
    office = centre(leads=6, agents=2, otherwise=slow, **one)
    second = office.store.agents.all()[1]
    office.store.campaigns.detach_agent(office.campaign.id, second.id)
    add_campaign(office, "autumn", ("1002",), mode="progressive", **one)
    add_campaign(office, OTHER, ("1001", "1002"), mode="preview", **one)
    office.engine.campaign_start("autumn", "test")
    office.open()
    office.until(lambda: len(office.world.lines) == 2)
    office.clock.advance(1.0)
    office.engine.campaign_start(OTHER, "test")
    office.until(lambda: office.talking("1001") and office.talking("1002"), limit_s=20.0)


@pytest.mark.parametrize("trunk", [{"attempts_per_second": 0.5}, {"max_calls": 3}], ids=["rate", "lines"])
@pytest.mark.parametrize("mode", ["preview", "manual"])
def test_who_dials_by_hand_gets_the_trunk_although_others_want_all_of_it(
    centre: Furnish, trunk: dict[str, Any], mode: str
) -> None:
    office = centre(leads=60, agents=6, otherwise=RINGS_ON, mode="power", ratio=3.0, trunk=trunk)
    first = office.store.agents.all()[0]
    office.store.campaigns.detach_agent(office.campaign.id, first.id)
    add_campaign(office, OTHER, ("1001",), mode=mode, preview_limit_s=300)
    office.open()
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(20.0)
    assert office.placed() >= 3
    for _ in range(40):  # he presses again and again, as he is told
        with suppress(Refused):
            office.engine.desk_dial("1001")
            break
        office.clock.advance(1.0)
    other = office.store.campaigns.by_name(OTHER)
    assert other is not None
    assert any(
        attempt.campaign_id == other.id for attempt in map(office.store.attempts.get, office.world.lines) if attempt
    )


def test_a_trunks_rate_is_not_kept_for_long_for_whoever_does_not_press_again(centre: Furnish) -> None:
    trunk = {"attempts_per_second": 0.5}
    office = centre(leads=60, agents=6, otherwise=RINGS_ON, mode="power", ratio=3.0, trunk=trunk)
    first = office.store.agents.all()[0]
    office.store.campaigns.detach_agent(office.campaign.id, first.id)
    add_campaign(office, OTHER, ("1001",), mode="manual")
    office.open()
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(4.6)
    with pytest.raises(Refused, match=r"attempts_per_second of the trunk leaves no room .* a line is kept for you"):
        office.engine.desk_dial("1001")
    before = office.placed()
    office.clock.advance(4.5)
    assert office.placed() == before, "what the rate lets out next is his"
    office.clock.advance(3.0)
    assert office.placed() > before


def test_agents_whom_no_call_can_need_look_at_leads_although_one_is_under_way(centre: Furnish) -> None:
    office = centre(leads=40, agents=6, otherwise=RINGS_ON, mode="power", ratio=2.0, max_calls=1)
    add_campaign(office, mode="preview", preview_limit_s=300)
    office.open()
    office.until(lambda: len(office.world.lines) == 1)
    office.engine.campaign_start(OTHER, "test")
    office.clock.advance(5.0)
    looking = sum(on_desk(office, agent) != "" for agent in office.agents)
    assert looking == 5, "and one is there for the call that rings"


def working(office: CallCentre, seconds: int) -> int:
    """Agents skip every lead on their desks within a second, and say machine of every call: how many leads came."""
    shown = 0
    for _ in range(seconds):
        office.clock.advance(1.0)
        for agent in office.agents:
            if on_desk(office, agent):
                office.engine.desk_skip(agent, "not a fit")
                shown += 1
            elif office.state_of(agent) == "WRAP_UP":
                office.engine.desk_dispose(agent, "machine")
    return shown


def test_preview_campaigns_take_turns_by_weight_and_a_later_one_gets_its_share_from_then_on(centre: Furnish) -> None:
    office = centre(leads=90, mode="preview")
    add_campaign(office, mode="preview", weight=3.0)
    office.open()
    shown = []
    for number in range(60):
        if number == 20:
            office.engine.campaign_start(OTHER, "test")
        office.until(lambda: on_desk(office) != "", limit_s=2.0)
        shown.append(desk(office)["campaign"])
        office.engine.desk_skip("1001", "not a fit")
    assert shown[:20] == [CAMPAIGN] * 20
    assert shown[20:].count(OTHER) == pytest.approx(30, abs=1)


def test_a_number_on_one_desk_is_not_shown_on_another_for_the_other_campaign(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, mode="preview")
    add_campaign(office, mode="preview")
    office.engine.campaign_start(OTHER, "test")
    office.open()
    office.clock.advance(5.0)
    assert sorted(on_desk(office, a) for a in office.agents) == ["", office.numbers[0]]


def test_a_promised_callback_comes_to_the_agent_who_promised_it(centre: Furnish) -> None:
    office = centre(leads=1, agents=2, mode="preview", otherwise=changed(TALKS, talk_s=5.0))
    office.open_agents()
    office.engine.agent_pause("1001", "lunch")
    office.engine.campaign_start(CAMPAIGN, "test")
    office.until(lambda: on_desk(office, "1002") != "", limit_s=2.0)
    office.engine.desk_dial("1002")
    office.until(lambda: office.talking("1002"))
    at = office.clock.now() + timedelta(hours=1)
    office.engine.desk_dispose("1002", "callback", at)
    office.until(lambda: office.attempt().closed)
    office.engine.agent_ready("1001")
    office.clock.advance(3602.0)
    assert (on_desk(office), on_desk(office, "1002")) == ("", office.numbers[0])

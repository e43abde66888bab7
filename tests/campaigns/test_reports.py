"""Do the reports hold what happened, in rows that add up to their figures and to a recount of the raw rows?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.metrics import Call, Period
from campaigns.model import (
    AgentState,
    AnsweredBy,
    CloseReason,
    DialMode,
    Facts,
    Network,
    Routing,
    ScriptOutcome,
    ScriptVisit,
)
from campaigns.reports import REPORTS, Answer, Cell, Material, Report, build
from tests.campaigns.call_builders import (
    AT,
    DAY,
    TODAY,
    Stretch,
    any_calls,
    call,
    lead,
    script,
    spoken,
    stretches,
    unanswered,
)
from tests.campaigns.glossary_example import Promised
from tests.campaigns.rule_builders import settings


def material(*calls: Call, **changes: Any) -> Material:
    usual: dict[str, Any] = {
        "campaign": "autumn",
        "period": TODAY,
        "settings": settings(),
        "now": AT + timedelta(hours=4),
        "calls": calls,
        "agents": {1: "Ada", 2: "Bo", 3: "Cy", 7: "Gus"},
        "lists": {1: "north"},
    }
    return Material(**(usual | changes))


def rows(report: Report, by: str) -> list[dict[str, Cell]]:
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows if row[0] == by]


def whole(cell: Cell) -> int:
    assert isinstance(cell, int)
    return cell


FINISHED = call(1, "sale", facts=spoken(**script(ScriptOutcome.COMPLETED, "hello", "bye")))
LEFT = call(2, "callback", facts=spoken(**script(ScriptOutcome.LEFT, "hello", "offer", leave_reason="in a hurry")))
BROKEN = call(3, "refused", facts=spoken(2, **script(ScriptOutcome.STARTED, "hello", "offer")))
BEFORE = call(4, "refused", facts=spoken(2))
HEARD = call(5, "refused", facts=spoken(**script(ScriptOutcome.COMPLETED, "hello", "bye")))
SILENT = call(6, facts=unanswered())
EVERYTHING = (FINISHED, LEFT, BROKEN, BEFORE, HEARD, SILENT)


def test_the_completion_report_counts_scripts_by_campaign_version_and_agent() -> None:
    report = build("completion", material(*EVERYTHING))
    (total,) = rows(report, "campaign")
    assert (total["started"], total["completed"], total["completion_rate"]) == (4, 2, 0.5)
    assert [(r["agent"], r["started"], r["completed"], r["share_of_completed"]) for r in rows(report, "agent")] == [
        ("Bo", 1, 0, 0.0),
        ("Gus", 3, 2, 1.0),
    ]
    assert [r["script_version"] for r in rows(report, "script")] == ["1"]
    figure = report.figure("completion_rate")
    assert figure is not None
    assert (figure.numerator, figure.denominator) == (2, 4)


def test_the_drop_off_names_the_step_where_each_unfinished_call_ended() -> None:
    report = build("completion", material(*EVERYTHING))
    drops = {r["step"]: (r["reached"], r["ended_here"], r["left_here"]) for r in rows(report, "step")}
    assert drops == {"hello": (4, 0, 0), "offer": (2, 1, 1), "bye": (2, 0, 0)}


def test_the_refusal_report_keeps_its_three_counts_apart_with_step_and_reason() -> None:
    report = build("refusal", material(*EVERYTHING))
    (total,) = rows(report, "campaign")
    assert [total[n] for n in ("refused_before_script", "broke_off", "heard_it_all", "human_contacts")] == [1, 1, 1, 5]
    assert total["refusal_rate"] == 0.6
    assert [(r["step"], r["broke_off"]) for r in rows(report, "step")] == [("offer", 1)]
    assert [(r["reason"], r["refusals"]) for r in rows(report, "reason")] == [("Refused", 3)]


def test_a_refusals_reason_is_the_customers_own_before_the_agents_word() -> None:
    asked = ScriptVisit(step="why", at=AT, answers=(("refusal_reason", "too dear"),))
    told = spoken(script=ScriptOutcome.LEFT, script_steps=(asked,), script_end_step="why", leave_reason="price")
    own = call(1, "refused", facts=told)
    left = call(2, "refused", facts=spoken(**script(ScriptOutcome.LEFT, "hello", leave_reason="no time")))
    report = build("refusal", material(own, left))
    assert [(r["reason"], r["refusals"]) for r in rows(report, "reason")] == [("no time", 1), ("too dear", 1)]


def test_what_is_in_no_row_is_told_in_a_note() -> None:
    keyed = call(1, facts=spoken(opted_out=True, routing=Routing.ABANDONED_NO_AGENT, joined_at=None))
    open_word = call(2)
    notes = build("refusal", material(keyed, open_word)).notes
    assert any("Calls with an agent and without a disposition yet, in no row: 1." in note for note in notes)
    assert any("pressed the opt-out key of the message, no contacts and in no row: 1." in note for note in notes)


def test_survey_campaigns_get_the_aapor_rates_one_case_per_lead() -> None:
    calls = (
        replace_lead(FINISHED, 1),
        replace_lead(SILENT, 1),
        replace_lead(BROKEN, 2),
        replace_lead(LEFT, 3),
        call(7, "no_decision", person_id=4),
        call(8, "machine", person_id=5, facts=spoken(answered_by=AnsweredBy.MACHINE)),
        call(9, person_id=6, facts=unanswered()),
        call(10, person_id=7, facts=unanswered(Network.INVALID_NUMBER)),
    )
    report = build("refusal", material(*calls, survey=True))
    found = {f.name: (f.numerator, f.denominator) for f in report.figures if f.name.startswith("aapor")}
    assert found == {"aapor_rr1": (1, 6), "aapor_coop1": (1, 4), "aapor_ref1": (1, 6), "aapor_con1": (4, 6)}
    assert not [f for f in build("refusal", material(*calls)).figures if f.name.startswith("aapor")]


def replace_lead(one: Call, person: int) -> Call:
    return replace(one, attempt=replace(one.attempt, person_id=person))


def test_the_campaign_report_shows_every_figure_for_the_whole_and_its_parts() -> None:
    leads = (lead(1, reason=CloseReason.SALE), lead(2), lead(3, reason=CloseReason.SUPPRESSED), lead(4), lead(5))
    spans = tuple(stretches(7, (AgentState.READY, 100), (AgentState.TALK, 300)))
    report = build("campaign", material(*EVERYTHING, leads=leads, spans=spans, numbers=6))
    hit = report.figure("hit_rate")
    assert hit is not None
    assert (hit.numerator, hit.denominator) == (5, 6)
    by_hour = [r for r in rows(report, "hour") if r["figure"] == "hit_rate"]
    assert [(r["name"], r["numerator"], r["denominator"]) for r in by_hour] == [("10:00", 5, 6)]
    assert {r["name"] for r in rows(report, "list")} == {"north"}
    outcomes = {r["name"]: r["value"] for r in rows(report, "outcome")}
    assert outcomes == {"ANSWERED": 5, "NO_ANSWER": 1}
    assert {r["name"]: r["value"] for r in rows(report, "disposition")} == {"sale": 1, "callback": 1, "refused": 3}
    assert any("Leads: 5; still open: 3; with bad numbers: 0; on a do-not-call list" in n for n in report.notes)


def test_agents_have_a_hit_rate_in_manual_mode_only() -> None:
    def hit_of(mode: DialMode) -> Cell:
        report = build("campaign", material(*EVERYTHING, settings=settings(mode=mode)))
        (row,) = [r for r in rows(report, "agent") if r["figure"] == "hit_rate" and r["name"] == "Bo"]
        return row["value"]

    assert hit_of(DialMode.PROGRESSIVE) is None
    assert hit_of(DialMode.MANUAL) == 1.0


def test_abandonment_is_shown_for_the_last_day_and_for_30_days_with_its_budget() -> None:
    lost = spoken(routing=Routing.ABANDONED_NO_AGENT, answered_by=AnsweredBy.UNKNOWN, joined_at=None)
    old = call(1, facts=lost, report_date=DAY - timedelta(days=30))
    recent = call(2, facts=lost, report_date=DAY - timedelta(days=29))
    fine = [call(10 + n, "sale") for n in range(97)]
    report = build("campaign", material(old, recent, *fine))
    shown = {f.name: (f.numerator, f.denominator) for f in report.figures if f.name.endswith(("_today", "_30_days"))}
    assert shown == {
        "abandonment_today": (0, 97),
        "abandon_bound_today": (None, 97),
        "abandon_budget_today": (3, None),
        "abandonment_30_days": (1, 98),
        "abandon_bound_30_days": (None, 98),
        "abandon_budget_30_days": (2, None),
        "abandonment_estimated_30_days": (1, 98),
    }


def test_the_budget_is_that_of_all_campaigns_that_share_the_window() -> None:
    lost = spoken(routing=Routing.ABANDONED_NO_AGENT, answered_by=AnsweredBy.UNKNOWN, joined_at=None)
    of_clones = tuple(call(50 + n, facts=lost, campaign_id=2) for n in range(2))
    made = material(*(call(10 + n, "sale") for n in range(97)), of_clones=of_clones, sharing=("winter sale",))
    report = build("campaign", made)
    shown = {f.name: f.numerator for f in report.figures if f.name.startswith("aband")}
    assert (shown["abandonment"], shown["abandonment_today"], shown["abandonment_30_days"]) == (0, 2, 2)
    assert (shown["abandon_budget_today"], shown["abandon_budget_30_days"]) == (1, 1)
    assert any("counted together with winter sale" in note for note in report.notes)
    opened = build("calls", replace(made, figure="abandonment_30_days"))
    assert len(opened.rows) == 99


def test_calls_of_unknown_fate_are_lost_for_the_budget_and_stand_apart_from_the_figure() -> None:
    gone = call(1, facts=Facts(network=Network.UNKNOWN))
    report = build("campaign", material(gone, *(call(10 + n, "sale") for n in range(99))))
    shown = {f.name: (f.numerator, f.denominator) for f in report.figures}
    assert (shown["unknown_fate"], shown["abandonment"]) == ((1, None), (0, 99))
    assert (shown["abandon_budget_today"], shown["abandon_bound_today"]) == ((2, None), (None, 100))


def test_every_answer_is_a_row_with_its_call_its_local_time_agent_script_and_step() -> None:
    asked = (
        ScriptVisit(step="age", at=AT, answers=(("age", "42"), ("unsure", "no"))),
        ScriptVisit(step="why", at=AT + timedelta(seconds=9), answers=(("reason", "=too dear"),)),
    )
    told = call(2, "sale", facts=spoken(2, script=ScriptOutcome.COMPLETED, script_steps=asked, script_end_step="why"))
    made = build("answers", material(SILENT, told, scripts={1: "survey"}))
    assert [tuple(row.values()) for row in rows_of_calls(made)] == [
        ("a-2", "2026-11-20T10:00:00-05:00", "Bo", "survey", 1, "age", "age", "42"),
        ("a-2", "2026-11-20T10:00:00-05:00", "Bo", "survey", 1, "age", "unsure", "no"),
        ("a-2", "2026-11-20T10:00:09-05:00", "Bo", "survey", 1, "why", "reason", "=too dear"),
    ]


def test_the_calls_report_holds_the_answers_of_each_call() -> None:
    asked = ScriptVisit(step="age", at=AT, answers=(("age", "42"),))
    told = call(2, facts=spoken(script=ScriptOutcome.STARTED, script_steps=(asked,), script_end_step="age"))
    made = build("calls", material(FINISHED, told))
    assert made.answers == ((), (Answer(step="age", at=AT, field="age", value="42"),))


def test_an_agents_time_is_shown_by_state_and_pause_code_with_its_sum() -> None:
    spans = stretches(7, (AgentState.READY, 100), (AgentState.TALK, 300), (AgentState.PAUSE, 60), (AgentState.READY, 5))
    spans[2] = replace(spans[2], pause_code="lunch")
    begun = spans[-1].ended_at
    assert begun is not None
    coffee = Stretch(agent_id=7, state=AgentState.PAUSE, began_at=begun, ended_at=None, pause_code="coffee")
    away = Stretch(agent_id=7, state=AgentState.LOGGED_OUT, began_at=AT - timedelta(hours=9), ended_at=AT)
    spans += [coffee, away]
    made = build("agents", material(spans=tuple(spans), now=begun + timedelta(seconds=35)))
    assert [row[:4] for row in made.rows] == [
        ("Gus", "READY", "", 105),
        ("Gus", "TALK", "", 300),
        ("Gus", "PAUSE", "coffee", 35),
        ("Gus", "PAUSE", "lunch", 60),
        ("Gus", "LOGGED_IN", "", 500),
    ]
    assert made.rows[1][4] == 0.6
    assert made.notes == ("Agents who are logged in are counted up to now.",)


MICRO = st.integers(1, 90_000_000_000).map(lambda n: timedelta(microseconds=n))
PARTS = st.lists(st.tuples(st.sampled_from(AgentState), st.sampled_from(["", "lunch"]), MICRO), min_size=1, max_size=12)


SHORT = timedelta(microseconds=1700)


@given(PARTS)
@example([(AgentState.READY, "", timedelta(hours=3)), (AgentState.TALK, "", SHORT), (AgentState.READY, "", SHORT)])
def test_an_agents_states_add_up_to_logged_in_exactly(parts: list[tuple[AgentState, str, timedelta]]) -> None:
    """Whatever the lengths, also over midnight at both ends of the period."""
    spans, since = [], AT - timedelta(hours=12)
    for state, code, length in parts:
        spans.append(Stretch(agent_id=1, state=state, began_at=since, ended_at=since + length, pause_code=code))
        since += length
    made = build("agents", material(spans=tuple(spans), now=since))
    states = [Decimal(str(row[3])) for row in made.rows if row[1] != "LOGGED_IN"]
    totals = [Decimal(str(row[3])) for row in made.rows if row[1] == "LOGGED_IN"]
    assert sum(states) == sum(totals)
    if all(state.logged_in for state, _, _ in parts):  # then there is one stretch without a gap
        begun, done = max(spans[0].began_at, TODAY.begins_at), min(since, TODAY.ends_at)
        whole_ms = (done - _EPOCH) // _MS - (begun - _EPOCH) // _MS
        assert sum(totals) == Decimal(max(0, whole_ms)) / 1000


_EPOCH, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


def test_promised_calls_are_counted_kept_and_missed() -> None:
    now = AT + timedelta(hours=4)
    soon, over, yesterday = now + timedelta(hours=1), now - timedelta(hours=1), now - timedelta(hours=20)
    promises = (
        Promised(at=over, status="kept"),
        Promised(at=over, status="pending"),
        Promised(at=soon, status="pending"),
        Promised(at=soon, status="kept"),
        Promised(at=over, status="cancelled"),
        Promised(at=yesterday, status="pending"),
    )
    report = build("campaign", material(promises=promises, now=now))
    shown = {f.name: (f.numerator, f.denominator) for f in report.figures if f.name.startswith("callbacks_")}
    assert shown == {"callbacks_promised": (4, None), "callbacks_kept": (2, 4), "callbacks_missed": (1, 4)}


def test_calls_of_other_days_are_in_no_row() -> None:
    late = replace(FINISHED.attempt, report_date=DAY + timedelta(days=1))
    other = replace(FINISHED, attempt=late)
    for kind in ("completion", "refusal", "calls", "answers"):
        assert build(kind, material(other)).rows == build(kind, material()).rows


def test_an_unknown_report_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="there are completion, refusal, campaign, agents, calls, answers"):
        build("profit", material())


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_of_a_campaign_without_calls_is_empty_and_not_an_error(kind: str) -> None:
    report = build(kind, material())
    allowed = {f.name: f.value for f in report.figures if f.name.startswith("abandon_budget")}
    assert all(f.value is None or f.value == 0 for f in report.figures if f.name not in allowed)
    assert set(allowed.values()) <= {2}  # what may be lost before there is a share
    assert "autumn" in report.title


@given(any_calls())
def test_rows_of_the_completion_report_add_up_to_a_recount_of_the_raw_rows(calls: tuple[Call, ...]) -> None:
    report = build("completion", material(*calls))
    today = [c.attempt for c in calls if c.attempt.report_date == DAY]
    started = [a for a in today if a.facts.script is not ScriptOutcome.NOT_STARTED]
    completed = sum(a.facts.script is ScriptOutcome.COMPLETED for a in started)
    (total,) = rows(report, "campaign")
    assert (total["started"], total["completed"]) == (len(started), completed)
    for by in ("script", "agent"):
        assert sum(whole(r["started"]) for r in rows(report, by)) == len(started)
        assert sum(whole(r["completed"]) for r in rows(report, by)) == completed
    dropped = sum(whole(r["ended_here"]) + whole(r["left_here"]) for r in rows(report, "step"))
    assert dropped + completed == len(started)


@given(any_calls())
def test_rows_of_the_refusal_report_add_up_to_a_recount_of_the_raw_rows(calls: tuple[Call, ...]) -> None:
    report = build("refusal", material(*calls))
    words = Counter(
        c.attempt.facts.script
        for c in calls
        if c.attempt.report_date == DAY and c.attempt.facts.disposition in ("refused", "do_not_call")
    )
    (total,) = rows(report, "campaign")
    assert total["refused_before_script"] == words[ScriptOutcome.NOT_STARTED]
    assert total["broke_off"] == words[ScriptOutcome.STARTED] + words[ScriptOutcome.LEFT]
    assert total["heard_it_all"] == words[ScriptOutcome.COMPLETED]
    for by in ("script", "agent", "reason"):
        assert sum(whole(r["refusals"]) for r in rows(report, by)) == words.total()
    assert sum(whole(r["broke_off"]) for r in rows(report, "step")) == total["broke_off"]


@given(any_calls())
def test_figures_add_up_across_reports_and_their_parts(calls: tuple[Call, ...]) -> None:
    made = {kind: build(kind, material(*calls)) for kind in REPORTS}
    in_campaign = {f.name: (f.numerator, f.denominator) for f in made["campaign"].figures}
    for kind in ("completion", "refusal"):
        for figure in made[kind].figures:
            assert in_campaign[figure.name] == (figure.numerator, figure.denominator)
    attempts = in_campaign["attempts"][0]
    for by in ("hour", "list"):
        parts = [r for r in rows(made["campaign"], by) if r["figure"] == "attempts"]
        assert sum(whole(r["numerator"]) for r in parts) == attempts
    raw = rows_of_calls(made["calls"])
    assert sum(r["network"] != "NOT_ATTEMPTED" for r in raw) == attempts
    assert sum(r["answered_by"] == "HUMAN" for r in raw) == in_campaign["hit_rate"][0]
    assert sum(whole(r["value"]) for r in rows(made["campaign"], "outcome")) == len(raw)


def rows_of_calls(report: Report) -> list[dict[str, Cell]]:
    names = [column.name for column in report.columns]
    return [dict(zip(names, row, strict=True)) for row in report.rows]


@given(any_calls())
def test_a_report_does_not_depend_on_the_order_of_its_material(calls: tuple[Call, ...]) -> None:
    week = Period(first=DAY - timedelta(days=1), last=DAY + timedelta(days=1), zone="America/New_York")
    for kind in REPORTS:
        assert build(kind, material(*calls, period=week)) == build(kind, material(*reversed(calls), period=week))

"""Does every figure open the calls behind it, so that anybody can recount it from them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from campaigns.metrics import DEFINITIONS, Call
from campaigns.model import AnsweredBy, CloseReason, Routing
from campaigns.reports import Cell, Material, build
from campaigns.reports.opening import OPENERS
from tests.campaigns.call_builders import AT, TODAY, any_calls, call, lead, spoken
from tests.campaigns.glossary_example import example, example_material
from tests.campaigns.rule_builders import settings

Row = dict[str, Cell]

OF_OTHER_ROWS = {
    *("occupancy", "utilisation", "talk_share"),  # the agents' ledger
    *("callbacks_promised", "callbacks_kept", "callbacks_missed"),
}
LEADS = ("hit_rate_per_lead", "contact_rate", "sales_per_lead", "never_answered")
COUNTS = ("attempts", "not_sent", "joined_without_verdict", "hung_up_early", "unknown_fate")
OF_THE_LIST = ("list_close_rate", "exhausted_share", "bad_numbers", "suppressed", "leads_attempted")


def rows_behind(name: str, material: Material) -> tuple[list[Row], list[Row]]:
    """The rows counted, and all rows."""
    report = build("calls", replace(material, figure=name))
    names = [column.name for column in report.columns]
    rows = [dict(zip(names, row, strict=True)) for row in report.rows]
    return [row for row in rows if row["counted"] == "yes"], rows


def people(rows: list[Row]) -> int:
    return len({row["person"] for row in rows})


def seconds(rows: list[Row], *columns: str) -> float:
    return sum(ms for row in rows for column in columns if isinstance(ms := row[column], int)) / 1000


def recounted(name: str, counted: list[Row], rows: list[Row]) -> tuple[float | None, float | None]:
    """Numerator and denominator from the raw rows alone, as a person with a spreadsheet would."""
    special: dict[str, tuple[float | None, float | None]] = {
        "average_call_length": (seconds(rows, "talk_ms"), len(rows)),
        "aht": (seconds(rows, "talk_ms", "hold_ms", "wrap_up_ms"), len(rows)),
        "agent_call_rate": (len(rows), None),
        "numbers_attempted": (len({row["number"] for row in rows}), None),
        "attempts_per_lead": (len(rows), None),
    }
    if name in special:
        return special[name]
    if name in COUNTS:
        return len(rows), None
    if name.startswith(("connect_delay", "abandon_bound")):
        return None, len(rows)
    if name in LEADS:
        return people(counted), people(rows)
    return len(counted), len(rows)


CALL_FIGURES = [
    name
    for name in (*DEFINITIONS, *OPENERS)
    if name not in OF_THE_LIST and not name.startswith(("closed_", "abandon_budget"))
]


@given(any_calls())
def test_every_figure_of_calls_is_recounted_from_the_calls_it_opens(calls: tuple[Call, ...]) -> None:
    material = a_material(*calls)
    figures = {f.name: f for f in build("campaign", material).figures}
    for name in CALL_FIGURES:
        of, among = recounted(name, *rows_behind(name, material))
        shown = figures[name]
        assert of is None or shown.numerator == pytest.approx(of), name
        assert among is None or shown.denominator == among, name


def a_material(*calls: Call, **changes: Any) -> Material:
    usual: dict[str, Any] = {
        "campaign": "autumn",
        "period": TODAY,
        "settings": settings(),
        "now": AT + timedelta(hours=4),
        "calls": calls,
    }
    return Material(**(usual | changes))


@pytest.mark.parametrize("name", [f.name for f in example().figures])
def test_a_figure_of_the_glossarys_day_opens_unless_it_is_made_of_other_rows(name: str) -> None:
    if name in OF_OTHER_ROWS:
        with pytest.raises(ValueError, match="No calls are behind"):
            rows_behind(name, example_material())
    else:
        rows_behind(name, example_material())


def test_figures_of_the_list_open_the_calls_to_its_leads() -> None:
    material = example_material()
    figures = {f.name: f for f in build("campaign", material).figures}
    for name in ("list_close_rate", "closed_sale", "closed_refused", "closed_bad_number", "closed_exhausted"):
        counted, _ = rows_behind(name, material)
        assert people(counted) == figures[name].numerator, name
    counted, rows = rows_behind("leads_attempted", material)
    assert (people(counted), people(rows)) == (9, 9)
    assert rows_behind("closed_suppressed", material)[0] == []


def test_the_thirty_days_open_calls_before_the_period() -> None:
    old = call(1, facts=spoken(), report_date=TODAY.first - timedelta(days=29))
    older = call(2, facts=spoken(), report_date=TODAY.first - timedelta(days=30))
    _, rows = rows_behind("abandonment_30_days", a_material(old, older))
    assert [row["attempt"] for row in rows] == ["a-1"]
    assert rows_behind("abandonment", a_material(old, older))[1] == []


def test_a_sale_in_the_second_conversation_is_among_the_sales_and_not_counted_as_first_call_close() -> None:
    first, second = call(1, "no_decision", person_id=1), call(2, "sale", person_id=1, first_attempt=False)
    counted, rows = rows_behind("first_call_close", a_material(first, second, call(3, "sale", person_id=2)))
    assert ([r["attempt"] for r in counted], [r["attempt"] for r in rows]) == (["a-3"], ["a-2", "a-3"])


def test_a_lead_on_no_list_any_more_is_not_among_the_lists_calls() -> None:
    material = a_material(call(1, "sale"), call(2, "sale"), leads=(lead(1, reason=CloseReason.SALE),))
    assert [row["attempt"] for row in rows_behind("closed_sale", material)[1]] == ["a-1"]


def test_an_unknown_figure_is_answered_with_those_that_open() -> None:
    with pytest.raises(ValueError, match=r"No calls are behind a figure 'profit'; these open: connect_rate, hit_rate"):
        rows_behind("profit", a_material())


def test_with_an_estimate_every_call_taken_for_a_machine_is_behind_the_figures_that_count_some_of_them() -> None:
    machine = spoken(routing=Routing.NOT_ROUTED, answered_by=AnsweredBy.MACHINE, detector_said=AnsweredBy.MACHINE)
    estimate = settings(machine_false_positives=0.3, machine_false_positives_basis="100 recordings heard by Ann")
    material = a_material(call(1, "sale"), call(2, facts=machine), call(3, facts=machine), settings=estimate)
    report = build("campaign", material)
    shown = {f.name: f for f in report.figures}
    assert (shown["abandonment_30_days"].numerator, shown["abandonment_30_days"].denominator) == (0, 1)
    more = shown["abandonment_estimated_30_days"]
    assert (more.numerator, more.denominator) == (1, 2)
    assert shown["abandon_bound_30_days"].denominator == 2
    assert shown["abandon_budget_30_days"].value == 1
    assert shown["abandon_budget_30_days"].formula.endswith("persons taken for machines by estimate are lost too")
    for name in ("abandonment_estimated_30_days", "abandon_bound_30_days", "abandon_budget_30_days"):
        assert [row["attempt"] for row in rows_behind(name, material)[0]] == ["a-2", "a-3"], name
    assert rows_behind("abandonment_30_days", material)[0] == []
    assert any("By the campaign's estimate 30 % were (100 recordings heard by Ann)" in note for note in report.notes)


def test_the_figures_of_detection_open_what_was_heard_and_what_agents_found() -> None:
    heard: dict[str, Any] = {"routing": Routing.NOT_ROUTED, "joined_at": None, "answered_by": AnsweredBy.MACHINE}
    material = a_material(
        call(1, facts=spoken(detector_said=AnsweredBy.MACHINE, **heard)),
        call(2, "machine", facts=spoken(detector_said=AnsweredBy.HUMAN, answered_by=AnsweredBy.MACHINE)),
        call(3, "sale", facts=spoken(detector_said=AnsweredBy.UNKNOWN)),
        call(4, facts=spoken(detector_said=AnsweredBy.HUMAN)),
        call(5, "machine", facts=spoken(answered_by=AnsweredBy.MACHINE)),
    )
    names = ("machines_heard", "detection_unsure", "machines_passed")
    opened = [[[row["attempt"] for row in rows] for rows in rows_behind(name, material)] for name in names]
    everybody = ["a-1", "a-2", "a-3", "a-4"]
    assert opened == [[["a-1"], everybody], [["a-3"], everybody], [["a-2"], ["a-2", "a-3"]]]
    assert [row["detector"] for row in rows_behind("machines_heard", material)[1]][:3] == [
        "MACHINE",
        "HUMAN",
        "UNKNOWN",
    ]


def test_the_report_says_that_persons_among_the_machines_hung_up_are_unknown() -> None:
    machine = call(1, facts=spoken(detector_said=AnsweredBy.MACHINE, joined_at=None, routing=Routing.NOT_ROUTED))
    assert any("took for machines and hung up: 1." in note for note in build("campaign", a_material(machine)).notes)
    assert not any("took for machines" in note for note in build("campaign", a_material(call(1, "sale"))).notes)

"""Which calls are behind the figures? One row per call, enough to recount every figure of the other reports."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.metrics import Call
from campaigns.reports.answers import answers_of
from campaigns.reports.opening import calls_behind_figure
from campaigns.reports.report import Cell, Column, ColumnKind, Material, Report

COLUMNS = (
    Column(name="attempt", label="Attempt"),
    Column(name="report_date", label="Report date"),
    Column(name="created_at", label="Created", kind=ColumnKind.INSTANT),
    Column(name="person", label="Person", kind=ColumnKind.COUNT),
    Column(name="number", label="Number", kind=ColumnKind.PHONE),
    Column(name="extension", label="Extension", definition="keyed once an agent was on the call"),
    Column(name="list", label="List"),
    Column(name="settings_version", label="Settings version", kind=ColumnKind.COUNT),
    Column(name="script_version", label="Script version", kind=ColumnKind.COUNT),
    Column(name="network", label="Network"),
    Column(name="detail", label="Detail"),
    Column(name="sip_code", label="SIP code", kind=ColumnKind.COUNT),
    Column(name="answered_by", label="Answered by"),
    Column(name="detector", label="Detector said", definition="answering machine detection's word, kept beside it"),
    Column(name="routing", label="Routing"),
    Column(name="connect_delay_ms", label="Connect delay, ms", kind=ColumnKind.COUNT),
    Column(name="talk_ms", label="Talk, ms", kind=ColumnKind.COUNT),
    Column(name="hold_ms", label="Hold, ms", kind=ColumnKind.COUNT),
    Column(name="wrap_up_ms", label="Wrap-up, ms", kind=ColumnKind.COUNT),
    Column(name="agent", label="Agent"),
    Column(name="script", label="Script"),
    Column(name="script_end_step", label="Step it ended at"),
    Column(name="leave_reason", label="Reason for leaving"),
    Column(name="disposition", label="Disposition"),
    Column(name="opted_out", label="Opted out"),
    Column(name="note", label="Note"),
)
COUNTED = Column(name="counted", label="Counted", definition="yes: in the figure's numerator; all are in what it is of")


def calls_table(material: Material) -> Report:
    """The period's calls in the order they were made; with a figure's name, the calls behind it.

    Those are all it was counted among, with a column that says which were counted, so that the figure can be
    recounted; some figures look back to days before the period. Raises ValueError for a figure without calls.
    """
    behind = calls_behind_figure(material.figure, material) if material.figure else None
    counted = {call.attempt.id for call in behind.counted} if behind else set()
    calls = sorted(
        behind.among if behind else material.period_calls, key=lambda c: (c.attempt.created_at, c.attempt.id)
    )
    rows = [_row(material, call) for call in calls]
    if behind is not None:
        rows = [(*row, "yes" if call.attempt.id in counted else "no") for row, call in zip(rows, calls, strict=True)]
    return Report(
        kind="calls",
        title=material.title("Calls") + (f", behind {material.figure}" if behind else ""),
        campaign=material.campaign,
        period=material.period,
        columns=(*COLUMNS, COUNTED) if behind else COLUMNS,
        rows=tuple(rows),
        answers=tuple(answers_of(call) for call in calls),
    )


def _row(material: Material, call: Call) -> tuple[Cell, ...]:
    attempt, facts = call.attempt, call.attempt.facts
    return (
        attempt.id,
        attempt.report_date.isoformat(),
        _instant(attempt.created_at),
        attempt.person_id,
        attempt.number,
        attempt.extension,
        material.lists.get(attempt.list_id, f"list {attempt.list_id}"),
        attempt.settings_version,
        attempt.script_version,
        facts.network.value if facts.network else "",
        facts.network_detail,
        facts.sip_code,
        facts.answered_by.value if facts.answered_by else "",
        facts.detector_said.value if facts.detector_said else "",
        facts.routing.value,
        facts.connect_delay_ms,
        facts.talk_ms,
        facts.hold_ms,
        facts.wrap_up_ms,
        material.agent(facts.agent_id),
        facts.script.value,
        facts.script_end_step,
        facts.leave_reason,
        facts.disposition,
        "yes" if facts.opted_out else "no",
        facts.note,
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")

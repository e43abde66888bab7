"""What did people say? One row for each answer an agent wrote down in a script, with the call it belongs to."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

from campaigns.metrics import Call
from campaigns.reports.report import Answer, Cell, Column, ColumnKind, Material, Report

COLUMNS = (
    Column(name="attempt", label="Attempt"),
    Column(name="time_local", label="Local time", definition="when the step was shown, in the campaign's zone"),
    Column(name="agent", label="Agent"),
    Column(name="script", label="Script"),
    Column(name="script_version", label="Script version", kind=ColumnKind.COUNT),
    Column(name="step", label="Step", definition="stable key of the step"),
    Column(name="field", label="Field", definition="the name the script gives the answer"),
    Column(name="value", label="Value", definition="as the agent wrote it; the last one when it was corrected"),
)


def answers_report(material: Material) -> Report:
    """The answers of the period's calls in the order of the calls and of the steps."""
    calls = sorted(material.period_calls, key=lambda c: (c.attempt.created_at, c.attempt.id))
    return Report(
        kind="answers",
        title=material.title("Answers"),
        campaign=material.campaign,
        period=material.period,
        columns=COLUMNS,
        rows=tuple(row for call in calls for row in _rows(material, call)),
    )


def answers_of(call: Call) -> tuple[Answer, ...]:
    """Every answer of one call, in the order of its steps."""
    return tuple(
        Answer(step=visit.step, at=visit.at, field=field, value=value)
        for visit in call.attempt.facts.script_steps
        for field, value in visit.answers
    )


def _rows(material: Material, call: Call) -> Iterator[tuple[Cell, ...]]:
    attempt, zone = call.attempt, zoneinfo.ZoneInfo(material.period.zone)
    script = material.scripts.get(attempt.settings_version, "")
    agent = material.agent(attempt.facts.agent_id)
    for answer in answers_of(call):
        at = answer.at.astimezone(zone).isoformat(timespec="seconds")
        yield (attempt.id, at, agent, script, attempt.script_version, answer.step, answer.field, answer.value)

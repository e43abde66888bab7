"""How many scripts were heard to the end, by script version and agent, and at which step did the others end?"""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.metrics import Call, share
from campaigns.model import ScriptOutcome
from campaigns.reports.report import Cell, Column, ColumnKind, Material, Report, grouped

_COUNT, _SHARE = ColumnKind.COUNT, ColumnKind.SHARE

COLUMNS = (
    Column(name="by", label="By", definition="campaign, script, agent or step: what the row counts"),
    Column(name="script_version", label="Script version"),
    Column(name="agent", label="Agent"),
    Column(name="step", label="Step", definition="stable key of the step"),
    Column(name="started", label="Started", kind=_COUNT, definition="calls with at least one script step"),
    Column(name="completed", label="Completed", kind=_COUNT, definition="calls that reached a step marked as an end"),
    Column(name="completion_rate", label="Completion", kind=_SHARE, definition="completed / started"),
    Column(
        name="share_of_completed", label="Share of completed", kind=_SHARE, definition="completed / completed of all"
    ),
    Column(name="reached", label="Reached", kind=_COUNT, definition="calls that visited the step"),
    Column(
        name="ended_here", label="Ended here", kind=_COUNT, definition="calls neither completed nor left, last step"
    ),
    Column(
        name="left_here", label="Left here", kind=_COUNT, definition="calls that left the script here with permission"
    ),
)


def completion_report(material: Material) -> Report:
    """Script completed / scripts started per campaign, script version and agent, and the drop-off by step."""
    started = [c for c in material.period_calls if c.script_started]
    completed = sum(1 for c in started if c.script_completed)
    versions = grouped(started, lambda c: c.attempt.script_version)
    agents = grouped(started, lambda c: material.agent(c.attempt.facts.agent_id) or "(none)")
    rows = [_summary("campaign", started, completed)]
    rows += [_summary("script", group, completed, version=version) for version, group in versions.items()]
    rows += [_summary("agent", group, completed, agent=name) for name, group in agents.items()]
    for version, group in versions.items():
        rows += _drop_off(version, group)
    return Report(
        kind="completion",
        title=material.title("Completion"),
        campaign=material.campaign,
        period=material.period,
        columns=COLUMNS,
        rows=tuple(rows),
        figures=tuple(share(n, material.calls, material.period) for n in ("completion_rate", "left_with_permission")),
        notes=_notes(material),
    )


def _summary(
    by: str, calls: Sequence[Call], completed_of_all: int, *, version: int | None = None, agent: str = ""
) -> tuple[Cell, ...]:
    completed = sum(1 for c in calls if c.script_completed)
    rate = completed / len(calls) if calls else None
    part = completed / completed_of_all if completed_of_all else None
    shown = "" if version is None else str(version)
    return (by, shown, agent, "", len(calls), completed, rate, part, None, None, None)


def _drop_off(version: int, calls: Sequence[Call]) -> list[tuple[Cell, ...]]:
    """One row per step: how many reached it, ended there, left there. Ended + left + completed = started."""
    steps = {v.step for c in calls for v in c.attempt.facts.script_steps}
    steps |= {c.attempt.facts.script_end_step for c in calls}
    rows: list[tuple[Cell, ...]] = []
    for step in sorted(steps):
        reached = sum(1 for c in calls if any(v.step == step for v in c.attempt.facts.script_steps))
        here = [c.attempt.facts.script for c in calls if c.attempt.facts.script_end_step == step]
        ended, left = here.count(ScriptOutcome.STARTED), here.count(ScriptOutcome.LEFT)
        rows.append(("step", str(version), "", step, None, None, None, None, reached, ended, left))
    return rows


def _notes(material: Material) -> tuple[str, ...]:
    live = sum(1 for c in material.period_calls if c.script_started and not c.attempt.closed)
    return (f"Calls with a script not closed yet, which may still change: {live}.",) if live else ()

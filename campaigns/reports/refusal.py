"""Who refused, when in the call, and why? Three counts apart, each over human contacts."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.metrics import Call, refusals
from campaigns.reports.aapor import aapor_rates
from campaigns.reports.report import Cell, Column, ColumnKind, Material, Report, grouped

_COUNT, _SHARE = ColumnKind.COUNT, ColumnKind.SHARE
REASON_FIELDS = ("refusal_reason", "reason")

COLUMNS = (
    Column(name="by", label="By", definition="campaign, script, agent, step or reason: what the row counts"),
    Column(name="script_version", label="Script version"),
    Column(name="agent", label="Agent"),
    Column(name="step", label="Step", definition="stable key of the step at which it was broken off"),
    Column(
        name="reason",
        label="Reason",
        definition="the script's answer refusal_reason, else the reason for leaving, else the disposition",
    ),
    Column(
        name="human_contacts",
        label="Human contacts",
        kind=_COUNT,
        definition="calls with a human and a contact outcome",
    ),
    Column(
        name="refused_before_script",
        label="Before the script",
        kind=_COUNT,
        definition="refusals without a script step",
    ),
    Column(
        name="broke_off", label="Broke off", kind=_COUNT, definition="refusals with a script begun and not completed"
    ),
    Column(name="heard_it_all", label="Heard it all", kind=_COUNT, definition="refusals with the script completed"),
    Column(name="refusals", label="Refusals", kind=_COUNT, definition="the three together"),
    Column(name="refusal_rate", label="Refusal rate", kind=_SHARE, definition="refusals / human contacts"),
)


def refusal_report(material: Material) -> Report:
    """Refused before the script, broke off at step k, heard it all and said no; per campaign, script, agent, reason."""
    contacts = [c for c in material.period_calls if c.human_contact]
    refused = [c for c in contacts if c.refusal]
    rows = [_row("campaign", contacts)]
    rows += [
        _row("script", group, version=str(version))
        for version, group in grouped(contacts, lambda c: c.attempt.script_version).items()
    ]
    rows += [
        _row("agent", group, agent=name)
        for name, group in grouped(contacts, lambda c: material.agent(c.attempt.facts.agent_id) or "(none)").items()
    ]
    broken = grouped(refused, _broken_off_at)
    rows += [_row("step", group, version=version, step=step, whole=False) for (version, step), group in broken.items()]
    rows += [_row("reason", group, reason=reason, whole=False) for reason, group in grouped(refused, _reason).items()]
    return Report(
        kind="refusal",
        title=material.title("Refusal"),
        campaign=material.campaign,
        period=material.period,
        columns=COLUMNS,
        rows=tuple(rows),
        figures=(
            *refusals(material.calls, material.period),
            *(aapor_rates(material.calls, material.period) if material.survey else ()),
        ),
        notes=_notes(material),
    )


def _row(
    by: str,
    calls: Sequence[Call],
    *,
    version: str = "",
    agent: str = "",
    step: str = "",
    reason: str = "",
    whole: bool = True,
) -> tuple[Cell, ...]:
    """`whole`: the calls are all human contacts of the group, so that a rate makes sense."""
    refused = [c for c in calls if c.refusal]
    before = sum(1 for c in refused if not c.script_started)
    heard = sum(1 for c in refused if c.script_completed)
    broke = len(refused) - before - heard
    contacts = len(calls) if whole else None
    rate = len(refused) / len(calls) if whole and calls else None
    return (by, version, agent, step, reason, contacts, before, broke, heard, len(refused), rate)


def _broken_off_at(call: Call) -> tuple[str, str] | None:
    if not call.script_started or call.script_completed:
        return None
    version = call.attempt.script_version
    return "" if version is None else str(version), call.attempt.facts.script_end_step


def _reason(call: Call) -> str:
    facts = call.attempt.facts
    given = {name: text for visit in facts.script_steps for name, text in visit.answers}
    answer = next((given[name] for name in REASON_FIELDS if given.get(name)), "")
    return answer or facts.leave_reason or (call.said.label if call.said is not None else "")


def _notes(material: Material) -> tuple[str, ...]:
    calls = material.period_calls
    without = sum(1 for c in calls if c.handled and c.said is None)
    keys = sum(1 for c in calls if c.attempt.facts.opted_out)
    notes = []
    if without:
        notes.append(f"Calls with an agent and without a disposition yet, in no row: {without}.")
    if keys:
        notes.append(f"People who pressed the opt-out key of the message, no contacts and in no row: {keys}.")
    return tuple(notes)

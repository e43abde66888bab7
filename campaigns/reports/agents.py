"""What did each agent do with his time? His ledger by state and pause code; the rows add up to logged-in, exactly.

Stretches are cut to the period and their ends taken in whole milliseconds, so that stretches without gaps between
them add up to the whole without a rest.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from campaigns.metrics import LedgerSpan
from campaigns.model import AgentState
from campaigns.reports.report import Cell, Column, ColumnKind, Material, Report

ALL = "LOGGED_IN"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

COLUMNS = (
    Column(name="agent", label="Agent"),
    Column(name="state", label="State", definition=f"{ALL}: the sum of the agent's other rows"),
    Column(name="pause_code", label="Pause code"),
    Column(
        name="seconds",
        label="Seconds",
        kind=ColumnKind.NUMBER,
        definition="inside the period, on this campaign, or on none by an agent who serves no other",
    ),
    Column(name="share", label="Of logged-in", kind=ColumnKind.SHARE, definition="seconds / the agent's logged-in"),
)


def agents_report(material: Material) -> Report:
    """One row per agent, state and pause code, and one per agent with the sum."""
    by_agent: dict[int, list[LedgerSpan]] = {}
    for span in material.spans:
        by_agent.setdefault(span.agent_id, []).append(span)
    rows: list[tuple[Cell, ...]] = []
    for agent_id in sorted(by_agent, key=lambda i: (material.agent(i), i)):
        rows += _of_agent(material, material.agent(agent_id), by_agent[agent_id])
    return Report(
        kind="agents",
        title=material.title("Agents' time"),
        campaign=material.campaign,
        period=material.period,
        columns=COLUMNS,
        rows=tuple(rows),
        notes=_notes(material),
    )


def _of_agent(material: Material, name: str, spans: list[LedgerSpan]) -> list[tuple[Cell, ...]]:
    found: Counter[tuple[str, str]] = Counter()
    for span in spans:
        if span.state.logged_in:
            found[span.state.value, span.pause_code] += _milliseconds(material, span)
    order = [state.value for state in AgentState]
    total = found.total()
    rows = [
        _row(name, state, code, found[state, code], total)
        for state, code in sorted(found, key=lambda key: (order.index(key[0]), key[1]))
        if found[state, code]
    ]
    return [*rows, _row(name, ALL, "", total, total)] if rows else []


def _row(name: str, state: str, code: str, milliseconds: int, total: int) -> tuple[Cell, ...]:
    return (name, state, code, milliseconds / 1000, milliseconds / total)


def _milliseconds(material: Material, span: LedgerSpan) -> int:
    first, last = material.period.begins_at, min(material.period.ends_at, material.now)
    begun, done = max(span.began_at, first), min(span.ended_at or material.now, last)
    return max(0, (done - _EPOCH) // _MS - (begun - _EPOCH) // _MS)


def _notes(material: Material) -> tuple[str, ...]:
    running = sum(1 for span in material.spans if span.ended_at is None and span.state.logged_in)
    if not running or material.now >= material.period.ends_at:
        return ()
    return ("Agents who are logged in are counted up to now.",)

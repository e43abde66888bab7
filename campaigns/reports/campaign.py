"""How is the campaign doing? Every figure with its numerator and denominator, for the whole and for its parts.

One row per figure, so that each number in the file can be recounted: for the campaign, each list, each hour of
the local day, each agent; then plain counts of outcomes, of where answered calls went, and of dispositions.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from campaigns.metrics import (
    AT_LEAST,
    DETECTION,
    Call,
    Figure,
    Period,
    PeriodBudget,
    Unit,
    abandonment,
    agent_call_rate,
    aht,
    aht_bands,
    attempts_count,
    average_call_length,
    callbacks,
    connect_delay,
    count_abandonment,
    estimated_abandonment,
    first_attempt_close,
    first_call_close,
    list_close_rate,
    list_health,
    not_sent_count,
    occupancy,
    penetration,
    share,
    talk_share,
    utilisation,
)
from campaigns.model import AnsweredBy, CloseReason
from campaigns.reports.report import ROLLING, Cell, Column, ColumnKind, Material, Report, grouped

LOW_CLOSE_RATE = 0.25
LOST = "lost: abandoned or of unknown fate"
LOST_BY_ESTIMATE = "persons taken for machines by estimate are lost too"
BUDGET = (
    f"largest k with lost + k at most {AT_LEAST}, or (lost + k) / (lost + joined in time and human + k) at most the "
    f"cap; {LOST}"
)
BOUND = f"share of lost calls that the true one does not exceed with 95 % confidence (Clopper-Pearson); {LOST}"


COLUMNS = (
    Column(name="by", label="By", definition="campaign, list, hour, agent, outcome, routing or disposition"),
    Column(name="name", label="Name", definition="which list, hour of the local day, agent, outcome ..."),
    Column(name="figure", label="Figure"),
    Column(name="label", label="Meaning"),
    Column(name="numerator", label="Numerator", kind=ColumnKind.NUMBER),
    Column(name="denominator", label="Denominator", kind=ColumnKind.NUMBER),
    Column(name="value", label="Value", kind=ColumnKind.NUMBER, definition="empty where there is nothing to divide by"),
    Column(name="unit", label="Unit"),
)


def campaign_report(material: Material) -> Report:
    """All figures of the campaign and of its lists, hours and agents."""
    figures = tuple(_whole(material))
    rows = [_row("campaign", material.campaign, f) for f in figures]
    rows += _by_list(material)
    rows += _by_hour(material)
    rows += _by_agent(material)
    rows += _counts(material)
    return Report(
        kind="campaign",
        title=material.title("Campaign"),
        campaign=material.campaign,
        period=material.period,
        columns=COLUMNS,
        rows=tuple(rows),
        figures=figures,
        notes=_notes(material),
    )


def _whole(material: Material) -> Iterator[Figure]:
    calls, period, settings = material.calls, material.period, material.settings
    yield from _reach(calls, period)
    yield not_sent_count(calls, period)
    for name in ("contact_rate", "sales_per_contact", "sales_per_lead"):
        yield share(name, calls, period)
    yield first_call_close(calls, period)
    yield first_attempt_close(calls, period)
    yield from list_close_rate(material.leads, period)
    for name in ("completion_rate", "left_with_permission", "refused_before_script", "broke_off", "heard_it_all"):
        yield share(name, calls, period)
    yield average_call_length(calls, period)
    yield aht(calls, period)
    yield from aht_bands(calls, period, low_s=settings.aht_low_s, high_s=settings.aht_high_s)
    yield from _agents_time(material)
    yield from _abandonment(material)
    yield from connect_delay(calls, period)
    for name in DETECTION:
        yield share(name, calls, period)
    yield from callbacks(material.promises, period, material.now)
    yield from penetration(material.leads, calls, material.numbers, period)
    yield from list_health(material.leads, calls, period)


def _reach(calls: Iterable[Call], period: Period) -> Iterator[Figure]:
    known = tuple(calls)
    yield attempts_count(known, period)
    for name in ("connect_rate", "hit_rate", "hit_rate_per_lead"):
        yield share(name, known, period)


def _agents_time(material: Material) -> Iterator[Figure]:
    spans, period, now = material.spans, material.period, material.now
    yield agent_call_rate(material.calls, spans, period, now)
    for of_time in (occupancy, utilisation, talk_share):
        yield of_time(spans, period, now)


def _abandonment(material: Material) -> Iterator[Figure]:
    """Over the period; and for the whole window on its last day and over 30 days up to it, with the budget in calls."""
    period, window, settings = material.period, material.window, material.settings
    errs = settings.machine_false_positives
    lost = f"; {LOST_BY_ESTIMATE}" if errs else ""
    yield abandonment(material.calls, period)
    today = replace(period, first=period.last)
    rolling = replace(period, first=period.last - ROLLING)
    for name, words, days in (("today", "on the last day", today), ("30_days", "in 30 days", rolling)):
        counted = count_abandonment(window, days)
        left = PeriodBudget(counted=counted, cap=settings.abandon_cap, words=words, false_positives=errs)
        shown = abandonment(window, days)
        yield replace(shown, name=f"abandonment_{name}", label=f"Abandonment {words}")
        yield replace(
            _bound(days, f"abandon_bound_{name}", f"Abandonment {words}, upper bound", left), formula=BOUND + lost
        )
        yield _count(days, f"abandon_budget_{name}", f"Abandon budget {words}", BUDGET + lost, left.more)
    shown = estimated_abandonment(window, rolling, errs)
    yield replace(shown, name=f"{shown.name}_30_days", label="Abandonment in 30 days, with persons taken for machines")
    counted = count_abandonment(material.calls, period)
    joined = "calls joined in time, neither marked human nor machine; in neither part of abandonment"
    yield _count(period, "joined_without_verdict", "Joined without a verdict", joined, counted.joined_unknown)
    early = "calls hung up by the customer within the connect limit, before joining; in neither part of abandonment"
    yield _count(period, "hung_up_early", "Hung up early", early, counted.hung_up_early)
    lost = "calls lost from sight, so that nobody knows whether they were answered; counted against the budget only"
    yield _count(period, "unknown_fate", "Unknown fate", lost, counted.unknown)


def _bound(days: Period, name: str, label: str, left: PeriodBudget) -> Figure:
    return Figure(
        name=name,
        label=label,
        formula=BOUND,
        period=days,
        unit=Unit.SHARE,
        numerator=None,
        denominator=left.base,
        value=left.bound if left.base else None,
    )


def _count(period: Period, name: str, label: str, formula: str, number: int) -> Figure:
    return Figure(
        name=name,
        label=label,
        formula=formula,
        period=period,
        unit=Unit.COUNT,
        numerator=number,
        denominator=None,
        value=float(number),
    )


def _row(by: str, name: str, figure: Figure) -> tuple[Cell, ...]:
    numbers = (figure.numerator, figure.denominator, figure.value)
    return (by, name, figure.name, figure.label, *numbers, figure.unit.value)


def _by_list(material: Material) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    period = material.period
    by_list = grouped(material.calls, lambda c: c.attempt.list_id)
    for list_id in sorted({lead.list_id for lead in material.leads} | set(by_list)):
        name = material.lists.get(list_id, f"list {list_id}")
        calls = by_list.get(list_id, [])
        leads = [lead for lead in material.leads if lead.list_id == list_id]
        figures = (
            *_reach(calls, period),
            share("contact_rate", calls, period),
            *list_close_rate(leads, period),
            *list_health(leads, calls, period),
        )
        rows += [_row("list", name, f) for f in figures]
    return rows


def _by_hour(material: Material) -> list[tuple[Cell, ...]]:
    zone = zoneinfo.ZoneInfo(material.period.zone)
    hours = grouped(material.period_calls, lambda c: f"{c.attempt.created_at.astimezone(zone):%H}:00")
    return [_row("hour", hour, f) for hour, calls in hours.items() for f in _reach(calls, material.period)]


def _by_agent(material: Material) -> list[tuple[Cell, ...]]:
    """Figures of conversations. Who answers an automatic call is chance: a hit rate where they dial only."""
    period, now = material.period, material.now
    calls_by = grouped(material.period_calls, lambda c: c.attempt.facts.agent_id)
    ids = set(calls_by) | {span.agent_id for span in material.spans}
    rows: list[tuple[Cell, ...]] = []
    for agent_id in sorted(ids, key=lambda i: (material.agent(i), i)):
        calls = calls_by.get(agent_id, [])
        spans = [s for s in material.spans if s.agent_id == agent_id]
        hit = share("hit_rate", calls, period)
        by_hand = material.settings.mode.by_hand
        figures = (
            hit if by_hand else replace(hit, denominator=None, value=None),
            share("completion_rate", calls, period),
            share("sales_per_contact", calls, period),
            share("refused_before_script", calls, period),
            share("broke_off", calls, period),
            share("heard_it_all", calls, period),
            average_call_length(calls, period),
            aht(calls, period),
            agent_call_rate(calls, spans, period, now),
            *(of_time(spans, period, now) for of_time in (occupancy, utilisation, talk_share)),
        )
        rows += [_row("agent", material.agent(agent_id), f) for f in figures]
    return rows


def _counts(material: Material) -> list[tuple[Cell, ...]]:
    calls = material.period_calls
    outcomes = grouped(calls, lambda c: c.attempt.facts.network.value if c.attempt.facts.network else "(live)")
    routings = grouped([c for c in calls if c.answered], lambda c: c.attempt.facts.routing.value)
    words = grouped([c for c in calls if c.handled], lambda c: c.said.code if c.said is not None else "(none yet)")
    rows: list[tuple[Cell, ...]] = []
    for by, groups in (("outcome", outcomes), ("routing", routings), ("disposition", words)):
        rows += [(by, name, "calls", "Calls", len(some), None, len(some), "count") for name, some in groups.items()]
    return rows


def _notes(material: Material) -> tuple[str, ...]:
    calls = material.period_calls
    notes: list[str] = []
    live = sum(1 for c in calls if not c.attempt.closed)
    if live:
        notes.append(f"Calls not closed yet, which may still change: {live}.")
    without = sum(1 for c in calls if c.handled and c.said is None)
    if without:
        notes.append(f"Calls with an agent and without a disposition, for a supervisor to set: {without}.")
    if not material.settings.mode.by_hand and any(c.handled for c in calls):
        notes.append("Agents have no hit rate of their own: calls that nobody answered belong to no agent.")
    machines = sum(1 for c in calls if c.attempt.facts.detector_said is AnsweredBy.MACHINE)
    if machines:
        notes.append(
            f"Calls that detection took for machines and hung up: {machines}. How many of them were persons is not "
            f"known: nobody spoke with them, and they are in no part of abandonment.{_estimate(material)}"
        )
    if material.sharing:
        others = ", ".join(material.sharing)
        notes.append(f"Abandonment of the last day and of 30 days, and the budget, are counted together with {others}.")
    return (*notes, *_why_so_low(material.leads))


def _estimate(material: Material) -> str:
    """The campaign's own estimate of how many of the machines were persons, as a second sentence."""
    settings = material.settings
    if not settings.machine_false_positives:
        return ""
    share = f"{settings.machine_false_positives * 100:g} %"
    return (
        f" By the campaign's estimate {share} were ({settings.machine_false_positives_basis}); they are in the upper "
        "bounds, in the budgets and in the figure with persons taken for machines."
    )


def _why_so_low(leads: Sequence[object]) -> tuple[str, ...]:
    """A low list close rate is explained by what the list is made of."""
    reasons = [getattr(lead, "close_reason", None) for lead in leads]
    closed = sum(1 for r in reasons if r is not None and r.closed_by_calling)
    if not leads or closed / len(leads) >= LOW_CLOSE_RATE:
        return ()
    bad, listed = reasons.count(CloseReason.BAD_NUMBER), reasons.count(CloseReason.SUPPRESSED)
    open_leads = reasons.count(None)
    return (
        f"List close rate is low. Leads: {len(leads)}; still open: {open_leads}; with bad numbers: {bad}; on a "
        f"do-not-call list, which should not have been loaded: {listed}.",
    )

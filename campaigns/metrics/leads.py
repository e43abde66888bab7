"""How far is a list worked, and how good is it? Figures over leads as they stand, with their split.

`period.last` is the day as of which the states are taken; they are never summed over days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.metrics.figure import Call, Figure, Period, Unit, figure
from campaigns.model import CloseReason, DiallingState

_SPLIT = {
    CloseReason.SALE: "Closed by a sale",
    CloseReason.REFUSED: "Closed by a refusal",
    CloseReason.BAD_NUMBER: "Closed by bad numbers",
    CloseReason.EXHAUSTED: "Closed, tries used up",
}


def list_close_rate(leads: Sequence[DiallingState], period: Period) -> tuple[Figure, ...]:
    """Leads closed by the outcome of calling / leads on the list, then its split, then suppressed ones apart."""
    total = len(leads)
    by_calling = sum(1 for lead in leads if lead.close_reason is not None and lead.close_reason.closed_by_calling)
    formula = "leads closed by calling (sale, refused, bad number, exhausted) / leads on the list"
    rate = figure("list_close_rate", "List close rate", formula, period, of=by_calling, among=total)
    split = tuple(_closed(leads, period, reason, label) for reason, label in _SPLIT.items())
    apart = _closed(leads, period, CloseReason.SUPPRESSED, "Suppressed, never called")
    return (rate, *split, apart)


def penetration(
    leads: Sequence[DiallingState], calls: Sequence[Call], numbers: int, period: Period
) -> tuple[Figure, ...]:
    """Leads attempted / leads, numbers attempted / numbers, attempts / leads, exhausted leads / leads.

    `calls`: the list's calls up to the end of the period; `numbers`: distinct numbers of its leads.
    """
    sent = [c for c in calls if c.sent and c.attempt.report_date <= period.last]
    attempted = {(lead.campaign_id, lead.person_id) for lead in leads} & {c.lead for c in sent}
    dialled = {c.attempt.number for c in sent}
    total = len(leads)
    return (
        figure("leads_attempted", "Leads attempted", "leads attempted / leads", period, of=len(attempted), among=total),
        figure(
            "numbers_attempted",
            "Numbers attempted",
            "numbers attempted / numbers",
            period,
            of=len(dialled),
            among=numbers,
        ),
        figure(
            "attempts_per_lead",
            "Attempts per lead",
            "attempts / leads",
            period,
            of=len(sent),
            among=total,
            unit=Unit.PER_LEAD,
        ),
        _closed(leads, period, CloseReason.EXHAUSTED, "Exhausted leads", name="exhausted_share"),
    )


def list_health(
    leads: Sequence[DiallingState], calls: Iterable[Call], period: Period, *, after: int = 3
) -> tuple[Figure, ...]:
    """Bad numbers / leads, suppressed / leads, and never answered after `after` attempts. Ask per list for a source."""
    tried: dict[tuple[int, int], int] = {}
    reached: set[tuple[int, int]] = set()
    for call in calls:
        if call.sent and call.attempt.report_date <= period.last:
            tried[call.lead] = tried.get(call.lead, 0) + 1
            if call.answered:
                reached.add(call.lead)
    often = {lead for lead, times in tried.items() if times >= after}
    silent = len(often - reached)
    return (
        _closed(leads, period, CloseReason.BAD_NUMBER, "Bad numbers", name="bad_numbers"),
        _closed(leads, period, CloseReason.SUPPRESSED, "Suppressed", name="suppressed"),
        figure(
            "never_answered",
            f"Never answered after {after}",
            f"leads never answered / leads attempted at least {after} times",
            period,
            of=silent,
            among=len(often),
        ),
    )


def _closed(
    leads: Sequence[DiallingState], period: Period, reason: CloseReason, label: str, *, name: str = ""
) -> Figure:
    number = sum(1 for lead in leads if lead.close_reason is reason)
    formula = f"leads closed as {reason} / leads on the list"
    return figure(name or f"closed_{reason}", label, formula, period, of=number, among=len(leads))

"""Which calls are behind a figure? Every figure made of calls opens: those it counted, among all it looked at.

Counts, sums and percentiles count every call they look at. Figures of the list open the calls to its leads; a lead
that was never called has none. Figures of agents' time and promised calls are made of other rows and do not open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from campaigns.metrics import DEFINITIONS, Behind, Call, Fate, Period, calls_behind, fate_of
from campaigns.metrics.calls import first_contacts
from campaigns.metrics.durations import WITHIN_MS, handling_ms
from campaigns.model import CloseReason
from campaigns.reports.report import ROLLING, Material

Opener = Callable[[Material], Behind]
Judge = Callable[[Call], bool]

NEVER_AFTER = 3
_BASE = (Fate.ABANDONED, Fate.JOINED_HUMAN)
_LOST = (Fate.ABANDONED, Fate.UNKNOWN, Fate.HEARD_MACHINE)  # what counts against the budget, or some of it


def calls_behind_figure(name: str, material: Material) -> Behind:
    """The calls behind the figure of the campaign report with this name. Raises ValueError when it has none."""
    opener = OPENERS.get(name)
    if opener is not None:
        return opener(material)
    if name in DEFINITIONS:
        return calls_behind(name, material.calls, material.period)
    openable = ", ".join((*DEFINITIONS, *OPENERS))
    raise ValueError(f"No calls are behind a figure {name[:40]!r}; these open: {openable}.")


def _each(judge: Judge) -> Opener:
    """A figure that counts, adds up or ranks all the calls it looks at."""
    return lambda m: _among(m.period_calls, judge, lambda _: True)


def _share(among: Judge, counted: Callable[[Material], Judge]) -> Opener:
    return lambda m: _among(m.period_calls, among, counted(m))


def _among(calls: Iterable[Call], judge: Judge, counted: Judge) -> Behind:
    among = tuple(call for call in calls if judge(call))
    return Behind(counted=tuple(call for call in among if counted(call)), among=among)


def _fate(*fates: Fate) -> Judge:
    return lambda call: fate_of(call.attempt.facts) in fates


def _abandoned(material: Material) -> Behind:
    return _among(material.period_calls, _fate(*_BASE), _fate(Fate.ABANDONED))


def _of_window(period_of: Callable[[Period], Period], *lost: Fate) -> Opener:
    """The calls of all campaigns that share the abandonment window.

    Where some of the calls taken for machines are estimated to be persons, all of them: nobody knows which.
    """

    def opened(material: Material) -> Behind:
        period = period_of(material.period)
        calls = (c for c in material.window if period.holds(c.attempt.report_date))
        heard = Fate.HEARD_MACHINE in lost and not material.settings.machine_false_positives
        counted = tuple(fate for fate in lost if not (heard and fate is Fate.HEARD_MACHINE))
        return _among(calls, _fate(*counted, Fate.JOINED_HUMAN), _fate(*counted))

    return opened


def _last_day(period: Period) -> Period:
    return replace(period, first=period.last)


def _thirty_days(period: Period) -> Period:
    return replace(period, first=period.last - ROLLING)


def _first_call(material: Material) -> Judge:
    first = {call.attempt.id for call in first_contacts(material.calls).values()}
    return lambda call: call.attempt.id in first


def _short(material: Material) -> Judge:
    return lambda call: handling_ms(call.attempt) < material.settings.aht_low_s * 1000


def _long(material: Material) -> Judge:
    return lambda call: handling_ms(call.attempt) > material.settings.aht_high_s * 1000


def _in_band(material: Material) -> Judge:
    short, long = _short(material), _long(material)
    return lambda call: not short(call) and not long(call)


def _delayed(call: Call) -> bool:
    return call.attempt.facts.connect_delay_ms is not None


def _within(call: Call) -> bool:
    delay_ms = call.attempt.facts.connect_delay_ms
    return delay_ms is not None and delay_ms <= WITHIN_MS


def _closed_as(*reasons: CloseReason) -> Opener:
    """Every call so far to the leads on the list, counted those to leads that stand closed so."""

    def opened(material: Material) -> Behind:
        closed = {(s.campaign_id, s.person_id) for s in material.leads if s.close_reason in reasons}
        return _among(_so_far(material), _to_leads(material), lambda call: call.lead in closed)

    return opened


def _never_answered(material: Material) -> Behind:
    calls = _so_far(material)
    tried = Counter(call.lead for call in calls)
    often = {lead for lead, times in tried.items() if times >= NEVER_AFTER}
    reached = {call.lead for call in calls if call.answered}
    return _among(calls, lambda call: call.lead in often, lambda call: call.lead not in reached)


def _penetration(material: Material) -> Behind:
    return _among(_so_far(material), lambda _: True, lambda _: True)


def _so_far(material: Material) -> list[Call]:
    return [c for c in material.calls if c.sent and c.attempt.report_date <= material.period.last]


def _to_leads(material: Material) -> Judge:
    leads = {(state.campaign_id, state.person_id) for state in material.leads}
    return lambda call: call.lead in leads


_BY_CALLING = tuple(reason for reason in CloseReason if reason.closed_by_calling)

OPENERS: dict[str, Opener] = {
    "attempts": _each(lambda c: c.sent),
    "not_sent": _each(lambda c: not c.sent),
    "first_call_close": _share(lambda c: c.sale, _first_call),
    "first_attempt_close": _share(lambda c: c.sale, lambda _: lambda c: c.attempt.first_attempt),
    "average_call_length": _each(lambda c: c.human),
    "aht": _each(lambda c: c.handled),
    "aht_too_short": _share(lambda c: c.handled, _short),
    "aht_in_band": _share(lambda c: c.handled, _in_band),
    "aht_too_long": _share(lambda c: c.handled, _long),
    "agent_call_rate": _each(lambda c: c.handled),
    "abandonment": _abandoned,
    "abandonment_today": _of_window(_last_day, Fate.ABANDONED),
    "abandon_bound_today": _of_window(_last_day, *_LOST),
    "abandon_budget_today": _of_window(_last_day, *_LOST),
    "abandonment_30_days": _of_window(_thirty_days, Fate.ABANDONED),
    "abandon_bound_30_days": _of_window(_thirty_days, *_LOST),
    "abandon_budget_30_days": _of_window(_thirty_days, *_LOST),
    "abandonment_estimated_30_days": _of_window(_thirty_days, Fate.ABANDONED, Fate.HEARD_MACHINE),
    "joined_without_verdict": _each(_fate(Fate.JOINED_UNKNOWN)),
    "hung_up_early": _each(_fate(Fate.HUNG_UP_EARLY)),
    "unknown_fate": _each(_fate(Fate.UNKNOWN)),
    "connect_delay_p50": _each(_delayed),
    "connect_delay_p95": _each(_delayed),
    "connect_delay_max": _each(_delayed),
    "connect_within_2s": _share(_delayed, lambda _: _within),
    "list_close_rate": _closed_as(*_BY_CALLING),
    **{f"closed_{reason}": _closed_as(reason) for reason in (*_BY_CALLING, CloseReason.SUPPRESSED)},
    "exhausted_share": _closed_as(CloseReason.EXHAUSTED),
    "bad_numbers": _closed_as(CloseReason.BAD_NUMBER),
    "suppressed": _closed_as(CloseReason.SUPPRESSED),
    "leads_attempted": _penetration,
    "numbers_attempted": _penetration,
    "attempts_per_lead": _penetration,
    "never_answered": _never_answered,
}

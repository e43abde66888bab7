"""Which share of the calls, or of the leads called, did what? Shares defined as data, so that each one opens."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from campaigns.metrics.figure import Call, Figure, Period, count, figure
from campaigns.model import AnsweredBy, ScriptOutcome

Judge = Callable[[Call], bool]


def _each_call(call: Call) -> Hashable:
    return call.attempt.id


def _each_lead(call: Call) -> Hashable:
    return call.lead


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A share: of the units `among`, those for which `counts` is true of at least one call."""

    name: str
    label: str
    formula: str
    counts: Judge
    among: Judge
    unit: Callable[[Call], Hashable] = _each_call


@dataclass(frozen=True, kw_only=True)
class Behind:
    """The calls behind a share: those counted, and all it was counted among."""

    counted: tuple[Call, ...]
    among: tuple[Call, ...]


def _before_script(call: Call) -> bool:
    return call.refusal and not call.script_started


def _broke_off(call: Call) -> bool:
    return call.refusal and call.script_started and not call.script_completed


def _heard_it_all(call: Call) -> bool:
    return call.refusal and call.script_completed


def _heard(call: Call) -> bool:
    return call.attempt.facts.detector_said is not None


def _heard_as_machine(call: Call) -> bool:
    return call.attempt.facts.detector_said in (AnsweredBy.MACHINE, AnsweredBy.FAX)


def _passed_and_judged(call: Call) -> bool:
    """Sent on to an agent by detection, and the agent has said who it was."""
    return _heard(call) and call.handled and call.said is not None


def _machine_by_the_agent(call: Call) -> bool:
    return call.said is not None and call.said.answered_by in (AnsweredBy.MACHINE, AnsweredBy.FAX)


_ALL: tuple[Definition, ...] = (
    Definition(
        name="connect_rate",
        label="Connect rate",
        formula="network ANSWERED / attempts",
        counts=lambda c: c.answered,
        among=lambda c: c.sent,
    ),
    Definition(
        name="hit_rate",
        label="Hit rate",
        formula="attempts answered by a human / attempts",
        counts=lambda c: c.human,
        among=lambda c: c.sent,
    ),
    Definition(
        name="hit_rate_per_lead",
        label="Hit rate per lead",
        formula="leads reached at least once / leads attempted",
        counts=lambda c: c.human,
        among=lambda c: c.sent,
        unit=_each_lead,
    ),
    Definition(
        name="contact_rate",
        label="Contact rate",
        formula="leads with a right-party contact / leads attempted",
        counts=lambda c: c.right_party,
        among=lambda c: c.sent,
        unit=_each_lead,
    ),
    Definition(
        name="sales_per_contact",
        label="Conversion of contacts",
        formula="sales / contacts",
        counts=lambda c: c.sale,
        among=lambda c: c.contact,
    ),
    Definition(
        name="sales_per_lead",
        label="Conversion of leads attempted",
        formula="leads with a sale / leads attempted",
        counts=lambda c: c.sale,
        among=lambda c: c.sent,
        unit=_each_lead,
    ),
    Definition(
        name="completion_rate",
        label="Call completion",
        formula="script completed / scripts started",
        counts=lambda c: c.script_completed,
        among=lambda c: c.script_started,
    ),
    Definition(
        name="left_with_permission",
        label="Left with permission",
        formula="script left where it may be left / scripts started",
        counts=lambda c: c.attempt.facts.script is ScriptOutcome.LEFT,
        among=lambda c: c.script_started,
    ),
    Definition(
        name="refused_before_script",
        label="Refused before the script",
        formula="refusals without a script step / human contacts",
        counts=_before_script,
        among=lambda c: c.human_contact,
    ),
    Definition(
        name="broke_off",
        label="Broke off",
        formula="refusals at a step that is not an end / human contacts",
        counts=_broke_off,
        among=lambda c: c.human_contact,
    ),
    Definition(
        name="heard_it_all",
        label="Heard it all and said no",
        formula="refusals with the script completed / human contacts",
        counts=_heard_it_all,
        among=lambda c: c.human_contact,
    ),
    Definition(
        name="machines_heard",
        label="Machines detected",
        formula="calls that detection took for machines and hung up / calls with a verdict of detection",
        counts=_heard_as_machine,
        among=_heard,
    ),
    Definition(
        name="detection_unsure",
        label="Detection not sure",
        formula="calls that detection left undecided and sent on / calls with a verdict of detection",
        counts=lambda c: c.attempt.facts.detector_said is AnsweredBy.UNKNOWN,
        among=_heard,
    ),
    Definition(
        name="machines_passed",
        label="Machines that reached agents",
        formula="calls in which the agent found a machine / calls that detection sent to an agent who said who it was",
        counts=_machine_by_the_agent,
        among=_passed_and_judged,
    ),
)
DEFINITIONS: dict[str, Definition] = {d.name: d for d in _ALL}
DETECTION = ("machines_heard", "detection_unsure", "machines_passed")
REFUSALS = ("refused_before_script", "broke_off", "heard_it_all")


def share(name: str, calls: Iterable[Call], period: Period) -> Figure:
    """The share of DEFINITIONS with this name over the calls whose report date lies in the period."""
    defined = DEFINITIONS[name]
    behind = calls_behind(name, calls, period)
    units = {defined.unit(call) for call in behind.among}
    counted = {defined.unit(call) for call in behind.counted}
    return figure(name, defined.label, defined.formula, period, of=len(counted), among=len(units))


def calls_behind(name: str, calls: Iterable[Call], period: Period) -> Behind:
    """The calls that a share was counted from. What is counted is always among those it is divided by."""
    defined = DEFINITIONS[name]
    among = tuple(c for c in calls if period.holds(c.attempt.report_date) and defined.among(c))
    return Behind(counted=tuple(c for c in among if defined.counts(c)), among=among)


def attempts_count(calls: Iterable[Call], period: Period) -> Figure:
    """Calls sent to a trunk."""
    number = sum(1 for c in calls if c.sent and period.holds(c.attempt.report_date))
    return count("attempts", "Attempts", "calls sent to a trunk", period, number)


def not_sent_count(calls: Iterable[Call], period: Period) -> Figure:
    """Calls that were prepared but blocked on the way to the trunk; they are in no other figure."""
    number = sum(1 for c in calls if not c.sent and period.holds(c.attempt.report_date))
    return count("not_sent", "Not sent", "network NOT_ATTEMPTED", period, number)


def refusals(calls: Iterable[Call], period: Period) -> tuple[Figure, Figure, Figure]:
    """The three refusal figures apart: before the script, at a step, after all of it."""
    known = tuple(calls)
    first, second, third = (share(name, known, period) for name in REFUSALS)
    return first, second, third


def first_call_close(calls: Sequence[Call], period: Period) -> Figure:
    """Sales whose closing conversation was the first contact with that lead, of all sales in the period.

    `calls` must hold each lead's whole history in the campaign, not only the period's calls.
    """
    first_contact = first_contacts(calls)
    sales = [c for c in calls if c.sale and period.holds(c.attempt.report_date)]
    at_once = sum(1 for c in sales if first_contact[c.lead].attempt.id == c.attempt.id)
    formula = "sales whose closing conversation was the first contact with that lead / all sales"
    return figure("first_call_close", "First-call close", formula, period, of=at_once, among=len(sales))


def first_contacts(calls: Iterable[Call]) -> dict[tuple[int, int], Call]:
    """The first call with a contact to each lead that has one."""
    found: dict[tuple[int, int], Call] = {}
    for call in sorted(calls, key=lambda c: (c.attempt.created_at, c.attempt.id)):
        if call.contact:
            found.setdefault(call.lead, call)
    return found


def first_attempt_close(calls: Iterable[Call], period: Period) -> Figure:
    """Sales made on the very first attempt to the lead, of all sales in the period."""
    sales = [c for c in calls if c.sale and period.holds(c.attempt.report_date)]
    first = sum(1 for c in sales if c.attempt.first_attempt)
    formula = "sales on the first attempt / all sales"
    return figure("first_attempt_close", "First-attempt close", formula, period, of=first, among=len(sales))

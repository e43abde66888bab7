"""What are the response, cooperation, refusal and contact rates of a survey? AAPOR's rates 1, one case per lead.

Source: AAPOR Standard Definitions. Each lead attempted is one case, judged by the most telling of its calls:
I interview (a script completed without a refusal), P partial (script begun, no refusal), R refusal or
break-off, O other contact, NC non-contact (somebody or a machine answered), U unknown (nobody answered).
Numbers that do not exist are not eligible and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum

from campaigns.metrics import Call, Figure, Period, Unit
from campaigns.model import Network


class _Case(IntEnum):
    """Most telling first."""

    INTERVIEW = 0
    REFUSAL = 1
    PARTIAL = 2
    OTHER = 3
    NON_CONTACT = 4
    UNKNOWN = 5
    NOT_ELIGIBLE = 6


def aapor_rates(calls: Iterable[Call], period: Period) -> tuple[Figure, ...]:
    """RR1, COOP1, REF1 and CON1 over the leads attempted in the period."""
    cases: dict[tuple[int, int], _Case] = {}
    for call in calls:
        if call.sent and period.holds(call.attempt.report_date):
            cases[call.lead] = min(cases.get(call.lead, _Case.NOT_ELIGIBLE), _case(call))
    found = Counter(cases.values())
    interviews, refused = found[_Case.INTERVIEW], found[_Case.REFUSAL]
    contacted = interviews + refused + found[_Case.PARTIAL] + found[_Case.OTHER]
    eligible = contacted + found[_Case.NON_CONTACT] + found[_Case.UNKNOWN]
    return tuple(
        _rate(period, *entry)
        for entry in (
            ("aapor_rr1", "Response rate 1", "I / (I + P + R + O + NC + U)", interviews, eligible),
            ("aapor_coop1", "Cooperation rate 1", "I / (I + P + R + O)", interviews, contacted),
            ("aapor_ref1", "Refusal rate 1", "R / (I + P + R + O + NC + U)", refused, eligible),
            ("aapor_con1", "Contact rate 1", "(I + P + R + O) / (I + P + R + O + NC + U)", contacted, eligible),
        )
    )


def _case(call: Call) -> _Case:
    tests: Sequence[tuple[bool, _Case]] = (
        (call.refusal, _Case.REFUSAL),
        (call.script_completed, _Case.INTERVIEW),
        (call.script_started, _Case.PARTIAL),
        (call.human_contact, _Case.OTHER),
        (call.answered, _Case.NON_CONTACT),
        (call.attempt.facts.network is Network.INVALID_NUMBER, _Case.NOT_ELIGIBLE),
    )
    return next((case for fits, case in tests if fits), _Case.UNKNOWN)


def _rate(period: Period, name: str, label: str, formula: str, of: int, among: int) -> Figure:
    return Figure(
        name=name,
        label=label,
        formula=formula,
        period=period,
        unit=Unit.SHARE,
        numerator=of,
        denominator=among,
        value=of / among if among else None,
    )

"""How long did calls take? Talk, handling and connect delay; lengths in seconds, delays in milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, fsum

from campaigns.metrics.figure import Call, Figure, Period, Unit, figure
from campaigns.model import Attempt

WITHIN_MS = 2000
FROM_ANSWER = "answer seen"
FROM_VERDICT = "detection's verdict (answer seen where there was none in time)"


def average_call_length(calls: Iterable[Call], period: Period) -> Figure:
    """Talk time of human calls / human calls, in seconds."""
    human = [c.attempt.facts.talk_ms for c in calls if c.human and period.holds(c.attempt.report_date)]
    formula = "talk time / calls answered by a human"
    return figure(
        "average_call_length",
        "Average call length",
        formula,
        period,
        of=sum(human) / 1000,
        among=len(human),
        unit=Unit.SECONDS,
    )


def aht(calls: Iterable[Call], period: Period) -> Figure:
    """Average handling time in seconds: (talk + hold + wrap-up) / handled calls."""
    times = _handling_s(calls, period)
    formula = "(talk + hold + wrap-up) / handled calls"
    return figure("aht", "AHT", formula, period, of=fsum(times), among=len(times), unit=Unit.SECONDS)


def aht_bands(calls: Iterable[Call], period: Period, *, low_s: int, high_s: int) -> tuple[Figure, Figure, Figure]:
    """Shares of handled calls too short, inside the campaign's band (both edges included), and too long."""
    times = _handling_s(calls, period)
    short = sum(1 for t in times if t < low_s)
    long = sum(1 for t in times if t > high_s)

    def one(name: str, label: str, words: str, number: int) -> Figure:
        return figure(name, label, f"handled calls {words} / handled calls", period, of=number, among=len(times))

    return (
        one("aht_too_short", "Too short", f"under {low_s} s", short),
        one("aht_in_band", "In the AHT band", f"of {low_s} to {high_s} s", len(times) - short - long),
        one("aht_too_long", "Too long", f"over {high_s} s", long),
    )


def connect_delay(calls: Iterable[Call], period: Period) -> tuple[Figure, Figure, Figure, Figure]:
    """Answer seen to join begun, over joined calls: p50, p95, longest, and the share within 2 s.

    From our notice of the customer's answer to the exchange's word that he goes into his agent's room: two-way audio
    follows some milliseconds later and cannot be seen from outside. A call that was listened to (clock_from =
    'greeting') waits from detection's verdict on, and the formula says so.

    Percentiles by nearest rank: the smallest delay that at least that share of the calls did not exceed.
    """
    joined = [
        c.attempt.facts
        for c in calls
        if c.attempt.facts.connect_delay_ms is not None and period.holds(c.attempt.report_date)
    ]
    delays = sorted(facts.connect_delay_ms or 0 for facts in joined)
    begun = FROM_VERDICT if any(facts.detector_said is not None for facts in joined) else FROM_ANSWER

    def rank(name: str, label: str, part: float) -> Figure:
        return Figure(
            name=name,
            label=label,
            formula=f"{label.lower()} of {begun} to join begun, nearest rank, over joined calls",
            period=period,
            unit=Unit.MILLISECONDS,
            numerator=None,
            denominator=len(delays),
            value=float(delays[ceil(part * len(delays)) - 1]) if delays else None,
        )

    inside = sum(1 for d in delays if d <= WITHIN_MS)
    return (
        rank("connect_delay_p50", "Connect delay, median", 0.5),
        rank("connect_delay_p95", "Connect delay, 95 %", 0.95),
        rank("connect_delay_max", "Connect delay, longest", 1.0),
        figure(
            "connect_within_2s",
            "Connected within 2 s",
            f"joined calls with at most 2,000 ms from {begun} to join begun / joined calls",
            period,
            of=inside,
            among=len(delays),
        ),
    )


def handling_ms(attempt: Attempt) -> int:
    """Talk + hold + wrap-up of one attempt."""
    return attempt.facts.talk_ms + attempt.facts.hold_ms + attempt.facts.wrap_up_ms


def _handling_s(calls: Iterable[Call], period: Period) -> Sequence[float]:
    return [handling_ms(c.attempt) / 1000 for c in calls if c.handled and period.holds(c.attempt.report_date)]

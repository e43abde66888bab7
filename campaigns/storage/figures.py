"""How many calls, answers and abandoned calls had a campaign on each day? Counted by the database, judged by the rules.

The database counts calls that are alike; what each kind means is asked of campaigns.metrics, so there is one rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select

from campaigns.metrics.abandonment import Fate, fate_of
from campaigns.model import AnsweredBy, Facts, Network
from campaigns.storage.database import Database
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.values import DayCounters


def counters(
    database: Database, campaign_id: int, since_date: date, *, closed_only: bool = False
) -> tuple[DayCounters, ...]:
    """One value per report date on which calls were made, from `since_date` on, the earliest first."""
    days: dict[date, list[tuple[Facts, int]]] = {}
    alike = _ALIKE_CLOSED if closed_only else _ALIKE
    for row in database.execute(alike, {"campaign": campaign_id, "since": since_date}):
        report_date, network, answered_by, routing, calls = row
        alike = Facts(network=network, answered_by=answered_by, routing=routing)
        days.setdefault(report_date, []).append((alike, calls))
    return tuple(_day(campaign_id, report_date, days[report_date]) for report_date in sorted(days))


def _day(campaign_id: int, report_date: date, counted: Iterable[tuple[Facts, int]]) -> DayCounters:
    fates: Counter[Fate] = Counter()
    seen: Counter[str] = Counter()
    for facts, calls in counted:
        fates[fate_of(facts)] += calls
        answered = facts.network is Network.ANSWERED
        seen["attempts"] += calls * (facts.network is not Network.NOT_ATTEMPTED)
        seen["answered"] += calls * answered
        seen["human"] += calls * (answered and facts.answered_by is AnsweredBy.HUMAN)
    return DayCounters(
        campaign_id=campaign_id,
        report_date=report_date,
        attempts=seen["attempts"],
        answered=seen["answered"],
        human=seen["human"],
        abandoned=fates[Fate.ABANDONED],
        joined_human=fates[Fate.JOINED_HUMAN],
        joined_unknown=fates[Fate.JOINED_UNKNOWN],
        hung_up_early=fates[Fate.HUNG_UP_EARLY],
        unknown=fates[Fate.UNKNOWN],
        heard_machine=fates[Fate.HEARD_MACHINE],
    )


def _alike_statement() -> Any:
    kind = (ATTEMPT.c.report_date, ATTEMPT.c.network, ATTEMPT.c.answered_by, ATTEMPT.c.routing)
    return (
        select(*kind, func.count())
        .where(ATTEMPT.c.campaign_id == bindparam("campaign"), ATTEMPT.c.report_date >= bindparam("since"))
        .group_by(*kind)
    )


_ALIKE = _alike_statement()
_ALIKE_CLOSED = _ALIKE.where(ATTEMPT.c.closed)

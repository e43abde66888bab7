"""How many calls, answers and abandoned calls had a campaign on each day? One sum by the database.

The rules are those of campaigns.metrics; this form of them is what pacing asks for, often and cheaply.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from campaigns.model import AnsweredBy, Network, Routing
from campaigns.storage.database import Database
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.values import DayCounters

_MACHINES = (AnsweredBy.MACHINE, AnsweredBy.FAX)
_ABANDONED = (Routing.ABANDONED_NO_AGENT, Routing.ABANDONED_SYSTEM)


def counters(database: Database, campaign_id: int, since_date: date) -> tuple[DayCounters, ...]:
    """One value per report date on which calls were made, from `since_date` on."""
    rows = database.execute(_COUNTERS, {"campaign": campaign_id, "since": since_date})
    return tuple(DayCounters(campaign_id=campaign_id, **row._mapping) for row in rows)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _counters_statement() -> Any:
    a = ATTEMPT.c
    answered = a.answered_at.is_not(None)
    machine = and_(a.answered_by.is_not(None), a.answered_by.in_(_MACHINES))
    # Answered and nobody knows what became of it: an answer that ended without any routing.
    fate_unknown = and_(answered, ~a.live, a.routing.in_((Routing.NOT_ROUTED, Routing.MESSAGE)))
    abandoned = and_(~machine, or_(a.routing.in_(_ABANDONED), fate_unknown))
    joined = a.routing == Routing.AGENT
    human = and_(a.answered_by.is_not(None), a.answered_by == AnsweredBy.HUMAN)
    return (
        select(
            a.report_date,
            _count(or_(a.network.is_(None), a.network != Network.NOT_ATTEMPTED)).label("attempts"),
            _count(answered).label("answered"),
            _count(and_(answered, human)).label("human"),
            _count(abandoned).label("abandoned"),
            _count(and_(joined, human)).label("joined_human"),
            _count(and_(joined, a.answered_by.is_(None))).label("joined_unknown"),
            _count(a.routing == Routing.HUNG_UP_EARLY).label("hung_up_early"),
        )
        .where(a.campaign_id == bindparam("campaign"), a.report_date >= bindparam("since"))
        .group_by(a.report_date)
        .order_by(a.report_date)
    )


_COUNTERS = _counters_statement()

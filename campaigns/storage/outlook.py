"""Which leads wait, in groups that are judged alike, and what did past calls teach? Counted by the database.

A million leads are a few thousand groups, each with one of its leads as the dialer's queue would hand him out. What
a group is asked is no business of this module; it only keeps apart whatever a gate looks at.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, cast, extract, func, literal, or_, select
from sqlalchemy.types import Text

from campaigns.dialable import ATTEMPT_WINDOW
from campaigns.forecast import MOST_ATTEMPTS_APART, Group, History, Outcome, Tally
from campaigns.forecast.drawdown import CALLS_APART
from campaigns.forecast.moves import is_human
from campaigns.model import AgentState, Disposition, Facts, Network
from campaigns.place import Address, whereabouts
from campaigns.storage.barring import names_in_sql, pattern_lengths
from campaigns.storage.campaigns import Campaigns
from campaigns.storage.database import Database
from campaigns.storage.queue import ORDER, Queue
from campaigns.storage.tables.agents import SPAN
from campaigns.storage.tables.attempts import ATTEMPT, SUPPRESSION
from campaigns.storage.tables.campaigns import CAMPAIGN, CAMPAIGN_AGENT, DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON

QUARTER = timedelta(minutes=15)
AHEAD = 24 * 4  # leads due in one quarter of an hour are taken for due at the last of their times
_AT_WORK = tuple(s for s in AgentState if s.logged_in and s is not AgentState.PAUSE)
_PAGE = 500
_BY_ITSELF: dict[str, Any] = {"past_calls": (), "live_elsewhere": False}  # what one of a group does not share with it
_PLACE = 8  # the columns that tell where a lead is come first


class Outlook:
    """What a forecast is made of. Reads only; takes seconds for a million leads."""

    def __init__(self, database: Database, queue: Queue, campaigns: Campaigns) -> None:
        self._db = database
        self._queue = queue
        self._campaigns = campaigns

    def waiting(self, campaign_id: int, now: datetime, denied: Sequence[str] = ()) -> tuple[Group, ...]:
        """All leads that may still be called, as groups. `denied`: the rule profile's patterns of numbers.

        Groups are not told apart by calls of more than a day ago, so a profile's longer windows are left out.
        """
        found = _in_the_same_places(
            self._db.execute(_alike_statement(campaign_id, now, denied, pattern_lengths(self._db)))
        )
        return tuple(
            Group(candidate=replace(each, state=replace(each.state, ask_again_at=due), **_BY_ITSELF), leads=leads)
            for each in self._queue.candidates_among(campaign_id, sorted(found), now, page=_PAGE)
            for leads, due in (found[each.state.person_id],)
        )

    def agents_at_work(self, campaign_id: int) -> int:
        """How many of the campaign's agents are logged in, in a pause or not."""
        mine = select(CAMPAIGN_AGENT.c.agent_id).where(CAMPAIGN_AGENT.c.campaign_id == campaign_id)
        which = select(func.count()).where(SPAN.c.ended_at.is_(None), SPAN.c.agent_id.in_(mine))
        return int(self._db.execute(which).scalar_one())

    def history(self, campaign_id: int, *, zone: str, since: datetime, now: datetime) -> History:
        """The campaign's calls from `since` on, by hour of the local day, by the lead's try, and by how they ended."""
        hour = self._utc_hour(ATTEMPT.c.created_at)
        rows = self._db.execute(_ended_statement(campaign_id, since, hour)).all()
        called: dict[str, int] = {}
        tallies: dict[tuple[int, int], list[int]] = {}
        ends: dict[tuple[Any, ...], int] = {}
        for utc_hour, attempt, *kind, calls in rows:
            called[utc_hour] = called.get(utc_hour, 0) + calls
            tally = tallies.setdefault((_local_hour(utc_hour, ZoneInfo(zone)), attempt), [0, 0])
            tally[0] += calls
            tally[1] += calls * is_human(_facts(kind))
            ends[tuple(kind)] = ends.get(tuple(kind), 0) + calls
        handled, handling_s = self._handling(campaign_id, since)
        worked = self._hours_at_work(campaign_id, since, now)
        return History(
            since=since,
            tallies=tuple(Tally(hour=h, attempt=a, calls=c, humans=p) for (h, a), (c, p) in sorted(tallies.items())),
            outcomes=tuple(self._outcomes(campaign_id, ends)),
            attempts_at_work=sum(calls for each, calls in called.items() if each in worked),
            hours_at_work=sum(hours for each, hours in worked.items() if each in called),
            handled=handled,
            handling_s=handling_s,
        )

    def _outcomes(self, campaign_id: int, ends: dict[tuple[Any, ...], int]) -> Iterator[Outcome]:
        sets: dict[int, tuple[Disposition, ...]] = {}
        for kind, calls in ends.items():
            *_, code, version = kind
            if version not in sets:
                sets[version] = self._campaigns.dispositions(campaign_id, version)
            said = next((d for d in sets[version] if d.code == code), None)
            yield Outcome(facts=_facts(kind), disposition=said, calls=calls)

    def _handling(self, campaign_id: int, since: datetime) -> tuple[int, float]:
        lasted = func.sum(ATTEMPT.c.talk_ms + ATTEMPT.c.hold_ms + ATTEMPT.c.wrap_up_ms)
        which = select(func.count(), lasted).where(
            *_of(campaign_id, since), ATTEMPT.c.joined_at.is_not(None), ATTEMPT.c.network.is_not(None)
        )
        handled, summed_ms = self._db.execute(which).one()
        return int(handled), float(summed_ms or 0) / 1000

    def _hours_at_work(self, campaign_id: int, since: datetime, now: datetime) -> dict[str, float]:
        """Agents' hours, logged in and not in a pause, by the hour of the clock in which the span began.

        Of agents who serve only this campaign all of it, of the others what they spent on it.
        """
        alone = (
            select(CAMPAIGN_AGENT.c.agent_id)
            .group_by(CAMPAIGN_AGENT.c.agent_id)
            .having(func.count() == 1, func.min(CAMPAIGN_AGENT.c.campaign_id) == campaign_id)
        )
        hour = self._utc_hour(SPAN.c.began_at)
        which = (
            select(hour, func.sum(self._seconds(SPAN.c.began_at, func.coalesce(SPAN.c.ended_at, now))))
            .where(SPAN.c.began_at >= since, SPAN.c.began_at < now, SPAN.c.state.in_(_AT_WORK))
            .where(or_(SPAN.c.campaign_id == campaign_id, SPAN.c.agent_id.in_(alone)))
            .group_by(hour)
        )
        return {utc_hour: float(seconds) / 3600 for utc_hour, seconds in self._db.execute(which) if seconds}

    def _utc_hour(self, column: Any) -> ColumnElement[str]:
        """`2026-11-21 17`: the two databases have no common word for it."""
        if self._db.is_sqlite:
            return func.strftime("%Y-%m-%d %H", column)
        return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24")

    def _seconds(self, begin: Any, end: Any) -> ColumnElement[Any]:
        if self._db.is_sqlite:
            return (func.julianday(end) - func.julianday(begin)) * 86_400.0
        return extract("epoch", end - begin)


def _in_the_same_places(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[int, tuple[int, datetime]]:
    """Leads and last due time by one lead of each group, those joined who only write their place differently."""
    merged: dict[tuple[Any, ...], tuple[int, int, datetime]] = {}
    for row in rows:
        *apart, leads, person, due = row
        kind, country_of_number, zones, prefix, listed, country, region, postal_code = apart[:_PLACE]
        place = whereabouts(
            number=prefix,
            kind=kind,
            region=country_of_number,
            zones=tuple(json.loads(zones)),
            listed_zone=listed,
            address=Address(country=country, region=region, postal_code=postal_code),
        )
        key = (kind, country_of_number, place.zones, place.regions, place.unclear, *apart[_PLACE:])
        before, first, last = merged.get(key, (0, person, due))
        merged[key] = (before + leads, min(first, person), max(last, due))
    return {person: (leads, due) for leads, person, due in merged.values()}


def _alike_statement(campaign_id: int, now: datetime, denied: Sequence[str], lengths: Sequence[int]) -> Select[Any]:
    """Whatever a gate looks at is a column to group by; with it how many they are, one of them, the last due time."""
    recent = _recent_calls(now)
    place = (
        CONTACT_POINT.c.kind,
        CONTACT_POINT.c.region,
        cast(CONTACT_POINT.c.zones, Text),
        case((CONTACT_POINT.c.number.like("+1%"), func.substr(CONTACT_POINT.c.number, 1, 5)), else_=""),  # area code
        PERSON.c.timezone,
        PERSON.c.country,
        PERSON.c.region,
        PERSON.c.postal_code,
    )
    assert len(place) == _PLACE
    apart = (
        *place,
        DIALLING.c.state,
        DIALLING.c.tries,
        CONTACT_POINT.c.practice,
        _bucket(DIALLING.c.ask_again_at, [now + n * QUARTER for n in range(AHEAD + 1)]),
        _matching(denied),
        _listed(lengths),
        recent.c.calls,
        recent.c.live,
        _bucket(recent.c.first_at, [now - ATTEMPT_WINDOW + n * CALLS_APART for n in range(1, 7)]),
    )
    labelled = [column.label(f"apart_{number}") for number, column in enumerate(apart)]
    return (
        select(*labelled, func.count(), func.min(DIALLING.c.person_id), func.max(DIALLING.c.ask_again_at))
        .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .outerjoin(recent, recent.c.number == CONTACT_POINT.c.number)
        .where(DIALLING.c.campaign_id == campaign_id, DIALLING.c.state.in_(ORDER))
        .group_by(*labelled)
    )


def _recent_calls(now: datetime) -> Any:
    """Calls of the last 24 h by number, from an index by day; of any campaign, since the limit is the number's."""
    since = now - ATTEMPT_WINDOW
    days = and_(
        ATTEMPT.c.campaign_id.in_(select(CAMPAIGN.c.id)), ATTEMPT.c.report_date >= (since - timedelta(days=1)).date()
    )
    return (
        select(
            ATTEMPT.c.number,
            func.count().label("calls"),
            func.min(ATTEMPT.c.created_at).label("first_at"),
            func.sum(case((ATTEMPT.c.live, 1), else_=0)).label("live"),
        )
        .where(days, ATTEMPT.c.created_at > since)
        .where(or_(ATTEMPT.c.network.is_(None), ATTEMPT.c.network != Network.NOT_ATTEMPTED))
        .group_by(ATTEMPT.c.number)
        .subquery()
    )


def _bucket(column: Any, bounds: Iterable[datetime]) -> ColumnElement[int]:
    """The place of the first bound that the instant does not pass; -1 beyond the last."""
    return case(*((column <= bound, place) for place, bound in enumerate(bounds)), else_=-1)


def _matching(patterns: Sequence[str]) -> ColumnElement[int]:
    """Which pattern a number looks like, so that those never share a group with others; `judge` decides."""
    if not patterns:
        return literal(-1)
    alike = (CONTACT_POINT.c.number.like(_as_like(pattern), escape="\\") for pattern in patterns)
    return case(*((match, place) for place, match in enumerate(alike)), else_=-1)


def _as_like(pattern: str) -> str:
    plain = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plain.replace("*", "%").replace("?", "_")


def _listed(lengths: Sequence[int]) -> Any:
    """The do-not-call entries of a number as one text; none when there is none."""
    entry = cast(SUPPRESSION.c.scope, Text) + " " + cast(SUPPRESSION.c.value, Text)
    return (
        select(func.aggregate_strings(entry, ";"))
        .where(
            SUPPRESSION.c.number.in_(names_in_sql(CONTACT_POINT.c.number, lengths)), SUPPRESSION.c.removed_at.is_(None)
        )
        .scalar_subquery()
    )


def _of(campaign_id: int, since: datetime) -> tuple[ColumnElement[bool], ...]:
    first_day = (since - timedelta(days=1)).date()  # the index is by day, in whatever zone
    return (ATTEMPT.c.campaign_id == campaign_id, ATTEMPT.c.report_date >= first_day, ATTEMPT.c.created_at >= since)


def _ended_statement(campaign_id: int, since: datetime, hour: ColumnElement[str]) -> Select[Any]:
    """Ended calls that were sent; which of a lead's they were is counted over all he ever had in the campaign."""
    place = func.row_number().over(partition_by=ATTEMPT.c.person_id, order_by=(ATTEMPT.c.created_at, ATTEMPT.c.id))
    numbered = (
        select(
            hour.label("utc_hour"),
            case((place > MOST_ATTEMPTS_APART, MOST_ATTEMPTS_APART), else_=place).label("attempt"),
            ATTEMPT.c.created_at,
            ATTEMPT.c.network,
            ATTEMPT.c.network_detail,
            ATTEMPT.c.answered_by,
            ATTEMPT.c.routing,
            ATTEMPT.c.joined_at.is_not(None).label("joined"),
            ATTEMPT.c.opted_out,
            ATTEMPT.c.disposition,
            ATTEMPT.c.disposition_set,
        )
        .where(ATTEMPT.c.campaign_id == campaign_id, ATTEMPT.c.network != Network.NOT_ATTEMPTED)
        .subquery()
    )
    kinds = [column for column in numbered.c if column.name != "created_at"]
    return select(*kinds, func.count()).where(numbered.c.created_at >= since).group_by(*kinds)


def _facts(kind: Sequence[Any]) -> Facts:
    """As much of a call's facts as the rules of `campaigns.retry` ask about."""
    network, detail, answered_by, routing, joined, opted_out, code, _ = kind
    return Facts(
        network=network,
        network_detail=detail,
        answered_by=answered_by,
        routing=routing,
        joined_at=datetime(2000, 1, 1, tzinfo=UTC) if joined else None,
        opted_out=bool(opted_out),
        disposition=code,
    )


def _local_hour(utc_hour: str, zone: ZoneInfo) -> int:
    return datetime.strptime(utc_hour, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(zone).hour

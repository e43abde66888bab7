"""Which calls do legal limits count, and how did each end? Rows of attempts as values, read with what they point to.

What an outcome means stands in the campaign's dispositions, for whom it was called in its settings: both are kept by
version and never change, so each is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select

from campaigns.model import AnsweredBy, Disposition, Network, Routing
from campaigns.rules import PastCall
from campaigns.rules.duties import ABANDONED, CONVERSATION, MACHINE, REFUSAL
from campaigns.settings import SettingsFault, settings_from
from campaigns.storage.database import Database
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import DISPOSITION_SET, SETTINGS
from campaigns.storage.tables.leads import PERSON

PAST_CALL_COLUMNS = (
    ATTEMPT.c.number,
    ATTEMPT.c.person_id,
    ATTEMPT.c.live,
    ATTEMPT.c.created_at,
    ATTEMPT.c.ended_at,
    ATTEMPT.c.network,
    ATTEMPT.c.ringing_at,
    ATTEMPT.c.routing,
    ATTEMPT.c.joined_at,
    ATTEMPT.c.answered_by,
    ATTEMPT.c.opted_out,
    ATTEMPT.c.disposition,
    ATTEMPT.c.closed,
    ATTEMPT.c.campaign_id,
    ATTEMPT.c.disposition_set,
    ATTEMPT.c.settings_version,
    PERSON.c.debt,
    PERSON.c.person_key,
)
_MACHINES = (AnsweredBy.MACHINE, AnsweredBy.FAX)
# The line was busy, there is no such number, the network had no way: the number dialled was not reached. Of what else
# failed, such as a telephone that is switched off, nobody knows, and it counts as if it had rung.
_NEVER_REACHED = (Network.BUSY, Network.INVALID_NUMBER, Network.CONGESTION)
_NOBODY_KNOWS = frozenset({ABANDONED, REFUSAL, CONVERSATION, MACHINE})


def past_calls() -> Select[Any]:
    """The rows of calls, to be narrowed down."""
    return select(*PAST_CALL_COLUMNS).join(PERSON, PERSON.c.id == ATTEMPT.c.person_id)


def counts_since(any_call: Any, outcomes: Any) -> ColumnElement[bool]:
    """Calls that began after `any_call`, those with an outcome that did after `outcomes`, and those that run."""
    answered = or_(ATTEMPT.c.network.is_(None), ATTEMPT.c.network.in_((Network.ANSWERED, Network.UNKNOWN)))
    return or_(ATTEMPT.c.created_at > any_call, ATTEMPT.c.live, and_(ATTEMPT.c.created_at > outcomes, answered))


class CallsMade:
    """Calls by the number called and by the lead they were made for, and which of both are in a call now."""

    def __init__(self) -> None:
        self._to: dict[str, list[PastCall]] = {}
        self._for: dict[int, list[tuple[str, PastCall]]] = {}
        self.live: set[str] = set()
        self._live_for: dict[int, set[str]] = {}

    def add(self, rows: Iterable[Any], past: PastCalls) -> None:
        """Count these rows of `past_calls` in."""
        for row in rows:
            if row.live:
                self.live.add(row.number)
                self._live_for.setdefault(row.person_id, set()).add(row.number)
            call = past.of(row)
            if call is not None:
                self._to.setdefault(row.number, []).append(call)
                self._for.setdefault(row.person_id, []).append((row.number, call))

    def to(self, number: str) -> Sequence[PastCall]:
        """All calls to a number."""
        return self._to.get(number, ())

    def besides(self, number: str, leads: Iterable[int]) -> Iterator[PastCall]:
        """The calls that were made for these leads to other numbers than this one."""
        for lead in leads:
            for called, call in self._for.get(lead, ()):
                if called != number:
                    yield replace(call, to_number=False)

    def live_besides(self, number: str, leads: Iterable[int]) -> bool:
        """Whether one of these leads is in a call by another number."""
        return any(self._live_for.get(lead, set()) - {number} for lead in leads)

    @property
    def leads(self) -> Iterable[int]:
        """All for whom a call was made."""
        return self._for.keys()


class PastCalls:
    """Makes values of rows of `past_calls`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._said: dict[tuple[int, int], dict[str, Disposition]] = {}
        self._sellers: dict[tuple[int, int], str] = {}

    def of(self, row: Sequence[Any]) -> PastCall | None:
        """The call as limits and rests see it; none when it was never sent. Without a network it may be ringing."""
        (
            _,
            _,
            _,
            at,
            ended_at,
            network,
            ringing_at,
            routing,
            joined_at,
            answered_by,
            opted_out,
            word,
            closed,
            *made,
        ) = row
        if network is not None and not network.counts_for_limits:
            return None
        campaign_id, dispositions, settings, debt = made[:4]
        said = self._disposition(campaign_id, dispositions, word) if word else None
        outcomes = _by_word(said) if word else _by_facts(network, joined_at, answered_by, closed=closed)
        return PastCall(
            at=at,
            ended_at=ended_at,
            outcomes=outcomes | _whatever_was_said(network, routing, answered_by, opted_out=opted_out),
            known=said is not None or (network is not Network.UNKNOWN and not (closed and joined_at and not word)),
            settled=network is not None and (closed or joined_at is None or bool(word)),
            seller=self._seller(campaign_id, settings),
            debt=debt,
            rang=ringing_at is not None or network not in _NEVER_REACHED,
            answered=network is None or network in (Network.ANSWERED, Network.UNKNOWN),
        )

    def _disposition(self, campaign_id: int, version: int, code: str) -> Disposition | None:
        key = (campaign_id, version)
        if key not in self._said:
            values = self._db.execute(_DISPOSITIONS, {"campaign": campaign_id, "version": version}).scalar()
            try:
                found = settings_from({"name": "any", "dispositions": values or []}).dispositions
            except SettingsFault:
                found = ()  # then no word of it is understood, and every call counts for every rest
            self._said[key] = {each.code: each for each in found}
        return self._said[key].get(code)

    def _seller(self, campaign_id: int, version: int) -> str:
        key = (campaign_id, version)
        if key not in self._sellers:
            values = self._db.execute(_SETTINGS, {"campaign": campaign_id, "version": version}).scalar()
            self._sellers[key] = str((values or {}).get("seller_name", ""))
        return self._sellers[key]


def _by_word(said: Disposition | None) -> frozenset[str]:
    """What the agent's word means; one that is not understood means everything."""
    if said is None:
        return _NOBODY_KNOWS
    told = {
        REFUSAL: said.refusal or said.do_not_call,
        CONVERSATION: said.contact,
        MACHINE: said.answered_by in _MACHINES,
    }
    return frozenset(outcome for outcome, found in told.items() if found)


def _by_facts(
    network: Network | None, joined_at: datetime | None, answered_by: AnsweredBy | None, *, closed: bool
) -> frozenset[str]:
    """What may have been said where nobody wrote it down: with an agent, or lost from sight."""
    if network is Network.UNKNOWN:
        return _NOBODY_KNOWS
    if joined_at is None or answered_by in _MACHINES:
        return frozenset()
    return frozenset({CONVERSATION, REFUSAL}) if closed else frozenset({CONVERSATION})


def _whatever_was_said(
    network: Network | None, routing: Routing, answered_by: AnsweredBy | None, *, opted_out: bool
) -> frozenset[str]:
    told = {
        ABANDONED: routing.abandoned or network is Network.UNKNOWN,
        REFUSAL: opted_out,
        MACHINE: answered_by in _MACHINES,
    }
    return frozenset(outcome for outcome, found in told.items() if found)


_DISPOSITIONS = select(DISPOSITION_SET.c.dispositions).where(
    DISPOSITION_SET.c.campaign_id == bindparam("campaign"), DISPOSITION_SET.c.version == bindparam("version")
)
_SETTINGS = select(SETTINGS.c["values"]).where(
    SETTINGS.c.campaign_id == bindparam("campaign"), SETTINGS.c.version == bindparam("version")
)

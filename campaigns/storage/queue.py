"""Who is due to be called, and what must be known of him to judge it? Answered from indexes, never by a scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, select

from campaigns.consent import Consent
from campaigns.dialable import ATTEMPT_WINDOW, OUTCOME_WINDOW, PAST_WINDOW, Candidate
from campaigns.model import ContactPoint, DiallingState, LeadState, Suppression
from campaigns.number_answers import NumberAnswer
from campaigns.place import Address
from campaigns.storage.barring import entries_barring
from campaigns.storage.consents import CONSENTS_OF, consent_of
from campaigns.storage.database import Database
from campaigns.storage.kin import Kin
from campaigns.storage.listed_persons import ListedPersons, listed_persons
from campaigns.storage.number_answers import ANSWERS_OF, answer_of
from campaigns.storage.past_calls import CallsMade, PastCalls, counts_since, past_calls
from campaigns.storage.pseudonyms import KeyMissing
from campaigns.storage.rows import contact_point_of
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON
from campaigns.storage.values import HeldLead, StateCount

_AT_ONCE = 500
_NOBODY: frozenset[int] = frozenset()

# Promises first, then those who were waiting for a time, then fresh ones in the order of the list.
ORDER = (LeadState.CALLBACK, LeadState.RETRY, LeadState.NEW)

_STATE = (
    DIALLING.c.campaign_id,
    DIALLING.c.person_id,
    DIALLING.c.list_id,
    DIALLING.c.state,
    DIALLING.c.close_reason,
    DIALLING.c.ask_again_at,
    DIALLING.c.owner_agent_id,
    DIALLING.c.contact_point_id,
    DIALLING.c.tries,
    DIALLING.c.attempts,
    DIALLING.c.hold_code,
    DIALLING.c.hold_reason,
)
_POINT = (
    CONTACT_POINT.c.id,
    CONTACT_POINT.c.number,
    CONTACT_POINT.c.kind,
    CONTACT_POINT.c.region,
    CONTACT_POINT.c.zones,
    CONTACT_POINT.c.practice,
    CONTACT_POINT.c.extension,
)

# What the list says of where a person is, who he is, and what he owes.
_WRITTEN = (
    *(PERSON.c.timezone, PERSON.c.country, PERSON.c.region, PERSON.c.postal_code),
    *(PERSON.c.person_key, PERSON.c.debt),
)


class DueRow(NamedTuple):
    """A row of _DUE: dialling state, contact point, and what the list says of the person."""

    state: DiallingState
    point: ContactPoint
    zone: str
    address: Address
    person_key: str
    debt: str


def _due_statement() -> Select[Any]:
    return (
        select(*_STATE, *_POINT, *_WRITTEN)
        .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.state == bindparam("state"))
        .where(DIALLING.c.ask_again_at <= bindparam("now"))
        .order_by(DIALLING.c.ask_again_at, DIALLING.c.person_id)
        .limit(bindparam("at_most"))
    )


_DUE = _due_statement()
_DUE_LOCKED = _DUE.with_for_update(of=DIALLING, skip_locked=True)  # PostgreSQL only; SQLite has one writer
_COUNTING = counts_since(bindparam("since"), bindparam("outcomes_since"))
_CALLS = past_calls().where(ATTEMPT.c.number.in_(bindparam("numbers", expanding=True)), _COUNTING)
_CALLS_FOR = past_calls().where(ATTEMPT.c.person_id.in_(bindparam("leads", expanding=True)), _COUNTING)


class Queue:
    """The waiting leads of each campaign."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._past_calls = PastCalls(database)
        self._kin = Kin(database)

    def due(self, campaign_id: int, now: datetime, limit: int) -> tuple[Candidate, ...]:
        """Up to `limit` leads whose time has come: callbacks, then retries, then new ones in the list's order.

        Only looked at, not taken: `Store.attempts.claim` looks again and takes.
        """
        return self.candidates(self.due_rows(campaign_id, now, limit), now)

    def due_rows(self, campaign_id: int, now: datetime, limit: int, *, lock: bool = False) -> list[DueRow]:
        """The same without what is known of the numbers; `lock` keeps other connections from taking them."""
        statement = _DUE_LOCKED if lock and not self._db.is_sqlite else _DUE
        found: list[DueRow] = []
        for state in ORDER:
            if len(found) >= limit:
                break
            values = {"campaign_id": campaign_id, "state": state, "now": now, "at_most": limit - len(found)}
            found += map(_due_row, self._db.execute(statement, values))
        return found

    def candidates(self, rows: Sequence[DueRow], now: datetime) -> tuple[Candidate, ...]:
        """These leads with the do-not-call entries, consents and calls of their numbers."""
        if not rows:
            return ()
        numbers = list({row.point.number for row in rows})
        suppressions = self._suppressions(numbers)
        consents = self._consents(numbers)
        answers = self._answers(numbers)
        since = {"since": now - PAST_WINDOW, "outcomes_since": now - OUTCOME_WINDOW}
        made, elsewhere = CallsMade(), CallsMade()
        made.add(self._db.execute(_CALLS, {"numbers": numbers, **since}).all(), self._past_calls)
        kin = self._kin.of({row.state.person_id: row.person_key for row in rows})
        relatives = list(frozenset().union(*kin.values()))
        for first in range(0, len(relatives), _AT_ONCE):
            some = {"leads": relatives[first : first + _AT_ONCE], **since}
            elsewhere.add(self._db.execute(_CALLS_FOR, some).all(), self._past_calls)
        listed = self._listed_elsewhere(relatives)
        day_ago = now - ATTEMPT_WINDOW
        return tuple(
            Candidate(
                contact_point=row.point,
                state=row.state,
                suppressions=None if suppressions is None else tuple(suppressions.get(row.point.number, ())),
                attempted_at=tuple(call.at for call in made.to(row.point.number) if call.at > day_ago),
                past_calls=(*made.to(row.point.number), *elsewhere.besides(row.point.number, kin_of_row)),
                live_call=row.point.number in made.live,
                live_elsewhere=elsewhere.live_besides(row.point.number, kin_of_row),
                lead_zone=row.zone,
                address=row.address,
                consents=tuple(consents.get(row.point.number, ())),
                answers=tuple(answers.get(row.point.number, ())),
                same_person=kin_of_row,
                suppressions_elsewhere=None if listed is None else listed.besides(row.point.number, kin_of_row),
                debt=row.debt,
            )
            for row in rows
            for kin_of_row in (kin.get(row.state.person_id, _NOBODY),)
        )

    def candidates_of(self, campaign_id: int, person_id: int, now: datetime) -> tuple[Candidate, ...]:
        """The same for one lead in whatever state, one candidate per number, the next to be called first."""
        rows = self._db.execute(_ONE_LEAD, {"campaign_id": campaign_id, "person_id": person_id})
        return self.candidates([_due_row(row) for row in rows], now)

    def candidates_among(
        self, campaign_id: int, person_ids: Sequence[int], now: datetime, *, page: int = 500
    ) -> Iterator[Candidate]:
        """These leads, each with the number to be called next, as `due` would hand them out; a page at a time."""
        for first in range(0, len(person_ids), page):
            values = {"campaign_id": campaign_id, "persons": person_ids[first : first + page]}
            yield from self.candidates([_due_row(row) for row in self._db.execute(_SOME, values)], now)

    def next_due_at(self, campaign_id: int) -> datetime | None:
        """When the next lead of this campaign falls due (it may be past); none when nobody waits."""
        times = self._db.execute(_NEXT_DUE, {"campaign_id": campaign_id}).one()
        return min((at for at in times if at is not None), default=None)

    def state(self, campaign_id: int, person_id: int) -> DiallingState | None:
        """Where a person stands in a campaign, or none when he is not in it."""
        row = self._db.execute(_ONE_STATE, {"campaign_id": campaign_id, "person_id": person_id}).first()
        return None if row is None else state_of(row)

    def states_of(self, person_id: int) -> tuple[DiallingState, ...]:
        """Where a person stands in all campaigns."""
        rows = self._db.execute(
            select(*_STATE).where(DIALLING.c.person_id == person_id).order_by(DIALLING.c.campaign_id)
        )
        return tuple(state_of(row) for row in rows)

    def states(self, campaign_id: int) -> tuple[DiallingState, ...]:
        """Where every lead of a campaign stands, for reports. Reads all of it: not for every tick."""
        rows = self._db.execute(
            select(*_STATE).where(DIALLING.c.campaign_id == campaign_id).order_by(DIALLING.c.person_id)
        )
        return tuple(state_of(row) for row in rows)

    def counts(self, campaign_id: int) -> tuple[StateCount, ...]:
        """How many leads stand where, by state, reason and list. Reads all of the campaign: not for every tick."""
        key = (DIALLING.c.state, DIALLING.c.close_reason, DIALLING.c.list_id)
        rows = self._db.execute(
            select(*key, func.count()).where(DIALLING.c.campaign_id == campaign_id).group_by(*key).order_by(*key)
        )
        return tuple(
            StateCount(state=state, close_reason=reason, list_id=list_id, leads=leads)
            for state, reason, list_id, leads in rows
        )

    def held(self, campaign_id: int, limit: int = 200) -> tuple[HeldLead, ...]:
        """Leads that were judged and not dialled, those to be asked first at the top, then those never again."""
        rows = self._db.execute(
            select(
                DIALLING.c.person_id,
                CONTACT_POINT.c.number,
                DIALLING.c.state,
                DIALLING.c.hold_code,
                DIALLING.c.hold_reason,
                DIALLING.c.ask_again_at,
            )
            .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
            .where(DIALLING.c.campaign_id == campaign_id, DIALLING.c.hold_code != "")
            .order_by(DIALLING.c.ask_again_at.is_(None), DIALLING.c.ask_again_at, DIALLING.c.person_id)
            .limit(limit)
        )
        return tuple(HeldLead(**row._mapping) for row in rows)

    def _suppressions(self, numbers: Sequence[str]) -> dict[str, list[Suppression]] | None:
        """None when erased numbers cannot be recognised: whoever judges then holds everybody."""
        try:
            return entries_barring(self._db, numbers)
        except KeyMissing:
            return None

    def _listed_elsewhere(self, leads: Sequence[int]) -> ListedPersons | None:
        try:
            return listed_persons(self._db, leads)
        except KeyMissing:
            return None

    def _consents(self, numbers: Sequence[str]) -> dict[str, list[Consent]]:
        found: dict[str, list[Consent]] = {}
        for row in self._db.execute(CONSENTS_OF, {"numbers": numbers}):
            consent = consent_of(row)
            found.setdefault(consent.number, []).append(consent)
        return found

    def _answers(self, numbers: Sequence[str]) -> dict[str, list[NumberAnswer]]:
        found: dict[str, list[NumberAnswer]] = {}
        for row in self._db.execute(ANSWERS_OF, {"numbers": numbers}):
            answer = answer_of(row)
            found.setdefault(answer.number, []).append(answer)
        return found


def _one_lead_statement() -> Select[Any]:
    return (
        select(*_STATE, *_POINT, *_WRITTEN)
        .join(CONTACT_POINT, CONTACT_POINT.c.person_id == DIALLING.c.person_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.person_id == bindparam("person_id"))
        .order_by(CONTACT_POINT.c.id != DIALLING.c.contact_point_id, CONTACT_POINT.c.id)
    )


def _next_due_statement() -> Select[Any]:
    return select(
        *(
            select(func.min(DIALLING.c.ask_again_at))
            .where(DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.state == state)
            .scalar_subquery()
            .label(state.name)
            for state in ORDER
        )
    )


def _some_statement() -> Select[Any]:
    return (
        select(*_STATE, *_POINT, *_WRITTEN)
        .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"))
        .where(DIALLING.c.person_id.in_(bindparam("persons", expanding=True)))
        .order_by(DIALLING.c.person_id)
    )


_ONE_LEAD = _one_lead_statement()
_SOME = _some_statement()
_NEXT_DUE = _next_due_statement()
_ONE_STATE = select(*_STATE).where(
    DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.person_id == bindparam("person_id")
)


def state_of(row: Iterable[Any]) -> DiallingState:
    """A dialling state from its columns, in the order of the model's fields."""
    (campaign, person, on_list, state, reason, again_at, owner, point, tries, attempts, hold_code, hold_reason) = row
    return DiallingState(
        campaign_id=campaign,
        person_id=person,
        list_id=on_list,
        state=state,
        close_reason=reason,
        ask_again_at=again_at,
        owner_agent_id=owner,
        contact_point_id=point,
        tries=tries,
        attempts=attempts,
        hold_code=hold_code,
        hold_reason=hold_reason,
    )


def _due_row(row: Row[Any]) -> DueRow:
    split, written = len(_STATE), len(_STATE) + len(_POINT)
    zone, country, region, postal_code, person_key, debt = row[written:]
    address = Address(country=country, region=region, postal_code=postal_code)
    return DueRow(state_of(row[:split]), contact_point_of(row[split:written]), zone, address, person_key, debt)

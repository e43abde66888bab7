"""Who is called now? Judged again and written as attempts in one transaction, before anything is dialled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.best_number import best_number, lasting
from campaigns.dialable import Candidate, Gate, GateCode, Verdict
from campaigns.model import Attempt, EventKind, Facts, LeadState, Routing
from campaigns.storage.database import Database
from campaigns.storage.holds import SOONEST, Hold, hold_of
from campaigns.storage.issuing import Issuing, Proof
from campaigns.storage.queue import Queue
from campaigns.storage.rows import facts_as_columns
from campaigns.storage.tables.attempts import ATTEMPT, EVENT
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.values import Claimed, Held, LeadHistory

Judge = Callable[[Candidate], Verdict]
_LARGEST_LOOK = 64
_BUSY = "a call on this number is running"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What all attempts of one claim have in common: the versions in force, the way out, the date they count for."""

    campaign_id: int
    trunk: str
    settings_version: int
    script_version: int | None
    disposition_set: int
    report_date: date
    now: datetime


@dataclass(kw_only=True)
class Taken:
    """What a claim has found so far."""

    intents: list[Attempt] = field(default_factory=list)
    owners: list[int | None] = field(default_factory=list)
    chosen: list[Candidate] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    leads: set[int] = field(default_factory=set)
    proofs: list[Proof] = field(default_factory=list)  # of what was begun or held, in that order


class Claims:
    """Takes leads for dialling. Used through `Store.attempts`."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._db = database
        self._queue = queue
        self._issuing = Issuing(database)

    def claim(
        self, terms: Terms, judge: Judge, new_id: Callable[[], str], *, wanted: int, look_at_most: int
    ) -> Claimed:
        """Up to `wanted` attempts, durably written before this returns; see `Attempts.claim`."""
        taken = Taken()
        looked = 0
        with self._db.transaction():
            self._db.take_turn()
            while len(taken.intents) < wanted and looked < look_at_most:
                at_once = min(max(wanted - len(taken.intents), looked), look_at_most - looked, _LARGEST_LOOK)
                rows = self._queue.due_rows(terms.campaign_id, terms.now, at_once, lock=True)
                if not rows:
                    break
                before = len(taken.intents)
                for candidate in self._queue.candidates(rows, terms.now):
                    if len(taken.intents) < wanted:
                        looked += 1
                        self._decide(candidate, terms, judge, new_id, taken)
                self._start(taken.intents[before:], terms.now)  # else the next look would find them due again
            histories = tuple(self._history(chosen) for chosen in taken.chosen)
            self._issuing.write(taken.proofs, terms.now, terms.campaign_id, terms.trunk, terms.settings_version)
        return Claimed(
            intents=tuple(taken.intents), owners=tuple(taken.owners), histories=histories, held=tuple(taken.held)
        )

    def begin(self, candidate: Candidate, verdict: Verdict, terms: Terms, new_id: Callable[[], str]) -> Attempt | None:
        """Write the attempt of a candidate just judged, or why not, with its receipt, in the caller's transaction."""
        attempt = _intent(new_id(), candidate, terms) if verdict.dialable else None
        if attempt is not None and not self._insert(attempt):
            attempt, verdict = None, _but_busy(verdict)
        if attempt is not None:
            self._start([attempt], terms.now)
        proof = Proof(candidate=candidate, verdict=verdict, attempt_id=attempt.id if attempt else None)
        self._issuing.write([proof], terms.now, terms.campaign_id, terms.trunk, terms.settings_version)
        return attempt

    def prove(self, taken: Taken, campaign_id: int, now: datetime) -> None:
        """Write the receipts of those who were held, in the caller's transaction; for `judged` without a claim."""
        self._issuing.write(taken.proofs, now, campaign_id)

    def _decide(
        self, candidate: Candidate, terms: Terms, judge: Judge, new_id: Callable[[], str], taken: Taken
    ) -> None:
        found = self._judged(candidate, judge, terms.now, taken)
        if found is None:
            return
        chosen, verdict = found
        attempt = _intent(new_id(), chosen, terms)
        if self._insert(attempt):
            taken.proofs.append(Proof(candidate=chosen, verdict=verdict, attempt_id=attempt.id))
            taken.intents.append(attempt)
            taken.owners.append(chosen.state.owner_agent_id)
            taken.chosen.append(chosen)
            taken.numbers.add(attempt.number)
            taken.leads.add(attempt.person_id)
        else:  # another connection began a call on this number since we looked
            self._hold(chosen, _but_busy(verdict), _number_is_busy(terms.now), terms.now, taken)

    def judged(self, candidate: Candidate, judge: Judge, now: datetime, taken: Taken) -> Candidate | None:
        """The candidate, perhaps with another number of his; none when he may not be dialled: then his hold is kept."""
        found = self._judged(candidate, judge, now, taken)
        return None if found is None else found[0]

    def _judged(
        self, candidate: Candidate, judge: Judge, now: datetime, taken: Taken
    ) -> tuple[Candidate, Verdict] | None:
        chosen, verdict = self._best_number(_knowing(candidate, taken), judge, now, taken)
        if verdict.dialable:
            return chosen, verdict
        had_contact = bool(_LISTS & lasting(verdict)) and self._had_contact(chosen)
        self._hold(chosen, verdict, hold_of(chosen, verdict, had_contact, now), now, taken)
        return None

    def _best_number(
        self, candidate: Candidate, judge: Judge, now: datetime, taken: Taken
    ) -> tuple[Candidate, Verdict]:
        """The candidate itself, unless its number is barred for good and another number of the person is not."""
        state = candidate.state

        def others() -> list[tuple[Candidate, Verdict]]:
            found = self._queue.candidates_of(state.campaign_id, state.person_id, now)
            return [(other, judge(other)) for other in (_knowing(other, taken) for other in found)]

        return best_number(candidate, judge(candidate), others)

    def _hold(self, candidate: Candidate, verdict: Verdict, hold: Hold, now: datetime, taken: Taken) -> None:
        state = candidate.state
        taken.proofs.append(Proof(candidate=candidate, verdict=verdict))
        self._db.execute(
            _HOLD,
            {
                "campaign": state.campaign_id,
                "person": state.person_id,
                "new_state": LeadState.CLOSED if hold.close_reason else state.state,
                "new_close_reason": hold.close_reason,
                "new_ask_again_at": hold.ask_again_at,
                "new_contact_point_id": candidate.contact_point.id,
                "new_hold_code": hold.code,
                "new_hold_reason": hold.reason,
                "new_changed_at": now,
            },
        )
        taken.held.append(
            Held(
                person_id=state.person_id,
                number=candidate.contact_point.number,
                code=hold.code,
                reason=hold.reason,
                ask_again_at=hold.ask_again_at,
            )
        )

    def _insert(self, attempt: Attempt) -> bool:
        """Whether the intent was written; not when a call on the number is live."""
        statement = _INTENT_SQLITE if self._db.is_sqlite else _INTENT_POSTGRESQL
        return self._db.execute(statement, _intent_columns(attempt)).rowcount == 1

    def _start(self, intents: list[Attempt], now: datetime) -> None:
        if not intents:
            return
        self._db.execute(
            _START,
            [
                {
                    "campaign": intent.campaign_id,
                    "person": intent.person_id,
                    "new_contact_point_id": intent.contact_point_id,
                    "new_changed_at": now,
                }
                for intent in intents
            ],
        )
        first = {"seq": 1, "kind": EventKind.INTENT, "at": now, "data": []}
        self._db.execute(_FIRST_EVENT, [{"attempt_id": intent.id, **first} for intent in intents])

    def _history(self, chosen: Candidate) -> LeadHistory:
        return LeadHistory(
            attempts=chosen.state.attempts,
            answered_before=chosen.state.attempts > 0 and self._had_contact(chosen),
            kind=chosen.contact_point.kind,
            zone=next(iter(chosen.zones), ""),
        )

    def _had_contact(self, candidate: Candidate) -> bool:
        state = candidate.state
        return had_contact(self._db, state.campaign_id, state.person_id)


def had_contact(database: Database, campaign_id: int, person_id: int) -> bool:
    """Whether an agent ever spoke with this person for this campaign."""
    values = {"campaign_id": campaign_id, "person_id": person_id}
    return database.execute(_CONTACT, values).first() is not None


def _knowing(candidate: Candidate, taken: Taken) -> Candidate:
    """The candidate, with the calls of this very claim counted as live."""
    if candidate.contact_point.number in taken.numbers:
        return replace(candidate, live_call=True)
    return candidate if taken.leads.isdisjoint(candidate.same_person) else replace(candidate, live_elsewhere=True)


def _but_busy(verdict: Verdict) -> Verdict:
    """The verdict when a call on the number began after it was judged."""
    busy = Gate(code=GateCode.LIVE_CALL, passed=False, reason=_BUSY)
    others = tuple(gate for gate in verdict.gates if gate.code is not GateCode.LIVE_CALL)
    return replace(verdict, dialable=False, gates=(*others, busy), hold=busy)


def _number_is_busy(now: datetime) -> Hold:
    return Hold(
        code=GateCode.LIVE_CALL.value,
        reason=_BUSY,
        ask_again_at=now + 60 * SOONEST,
        close_reason=None,
    )


def _intent(attempt_id: str, candidate: Candidate, terms: Terms) -> Attempt:
    return Attempt(
        id=attempt_id,
        campaign_id=terms.campaign_id,
        person_id=candidate.state.person_id,
        contact_point_id=candidate.contact_point.id,
        list_id=candidate.state.list_id,
        number=candidate.contact_point.number,
        extension=candidate.contact_point.extension,
        trunk=terms.trunk,
        settings_version=terms.settings_version,
        script_version=terms.script_version,
        disposition_set=terms.disposition_set,
        created_at=terms.now,
        report_date=terms.report_date,
        first_attempt=candidate.state.attempts == 0,
    )


_NO_FACTS = facts_as_columns(Facts())


def _intent_columns(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "campaign_id": attempt.campaign_id,
        "person_id": attempt.person_id,
        "contact_point_id": attempt.contact_point_id,
        "list_id": attempt.list_id,
        "number": attempt.number,
        "extension": attempt.extension,
        "trunk": attempt.trunk,
        "settings_version": attempt.settings_version,
        "script_version": attempt.script_version,
        "disposition_set": attempt.disposition_set,
        "created_at": attempt.created_at,
        "report_date": attempt.report_date,
        "first_attempt": attempt.first_attempt,
        "live": True,
        "closed": False,
        **_NO_FACTS,
    }


# Only a live call on the same number is no fault; an attempt id used twice still is.
_INTENT_SQLITE = sqlite.insert(ATTEMPT).on_conflict_do_nothing(index_elements=["number"], index_where=text("live = 1"))
_INTENT_POSTGRESQL = (
    postgresql.insert(ATTEMPT)
    .on_conflict_do_nothing(index_elements=["number"], index_where=text("live"))
    .execution_options(preserve_rowcount=True)
)
_LISTS = frozenset({GateCode.DO_NOT_CALL, GateCode.REGISTRY})
_START = (
    update(DIALLING)
    .where(DIALLING.c.campaign_id == bindparam("campaign"), DIALLING.c.person_id == bindparam("person"))
    .values(
        state=LeadState.IN_PROGRESS,
        ask_again_at=None,
        contact_point_id=bindparam("new_contact_point_id"),
        hold_code="",
        hold_reason="",
        changed_at=bindparam("new_changed_at"),
    )
)
_HOLD = (
    update(DIALLING)
    .where(DIALLING.c.campaign_id == bindparam("campaign"), DIALLING.c.person_id == bindparam("person"))
    .values(
        state=bindparam("new_state"),
        close_reason=bindparam("new_close_reason"),
        ask_again_at=bindparam("new_ask_again_at"),
        contact_point_id=bindparam("new_contact_point_id"),
        hold_code=bindparam("new_hold_code"),
        hold_reason=bindparam("new_hold_reason"),
        changed_at=bindparam("new_changed_at"),
    )
)
_FIRST_EVENT = insert(EVENT)
_CONTACT = (
    select(ATTEMPT.c.id)
    .where(ATTEMPT.c.person_id == bindparam("person_id"), ATTEMPT.c.campaign_id == bindparam("campaign_id"))
    .where(ATTEMPT.c.routing == Routing.AGENT, ATTEMPT.c.joined_at.is_not(None))
    .limit(1)
)

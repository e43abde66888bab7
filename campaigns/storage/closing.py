"""How does an attempt end? Facts, the lead's next state and do-not-call in one commit; final from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from campaigns.model import Facts, LeadState, Suppression
from campaigns.retry import NextMove
from campaigns.storage.callbacks import Callbacks
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.rows import facts_as_columns
from campaigns.storage.suppressions import Suppressions
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import DIALLING


class Closing:
    """Writes facts and ends of attempts. Used through `Store.attempts`."""

    def __init__(self, database: Database, suppressions: Suppressions, callbacks: Callbacks) -> None:
        self._db = database
        self._suppressions = suppressions
        self._callbacks = callbacks

    def save_facts(self, attempt_id: str, facts: Facts, *, live: bool) -> None:
        """Keep what is known so far; `live` ends with the call, and with it the hold on the number."""
        values = {"attempt": attempt_id, "new_live": live, **_renamed(facts)}
        if self._db.execute(_SAVE, values).rowcount != 1:
            raise StoreRefused(self._why_not(attempt_id))

    def close(
        self, attempt_id: str, facts: Facts, move: NextMove, suppression: Suppression | None, now: datetime
    ) -> None:
        """One commit: the attempt is final, the lead has moved, the do-not-call entry is in force."""
        if facts.network is None:
            raise StoreRefused(f"Call {attempt_id} is still running and cannot be closed. Nothing was stored.")
        if move.suppress and suppression is None:
            raise StoreRefused(
                f"Call {attempt_id} ends with a do-not-call wish but brings no entry for it. Nothing was stored."
            )
        with self._db.transaction():
            values = {"attempt": attempt_id, "new_live": False, "new_closed_at": now, **_renamed(facts)}
            whose = self._db.execute(_CLOSE, values).first()
            if whose is None:
                raise StoreRefused(self._why_not(attempt_id))
            campaign_id, person_id = whose
            self._move(campaign_id, person_id, move, now)
            self._after(attempt_id, campaign_id, person_id, facts, move, suppression, now)

    def dispose(
        self, attempt_id: str, facts: Facts, move: NextMove, suppression: Suppression | None, now: datetime
    ) -> bool:
        """Set the disposition that a closed attempt was missing; whether the lead moved by it.

        He does not when a later call to him has begun or was made: then only the facts and the entry are stored.
        Raises StoreRefused when the attempt has a disposition, is still open, or `facts` brings none.
        """
        if not facts.disposition:
            raise StoreRefused("Choose a disposition. Nothing was stored.")
        with self._db.transaction():
            row = self._db.execute(_OPEN_WORD, {"attempt": attempt_id}).first()
            if row is None:
                raise StoreRefused(self._why_no_disposition(attempt_id))
            self._db.execute(_DISPOSE, {"attempt": attempt_id, **_renamed(facts)})
            moved = not self._called_since(attempt_id, row.campaign_id, row.person_id)
            if moved:
                self._move(row.campaign_id, row.person_id, move, now)
                self._after(attempt_id, row.campaign_id, row.person_id, facts, move, suppression, now)
            elif suppression is not None:
                self._suppressions.add(suppression)
        return moved

    def _move(self, campaign_id: int, person_id: int, move: NextMove, now: datetime) -> None:
        waits = move.state in (LeadState.RETRY, LeadState.CALLBACK, LeadState.NEW)
        closed = move.state is LeadState.CLOSED
        if waits != (move.ask_again_at is not None) or closed != (move.close_reason is not None) or waits == closed:
            raise StoreRefused(
                f"A lead cannot become {move.state} with {move.ask_again_at=} and {move.close_reason=}: he would be "
                "lost. Nothing was stored."
            )
        self._db.execute(
            _MOVE,
            {
                "campaign": campaign_id,
                "person": person_id,
                "new_state": move.state,
                "new_close_reason": move.close_reason,
                "new_ask_again_at": move.ask_again_at,
                "new_owner": move.owner_agent_id,
                "new_point": move.contact_point_id,
                "new_tries": move.tries,
                "new_attempts": move.attempts,
                "new_changed_at": now,
            },
        )

    def _after(
        self,
        attempt_id: str,
        campaign_id: int,
        person_id: int,
        facts: Facts,
        move: NextMove,
        suppression: Suppression | None,
        now: datetime,
    ) -> None:
        if suppression is not None:
            self._suppressions.add(suppression)
        self._callbacks.call_was_made(campaign_id, person_id, attempt_id, facts, now)
        if move.state is LeadState.CALLBACK and move.ask_again_at is not None:
            self._callbacks.promise(
                campaign_id,
                person_id,
                move.ask_again_at,
                owner_agent_id=move.owner_agent_id,
                note=facts.note,
                attempt_id=attempt_id,
                actor=f"agent {facts.agent_id}" if facts.agent_id is not None else "dialer",
                now=now,
            )

    def _called_since(self, attempt_id: str, campaign_id: int, person_id: int) -> bool:
        latest = self._db.execute(_LATEST, {"campaign": campaign_id, "person": person_id}).scalar()
        return latest != attempt_id

    def _why_not(self, attempt_id: str) -> str:
        row = self._db.execute(_STANDING, {"attempt": attempt_id}).first()
        if row is None:
            return f"There is no call {attempt_id}. Nothing was stored."
        return f"Call {attempt_id} was closed at {row.closed_at}; a closed call is final. Nothing was stored."

    def _why_no_disposition(self, attempt_id: str) -> str:
        row = self._db.execute(_STANDING, {"attempt": attempt_id}).first()
        if row is None:
            return f"There is no call {attempt_id}. Nothing was stored."
        if not row.closed:
            return f"Call {attempt_id} is not closed yet; its disposition comes with its end. Nothing was stored."
        return f"Call {attempt_id} has the disposition {row.disposition} already, which is final. Nothing was stored."


def _renamed(facts: Facts) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in facts_as_columns(facts).items()}


_NEW_FACTS: dict[str, Any] = {name: bindparam(f"new_{name}") for name in facts_as_columns(Facts())}
_OF = ATTEMPT.c.id == bindparam("attempt")
_SAVE = update(ATTEMPT).where(_OF, ~ATTEMPT.c.closed).values(live=bindparam("new_live"), **_NEW_FACTS)
_CLOSE = (
    update(ATTEMPT)
    .where(_OF, ~ATTEMPT.c.closed)
    .values(live=bindparam("new_live"), closed=True, closed_at=bindparam("new_closed_at"), **_NEW_FACTS)
    .returning(ATTEMPT.c.campaign_id, ATTEMPT.c.person_id)
)
_DISPOSE = update(ATTEMPT).where(_OF).values(**_NEW_FACTS)
_STANDING = select(ATTEMPT.c.closed, ATTEMPT.c.closed_at, ATTEMPT.c.disposition).where(_OF)
_OPEN_WORD = select(ATTEMPT.c.campaign_id, ATTEMPT.c.person_id).where(
    _OF, ATTEMPT.c.closed, ATTEMPT.c.disposition == ""
)
_LATEST = (
    select(ATTEMPT.c.id)
    .where(ATTEMPT.c.campaign_id == bindparam("campaign"), ATTEMPT.c.person_id == bindparam("person"))
    .order_by(ATTEMPT.c.created_at.desc(), ATTEMPT.c.id.desc())
    .limit(1)
)
_MOVE = (
    update(DIALLING)
    .where(DIALLING.c.campaign_id == bindparam("campaign"), DIALLING.c.person_id == bindparam("person"))
    .values(
        state=bindparam("new_state"),
        close_reason=bindparam("new_close_reason"),
        ask_again_at=bindparam("new_ask_again_at"),
        owner_agent_id=bindparam("new_owner"),
        contact_point_id=bindparam("new_point"),
        tries=bindparam("new_tries"),
        attempts=bindparam("new_attempts"),
        hold_code="",
        hold_reason="",
        changed_at=bindparam("new_changed_at"),
    )
)

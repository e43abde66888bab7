"""Which calls were promised, for when, by whom, and were they made?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from campaigns.model import Facts, LeadState, Network
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.attempts import CALLBACK
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.values import Callback, CallbackStatus


class Callbacks:
    """Promised calls. A promise is never dropped: it stays pending until it is kept or cancelled by a person."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def promise(
        self,
        campaign_id: int,
        person_id: int,
        at: datetime,
        *,
        owner_agent_id: int | None,
        note: str,
        attempt_id: str | None,
        actor: str,
        now: datetime,
    ) -> int:
        """Write down a promised call: its id. An older pending one of the same lead is replaced by it."""
        with self._db.transaction():
            self._db.execute(_CANCEL_PENDING, {"campaign": campaign_id, "person": person_id, "new_settled_at": now})
            made = insert(CALLBACK).values(
                campaign_id=campaign_id,
                person_id=person_id,
                at=at,
                owner_agent_id=owner_agent_id,
                note=note,
                status=CallbackStatus.PENDING,
                attempt_id=attempt_id,
                made_at=now,
                made_by=actor,
            )
            return int(self._db.execute(made.returning(CALLBACK.c.id)).scalar_one())

    def call_was_made(self, campaign_id: int, person_id: int, attempt_id: str, facts: Facts, now: datetime) -> None:
        """Settle the promise when an agent spoke with the lead; an unanswered call leaves it pending."""
        if facts.network is Network.ANSWERED and facts.joined_at is not None:
            values = {"campaign": campaign_id, "person": person_id, "new_kept_by": attempt_id, "new_settled_at": now}
            self._db.execute(_KEEP_PENDING, values)

    def cancel(self, callback_id: int, actor: str, now: datetime) -> None:
        """Take a promise back; the lead waits as an ordinary retry from now on. Raises StoreRefused if not pending."""
        with self._db.transaction():
            row = self._db.execute(
                update(CALLBACK)
                .where(CALLBACK.c.id == callback_id, CALLBACK.c.status == CallbackStatus.PENDING)
                .values(
                    status=CallbackStatus.CANCELLED, settled_at=now, note=CALLBACK.c.note + f" (cancelled by {actor})"
                )
                .returning(CALLBACK.c.campaign_id, CALLBACK.c.person_id)
            ).first()
            if row is None:
                raise StoreRefused(f"There is no pending callback {callback_id}. Nothing was changed.")
            self._db.execute(
                update(DIALLING)
                .where(DIALLING.c.campaign_id == row.campaign_id, DIALLING.c.person_id == row.person_id)
                .where(DIALLING.c.state == LeadState.CALLBACK)
                .values(state=LeadState.RETRY, owner_agent_id=None, changed_at=now)
            )

    def pending(self, campaign_id: int | None = None, until: datetime | None = None) -> tuple[Callback, ...]:
        """Promises not settled yet, the earliest first; with `until`, only those due by then."""
        which = select(CALLBACK).where(CALLBACK.c.status == CallbackStatus.PENDING)
        if campaign_id is not None:
            which = which.where(CALLBACK.c.campaign_id == campaign_id)
        if until is not None:
            which = which.where(CALLBACK.c.at <= until)
        rows = self._db.execute(which.order_by(CALLBACK.c.at, CALLBACK.c.id))
        return tuple(Callback(**row._mapping) for row in rows)

    def promised_for(self, campaign_id: int, begin: datetime, end: datetime) -> tuple[Callback, ...]:
        """All promises for an instant from `begin` on and before `end`, whatever became of them, the earliest first."""
        inside = (CALLBACK.c.at >= begin, CALLBACK.c.at < end)
        which = select(CALLBACK).where(CALLBACK.c.campaign_id == campaign_id, *inside)
        rows = self._db.execute(which.order_by(CALLBACK.c.at, CALLBACK.c.id))
        return tuple(Callback(**row._mapping) for row in rows)


_PENDING = (
    CALLBACK.c.campaign_id == bindparam("campaign"),
    CALLBACK.c.person_id == bindparam("person"),
    CALLBACK.c.status == CallbackStatus.PENDING,
)
_CANCEL_PENDING = (
    update(CALLBACK).where(*_PENDING).values(status=CallbackStatus.CANCELLED, settled_at=bindparam("new_settled_at"))
)
_KEEP_PENDING = (
    update(CALLBACK)
    .where(*_PENDING)
    .values(
        status=CallbackStatus.KEPT,
        kept_by_attempt_id=bindparam("new_kept_by"),
        settled_at=bindparam("new_settled_at"),
    )
)

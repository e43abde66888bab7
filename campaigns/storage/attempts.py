"""Which calls were made, and what happened in each? The attempt protocol and everything read back from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, text

from campaigns.model import Attempt, AttemptEvent, EventKind, Facts, Suppression
from campaigns.retry import NextMove
from campaigns.storage.callbacks import Callbacks
from campaigns.storage.claims import Claims, Judge, Terms, had_contact
from campaigns.storage.closing import Closing
from campaigns.storage.database import Database
from campaigns.storage.figures import counters
from campaigns.storage.queue import Queue
from campaigns.storage.rows import ATTEMPT_COLUMNS, attempt_of, event_of
from campaigns.storage.suppressions import Suppressions
from campaigns.storage.tables.attempts import ATTEMPT, EVENT, WITHOUT_OUTCOME
from campaigns.storage.values import Claimed, DayCounters

_PAGE = 1000


class Attempts:
    """Every call: intended, running, closed. An attempt is written before it is dialled and final once closed."""

    def __init__(self, database: Database, queue: Queue, suppressions: Suppressions, callbacks: Callbacks) -> None:
        self._db = database
        self._claims = Claims(database, queue)
        self._closing = Closing(database, suppressions, callbacks)

    def claim(
        self,
        campaign_id: int,
        judge: Judge,
        wanted: int,
        now: datetime,
        new_id: Callable[[], str],
        *,
        look_at_most: int = 200,
        trunk: str,
        settings_version: int,
        script_version: int | None,
        disposition_set: int,
        report_date: date,
    ) -> Claimed:
        """Up to `wanted` attempts, durably written (live, with their INTENT event as seq 1) before this returns.

        In one transaction each due lead is read and judged again; those held get their reason and the time to ask
        again, or are closed (suppressed, refused, exhausted, ineligible). Never two live calls on one number.
        At most `look_at_most` leads are judged. Raises StoreUnavailable: then nothing may be dialled.
        """
        terms = Terms(
            campaign_id=campaign_id,
            trunk=trunk,
            settings_version=settings_version,
            script_version=script_version,
            disposition_set=disposition_set,
            report_date=report_date,
            now=now,
        )
        return self._claims.claim(terms, judge, new_id, wanted=wanted, look_at_most=look_at_most)

    def append(self, events: Sequence[AttemptEvent]) -> None:
        """Add events to the logs of their attempts, in one commit; the store numbers them within each attempt."""
        if not events:
            return
        values = [
            {
                "attempt": event.attempt_id,
                "new_kind": event.kind,
                "new_at": event.at,
                "new_data": [list(pair) for pair in event.data],
            }
            for event in events
        ]
        with self._db.transaction():
            self._db.execute(_APPEND, values)

    def events(self, attempt_id: str) -> tuple[AttemptEvent, ...]:
        """The log of one attempt in order."""
        return tuple(event_of(row) for row in self._db.execute(_EVENTS, {"attempt": attempt_id}))

    def save_facts(self, attempt_id: str, facts: Facts, *, live: bool) -> None:
        """Keep what is known so far of an open attempt; `live` ends with the call and frees the number.

        Raises StoreRefused when it is closed or unknown.
        """
        self._closing.save_facts(attempt_id, facts, live=live)

    def close(
        self, attempt_id: str, facts: Facts, move: NextMove, suppression: Suppression | None, now: datetime
    ) -> None:
        """One commit: the attempt is final, the lead has moved, the do-not-call entry is in force.

        A move to CALLBACK writes the promise down; a talk with the lead settles an older one. Raises StoreRefused
        for a second close, an unknown attempt, or a move that would lose the lead; then nothing was stored.
        """
        self._closing.close(attempt_id, facts, move, suppression, now)

    def dispose(
        self, attempt_id: str, facts: Facts, move: NextMove, suppression: Suppression | None, now: datetime
    ) -> bool:
        """Set the disposition that a closed attempt was missing; whether the lead moved by it.

        He does not when a later call to him was made: then only the facts and the entry are stored. Raises
        StoreRefused when the attempt has a disposition, is still open, or `facts` brings none.
        """
        return self._closing.dispose(attempt_id, facts, move, suppression, now)

    def get(self, attempt_id: str) -> Attempt | None:
        """The attempt with this id, or none."""
        row = self._db.execute(_ONE, {"attempt": attempt_id}).first()
        return None if row is None else attempt_of(row)

    def is_live(self, attempt_id: str) -> bool:
        """Whether its call may be running."""
        return bool(self._db.execute(select(ATTEMPT.c.live).where(ATTEMPT.c.id == attempt_id)).scalar())

    def live(self) -> tuple[Attempt, ...]:
        """Attempts whose call may be running, the oldest first."""
        return self._all(_ATTEMPTS.where(ATTEMPT.c.live).order_by(ATTEMPT.c.created_at, ATTEMPT.c.id))

    def open(self, campaign_id: int | None = None) -> tuple[Attempt, ...]:
        """Attempts not closed yet: live ones and those in wrap-up, the oldest first. What recovery starts from."""
        which = _ATTEMPTS.where(~ATTEMPT.c.closed)
        if campaign_id is not None:
            which = which.where(ATTEMPT.c.campaign_id == campaign_id)
        return self._all(which.order_by(ATTEMPT.c.created_at, ATTEMPT.c.id))

    def first_events(self, campaign_id: int, kind: EventKind, begin: datetime, end: datetime) -> dict[str, datetime]:
        """When each call made from `begin` on and before `end` first had an event of this kind; calls without none."""
        values = {"campaign": campaign_id, "event_kind": kind, "begin": begin, "end": end}
        return {row.attempt_id: row.first for row in self._db.execute(_FIRST_EVENTS, values)}

    def without_disposition(self, campaign_id: int, since: datetime | None = None) -> tuple[Attempt, ...]:
        """Closed attempts in which an agent spoke and set no disposition, the oldest first."""
        which = _ATTEMPTS.where(
            ATTEMPT.c.campaign_id == campaign_id,
            ATTEMPT.c.closed,
            ATTEMPT.c.disposition == "",
            ATTEMPT.c.joined_at.is_not(None),
        )
        if since is not None:
            which = which.where(ATTEMPT.c.created_at >= since)
        return self._all(which.order_by(ATTEMPT.c.created_at, ATTEMPT.c.id))

    def count_without_disposition(self, campaign_id: int) -> int:
        """How many `without_disposition` would give; from an index, whatever the campaign's size."""
        return int(self._db.execute(_COUNT_OPEN_WORDS, {"campaign": campaign_id}).scalar_one())

    def attempts(self, campaign_id: int, from_date: date, to_date: date) -> Iterator[Attempt]:
        """Attempts of these report dates (both included) in the order they were made, a page at a time."""
        which = _ATTEMPTS.where(ATTEMPT.c.campaign_id == campaign_id, ATTEMPT.c.report_date.between(from_date, to_date))
        ordered = which.order_by(ATTEMPT.c.created_at, ATTEMPT.c.id)
        rows = self._db.execute(ordered, None)
        for page in rows.partitions(_PAGE):
            yield from (attempt_of(row) for row in page)

    def by_number(self, number: str, limit: int = 200) -> tuple[Attempt, ...]:
        """Calls to a number from any campaign, the newest first."""
        which = _ATTEMPTS.where(ATTEMPT.c.number == number)
        return self._all(which.order_by(ATTEMPT.c.created_at.desc(), ATTEMPT.c.id.desc()).limit(limit))

    def had_contact(self, campaign_id: int, person_id: int) -> bool:
        """Whether an agent ever spoke with this person for this campaign."""
        return had_contact(self._db, campaign_id, person_id)

    def counters(self, campaign_id: int, since_date: date, *, closed_only: bool = False) -> tuple[DayCounters, ...]:
        """Figures per report date from `since_date` on, summed by the database; of all attempts, or of closed ones."""
        return counters(self._db, campaign_id, since_date, closed_only=closed_only)

    def _all(self, statement: Select[Any]) -> tuple[Attempt, ...]:
        return tuple(attempt_of(row) for row in self._db.execute(statement))


_ATTEMPTS = select(*ATTEMPT_COLUMNS)
_ONE = _ATTEMPTS.where(ATTEMPT.c.id == bindparam("attempt"))
_COUNT_OPEN_WORDS = select(func.count()).where(ATTEMPT.c.campaign_id == bindparam("campaign"), text(WITHOUT_OUTCOME))
_EVENTS = (
    select(EVENT.c.attempt_id, EVENT.c.seq, EVENT.c.kind, EVENT.c.at, EVENT.c.data)
    .where(EVENT.c.attempt_id == bindparam("attempt"))
    .order_by(EVENT.c.seq)
)
_FIRST_EVENTS = (
    select(EVENT.c.attempt_id, func.min(EVENT.c.at).label("first"))
    .join(ATTEMPT, ATTEMPT.c.id == EVENT.c.attempt_id)
    .where(ATTEMPT.c.campaign_id == bindparam("campaign"), EVENT.c.kind == bindparam("event_kind"))
    .where(ATTEMPT.c.created_at >= bindparam("begin"), ATTEMPT.c.created_at < bindparam("end"))
    .group_by(EVENT.c.attempt_id)
)
_NEXT_SEQ = (
    select(func.coalesce(func.max(EVENT.c.seq), 0) + 1)
    .where(EVENT.c.attempt_id == bindparam("attempt"))
    .scalar_subquery()
)
_APPEND = insert(EVENT).values(
    attempt_id=bindparam("attempt"),
    seq=_NEXT_SEQ,
    kind=bindparam("new_kind", type_=EVENT.c.kind.type),
    at=bindparam("new_at", type_=EVENT.c.at.type),
    data=bindparam("new_data", type_=EVENT.c.data.type),
)

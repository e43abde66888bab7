"""Who sees which lead before it is dialled? One agent only; then it is dialled, skipped with a reason, or given back.

A lead on a desk keeps its state; the time at which it is asked again is moved behind the end of its time on the
desk, so that no queue shows it meanwhile, and it falls due again by itself should everybody die.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.dialable import Candidate, GateCode, Verdict
from campaigns.model import Attempt, DiallingState, Preview, PreviewEnd
from campaigns.storage.claims import Claims, Judge, Taken, Terms
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.queue import Queue
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.previews import PREVIEW

AFTER_ITS_LIMIT = timedelta(seconds=60)  # when a lead that nobody gave back falls due by itself


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a look for a lead found: `state` tells of his earlier calls; so many were looked at or left to others."""

    preview: Preview | None = None
    state: DiallingState | None = None
    looked: int = 0
    left: int = 0


@dataclass(frozen=True, kw_only=True)
class Dialled:
    """The attempt, written; or none, and why the lead may not be dialled now. Either way it lies on no desk."""

    attempt: Attempt | None = None
    owner_id: int | None = None
    why_not: str = ""


@dataclass(kw_only=True)
class _Wish:
    """For whom a lead is looked for, and until when it is his."""

    campaign_id: int
    agent_id: int
    limit: timedelta
    words: str
    now: datetime
    taken: Taken = field(default_factory=Taken)


class Previews:
    """Leads on desks. Everything here is one durable commit each; raises StoreUnavailable."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._db = database
        self._queue = queue
        self._claims = Claims(database, queue)

    def offer(
        self,
        campaign_id: int,
        judge: Judge,
        now: datetime,
        *,
        agent_id: int,
        limit: timedelta,
        words: str,
        his: Callable[[DiallingState], bool],
        look_at_most: int = 64,
    ) -> Offer:
        """Put the next lead that may be dialled on this agent's desk; `words` is why nobody else gets it.

        Leads are judged in the order of the queue; the held ones get their reason as in `Attempts.claim`. Those for
        which `his` is not true are left to others. At most `look_at_most` are looked at.
        """
        wish = _Wish(campaign_id=campaign_id, agent_id=agent_id, limit=limit, words=words, now=now)
        with self._db.transaction():
            self._db.take_turn()
            offer = self._found(wish, judge, his, look_at_most)
            self._claims.prove(wish.taken, campaign_id, now)
        return offer

    def dial(self, preview_id: int, judge: Judge, terms: Terms, new_id: Callable[[], str]) -> Dialled:
        """Judge the lead on this desk again and write its attempt, in one transaction, before it is dialled.

        Exactly the number that the agent saw, or none: then the lead waits as before, and its next judgement says why.
        """
        with self._db.transaction():
            self._db.take_turn()
            preview = self._open(preview_id)
            self._wait(preview, preview.was_due_at, terms.now, "")
            candidate = self._candidate(preview, terms.now)
            verdict = None if candidate is None else judge(candidate)
            attempt = None
            if candidate is not None and verdict is not None:
                attempt = self._claims.begin(candidate, verdict, terms, new_id)
            if candidate is None or attempt is None:
                why_not = _why_not(verdict)
                self._end(preview, PreviewEnd.HELD, terms.now, reason=why_not)
                return Dialled(why_not=why_not)
            self._end(preview, PreviewEnd.DIALLED, terms.now, attempt_id=attempt.id)
        return Dialled(attempt=attempt, owner_id=candidate.state.owner_agent_id)

    def skip(
        self, preview_id: int, reason: str, now: datetime, *, until: datetime, words: str, by_limit: bool = False
    ) -> None:
        """Take the lead off the desk for a reason; he is asked again at `until`, and `words` says why not before."""
        with self._db.transaction():
            preview = self._open(preview_id)
            self._end(preview, PreviewEnd.SKIPPED, now, reason=reason, by_limit=by_limit)
            self._wait(preview, until, now, words)

    def release(self, preview_id: int, reason: str, now: datetime, *, end: PreviewEnd = PreviewEnd.RELEASED) -> None:
        """Take the lead off the desk; he waits as he did before. Does nothing when it lies on no desk any more."""
        with self._db.transaction():
            found = self._one(preview_id)
            if found is not None and found.end is None:
                self._wait(found, found.was_due_at, now, "")
                self._end(found, end, now, reason=reason)

    def release_all(self, reason: str, now: datetime, *, but: Collection[int] = ()) -> int:
        """Take every lead off its desk, as after a restart, but these: how many."""
        with self._db.transaction():
            found = [preview for preview in self._all(PREVIEW.c.ended_at.is_(None)) if preview.id not in but]
            for preview in found:
                self.release(preview.id, reason, now)
        return len(found)

    def on_desks(self, campaign_id: int) -> tuple[Preview, ...]:
        """Leads of a campaign that lie on desks now, in the order they were offered."""
        return self._all(PREVIEW.c.campaign_id == campaign_id, PREVIEW.c.ended_at.is_(None))

    def of_person(self, person_id: int, limit: int = 20) -> tuple[Preview, ...]:
        """The latest times this person lay on a desk, for any campaign, the newest first."""
        rows = self._db.execute(
            select(PREVIEW).where(PREVIEW.c.person_id == person_id).order_by(PREVIEW.c.id.desc()).limit(limit)
        )
        return tuple(Preview(**row._mapping) for row in rows)

    def skips(self, campaign_id: int, since: datetime) -> tuple[tuple[str, int], ...]:
        """How often each reason was given for skipping a lead since then, the most frequent first."""
        count = func.count()
        rows = self._db.execute(
            select(PREVIEW.c.reason, count)
            .where(PREVIEW.c.campaign_id == campaign_id, PREVIEW.c.end == PreviewEnd.SKIPPED)
            .where(PREVIEW.c.offered_at >= since)
            .group_by(PREVIEW.c.reason)
            .order_by(count.desc(), PREVIEW.c.reason)
        )
        return tuple((reason, times) for reason, times in rows)

    # --- parts ----------------------------------------------------------------------------------------

    def _found(self, wish: _Wish, judge: Judge, his: Callable[[DiallingState], bool], look_at_most: int) -> Offer:
        rows = self._queue.due_rows(wish.campaign_id, wish.now, look_at_most, lock=True)
        left = 0
        for looked, candidate in enumerate(self._queue.candidates(rows, wish.now), start=1):
            if not his(candidate.state):
                left += 1
                continue
            chosen = self._claims.judged(candidate, judge, wish.now, wish.taken)
            preview = None if chosen is None else self._reserve(chosen, wish)
            if chosen is not None and preview is not None:
                return Offer(preview=preview, state=chosen.state, looked=looked, left=left)
        return Offer(looked=len(rows), left=left)

    def _reserve(self, chosen: Candidate, wish: _Wish) -> Preview | None:
        """None when the number lies on another desk, for another campaign: he is asked again in a while."""
        state, point = chosen.state, chosen.contact_point
        assert state.ask_again_at is not None, "a lead that is due has a time"
        columns: dict[str, Any] = {
            "campaign_id": state.campaign_id,
            "person_id": state.person_id,
            "contact_point_id": point.id,
            "number": point.number,
            "agent_id": wish.agent_id,
            "offered_at": wish.now,
            "was_due_at": state.ask_again_at,
        }
        statement = _OFFER_SQLITE if self._db.is_sqlite else _OFFER_POSTGRESQL
        row = self._db.execute(statement, columns | {"by_limit": False, "reason": ""}).first()
        words = "on another agent's desk" if row is None else wish.words
        until = wish.now + AFTER_ITS_LIMIT + (timedelta() if row is None else wish.limit)
        self._db.execute(_RESERVE, _waiting(state.campaign_id, state.person_id, point.id, until, wish.now, words))
        return None if row is None else Preview(id=row.id, **columns)

    def _candidate(self, preview: Preview, now: datetime) -> Candidate | None:
        found = self._queue.candidates_of(preview.campaign_id, preview.person_id, now)
        return next((c for c in found if c.contact_point.id == preview.contact_point_id), None)

    def _wait(self, preview: Preview, until: datetime, now: datetime, words: str) -> None:
        """Let the lead wait; not when something else has moved him since he came onto the desk."""
        values = _waiting(preview.campaign_id, preview.person_id, preview.contact_point_id, until, now, words)
        self._db.execute(_TAKE_OFF, values)

    def _end(
        self,
        preview: Preview,
        end: PreviewEnd,
        now: datetime,
        *,
        reason: str = "",
        by_limit: bool = False,
        attempt_id: str | None = None,
    ) -> None:
        self._db.execute(
            _END,
            {
                "preview": preview.id,
                "new_ended_at": now,
                "new_end": end,
                "new_by_limit": by_limit,
                "new_reason": reason,
                "new_attempt": attempt_id,
            },
        )

    def _open(self, preview_id: int) -> Preview:
        found = self._one(preview_id)
        if found is None or found.end is not None:
            raise StoreRefused("This lead lies on no desk any more. Nothing was dialled or stored.")
        return found

    def _one(self, preview_id: int) -> Preview | None:
        row = self._db.execute(_ONE, {"preview": preview_id}).first()
        return None if row is None else Preview(**row._mapping)

    def _all(self, *which: Any) -> tuple[Preview, ...]:
        rows = self._db.execute(select(PREVIEW).where(*which).order_by(PREVIEW.c.id)).all()
        return tuple(Preview(**row._mapping) for row in rows)


def _why_not(verdict: Verdict | None) -> str:
    if verdict is None:
        return "the lead is on no list any more"
    return "a call on this number is running" if verdict.dialable else verdict.reason


def _waiting(
    campaign_id: int, person_id: int, contact_point_id: int, until: datetime, now: datetime, words: str
) -> dict[str, Any]:
    """The lead waits until then; with words, for the reason that they say."""
    return {
        "campaign": campaign_id,
        "person": person_id,
        "new_contact_point_id": contact_point_id,
        "new_ask_again_at": until,
        "new_hold_code": GateCode.PREVIEW.value if words else "",
        "new_hold_reason": words,
        "new_changed_at": now,
    }


_RESERVE = (
    update(DIALLING)
    .where(DIALLING.c.campaign_id == bindparam("campaign"), DIALLING.c.person_id == bindparam("person"))
    .values(
        ask_again_at=bindparam("new_ask_again_at"),
        contact_point_id=bindparam("new_contact_point_id"),
        hold_code=bindparam("new_hold_code"),
        hold_reason=bindparam("new_hold_reason"),
        changed_at=bindparam("new_changed_at"),
    )
)
_TAKE_OFF = _RESERVE.where(DIALLING.c.hold_code == GateCode.PREVIEW.value)
_OFFER_SQLITE = (
    sqlite.insert(PREVIEW)
    .on_conflict_do_nothing(index_elements=["number"], index_where=text("ended_at IS NULL"))
    .returning(PREVIEW.c.id)
)
_OFFER_POSTGRESQL = (
    postgresql.insert(PREVIEW)
    .on_conflict_do_nothing(index_elements=["number"], index_where=text("ended_at IS NULL"))
    .returning(PREVIEW.c.id)
)
_END = (
    update(PREVIEW)
    .where(PREVIEW.c.id == bindparam("preview"))
    .values(
        ended_at=bindparam("new_ended_at"),
        end=bindparam("new_end"),
        by_limit=bindparam("new_by_limit"),
        reason=bindparam("new_reason"),
        attempt_id=bindparam("new_attempt"),
    )
)
_ONE = select(PREVIEW).where(PREVIEW.c.id == bindparam("preview"))

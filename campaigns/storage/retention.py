"""What is older than it may be kept, and how does it go? In small transactions, so that nobody who dials waits for it.

Calls are never deleted: their number, note and log go, their outcome, times and durations stay for the reports.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, text, update

from campaigns.storage.database import Database
from campaigns.storage.pseudonyms import KeyMissing, pseudonym
from campaigns.storage.tables.attempts import ATTEMPT, EVENT
from campaigns.storage.tables.campaigns import CAMPAIGN
from campaigns.storage.tables.decisions import DECISION_MINUTE
from campaigns.storage.tables.previews import PREVIEW
from campaigns.storage.tables.records import COMMAND
from campaigns.traces import ERASED

_AT_ONCE = 200
_OVERWRITE, _LEAVE = text("PRAGMA secure_delete = ON"), text("PRAGMA secure_delete = OFF")


class Retention:
    """What is kept too long. Every method does nothing the second time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def anonymise_calls(self, before: datetime) -> int:
        """Calls made before this instant lose number, note, answers and log: how many. Raises KeyMissing."""
        key = self._db.erasure_key
        if key is None and self.oldest_call() is not None:
            raise KeyMissing
        return self._in_steps(lambda: self._some_calls(before, key))

    def forget_answers(self, before: datetime) -> int:
        """Answers and notes of calls made before this instant are blanked, in the calls' logs too: how many calls."""
        return self._in_steps(lambda: self._some_answers(before))

    def forget_commands(self, before: datetime) -> int:
        """Commands given before this instant and their answers are deleted: how many."""
        return self._in_steps(lambda: self._some_commands(before))

    def oldest_call(self) -> datetime | None:
        """When the oldest call with a readable number was made."""
        return self._oldest(ATTEMPT, ATTEMPT.c.created_at, ~_NUMBERLESS)

    def oldest_answers(self) -> datetime | None:
        """When the oldest call with an answer or a note was made."""
        return self._oldest(ATTEMPT, ATTEMPT.c.created_at, _told())

    def oldest_command(self) -> datetime | None:
        """When the oldest command that is on record was given."""
        return self._oldest(COMMAND, COMMAND.c.at)

    def oldest_decision(self) -> datetime | None:
        """The oldest minute of the decision log."""
        return self._oldest(DECISION_MINUTE, DECISION_MINUTE.c.minute)

    def _oldest(self, table: Table, column: Any, *which: ColumnElement[bool]) -> datetime | None:
        found: datetime | None = self._db.execute(select(func.min(column)).select_from(table).where(*which)).scalar()
        return found

    def _in_steps(self, step: Callable[[], int]) -> int:
        """Until a step changed nothing; each is one short transaction, with what it deletes overwritten."""
        changed = 0
        if self._db.is_sqlite:
            self._db.execute(_OVERWRITE).close()
        try:
            while True:
                with self._db.transaction():
                    some = step()
                changed += some
                if some < _AT_ONCE:  # the rest of them: a step never finds the same again
                    return changed
        finally:
            if self._db.is_sqlite:
                self._db.execute(_LEAVE).close()

    def _some_calls(self, before: datetime, key: bytes | None) -> int:
        which = select(ATTEMPT.c.id, ATTEMPT.c.number).where(_made(before), ~_NUMBERLESS).limit(_AT_ONCE)
        rows = self._db.execute(which).all()
        for attempt_id, number in rows:
            assert key is not None, "a call with a number is there, so the key was asked for"
            values = {"number": pseudonym(number, key), "note": "", "script_steps": [], "leave_reason": ""}
            self._db.execute(update(ATTEMPT).where(ATTEMPT.c.id == attempt_id).values(**values))
            gone = {"number": pseudonym(number, key), "reason": ""}
            self._db.execute(update(PREVIEW).where(PREVIEW.c.attempt_id == attempt_id).values(**gone))
        self._db.execute(delete(EVENT).where(EVENT.c.attempt_id.in_([row.id for row in rows])))
        return len(rows)

    def _some_answers(self, before: datetime) -> int:
        which = select(ATTEMPT.c.id, ATTEMPT.c.script_steps).where(_made(before), _told()).limit(_AT_ONCE)
        rows = self._db.execute(which).all()
        for attempt_id, steps in rows:
            bare = [[step, at, []] for step, at, _ in steps]
            self._db.execute(update(ATTEMPT).where(ATTEMPT.c.id == attempt_id).values(note="", script_steps=bare))
            events = self._db.execute(select(EVENT.c.seq, EVENT.c.data).where(EVENT.c.attempt_id == attempt_id)).all()
            for seq, data in events:
                blank = [[name, ERASED if _is_told(name) else value] for name, value in data]
                if blank != data:
                    here = (EVENT.c.attempt_id == attempt_id, EVENT.c.seq == seq)
                    self._db.execute(update(EVENT).where(*here).values(data=blank))
        return len(rows)

    def _some_commands(self, before: datetime) -> int:
        old = select(COMMAND.c.id).where(COMMAND.c.at < before).limit(_AT_ONCE)
        ids = self._db.execute(old).scalars().all()
        self._db.execute(delete(COMMAND).where(COMMAND.c.id.in_(ids)))
        return len(ids)


_NUMBERLESS = and_(ATTEMPT.c.number >= "#", ATTEMPT.c.number < "$")


def _made(before: datetime) -> ColumnElement[bool]:
    """Closed calls of that time; the index is by campaign and day."""
    return and_(
        ATTEMPT.c.campaign_id.in_(select(CAMPAIGN.c.id)),
        ATTEMPT.c.report_date <= (before + timedelta(days=1)).date(),
        ATTEMPT.c.created_at < before,
        ATTEMPT.c.closed,
    )


def _is_told(name: str) -> bool:
    """Whether an event keeps the person's or the agent's words under this name."""
    return name == "text" or name.startswith("answer.")


def _told() -> ColumnElement[bool]:
    """A step is [name, time, answers], and answers are pairs: only where there is one, two brackets follow a comma."""
    steps = ATTEMPT.c.script_steps.cast(ATTEMPT.c.note.type)
    return or_(ATTEMPT.c.note != "", steps.contains(',[["', autoescape=True))

"""How is a person brought out, or made unreadable? Place by place (`privacy_places`), in one transaction.

While it is done nobody is dialled by the numbers: claims wait for the transaction, and live calls refuse it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Text, insert, or_, select, text, update

from campaigns.model import CloseReason, LeadState, Scope
from campaigns.removal import RemovalEnd
from campaigns.storage.claims import had_contact
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.privacy_places import OF_NUMBERS, PLACES, Place, Plain, Subject, calls_of
from campaigns.storage.pseudonyms import KeyMissing, pseudonym
from campaigns.storage.tables.attempts import ATTEMPT, CALLBACK, SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.previews import PREVIEW
from campaigns.storage.tables.records import COMMAND, EXPORT
from campaigns.storage.tables.removals import REMOVAL
from campaigns.storage.values import CallbackStatus
from campaigns.storage.whom import Whom
from campaigns.traces import ERASED, scrubbed, without_others

_OVERWRITE, _LEAVE = text("PRAGMA secure_delete = ON"), text("PRAGMA secure_delete = OFF")
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)


class Privacy:
    """Everything about a person out, or gone."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.whom = Whom(database)

    def rows(self, subject: Subject) -> dict[str, list[Plain]]:
        """Every row about the subject, by kind, as it is stored."""
        pattern = subject.traces.pattern
        found: dict[str, list[Plain]] = {}
        for place in PLACES:
            rows = self._db.execute(select(place.table).where(place.of(subject))).mappings()
            found[place.kind] = [dict(row) for row in rows]
        for place in OF_NUMBERS:
            of_line = self._of_shared(place, subject)
            found[place.kind] += (dict(row) for row in of_line if pattern and pattern.search(f"{row}"))
        # A command about a whole list names many people: he is told of himself only.
        told = (row for row in found["commands"] if pattern and pattern.search(f"{row}"))
        own = frozenset((*subject.numbers, *subject.shared))
        found["commands"] = [without_others(row, pattern, own) for row in told if pattern]
        return found

    def calls(self, subject: Subject) -> tuple[str, ...]:
        """The ids of all calls to the subject, by which files name them."""
        return tuple(self._db.execute(calls_of(subject)).scalars())

    def rejected_files(self) -> tuple[str, ...]:
        """Files of rows that were not imported, written beside the user's own."""
        which = select(COMMAND.c.answer).where(COMMAND.c.name == "leads.import")
        answers = (row or {} for row in self._db.execute(which).scalars())
        found = ((answer.get("data") or {}).get("rejected_file") for answer in answers)
        return tuple(dict.fromkeys(path for path in found if isinstance(path, str) and path))

    def file_changed(self, path: str, sha256: str) -> None:
        """A nightly report was rewritten without the subject: it is whole as it is now."""
        with self._db.transaction():
            self._db.execute(update(EXPORT).where(EXPORT.c.path == path).values(sha256=sha256))

    def must_not_be_busy(self, subject: Subject) -> None:
        """Raises StoreRefused while one of the numbers is in a call, waits for its outcome, or lies on a desk."""
        lines = (*subject.numbers, *subject.shared)
        theirs = or_(ATTEMPT.c.person_id.in_(subject.persons), ATTEMPT.c.number.in_(lines))
        if self._db.execute(select(ATTEMPT.c.id).where(theirs, ~ATTEMPT.c.closed).limit(1)).first() is not None:
            raise StoreRefused(
                "A call to this person runs now or waits for its outcome. Erase when it is closed. Nothing was erased."
            )
        desk = or_(PREVIEW.c.person_id.in_(subject.persons), PREVIEW.c.number.in_(lines))
        if (
            self._db.execute(select(PREVIEW.c.id).where(desk, PREVIEW.c.ended_at.is_(None)).limit(1)).first()
            is not None
        ):
            raise StoreRefused(
                "This person lies on an agent's desk now. Erase when he is dialled or skipped. Nothing was erased."
            )

    def erase(self, subject: Subject, actor: str, now: datetime) -> dict[str, int]:
        """All places in one transaction: how many rows of each kind were changed. The numbers stay barred.

        Raises StoreRefused as `must_not_be_busy` does, KeyMissing without a key; then nothing was erased.
        """
        if self._db.erasure_key is None:
            raise KeyMissing
        named = self._named_elsewhere(subject)  # takes long where there are many calls, so nobody waits for it
        self._secure_delete(on=True)
        try:
            with self._db.transaction():
                self._db.take_turn()
                subject = self.whom.subject(subject.asked, subject.extension, same_key=subject.same_key)
                unmistakable = self.whom.unmistakable(subject).pattern
                self.must_not_be_busy(subject)
                self._stop_calling(subject, now)
                self._leave_one_entry(subject, actor, now)
                ended = self._void_requests(subject, actor, now)
                counts = {place.kind: self._treat(place, subject) for place in PLACES}
                for place, key in named:
                    counts[place.kind] += self._scrub(place, key, subject, unmistakable)
                return counts | {"removals_ended": ended}
        finally:
            self._secure_delete(on=False)

    def clean(self) -> None:
        """Leave nothing of what was deleted in free pages or in the write-ahead log. Takes time for a large database.

        On PostgreSQL dead rows are freed for new ones; its archives and replicas are its administrator's.
        """
        if not self._db.is_sqlite:
            self._db.execute(text("VACUUM"))
            return
        self._secure_delete(on=True)
        self._db.execute(text("PRAGMA temp_store = FILE"))
        self._db.execute(text("VACUUM"))
        self._db.execute(text("PRAGMA temp_store = MEMORY"))
        self._db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        self._secure_delete(on=False)

    def empty_log(self) -> bool:
        """Write SQLite's log into the database and empty it: whether that was possible now."""
        if not self._db.is_sqlite:
            return True
        busy, *_ = self._db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        return not busy

    def _secure_delete(self, *, on: bool) -> None:
        if self._db.is_sqlite:
            self._db.execute(_OVERWRITE if on else _LEAVE).close()

    def _stop_calling(self, subject: Subject, now: datetime) -> None:
        """Whoever waits is closed; promised callbacks are cancelled."""
        which = select(DIALLING.c.campaign_id, DIALLING.c.person_id).where(
            DIALLING.c.person_id.in_(subject.persons), DIALLING.c.state.in_(_WAITING)
        )
        for campaign_id, person_id in self._db.execute(which).all():
            spoken = had_contact(self._db, campaign_id, person_id)
            self._db.execute(
                update(DIALLING)
                .where(DIALLING.c.campaign_id == campaign_id, DIALLING.c.person_id == person_id)
                .values(
                    state=LeadState.CLOSED,
                    close_reason=CloseReason.REFUSED if spoken else CloseReason.SUPPRESSED,
                    ask_again_at=None,
                    changed_at=now,
                )
            )
        pending = (CALLBACK.c.person_id.in_(subject.persons), CALLBACK.c.status == CallbackStatus.PENDING)
        self._db.execute(update(CALLBACK).where(*pending).values(status=CallbackStatus.CANCELLED, settled_at=now))

    def _leave_one_entry(self, subject: Subject, actor: str, now: datetime) -> None:
        """An entry for everything stays for each number; entries that an earlier erasure left count no second time.

        A shared line is barred for all behind it: do-not-call knows lines, not the people who share one.
        """
        in_force = SUPPRESSION.c.removed_at.is_(None)
        for number in _plain(subject.numbers):
            hashed = self._pseudonym(number)
            former = select(SUPPRESSION.c.scope, SUPPRESSION.c.value).where(SUPPRESSION.c.number == hashed, in_force)
            for scope, value in self._db.execute(former).all():
                same = (SUPPRESSION.c.number == number, SUPPRESSION.c.scope == scope, SUPPRESSION.c.value == value)
                gone = {"removed_at": now, "removed_by": actor, "removed_reason": "an erased entry says the same"}
                self._db.execute(update(SUPPRESSION).where(*same, in_force).values(**gone))
            self._bar(hashed, (number, hashed), actor, now)
        for number in _plain(subject.shared):  # its own entries are the line's, and may be taken off one day
            hashed = self._pseudonym(number)
            self._bar(hashed, (hashed,), actor, now)

    def _bar(self, hashed: str, unless: tuple[str, ...], actor: str, now: datetime) -> None:
        """An entry for everything, unless one of these is barred so."""
        barred = (SUPPRESSION.c.number.in_(unless), SUPPRESSION.c.scope == Scope.EVERYTHING)
        which = select(SUPPRESSION.c.id).where(*barred, SUPPRESSION.c.removed_at.is_(None))
        if self._db.execute(which).first() is None:
            entry = {"number": hashed, "scope": Scope.EVERYTHING, "reason": ERASED, "source": "erasure"}
            self._db.execute(insert(SUPPRESSION).values(**entry, actor=actor, added_at=now))

    def _void_requests(self, subject: Subject, actor: str, now: datetime) -> int:
        """Nobody confirms unseen that an erased person may be called again: how many requests ended."""
        theirs = (REMOVAL.c.number.in_((*subject.numbers, *subject.shared)), REMOVAL.c.settled_at.is_(None))
        ended = {"settled_at": now, "settled_by": actor, "end": RemovalEnd.VOID}
        return self._db.execute(update(REMOVAL).where(*theirs).values(**ended)).rowcount

    def _treat(self, place: Place, subject: Subject) -> int:
        """How many rows were changed; one that is as it would be counts for none."""
        pattern, keys = subject.traces.pattern, list(place.table.primary_key.columns)
        count = 0
        for row in self._db.execute(select(place.table).where(place.of(subject))).all():
            new: Plain = dict(place.blank)
            if place.numbered and not row._mapping[place.numbered].startswith("#"):
                new[place.numbered] = self._pseudonym(row._mapping[place.numbered])
            new |= {name: make(row, row._mapping[name], pattern) for name, make in place.made.items()}
            new = {name: value for name, value in new.items() if row._mapping[name] != value}
            if new:
                here = [key == row._mapping[key.name] for key in keys]
                self._db.execute(update(place.table).where(*here).values(**new))
                count += 1
        return count

    def _of_shared(self, place: Place, subject: Subject) -> list[RowMapping]:
        """Rows about lines that he shares: they are the line's, and may have words about him."""
        which = select(place.table).where(place.table.c[place.numbered].in_(subject.shared))
        return list(self._db.execute(which).mappings())

    def _named_elsewhere(self, subject: Subject) -> list[tuple[Place, tuple[Any, ...]]]:
        """Rows whose free words name him, with their keys: about others, or about a line that he shares."""
        pattern, traces = subject.traces.pattern, subject.traces
        told = {form for word in traces.words for form in (word, json.dumps(word)[1:-1])} | set(traces.last_digits())
        found: list[tuple[Place, tuple[Any, ...]]] = []
        for place in PLACES:
            texts = [place.table.c[name].cast(Text) for name in place.words]
            looks = [words.icontains(each, autoescape=True) for words in texts for each in told]
            if not looks or pattern is None:
                continue
            keys = [key.name for key in place.table.primary_key.columns]
            rows = self._db.execute(select(place.table).where(place.spoken, or_(*looks))).mappings()
            naming = (row for row in rows if any(pattern.search(f"{row[name]}") for name in place.words))
            found += [(place, tuple(row[name] for name in keys)) for row in naming]
        return found

    def _scrub(self, place: Place, key: tuple[Any, ...], subject: Subject, unmistakable: re.Pattern[str] | None) -> int:
        """Whether a row lost words that named him: 1 or 0. Of his own line's rows by all his traces, of others' only by
        those that can mean nobody else: a namesake's records are not his."""
        here = [column == value for column, value in zip(place.table.primary_key.columns, key, strict=True)]
        row = self._db.execute(select(place.table).where(*here)).mappings().first()
        of_his_line = row is not None and place in OF_NUMBERS and row[place.numbered] in subject.shared
        pattern = subject.traces.pattern if of_his_line else unmistakable
        naming = [name for name in place.words if row is not None and pattern and pattern.search(f"{row[name]}")]
        if row is None or not naming:
            return 0
        self._db.execute(
            update(place.table).where(*here).values({name: scrubbed(row[name], pattern) for name in naming})
        )
        return 1

    def _pseudonym(self, number: str) -> str:
        assert self._db.erasure_key is not None
        return pseudonym(number, self._db.erasure_key)


def _plain(numbers: Sequence[str]) -> Iterable[str]:
    return (number for number in numbers if number.startswith("+"))

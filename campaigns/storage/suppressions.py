"""Who must not be called? Entries are in force from their commit on and never disappear without a trace."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, insert, select, update

from campaigns.dialable import GateCode
from campaigns.model import CloseReason, LeadState, Scope, Suppression, same_seller
from campaigns.removal import RemovalEnd
from campaigns.storage.at_once import batches, given, given_texts
from campaigns.storage.barring import LONGEST, entries_barring, names_of, pattern_digits, pattern_lengths
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.listed_persons import kin_with
from campaigns.storage.naming import must_be_a_name
from campaigns.storage.pseudonyms import entries_of, is_pseudonym, spelled
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import ATTEMPT, SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT
from campaigns.storage.tables.removals import REMOVAL
from campaigns.storage.values import Listed

_AT_ONCE = 500
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}|\+[1-9][0-9]{0,13}\*")
_ERASED = re.compile(r"#[0-9a-f]{64}")  # see storage.pseudonyms; a renamed campaign keeps barring them


class Suppressions:
    """Do-not-call entries by number and scope."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entry: Suppression) -> Suppression:
        """The entry as stored, with its id; when the same number and scope is listed already, that older entry.

        Raises StoreRefused unless the number is E.164 or a pattern (+4930*): another spelling would bar nobody.
        """
        _must_bar_somebody(entry)
        with self._db.transaction():
            self._db.take_turn()
            self._void_removals([entry], "", None)
            found = self._in_force(entry)
            if found is not None:
                return found
            made = self._db.execute(insert(SUPPRESSION).values(**_columns(entry)).returning(SUPPRESSION.c.id))
            return replace(entry, id=made.scalar_one())

    def add_many(self, entries: Iterable[Suppression], *, by: str = "", now: datetime | None = None) -> Listed:
        """All entries of a file or none. Raises StoreRefused as `add` does.

        `by` and `now`: who brings them and when, where the entries say who listed them before.
        """
        added = known = voided = 0
        checked = tuple(entries)
        for entry in checked:
            _must_bar_somebody(entry)
        with self._db.transaction():
            self._db.take_turn()
            for some in _batched(checked):
                voided += self._void_removals(some, by, now)
                listed = self._keys_in_force({entry.number for entry in some})
                fresh = list({_key(entry): entry for entry in some if _key(entry) not in listed}.values())
                if fresh:
                    self._db.execute(insert(SUPPRESSION), [_columns(entry) for entry in fresh])
                added += len(fresh)
                known += len(some) - len(fresh)
        return Listed(added=added, known=known, voided=voided)

    def remove(self, suppression_id: int, actor: str, reason: str, now: datetime, *, number: str = "") -> Suppression:
        """Take an entry out of force; the row stays, with who, when and why. Leads it had closed are asked again.

        `number`: the one it was found by; an entry for an erased number does not know it.

        Raises StoreRefused without a reason, or when there is no such entry in force.
        """
        if not reason.strip():
            raise StoreRefused("Say why the number may be called again. The do-not-call entry stays in force.")
        with self._db.transaction():
            self._db.take_turn()
            done = self._db.execute(
                update(SUPPRESSION)
                .where(SUPPRESSION.c.id == suppression_id, SUPPRESSION.c.removed_at.is_(None))
                .values(removed_at=now, removed_by=actor, removed_reason=reason)
            )
            if done.rowcount != 1:
                raise StoreRefused(f"There is no do-not-call entry {suppression_id} in force. Nothing was changed.")
            entry = self._one(suppression_id)
            self._ask_again(number or entry.number, now)
        return entry

    def registries_changed(self, now: datetime) -> int:
        """Ask every lead again that a national registry barred or could not tell of: how many. The judge decides."""
        return self._registry_asked_again(DIALLING.c.hold_code != "", now)

    def registries_lifted(self, numbers: Iterable[str], now: datetime) -> int:
        """The same of the leads with these numbers: a consent or an answer came that a list may yield to."""
        count, rest = 0, iter(numbers)
        while some := list(itertools.islice(rest, _AT_ONCE)):
            persons = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number.in_(some))
            count += self._registry_asked_again(DIALLING.c.person_id.in_(persons), now)
        return count

    def _registry_asked_again(self, which: Any, now: datetime) -> int:
        with self._db.transaction():
            self._db.take_turn()
            barred = and_(DIALLING.c.hold_code.in_((GateCode.REGISTRY, GateCode.REGISTRY_KNOWN)), which)
            closed = (DIALLING.c.state == LeadState.CLOSED, DIALLING.c.close_reason == CloseReason.SUPPRESSED)
            waits = update(DIALLING).where(barred, DIALLING.c.state.in_(_WAITING))
            again = self._db.execute(waits.values(ask_again_at=now, hold_code="", hold_reason="", changed_at=now))
            return int(again.rowcount) + self._reopen((barred, *closed), now)

    def reach_also(
        self, scope: Scope, former: str, new_name: str, actor: str, now: datetime, *, how: str = "renamed"
    ) -> int:
        """Let every entry for a campaign or seller reach it under its new name too: how many were added.

        `how` it got the name goes into the entries' source. The former name's entries stay: another campaign may use
        it. Raises StoreRefused when there are entries and the new name is none: they would reach nobody.
        """
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.scope == scope, SUPPRESSION.c.removed_at.is_(None))
        of_scope = map(suppression_of, self._db.execute(which).all())
        seller = scope is Scope.SELLER
        entries = [each for each in of_scope if each.value == former or (seller and same_seller(each.value, former))]
        if entries and not new_name.strip():
            raise StoreRefused(
                f"{len(entries)} do-not-call number{'s' * (len(entries) > 1)} of {scope} {former} would be called "
                "again without a name. Give another one. Nothing was stored."
            )
        source = f"{scope} {how} from {former}"
        listed = self.add_many(
            replace(entry, id=None, value=new_name, source=source, actor=actor, added_at=now) for entry in entries
        )
        return listed.added

    def matching(self, number: str, *, removed: bool = False) -> tuple[Suppression, ...]:
        """Every entry in force for an E.164 number, also by a pattern; with `removed`, former ones as well.

        Asked for a pattern, its own entries. An entry for an erased number keeps its pseudonym. Raises KeyMissing.
        """
        own = spelled(self._db, (number,))
        names = names_of(number, () if number.endswith("*") else range(1, LONGEST))
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.number.in_({*own, *names}))
        if not removed:
            which = which.where(SUPPRESSION.c.removed_at.is_(None))
        return tuple(suppression_of(row) for row in self._db.execute(which.order_by(SUPPRESSION.c.id)))

    def from_calls(self, campaign_id: int, begin: datetime, end: datetime) -> tuple[Suppression, ...]:
        """Entries that were made in a call of this campaign, made from `begin` on and before `end`; former ones too."""
        which = (
            select(*SUPPRESSION_COLUMNS)
            .join(ATTEMPT, ATTEMPT.c.id == SUPPRESSION.c.attempt_id)
            .where(ATTEMPT.c.campaign_id == campaign_id, ATTEMPT.c.created_at >= begin, ATTEMPT.c.created_at < end)
        )
        return tuple(suppression_of(row) for row in self._db.execute(which.order_by(SUPPRESSION.c.id)))

    def check(self, numbers: Iterable[str]) -> dict[str, tuple[Suppression, ...]]:
        """The entries in force for those of the numbers that have any: patterns, erased ones too. Raises KeyMissing."""
        found: dict[str, tuple[Suppression, ...]] = {}
        for some in _batched(tuple(dict.fromkeys(numbers))):
            found |= {number: tuple(entries) for number, entries in entries_barring(self._db, some).items()}
        return found

    def barred_among(self, numbers: Iterable[str], reach: tuple[str, str] | None) -> tuple[set[str], set[str]]:
        """Which of many E.164 numbers are barred for everything or within `reach`, and which only for others.

        `reach`: a seller and a campaign; without it only entries for everything bar here. For counting a whole list:
        it asks for no more of an entry than whom it reaches.
        """
        here: set[str] = set()
        elsewhere: set[str] = set()
        seller, campaign = reach or ("", "")
        lengths, reach_of = pattern_lengths(self._db), _reach_of(self._db)
        for some in batches(numbers):
            barred_as = {spelling: [number] for spelling, number in spelled(self._db, some).items()}
            for number in some if lengths else ():
                for pattern in names_of(number, lengths)[1:]:
                    barred_as.setdefault(pattern, []).append(number)
            for name, scope, value in self._db.execute(reach_of, given(barred_as)):
                named = value and (same_seller(value, seller) if scope is Scope.SELLER else value == campaign)
                (here if scope is Scope.EVERYTHING or named else elsewhere).update(barred_as[name])
        return here, elsewhere - here

    def erased_among(self, numbers: Iterable[str]) -> set[str]:
        """Which of these E.164 numbers belonged to persons who were erased here: their hashes are on the list."""
        found: set[str] = set()
        reach_of = _reach_of(self._db)
        for some in batches(numbers):
            hashes = {name: number for name, number in spelled(self._db, some).items() if is_pseudonym(name)}
            rows = self._db.execute(reach_of, given(hashes)) if hashes else ()
            found.update(hashes[row.number] for row in rows)
        return found

    def every(self, *, removed: bool = False, page: int = 5_000) -> Iterator[Suppression]:
        """All entries in force in the order they were added, a page at a time; with `removed`, former ones too."""
        last = 0
        while True:
            which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.id > last)
            if not removed:
                which = which.where(SUPPRESSION.c.removed_at.is_(None))
            rows = self._db.execute(which.order_by(SUPPRESSION.c.id).limit(page)).all()
            if not rows:
                return
            for row in rows:
                yield suppression_of(row)
            last = row.id

    def latest(self, limit: int = 200) -> tuple[Suppression, ...]:
        """The entries in force, the newest first."""
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.removed_at.is_(None))
        return tuple(
            suppression_of(row) for row in self._db.execute(which.order_by(SUPPRESSION.c.id.desc()).limit(limit))
        )

    def count(self) -> int:
        """How many entries are in force."""
        in_force = select(func.count()).select_from(SUPPRESSION).where(SUPPRESSION.c.removed_at.is_(None))
        return int(self._db.execute(in_force).scalar_one())

    def _void_removals(self, entries: Sequence[Suppression], by: str, now: datetime | None) -> int:
        """Whoever asks not to be called outweighs a request, not yet confirmed, to call him again: how many ended."""
        pending = REMOVAL.c.settled_at.is_(None)
        listed = select(REMOVAL.c.number).where(REMOVAL.c.number.in_({entry.number for entry in entries}), pending)
        waiting = set(self._db.execute(listed).scalars())
        voided = 0
        for entry in entries if waiting else ():
            if entry.number in waiting:
                which = update(REMOVAL).where(REMOVAL.c.number == entry.number, pending)
                ended = {"settled_at": now or entry.added_at, "settled_by": by or entry.actor, "end": RemovalEnd.VOID}
                voided += self._db.execute(which.values(**ended)).rowcount
        return voided

    def _one(self, suppression_id: int) -> Suppression:
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.id == suppression_id)
        return suppression_of(self._db.execute(which).one())

    def _in_force(self, entry: Suppression) -> Suppression | None:
        """Among those with a readable number: whoever asks not to be called is listed, with a key or without."""
        entries = entries_of(self._db, (entry.number,), readable_only=True).get(entry.number, ())
        return next((found for found in entries if _key(found) == _key(entry)), None)

    def _keys_in_force(self, numbers: set[str]) -> set[tuple[str, str, str]]:
        listed = select(SUPPRESSION.c.number, SUPPRESSION.c.scope, SUPPRESSION.c.value).where(
            SUPPRESSION.c.number.in_(numbers), SUPPRESSION.c.removed_at.is_(None)
        )
        return {(number, scope.value, value) for number, scope, value in self._db.execute(listed)}

    def _ask_again(self, number: str, now: datetime) -> None:
        """Leads closed as suppressed wait again; the judge sees whether another entry still reaches them."""
        reached = CONTACT_POINT.c.number == number
        if digits := pattern_digits(number):  # reads every number: nobody takes a pattern back each day
            reached = func.substr(CONTACT_POINT.c.number, 1, digits + 1) == number[:-1]
        persons = select(CONTACT_POINT.c.person_id).where(reached)
        closed = (
            DIALLING.c.person_id.in_(persons),
            DIALLING.c.state == LeadState.CLOSED,
            DIALLING.c.close_reason == CloseReason.SUPPRESSED,
        )
        self._reopen(closed, now)
        for some in _batched(kin_with(self._db, number)):  # whom the entry barred as the same person
            self._reopen((DIALLING.c.person_id.in_(some), *closed[1:]), now)

    def _reopen(self, which: Sequence[Any], now: datetime) -> int:
        count = 0
        for tried, state in ((DIALLING.c.attempts == 0, LeadState.NEW), (DIALLING.c.attempts > 0, LeadState.RETRY)):
            done = self._db.execute(
                update(DIALLING)
                .where(*which, tried)
                .values(state=state, close_reason=None, ask_again_at=now, hold_code="", hold_reason="", changed_at=now)
            )
            count += done.rowcount
        return count


def _reach_of(database: Database) -> Select[Any]:
    return select(SUPPRESSION.c.number, SUPPRESSION.c.scope, SUPPRESSION.c.value).where(
        SUPPRESSION.c.number.in_(given_texts(database)), SUPPRESSION.c.removed_at.is_(None)
    )


def _must_bar_somebody(entry: Suppression) -> None:
    if not (_E164.fullmatch(entry.number) or _ERASED.fullmatch(entry.number)):
        raise StoreRefused(
            f"{entry.number[:20]!r} is no number with + and country code: it would bar nobody. Nothing was stored."
        )
    if entry.scope is Scope.EVERYTHING and entry.value:
        raise StoreRefused(
            f"An entry for everything names nobody, this one names {entry.value[:40]!r}. Nothing stored."
        )
    if entry.scope is not Scope.EVERYTHING:
        must_be_a_name(entry.scope.value, entry.value)
    if entry.removed_at is not None:
        raise StoreRefused(f"The entry for {entry.number} is a removed one. Nothing was stored.")


def _columns(entry: Suppression) -> dict[str, Any]:
    own = {column.name: getattr(entry, column.name) for column in SUPPRESSION_COLUMNS if column.name != "id"}
    return own | {"pattern_digits": pattern_digits(entry.number)}


def _key(entry: Suppression) -> tuple[str, str, str]:
    return entry.number, entry.scope.value, entry.value


def _batched(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]

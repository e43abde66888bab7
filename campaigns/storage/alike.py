"""Which leads does every gate judge alike? All leads of a campaign in one pass, each with a key that says so.

A key holds whatever a gate looks at. Times are told apart by the quarter of an hour (by the minute where a rule
profile's hours do not begin and end on quarters) and by the instants that are asked for: within them nothing opens or
closes. The do-not-call list, the day's calls and the registries are asked in bulk.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import translate
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Row, Select, Text, bindparam, func, select, type_coerce

from campaigns.consent import Consent
from campaigns.dialable import ATTEMPT_WINDOW, PAST_WINDOW, Candidate, GateCode, PastCall
from campaigns.forecast import Group
from campaigns.funnel import Member
from campaigns.hours import RuleProfile
from campaigns.model import CloseReason, ContactPoint, DiallingState, LeadState, Suppression
from campaigns.number_answers import NumberAnswer
from campaigns.place import Address, whereabouts
from campaigns.rules import PROFILES, rules_of_places
from campaigns.storage.barring import names_of, pattern_lengths
from campaigns.storage.consents import Consents
from campaigns.storage.database import Database
from campaigns.storage.kin import Kin
from campaigns.storage.listed_persons import AllListed, all_listed
from campaigns.storage.number_answers import NumberAnswers
from campaigns.storage.past_calls import CallsMade, PastCalls, counts_since, past_calls
from campaigns.storage.pseudonyms import AFTER_MARK, MARK, pseudonym
from campaigns.storage.queue import ORDER
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import ATTEMPT, SUPPRESSION
from campaigns.storage.tables.campaigns import CAMPAIGN, DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON

PAGE = 10_000
_PERSONS = 500
QUARTER_S, MINUTE_S = 900, 60
_TIMED = (LeadState.RETRY, LeadState.CALLBACK)


class AskedInBulk(Protocol):
    """The national registries, asked for many numbers at once."""

    def told_apart(self, numbers: Sequence[str]) -> Sequence[int]:
        """One code for each number in E.164; of equal codes every list says the same, at any time."""


class Alike:
    """All leads of a campaign as they stand, read a page at a time; `profile` and `instants` say what is told apart."""

    def __init__(
        self,
        database: Database,
        campaign_id: int,
        profile: RuleProfile,
        instants: Sequence[datetime],
        registries: AskedInBulk | None,
        list_id: int | None = None,
        named: frozenset[str] = frozenset(),
    ) -> None:
        self._db = database
        self._campaign_id = campaign_id
        self._list_id = list_id
        self._named = named
        self._instants = tuple(instants)
        self._first = min(instants)
        self._registries = registries
        self._profile = profile
        denied = {pattern for each in (profile, *PROFILES.values()) for pattern in each.denied_numbers}
        self._denied = re.compile("|".join(map(translate, sorted(denied))) or "(?!)")
        self._unit_s = _unit_s(profile)
        self._zones: dict[str, tuple[str, ...]] = {}
        self._listed = self._suppressions()
        self._calls, self._live = self._calls_of_the_day()
        self._lists = {number: _reach(found) for number, found in self._listed.items()}
        self._patterns = self._pattern_entries()
        self._consents = Consents(database).of_campaign(campaign_id)
        self._number_answers = NumberAnswers(database).of_campaign(campaign_id)
        self._rests: dict[tuple[str, ...], bool] = {}
        self._barring: dict[tuple[str, ...], bool] = {}
        self._persons: AllListed | None = None
        self._past: CallsMade | None = None
        self._near: dict[int, frozenset[int]] = {}
        self._erased = self._erased_entries()
        self._known = not self._erased or database.erasure_key is not None

    def members(self) -> Iterator[Member]:
        """Every lead with the number to be called next."""
        last = -1
        while True:
            values = {"campaign_id": self._campaign_id, "after": last, "at_most": PAGE}
            rows = self._db.execute(_page_statement(self._list_id), values).all()
            if not rows:
                return
            last = rows[-1].person_id
            several = self._with_several(rows[0].person_id, last)
            yield from self._keyed(rows, several)

    def numbers_of(self, persons: Sequence[int]) -> Iterator[list[Member]]:
        """All numbers of these persons, those of each together, the one to be called next first."""
        for first in range(0, len(persons), _PERSONS):
            values = {"campaign_id": self._campaign_id, "persons": persons[first : first + _PERSONS]}
            rows = self._db.execute(_ALL_NUMBERS, values).all()
            for _, numbers in groupby(self._keyed(rows, set()), key=lambda member: member.person_id):
                yield list(numbers)

    def groups(self) -> tuple[Group, ...]:
        """Those who wait to be called, in groups, for the forecast: one of each, and how many they are."""
        kinds: dict[Hashable, Member] = {}
        leads: Counter[Hashable] = Counter()
        for member in self.members():
            kinds.setdefault(member.key, member)
            leads[member.key] += 1
        found = (Group(candidate=member.candidate(), leads=leads[key]) for key, member in kinds.items())
        return tuple(group for group in found if group.candidate.state.state in ORDER)

    def _keyed(self, rows: Sequence[Row[Any]], several: set[int]) -> Iterator[Member]:
        self._recognise(row.number for row in rows)
        said = self._answers([row.number for row in rows])
        for row, answers in zip(rows, said, strict=True):
            key = self._key(row, answers)
            yield Member(key, row.person_id, row.person_id in several, partial(self._candidate, row))

    def _key(self, row: Row[Any], answers: int) -> tuple[Any, ...]:
        _, _, _, state, closed, again_at, _, _, tries, _, hold, *_ = tuple(row)
        number, preview = row.number, hold == GateCode.PREVIEW
        calls = self._calls.get(number)
        there = whereabouts(
            number=number,
            kind=row.kind,
            region=row.region,
            zones=self._zones_of(row.zones_text),
            listed_zone=row.timezone,
            address=self._address_of(row),
        )
        past = self._past_of(row) if self._may_rest(there.regions) else ()
        return (
            state,
            closed,
            tries,
            self._slot(again_at) if preview or state in _TIMED else None,
            preview,
            (row.kind, row.region, row.practice),
            (there.zones, there.regions, there.unclear),
            number if number in self._named or self._denied.match(number) else None,
            (row.person_id, number) if past else None,
            tuple(map(_agreement, self._consents.get(number, ()))),
            tuple(map(_answer, self._number_answers.get(number, ()))),
            self._lists.get(number),
            _reach(self._barred_with(row)) if self._bars_persons(there.regions) else (),
            None if calls is None else tuple(sorted(self._slot(at + ATTEMPT_WINDOW) for at in calls)),
            number in self._live,
            self._in_a_call_elsewhere(row),
            answers,
        )

    def _slot(self, at: datetime | None) -> tuple[int, int]:
        """The stretch of time in which it lies, and how many of the instants are before it; what is past is past."""
        if at is None:
            return (-1, -1)
        if at <= self._first:
            return (0, 0)
        return (int(at.timestamp()) // self._unit_s, sum(at > instant for instant in self._instants))

    def _candidate(self, row: Row[Any]) -> Candidate:
        number = row.number
        state = dict(zip(_STATE_NAMES, row, strict=False))
        closed = state["close_reason"]
        return Candidate(
            contact_point=ContactPoint(
                id=row.point_id,
                number=number,
                kind=row.kind,
                region=row.region,
                zones=self._zones_of(row.zones_text),
                practice=row.practice,
                extension=row.extension,
            ),
            state=DiallingState(
                **state | {"state": LeadState(state["state"]), "close_reason": CloseReason(closed) if closed else None}
            ),
            suppressions=self._listed.get(number, ()) if self._known else None,
            suppressions_elsewhere=() if self._persons is None else self._persons.besides(number, row.person_id),
            attempted_at=tuple(self._calls.get(number, ())),
            past_calls=self._past_of(row),
            consents=self._consents.get(number, ()),
            answers=self._number_answers.get(number, ()),
            live_call=number in self._live,
            live_elsewhere=self._in_a_call_elsewhere(row),
            debt=row.debt,
            lead_zone=row.timezone,
            address=self._address_of(row),
        )

    def _zones_of(self, text: str) -> tuple[str, ...]:
        if text not in self._zones:
            self._zones[text] = tuple(json.loads(text))
        return self._zones[text]

    @staticmethod
    def _address_of(row: Row[Any]) -> Address:
        return Address(country=row.country or "", region=row.state_written or "", postal_code=row.postal_code or "")

    def _may_rest(self, regions: tuple[str, ...]) -> bool:
        """Whether a profile there knows windows or rests: then calls of the last 31 days tell leads apart."""
        if regions not in self._rests:
            try:
                duties = rules_of_places(self._profile, regions).duties
                self._rests[regions] = bool(duties.attempts or duties.cooldowns)
            except Exception:
                self._rests[regions] = False  # nothing is dialled there, whatever was called
        return self._rests[regions]

    def _bars_persons(self, regions: tuple[str, ...]) -> bool:
        """Whether a request covers all numbers of a person there."""
        if regions not in self._barring:
            try:
                self._barring[regions] = rules_of_places(self._profile, regions).duties.whole_person_barred
            except Exception:
                self._barring[regions] = False  # nothing is dialled there
        return self._barring[regions]

    def _barred_with(self, row: Row[Any]) -> Sequence[Suppression]:
        """Entries for other numbers of the person; read when the first lead asks."""
        if self._persons is None:
            self._persons = all_listed(self._db)
        return self._persons.besides(row.number, row.person_id)

    def _past_of(self, row: Row[Any]) -> tuple[PastCall, ...]:
        """Calls to the number and to the person, as the dialer's queue has them; read when the first lead asks."""
        if self._past is None:
            self._past, self._near = self._past_calls()
        near = self._near.get(row.person_id, ())
        return (*self._past.to(row.number), *self._past.besides(row.number, near))

    def _in_a_call_elsewhere(self, row: Row[Any]) -> bool:
        near = self._near_live.get(row.person_id)
        return near is not None and self._ringing.live_besides(row.number, near)

    def _answers(self, numbers: Sequence[str]) -> Sequence[int]:
        return (0,) * len(numbers) if self._registries is None else self._registries.told_apart(numbers)

    def _with_several(self, first: int, last: int) -> set[int]:
        which = (
            select(CONTACT_POINT.c.person_id)
            .where(CONTACT_POINT.c.person_id.between(first, last))
            .group_by(CONTACT_POINT.c.person_id)
            .having(func.count() > 1)
        )
        return set(self._db.execute(which).scalars())

    def _suppressions(self) -> dict[str, tuple[Suppression, ...]]:
        """The do-not-call entries in force for numbers of this campaign's leads."""
        theirs = (
            select(CONTACT_POINT.c.number)
            .join(DIALLING, DIALLING.c.person_id == CONTACT_POINT.c.person_id)
            .where(DIALLING.c.campaign_id == self._campaign_id)
        )
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.number.in_(theirs))
        found: dict[str, list[Suppression]] = {}
        for row in self._db.execute(which.order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found.setdefault(entry.number, []).append(entry)
        return {number: tuple(entries) for number, entries in found.items()}

    def _pattern_entries(self) -> dict[str, tuple[Suppression, ...]]:
        """Do-not-call entries for beginnings of numbers, by pattern."""
        self._lengths = pattern_lengths(self._db)
        if not self._lengths:
            return {}
        which = (SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.pattern_digits > 0)
        found: dict[str, tuple[Suppression, ...]] = {}
        for row in self._db.execute(select(*SUPPRESSION_COLUMNS).where(*which).order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found[entry.number] = (*found.get(entry.number, ()), entry)
        return found

    def _past_calls(self) -> tuple[CallsMade, dict[int, frozenset[int]]]:
        """Calls of the last 31 days, and those whose outcome somebody may have to rest after by any profile; and for
        every lead those of his kin for whom such a call was made."""
        since, outcomes = self._first - PAST_WINDOW, self._first - self._longest_rest()
        which = past_calls().where(
            ATTEMPT.c.campaign_id.in_(select(CAMPAIGN.c.id)),
            ATTEMPT.c.report_date >= (min(since, outcomes) - timedelta(days=1)).date(),
            counts_since(since, outcomes),
        )
        made = CallsMade()
        rows = self._db.execute(which).all()
        made.add(rows, PastCalls(self._db))
        return made, self._kin_called({row.person_id: row.person_key for row in rows})

    def _kin_called(self, called: dict[int, str]) -> dict[int, frozenset[int]]:
        """Who is the same person as one of those called: by lead, which of these. Asked of the few who were called."""
        near: dict[int, set[int]] = {}
        for lead, kin in Kin(self._db).of(called).items():
            for other in kin:
                near.setdefault(other, set()).add(lead)
        return {other: frozenset(leads) for other, leads in near.items()}

    def _longest_rest(self) -> timedelta:
        """How far back outcomes matter: by any profile there is, and a margin for the length of a call."""
        rests = (rest.rest for each in (self._profile, *PROFILES.values()) for rest in each.duties.cooldowns)
        return max(rests, default=timedelta()) + timedelta(days=2)

    def _erased_entries(self) -> dict[str, tuple[Suppression, ...]]:
        erased = (SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.number >= MARK, SUPPRESSION.c.number < AFTER_MARK)
        found: dict[str, tuple[Suppression, ...]] = {}
        for row in self._db.execute(select(*SUPPRESSION_COLUMNS).where(*erased).order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found[entry.number] = (*found.get(entry.number, ()), entry)
        return found

    def _recognise(self, numbers: Iterable[str]) -> None:
        """Let patterns reach the numbers, and entries for erased numbers those that came again."""
        numbers = list(numbers)
        for number in numbers if self._patterns else ():
            for name in names_of(number, self._lengths)[1:]:
                self._add(number, self._patterns.get(name, ()))
        key = self._db.erasure_key
        if not self._erased or key is None:
            return
        for number in numbers:
            self._add(number, self._erased.get(pseudonym(number, key), ()))

    def _add(self, number: str, entries: Sequence[Suppression]) -> None:
        if entries and entries[0] not in self._listed.get(number, ()):
            self._listed[number] = (*self._listed.get(number, ()), *entries)
            self._lists[number] = _reach(self._listed[number])

    def _calls_of_the_day(self) -> tuple[dict[str, list[datetime]], set[str]]:
        """Calls that count for limits at any of the instants, and numbers in a call, of any campaign."""
        since = self._first - ATTEMPT_WINDOW
        made: dict[str, list[datetime]] = {}
        columns = (ATTEMPT.c.number, ATTEMPT.c.created_at, ATTEMPT.c.network)
        recent = select(*columns).where(
            ATTEMPT.c.campaign_id.in_(select(CAMPAIGN.c.id)),  # the index is by campaign and day
            ATTEMPT.c.report_date >= (since - timedelta(days=1)).date(),
            ATTEMPT.c.created_at > since,
        )
        live = past_calls().where(ATTEMPT.c.live)
        for number, at, network in self._db.execute(recent):
            if network is None or network.counts_for_limits:  # none: it may be ringing now
                made.setdefault(number, []).append(at)
        ringing = self._db.execute(live).all()
        self._ringing = CallsMade()
        self._ringing.add(ringing, PastCalls(self._db))
        self._near_live = self._kin_called({row.person_id: row.person_key for row in ringing})
        for row in ringing:
            if row.created_at <= since and (row.network is None or row.network.counts_for_limits):
                made.setdefault(row.number, []).append(row.created_at)
        return made, {row.number for row in ringing}


_STATE = (
    DIALLING.c.campaign_id,
    DIALLING.c.person_id,
    DIALLING.c.list_id,
    type_coerce(DIALLING.c.state, Text).label("state"),  # these and the zones are read once for each kind of lead
    type_coerce(DIALLING.c.close_reason, Text).label("close_reason"),
    DIALLING.c.ask_again_at,
    DIALLING.c.owner_agent_id,
    DIALLING.c.contact_point_id,
    DIALLING.c.tries,
    DIALLING.c.attempts,
    DIALLING.c.hold_code,
    DIALLING.c.hold_reason,
)
_STATE_NAMES = tuple(column.name for column in _STATE)
_COLUMNS = (
    *_STATE,
    CONTACT_POINT.c.id.label("point_id"),
    CONTACT_POINT.c.number,
    CONTACT_POINT.c.kind,
    CONTACT_POINT.c.region,
    type_coerce(CONTACT_POINT.c.zones, Text).label("zones_text"),
    CONTACT_POINT.c.practice,
    CONTACT_POINT.c.extension,
    PERSON.c.timezone,
    PERSON.c.country,
    PERSON.c.region.label("state_written"),
    PERSON.c.postal_code,
    PERSON.c.debt,
)


def _page_statement(list_id: int | None) -> Select[Any]:
    which = (
        select(*_COLUMNS)
        .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.person_id > bindparam("after"))
        .order_by(DIALLING.c.person_id)
        .limit(bindparam("at_most"))
    )
    return which if list_id is None else which.where(DIALLING.c.list_id == list_id)


_ALL_NUMBERS = (
    select(*_COLUMNS)
    .join(CONTACT_POINT, CONTACT_POINT.c.person_id == DIALLING.c.person_id)
    .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
    .where(DIALLING.c.campaign_id == bindparam("campaign_id"))
    .where(DIALLING.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(DIALLING.c.person_id, CONTACT_POINT.c.id != DIALLING.c.contact_point_id, CONTACT_POINT.c.id)
)


def _reach(entries: Sequence[Suppression]) -> tuple[tuple[str, str], ...]:
    return tuple((entry.scope.value, entry.value) for entry in entries)


def _agreement(consent: Consent) -> tuple[object, ...]:
    return (consent.seller, consent.purpose, consent.kind, consent.given_at, consent.revoked_at)


def _answer(answer: NumberAnswer) -> tuple[object, ...]:
    return (answer.list_id, answer.answer, answer.about, answer.asked_at)


def _unit_s(profile: RuleProfile) -> int:
    edges = {edge for day in profile.week for window in day for edge in (window.opens_min, window.closes_min)}
    return QUARTER_S if all(edge % 15 == 0 for edge in edges) else MINUTE_S

"""Which leads does every gate judge alike? All leads of a campaign in one pass, each with a key that says so.

A key holds whatever a gate looks at. Times are told apart by the quarter of an hour (by the minute where a rule
profile's hours do not begin and end on quarters) and by the instants that are asked for: within them nothing opens or
closes. The do-not-call list (`alike_listed`), calls (`alike_calls`) and the registries are asked in bulk.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from fnmatch import translate
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Row, func, select

from campaigns.consent import Consent
from campaigns.dialable import ATTEMPT_WINDOW, Candidate, GateCode
from campaigns.forecast import Group
from campaigns.funnel import Member
from campaigns.hours import RuleProfile
from campaigns.model import CloseReason, ContactPoint, DiallingState, LeadState, Suppression
from campaigns.number_answers import NumberAnswer
from campaigns.place import Address, whereabouts
from campaigns.rules import PROFILES, rules_of_places
from campaigns.storage.alike_calls import CallsSeen
from campaigns.storage.alike_listed import Listed, reach
from campaigns.storage.alike_rows import ALL_NUMBERS, STATE_NAMES, page_of
from campaigns.storage.consents import Consents
from campaigns.storage.database import Database
from campaigns.storage.listed_persons import AllListed, all_listed
from campaigns.storage.number_answers import NumberAnswers
from campaigns.storage.queue import ORDER
from campaigns.storage.tables.leads import CONTACT_POINT

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
        self._listed = Listed(database, campaign_id)
        self._calls = CallsSeen(database, profile, self._first)
        self._consents = Consents(database).of_campaign(campaign_id)
        self._number_answers = NumberAnswers(database).of_campaign(campaign_id)
        self._rests: dict[tuple[str, ...], bool] = {}
        self._barring: dict[tuple[str, ...], bool] = {}
        self._persons: AllListed | None = None

    def members(self) -> Iterator[Member]:
        """Every lead with the number to be called next."""
        last = -1
        while True:
            values = {"campaign_id": self._campaign_id, "after": last, "at_most": PAGE}
            rows = self._db.execute(page_of(self._list_id), values).all()
            if not rows:
                return
            last = rows[-1].person_id
            several = self._with_several(rows[0].person_id, last)
            yield from self._keyed(rows, several)

    def numbers_of(self, persons: Sequence[int]) -> Iterator[list[Member]]:
        """All numbers of these persons, those of each together, the one to be called next first."""
        for first in range(0, len(persons), _PERSONS):
            values = {"campaign_id": self._campaign_id, "persons": persons[first : first + _PERSONS]}
            rows = self._db.execute(ALL_NUMBERS, values).all()
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
        self._listed.recognise(row.number for row in rows)
        said = self._answers([row.number for row in rows])
        for row, answers in zip(rows, said, strict=True):
            key = self._key(row, answers)
            yield Member(key, row.person_id, row.person_id in several, partial(self._candidate, row))

    def _key(self, row: Row[Any], answers: int) -> tuple[Any, ...]:
        _, _, _, state, closed, again_at, _, _, tries, _, hold, *_ = tuple(row)
        number, preview = row.number, hold == GateCode.PREVIEW
        calls = self._calls.of_the_day.get(number)
        there = whereabouts(
            number=number,
            kind=row.kind,
            region=row.region,
            zones=self._zones_of(row.zones_text),
            listed_zone=row.timezone,
            address=self._address_of(row),
        )
        past = self._calls.past_of(row) if self._may_rest(there.regions) else ()
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
            self._listed.reach_of(number),
            reach(self._barred_with(row)) if self._bars_persons(there.regions) else (),
            None if calls is None else tuple(sorted(self._slot(at + ATTEMPT_WINDOW) for at in calls)),
            number in self._calls.live,
            self._calls.in_a_call_elsewhere(row),
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
        state = dict(zip(STATE_NAMES, row, strict=False))
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
            suppressions=self._listed.of(number),
            suppressions_elsewhere=() if self._persons is None else self._persons.besides(number, row.person_id),
            attempted_at=tuple(self._calls.of_the_day.get(number, ())),
            past_calls=self._calls.past_of(row),
            consents=self._consents.get(number, ()),
            answers=self._number_answers.get(number, ()),
            live_call=number in self._calls.live,
            live_elsewhere=self._calls.in_a_call_elsewhere(row),
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


def _agreement(consent: Consent) -> tuple[object, ...]:
    return (consent.seller, consent.purpose, consent.kind, consent.given_at, consent.revoked_at)


def _answer(answer: NumberAnswer) -> tuple[object, ...]:
    return (answer.list_id, answer.answer, answer.about, answer.asked_at)


def _unit_s(profile: RuleProfile) -> int:
    edges = {edge for day in profile.week for window in day for edge in (window.opens_min, window.closes_min)}
    return QUARTER_S if all(edge % 15 == 0 for edge in edges) else MINUTE_S

"""What does a receipt say? Everything that one call was allowed by, or one lead was held by, as it stood then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from campaigns.dialable import Verified

FORMAT = 1


class Outcome(StrEnum):
    """What followed from the verdict."""

    DIALLED = "dialled"  # an attempt was written, to be dialled next
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class GateSeen:
    """One gate as it answered. `reason` is kept where it was shut; an open one says no more than its code."""

    code: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ListSeen:
    """What one national registry said, and of which day its list was. Instants are aware UTC.

    `lifted`: by what it decided nothing (`purpose`, `consent`); empty where it counted.
    """

    list_id: str
    answer: str
    required: bool
    generation: int | None = None
    list_date: datetime | None = None
    lifted: str = ""

    def age(self, at: datetime) -> timedelta | None:
        """How old the list was at an instant; none when it has no date."""
        return None if self.list_date is None else at - self.list_date


@dataclass(frozen=True, kw_only=True)
class ConsentSeen:
    """The consent on whose word a number was called. `id` is its row; `proof` is private, empty once erased."""

    id: int | None
    kind: str
    given_at: datetime
    proof: str = ""


@dataclass(frozen=True, kw_only=True)
class OverrideSeen:
    """A looser rule that a call relied on: its row, what it loosened, and until when it held."""

    id: int
    key: str
    value: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerSeen:
    """What the keeper of a list answered about this number alone, on whose word it was called.

    `about`: the date that was asked about, none for a washed list; `asked_at`: when it was asked, aware UTC.
    """

    id: int | None
    list_id: str
    answer: str
    about: date | None
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class LocalTime:
    """One zone in which the person may be: its time then, and the calling hours of that day there.

    `local` is ISO 8601 with the offset; `hours` are `08:00-21:00`, several with commas, the end not included;
    empty when no call is legal on that day.
    """

    zone: str
    local: str
    hours: str

    @property
    def inside(self) -> bool:
        """Whether the time lies in the hours; never in a zone whose time is not known."""
        if not self.local:
            return False
        minute = _minute(datetime.fromisoformat(self.local).strftime("%H:%M"))
        spans = (span.split("-") for span in self.hours.split(",") if span)
        return any(_minute(opens) <= minute < _minute(closes) for opens, closes in spans)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One verdict that had a consequence. `at` is aware UTC; `attempt_id` none: nothing was dialled.

    `hold` is the code of the first shut gate, empty for a call. `calls_in_24h` are calls to the number before this
    one, by anybody; none: they could not be counted. `tries` are the lead's tries before. `tz` names the time zone
    data in force, `program` the version of this program.

    `consents`, `overrides` and `answers` are those that the call relied on, where one was asked for or needed; none
    for a hold. `verified`: who confirmed the profiles that a call was judged by, as far as anybody did.

    `number`, the gates' reasons and the proofs of consents are the private part: the chain holds their fingerprint,
    made with the random `salt`, so that they can be erased and the chain stays whole. `fingerprint` stands for them
    once they are erased; then the number tells only which person it was, and reasons and proofs are empty.
    """

    at: datetime
    campaign_id: int
    campaign: str
    person_id: int
    number: str
    trunk: str
    caller_id: str
    attempt_id: str | None
    outcome: Outcome
    hold: str
    gates: tuple[GateSeen, ...]
    profile: str
    profile_version: int
    settings_version: int
    lists: tuple[ListSeen, ...]
    places: tuple[LocalTime, ...]
    calls_in_24h: int | None
    tries: int
    tz: str
    program: str
    consents: tuple[ConsentSeen, ...] = ()
    overrides: tuple[OverrideSeen, ...] = ()
    answers: tuple[AnswerSeen, ...] = ()
    verified: tuple[Verified, ...] = ()
    salt: str = ""
    fingerprint: str = ""

    @property
    def erased(self) -> bool:
        """Whether the private part is gone."""
        return self.fingerprint != ""

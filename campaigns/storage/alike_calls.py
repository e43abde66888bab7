"""Which calls were made to the leads of a campaign and to their kin, and which are there now? Of any campaign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from campaigns.dialable import ATTEMPT_WINDOW, PAST_WINDOW, PastCall
from campaigns.hours import RuleProfile
from campaigns.rules import PROFILES
from campaigns.storage.database import Database
from campaigns.storage.kin import Kin
from campaigns.storage.past_calls import CallsMade, PastCalls, counts_since, past_calls
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import CAMPAIGN


class CallsSeen:
    """Calls that count at `first` or later by this profile.

    `of_the_day`: when numbers were called, as far as it counts for limits; `live`: numbers that are in a call.
    """

    def __init__(self, database: Database, profile: RuleProfile, first: datetime) -> None:
        self._db = database
        self._profile = profile
        self._first = first
        self.of_the_day, self.live = self._calls_of_the_day()
        self._past: CallsMade | None = None
        self._near: dict[int, frozenset[int]] = {}

    def past_of(self, row: Row[Any]) -> tuple[PastCall, ...]:
        """Calls to the number and to the person, as the dialer's queue has them; read when the first lead asks."""
        if self._past is None:
            self._past, self._near = self._past_calls()
        near = self._near.get(row.person_id, ())
        return (*self._past.to(row.number), *self._past.besides(row.number, near))

    def in_a_call_elsewhere(self, row: Row[Any]) -> bool:
        """Whether the person is in a call by another number."""
        near = self._near_live.get(row.person_id)
        return near is not None and self._ringing.live_besides(row.number, near)

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

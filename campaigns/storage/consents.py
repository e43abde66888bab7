"""Who agreed to be called? Consents are added and revoked, never edited and never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from campaigns.consent import Consent
from campaigns.dialable import GateCode
from campaigns.model import LeadState
from campaigns.storage.database import Database
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.consents import CONSENT
from campaigns.storage.tables.leads import CONTACT_POINT

_FIELDS = tuple(field.name for field in fields(Consent))
_COLUMNS = tuple(CONSENT.c[name] for name in _FIELDS)
_AT_ONCE = 500
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)
_HELD_BY = (GateCode.CONSENT, GateCode.REASSIGNED, GateCode.REGISTRY, GateCode.REGISTRY_KNOWN)


class Consents:
    """Consents by number. Used through `Store.consents`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add_many(self, consents: Iterable[Consent]) -> tuple[int, int]:
        """All of them or none: (added, on record already: same number, seller, purpose, kind and instant).

        Leads that waited for one of them are asked again at once.
        """
        added = known = 0
        with self._db.transaction():
            self._db.take_turn()
            for some in _batched(consents):
                there = {_key(each) for each in self._of([each.number for each in some])}
                fresh = list({_key(each): each for each in some if _key(each) not in there}.values())
                if fresh:
                    self._db.execute(insert(CONSENT), [_columns(each) for each in fresh])
                    self._ask_again([each.number for each in fresh], max(each.recorded_at for each in fresh))
                added += len(fresh)
                known += len(some) - len(fresh)
        return added, known

    def revoke(self, number: str, seller: str, actor: str, reason: str, now: datetime) -> tuple[Consent, ...]:
        """End every consent that this number gave to a seller, whatever for; the rows stay. What was revoked."""
        theirs = (CONSENT.c.number == number, CONSENT.c.seller == seller, CONSENT.c.revoked_at.is_(None))
        with self._db.transaction():
            self._db.take_turn()
            done = self._db.execute(
                update(CONSENT)
                .where(*theirs)
                .values(revoked_at=now, revoked_by=actor, revoked_reason=reason)
                .returning(CONSENT.c.id)
            )
            ids = set(done.scalars())
            return tuple(each for each in self._of([number]) if each.id in ids)

    def of(self, number: str) -> tuple[Consent, ...]:
        """Everything on record for a number, revoked ones too, the oldest first."""
        return self._of([number])

    @property
    def any(self) -> bool:
        """Whether any consent was ever put on record."""
        return self._db.execute(select(CONSENT.c.id).limit(1)).first() is not None

    def of_campaign(self, campaign_id: int) -> dict[str, tuple[Consent, ...]]:
        """Everything on record for the numbers of a campaign's leads, revoked ones too."""
        found: dict[str, tuple[Consent, ...]] = {}
        for row in self._db.execute(CONSENTS_OF_CAMPAIGN, {"campaign_id": campaign_id}):
            consent = consent_of(row)
            found[consent.number] = (*found.get(consent.number, ()), consent)
        return found

    def _of(self, numbers: Sequence[str]) -> tuple[Consent, ...]:
        rows = self._db.execute(CONSENTS_OF, {"numbers": list(dict.fromkeys(numbers))})
        return tuple(sorted((consent_of(row) for row in rows), key=lambda each: (each.given_at, each.id or 0)))

    def _ask_again(self, numbers: Sequence[str], now: datetime) -> None:
        """Leads that wait for a consent, or for a list that one may lift, fall due; the judge decides."""
        persons = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number.in_(numbers))
        self._db.execute(
            update(DIALLING)
            .where(DIALLING.c.person_id.in_(persons), DIALLING.c.state.in_(_WAITING))
            .where(DIALLING.c.hold_code.in_(_HELD_BY))
            .values(ask_again_at=now, hold_code="", hold_reason="", changed_at=now)
        )


CONSENTS_OF = select(*_COLUMNS).where(CONSENT.c.number.in_(bindparam("numbers", expanding=True)))

CONSENTS_OF_CAMPAIGN = (
    select(*_COLUMNS)
    .where(
        CONSENT.c.number.in_(
            select(CONTACT_POINT.c.number)
            .join(DIALLING, DIALLING.c.person_id == CONTACT_POINT.c.person_id)
            .where(DIALLING.c.campaign_id == bindparam("campaign_id"))
        )
    )
    .order_by(CONSENT.c.id)
)


def consent_of(row: Iterable[Any]) -> Consent:
    """A consent from a row of CONSENTS_OF."""
    return Consent(**dict(zip(_FIELDS, row, strict=True)))


def _columns(consent: Consent) -> dict[str, Any]:
    return {name: getattr(consent, name) for name in _FIELDS if name != "id"}


def _key(consent: Consent) -> tuple[object, ...]:
    return (consent.number, consent.seller, consent.purpose, consent.kind, consent.given_at)


def _batched(consents: Iterable[Consent]) -> Iterable[list[Consent]]:
    rest = iter(consents)
    while some := list(islice(rest, _AT_ONCE)):
        yield some

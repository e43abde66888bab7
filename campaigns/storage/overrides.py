"""Which looser rules were asked for and confirmed for a campaign? Rows are added to, never edited and never deleted."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from campaigns.dialable import GateCode
from campaigns.model import LeadState
from campaigns.override import LONGEST, Override, OverrideStanding, why_not_confirmed
from campaigns.rules.loosening import loosening_of
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.overrides import OVERRIDE

_FIELDS = tuple(field.name for field in fields(Override))
_COLUMNS = tuple(OVERRIDE.c[name] for name in _FIELDS)
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)
_LOOSENED = (GateCode.CALLING_HOURS, GateCode.ATTEMPTS)
NOTHING = "Nothing was stored."


class Overrides:
    """Overrides of campaigns. Used through `Store.overrides`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ask(self, override: Override) -> Override:
        """Store a request, which loosens nothing until another person confirms it; with its id.

        Raises StoreRefused for a key or value that cannot be loosened, without a reason, or for a wrong length.
        """
        try:
            loosening_of(override.key, override.value)
        except ValueError as fault:
            raise StoreRefused(f"This cannot be made looser: {fault}. {NOTHING}") from None
        if not override.reason.strip():
            raise StoreRefused(f"Say why the rule may be looser. {NOTHING}")
        if not override.asked_at < override.until:
            raise StoreRefused(f"It would have ended on {override.until:%Y-%m-%d} already. {NOTHING}")
        if override.standing(override.asked_at) is OverrideStanding.ENDED:
            raise StoreRefused(f"It ends {LONGEST.days} days from now at the latest. {NOTHING}")
        values = {name: getattr(override, name) for name in _FIELDS if name != "id"}
        with self._db.transaction():
            made = self._db.execute(insert(OVERRIDE).values(**values).returning(OVERRIDE.c.id)).scalar_one()
            return self._one(made)

    def confirm(self, override_id: int, actor: str, now: datetime, *, account: str) -> Override:
        """Put it in force in the name of both; leads that wait for such a rule are asked again at once.

        Raises StoreRefused when this person may not.
        """
        with self._db.transaction():
            self._db.take_turn()
            found = self._one(override_id)
            refusal = why_not_confirmed(found, actor, account, now)
            if refusal:
                raise StoreRefused(f"Override {override_id} is not confirmed: {refusal}. Nothing was changed.")
            done = {"confirmed_by": actor, "confirmed_account": account, "confirmed_at": now}
            self._db.execute(update(OVERRIDE).where(OVERRIDE.c.id == override_id).values(**done))
            self._ask_again(found.campaign_id, now)
            return self._one(override_id)

    def revoke(self, override_id: int, actor: str, reason: str, now: datetime, *, account: str = "") -> Override:
        """End it, or the request for it, now. Raises StoreRefused without a reason, or when it has ended."""
        if not reason.strip():
            raise StoreRefused("Say why it ends. Nothing was changed.")
        with self._db.transaction():
            self._db.take_turn()
            standing = self._one(override_id).standing(now)
            if standing in (OverrideStanding.ENDED, OverrideStanding.REVOKED):
                raise StoreRefused(f"Override {override_id} is {standing} already. Nothing was changed.")
            gone = {"revoked_by": actor, "revoked_at": now, "revoked_reason": reason, "revoked_account": account}
            self._db.execute(update(OVERRIDE).where(OVERRIDE.c.id == override_id).values(**gone))
            return self._one(override_id)

    def of_campaign(self, campaign_id: int) -> tuple[Override, ...]:
        """All of a campaign, whatever became of them, the oldest first."""
        rows = self._db.execute(select(*_COLUMNS).where(OVERRIDE.c.campaign_id == campaign_id).order_by(OVERRIDE.c.id))
        return tuple(map(_override_of, rows))

    def all(self) -> tuple[Override, ...]:
        """All of every campaign, the newest first."""
        return tuple(map(_override_of, self._db.execute(select(*_COLUMNS).order_by(OVERRIDE.c.id.desc()))))

    def _ask_again(self, campaign_id: int, now: datetime) -> None:
        """Leads that are held for their hours or for earlier calls; the judge decides.

        Whoever is held so was due: his next try or his callback had come, so that no waiting time of his is cut short.
        """
        held = (DIALLING.c.hold_code.in_(_LOOSENED), DIALLING.c.state.in_(_WAITING))
        again = update(DIALLING).where(DIALLING.c.campaign_id == campaign_id, *held)
        self._db.execute(again.values(ask_again_at=now, hold_code="", hold_reason="", changed_at=now))

    def _one(self, override_id: int) -> Override:
        row = self._db.execute(select(*_COLUMNS).where(OVERRIDE.c.id == override_id)).first()
        if row is None:
            words = f"There is no override {override_id}; 'dialer rules override list' shows all"
            raise StoreRefused(f"{words}. Nothing was changed.")
        return _override_of(row)


def _override_of(row: Row[Any]) -> Override:
    return Override(**dict(zip(_FIELDS, row, strict=True)))

"""May a number be taken off the house's own do-not-call list, and whose word does that need?

One person asks with a reason, another confirms. Until then the number stays barred. A new opt-out of the number makes
the request void, and a request that nobody confirms within 30 days ends. (COMPLIANCE: an entry never expires by
itself; its record and that of every request are kept at least five years. Nothing here is ever deleted.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.account import why_no_other

PENDING_FOR = timedelta(days=30)


class RemovalEnd(StrEnum):
    """How a request to take a number off the list ended."""

    CONFIRMED = "confirmed"
    ALONE = "alone"  # confirmed by nobody: a second person was switched off in the settings
    VOID = "void"  # the number was listed anew meanwhile
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Removal:
    """One request. `entries`: ids of the number's entries that were in force when it was asked. Instants are UTC.

    `asked_account` and `settled_account`: the operating system's accounts, as `campaigns.account` keeps them.
    """

    number: str
    entries: tuple[int, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    asked_account: str = ""
    settled_account: str = ""
    end: RemovalEnd | None = None
    id: int = 0

    def end_by(self, now: datetime) -> RemovalEnd | None:
        """How it ended; none while it waits for the second person."""
        if self.end is None and now >= self.expires_at:
            return RemovalEnd.EXPIRED
        return self.end


def why_not(removal: Removal, actor: str, account: str, now: datetime) -> str:
    """Why this person may not confirm this request now; empty when he may. Another name and another account confirm."""
    end = removal.end_by(now)
    if end is RemovalEnd.EXPIRED:
        return f"it expired on {removal.expires_at:%Y-%m-%d}; ask for it anew"
    if end is RemovalEnd.VOID:
        return f"the number was listed anew on {removal.settled_at:%Y-%m-%d} by {removal.settled_by}"
    if end is not None:
        return f"it was carried out on {removal.settled_at:%Y-%m-%d} by {removal.settled_by}"
    return why_no_other(actor, account, removal.asked_by, removal.asked_account)

"""How does a test get stored things with one visible difference? Builders over a real store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.dialable import Candidate, Gate, GateCode, Verdict
from campaigns.importing import LeadRow
from campaigns.model import (
    AnsweredBy,
    Attempt,
    CloseReason,
    Facts,
    LeadState,
    Network,
    Routing,
    Suppression,
)
from campaigns.phone.values import PhoneKind, PhoneNumber
from campaigns.retry import NextMove
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign, Claimed, ImportResult

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)  # noon in New York
FIRST_NUMBER = 12_025_550_100
_ids = itertools.count(1)


def after(**spans: float) -> datetime:
    """An instant so long after NOON."""
    return NOON + timedelta(**spans)


def number(n: int) -> str:
    """The n-th number used in tests, E.164."""
    return f"+{FIRST_NUMBER + n}"


def phone(e164: str, **changes: Any) -> PhoneNumber:
    """A parsed number, one of Washington's."""
    usual: dict[str, Any] = {
        "e164": e164,
        "region": "US",
        "country_code": 1,
        "kind": PhoneKind.FIXED_OR_MOBILE,
        "zones": ("America/New_York",),
    }
    return PhoneNumber(**usual | changes)


def lead_row(n: int = 0, **changes: Any) -> LeadRow:
    """The n-th row of a file, with one number."""
    usual: dict[str, Any] = {
        "line": n + 2,
        "contact_points": (phone(number(n)),),
        "first_name": "Ada",
        "last_name": f"Lovelace {n}",
    }
    return LeadRow(**usual | changes)


def lead_rows(count: int, start: int = 0) -> Iterator[LeadRow]:
    """So many rows, each with a number of its own."""
    return (lead_row(n) for n in range(start, start + count))


def imported(store: Store, rows: Iterable[LeadRow] | int = 1, **changes: Any) -> ImportResult:
    """A file imported to a list."""
    usual: dict[str, Any] = {
        "list_name": "spring",
        "source": "spring.csv",
        "sha256": f"digest-{next(_ids)}",
        "actor": "anna",
        "now": NOON,
    }
    given = lead_rows(rows) if isinstance(rows, int) else rows
    return store.leads.import_batch(rows=given, **usual | changes)


def campaign_with(store: Store, rows: Iterable[LeadRow] | int = 1, name: str = "spring sale") -> Campaign:
    """A campaign that calls one list with these rows."""
    result = imported(store, rows, list_name=f"list of {name}")
    campaign = store.campaigns.create(CampaignSettings(name=name), "anna", NOON)
    store.campaigns.attach_list(campaign.id, result.list_id, "anna", NOON)
    return campaign


def yes(_: Candidate) -> Verdict:
    """A judge who lets everybody be dialled."""
    return Verdict(dialable=True, gates=(), hold=None, ask_again_at=None)


def no(code: GateCode, ask_again_at: datetime | None = None) -> Callable[[Candidate], Verdict]:
    """A judge who holds everybody for this one reason."""
    gate = Gate(code=code, passed=False, reason="held by the test", passes_at=ask_again_at)
    return lambda _: Verdict(dialable=False, gates=(gate,), hold=gate, ask_again_at=ask_again_at)


def new_id() -> str:
    """An id that no other attempt has."""
    return f"test-{next(_ids)}"


def claim(
    store: Store, campaign: Campaign, wanted: int = 1, judge: Callable[[Candidate], Verdict] = yes, **changes: Any
) -> Claimed:
    """What the engine does before it dials."""
    usual: dict[str, Any] = {
        "now": NOON,
        "new_id": new_id,
        "trunk": "carrier",
        "settings_version": campaign.settings_version,
        "script_version": None,
        "disposition_set": campaign.disposition_set,
        "report_date": NOON.date(),
    }
    return store.attempts.claim(campaign.id, judge, wanted, **usual | changes)


def claimed(store: Store, campaign: Campaign, **changes: Any) -> Attempt:
    """One attempt, written and not yet dialled."""
    (attempt,) = claim(store, campaign, **changes).intents
    return attempt


NO_ANSWER = Facts(network=Network.NO_ANSWER, ended_at=NOON)
TALKED = Facts(
    network=Network.ANSWERED,
    answered_at=NOON,
    joined_at=NOON,
    ended_at=after(minutes=3),
    routing=Routing.AGENT,
    answered_by=AnsweredBy.HUMAN,
    connect_delay_ms=40,
    talk_ms=180_000,
)


def retry(attempt: Attempt, at: datetime | None = None, **changes: Any) -> NextMove:
    """The lead is called again, by default four hours after NOON."""
    usual: dict[str, Any] = {
        "state": LeadState.RETRY,
        "reason": "no answer",
        "ask_again_at": at or after(hours=4),
        "contact_point_id": attempt.contact_point_id,
        "tries": 1,
        "attempts": 1,
    }
    return NextMove(**usual | changes)


def closed_as(attempt: Attempt, reason: CloseReason, **changes: Any) -> NextMove:
    """The lead is done with."""
    usual: dict[str, Any] = {
        "state": LeadState.CLOSED,
        "reason": "done",
        "close_reason": reason,
        "contact_point_id": attempt.contact_point_id,
        "tries": 1,
        "attempts": 1,
    }
    return NextMove(**usual | changes)


def entry(e164: str, **changes: Any) -> Suppression:
    """A do-not-call entry for everybody."""
    usual: dict[str, Any] = {
        "number": e164,
        "reason": "asked us not to call",
        "source": "desk",
        "actor": "anna",
        "added_at": NOON,
    }
    return Suppression(**usual | changes)

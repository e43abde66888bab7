"""Values for the tests of the rules: all open, so that each test changes the one thing it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.dialable import Candidate, Rules, Trunk
from campaigns.hours import US_FEDERAL
from campaigns.model import AttemptEvent, ContactPoint, DiallingState, EventKind, LeadState, Suppression
from campaigns.registry import Answer, RegistryVerdict
from campaigns.rules import ListsAsked
from campaigns.settings import CampaignSettings

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # a Friday, 12:00 in New York
REAL_TRUNK = Trunk(name="carrier", practice=False, loopback=False)
PRACTICE_TRUNK = Trunk(name="practice", practice=True, loopback=True)


class EveryListSaysClear:
    """A house that keeps every list any profile asks for; nobody is on one."""

    def ask(self, _number: str, _now: datetime, _asked: ListsAsked) -> RegistryVerdict:
        return RegistryVerdict(answer=Answer.CLEAR, reason="on no list")

    def told_apart(self, numbers: Sequence[str]) -> Sequence[int]:
        """All alike."""
        return (0,) * len(numbers)


def settings(**changes: Any) -> CampaignSettings:
    return CampaignSettings(**({"name": "autumn", "seller_name": "Acme"} | changes))


def contact_point(**changes: Any) -> ContactPoint:
    usual: dict[str, Any] = {
        "id": 1,
        "number": "+12125550123",
        "kind": "fixed_or_mobile",
        "region": "US",
        "zones": ("America/New_York",),
        "practice": False,
    }
    return ContactPoint(**(usual | changes))


def dialling_state(**changes: Any) -> DiallingState:
    usual: dict[str, Any] = {"campaign_id": 1, "person_id": 1, "list_id": 1, "state": LeadState.NEW}
    return DiallingState(**(usual | {"contact_point_id": 1} | changes))


def candidate(**changes: Any) -> Candidate:
    usual: dict[str, Any] = {
        "contact_point": contact_point(),
        "state": dialling_state(),
        "suppressions": (),
        "attempted_at": (),
        "live_call": False,
    }
    return Candidate(**(usual | changes))


def rules(**changes: Any) -> Rules:
    usual: dict[str, Any] = {"settings": settings(), "trunk": REAL_TRUNK, "profile": US_FEDERAL}
    usual["registries"] = EveryListSaysClear()
    return Rules(**(usual | changes))


def suppression(**changes: Any) -> Suppression:
    usual: dict[str, Any] = {
        "number": "+12125550123",
        "reason": "asked us",
        "source": "desk",
        "actor": "anna",
        "added_at": NOON - timedelta(days=3),
    }
    return Suppression(**(usual | changes))


def event(kind: EventKind, at_s: float, **data: Any) -> AttemptEvent:
    """One event, `at_s` seconds after noon; a double underscore in a key stands for a dot."""
    plain = tuple((key.replace("__", "."), value) for key, value in data.items())
    return AttemptEvent(attempt_id="a-1", kind=kind, at=NOON + timedelta(seconds=at_s), data=plain)

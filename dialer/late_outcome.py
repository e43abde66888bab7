"""How does a call get its outcome after it was closed? By the agent himself, or by the supervisor from the list."""

from __future__ import annotations

from datetime import datetime

from campaigns.facts import fold
from campaigns.model import Attempt, AttemptEvent, EventKind, Facts, Suppression
from campaigns.retry import next_state
from campaigns.storage.store import Store
from dialer.live import Data
from dialer.refusal import Refused


def set_late(
    store: Store, attempt: Attempt, code: str, callback_at: datetime | None, *, actor: str, now: datetime
) -> bool:
    """Give a closed attempt the outcome it was missing; whether its lead moved by it. One commit.

    Raises StoreRefused when it has one already, Refused when there is no such outcome.
    """
    settings = store.campaigns.settings(attempt.campaign_id, attempt.settings_version)
    chosen = settings.disposition(code)
    if chosen is None:
        raise Refused(f"There is no outcome {code[:40]!r}. Nothing was stored.")
    data: Data = {"disposition": code}
    if callback_at is not None:
        data["callback_at"] = callback_at.isoformat()
    event = AttemptEvent(attempt_id=attempt.id, kind=EventKind.DISPOSED, at=now, data=tuple(sorted(data.items())))
    events = (*store.attempts.events(attempt.id), event)
    facts = fold(events, settings)
    with store.transaction():
        state = store.queue.state(attempt.campaign_id, attempt.person_id)
        assert state is not None, "an attempt is only ever made from a dialling state"
        points = store.leads.contact_point_ids(attempt.person_id)
        move = next_state(state, facts, chosen, settings, now, points, callback_at=callback_at, counted=True)
        entry = asked_not_to_be_called(attempt, facts, now, actor) if move.suppress else None
        moved = store.attempts.dispose(attempt.id, facts, move, entry, now)
        store.attempts.append([event])
    return moved


def asked_not_to_be_called(attempt: Attempt, facts: Facts, now: datetime, actor: str) -> Suppression:
    return Suppression(
        number=attempt.number,
        reason="asked not to be called",
        source="keypad" if facts.opted_out else "desk",
        actor=actor or "customer",
        attempt_id=attempt.id,
        added_at=now,
    )

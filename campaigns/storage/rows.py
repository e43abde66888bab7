"""How does a row become a value of campaigns.model, and back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from campaigns.model import Attempt, AttemptEvent, ContactPoint, Facts, Lead, ScriptVisit, Suppression
from campaigns.storage.tables.attempts import ATTEMPT, SUPPRESSION

_FACTS = tuple(field.name for field in fields(Facts))
_ATTEMPT = tuple(field.name for field in fields(Attempt) if field.name != "facts")
_SUPPRESSION = tuple(field.name for field in fields(Suppression))

ATTEMPT_COLUMNS = tuple(ATTEMPT.c[name] for name in (*_ATTEMPT, *_FACTS))
SUPPRESSION_COLUMNS = tuple(SUPPRESSION.c[name] for name in _SUPPRESSION)


def facts_as_columns(facts: Facts) -> dict[str, Any]:
    """The flat columns of an attempt that keep its facts."""
    columns = {name: getattr(facts, name) for name in _FACTS}
    columns["script_steps"] = [
        [visit.step, visit.at.isoformat(), [list(answer) for answer in visit.answers]] for visit in facts.script_steps
    ]
    return columns


def attempt_of(row: Row[Any]) -> Attempt:
    """An attempt from a row of ATTEMPT_COLUMNS."""
    split = len(_ATTEMPT)
    own = dict(zip(_ATTEMPT, row[:split], strict=True))
    facts = dict(zip(_FACTS, row[split:], strict=True))
    facts["script_steps"] = tuple(
        ScriptVisit(step=step, at=datetime.fromisoformat(at), answers=pairs(answers))
        for step, at, answers in facts["script_steps"]
    )
    return Attempt(**own, facts=Facts(**facts))


def suppression_of(row: Row[Any]) -> Suppression:
    """A do-not-call entry from a row of SUPPRESSION_COLUMNS."""
    return Suppression(**dict(zip(_SUPPRESSION, row, strict=True)))


def event_of(row: Row[*tuple[Any, ...]]) -> AttemptEvent:
    """An event from a row (attempt_id, seq, kind, at, data)."""
    attempt_id, seq, kind, at, data = row
    return AttemptEvent(attempt_id=attempt_id, seq=seq, kind=kind, at=at, data=pairs(data))


def contact_point_of(row: Sequence[Any]) -> ContactPoint:
    """A contact point from (id, number, kind, region, zones, practice, extension)."""
    number_id, number, kind, region, zones, practice, extension = row
    return ContactPoint(
        id=number_id,
        number=number,
        kind=kind,
        region=region,
        zones=tuple(zones),
        practice=practice,
        extension=extension,
    )


def lead_of(row: Any, contact_points: Iterable[ContactPoint]) -> Lead:
    """A lead from a row of the person table and his numbers."""
    values = dict(row._mapping)
    return Lead(
        person_id=values.pop("id"),
        custom=pairs(values.pop("custom")),
        contact_points=tuple(contact_points),
        **values,
    )


def pairs(stored: Iterable[Sequence[Any]]) -> tuple[tuple[Any, Any], ...]:
    """Name and value pairs in the order they were stored in."""
    return tuple((name, value) for name, value in stored)

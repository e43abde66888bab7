"""What is read of a campaign's leads to tell which of them are judged alike?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, bindparam, select, type_coerce

from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON

_STATE = (
    DIALLING.c.campaign_id,
    DIALLING.c.person_id,
    DIALLING.c.list_id,
    type_coerce(DIALLING.c.state, Text).label("state"),  # these and the zones are read once for each kind of lead
    type_coerce(DIALLING.c.close_reason, Text).label("close_reason"),
    DIALLING.c.ask_again_at,
    DIALLING.c.owner_agent_id,
    DIALLING.c.contact_point_id,
    DIALLING.c.tries,
    DIALLING.c.attempts,
    DIALLING.c.hold_code,
    DIALLING.c.hold_reason,
)
STATE_NAMES = tuple(column.name for column in _STATE)
_COLUMNS = (
    *_STATE,
    CONTACT_POINT.c.id.label("point_id"),
    CONTACT_POINT.c.number,
    CONTACT_POINT.c.kind,
    CONTACT_POINT.c.region,
    type_coerce(CONTACT_POINT.c.zones, Text).label("zones_text"),
    CONTACT_POINT.c.practice,
    CONTACT_POINT.c.extension,
    PERSON.c.timezone,
    PERSON.c.country,
    PERSON.c.region.label("state_written"),
    PERSON.c.postal_code,
    PERSON.c.debt,
)


def page_of(list_id: int | None) -> Select[Any]:
    """The next leads of a campaign in the order of their ids, each with the number to be called next."""
    which = (
        select(*_COLUMNS)
        .join(CONTACT_POINT, CONTACT_POINT.c.id == DIALLING.c.contact_point_id)
        .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
        .where(DIALLING.c.campaign_id == bindparam("campaign_id"), DIALLING.c.person_id > bindparam("after"))
        .order_by(DIALLING.c.person_id)
        .limit(bindparam("at_most"))
    )
    return which if list_id is None else which.where(DIALLING.c.list_id == list_id)


ALL_NUMBERS = (
    select(*_COLUMNS)
    .join(CONTACT_POINT, CONTACT_POINT.c.person_id == DIALLING.c.person_id)
    .join(PERSON, PERSON.c.id == DIALLING.c.person_id)
    .where(DIALLING.c.campaign_id == bindparam("campaign_id"))
    .where(DIALLING.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(DIALLING.c.person_id, CONTACT_POINT.c.id != DIALLING.c.contact_point_id, CONTACT_POINT.c.id)
)

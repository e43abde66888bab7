"""Who stands on which list, and who is therefore to be dialled by which campaign?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, insert, literal, null, select
from sqlalchemy.sql import exists

from campaigns.model import LeadState
from campaigns.storage.columns import Word, Words
from campaigns.storage.database import Database
from campaigns.storage.naming import must_be_a_name
from campaigns.storage.tables.campaigns import CAMPAIGN_LIST, DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT, LEAD_LIST, MEMBERSHIP


def list_named(database: Database, name: str, actor: str, now: datetime) -> int:
    """The id of the list with this name, made when there is none. Raises StoreRefused for no name or a long one."""
    must_be_a_name("list", name)
    found = database.execute(select(LEAD_LIST.c.id).where(LEAD_LIST.c.name == name)).scalar()
    if found is None:
        made = insert(LEAD_LIST).values(name=name, created_at=now, created_by=actor).returning(LEAD_LIST.c.id)
        found = database.execute(made).scalar_one()
    return int(found)


def dial_members_of_batch(database: Database, batch_id: int, list_id: int, now: datetime) -> None:
    """Give every campaign that uses the list the leads of a new batch, as NEW."""
    campaigns = database.execute(
        select(CAMPAIGN_LIST.c.campaign_id).where(CAMPAIGN_LIST.c.list_id == list_id)
    ).scalars()
    for campaign_id in campaigns.all():
        _dial(database, campaign_id, now, MEMBERSHIP.c.batch_id == batch_id)


def dial_members_of_list(database: Database, campaign_id: int, list_id: int, now: datetime) -> int:
    """Give a campaign everybody on a list whom it does not have yet, as NEW: how many they are."""
    return _dial(database, campaign_id, now, MEMBERSHIP.c.list_id == list_id)


def _dial(database: Database, campaign_id: int, now: datetime, which: Any) -> int:
    added = database.execute(
        insert(DIALLING).from_select(
            [
                "campaign_id",
                "person_id",
                "list_id",
                "state",
                "close_reason",
                "ask_again_at",
                "contact_point_id",
                "tries",
                "attempts",
                "hold_code",
                "hold_reason",
                "changed_at",
            ],
            _new_states(campaign_id, now, which),
        )
    )
    return added.rowcount


def _new_states(campaign_id: int, now: datetime, which: Any) -> Select[Any]:
    first_number = (
        select(func.min(CONTACT_POINT.c.id))
        .where(CONTACT_POINT.c.person_id == MEMBERSHIP.c.person_id)
        .scalar_subquery()
    )
    known = exists().where(and_(DIALLING.c.campaign_id == campaign_id, DIALLING.c.person_id == MEMBERSHIP.c.person_id))
    return (
        select(
            literal(campaign_id),
            MEMBERSHIP.c.person_id,
            MEMBERSHIP.c.list_id,
            literal(LeadState.NEW, Word(LeadState)),
            null(),
            literal(now, DIALLING.c.ask_again_at.type),
            first_number,
            literal(0),
            literal(0),
            literal("", Words()),
            literal("", Words()),
            literal(now, DIALLING.c.changed_at.type),
        )
        .where(which, ~known)
        .order_by(MEMBERSHIP.c.person_id)
    )

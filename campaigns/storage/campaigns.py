"""Which campaigns are there, by which settings do they run, and with whose lists and agents?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from campaigns.model import CampaignState, Disposition, Scope
from campaigns.settings import CampaignSettings, settings_as_dict, settings_from
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.membership import dial_members_of_list
from campaigns.storage.suppressions import Suppressions
from campaigns.storage.tables.agents import AGENT
from campaigns.storage.tables.campaigns import (
    CAMPAIGN,
    CAMPAIGN_AGENT,
    CAMPAIGN_LIST,
    DISPOSITION_SET,
    SETTINGS,
)
from campaigns.storage.tables.leads import LEAD_LIST
from campaigns.storage.tables.records import LEARNED
from campaigns.storage.values import Agent, Campaign, LeadList, SettingsVersion


class Campaigns:
    """Campaigns and the versions of their settings. No version is ever edited."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._suppressions = Suppressions(database)

    def create(self, settings: CampaignSettings, actor: str, now: datetime) -> Campaign:
        """A new campaign in DRAFT with these settings as version 1. Raises StoreRefused when the name is taken."""
        with self._db.transaction():
            self._name_is_free(settings.name, None)
            campaign_id = self._db.execute(
                insert(CAMPAIGN)
                .values(
                    name=settings.name,
                    state=CampaignState.DRAFT,
                    settings_version=0,
                    disposition_set=0,
                    created_at=now,
                    created_by=actor,
                )
                .returning(CAMPAIGN.c.id)
            ).scalar_one()
            self.save_settings(campaign_id, settings, actor, now)
        return self.get(campaign_id)

    def clone(self, campaign_id: int, name: str, actor: str, now: datetime, *, lists: bool = False) -> Campaign:
        """A new campaign in DRAFT that is like this one but for its name: settings, agents, do-not-call entries.

        It shares the abandonment window, else a clone would be a way around the legal limit. Of the leads it has
        none, or with `lists` all of its lists, begun anew. Raises StoreRefused when the name is taken.
        """
        with self._db.transaction():
            origin, settings = self.get(campaign_id), self.settings(campaign_id)
            made = self.create(replace(settings, name=name), actor, now)
            self._db.execute(update(CAMPAIGN).where(CAMPAIGN.c.id == made.id).values(window_id=origin.window_id))
            self._suppressions.reach_also(Scope.CAMPAIGN, origin.name, name, actor, now, how="cloned")
            for agent in self.agents(origin.id):
                self.attach_agent(made.id, agent.id, actor, now)
            for each in self.lists(origin.id) if lists else ():
                self.attach_list(made.id, each.id, actor, now)
        return self.get(made.id)

    def sharing_window(self, campaign_id: int) -> tuple[Campaign, ...]:
        """Every campaign whose abandoned calls are counted together with this one's, itself among them, by name."""
        window = self.get(campaign_id).window_id
        return tuple(each for each in self.all() if each.window_id == window)

    def get(self, campaign_id: int) -> Campaign:
        """The campaign. Raises StoreRefused when there is none with this id."""
        row = self._db.execute(select(CAMPAIGN).where(CAMPAIGN.c.id == campaign_id)).first()
        if row is None:
            raise StoreRefused(f"There is no campaign {campaign_id}. Nothing was changed.")
        return _campaign_of(row)

    def by_name(self, name: str) -> Campaign | None:
        """The campaign that has this name now, or none."""
        row = self._db.execute(select(CAMPAIGN).where(CAMPAIGN.c.name == name)).first()
        return None if row is None else _campaign_of(row)

    def all(self) -> tuple[Campaign, ...]:
        """All campaigns by name."""
        return tuple(_campaign_of(row) for row in self._db.execute(select(CAMPAIGN).order_by(CAMPAIGN.c.name)))

    def save_settings(self, campaign_id: int, settings: CampaignSettings, actor: str, now: datetime) -> int:
        """A new version, in force at once: its number. Another name renames the campaign; old versions keep the old.

        Do-not-call entries for the campaign or its seller then reach it under the new name as well. Settings equal to
        those in force make no new version. Raises StoreRefused when the name is taken, or when a seller's entries
        would reach nobody.
        """
        with self._db.transaction():
            campaign = self.get(campaign_id)
            if campaign.settings_version and self.settings(campaign_id) == settings:
                return campaign.settings_version
            self._name_is_free(settings.name, campaign_id)
            self._carry_suppressions(campaign, settings, actor, now)
            version = campaign.settings_version + 1
            dispositions = self._disposition_set(campaign, settings, now)
            self._db.execute(
                insert(SETTINGS).values(
                    campaign_id=campaign_id,
                    version=version,
                    values=settings_as_dict(settings),
                    disposition_set=dispositions,
                    actor=actor,
                    saved_at=now,
                )
            )
            self._db.execute(
                update(CAMPAIGN)
                .where(CAMPAIGN.c.id == campaign_id)
                .values(name=settings.name, settings_version=version, disposition_set=dispositions)
            )
        return version

    def _carry_suppressions(self, campaign: Campaign, settings: CampaignSettings, actor: str, now: datetime) -> None:
        """Nobody who asked not to be called is called because something got another name."""
        if not campaign.settings_version:
            return
        former = self.settings(campaign.id)
        for scope, old, new in (
            (Scope.CAMPAIGN, campaign.name, settings.name),
            (Scope.SELLER, former.seller_name, settings.seller_name),
        ):
            if old and old != new:
                self._suppressions.reach_also(scope, old, new, actor, now)

    def settings(self, campaign_id: int, version: int | None = None) -> CampaignSettings:
        """The settings in force, or those of a version. Raises StoreRefused when there is no such version."""
        wanted = self.get(campaign_id).settings_version if version is None else version
        values = self._db.execute(
            select(SETTINGS.c["values"]).where(SETTINGS.c.campaign_id == campaign_id, SETTINGS.c.version == wanted)
        ).scalar()
        if values is None:
            raise StoreRefused(f"Campaign {campaign_id} has no settings version {wanted}. Nothing was changed.")
        return settings_from(values)

    def settings_history(self, campaign_id: int) -> tuple[SettingsVersion, ...]:
        """Who saved which version and when, the oldest first, with the campaign's name then."""
        rows = self._db.execute(
            select(SETTINGS).where(SETTINGS.c.campaign_id == campaign_id).order_by(SETTINGS.c.version)
        )
        return tuple(
            SettingsVersion(
                campaign_id=campaign_id,
                version=row.version,
                name=row._mapping["values"]["name"],
                disposition_set=row.disposition_set,
                actor=row.actor,
                saved_at=row.saved_at,
            )
            for row in rows
        )

    def dispositions(self, campaign_id: int, disposition_set: int) -> tuple[Disposition, ...]:
        """The dispositions of a set, by which attempts that name it are to be read."""
        values = self._db.execute(
            select(DISPOSITION_SET.c.dispositions).where(
                DISPOSITION_SET.c.campaign_id == campaign_id, DISPOSITION_SET.c.version == disposition_set
            )
        ).scalar()
        if values is None:
            raise StoreRefused(f"Campaign {campaign_id} has no disposition set {disposition_set}. Nothing was changed.")
        return settings_from({"name": "any", "dispositions": values}).dispositions

    def set_state(self, campaign_id: int, state: CampaignState) -> None:
        """Keep what the campaign does now; campaigns.lifecycle says what is allowed."""
        done = self._db.execute(update(CAMPAIGN).where(CAMPAIGN.c.id == campaign_id).values(state=state))
        if done.rowcount != 1:
            raise StoreRefused(f"There is no campaign {campaign_id}. Nothing was changed.")

    def attach_list(self, campaign_id: int, list_id: int, actor: str, now: datetime) -> int:
        """Let the campaign call a list: how many leads it got as NEW. Later batches of it follow by themselves."""
        with self._db.transaction():
            self.get(campaign_id)
            known = select(CAMPAIGN_LIST.c.list_id).where(
                CAMPAIGN_LIST.c.campaign_id == campaign_id, CAMPAIGN_LIST.c.list_id == list_id
            )
            if self._db.execute(known).first() is None:
                self._must_exist(list_id)
                self._db.execute(
                    insert(CAMPAIGN_LIST).values(campaign_id=campaign_id, list_id=list_id, attached_at=now, actor=actor)
                )
            return dial_members_of_list(self._db, campaign_id, list_id, now)

    def lists(self, campaign_id: int) -> tuple[LeadList, ...]:
        """The lists a campaign calls, in the order they were attached."""
        rows = self._db.execute(
            select(LEAD_LIST)
            .join(CAMPAIGN_LIST, CAMPAIGN_LIST.c.list_id == LEAD_LIST.c.id)
            .where(CAMPAIGN_LIST.c.campaign_id == campaign_id)
            .order_by(CAMPAIGN_LIST.c.attached_at, LEAD_LIST.c.id)
        )
        return tuple(LeadList(**row._mapping) for row in rows)

    def attach_agent(self, campaign_id: int, agent_id: int, actor: str, now: datetime) -> None:
        """Let an agent serve the campaign; twice is once."""
        with self._db.transaction():
            self.detach_agent(campaign_id, agent_id)
            try:
                self._db.execute(
                    insert(CAMPAIGN_AGENT).values(
                        campaign_id=campaign_id, agent_id=agent_id, assigned_at=now, actor=actor
                    )
                )
            except IntegrityError as fault:
                raise StoreRefused(f"There is no campaign {campaign_id} or no agent {agent_id}.") from fault

    def detach_agent(self, campaign_id: int, agent_id: int) -> None:
        """The agent serves the campaign no longer; nothing happens when he did not."""
        self._db.execute(
            delete(CAMPAIGN_AGENT).where(
                CAMPAIGN_AGENT.c.campaign_id == campaign_id, CAMPAIGN_AGENT.c.agent_id == agent_id
            )
        )

    def agents(self, campaign_id: int) -> tuple[Agent, ...]:
        """The agents who serve a campaign, by number."""
        rows = self._db.execute(
            select(AGENT)
            .join(CAMPAIGN_AGENT, CAMPAIGN_AGENT.c.agent_id == AGENT.c.id)
            .where(CAMPAIGN_AGENT.c.campaign_id == campaign_id)
            .order_by(AGENT.c.number)
        )
        return tuple(Agent(**row._mapping) for row in rows)

    def of_agent(self, agent_id: int) -> tuple[int, ...]:
        """The ids of the campaigns an agent serves."""
        which = select(CAMPAIGN_AGENT.c.campaign_id).where(CAMPAIGN_AGENT.c.agent_id == agent_id)
        return tuple(self._db.execute(which.order_by(CAMPAIGN_AGENT.c.campaign_id)).scalars())

    def set_agent_campaigns(self, agent_id: int, campaign_ids: Sequence[int], actor: str, now: datetime) -> None:
        """The agent serves exactly these campaigns from now on."""
        with self._db.transaction():
            for former in set(self.of_agent(agent_id)) - set(campaign_ids):
                self.detach_agent(former, agent_id)
            for campaign_id in campaign_ids:
                self.attach_agent(campaign_id, agent_id, actor, now)

    def save_learned(self, campaign_id: int, values: dict[str, Any], now: datetime) -> None:
        """Keep what pacing has learned, as plain JSON."""
        with self._db.transaction():
            self._db.execute(delete(LEARNED).where(LEARNED.c.campaign_id == campaign_id))
            self._db.execute(insert(LEARNED).values({"campaign_id": campaign_id, "values": values, "saved_at": now}))

    def learned(self, campaign_id: int) -> tuple[dict[str, Any], datetime] | None:
        """What pacing had learned, and when that was saved, or none."""
        found = self._db.execute(
            select(LEARNED.c["values"], LEARNED.c.saved_at).where(LEARNED.c.campaign_id == campaign_id)
        ).one_or_none()
        return None if found is None else (found[0], found[1])

    def _name_is_free(self, name: str, campaign_id: int | None) -> None:
        other = self.by_name(name)
        if other is not None and other.id != campaign_id:
            raise StoreRefused(f"There is a campaign {name!r} already. Choose another name; nothing was stored.")

    def _must_exist(self, list_id: int) -> None:
        if self._db.execute(select(LEAD_LIST.c.id).where(LEAD_LIST.c.id == list_id)).first() is None:
            raise StoreRefused(f"There is no list {list_id}. `dialer lists show` names those there are.")

    def _disposition_set(self, campaign: Campaign, settings: CampaignSettings, now: datetime) -> int:
        """The version that holds exactly these dispositions; a new one when they changed."""
        if (
            campaign.disposition_set
            and self.dispositions(campaign.id, campaign.disposition_set) == settings.dispositions
        ):
            return campaign.disposition_set
        last = self._db.execute(
            select(func.coalesce(func.max(DISPOSITION_SET.c.version), 0)).where(
                DISPOSITION_SET.c.campaign_id == campaign.id
            )
        ).scalar_one()
        self._db.execute(
            insert(DISPOSITION_SET).values(
                campaign_id=campaign.id,
                version=last + 1,
                dispositions=settings_as_dict(settings)["dispositions"],
                saved_at=now,
            )
        )
        return int(last) + 1


def _campaign_of(row: Row[Any]) -> Campaign:
    return Campaign(**{**row._mapping, "window_id": row.window_id or row.id})

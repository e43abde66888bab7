"""Who are the agents, and what did each do with every second of his time?"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import bindparam, insert, or_, select, update

from campaigns.model import AgentState
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.naming import must_be_a_name
from campaigns.storage.tables.agents import AGENT, SPAN
from campaigns.storage.values import Agent, Span

_NUMBER = re.compile(r"[0-9]{4}")


class Agents:
    """Agents and the ledger of their time, which has neither gaps nor overlaps."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, name: str, number: str, now: datetime, *, sip_secret_ref: str = "", pin_hash: str = "") -> Agent:
        """A new agent. Raises StoreRefused unless the number has four digits and number and name are free."""
        if not _NUMBER.fullmatch(number) or not number.isascii():
            raise StoreRefused(f"Agent number {number[:10]!r} must have exactly four digits. Nothing was stored.")
        must_be_a_name("agent", name)
        with self._db.transaction():
            taken = self.find(number) or self.find(name)
            if taken is not None:
                raise StoreRefused(f"{taken.name} has number {taken.number} already. Nothing was stored.")
            agent_id = self._db.execute(
                insert(AGENT)
                .values(
                    number=number,
                    name=name,
                    sip_secret_ref=sip_secret_ref,
                    pin_hash=pin_hash,
                    active=True,
                    created_at=now,
                )
                .returning(AGENT.c.id)
            ).scalar_one()
        return self.get(agent_id)

    def get(self, agent_id: int) -> Agent:
        """The agent. Raises StoreRefused when there is none with this id."""
        row = self._db.execute(select(AGENT).where(AGENT.c.id == agent_id)).first()
        if row is None:
            raise StoreRefused(f"There is no agent {agent_id}. Nothing was changed.")
        return Agent(**row._mapping)

    def find(self, name_or_number: str) -> Agent | None:
        """The agent with this number or exactly this name, or none."""
        row = self._db.execute(
            select(AGENT).where(or_(AGENT.c.number == name_or_number, AGENT.c.name == name_or_number))
        ).first()
        return None if row is None else Agent(**row._mapping)

    def all(self, *, active_only: bool = False) -> tuple[Agent, ...]:
        """All agents by number."""
        which = select(AGENT).where(AGENT.c.active) if active_only else select(AGENT)
        return tuple(Agent(**row._mapping) for row in self._db.execute(which.order_by(AGENT.c.number)))

    def change(
        self,
        agent_id: int,
        *,
        sip_secret_ref: str | None = None,
        pin_hash: str | None = None,
        active: bool | None = None,
    ) -> Agent:
        """Change what is given and leave the rest."""
        given = {"sip_secret_ref": sip_secret_ref, "pin_hash": pin_hash, "active": active}
        values = {name: value for name, value in given.items() if value is not None}
        if values:
            self._db.execute(update(AGENT).where(AGENT.c.id == agent_id).values(**values))
        return self.get(agent_id)

    def move(self, agent_id: int, campaign_id: int | None, state: AgentState, code: str, at: datetime) -> None:
        """Close the running span at `at` and open the next at the very same instant, in one commit.

        An instant before the running span's begin (the machine's clock went back) is taken as that begin, so the
        ledger never overlaps. LOGGED_OUT closes without opening. Nothing happens when nothing changes.
        """
        with self._db.transaction():
            running = self._db.execute(_RUNNING, {"agent": agent_id}).first()
            if running is not None:
                if (running.campaign_id, running.state, running.pause_code) == (campaign_id, state, code):
                    return
                at = max(at, running.began_at)
                self._db.execute(_END, {"span": running.id, "new_ended_at": at})
            if state.logged_in:
                self._db.execute(
                    _BEGIN,
                    {
                        "agent_id": agent_id,
                        "campaign_id": campaign_id,
                        "state": state,
                        "pause_code": code,
                        "began_at": at,
                    },
                )

    def running(self) -> tuple[Span, ...]:
        """The span each logged-in agent is in now. After a crash they are still open: `close_running` ends them."""
        rows = self._db.execute(select(SPAN).where(SPAN.c.ended_at.is_(None)).order_by(SPAN.c.agent_id))
        return tuple(Span(**row._mapping) for row in rows)

    def close_running(self, at: datetime) -> int:
        """End all running spans, for example at the last sign of life of a process that died: how many."""
        with self._db.transaction():
            spans = self.running()
            for span in spans:
                self._db.execute(_END, {"span": span.id, "new_ended_at": max(at, span.began_at)})
        return len(spans)

    def spans(self, agent_id: int | None, from_at: datetime, to_at: datetime) -> tuple[Span, ...]:
        """Spans that overlap [from_at, to_at), uncut, of one agent or (none) of all, by agent and time."""
        which = select(SPAN).where(SPAN.c.began_at < to_at, or_(SPAN.c.ended_at.is_(None), SPAN.c.ended_at > from_at))
        if agent_id is not None:
            which = which.where(SPAN.c.agent_id == agent_id)
        rows = self._db.execute(which.order_by(SPAN.c.agent_id, SPAN.c.began_at, SPAN.c.id))
        return tuple(Span(**row._mapping) for row in rows)


_RUNNING = select(SPAN).where(SPAN.c.agent_id == bindparam("agent"), SPAN.c.ended_at.is_(None))
_END = update(SPAN).where(SPAN.c.id == bindparam("span")).values(ended_at=bindparam("new_ended_at"))
_BEGIN = insert(SPAN)

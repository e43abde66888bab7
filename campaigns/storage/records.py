"""What else is remembered? Scripts by version, trunks, nightly exports, and commands with their answers."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from campaigns.storage.columns import storable
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.naming import must_be_a_name
from campaigns.storage.tables.agents import TRUNK
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.campaigns import SCRIPT
from campaigns.storage.tables.records import COMMAND, EXPORT
from campaigns.storage.values import Command, ExportRun, StoredScript, Trunk


class Scripts:
    """Scripts as they were imported; a version is never edited."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def save_version(self, name: str, body: str, actor: str, now: datetime) -> int:
        """Keep a script's text as its next version: the number. The same text as the newest makes no new one."""
        must_be_a_name("script", name)
        digest = hashlib.sha256(storable(body).encode()).hexdigest()
        with self._db.transaction():
            newest = self.script(name)
            if newest is not None and newest.sha256 == digest:
                return newest.version
            version = 1 if newest is None else newest.version + 1
            self._db.execute(
                insert(SCRIPT).values(name=name, version=version, body=body, sha256=digest, actor=actor, saved_at=now)
            )
        return version

    def script(self, name: str, version: int | None = None) -> StoredScript | None:
        """A script in its newest or the given version, or none."""
        which = select(SCRIPT).where(SCRIPT.c.name == name).order_by(SCRIPT.c.version.desc()).limit(1)
        if version is not None:
            which = which.where(SCRIPT.c.version == version)
        row = self._db.execute(which).first()
        return None if row is None else StoredScript(**row._mapping)

    def all(self) -> tuple[StoredScript, ...]:
        """Every script in its newest version, by name."""
        newest = select(SCRIPT.c.name, func.max(SCRIPT.c.version).label("version")).group_by(SCRIPT.c.name).subquery()
        rows = self._db.execute(
            select(SCRIPT)
            .join(newest, (newest.c.name == SCRIPT.c.name) & (newest.c.version == SCRIPT.c.version))
            .order_by(SCRIPT.c.name)
        )
        return tuple(StoredScript(**row._mapping) for row in rows)


class Trunks:
    """The ways out to the telephone network."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(
        self,
        name: str,
        *,
        exchange: str,
        host: str,
        port: int,
        caller_id: str,
        practice: bool,
        rule_profile: str,
        max_calls: int,
        attempts_per_second: float,
    ) -> Trunk:
        """A new trunk. Raises StoreRefused when the name is taken."""
        must_be_a_name("trunk", name)
        with self._db.transaction():
            if self.by_name(name) is not None:
                raise StoreRefused(f"There is a trunk {name!r} already. Nothing was stored.")
            self._db.execute(
                insert(TRUNK).values(
                    name=name,
                    exchange=exchange,
                    host=host,
                    port=port,
                    caller_id=caller_id,
                    practice=practice,
                    rule_profile=rule_profile,
                    max_calls=max_calls,
                    attempts_per_second=attempts_per_second,
                )
            )
        made = self.by_name(name)
        assert made is not None
        return made

    def by_name(self, name: str) -> Trunk | None:
        """The trunk with this name, or none."""
        row = self._db.execute(select(TRUNK).where(TRUNK.c.name == name)).first()
        return None if row is None else Trunk(**row._mapping)

    def all(self) -> tuple[Trunk, ...]:
        """All trunks by name."""
        return tuple(Trunk(**row._mapping) for row in self._db.execute(select(TRUNK).order_by(TRUNK.c.name)))

    def set_profile(self, name: str, rule_profile: str) -> None:
        """Judge its calls by another rule profile from now on. Raises StoreRefused without it, or while a call runs."""
        with self._db.transaction():
            self._db.take_turn()
            if self.by_name(name) is None:
                raise StoreRefused(f"There is no trunk {name[:40]!r}. Nothing was changed.")
            which = select(func.count()).select_from(ATTEMPT).where(ATTEMPT.c.live, ATTEMPT.c.trunk == name)
            running = self._db.execute(which).scalar_one()
            if running:
                one = running == 1
                raise StoreRefused(
                    f"{running} call{'' if one else 's'} on trunk {name} {'was' if one else 'were'} judged by its "
                    "present rules and run now. Pause its campaigns, wait until they are over, then try again. "
                    "Nothing was changed."
                )
            self._db.execute(update(TRUNK).where(TRUNK.c.name == name).values(rule_profile=rule_profile))

    def suspend(self, name: str, reason: str, now: datetime) -> None:
        """Nothing may be dialled on it until a person has resumed it. The first reason stays."""
        self._db.execute(
            update(TRUNK)
            .where(TRUNK.c.name == name, TRUNK.c.suspended_at.is_(None))
            .values(suspended_reason=reason or "no reason given", suspended_at=now)
        )

    def resume(self, name: str) -> None:
        """It may be dialled on again."""
        self._db.execute(update(TRUNK).where(TRUNK.c.name == name).values(suspended_reason="", suspended_at=None))


class Exports:
    """Nightly exports: each campaign, kind and report date exactly once."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record_export(self, run: ExportRun) -> bool:
        """Write down that an export was made; False when it was recorded before (that record stays)."""
        values = {column.name: getattr(run, column.name) for column in EXPORT.c}
        with self._db.transaction():
            if self.exports_done(run.campaign_id, run.report_date, run.report_date, run.kind):
                return False
            self._db.execute(insert(EXPORT).values(**values))
        return True

    def exports_done(
        self, campaign_id: int | None, from_date: date, to_date: date, kind: str | None = None
    ) -> tuple[ExportRun, ...]:
        """Exports of these report dates (both included), by date, campaign and kind."""
        which = select(EXPORT).where(EXPORT.c.report_date.between(from_date, to_date))
        if campaign_id is not None:
            which = which.where(EXPORT.c.campaign_id == campaign_id)
        if kind is not None:
            which = which.where(EXPORT.c.kind == kind)
        rows = self._db.execute(which.order_by(EXPORT.c.report_date, EXPORT.c.campaign_id, EXPORT.c.kind))
        return tuple(ExportRun(**row._mapping) for row in rows)


class Commands:
    """Who told the dialer to do what, and the answer: asked again under the same id it is given again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def answer_of(self, command_id: str) -> Command | None:
        """The command with its answer, or none when it was never given."""
        row = self._db.execute(select(COMMAND).where(COMMAND.c.id == command_id)).first()
        return None if row is None else Command(**row._mapping)

    def remember(
        self, command_id: str, name: str, actor: str, reason: str, at: datetime, answer: Any, *, account: str = ""
    ) -> None:
        """Keep a command and its answer (plain JSON). Do it in the transaction of what the command did.

        Raises StoreRefused when the id was used before: then the transaction undoes what was done twice.
        """
        must_be_a_name("command", command_id)
        values = {"id": command_id, "name": name, "actor": actor, "reason": reason, "at": at, "answer": answer}
        values["account"] = account
        with self._db.transaction():
            try:
                self._db.execute(insert(COMMAND).values(**values))
            except IntegrityError as fault:
                raise StoreRefused(f"Command {command_id} was given before. Nothing was done again.") from fault

    def latest(self, limit: int = 200) -> tuple[Command, ...]:
        """The last commands, the newest first."""
        rows = self._db.execute(select(COMMAND).order_by(COMMAND.c.at.desc(), COMMAND.c.id).limit(limit))
        return tuple(Command(**row._mapping) for row in rows)

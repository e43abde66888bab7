"""Where is everything kept? One store, made of one part per aggregate, over one database and one thread."""

from __future__ import annotations

import os
import secrets
import string
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select, text
from sqlalchemy.engine import URL

from campaigns.hours import RuleProfile
from campaigns.storage import consistency, schema
from campaigns.storage.agents import Agents
from campaigns.storage.alike import Alike, AskedInBulk
from campaigns.storage.attempts import Attempts
from campaigns.storage.backup import back_up
from campaigns.storage.callbacks import Callbacks
from campaigns.storage.caller_ids import CallerIds
from campaigns.storage.campaigns import Campaigns
from campaigns.storage.consents import Consents
from campaigns.storage.database import Database, file_of, make_file, shown, url_of
from campaigns.storage.decisions import Decisions
from campaigns.storage.declarations import Declarations
from campaigns.storage.emergencies import Emergencies
from campaigns.storage.errors import StoreExists, StoreMissing, StoreUnavailable
from campaigns.storage.leads import Leads
from campaigns.storage.number_answers import NumberAnswers
from campaigns.storage.outlook import Outlook
from campaigns.storage.overrides import Overrides
from campaigns.storage.previews import Previews
from campaigns.storage.privacy import Privacy
from campaigns.storage.pseudonyms import any_erased, key_name
from campaigns.storage.queue import Queue
from campaigns.storage.receipts import Receipts
from campaigns.storage.records import Commands, Exports, Scripts, Trunks
from campaigns.storage.removals import Removals
from campaigns.storage.retention import Retention
from campaigns.storage.suppressions import Suppressions
from campaigns.storage.tables.records import INSTALLATION

_PREFIX_LETTERS = string.ascii_lowercase + string.digits


class Store:
    """All that a campaign remembers.

    Synchronous, and used from the one thread that opened it (SQLite refuses any other). Every call is durable
    when it returns, unless it stands in a `transaction`: then all of them are, or none, when that ends.
    Raises StoreUnavailable when the database fails; whoever dials must then stop dialling.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self.leads = Leads(database)
        self.campaigns = Campaigns(database)
        self.queue = Queue(database)
        self.suppressions = Suppressions(database)
        self.removals = Removals(database, self.suppressions)
        self.consents = Consents(database)
        self.number_answers = NumberAnswers(database)
        self.overrides = Overrides(database)
        self.emergencies = Emergencies(database)
        self.callbacks = Callbacks(database)
        self.attempts = Attempts(database, self.queue, self.suppressions, self.callbacks)
        self.previews = Previews(database, self.queue)
        self.outlook = Outlook(database, self.queue, self.campaigns)
        self.agents = Agents(database)
        self.scripts = Scripts(database)
        self.trunks = Trunks(database)
        self.caller_ids = CallerIds(database)
        self.declarations = Declarations(database)
        self.exports = Exports(database)
        self.commands = Commands(database)
        self.decisions = Decisions(database)
        self.receipts = Receipts(database)
        self.privacy = Privacy(database)
        self.retention = Retention(database)
        self.prefix = _prefix(database)

    @classmethod
    def create(cls, url: str, *, now: datetime, durable: bool = True) -> Store:
        """A new, empty store. Raises StoreExists when there is one: nothing is ever overwritten.

        A file appears whole, readable by its owner only. `sqlite://` keeps all in memory, for tests.
        `durable=False` never waits for the disk: only for days that are made up, which a crash may take with it.
        """
        parsed = url_of(url)
        file = file_of(parsed)
        if file is None:
            return cls(_created(Database(parsed), now))
        _create_file(parsed, file, now)
        return cls.open(url, durable=durable)

    @classmethod
    def open(cls, url: str, *, durable: bool = True) -> Store:
        """The store that is there. Raises StoreMissing when there is none (it is never made here),
        SchemaMismatch when another version wrote it, StoreUnavailable when it cannot be read.
        """
        parsed = url_of(url)
        file = file_of(parsed)
        if file is not None and not file.is_file():
            raise StoreMissing(schema.missing_words(file))
        database = Database(parsed, durable=durable)
        try:
            schema.require_newest(database)
            return cls(database)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def recognise_erased_by(self, find_key: Callable[[], bytes | None]) -> None:
        """Where the key is by which erased numbers are recognised; asked until it is there. May raise to hold all."""
        self._db.find_erasure_key = find_key

    @property
    def knows_erasure_key(self) -> bool:
        """Whether erased numbers can be recognised; when none was erased yet, there is no key."""
        return self._db.erasure_key is not None

    @property
    def erasure_key_name(self) -> str:
        """Which key recognises erased numbers, without telling it; empty while there is none."""
        key = self._db.erasure_key
        return "" if key is None else key_name(key)

    @property
    def any_erased(self) -> bool:
        """Whether a do-not-call entry stands for an erased number."""
        return any_erased(self._db)

    def transaction(self) -> AbstractContextManager[None]:
        """Everything done inside is one durable commit, or none of it when an exception leaves; may be nested."""
        return self._db.transaction()

    def backup(self, path: Path) -> None:
        """A whole, consistent copy while in use. Raises StoreExists, StoreRefused for PostgreSQL (use pg_dump)."""
        back_up(self._db, path)

    def alike(
        self,
        campaign_id: int,
        profile: RuleProfile,
        instants: Sequence[datetime],
        registries: AskedInBulk | None = None,
        list_id: int | None = None,
        named: frozenset[str] = frozenset(),
    ) -> Alike:
        """All leads of a campaign (or of those that came to it by one list), ready for `campaigns.funnel`.

        `named`: numbers that a rule names, which no gate judges like others.
        """
        return Alike(self._db, campaign_id, profile, instants, registries, list_id, named)

    def check_consistency(self) -> tuple[str, ...]:
        """One sentence per contradiction in what is stored; empty when all is well."""
        return consistency.check(self._db)

    def check_integrity(self) -> tuple[str, ...]:
        """Damage to the file itself, as SQLite reports it; empty when there is none. Reads all of it."""
        if not self._db.is_sqlite:
            return ()
        try:
            found = self._db.execute(text("PRAGMA quick_check")).scalars().all()
            broken = self._db.execute(text("PRAGMA foreign_key_check")).all()
        except StoreUnavailable as fault:
            return (str(fault),)
        return (
            *(words for words in found if words != "ok"),
            *(f"{row[0]}: a row names a missing {row[2]}" for row in broken),
        )


def _create_file(url: URL, file: Path, now: datetime) -> None:
    """Made aside and moved into place, so that a crash leaves no half-made database behind."""
    if file.exists():
        raise StoreExists(f"There is a database at {file} already; it was left as it is. Nothing was made.")
    aside = file.with_name(f"{file.name}.new-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        make_file(aside)
    except OSError as fault:
        why = fault.strerror or fault
        raise StoreUnavailable(f"No database can be made at {file}: {why}. Nothing was made.") from fault
    try:
        _created(Database(url.set(database=str(aside))), now).close()
        os.link(aside, file)  # refuses to replace, which a rename would do
    except FileExistsError as fault:
        raise StoreExists(f"There is a database at {file} already; it was left as it is. Nothing was made.") from fault
    finally:
        for left in (aside, aside.with_name(aside.name + "-wal"), aside.with_name(aside.name + "-shm")):
            left.unlink(missing_ok=True)


def _created(database: Database, now: datetime) -> Database:
    with database.transaction():
        if schema.version_of(database) is not None:
            raise StoreExists(f"There is a store in {shown(database.url)} already; it was left as it is.")
        schema.build(database)
        prefix = secrets.choice(string.ascii_lowercase) + "".join(secrets.choice(_PREFIX_LETTERS) for _ in range(5))
        database.execute(insert(INSTALLATION).values(id=1, prefix=prefix, created_at=now))
    return database


def _prefix(database: Database) -> str:
    found: str = database.execute(select(INSTALLATION.c.prefix)).scalar_one()
    return found

"""Is a database made, opened, upgraded and copied only in ways that cannot lose what is in it?"""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from campaigns.storage import (
    SchemaMismatch,
    Store,
    StoreError,
    StoreExists,
    StoreMissing,
    StoreRefused,
    StoreUnavailable,
    schema,
)
from campaigns.storage.database import Database, make_file, url_of
from campaigns.storage.tables import METADATA
from tests.builders.stored import NOON, after, campaign_with, claim


@contextmanager
def opened(url: str) -> Iterator[Store]:
    store = Store.open(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def raw(url: str) -> Iterator[Database]:
    database = Database(url_of(url))
    try:
        yield database
    finally:
        database.close()


def mark_as(url: str, version: str) -> None:
    with raw(url) as database, database.transaction():
        database.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_a_new_store_has_a_prefix_of_its_own_that_stays(tmp_path: Path) -> None:
    prefixes = set()
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path / name}"
        with_new = Store.create(url, now=NOON)
        prefix = with_new.prefix
        with_new.close()
        assert prefix.isascii()
        assert prefix.isalnum()
        assert prefix.islower()
        with opened(url) as again:
            assert again.prefix == prefix
        prefixes.add(prefix)
    assert len(prefixes) == 2


def test_only_the_owner_may_read_the_file_and_all_that_lies_beside_it(tmp_path: Path) -> None:
    store = Store.create(f"sqlite:///{tmp_path / 'store.sqlite'}", now=NOON)
    store.backup(tmp_path / "copy.sqlite")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    store.close()
    assert set(modes) >= {"store.sqlite", "store.sqlite-wal", "copy.sqlite"}
    assert set(modes.values()) == {0o600}


def test_commits_wait_for_the_disk_and_rows_must_belong_together(sqlite_url: str) -> None:
    with raw(sqlite_url) as database:
        pragmas = {
            name: database.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_only_a_made_up_day_may_go_without_the_disk(sqlite_url: str) -> None:
    store = Store.open(sqlite_url, durable=False)
    try:
        assert store._db.execute(text("PRAGMA synchronous")).scalar() == 0
    finally:
        store.close()


def test_opening_never_makes_a_database(tmp_path: Path) -> None:
    gone = tmp_path / "store.sqlite"
    with pytest.raises(StoreMissing, match="dialer init"):
        Store.open(f"sqlite:///{gone}")
    for look in (schema.current, lambda url: schema.upgrade(url, now=NOON)):
        with pytest.raises(StoreMissing):
            look(f"sqlite:///{gone}")
    assert list(tmp_path.iterdir()) == []


def test_making_never_overwrites(sqlite_url: str) -> None:
    with opened(sqlite_url) as store:
        store.agents.add("Olena", "2001", NOON)
    with pytest.raises(StoreExists, match="left as it is"):
        Store.create(sqlite_url, now=NOON)
    with opened(sqlite_url) as store:
        assert [agent.name for agent in store.agents.all()] == ["Olena"]


@pytest.mark.postgres
def test_making_never_overwrites_on_postgresql(postgres_url: str) -> None:
    with pytest.raises(StoreExists, match="left as it is"):
        Store.create(postgres_url, now=NOON)


def test_where_nothing_can_be_made_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="Nothing was made"):
        Store.create(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}", now=NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "content",
    [b"", b"SQLite format 3\0" + b"\xff" * 4096, b"%PDF-1.7 not a database at all"],
    ids=["nothing", "damaged", "a PDF"],
)
def test_another_kind_of_file_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "store.sqlite"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"Nothing .*stored"):
        Store.open(f"sqlite:///{file}")


@pytest.mark.parametrize("wrong", ["mysql://host/name", "sqlite+aiosqlite:///x", "oracle://x"])
def test_another_kind_of_database_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(StoreError, match="sqlite:///FILE"):
        Store.open(wrong)


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(StoreUnavailable) as told:
        Store.open("postgresql://dialer:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(told.value)


def test_the_steps_lead_to_exactly_the_tables_of_the_program(url: str) -> None:
    with raw(url) as database:
        context = MigrationContext.configure(database.connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_current_database_is_left_alone_by_an_upgrade(url: str) -> None:
    assert schema.current(url) == schema.newest()
    assert schema.upgrade(url, now=NOON) == (schema.newest(), schema.newest(), None)


def test_a_database_of_a_newer_program_is_refused(url: str) -> None:
    mark_as(url, "9999")
    try:
        with pytest.raises(SchemaMismatch, match="newer"):
            Store.open(url)
        with pytest.raises(SchemaMismatch, match="newer"):
            schema.upgrade(url, now=NOON)
    finally:
        mark_as(url, schema.newest())


def test_an_older_database_is_refused_with_the_command_to_run(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "newest", lambda: "a later one")
    with pytest.raises(SchemaMismatch, match="dialer db upgrade"):
        Store.open(url)


def test_a_copy_is_made_before_an_upgrade(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(sqlite_url) as store:
        store.agents.add("Olena", "2001", NOON)
    found = schema.newest()
    monkeypatch.setattr(schema, "newest", lambda: "9999")
    before, newest, copy = schema.upgrade(sqlite_url, now=NOON)
    assert (before, newest) == (found, "9999")
    assert copy == tmp_path / "store.sqlite.before-9999-20261121T170000Z"
    monkeypatch.undo()
    with opened(f"sqlite:///{copy}") as kept:
        assert [agent.name for agent in kept.agents.all()] == ["Olena"]


def test_an_empty_database_is_no_store(tmp_path: Path) -> None:
    file = tmp_path / "empty.sqlite"
    with closing(sqlite3.connect(file)) as empty:
        empty.execute("CREATE TABLE other (x)")
    for attempt in (Store.open, lambda url: schema.upgrade(url, now=NOON)):
        with pytest.raises(SchemaMismatch, match="holds no dialer's tables"):
            attempt(f"sqlite:///{file}")
    assert schema.current(f"sqlite:///{file}") is None


def test_a_store_made_by_somebody_else_in_the_same_moment_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "store.sqlite"

    def make_and_be_overtaken(path: Path) -> None:
        make_file(path)
        file.write_text("theirs")

    monkeypatch.setattr("campaigns.storage.store.make_file", make_and_be_overtaken)
    with pytest.raises(StoreExists):
        Store.create(f"sqlite:///{file}", now=NOON)
    assert [path.name for path in tmp_path.iterdir()] == ["store.sqlite"]
    assert file.read_text() == "theirs"


def test_a_backup_is_whole_while_calls_go_on(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    with opened(sqlite_url) as store:
        campaign = campaign_with(store, 20)
        claim(store, campaign, wanted=3)
        store.backup(copy)
        claim(store, campaign, wanted=3)
        assert len(store.attempts.live()) == 6
    with opened(f"sqlite:///{copy}") as kept:
        assert len(kept.attempts.live()) == 3
        assert kept.check_integrity() == kept.check_consistency() == ()


def test_a_backup_never_overwrites(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.sqlite").write_text("mine")
    with opened(sqlite_url) as store, pytest.raises(StoreExists):
        store.backup(tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as store, pytest.raises(StoreUnavailable, match="no copy"):
        store.backup(tmp_path / "no such folder" / "copy.sqlite")


@pytest.mark.postgres
def test_postgresql_is_copied_by_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    with opened(postgres_url) as store, pytest.raises(StoreRefused, match="pg_dump"):
        store.backup(tmp_path / "copy")


def test_a_file_that_is_gone_while_in_use_stops_claims(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as store:
        campaign = campaign_with(store, 2)
        (tmp_path / "store.sqlite").rename(tmp_path / "elsewhere.sqlite")
        with pytest.raises(StoreUnavailable, match="removed or replaced"):
            claim(store, campaign)
        (tmp_path / "elsewhere.sqlite").rename(tmp_path / "store.sqlite")
        assert len(claim(store, campaign).intents) == 1


def test_a_locked_database_is_waited_for_and_then_told(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.storage.database.BUSY_TIMEOUT_MS", 50)
    with opened(sqlite_url) as store, closing(sqlite3.connect(tmp_path / "store.sqlite")) as other:
        campaign = campaign_with(store, 2)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            claim(store, campaign)
        other.rollback()
        assert len(claim(store, campaign).intents) == 1


def test_a_full_disk_is_told_and_nothing_is_half_stored(sqlite_url: str) -> None:
    with opened(sqlite_url) as store:
        campaign = campaign_with(store, 2)
        pages = store._db.execute(text("PRAGMA page_count")).scalar()
        store._db.execute(text(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(StoreUnavailable, match="full"):
            store.scripts.save_version("long", "x" * 3_000_000, "anna", NOON)
        store._db.execute(text("PRAGMA max_page_count = 1073741823"))
        assert store.scripts.all() == ()
        assert len(claim(store, campaign).intents) == 1


def test_a_store_belongs_to_the_thread_that_opened_it(sqlite_url: str) -> None:
    told: list[Exception] = []

    def elsewhere() -> None:
        try:
            store.agents.all()
        except Exception as fault:
            told.append(fault)

    with opened(sqlite_url) as store:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        store.agents.add("Olena", "2001", after(seconds=1))
    assert "thread" in str(told[0])


def test_damage_is_found_by_the_integrity_check(sqlite_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as store:
        campaign_with(store, 2000)
        assert store.check_integrity() == ()
    file = tmp_path / "store.sqlite"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    file.write_bytes(bytes(content))
    with opened(sqlite_url) as store:
        assert store.check_integrity() != ()

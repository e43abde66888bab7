"""Does a database of an earlier version become ours with everything that is in it?"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert

from campaigns.removal import PENDING_FOR, RemovalEnd
from campaigns.settings import CampaignSettings, settings_as_dict
from campaigns.storage import Store, schema
from campaigns.storage.database import Database, make_file, url_of
from campaigns.storage.tables import METADATA
from tests.builders.stored import NOON
from tests.campaigns.storage.postgres import Cluster

FIRST = "0001"
CALLS = 3
_names = (f"upgraded_{n}" for n in itertools.count(1))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def of_the_first_version(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database as the first version wrote it, with a campaign, an agent and calls, on each kind."""
    if request.param == "sqlite":
        make_file(tmp_path / "store.sqlite")
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.new_database(next(_names))
    with raw(url) as database:
        schema.build(database, FIRST)
        with database.transaction():
            _fill(database)
    return url


@contextmanager
def raw(url: str) -> Iterator[Database]:
    with closing(Database(url_of(url))) as database:
        yield database


def _fill(database: Database) -> None:
    """Rows that name each other, written without our own tables, which are those of today."""
    tables = MetaData()
    tables.reflect(bind=database.connection)

    def add(table: str, **given: Any) -> None:
        database.execute(insert(tables.tables[table]).values(_row(tables.tables[table], given)))

    settings = settings_as_dict(CampaignSettings(name="spring sale", ratio=1.5))
    add("installation", id=1, prefix="abcdef")
    add("agent", number="2001", name="Olena", active=True)
    add("lead_list", name="spring")
    add("person", id=1)
    add("campaign", name="spring sale", state="RUNNING", settings_version=1, disposition_set=1)
    add("campaign_settings", campaign_id=1, version=1, values=json.dumps(settings), disposition_set=1)
    add("disposition_set", campaign_id=1, version=1, dispositions=json.dumps(settings["dispositions"]))
    add("campaign_agent", campaign_id=1, agent_id=1)
    add("campaign_list", campaign_id=1, list_id=1)
    add("dialling_state", campaign_id=1, person_id=1, list_id=1, state="RETRY")
    lost: dict[str, Any] = {
        "network": "ANSWERED",
        "answered_by": "UNKNOWN",
        "routing": "ABANDONED_NO_AGENT",
        "script": "NOT_STARTED",
    }
    lost |= {"report_date": NOON.date(), "closed": True, "live": False, "script_steps": "[]"}
    for n in range(CALLS):
        who = {"campaign_id": 1, "person_id": 1, "contact_point_id": 1, "list_id": 1, "number": f"+1202555010{n}"}
        add("attempt", id=f"abcdef-c-{n}", **who, **lost)


_BLANK: dict[type, Callable[[], Any]] = {
    int: lambda: 1,
    str: lambda: "",
    bool: lambda: False,
    datetime: lambda: NOON,
    date: NOON.date,
}


def _row(table: Table, given: dict[str, Any]) -> dict[str, Any]:
    """The given columns, and something in all others that must hold something; the database gives the id."""
    must = (column for column in table.c if not column.nullable and column.name not in {"id", *given})
    return {column.name: _BLANK[column.type.python_type]() for column in must} | given


def test_everything_is_there_after_an_upgrade(of_the_first_version: str) -> None:
    before, after, _ = schema.upgrade(of_the_first_version, now=NOON)
    assert (before, after) == (FIRST, schema.newest())
    with closing(Store.open(of_the_first_version)) as store:
        (campaign,) = store.campaigns.all()
        assert store.campaigns.settings(campaign.id) == CampaignSettings(name="spring sale", ratio=1.5)
        assert [agent.name for agent in store.campaigns.agents(campaign.id)] == ["Olena"]
        assert [each.name for each in store.campaigns.lists(campaign.id)] == ["spring"]
        assert [(day.attempts, day.abandoned) for day in store.attempts.counters(campaign.id, NOON.date())] == [(3, 3)]
        assert store.check_integrity() == ()


def test_an_upgraded_database_has_exactly_the_tables_of_the_program(of_the_first_version: str) -> None:
    schema.upgrade(of_the_first_version, now=NOON)
    with raw(of_the_first_version) as database:
        context = MigrationContext.configure(database.connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_campaign_so_far_has_a_window_of_its_own_which_a_clone_shares(of_the_first_version: str) -> None:
    schema.upgrade(of_the_first_version, now=NOON)
    with closing(Store.open(of_the_first_version)) as store:
        (campaign,) = store.campaigns.all()
        assert campaign.window_id == campaign.id
        assert store.campaigns.clone(campaign.id, "autumn sale", "anna", NOON).window_id == campaign.id


def test_a_request_from_before_accounts_were_kept_ends_and_can_be_made_anew(of_the_first_version: str) -> None:
    with raw(of_the_first_version) as database:
        schema.build(database, "0010")
        tables = MetaData()
        tables.reflect(bind=database.connection)
        values = {"number": "+12025550199", "entries": "[]", "reason": "x", "asked_by": "anna", "settled_by": ""}
        with database.transaction():
            database.execute(insert(tables.tables["removal_request"]).values(values | _waiting()))
    schema.upgrade(of_the_first_version, now=NOON)
    with closing(Store.open(of_the_first_version)) as store:
        assert store.removals.pending(NOON) == ()
        (asked,) = store.removals.latest()
        assert (asked.asked_by, asked.asked_account, asked.end_by(NOON)) == ("anna", "", RemovalEnd.EXPIRED)


def _waiting() -> dict[str, Any]:
    return {"asked_at": NOON, "expires_at": NOON + PENDING_FOR}

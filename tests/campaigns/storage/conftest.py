"""Which databases must keep the store's promises? SQLite and a real PostgreSQL of our own, started for the session."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.storage import Store
from tests.builders.stored import NOON
from tests.campaigns.storage.postgres import Cluster, emptied, running_cluster


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store, to be copied: making one takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "store.sqlite"
    Store.create(f"sqlite:///{file}", now=NOON).close()
    return file


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of our own."""
    with running_cluster() as started:
        yield started


@pytest.fixture(scope="session")
def postgres_store(cluster: Cluster) -> str:
    """The address of the store in it, used by one test after another."""
    url = cluster.new_database("stored")
    Store.create(url, now=NOON).close()
    return url


@pytest.fixture
def sqlite_url(template: Path, tmp_path: Path) -> str:
    file = tmp_path / "store.sqlite"
    shutil.copy(template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    return emptied(request.getfixturevalue("postgres_store"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on each database in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store, on each database in turn; not waiting for the disk, which tests of crashes do."""
    opened = Store.open(url, durable=False)
    yield opened
    opened.close()

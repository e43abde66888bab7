"""Which commands are there for the database?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish
from dialer.control import Answer, AnswerStatus
from dialer.home import exclusive, find_home

db = group("db", "Upgrade and back up the database.", "dialer db backup")


@db.command("upgrade", epilog=example("dialer db upgrade"))
def upgrade(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Bring the database to this program's version; a copy is made first. Stop the service before."""
    from dialer.bootstrap import upgrade_database

    home = find_home(os.environ)
    home.require()
    with exclusive(home):
        message, data = upgrade_database(home, os.environ, datetime.now(UTC))
    answer = Answer(id="", status=AnswerStatus.DONE, message=message, data=data)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@db.command("backup", epilog=example("dialer db backup", "dialer db backup /backups/dialer.sqlite3"))
def backup(
    file: Annotated[Path | None, typer.Argument(help="The copy; one with a date in the home when left out.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Copy the whole database while it is in use; the copy appears whole or not at all."""
    from dialer.bootstrap import back_up_database

    home = find_home(os.environ)
    home.require()
    made = back_up_database(home, os.environ, None if file is None else file.absolute(), datetime.now(UTC))
    answer = Answer(
        id="", status=AnswerStatus.DONE, message=f"The database was copied to {made}.", data={"path": str(made)}
    )
    finish(answer, as_json=as_json or fmt is Format.JSON)

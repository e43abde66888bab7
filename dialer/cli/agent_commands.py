"""Which commands are there for agents?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

agent = group("agent", "Add, list and assign agents; log them in and out.", "dialer agent add anna --number 1001")

AgentArgument = Annotated[str, typer.Argument(help="Name or four-digit number.")]
SecretFile = Annotated[
    Path | None, typer.Option("--secret-file", help="A file of mode 0600 with the phone's password; else one is made.")
]


@agent.command("add", epilog=example("dialer agent add anna --number 1001"))
def add(
    name: Annotated[str, typer.Argument(help="The agent's name.")],
    number: Annotated[str, typer.Option("--number", help="Four digits: the phone's account and room.")],
    secret_file: SecretFile = None,
    pin_file: Annotated[
        Path | None, typer.Option("--pin-file", help="A file of mode 0600 with the PIN for logging in by phone.")
    ] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Make an agent; tells in which file the phone's password is kept."""
    args = {"name": name, "number": number, "secret_file": _absolute(secret_file), "pin_file": _absolute(pin_file)}
    finish(carry_out("agent.add", args), as_json=as_json or fmt is Format.JSON)


@agent.command("list", epilog=example("dialer agent list"))
def list_(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show all agents with what they serve and do."""
    columns = {"name": "agent", "number": "number", "campaigns": "campaigns", "state": "state", "active": "active"}
    answer = carry_out("agent.list")
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("agents", []), columns))


@agent.command(
    "assign", epilog=example("dialer agent assign anna Autumn Winter", "dialer agent assign anna --add Spring")
)
def assign(
    who: AgentArgument,
    campaigns: Annotated[
        list[str] | None, typer.Argument(help="All campaigns the agent serves; none: no calls.")
    ] = None,
    add_: Annotated[bool, typer.Option("--add", help="Beside those served already; none is taken away.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Say which campaigns an agent serves from now on; tells which are taken away."""
    answer = carry_out("agent.assign", {"agent": who, "campaigns": campaigns or [], "add": add_})
    finish(answer, as_json=as_json or fmt is Format.JSON)


@agent.command("login", epilog=example("dialer agent login anna"))
def login(who: AgentArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Ring the agent's phone once; when it is answered the agent is ready."""
    finish(carry_out("agent.login", {"agent": who}), as_json=as_json or fmt is Format.JSON)


@agent.command("ready", epilog=example("dialer agent ready anna"))
def ready(who: AgentArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """End an agent's pause."""
    finish(carry_out("agent.ready", {"agent": who}), as_json=as_json or fmt is Format.JSON)


@agent.command("pause", epilog=example("dialer agent pause anna --code lunch"))
def pause(
    who: AgentArgument,
    code: Annotated[
        str, typer.Option("--code", help="break, lunch, meeting, training, technical or personal.")
    ] = "break",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """No calls for an agent; a running one is finished first."""
    finish(carry_out("agent.pause", {"agent": who, "code": code}), as_json=as_json or fmt is Format.JSON)


@agent.command("logout", epilog=example("dialer agent logout anna"))
def logout(who: AgentArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Log an agent out; a running call is finished first."""
    finish(carry_out("agent.logout", {"agent": who}), as_json=as_json or fmt is Format.JSON)


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())

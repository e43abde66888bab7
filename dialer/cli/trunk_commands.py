"""Which commands are there for trunks?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.caller_id_commands import caller_id
from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

trunk = group("trunk", "Add, list and test the ways out to the telephone network.", "dialer trunk list")

trunk.add_typer(caller_id)


@trunk.command(
    "add",
    epilog=example(
        "dialer trunk add carrier --host sip.example.com --caller-id +12025550100"
        ' --right-to-use "numbers of our contract 4711"'
    ),
)
def add(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and -.")],
    host: Annotated[str, typer.Option("--host", help="The carrier's address.")],
    caller_id: Annotated[str, typer.Option("--caller-id", help="The number shown, +<country><number>.")],
    right_to_use: Annotated[str, typer.Option("--right-to-use", help="What proves that it may be shown.")] = "",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Its SIP port.")] = 5060,
    practice: Annotated[bool, typer.Option("--practice", help="A practice exchange; loopback addresses only.")] = False,
    rule_profile: Annotated[str, typer.Option("--rule-profile", help="Its rules, strict if left out.")] = "",
    max_calls: Annotated[int, typer.Option("--max-calls", min=1, help="Lines it has.")] = 30,
    attempts_per_second: Annotated[float, typer.Option("--attempts-per-second", min=0.1, help="Calls it takes.")] = 5.0,
    account_file: Annotated[
        Path | None, typer.Option("--account-file", help="A file of mode 0600 holding USER:PASSWORD.")
    ] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Make a trunk. Practice numbers are only ever dialled on practice trunks, real ones never."""
    args = {
        "name": name,
        "host": host,
        "port": port,
        "caller_id": caller_id,
        "right_to_use": right_to_use,
        "practice": practice,
        "rule_profile": rule_profile,
        "max_calls": max_calls,
        "attempts_per_second": attempts_per_second,
        "account_file": None if account_file is None else str(account_file.absolute()),
    }
    finish(carry_out("trunk.add", args), as_json=as_json or fmt is Format.JSON)


@trunk.command("list", epilog=example("dialer trunk list"))
def list_(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show all trunks."""
    columns = {
        "name": "trunk",
        "host": "host",
        "port": "port",
        "caller_id": "caller id",
        "practice": "practice",
        "rule_profile": "rules",
        "max_calls": "lines",
        "suspended": "suspended",
    }
    answer = carry_out("trunk.list")
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("trunks", []), columns))


@trunk.command("profile", epilog=example('dialer trunk profile carrier us-federal --reason "counsel agreed, 12 May"'))
def profile(
    name: Annotated[str, typer.Argument(help="The trunk's name.")],
    rule_profile: Annotated[str, typer.Argument(help="Its rules from now on; the campaign's hold as well.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log of commands.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Judge a trunk's calls by another rule profile; refused while a call on it runs."""
    answer = carry_out("trunk.profile", {"name": name, "rule_profile": rule_profile}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@trunk.command("resume", epilog=example("dialer trunk resume carrier"))
def resume(
    name: Annotated[str, typer.Argument(help="The trunk's name.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Dial again on a suspended trunk, after its account was mended."""
    finish(carry_out("trunk.resume", {"name": name}), as_json=as_json or fmt is Format.JSON)


@trunk.command("test", epilog=example("dialer trunk test carrier"))
def probe(
    name: Annotated[str, typer.Argument(help="The trunk's name.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Ask the trunk's far end by SIP OPTIONS whether it is there; places no call."""
    finish(carry_out("trunk.test", {"name": name}), as_json=as_json or fmt is Format.JSON)

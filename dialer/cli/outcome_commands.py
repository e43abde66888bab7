"""Which commands are there for calls that ended without an outcome?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import CampaignOption, FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

outcome = group(
    "outcome", "Calls that ended without an outcome: list them, give them one.", "dialer outcome list --campaign Autumn"
)


@outcome.command("list", epilog=example("dialer outcome list --campaign Autumn"))
def list_(campaign: CampaignOption, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show the calls whose agent set no outcome; their leads rest for a day."""
    columns = {
        "attempt": "call",
        "at": "made",
        "number": "number",
        "lead": "lead",
        "agent": "agent",
        "talk_s": "talk s",
    }
    answer = carry_out("outcomes.list", {"campaign": campaign})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("calls", []), columns))


@outcome.command("set", epilog=example("dialer outcome set CALL sale"))
def set_(
    call: Annotated[str, typer.Argument(help="The call, as 'dialer outcome list' names it.")],
    disposition: Annotated[str, typer.Argument(help="The outcome's code, such as sale or refused.")],
    callback_at: Annotated[str, typer.Option("--callback-at", help="For a callback: ISO 8601 with its zone.")] = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Give a call its outcome; its lead moves by it unless he was called again meanwhile."""
    args = {"attempt": call, "disposition": disposition, "callback_at": callback_at or None}
    finish(carry_out("outcomes.set", args), as_json=as_json or fmt is Format.JSON)

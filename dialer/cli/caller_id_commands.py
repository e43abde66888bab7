"""Which commands tell what proves that a number may be shown?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

caller_id = group("caller-id", "What proves that a number may be shown.", "dialer trunk caller-id list")
NumberArgument = Annotated[str, typer.Argument(help="The number shown, +<country><number>.")]


@caller_id.command("add", epilog=example('dialer trunk caller-id add +12025550100 --right-to-use "LOA of 2026-03-01"'))
def add(
    number: NumberArgument,
    right_to_use: Annotated[str, typer.Option("--right-to-use", help="What proves it: a contract, a letter; kept.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Record the right to show a number; where a rule profile asks for it, nothing is dialled without."""
    answer = carry_out("caller_id.add", {"number": number, "right_to_use": right_to_use})
    finish(answer, as_json=as_json or fmt is Format.JSON)


@caller_id.command("end", epilog=example('dialer trunk caller-id end +12025550100 --reason "number given back"'))
def end(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why it may be shown no more; kept.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """End the right to show a number: campaigns that show it dial no more where a profile asks for the right."""
    answer = carry_out("caller_id.end", {"number": number, "reason": reason}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@caller_id.command("list", epilog=example("dialer trunk caller-id list", "dialer trunk caller-id list --all --json"))
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show which numbers may be shown, and by which proof."""
    columns = {"number": "number", "right_to_use": "right to use", "recorded_by": "by", "recorded_at": "since"}
    columns |= {"ended_at": "ended"}
    answer = carry_out("caller_id.list", {"all": everything})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("caller_ids", []), columns))

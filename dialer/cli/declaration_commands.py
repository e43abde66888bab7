"""Which commands tell what a person checked that no software can?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

declare = group("declare", "What people checked: messages, numbers, profiles.", "dialer rules declare list")


@declare.command(
    "add",
    epilog=example(
        'dialer rules declare add message autumn --by "Jane Roe, counsel" --seller Acme --callback +12025550101'
        " --opt-out-key 9 --telemarketing --no-sales",
        'dialer rules declare add profile us-federal --by "Jane Roe, counsel" --proof "memo of 12 November"',
    ),
)
def add(
    kind: Annotated[str, typer.Argument(help="message, called-back, opening or profile.")],
    about: Annotated[str, typer.Argument(help="The recording, the number, the campaign or the rule profile.")],
    by: Annotated[str, typer.Option("--by", help="Who checked it, and as what; kept.")],
    proof: Annotated[str, typer.Option("--proof", help="How, or where that is written down; kept.")] = "",
    seller: Annotated[str, typer.Option("--seller", help="A message: the seller it names.")] = "",
    callback: Annotated[str, typer.Option("--callback", help="A message: the number it gives.")] = "",
    opt_out_key: Annotated[str, typer.Option("--opt-out-key", help="A message: the key it offers.")] = "",
    telemarketing: Annotated[bool, typer.Option("--telemarketing", help="It says that it was telemarketing.")] = False,
    no_sales: Annotated[bool, typer.Option("--no-sales", help="It sells nothing.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Declare what was checked by ear or eye. Where profiles ask what a message says, nothing is dialled without."""
    args = {
        "kind": kind,
        "about": about,
        "by": by,
        "proof": proof,
        "seller": seller,
        "callback": callback,
        "opt_out_key": opt_out_key,
        "telemarketing": telemarketing,
        "no_sales": no_sales,
    }
    finish(carry_out("rules.declare.add", args), as_json=as_json or fmt is Format.JSON)


@declare.command("end", epilog=example('dialer rules declare end 3 --reason "recorded anew"'))
def end(
    declaration: Annotated[int, typer.Argument(help="Its id, as 'dialer rules declare list' shows it.", min=1)],
    reason: Annotated[str, typer.Option("--reason", help="Why it counts no more; kept.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """End a declaration: what depends on it is dialled no more."""
    answer = carry_out("rules.declare.end", {"declaration": declaration, "reason": reason}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@declare.command("list", epilog=example("dialer rules declare list", "dialer rules declare list --all --json"))
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show what is declared, by whom and since when."""
    columns = {"id": "id", "kind": "kind", "about": "about", "checked_by": "checked by", "recorded_at": "since"}
    columns |= {"proof": "proof", "ended_at": "ended"}
    answer = carry_out("rules.declare.list", {"all": everything})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda d: table(d.get("declarations", []), columns))

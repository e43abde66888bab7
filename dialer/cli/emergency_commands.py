"""Which commands declare a state of emergency, in which nobody is called to sell him something?"""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

emergency = group("emergency", "Declared states of emergency: no sales calls there.", "dialer rules emergency list")


@emergency.command(
    "add",
    epilog=example(
        "dialer rules emergency add --region US-NY --from 2026-12-01 --to 2026-12-07"
        ' --reason "Executive Order 47, snow storm"'
    ),
)
def add(
    region: Annotated[str, typer.Option("--region", help="The state or country: US-NY, DE.")],
    first: Annotated[str, typer.Option("--from", help="The first day there (ISO 8601).")],
    last: Annotated[str, typer.Option("--to", help="The last day there, included.")],
    reason: Annotated[str, typer.Option("--reason", help="By which declaration; kept.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Hold every lead of sales campaigns who may be there; New York forbids such calls (N.Y. GBL 399-z)."""
    args = {"region": region, "from": first, "to": last, "reason": reason}
    finish(carry_out("rules.emergency.add", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@emergency.command("end", epilog=example('dialer rules emergency end 2 --reason "lifted by Executive Order 47.1"'))
def end(
    emergency_id: Annotated[int, typer.Argument(help="Its id, as 'dialer rules emergency list' shows it.", min=1)],
    reason: Annotated[str, typer.Option("--reason", help="Why it is over; kept.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Dial there again before its last day."""
    args = {"emergency": emergency_id, "reason": reason}
    finish(carry_out("rules.emergency.end", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@emergency.command("list", epilog=example("dialer rules emergency list", "dialer rules emergency list --all --json"))
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Past and ended ones too.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show where a state of emergency is declared, for which days, and by what."""
    columns = {"id": "id", "region": "where", "from": "from", "to": "to", "declared_by": "by", "reason": "reason"}
    columns |= {"ended_at": "ended"}
    answer = carry_out("rules.emergency.list", {"all": everything})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda d: table(d.get("emergencies", []), columns))

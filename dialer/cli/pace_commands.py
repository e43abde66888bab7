"""Which command tells why the dialer dialled as it did?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table

ROWS = {
    "time": "time",
    "launched": "launched",
    "looks": "looks",
    "cancelled": "cancelled",
    "held": "held most by",
    "share": "share",
}


def add_to(app: typer.Typer) -> None:
    """Put this command into the whole."""
    app.command(
        "pace",
        epilog=example("dialer pace Autumn --at 10:40", "dialer pace Autumn --from 10:00 --to 11:00 --date 2026-11-20"),
    )(pace)


def pace(
    campaign: Annotated[str, typer.Argument(help="The campaign's name.")],
    at: Annotated[str, typer.Option("--at", help="A minute, such as 10:40, in the campaign's zone.")] = "",
    from_: Annotated[str, typer.Option("--from", help="First minute of a stretch.", metavar="TIME")] = "",
    to: Annotated[str, typer.Option("--to", help="Its end; 24:00 is the day's.", metavar="TIME")] = "",
    date: Annotated[str, typer.Option("--date", help="The day; today when left out.")] = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Why did we dial as we did then? Calls launched, what held them back, and the decisions that tell most.

    Without a time: the last ten minutes. With --date alone: that day by half hours.
    """
    args = {"campaign": campaign, "at": at, "from": from_, "to": to, "date": date or None}
    finish(carry_out("pace.explain", args), as_json=as_json or fmt is Format.JSON, lines=_lines)


def _lines(data: Mapping[str, Any]) -> Iterable[str]:
    yield from (words for words in (data["meaning"], data["figures_said"], data["before"]) if words)
    yield from data["settings_said"]
    yield from table([_row(row) for row in data["rows"]], ROWS)
    for said in data["said"]:
        yield f"{said['at'][11:19]}  {said['words']}"
    if data["left_out"]:
        yield f"... and {data['left_out']} more changes."


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["gap"]:
        return {"time": row["time"], "held": f"({row['gap']})"}
    share = f"{100 * row['share']:.0f} %" if row["held_by"] else None
    attempts = row["launched"] + row["by_hand"]
    return {**row, "launched": attempts, "held": row["held_by"] or "nothing", "share": share}

"""Which commands are there for proof: a folder for a campaign and a period, and a check that names a change?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, pairs
from dialer.control import Answer, AnswerStatus
from dialer.home import find_home
from dialer.refusal import Refused

evidence = typer.Typer(
    name="evidence",
    help="Proof of a campaign's calls: a folder with every call, hold and receipt, and its check.",
    epilog=example(
        "dialer evidence --campaign Autumn --from 2026-11-01 --to 2026-11-30 --out evidence-november",
        "dialer evidence verify evidence-november",
    ),
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@evidence.callback()
def make(
    context: typer.Context,
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign's name.")] = "",
    from_: Annotated[str, typer.Option("--from", help="First date, in the campaign's zone.", metavar="DATE")] = "",
    to: Annotated[str, typer.Option("--to", help="Last date, included.", metavar="DATE")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The folder to make; it must not be there.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Write a folder with every call (16 CFR 310.5), hold and receipt of a period, and what checks it."""
    if context.invoked_subcommand is not None:
        return
    if not (campaign and from_ and to and out):
        raise Refused("Name the campaign, --from, --to and the folder to make (--out). Nothing was written.")
    args = {"campaign": campaign, "from": from_, "to": to, "out": str(out.absolute())}
    finish(carry_out("evidence.make", args), as_json=as_json or fmt is Format.JSON, lines=_figures)


@evidence.command("verify", epilog=example("dialer evidence verify", "dialer evidence verify evidence-november --json"))
def verify(
    folder: Annotated[Path | None, typer.Argument(help="A folder of evidence; left out: only the database.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Find the first row that was changed, in a folder and in the database's receipts; anywhere, with a folder only."""
    if folder is not None and not find_home(os.environ).exists():
        from dialer.use_cases.evidence_checking import verify_alone

        done = verify_alone(str(folder.absolute()))
        answer = Answer(id="", status=AnswerStatus.DONE, message=done.message, data=done.data)
    else:
        answer = carry_out("evidence.verify", {"folder": str(folder.absolute()) if folder is not None else None})
    finish(answer, as_json=as_json or fmt is Format.JSON)


def _figures(data: Mapping[str, Any]) -> Iterable[str]:
    summary = data.get("summary", {})
    if not summary:
        return ()
    hours = summary["calls_outside_hours"]
    return pairs(
        {
            "calls": summary["calls"]["made"],
            "with a receipt": summary["calls"]["with_receipt"],
            "outside hours": f"{hours['outside']} of {hours['recomputed']}, recomputed from receipts",
            "over the limit in 24 h": summary["attempts_over_limit"]["calls"],
            "messages played": summary["messages_played"],
            "opt-outs in calls": summary["opt_outs"]["in_calls"],
            "manifest SHA-256": data["manifest_sha256"],
        }
    )

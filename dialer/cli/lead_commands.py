"""Which commands are there for leads and lists?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.checked_file import fault_lines, finish_check
from dialer.cli.groups import example, group
from dialer.cli.options import (
    EncodingOption,
    ExistingFile,
    FormatOption,
    JsonOption,
    MapOption,
    OptionalCampaign,
    RegionOption,
    mapping,
)
from dialer.cli.output import Format, finish, pairs, table
from dialer.cli.progress_bar import progress_bar, told_read
from dialer.cli.scrubbed import barred_lines, lists_say

leads = group("leads", "Check, import, undo, show and find leads.", "dialer leads check leads.csv")
lists = group("lists", "Show lead lists.", "dialer lists show")


@leads.command("check", epilog=example("dialer leads check leads.csv --json", "dialer leads check l.csv --region GB"))
def check(
    file: ExistingFile,
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Read a file of leads and tell every fault; stores nothing and needs no set-up.

    Where a dialer is set up, it also counts the numbers that its do-not-call lists bar now.
    """
    columns = mapping(map_, of_leads=True)
    from campaigns.importing import check_leads

    as_json = as_json or fmt is Format.JSON
    with progress_bar(as_json=as_json):
        report = check_leads(file, region=region, encoding=encoding or None, mapping=columns, on_progress=told_read)
    finish_check(report.as_json() | lists_say(report), as_json=as_json, lines=barred_lines)


@leads.command("import", epilog=example("dialer leads import leads.csv --list autumn --campaign Autumn"))
def import_(
    file: ExistingFile,
    list_: Annotated[str, typer.Option("--list", help="The list to add to; made when new.")],
    campaign: OptionalCampaign = "",
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Store the good rows of a file as one batch, which can be undone until its first call.

    While a campaign runs a file may hold 20,000 leads at most, for calls would wait while they are stored: pause for a
    larger one, or divide it.
    """
    args = {
        "path": str(file.absolute()),
        "list": list_,
        "campaign": campaign or None,
        "region": region,
        "encoding": encoding or None,
        "map": mapping(map_, of_leads=True),
    }
    as_json = as_json or fmt is Format.JSON
    with progress_bar(as_json=as_json):
        answer = carry_out("leads.import", args)
    finish(answer, as_json=as_json, lines=_import_lines)


def _import_lines(data: Mapping[str, Any]) -> Iterable[str]:
    report = data.get("report") or {}
    yield from fault_lines(report)
    if data.get("rejected_file"):
        yield f"The rejected rows are in {data['rejected_file']}."
    yield from barred_lines(data)


@leads.command("undo", epilog=example("dialer leads undo 7"))
def undo(
    batch: Annotated[int, typer.Argument(help="The batch number the import told.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Take an imported batch back, as long as none of its leads was called."""
    finish(carry_out("leads.undo", {"batch": batch}), as_json=as_json or fmt is Format.JSON)


@leads.command("show", epilog=example("dialer leads show autumn", "dialer leads show 7 --after 200 --limit 50"))
def show(
    which: Annotated[str, typer.Argument(help="A list's name or a batch number.", metavar="LIST|BATCH")],
    after: Annotated[int, typer.Option("--after", help="Begin after the lead with this id.", metavar="ID")] = 0,
    limit: Annotated[int, typer.Option("--limit", help="How many leads to show, at most 5000.")] = 200,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show the leads of a list, or of one imported batch."""
    wanted: dict[str, object] = {"batch": int(which)} if which.isascii() and which.isdigit() else {"list": which}
    finish(
        carry_out("leads.show", wanted | {"after": after, "limit": limit}),
        as_json=as_json or fmt is Format.JSON,
        lines=_leads_table,
    )


@leads.command("find", epilog=example("dialer leads find +12025550123", "dialer leads find Ivanova"))
def find(
    text: Annotated[str, typer.Argument(help="A number or a part of it, a name, an e-mail or an id.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Find leads by number, name, e-mail or the id of their source."""
    finish(carry_out("leads.find", {"text": text}), as_json=as_json or fmt is Format.JSON, lines=_leads_table)


def _leads_table(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {"id": "id", "name": "name", "numbers": "numbers", "lists": "lists", "states": "states"}
    return table(data.get("leads", []), columns)


@lists.command("show", epilog=example("dialer lists show", "dialer lists show autumn"))
def show_list(
    name: Annotated[str, typer.Argument(help="One list; all of them when left out.")] = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show lists in figures, and the batches of one."""
    answer = carry_out("lists.show", {"list": name or None})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_lists_table)


def _lists_table(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "name": "list",
        "leads": "leads",
        "numbers": "numbers",
        "suppressed": "suppressed",
        "campaigns": "campaigns",
    }
    yield from table(data.get("lists", []), columns)
    if data.get("batches"):
        yield ""
        batch = {"batch": "batch", "source": "file", "imported_at": "imported", "added": "added", "undone_at": "undone"}
        yield from table(data["batches"], batch)
    if data.get("counts"):
        yield ""
        yield from pairs(data["counts"])

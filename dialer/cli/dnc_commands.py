"""Which commands are there for numbers that must not be called?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.checked_file import fault_lines, finish_check, finish_import
from dialer.cli.groups import example, group
from dialer.cli.options import (
    CorrectOption,
    EncodingOption,
    ExistingFile,
    FormatOption,
    JsonOption,
    MapOption,
    RegionOption,
    mapping,
)
from dialer.cli.output import Format, finish, table

dnc = group("dnc", "Do-not-call: add, remove, import and check numbers.", "dialer dnc check +12025550123")

ScopeOption = Annotated[str, typer.Option("--scope", help="everything, seller or campaign.")]
ValueOption = Annotated[str, typer.Option("--value", help="The seller's or the campaign's name, for these scopes.")]
NumberArgument = Annotated[
    str, typer.Argument(help="The number, best as +<country><number>; on our own list also a pattern: +4930*.")
]


@dnc.command(
    "add",
    epilog=example(
        'dialer dnc add +12025550123 --reason "asked by letter"', "dialer dnc add '+1900*' --reason premium"
    ),
)
def add(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept for ever.")],
    scope: ScopeOption = "everything",
    value: ValueOption = "",
    region: RegionOption = "US",
    accept_wide: Annotated[
        bool, typer.Option("--accept-wide", help="Take a pattern that bars a country or a good part of one.")
    ] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """List a number, or all numbers that begin alike (+1900*): in force at once, calls that ring to it are hung up."""
    args: dict[str, object] = {"number": number, "scope": scope, "value": value, "reason": reason, "region": region}
    args["accept_wide"] = accept_wide
    finish(carry_out("dnc.add", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@dnc.command("remove", epilog=example('dialer dnc remove +12025550123 --reason "listed by mistake, letter 7"'))
def remove(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why it may be called again; kept for ever.")],
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Ask to let a number be called again; it stays barred until another person confirms, within 30 days.

    Another person has another account of the operating system, whatever DIALER_ACTOR or LOGNAME says; DIALER_ACTOR is
    the name that is written down beside it. Who may use which account is for the house to settle.
    'second_person = false' under [dnc] in dialer.toml lets one person alone remove a number. A new opt-out makes the
    request void.
    """
    args = {"number": number, "reason": reason, "region": region}
    finish(carry_out("dnc.remove", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@dnc.command("confirm-removal", epilog=example("dialer dnc confirm-removal 3"))
def confirm_removal(
    removal: Annotated[int, typer.Argument(help="The request's id, as 'dialer dnc removals' shows it.", min=1)],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Take a number off our own list as another person asked; needs another account than his."""
    finish(carry_out("dnc.confirm_removal", {"removal": removal}), as_json=as_json or fmt is Format.JSON)


@dnc.command("removals", epilog=example("dialer dnc removals", "dialer dnc removals --all"))
def removals(
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too, the newest first.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show the requests to take a number off our own list: who asked, why, and who confirmed."""
    answer = carry_out("dnc.removals", {"all": everything})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_removals)


@dnc.command("import", epilog=example('dialer dnc import dnc.txt --reason "list of November"'))
def import_(
    file: ExistingFile,
    reason: Annotated[str, typer.Option("--reason", help="Why these numbers are listed.")],
    scope: ScopeOption = "everything",
    value: ValueOption = "",
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    accept_faults: Annotated[
        bool, typer.Option("--accept-faults", help="Take the good rows although others are faulty.")
    ] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """List all numbers of a file, or none: a file with a faulty row is not active until mended or accepted.

    An export of our own list keeps who listed each number, when, whence and why. Faulty rows are named, the first 20
    here and the first 1000 with --json.
    """
    args = {
        "path": str(file.absolute()),
        "scope": scope,
        "value": value,
        "reason": reason,
        "region": region,
        "encoding": encoding or None,
        "map": mapping(map_),
        "accept_faults": accept_faults,
    }
    answer = carry_out("dnc.import", args, reason=reason)
    finish_import(answer, as_json=as_json or fmt is Format.JSON)


@dnc.command("export", epilog=example("dialer dnc export dnc.csv", "dialer dnc export all.csv --removed --json"))
def export(
    file: Annotated[Path, typer.Argument(help="The file to write; one of that name is replaced.")],
    removed: Annotated[bool, typer.Option("--removed", help="Former entries too, with who, when and why.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Write our own list as CSV, whole or not at all; 'dialer dnc import' reads it back with scopes, who and when."""
    answer = carry_out("dnc.export", {"path": str(file.absolute()), "removed": removed})
    finish(answer, as_json=as_json or fmt is Format.JSON)


@dnc.command(
    "diff", epilog=example("dialer dnc diff dnc.csv", 'dialer dnc diff acme.csv --scope seller --value "Acme"')
)
def diff(
    file: ExistingFile,
    scope: ScopeOption = "everything",
    value: ValueOption = "",
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Compare a file with our own list: what it would add, what is listed already, what it lacks. Stores nothing."""
    args = {"path": str(file.absolute()), "scope": scope, "value": value, "region": region}
    answer = carry_out("dnc.diff", args | {"encoding": encoding or None, "map": mapping(map_)})
    finish_import(answer, as_json=as_json or fmt is Format.JSON, lines=_differences)


@dnc.command("check", epilog=example("dialer dnc check +12025550123"))
def check(
    number: NumberArgument,
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Tell whether a number is listed, by whom, when and why."""
    answer = carry_out("dnc.check", {"number": number, "region": region})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_entries)


@dnc.command("list", epilog=example("dialer dnc list --limit 20"))
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many, the newest first.")] = 50,
    pending: Annotated[bool, typer.Option("--pending", help="Removals that wait for a second person instead.")] = False,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show the newest entries."""
    if pending:
        finish(carry_out("dnc.removals"), as_json=as_json or fmt is Format.JSON, lines=_removals)
    finish(carry_out("dnc.list", {"limit": limit}), as_json=as_json or fmt is Format.JSON, lines=_entries)


@dnc.command("check-file", epilog=example("dialer dnc check-file dnc.txt --json"))
def check_file(
    file: ExistingFile,
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Read a do-not-call file and tell every fault; stores nothing and needs no set-up. PARTIAL: not active."""
    columns = mapping(map_)
    from campaigns.importing import check_dnc_file

    report = check_dnc_file(file, region=region, encoding=encoding or None, mapping=columns, now=datetime.now(UTC))
    finish_check(report.as_json(), as_json=as_json or fmt is Format.JSON)


@dnc.command(
    "import-registry",
    epilog=example(
        "dialer dnc import-registry us-ftc 2026-11-20.txt --list-date 2026-11-20T06:00:00-05:00",
        "dialer dnc import-registry us-ftc changes.txt --since 2026-11-20T06:00:00-05:00"
        " --list-date 2026-11-21T06:00:00-05:00",
        "dialer dnc import-registry us-ftc 212.xml 718.xml --xml --list-date 2026-11-20T06:00:00-05:00 --check",
        "dialer dnc import-registry uk-tps tps.txt --list-date 2026-11-20T00:00:00Z",
        "dialer dnc import-registry ca-dncl 416.csv 604.csv --list-date 2026-11-20T00:00:00-05:00",
    ),
)
def import_registry(
    registry: Annotated[str, typer.Argument(help="us-ftc, ca-dncl, uk-tps, uk-ctps, us-fl ... as rules name it.")],
    files: Annotated[list[Path], typer.Argument(help="All files of the list.")],
    list_date: Annotated[str, typer.Option("--list-date", help="When the registry made it, ISO 8601 with zone.")],
    since: Annotated[
        str, typer.Option("--since", help="For a change list: the date of the list that it continues.")
    ] = "",
    xml: Annotated[bool, typer.Option("--xml", help="The FTC's XML form instead of its flat one.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Look at it only; nothing is stored.")] = False,
    accept_rows: Annotated[
        int, typer.Option("--accept-rows", min=0, help="Take the list although so many rows cannot be read.")
    ] = 0,
    accept_count: Annotated[
        int | None, typer.Option("--accept-count", min=0, help="Take a far smaller list, of exactly so many numbers.")
    ] = None,
    accept_empty: Annotated[
        list[str] | None, typer.Option("--accept-empty", help="An area (+1212) that rightly has no number.")
    ] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Bring a national registry's list into force, all files or none; anything odd about it is refused."""
    args = {
        "list": registry,
        "paths": [str(file.absolute()) for file in files],
        "list_date": list_date,
        "since": since or None,
        "xml": xml,
        "check": check,
        "accept_rows": accept_rows,
        "accept_count": accept_count,
        "accept_empty": accept_empty or [],
    }
    answer = carry_out("registry.import", args, limit_s=3600.0)
    finish_import(answer, as_json=as_json or fmt is Format.JSON, lines=_faults)


@dnc.command(
    "import-washed",
    epilog=example(
        "dialer dnc import-washed it-rpo answered.csv --asked 2026-11-20 --region IT",
        "dialer dnc import-washed au-dncr clean.csv --asked 2026-11-20 --region AU --all-are clear",
        'dialer dnc import-washed it-rpo right.csv --asked 2026-11-20 --region IT --correct "the wrong file was taken"',
    ),
)
def import_washed(
    registry: Annotated[str, typer.Argument(help="it-rpo (Italy's register) or au-dncr (Australia's).")],
    file: ExistingFile,
    asked: Annotated[
        str,
        typer.Option("--asked", help="The day the register answered, or a time with its zone; age counts from then."),
    ],
    all_are: Annotated[
        str, typer.Option("--all-are", help="For a file without a column answer: clear or listed, every number of it.")
    ] = "",
    correct: CorrectOption = "",
    region: RegionOption = "US",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Keep what a register answered about the numbers it was handed: all of a file or nothing.

    Columns: phone, and answer, which is clear (may be called) or listed (may not). Such registers hand out no list of
    their own, so that each number needs an answer that is young enough (Italy 15 days, Australia 30); a number without
    one is not called. An answer that contradicts another of the same day is refused; with --correct it takes that one's
    place, which stays on record with who, when and why.
    """
    args = {"list": registry, "path": str(file.absolute()), "asked": asked, "all_are": all_are, "region": region}
    args["correct"] = correct
    answer = carry_out("washed.import", args | {"encoding": encoding or None, "map": mapping(map_)})
    finish_import(answer, as_json=as_json or fmt is Format.JSON)


@dnc.command("status", epilog=example("dialer dnc status"))
def status(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show every registry kept here and, for each campaign, the lists its rules ask for: age, days left, what is held.

    A list that a rule profile asks for must be kept, in force, young enough and cover the number, else the lead waits.
    """
    finish(carry_out("registry.status", {}), as_json=as_json or fmt is Format.JSON, lines=_registries)


def _faults(data: Mapping[str, Any]) -> Iterable[str]:
    report = data.get("report", {})
    return [each["reason"] for each in (*report.get("faults", ())[1:], *report.get("warnings", ()))][:20]


def _registries(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "list": "list",
        "generation": "generation",
        "count": "numbers",
        "standing": "standing",
        "reason": "what it means",
    }
    yield from table(data.get("lists", []), columns)
    needs = data.get("needs", [])
    if needs:
        yield "What the rules of campaigns ask for:"
        wanted = {"campaign": "campaign", "list": "list", "where": "for", "max_age_days": "days allowed"}
        yield from table(needs, wanted | {"standing": "standing", "days_left": "days left", "reason": "what it means"})


def _removals(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {"id": "id", "number": "number", "standing": "standing", "asked_by": "asked by"}
    columns |= {"asked_account": "account", "asked_at": "since", "settled_by": "settled by"}
    columns |= {"settled_account": "account", "expires_at": "until", "reason": "reason"}
    return table(data.get("removals", []), columns)


def _differences(data: Mapping[str, Any]) -> Iterable[str]:
    yield from fault_lines(data.get("report", {}))
    for key, words in (("new", "would be added"), ("missing", "not in the file")):
        found = data.get(key, [])
        for each in found[:20]:
            yield f"  {words}: {each['number']}  {each['scope']} {each['value']}".rstrip()
        if len(found) > 20:
            yield "  ... and more; --json shows the first thousand."


def _entries(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "number": "number",
        "scope": "scope",
        "value": "for",
        "reason": "reason",
        "source": "source",
        "actor": "by",
        "added_at": "since",
        "removed_at": "removed",
    }
    return table(data.get("entries", []), columns)

"""Which commands are there for figures: reports, exports, callbacks, and "why not?"?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import CampaignOption, FormatOption, JsonOption, OptionalCampaign, RegionOption
from dialer.cli.output import Format, finish, say, table
from dialer.refusal import Refused

DAYS = "--from 2026-11-01 --to 2026-11-30"

report = group(
    "report",
    "Reports of a campaign: completion, refusal, all figures, agents' time, and the calls and answers behind them.",
    f"dialer report campaign --campaign Autumn {DAYS}",
)
export = group("export", "The nightly exports: run and list them.", "dialer export run --date 2026-11-20")


class ReportFormat(StrEnum):
    """What standard output holds."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


ReportFormatOption = Annotated[ReportFormat, typer.Option("--format", help="What standard output holds.")]
FromOption = Annotated[str, typer.Option("--from", help="First date, in the campaign's zone.", metavar="DATE")]
ToOption = Annotated[str, typer.Option("--to", help="Last date, included.", metavar="DATE")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the whole."""
    app.add_typer(report)
    app.add_typer(export)
    app.command("callbacks", epilog=example("dialer callbacks --campaign Autumn"))(callbacks)
    app.command("why", epilog=example('dialer why +12025550123 --campaign "Autumn" --at 2026-12-24T09:00:00-05:00'))(
        why
    )


@report.command("completion", epilog=example("dialer report completion --campaign A --from 2026-11-01 --to 2026-11-30"))
def completion(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Scripts completed of those started, and the step where each other call ended."""
    _report("completion", campaign, from_, to, fmt, as_json)


@report.command(
    "refusal", epilog=example("dialer report refusal --campaign A --from 2026-11-01 --to 2026-11-30 --json")
)
def refusal(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Refused before the script, broken off at a step, heard it all and said no."""
    _report("refusal", campaign, from_, to, fmt, as_json)


@report.command("campaign", epilog=example("dialer report campaign --campaign A --from 2026-11-01 --to 2026-11-30"))
def campaign_report(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """All figures of a campaign: hit rate, closes, abandonment, times."""
    _report("campaign", campaign, from_, to, fmt, as_json)


@report.command("agents", epilog=example(f"dialer report agents --campaign A {DAYS}"))
def agents_report(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Each agent's time by state and pause code; the rows add up to logged-in exactly."""
    _report("agents", campaign, from_, to, fmt, as_json)


@report.command(
    "calls",
    epilog=example(
        f"dialer report calls --campaign A {DAYS} --format csv",
        f"dialer report calls --campaign A {DAYS} --figure hit_rate --format csv",
    ),
)
def calls(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    figure: Annotated[
        str,
        typer.Option(
            "--figure", help="Only the calls behind this figure, by its name in the glossary, such as hit_rate."
        ),
    ] = "",
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """One row per call, to recount every figure; with --figure the calls it was counted among, and which counted."""
    _report("calls", campaign, from_, to, fmt, as_json, figure=figure)


@report.command("answers", epilog=example(f"dialer report answers --campaign A {DAYS} --format csv"))
def answers(
    campaign: CampaignOption,
    from_: FromOption,
    to: ToOption,
    fmt: ReportFormatOption = ReportFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """One row per answer that agents wrote down in scripts."""
    _report("answers", campaign, from_, to, fmt, as_json)


def _report(
    kind: str, campaign: str, from_: str, to: str, fmt: ReportFormat, as_json: bool, *, figure: str = ""
) -> None:
    wanted = ReportFormat.JSON if as_json else fmt
    args = {"kind": kind, "campaign": campaign, "from": from_, "to": to, "format": wanted.value}
    answer = carry_out("report.get", args | ({"figure": figure} if figure else {}))
    if not answer.done or wanted is ReportFormat.JSON:
        finish(answer, as_json=wanted is ReportFormat.JSON)
    elif wanted is ReportFormat.CSV:
        typer.echo(answer.data["text"].encode(), nl=False)  # the file's own encoding, whatever the terminal's
    else:
        say(answer.data["text"].removesuffix("\n"))


@export.command("run", epilog=example("dialer export run --date 2026-11-20"))
def run_export(
    date: Annotated[str, typer.Option("--date", help="The report date; yesterday when left out.")] = "",
    campaign: OptionalCampaign = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Write the nightly reports of a date now; one that was written already is not written again."""
    answer = carry_out("export.run", {"date": date or None, "campaign": campaign or None})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_files)


@export.command("list", epilog=example("dialer export list"))
def list_exports(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show the exports that were made."""
    finish(carry_out("export.list"), as_json=as_json or fmt is Format.JSON, lines=_files)


def _files(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {
        "campaign": "campaign",
        "kind": "report",
        "date": "date",
        "path": "file",
        "rows": "rows",
        "made_at": "made",
        "late": "late",
    }
    return table(data.get("exports", []), columns)


def callbacks(campaign: OptionalCampaign = "", fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show the calls promised to people, the missed ones first."""
    columns = {
        "at": "promised for",
        "local": "local time",
        "campaign": "campaign",
        "lead": "lead",
        "number": "number",
        "agent": "agent",
        "missed": "missed",
        "note": "note",
    }
    answer = carry_out("callbacks.list", {"campaign": campaign or None})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("callbacks", []), columns))


def why(
    number: Annotated[str, typer.Argument(help="The number, best as +<country><number>.")],
    campaign: CampaignOption,
    at: Annotated[str, typer.Option("--at", help="An instant with its zone, ISO 8601; now when left out.")] = "",
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Tell whether a number may be dialled, and if not every reason and when it may pass."""
    args = {"number": number, "campaign": campaign, "at": instant(at), "region": region}
    finish(carry_out("why", args), as_json=as_json or fmt is Format.JSON, lines=_gates)


def instant(text: str) -> str | None:
    """What follows --at, as it is sent: none when left out. Raises Refused for anything but a time with its zone."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--at {text[:40]!r} is not an ISO 8601 time such as 2026-12-24T09:00:00-05:00.") from None
    if at.tzinfo is None:
        raise Refused(f"--at {text[:40]!r} has no zone; add one, such as -05:00 or Z.")
    return at.isoformat()


_REGION_WORDS = {"ZZ": "any country (its own is not known)", "US": "any state (US)", "CA": "any province (CA)"}


def _source(row: Mapping[str, Any]) -> str:
    """From what a zone or region was concluded, in brackets."""
    return f" (from {', '.join(row['from'])})" if row.get("from") else ""


def _gates(data: Mapping[str, Any]) -> Iterable[str]:
    rows = [{**gate, "open": "passes" if gate["passed"] else "HOLDS"} for gate in data.get("gates", [])]
    yield from table(rows, {"code": "gate", "open": "", "reason": "reason", "passes_at": "passes at"})
    for zone in data.get("zones", []):
        yield f"Local time in {zone['zone']}: {zone['local']}{_source(zone)}"
    for region in data.get("regions", []):
        yield f"Rules of {_REGION_WORDS.get(region['region'], region['region'])} apply{_source(region)}"
    yield from data.get("place_notes", [])
    if data.get("calls"):
        yield "Calls to this number, the newest first:"
        columns = {
            "at": "at", "campaign": "campaign", "network": "outcome", "disposition": "disposition", "attempt": "call"
        }  # fmt: skip
        yield from table(data["calls"], columns)
    if data.get("previews"):
        yield "On agents' desks before a call, the newest first:"
        seen = {"at": "at", "campaign": "campaign", "agent": "agent", "end": "what became of it", "reason": "reason"}
        yield from table(data["previews"], seen)

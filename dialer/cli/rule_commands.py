"""Which commands are there for rule profiles?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.declaration_commands import declare
from dialer.cli.emergency_commands import emergency
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption
from dialer.cli.output import Format, finish, table
from dialer.cli.override_commands import override
from dialer.cli.text_file import read_text
from dialer.control import Answer, AnswerStatus

rules = group(
    "rules", "List, show and check rule profiles: hours, holidays, limits and their sources.", "dialer rules list"
)


rules.add_typer(override)
rules.add_typer(emergency)
rules.add_typer(declare)


@rules.command("list", epilog=example("dialer rules list"))
def list_(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show all profiles and until when they are good; needs no set-up."""
    from dialer.use_cases.rules import listed

    columns = {
        "profile": "profile",
        "applies": "by place",
        "good_until": "good until",
        "verified_by": "verified by",
        "title": "for",
        "note": "note",
    }
    lines = lambda data: table(data["profiles"], columns)  # noqa: E731
    finish(_answer(listed(_today())), as_json=as_json or fmt is Format.JSON, lines=lines)


@rules.command(
    "show",
    epilog=example(
        "dialer rules show us-federal --region US-FL",
        "dialer rules show fr --json",
        "dialer rules show --campaign Autumn",
    ),
)
def show(
    names: Annotated[
        list[str] | None, typer.Argument(help="Profiles that hold together, as a campaign's and its trunk's.")
    ] = None,
    campaign: Annotated[str, typer.Option("--campaign", help="A campaign's own instead, with its overrides.")] = "",
    region: Annotated[list[str] | None, typer.Option("--region", help="A place the lead may be in: US-FL, DE.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show what profiles and places allow together, and from which source; needs no set-up but for --campaign.

    A limit that is recorded only is not enforced: nothing of the dialer acts on it yet.
    """
    from dialer.use_cases.rules import shown

    if campaign:
        if names:
            raise typer.BadParameter("profiles and --campaign exclude each other: a campaign brings its own")
        told = carry_out("rules.show", {"campaign": campaign, "regions": region or []})
        finish(told, as_json=as_json or fmt is Format.JSON, lines=_limits)
    if not names:
        raise typer.BadParameter("name at least one profile ('dialer rules list'), or a --campaign")
    done = shown(names, region or [], _today())
    finish(_answer(done), as_json=as_json or fmt is Format.JSON, lines=_limits)


@rules.command("lint", epilog=example("dialer rules lint", "dialer rules lint us-fl.yaml --json"))
def lint(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of profiles; all shipped ones if left out.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Refuse profiles without source, with an expired verification, or that fail their own cases; needs no set-up."""
    from dialer.use_cases.rules import linted

    done = linted({str(file): read_text(file) for file in files or ()}, _today())
    finish(_answer(done), as_json=as_json or fmt is Format.JSON, lines=_warnings)


def _today() -> date:
    from dialer.bootstrap import utc_now

    return utc_now().date()


def _answer(done: Any) -> Answer:
    return Answer(id="", status=AnswerStatus.DONE, message=done.message, data=done.data)


def _limits(data: Mapping[str, Any]) -> Iterable[str]:
    yield from table(data["limits"], {"limit": "limit", "value": "value", "from": "from", "enforced": "today"})
    for each in data.get("overrides", []):
        whom = each["number"] or "numbers with a consent on record"
        yield f"override {each['id']} for {whom}: {each['key']} = {each['value']} until {each['until']},"
        yield f"  by {each['asked_by']} and {each['confirmed_by']}: {each['reason']}"
    for each in data.get("checklist", []):
        yield f"{each['declared'] or 'declared by nobody'}: {each['what']}"
    for file in data["sources"]:
        by = file["verified_by"] or "nobody yet"
        yield f"{file['profile']}, version {file['version']}: read on {file['verified_on']}, confirmed by {by}"
        yield from (f"  source: {source}" for source in file["sources"])
        yield from (f"  doubt:  {doubt}" for doubt in file["doubts"])


def _warnings(data: Mapping[str, Any]) -> Iterable[str]:
    for found in data["profiles"]:
        yield from (f"{found['profile']}: {words}" for words in found["warnings"])

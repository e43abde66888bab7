"""Which commands are there for campaigns?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption, ReasonOption
from dialer.cli.output import Format, finish, pairs, table
from dialer.cli.text_file import plain, read_toml, with_lines

campaign = group("campaign", "Create, set, start, pause and stop campaigns.", "dialer campaign start Autumn")

NameArgument = Annotated[str, typer.Argument(help="The campaign's name.")]


@campaign.command("create", epilog=example("dialer campaign create Autumn --from autumn.toml"))
def create(
    name: NameArgument,
    from_: Annotated[Path, typer.Option("--from", help="Settings as TOML.", metavar="FILE.toml")],
    lists: Annotated[list[str] | None, typer.Option("--list", help="A lead list it dials; may be repeated.")] = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Make a campaign from a settings file; nothing is dialled before it is started."""
    table, text = read_toml(from_)
    answer = carry_out("campaign.create", {"settings": {**table, "name": name}, "lists": lists or []})
    answer = with_lines(answer, text, from_.name)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@campaign.command("set", epilog=example("dialer campaign set Autumn ratio=1.5 mode=power"))
def set_(
    name: NameArgument,
    changes: Annotated[list[str], typer.Argument(help="What to change.", metavar="KEY=VALUE...")],
    reason: ReasonOption = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Change settings: a new version is made, calls that are live keep theirs."""
    args = {"name": name, "changes": dict(_change(change) for change in changes)}
    finish(carry_out("campaign.set", args, reason=reason), as_json=as_json or fmt is Format.JSON)


@campaign.command("rename", epilog=example("dialer campaign rename Autumn Winter"))
def rename(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="Its name from now on.", metavar="NEW")],
    reason: ReasonOption = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Give a campaign another name; its calls, figures, abandonment and do-not-call entries go on."""
    answer = carry_out("campaign.rename", {"name": name, "new_name": new_name}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@campaign.command("clone", epilog=example('dialer campaign clone Autumn "Autumn two"'))
def clone(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="The new campaign's name.", metavar="NEW")],
    leads: Annotated[bool, typer.Option("--leads/--no-leads", help="Its lists too, every lead begun anew.")] = False,
    reason: ReasonOption = "",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Make a campaign like another: settings, script, agents, do-not-call entries; abandonment is counted together."""
    answer = carry_out("campaign.clone", {"name": name, "new_name": new_name, "leads": leads}, reason=reason)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@campaign.command("attach-list", epilog=example("dialer campaign attach-list Autumn autumn-leads"))
def attach_list(
    name: NameArgument,
    list_: Annotated[str, typer.Argument(help="The list's name.", metavar="LIST")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Let a campaign dial a list."""
    answer = carry_out("campaign.attach_list", {"name": name, "list": list_})
    finish(answer, as_json=as_json or fmt is Format.JSON)


@campaign.command("export", epilog=example("dialer campaign export Autumn > autumn.toml"))
def export(name: NameArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Write a campaign's settings as TOML, to be kept or given to `campaign create`."""
    answer = carry_out("campaign.export", {"name": name})
    if answer.done and not (as_json or fmt is Format.JSON):
        typer.echo(answer.data["toml"], nl=False)
        raise typer.Exit(0)
    finish(answer, as_json=as_json or fmt is Format.JSON)


@campaign.command("show", epilog=example("dialer campaign show Autumn"))
def show(name: NameArgument, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show a campaign: state, leads, figures, settings."""
    answer = carry_out("campaign.show", {"name": name})
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_details)


@campaign.command("list", epilog=example("dialer campaign list"))
def list_(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show all campaigns."""
    columns = {"name": "campaign", "state": "state", "mode": "mode", "leads": "leads", "lists": "lists"}
    answer = carry_out("campaign.list")
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("campaigns", []), columns))


@campaign.command("start", epilog=example("dialer campaign start Autumn"))
def start(
    name: NameArgument, reason: ReasonOption = "", fmt: FormatOption = Format.TABLE, as_json: JsonOption = False
) -> None:
    """Dial from now on, when everything needed is there."""
    _move("start", name, reason, as_json or fmt is Format.JSON)


@campaign.command("pause", epilog=example("dialer campaign pause Autumn"))
def pause(
    name: NameArgument, reason: ReasonOption = "", fmt: FormatOption = Format.TABLE, as_json: JsonOption = False
) -> None:
    """No new calls; live ones go on."""
    _move("pause", name, reason, as_json or fmt is Format.JSON)


@campaign.command("stop", epilog=example("dialer campaign stop Autumn"))
def stop(
    name: NameArgument, reason: ReasonOption = "", fmt: FormatOption = Format.TABLE, as_json: JsonOption = False
) -> None:
    """No new calls; agents are logged off when it is quiet."""
    _move("stop", name, reason, as_json or fmt is Format.JSON)


@campaign.command("emergency-stop", epilog=example('dialer campaign emergency-stop Autumn --reason "wrong list"'))
def emergency_stop(
    name: NameArgument, reason: ReasonOption = "", fmt: FormatOption = Format.TABLE, as_json: JsonOption = False
) -> None:
    """At once: no new call, ringing ones are hung up, conversations are left."""
    _move("emergency_stop", name, reason, as_json or fmt is Format.JSON)


def _move(verb: str, name: str, reason: str, as_json: bool) -> None:
    finish(carry_out(f"campaign.{verb}", {"name": name}, reason=reason), as_json=as_json)


def _details(data: Mapping[str, Any]) -> Iterable[str]:
    apart = ("settings", "leads", "versions", "budget", "skips")
    plain = {key: value for key, value in data.items() if key not in apart}
    yield from pairs(plain | _budget(data.get("budget", {})))
    for title in ("leads", "settings"):
        if data.get(title):
            yield ""
            yield f"{title}:"
            yield from (f"  {line}" for line in pairs(data[title]))
    if data.get("skips"):
        yield from ("", "leads skipped in preview within 30 days:")
        yield from (f"  {line}" for line in table(data["skips"], {"reason": "reason", "leads": "leads"}))
    yield from ("", "versions of the settings:")
    versions = table(data.get("versions", []), {"version": "version", "saved_by": "saved by", "saved_at": "saved"})
    yield from (f"  {line}" for line in versions)


def _budget(budget: Mapping[str, Any]) -> dict[str, str]:
    """What may still be abandoned, in one line each."""
    if not budget:
        return {}
    left = f"{budget['more']} more today, {budget['more_30d']} in 30 days ({budget['stage']})"
    together = {"counted_with": ", ".join(budget["shared_with"])} if budget["shared_with"] else {}
    return {"budget": left, "": budget["sentence"]} | together


def _change(text: str) -> tuple[str, object]:
    """`ratio=1.5` as a name and a TOML value; what is no TOML value is a text."""
    import tomllib

    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise typer.BadParameter(f"{text[:60]!r} is not KEY=VALUE, e.g. ratio=1.5")
    try:
        return key.strip(), plain(tomllib.loads(f"value = {value}")["value"])
    except (tomllib.TOMLDecodeError, RecursionError):
        return key.strip(), value

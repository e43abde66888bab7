"""Which commands are there for a person's rights: everything about him out, or gone, and how long what is kept?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.consent_commands import NumberArgument
from dialer.cli.groups import example, group
from dialer.cli.options import FormatOption, JsonOption, RegionOption
from dialer.cli.output import Format, finish, table

privacy = group(
    "privacy",
    "A person's data: everything out, or gone; how long what is kept.",
    "dialer privacy export +12025550123 --out FOLDER",
)


@privacy.command("export", epilog=example("dialer privacy export +12025550123 --out for-ada"))
def export(
    number: NumberArgument,
    out: Annotated[Path, typer.Option("--out", help="A folder that is not there yet.")],
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Write everything stored about the persons with a number, as JSON and CSV, all or nothing."""
    args = {"number": number, "out": str(out.expanduser().absolute()), "region": region}
    finish(carry_out("privacy.export", args), as_json=as_json or fmt is Format.JSON, lines=_left)


@privacy.command(
    "erase",
    epilog=example(
        "dialer privacy erase +12025550123 --preview",
        'dialer privacy erase +12025550123 --reason "asked by letter"',
        'dialer privacy erase +12025550123 --reason "asked by letter" --with-same-key 1',
    ),
)
def erase(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; traces of the person in it are taken out.")] = "",
    with_same_key: Annotated[
        int, typer.Option("--with-same-key", min=0, help="So many leads of the same person_key too: see --preview.")
    ] = 0,
    preview: Annotated[bool, typer.Option("--preview", help="Show who would be reached; erase nobody.")] = False,
    region: RegionOption = "US",
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Make the persons with a number unreadable everywhere; the number stays barred by a keyed hash. Not undone.

    Leads with other numbers that a list calls the same person (person_key) are told by their count and stay, unless
    --with-same-key names exactly that count; --preview shows them, with names and numbers, and erases nobody.
    """
    if preview:
        answer = carry_out("privacy.preview", {"number": number, "region": region, "with_same_key": with_same_key})
        finish(answer, as_json=as_json or fmt is Format.JSON, lines=_same_key)
        return
    # The reason never goes as the command's own: that is kept.
    args = {"number": number, "reason": reason, "region": region, "with_same_key": with_same_key}
    finish(carry_out("privacy.erase", args), as_json=as_json or fmt is Format.JSON, lines=_left)


@privacy.command("clean", epilog=example("dialer privacy clean"))
def clean(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Clear what was deleted from the database's free pages; done by itself after an erasure unless a campaign runs."""
    finish(carry_out("privacy.clean"), as_json=as_json or fmt is Format.JSON)


@privacy.command("status", epilog=example("dialer privacy status"))
def status(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show what is kept how long, the oldest of each class, and what the last night took away."""
    finish(carry_out("privacy.status"), as_json=as_json or fmt is Format.JSON, lines=_classes)


def _classes(data: Mapping[str, Any]) -> Iterable[str]:
    columns = {"class": "class", "keep_days": "days", "oldest": "oldest", "then": "then", "last_night": "last night"}
    yield from table(data.get("classes", []), columns)
    yield from data.get("notes", [])


def _same_key(data: Mapping[str, Any]) -> Iterable[str]:
    """Whom it would reach, then leads that may be the same person, to be looked at."""
    yield from _people("It would erase:", data.get("whom", []), data["persons"])
    others = "It would leave these, who have the same person_key:"
    yield from _people(others, data.get("same_key_leads", []), data["same_key"])


def _people(heading: str, people: Sequence[Mapping[str, Any]], of: int) -> Iterable[str]:
    """Names and numbers under a heading; nothing where there is nobody."""
    if people:
        yield heading
        rows = [{"name": each["name"], "numbers": ", ".join(each["numbers"])} for each in people]
        yield from table(rows, {"name": "name", "numbers": "numbers"})
    if 0 < len(people) < of:
        yield f"The first {len(people)} of {of}."


def _left(data: Mapping[str, Any]) -> Iterable[str]:
    """What we cannot reach."""
    for copy in data.get("copies", []):
        yield f"A copy of the database: {copy}"
    yield from data.get("not_held", [])
    yield from data.get("out_of_reach", [])

"""Which commands are there for numbers that were given to somebody else?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.checked_file import finish_import
from dialer.cli.groups import example, group
from dialer.cli.options import (
    CorrectOption,
    EncodingOption,
    ExistingFile,
    FormatOption,
    JsonOption,
    MapOption,
    mapping,
)
from dialer.cli.output import Format, finish

reassigned = group(
    "reassigned",
    "Numbers given to somebody else: what to ask the Reassigned Numbers Database, and what it answered.",
    "dialer reassigned export --campaign Autumn --out ask.csv",
)

AskedOption = Annotated[
    str, typer.Option("--asked", help="When it was asked: a date, or a time with its zone. Its age counts from then.")
]


@reassigned.command("export", epilog=example("dialer reassigned export --campaign Autumn --out ask.csv"))
def export(
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign whose leads are to be called.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; one of that name is replaced.")],
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Write what is to be asked: each number without an answer that counts, and the date of its newest consent."""
    answer = carry_out("reassigned.export", {"campaign": campaign, "path": str(out.absolute())})
    finish(answer, as_json=as_json or fmt is Format.JSON)


@reassigned.command(
    "import",
    epilog=example(
        "dialer reassigned import answers.csv --asked 2026-11-20",
        'dialer reassigned import right.csv --asked 2026-11-20 --correct "columns were mixed up, letter 7"',
    ),
)
def import_(
    file: ExistingFile,
    asked: AskedOption,
    account: Annotated[str, typer.Option("--account", help="The subscription it was asked under; kept as proof.")] = "",
    correct: CorrectOption = "",
    encoding: EncodingOption = "",
    map_: MapOption = None,
    fmt: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Keep all answers of a file or none. Columns: phone, date (asked about), answer (yes, no, no data).

    A campaign heeds them with reassigned=ask: who has no young "no" about the day of his consent is not called. One
    that contradicts an answer to the same question is refused; with --correct it takes that one's place, which stays on
    record with who, when and why.
    """
    args = {"path": str(file.absolute()), "asked": asked, "account": account, "correct": correct}
    answer = carry_out("reassigned.import", args | {"encoding": encoding or None, "map": mapping(map_)})
    finish_import(answer, as_json=as_json or fmt is Format.JSON)

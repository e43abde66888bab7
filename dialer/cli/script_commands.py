"""Which commands are there for scripts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import ExistingFile, FormatOption, JsonOption
from dialer.cli.output import Format, finish, table
from dialer.cli.text_file import read_text
from dialer.control import Answer, AnswerStatus

script = group("script", "Check, import and list scripts.", "dialer script check offer.toml")


@script.command("check", epilog=example("dialer script check renewal.toml"))
def check(file: ExistingFile, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Read a script and tell every fault; stores nothing and needs no set-up."""
    from dialer.use_cases.scripts import described
    from dialer.use_cases.shown import counted

    found = described(read_text(file))
    message = (
        f"{file.name} is a good script: {found['name']}, {counted(len(found['steps']), 'step')}. Nothing was stored."
    )
    answer = Answer(id="", status=AnswerStatus.DONE, message=message, data=found)
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_steps)


@script.command("import", epilog=example("dialer script import renewal.toml"))
def import_(file: ExistingFile, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Store a script as a new version; calls that are live keep theirs."""
    finish(carry_out("script.import", {"text": read_text(file)}), as_json=as_json or fmt is Format.JSON)


@script.command("list", epilog=example("dialer script list"))
def list_(fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Show all scripts with their newest versions."""
    columns = {"name": "script", "version": "version", "saved_at": "saved", "actor": "by"}
    answer = carry_out("script.list")
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=lambda data: table(data.get("scripts", []), columns))


def _steps(data: Mapping[str, Any]) -> Iterable[str]:
    return table(
        data["steps"], {"key": "step", "next": "leads to", "fields": "asks", "may_leave": "leave", "end": "end"}
    )

"""Which commands are there for scripts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.carrying import carry_out
from dialer.cli.groups import example, group
from dialer.cli.options import ExistingFile, FormatOption, JsonOption
from dialer.cli.output import Format, finish, table
from dialer.control import Answer, AnswerStatus
from dialer.refusal import Refused

script = group("script", "Check, import and list scripts.")
LARGEST_BYTES = 512 * 1024


@script.command("check", epilog=example("dialer script check renewal.toml"))
def check(file: ExistingFile, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Read a script and tell every fault; stores nothing and needs no set-up."""
    from dialer.use_cases.scripts import described

    found = described(_text(file))
    message = f"{file.name} is a good script: {found['name']}, {len(found['steps'])} steps. Nothing was stored."
    answer = Answer(id="", status=AnswerStatus.DONE, message=message, data=found)
    finish(answer, as_json=as_json or fmt is Format.JSON, lines=_steps)


@script.command("import", epilog=example("dialer script import renewal.toml"))
def import_(file: ExistingFile, fmt: FormatOption = Format.TABLE, as_json: JsonOption = False) -> None:
    """Store a script as a new version; calls that are live keep theirs."""
    finish(carry_out("script.import", {"text": _text(file)}), as_json=as_json or fmt is Format.JSON)


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


def _text(file: Annotated[Path, typer.Argument()]) -> str:
    try:
        raw = file.read_bytes()
        if len(raw) > LARGEST_BYTES:
            raise Refused(f"{file} is larger than {LARGEST_BYTES // 1024} kB. Nothing was stored.")
        return raw.decode("utf-8")
    except OSError as fault:
        raise Refused(f"{file} cannot be read: {fault.strerror}. Nothing was stored.") from None
    except UnicodeDecodeError as fault:
        raise Refused(f"{file}: byte {fault.start} is not UTF-8; save it as UTF-8. Nothing was stored.") from None

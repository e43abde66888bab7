"""How is an answer shown in a shell: a sentence and a table for people, one JSON object for programs?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

import typer

from dialer.control import Answer, AnswerStatus

WIDEST = 60
LONGEST = 2000
LONGEST_LINE = 20_000

Lines = Callable[[Mapping[str, Any]], Iterable[str]]


class Format(StrEnum):
    """What standard output holds."""

    TABLE = "table"
    JSON = "json"


def wants_json(argv: Sequence[str]) -> bool:
    """Whether the answer to these arguments is for a program, even when they cannot be understood."""
    return "--json" in argv or "--format=json" in argv or ("--format", "json") in pairwise(argv)


def finish(answer: Answer, *, as_json: bool, lines: Lines | None = None) -> None:
    """Show an answer and end with its exit code. A refusal goes to standard error, unless JSON was asked for."""
    if as_json:
        say_json(envelope(answer))
    elif answer.done:
        say(answer.message)
        for line in lines(answer.data) if lines else ():
            say(line)
    else:
        complain(answer.message)
    raise typer.Exit(answer.status.exit_code)


def envelope(answer: Answer) -> dict[str, Any]:
    """The one object of `--json`: status and message, and the answer's data beside them."""
    return {"status": answer.status.value, "message": answer.message} | dict(answer.data)


def refused(message: str, data: Mapping[str, Any] | None = None) -> Answer:
    return Answer(id="", status=AnswerStatus.REFUSED, message=message, data=data or {})


def say_json(value: Mapping[str, Any]) -> None:
    """One object on one line, in ASCII: the same bytes whatever the terminal's encoding."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False) + "\n")


def say(line: str) -> None:
    _write(sys.stdout, line)


def complain(line: str) -> None:
    _write(sys.stderr, line)


def _write(stream: Any, text: str) -> None:
    """Foreign text is inert here: no control character but a line end of ours reaches the terminal."""
    from campaigns.foreign_text import inert

    encoding = getattr(stream, "encoding", None) or "utf-8"
    for line in text.split("\n"):
        stream.write(inert(line, LONGEST_LINE).encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()  # a pipe shows it now too: a demo tells for minutes how it goes


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    """Rows under headings; `columns` maps a key to its heading. Nothing for no rows.

    A cell wider than WIDEST is shown whole and pushes the rest of its line to the right: a reason cut short is none.
    """
    if not rows:
        return []
    cells = [list(columns.values()), *([_cell(row.get(key)) for key in columns] for row in rows)]
    widths = [min(WIDEST, max(len(line[number]) for line in cells)) for number in range(len(columns))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def pairs(values: Mapping[str, Any]) -> list[str]:
    """Names and values, one a line."""
    width = max((len(name) for name in values), default=0)
    return [f"{name.ljust(width)}  {_cell(value)}" for name, value in values.items()]


def _cell(value: object) -> str:
    from campaigns.foreign_text import inert

    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and "numerator" in value:
        return figure(value)
    if isinstance(value, Mapping):
        return inert(", ".join(f"{key} {item}" for key, item in value.items()), LONGEST) or "-"
    if isinstance(value, list | tuple):
        return inert(", ".join(_item(item) for item in value), LONGEST) or "-"
    return inert(str(value), LONGEST)


def _item(value: object) -> str:
    """One of several; a table among them is named, not spelled out."""
    return str(value.get("code") or value.get("name") or dict(value)) if isinstance(value, Mapping) else str(value)


def figure(value: Mapping[str, Any]) -> str:
    """A share with what it is made of: `25.0 % (3/12)`; none is shown as none, never as zero."""
    made_of = f"{value['numerator']}/{value['denominator']}"
    return f"none ({made_of})" if value.get("value") is None else f"{float(value['value']) * 100:.1f} % ({made_of})"

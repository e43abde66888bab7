"""How is a checked file shown: its sentence, its first faults, and the exit code?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer

from dialer.cli.output import Lines, complain, finish, say, say_json
from dialer.control import Answer

SHOWN = 20
IN_JSON = 1000  # of each kind, so many of them are in an answer
REFUSED = 2


def finish_check(report: Mapping[str, Any], *, as_json: bool, lines: Lines | None = None) -> None:
    """Show a report of `leads check` or `dnc check-file` and end: 2 for REJECT, else 0. `lines`: more for people."""
    rejected = report["status"] == "REJECT"
    if as_json:
        say_json(report)
    else:
        (complain if rejected else say)(f"{report['status']}: {report['message']}")
        for line in fault_lines(report):
            (complain if rejected else say)(line)
        for line in lines(report) if lines else ():
            (complain if rejected else say)(line)
    raise typer.Exit(REFUSED if rejected else 0)


def finish_import(answer: Answer, *, as_json: bool, lines: Lines | None = None) -> None:
    """Show what became of a file: also when it was refused its first faulty rows, each with its line and why."""
    shown = lines or (lambda data: fault_lines(data.get("report", {})))
    if not as_json and not answer.done:
        complain(answer.message)
        for line in (*shown(answer.data), *_more_faults(answer.data)):
            complain(line)
        raise typer.Exit(answer.status.exit_code)
    finish(answer, as_json=as_json, lines=shown)


def _more_faults(data: Mapping[str, Any]) -> Iterable[str]:
    """The message of such a file names the first of them itself."""
    faults = data.get("faults", [])
    if len(faults) > SHOWN:
        yield f"  --json names {_all_of(len(faults))}, one by one."


def _all_of(listed: int) -> str:
    return "them all" if listed < IN_JSON else f"the first {IN_JSON}"


def fault_lines(report: Mapping[str, Any]) -> Iterable[str]:
    """The first faults and warnings, one a line, and how many more there are."""
    for kind, name in (("rejected", "rejected row"), ("warnings", "warning")):
        faults = report.get(kind, [])
        for fault in faults[:SHOWN]:
            yield f"  {fault['code']}  {fault['reason']}"
        if len(faults) > SHOWN:
            there = report.get(f"{kind}_count", len(faults))
            more = there - SHOWN
            yield f"  ... and {more} more {name}{'s' if more > 1 else ''}; --json shows {_all_of(there)}."

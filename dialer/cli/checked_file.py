"""How is a checked file shown: its sentence, its first faults, and the exit code?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import typer

from dialer.cli.output import Lines, complain, say, say_json

SHOWN = 20
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


def fault_lines(report: Mapping[str, Any]) -> Iterable[str]:
    """The first faults and warnings, one a line, and how many more there are."""
    for kind, name in (("rejected", "rejected row"), ("warnings", "warning")):
        faults = report.get(kind, [])
        for fault in faults[:SHOWN]:
            yield f"  {fault['code']}  {fault['reason']}"
        if len(faults) > SHOWN:
            more = len(faults) - SHOWN
            yield f"  ... and {more} more {name}{'s' if more > 1 else ''}; --json shows them all."

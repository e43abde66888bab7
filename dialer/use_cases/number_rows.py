"""What does a file say of single numbers, row by row? Read like leads, each number with the row's other columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.importing import CheckReport, ImportRefused, LeadRow, read_leads
from dialer.use_cases.arguments import Args
from dialer.use_cases.leads import columns_of


@dataclass(frozen=True, kw_only=True)
class NumberRows:
    """A file that was read, and what is wrong with it. `rows`: line, number in E.164, and the other columns by their
    names in small letters, with underscores for blanks."""

    report: CheckReport
    rows: tuple[tuple[int, str, Mapping[str, str]], ...]


def read(args: Args) -> NumberRows:
    """The rows of a file with a phone column; needs no store. What is wrong with the file stands in the report."""
    reading = read_leads(
        args.path("path"),
        region=args.optional_text("region", "US"),
        encoding=args.optional_text("encoding") or None,
        mapping=columns_of(args),
    )
    rows: list[tuple[int, str, Mapping[str, str]]] = []
    try:
        for row in reading:
            rows += [(row.line, number.e164, _columns(row)) for number in row.contact_points]
    except ImportRefused as refusal:
        return NumberRows(report=reading.refused(refusal), rows=())
    return NumberRows(report=reading.report([number for _, number, _ in rows]), rows=tuple(rows))


def _columns(row: LeadRow) -> Mapping[str, str]:
    return {name.strip().lower().replace(" ", "_"): text.strip() for name, text in row.custom}

"""How does a report become a file? As CSV or JSON, whole or not at all, the same bytes for the same data.

The bytes depend on nothing but the report: no locale, no time zone of the machine, no clock. Phone numbers in
CSV keep their + behind a leading apostrophe, since a cell that starts with + is a formula to a spreadsheet;
the importer takes that apostrophe off again. JSON holds them as they are.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from campaigns.foreign_text import csv_cell
from campaigns.metrics import Figure
from campaigns.reports import Cell, Report

DECIMALS = 6
FORMAT_VERSION = 1
PERIOD_COLUMNS = ("from", "to", "zone")
# Written as \u escapes: controls and invisible characters that a terminal or an editor would act on.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


class ExportFault(Exception):
    """The file could not be written. No part of it is there, and a file of that name from before is unchanged."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file that is completely on disk."""

    path: Path
    sha256: str
    rows: int


def as_csv(report: Report) -> bytes:
    """A header line and the rows, UTF-8 with LF; foreign text can be no formula. Empty cells are *none*.

    Each row ends with the period (report dates, both included) and its zone, so that files can be put together.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    period = report.period
    writer.writerow([*(column.name for column in report.columns), *PERIOD_COLUMNS])
    for row in report.rows:
        cells = (*row, period.first.isoformat(), period.last.isoformat(), period.zone)
        writer.writerow([_csv_text(cell) for cell in cells])
    return text.getvalue().encode("utf-8")


def as_json(report: Report) -> bytes:
    """One object: what it is, its columns with their definitions, rows, figures and notes."""
    period = report.period
    content = {
        "format": FORMAT_VERSION,
        "kind": report.kind,
        "title": report.title,
        "campaign": report.campaign,
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat(), "zone": period.zone},
        "columns": [
            {"name": c.name, "label": c.label, "kind": c.kind.value, "definition": c.definition} for c in report.columns
        ],
        "rows": _rows_as_json(report),
        "figures": [figure_as_json(figure) for figure in report.figures],
        "notes": list(report.notes),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    return (_UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n").encode("utf-8")


def _rows_as_json(report: Report) -> list[dict[str, object]]:
    """Cells by column; a call has its answers beside them."""
    rows: list[dict[str, object]] = [
        {c.name: _rounded(cell) for c, cell in zip(report.columns, row, strict=True)} for row in report.rows
    ]
    for row, answers in zip(rows, report.answers, strict=False):
        row["answers"] = [
            {"step": a.step, "at": a.at.isoformat(timespec="seconds"), "field": a.field, "value": a.value}
            for a in answers
        ]
    return rows


def figure_as_json(figure: Figure) -> dict[str, object]:
    """One figure with all that is needed to recount it."""
    return {
        "name": figure.name,
        "label": figure.label,
        "numerator": _rounded(figure.numerator),
        "denominator": _rounded(figure.denominator),
        "value": _rounded(figure.value),
        "unit": figure.unit.value,
        "formula": figure.formula,
        "from": figure.period.first.isoformat(),
        "to": figure.period.last.isoformat(),
        "zone": figure.zone,
    }


FORMATS: dict[str, Callable[[Report], bytes]] = {"csv": as_csv, "json": as_json}


def file_name(report: Report, fmt: str) -> str:
    """`autumn-completion-2026-11-20.csv`: no character of a campaign's name can leave the folder."""
    name = re.sub(r"[^a-z0-9]+", "-", report.campaign.lower()).strip("-") or "campaign"
    first, last = report.period.first.isoformat(), report.period.last.isoformat()
    days = first if first == last else f"{first}_{last}"
    return f"{name[:60]}-{report.kind}-{days}.{fmt}"


def export(report: Report, folder: Path, fmt: str = "csv") -> Exported:
    """Write the report into the folder, which is made if it is missing. Raises ExportFault."""
    if fmt not in FORMATS:
        raise ExportFault(f"There is no format {fmt[:20]!r}; there are {', '.join(FORMATS)}. Nothing was written.")
    return write_whole(folder / file_name(report, fmt), FORMATS[fmt](report), rows=len(report.rows))


def write_whole(path: Path, content: bytes, *, rows: int = 0) -> Exported:
    """Put `content` at `path` durably and at once: readers see the old file or the new one, never a part.

    Raises ExportFault.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o640)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as fault:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        reason = fault.strerror or type(fault).__name__
        raise ExportFault(
            f"{path} could not be written: {reason}. No part of it is there; mend that and export again."
        ) from None
    return Exported(path=path, sha256=hashlib.sha256(content).hexdigest(), rows=rows)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rounded(cell: Cell) -> Cell:
    """Floats with at most six decimals, whole ones without a point: the same text on every machine."""
    if isinstance(cell, float):
        short = round(cell, DECIMALS)
        return int(short) if short.is_integer() else short
    return cell


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    return csv_cell(cell) if isinstance(cell, str) else str(_rounded(cell))

"""Where does the owner of a list find all its bad rows, to mend them and import them again?"""

import csv
import os
import tempfile
from pathlib import Path as FilePath
from typing import TextIO

from campaigns.foreign_text import csv_cell
from campaigns.importing.leads import Columns, Path, RejectedRow, read_leads

_OWN_COLUMNS = ("line", "column", "code", "reason")


def rejected_path(path: Path) -> FilePath:
    """`leads.csv` has its bad rows in `leads.csv.rejected.csv`, beside it."""
    return FilePath(f"{os.fsdecode(path)}.rejected.csv")


def write_rejected(
    path: Path,
    path_out: Path | None = None,
    *,
    region: str = "US",
    encoding: str | None = None,
    mapping: Columns | None = None,
) -> int:
    """Writes every bad row of `path` with line, column, code, reason and its own fields; returns how many.

    One output row for each bad row; several faults are joined with "; ". Every cell is formula-safe and
    UTF-8. The file appears whole or not at all, readable by its owner only; with no bad row none is
    written. Raises ImportRefused when `path` is refused as a whole, OSError when it cannot be written.
    """
    target = FilePath(os.fsdecode(path_out)) if path_out is not None else rejected_path(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    temporary = FilePath(name)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:  # noqa: PTH123
            count = _write(file, path, region, encoding, mapping)
            file.flush()
            os.fsync(file.fileno())
        if count:
            temporary.replace(target)
        return count
    finally:
        temporary.unlink(missing_ok=True)


def _write(file: TextIO, path: Path, region: str, encoding: str | None, mapping: Columns | None) -> int:
    writer = csv.writer(file, lineterminator="\n")
    count = 0

    def write(row: RejectedRow) -> None:
        nonlocal count
        if count == 0:
            writer.writerow([*_OWN_COLUMNS, *_header(row)])
        count += 1
        writer.writerow([csv_cell(cell) for cell in (*_findings(row), *row.fields)])

    for _lead in read_leads(path, region=region, encoding=encoding, mapping=mapping, on_rejected=write):
        pass
    return count


def _header(row: RejectedRow) -> list[str]:
    return [csv_cell(name or f"column {place}") for place, name in enumerate(row.header, start=1)]


def _findings(row: RejectedRow) -> tuple[str, str, str, str]:
    columns = [fault.column or "" for fault in row.faults]
    codes = [str(fault.code) for fault in row.faults]
    reasons = [fault.reason for fault in row.faults]
    return str(row.line), "; ".join(columns), "; ".join(codes), "; ".join(reasons)

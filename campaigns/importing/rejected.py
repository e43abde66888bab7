"""Where does the owner of a list find all its bad rows, to mend them and import them again?"""

import contextlib
import csv
import os
import tempfile
from pathlib import Path as FilePath
from typing import Self, TextIO

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
    with RejectedFile(FilePath(os.fsdecode(path_out)) if path_out is not None else rejected_path(path)) as bad:
        for _lead in read_leads(path, region=region, encoding=encoding, mapping=mapping, on_rejected=bad.add):
            pass
        bad.keep()
        return bad.count


class RejectedFile:
    """A file of bad rows that is written while another reads them, and appears with `keep` or not at all.

    `add` never raises: the list is read on when its bad rows cannot be written, and `keep` tells of it (OSError).
    """

    def __init__(self, target: FilePath) -> None:
        self._target = target
        self._fault: OSError | None = None
        self._temporary: FilePath | None = None
        self._file: TextIO | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            if self._file is not None:
                self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def add(self, row: RejectedRow) -> None:
        """Write one bad row."""
        if self._fault is not None:
            return
        try:
            file = self._file or self._begun(row)
            csv.writer(file, lineterminator="\n").writerow([csv_cell(cell) for cell in (*_findings(row), *row.fields)])
        except OSError as fault:
            self._fault = fault
        self.count += 1

    def keep(self) -> FilePath | None:
        """Put the file in its place and tell where; None when there was no bad row. Raises OSError."""
        if self._fault is not None:
            raise self._fault
        if self._file is None or self._temporary is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self._target)
        return self._target

    def _begun(self, row: RejectedRow) -> TextIO:
        descriptor, name = tempfile.mkstemp(prefix=f".{self._target.name[:100]}.", dir=self._target.parent)
        self._temporary = FilePath(name)
        self._file = open(descriptor, "w", encoding="utf-8", errors="replace", newline="")  # noqa: PTH123, SIM115
        csv.writer(self._file, lineterminator="\n").writerow([*_OWN_COLUMNS, *_header(row)])
        return self._file


def _header(row: RejectedRow) -> list[str]:
    return [csv_cell(name or f"column {place}") for place, name in enumerate(row.header, start=1)]


def _findings(row: RejectedRow) -> tuple[str, str, str, str]:
    columns = [fault.column or "" for fault in row.faults]
    codes = [str(fault.code) for fault in row.faults]
    reasons = [fault.reason for fault in row.faults]
    return str(row.line), "; ".join(columns), "; ".join(codes), "; ".join(reasons)

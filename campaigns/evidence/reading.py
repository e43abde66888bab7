"""What stands in a folder of evidence, as values? Foreign files: nothing in them is believed.

Whatever was not written by this program is a `Changed` that names file and line.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from campaigns.evidence.files import HEADS, RECEIPTS
from campaigns.foreign_text import from_csv_cell
from campaigns.receipts import Day, Link, Receipt, UnreadableReceipt, canonical, digest_of, receipt_from
from campaigns.receipts.writing import canonical_json

LARGEST = 4 * 1024**3


@dataclass(frozen=True, kw_only=True)
class FolderFault:
    """The first change: in which file and line (1 is the first; none: the file as a whole), and what it is."""

    file: str
    line: int | None
    words: str

    @property
    def message(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.words}"


class Changed(Exception):
    """The first fault, on its way out."""

    def __init__(self, file: str, line: int | None, words: str) -> None:
        super().__init__(words)
        self.fault = FolderFault(file=file, line=line, words=words)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """receipts.jsonl, read: each row's link with its line, and the receipts by place."""

    links: tuple[tuple[Link, int], ...]
    receipts: Mapping[str, Receipt]


def read_file(folder: Path, name: str) -> bytes:
    """A regular file of the folder itself, never through a link; a pipe or a device is refused, not waited for."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Changed(name, None, "is not there") from None
    except OSError as fault:
        raise Changed(name, None, f"cannot be read: {fault.strerror or fault}") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise Changed(name, None, "is no file of a size that was ever written")
        return file.read()


def json_object(name: str, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Changed(name, None, "was changed: it is not the JSON object that was written")
    return found


def rows_of(content: bytes) -> Rows:
    links: list[tuple[Link, int]] = []
    receipts: dict[str, Receipt] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        link, receipt = _row(line, number)
        links.append((link, number))
        if receipt is not None:
            receipts[f"{link.day.isoformat()} {link.seq}"] = receipt
    return Rows(links=tuple(links), receipts=receipts)


def _row(line: str, number: int) -> tuple[Link, Receipt | None]:
    try:
        values = json.loads(line)
        day, seq, hash_ = date.fromisoformat(values["day"]), int(values["seq"]), str(values["hash"])
        if "receipt" not in values:
            return Link(day=day, seq=seq, digest=str(values["digest"]), hash=hash_), None
        text = canonical_json(values["receipt"])
        receipt = receipt_from(text, str(values["private"]))
    except UnreadableReceipt as fault:
        raise Changed(RECEIPTS, number, f"was changed: {fault}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Changed(RECEIPTS, number, "was changed: it is no row of the chain") from None
    if canonical(receipt) != text:
        raise Changed(RECEIPTS, number, "was changed: the receipt is not written as receipts are")
    return Link(day=day, seq=seq, digest=digest_of(text), hash=hash_), receipt


def days_of(heads: Mapping[str, Any]) -> tuple[Day, ...]:
    try:
        return tuple(
            Day(
                day=date.fromisoformat(each["day"]),
                previous_head=str(each["previous_head"]),
                rows=each["rows"],
                head=each["head"],
                seal=each["seal"],
                key_id=str(each["key_id"]),
                # A day of which the folder shows no row has its place by its head alone, like one that was pruned.
                pruned=bool(each["pruned"]) or not each["shown"],
            )
            for each in heads["days"]
        )
    except (ValueError, TypeError, KeyError):
        raise Changed(HEADS, None, "was changed: it holds no days as they were written") from None


def table_of(name: str, content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Each row with its last line's number. Raises Changed for what is no table of ours."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
        header = next(reader)
        found = []
        for cells in reader:
            row = {column: from_csv_cell(cell) for column, cell in zip(header, cells, strict=True)}
            found.append((reader.line_num, row))
        return found
    except (ValueError, StopIteration, csv.Error):
        raise Changed(name, None, "was changed: it is no table as it was written") from None

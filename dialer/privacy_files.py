"""Which files beside the database tell of a person, and how is he made unreadable in them?

Reports and rejected rows are written anew, whole or not at all. Logs are written to meanwhile, so that in them each
trace is overwritten in its place with as many x.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaigns.exporting import Exported, ExportFault, write_whole
from campaigns.traces import ERASED, Traces, scrubbed
from dialer.home import Home
from dialer.refusal import Refused
from dialer.settings import Settings

_OF_THE_FAULT = 4  # columns of a rejected row before the list's own: line, column, code, reason
_TOLD = ("number", "value", "note")  # columns of a call's row that tell of the person in his or an agent's words


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files that may tell of anybody. `reports` and `rejected` are written anew, `logs` in place."""

    reports: tuple[Path, ...]
    rejected: tuple[Path, ...]
    logs: tuple[Path, ...]

    @property
    def all(self) -> tuple[Path, ...]:
        return (*self.reports, *self.rejected, *self.logs)


def files_of(home: Home, settings: Settings, rejected: Iterable[str]) -> Files:
    """Every file of ours that is there now."""
    reports = home.below(settings.exports.folder)
    log = home.below(settings.log.file)
    logs = {*_files(home.logs), *log.parent.glob(f"{log.name}*"), *_files(home.asterisk / "log")}
    return Files(
        reports=tuple(sorted(path for path in _files(reports) if path.suffix in (".csv", ".json"))),
        rejected=tuple(path for path in map(Path, rejected) if path.is_file() and not path.is_symlink()),
        logs=tuple(sorted(path for path in logs if path.is_file() and not path.is_symlink())),
    )


def copies_of(home: Home) -> tuple[Path, ...]:
    """Copies of the database, which hold whatever was in it when they were made."""
    beside = home.root.glob(f"{home.database_file.name}.*")
    return tuple(sorted({*beside, *_files(home.backups)}))


def tells(path: Path, traces: Traces, calls: Collection[str]) -> bool:
    """Whether the file holds a trace, or the id of one of the calls. Raises OSError."""
    text = path.read_bytes().decode("latin-1")
    pattern = _pattern(traces)
    return bool(pattern and pattern.search(text)) or any(call in text for call in calls)


def rewrite(path: Path, traces: Traces, calls: Collection[str], *, whole_rows: bool = False) -> Exported | None:
    """A report or rejected file without the person; none when it told nothing of him. Raises Refused.

    `whole_rows`: a row that tells of him is his, as those of a list are: nothing of it stays but its line and fault.
    """
    try:
        before = path.read_bytes().decode("utf-8")
        after = _without(path.suffix, before, traces, frozenset(calls), whole_rows=whole_rows)
        return None if after == before else write_whole(path, after.encode())
    except (OSError, ValueError, csv.Error, ExportFault) as fault:
        raise Refused(f"{path} could not be rewritten: {fault}. Nothing was erased in the database.") from None


def overwrite(path: Path, traces: Traces) -> int:
    """How many traces were overwritten with x in a log. Raises Refused."""
    pattern = _pattern(traces)
    if pattern is None:
        return 0
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(handle, "r+b") as file:
            found = list(pattern.finditer(file.read().decode("latin-1")))
            for each in found:
                os.pwrite(handle, b"x" * (each.end() - each.start()), each.start())
            os.fsync(handle)
    except OSError as fault:
        raise Refused(f"{path} could not be changed: {fault.strerror}. Nothing was erased in the database.") from None
    return len(found)


def _pattern(traces: Traces) -> re.Pattern[str] | None:
    """For bytes read one by one: words as UTF-8 and as JSON escapes write them."""
    forms = {form for word in traces.words for form in (word.encode().decode("latin-1"), json.dumps(word)[1:-1])}
    return Traces(numbers=traces.numbers, words=tuple(sorted(forms)), keys=traces.keys).pattern


def _without(suffix: str, text: str, traces: Traces, calls: frozenset[str], *, whole_rows: bool) -> str:
    if suffix == ".json":
        before = json.loads(text)
        after = scrubbed(_json_without(before, calls), traces.pattern)
        return text if after == before else json.dumps(after, ensure_ascii=True, indent=2) + "\n"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    left = _without_his(rows, traces.pattern) if whole_rows else _csv_without(rows, calls)
    after = [[scrubbed(cell, traces.pattern) for cell in row] for row in left]
    if after == rows:
        return text
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows(after)
    return written.getvalue()


def _json_without(report: Any, calls: frozenset[str]) -> Any:
    rows = report.get("rows") if isinstance(report, dict) else None
    if not isinstance(rows, list):
        return report
    return report | {"rows": [_row_without(row, calls) for row in rows]}


def _row_without(row: Any, calls: frozenset[str]) -> Any:
    if not isinstance(row, dict) or row.get("attempt") not in calls:
        return row
    answers = {"answers": [each | {"value": ERASED} for each in row["answers"]]} if row.get("answers") else {}
    return row | {name: ERASED for name in _TOLD if row.get(name)} | answers


def _csv_without(rows: list[list[str]], calls: frozenset[str]) -> Iterator[list[str]]:
    head = rows[0] if rows else []
    call = head.index("attempt") if "attempt" in head else None
    told = {place for place, name in enumerate(head) if name in _TOLD}
    for row in rows:
        mine = call is not None and len(row) > call and row[call] in calls
        yield [ERASED if mine and place in told and cell else cell for place, cell in enumerate(row)]


def _without_his(rows: list[list[str]], pattern: re.Pattern[str] | None) -> Iterator[list[str]]:
    """A name may stand in two columns, so that a row is looked at as one text, too."""
    for place, row in enumerate(rows):
        told = pattern is not None and place and (any(map(pattern.search, row)) or pattern.search(" ".join(row)))
        yield [cell if at < _OF_THE_FAULT or not cell else ERASED for at, cell in enumerate(row)] if told else row


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]

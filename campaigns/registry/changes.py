"""Which numbers does a change list add and delete, and is its order beyond doubt?

For one number the last row counts: deleted and then added ends listed. A later row with an earlier date leaves open
which came last, so it is a fault.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from campaigns.registry.answers import Digits, Mask
from campaigns.registry.faults import RowFaults
from campaigns.registry.nanp_bits import NATIONAL
from campaigns.registry.opening import ForeignFile
from campaigns.registry.rows import ReadLine, RowReading

CHANGE_ROW = "area code, number, date and A or D"
PLAIN_CHANGE_ROW = "a number, a date and A or D"
UNDATED = -1
_KINDS = frozenset("AaDd")
_NANP = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)
_USUAL = re.compile(rb"([2-9]\d\d),([2-9]\d{6}),([^,\"]{8,19}),([AD])")  # what nearly every row looks like
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?Z?)?", re.ASCII)
_US_DATE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?: (\d\d):(\d\d)(?::(\d\d))?)?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ChangeBatch:
    """Changes in file order. `adds`: False deletes. `moments`: seconds since 1970 in UTC, or UNDATED."""

    numbers: Digits
    adds: Mask
    moments: Digits
    lines: Digits


def joined(batches: list[ChangeBatch]) -> ChangeBatch:
    """One after the other."""
    return ChangeBatch(
        numbers=np.concatenate([np.zeros(0, np.int64), *(batch.numbers for batch in batches)]),
        adds=np.concatenate([np.zeros(0, np.bool_), *(batch.adds for batch in batches)]),
        moments=np.concatenate([np.zeros(0, np.int64), *(batch.moments for batch in batches)]),
        lines=np.concatenate([np.zeros(0, np.int64), *(batch.lines for batch in batches)]),
    )


def last_of_each(changes: ChangeBatch) -> ChangeBatch:
    """The row that counts for each number."""
    order = np.argsort(changes.numbers, kind="stable")
    numbers = changes.numbers[order]
    last = order[np.append(numbers[1:] != numbers[:-1], True)] if len(order) else order
    return ChangeBatch(
        numbers=changes.numbers[last],
        adds=changes.adds[last],
        moments=changes.moments[last],
        lines=changes.lines[last],
    )


def out_of_order(changes: ChangeBatch) -> list[int]:
    """Places of the rows that are dated before an earlier row of the same number."""
    order = np.argsort(changes.numbers, kind="stable")
    numbers, moments = changes.numbers[order], changes.moments[order]
    dated = (moments[1:] != UNDATED) & (moments[:-1] != UNDATED)
    back = (numbers[1:] == numbers[:-1]) & dated & (moments[1:] < moments[:-1])
    places: list[int] = sorted(order[1:][back].tolist())
    return places


@lru_cache(maxsize=4096)
def moment_of(text: str) -> int | None:
    """Seconds since 1970 of a date or a time in UTC; None when it is none."""
    text = text.strip()
    if match := _DATE.fullmatch(text):
        fields = [int(part or 0) for part in match.groups()]
    elif match := _US_DATE.fullmatch(text):
        month, day, year, *clock = (int(part or 0) for part in match.groups())
        fields = [year, month, day, *clock]
    else:
        return None
    try:
        year, month, day, hour, minute, second = fields
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None


def read_flat_changes(file: ForeignFile, faults: RowFaults, plain: ReadLine | None = None) -> Iterator[ChangeBatch]:
    """The rows of a comma-separated change list, fields in any order; `plain` reads a number written in one field."""
    adds: list[bool] = []
    moments: list[int] = []

    def read_line(text: bytes) -> int | str:
        change = change_in(text, plain)
        if change is None:
            return ""
        adds.append(change[1])
        moments.append(change[2])
        return change[0]

    for batch in RowReading(file=file, shapes=(), read_line=read_line, faults=faults).batches():
        yield ChangeBatch(
            numbers=batch.numbers,
            adds=np.array(adds, np.bool_),
            moments=np.array(moments, np.int64),
            lines=batch.lines,
        )
        adds.clear()
        moments.clear()


def change_in(text: bytes, plain: ReadLine | None = None) -> tuple[int, bool, int] | None:
    """Number, whether it is added, and when; None unless each is said once and clearly."""
    usual = None if plain else _USUAL.fullmatch(text)
    if usual is not None:
        area, line, date, kind = usual.groups()
        moment = moment_of(date.decode("ascii", "replace"))
        return None if moment is None else (int(area + line) + NATIONAL, kind == b"A", moment)
    fields = [field.strip(' "') for field in text.decode("ascii", "replace").split(",")]
    kinds = [field in "Aa" for field in fields if field in _KINDS]
    rest = [field for field in fields if field and field not in _KINDS]
    digits = 1 if plain else 2
    number = _number(rest[:digits], plain)
    if number is None or len(kinds) != 1 or len(rest) > digits + 1:
        return None
    moment = moment_of(rest[digits]) if len(rest) > digits else UNDATED
    return None if moment is None else (number, kinds[0], moment)


def _number(fields: list[str], plain: ReadLine | None) -> int | None:
    if plain is not None:
        found = plain(fields[0].encode()) if fields else ""
        return found if isinstance(found, int) else None
    digits = "".join(fields)
    return int(digits) + NATIONAL if _NANP.fullmatch(digits) and len(fields[0]) == 3 else None

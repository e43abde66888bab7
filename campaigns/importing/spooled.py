"""Where do a million good rows wait between being read and being stored, without filling the memory?

In a file without a name, which the system removes with the process; a short list never reaches the disk. What comes
out has the same fields as a LeadRow, with a number's kind as its plain word.
"""

import marshal
import operator
import tempfile
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from campaigns.importing.rows import LeadRow

IN_MEMORY_BYTES = 32 * 1024 * 1024
_CHUNK = 1_000


class SpooledNumber(NamedTuple):
    """A PhoneNumber as it is stored."""

    e164: str
    kind: str
    region: str
    zones: tuple[str, ...]
    practice: bool
    extension: str | None


class SpooledRow(NamedTuple):
    """A LeadRow as it is stored. `custom`: pairs of column and value."""

    line: int
    contact_points: tuple[SpooledNumber, ...]
    first_name: str
    last_name: str
    display_name: str
    external_id: str | None
    timezone: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    email: str | None
    language: str | None
    note: str
    person_key: str
    debt: str
    custom: tuple[tuple[str, str], ...]


_texts_of = operator.attrgetter(*SpooledRow._fields[2:])


class SpooledRows:
    """Add rows, then iterate over them, as often as wanted. OSError when the disk has no room for them."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self._waiting: list[tuple[Any, ...]] = []
        self._count = 0
        self._sizes: list[int] = []  # bytes of each chunk

    def __len__(self) -> int:
        return self._count

    def add(self, row: LeadRow) -> None:
        """Keep one row, at the end."""
        points = [(p.e164, p.kind.value, p.region, p.zones, p.practice, p.extension) for p in row.contact_points]
        self._waiting.append((row.line, points, *_texts_of(row)))
        self._count += 1
        if len(self._waiting) >= _CHUNK:
            self._write()

    def __iter__(self) -> Iterator[SpooledRow]:
        self._write()
        self._file.seek(0)
        for size in self._sizes:
            # Three times as fast as JSON, when it need not ask the file for each value. Nobody else can write here: the
            # file has no name, and this process made it.
            for number, points, *texts in marshal.loads(self._file.read(size)):  # noqa: S302
                yield SpooledRow(number, tuple(map(SpooledNumber._make, points)), *texts)

    def close(self) -> None:
        """Give the room back; afterwards there are no rows."""
        self._file.close()

    def __del__(self) -> None:
        self._file.close()

    def _write(self) -> None:
        if self._waiting:
            self._file.seek(0, 2)
            self._sizes.append(self._file.write(marshal.dumps(self._waiting)))
            self._waiting.clear()

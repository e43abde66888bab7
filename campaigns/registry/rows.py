"""Which numbers stand in this text, row by row, and which rows cannot be read?

Rows of one fixed width are read by columns, tens of millions a second: every separator and every digit of every row
is looked at. Where one does not fit, that stretch of the file is read line by line; so is the last line.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from campaigns.registry.answers import Digits
from campaigns.registry.faults import RowFaults
from campaigns.registry.opening import ForeignFile

_SLICE = 1 << 15  # rows at a time: their columns stay in the processor's cache
_READ = 1 << 22
_STRETCH = 1 << 18  # bytes that are read line by line before columns are tried again
_LONGEST_LINE = 1 << 12
_BOM = b"\xef\xbb\xbf"
_CLASSES = {"N": (ord("2"), ord("9")), "Z": (ord("1"), ord("9")), "d": (ord("0"), ord("9"))}

Bytes = npt.NDArray[np.uint8]
ReadLine = Callable[[bytes], "int | str"]
"""An E.164 number as an integer, or why there is none in this line."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Batch:
    """Numbers and the physical line of each."""

    numbers: Digits
    lines: Digits


class RowShape:
    """Rows of one width. `N`: 2 to 9, `Z`: 1 to 9, `d`: any digit; everything else stands for itself.

    The digits read as one integer plus `country` give the E.164 number.
    """

    def __init__(self, pattern: str, country: int) -> None:
        spans = [_CLASSES.get(character, (ord(character), ord(character))) for character in pattern]
        self.width = len(pattern)
        self._country = country
        self._low = np.array([low for low, _ in spans], np.uint8)[:, None]
        self._span = np.array([high - low for low, high in spans], np.uint8)[:, None]
        self._digits = [place for place, character in enumerate(pattern) if character in _CLASSES]
        self._line = re.compile("".join(map(_as_expression, pattern)).encode())

    def columns(self, rows: Bytes) -> Digits | None:
        """The numbers of `rows` (one row of bytes each), None when any of them has another shape."""
        columns = np.ascontiguousarray(rows.T)
        if ((columns - self._low) > self._span).any():
            return None
        values = np.full(len(rows), 0, np.int64)
        for begin in range(0, len(self._digits), 9):
            group = self._digits[begin : begin + 9]
            part = (columns[group[0]] - np.uint8(48)).astype(np.uint32)
            for place in group[1:]:
                part *= np.uint32(10)
                part += columns[place] - np.uint8(48)
            values = values * 10 ** len(group) + part
        return values + self._country

    def line(self, text: bytes) -> int | None:
        """The number of one line with its end, by the same rule as `columns`."""
        if not self._line.fullmatch(text):
            return None
        return int(bytes(text[place] for place in self._digits)) + self._country


def with_line_ends(patterns: Sequence[str], country: int) -> tuple[RowShape, ...]:
    """The shapes for both ways to end a line."""
    return tuple(RowShape(pattern + end, country) for pattern in patterns for end in ("\n", "\r\n"))


@dataclass(slots=True, kw_only=True)
class RowReading:
    """One pass over a text. `shapes` are tried first; `read_line` gets what fits none, without its end."""

    file: ForeignFile
    shapes: Sequence[RowShape]
    read_line: ReadLine
    faults: RowFaults
    line: int = 1
    _text: bytes = b""
    _ended: bool = False

    def batches(self) -> Iterator[Batch]:
        """All numbers in file order. RegistryRefused as `RowFaults` says."""
        self._fill()
        self._text = self._text.removeprefix(_BOM)
        while self._text:
            batch = self._by_columns() or self._by_lines()
            yield batch
            self._fill()

    def _fill(self) -> None:
        while not self._ended and len(self._text) < _READ // 2:
            piece = self.file.read(_READ)
            self._ended = not piece
            self._text += piece

    def _by_columns(self) -> Batch | None:
        """As many slices as fit one shape, None when not even the first does."""
        for shape in self.shapes:
            if shape.line(self._text[: shape.width]) is None:
                continue
            numbers = self._slices(shape)
            if numbers:
                found = np.concatenate(numbers)
                first, self.line = self.line, self.line + len(found)
                self.faults.read += len(found)
                self._text = self._text[len(found) * shape.width :]
                return Batch(numbers=found, lines=np.arange(first, self.line))
        return None

    def _slices(self, shape: RowShape) -> list[Digits]:
        rows = np.frombuffer(self._text, np.uint8, len(self._text) // shape.width * shape.width)
        rows = rows.reshape(-1, shape.width)
        found: list[Digits] = []
        for begin in range(0, len(rows), _SLICE):
            numbers = shape.columns(rows[begin : begin + _SLICE])
            if numbers is None:
                break
            found.append(numbers)
        return found

    def _by_lines(self) -> Batch:
        """The next stretch line by line; a line that never ends counts as one fault."""
        stretch = self._text[:_STRETCH]
        cut = len(stretch) if self._ended and len(stretch) == len(self._text) else stretch.rfind(b"\n") + 1
        if cut == 0:
            self._skip_endless()
            return Batch(numbers=np.zeros(0, np.int64), lines=np.zeros(0, np.int64))
        self._text = self._text[cut:]
        numbers: list[int] = []
        lines: list[int] = []
        for text in stretch[:cut].removesuffix(b"\n").split(b"\n"):
            found = self._number(text)
            if found is not None:
                numbers.append(found)
                lines.append(self.line)
            self.line += 1
        return Batch(numbers=np.array(numbers, np.int64), lines=np.array(lines, np.int64))

    def _number(self, text: bytes) -> int | None:
        text = text.strip()
        if not text:
            return None
        found = self.read_line(text) if len(text) <= _LONGEST_LINE else "longer than any line of a list"
        if isinstance(found, int):
            self.faults.read += 1
            return found
        self.faults.add(self.line, text[:80], found)
        return None

    def _skip_endless(self) -> None:
        self.faults.add(self.line, self._text[:80], "longer than any line of a list")
        while b"\n" not in self._text and not self._ended:
            self._text = self.file.read(_READ)
            self._ended = not self._text
        self._text = self._text.partition(b"\n")[2]
        self.line += 1


def _as_expression(character: str) -> str:
    low, high = _CLASSES.get(character, ("", ""))
    return f"[{chr(low)}-{chr(high)}]" if isinstance(low, int) and isinstance(high, int) else re.escape(character)

"""Is this number of North America on the list? One bit for every number of an area code.

An exchange never begins with 0 or 1, so an area code has 8 million numbers: one megabyte. The file is mapped into
memory, not read, so all processes share one copy, and a look-up touches one byte. Measured against sorted arrays,
SQLite and others: docs/decisions/0010.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from campaigns.registry.answers import Answer, Answers, Digits, Mask
from campaigns.registry.mapped_file import MappedFile
from campaigns.registry.sealed_files import DataFile, write_sealed

FILE = "numbers.bits"
NATIONAL = 10_000_000_000  # +1 before ten digits
AREA = 10_000_000
FIRST_LINE = 2_000_000  # exchanges begin with 2 to 9
BLOCK = 1_000_000  # bytes of an area code
AREA_CODES = 1_000
LOOK_EVERY = 64  # single questions, of which the first looks at the file's size
_SLICE = 1 << 16  # so many numbers at a time stay in the processor's cache
_NOWHERE = -1 << 40  # of an area code that is not covered: no line leads from it to a bit
_UNKNOWN, _LISTED, _CLEAR = Answer.UNKNOWN, Answer.LISTED, Answer.CLEAR  # to find them in their class takes longer

Bytes = npt.NDArray[np.uint8]


class NanpBits:
    """A `NumberSet` over the mapped file of a generation; `covered` are area codes such as `1212`.

    Generations are written once and only removed. Should somebody cut the file all the same, every number is UNKNOWN:
    its size is looked at before each 65,536 numbers and before every 64th single one, since the look takes as long as
    the answer; once it is cut, before each. A question between cut and look would still end the process: whoever asks
    one by one for long asks `changed` before, as `OpenList.refreshed` does at every decision.
    """

    def __init__(self, counts: Mapping[str, int], data: memoryview, file: MappedFile | None = None) -> None:
        self.covered = tuple(sorted(counts))
        self.count = sum(counts.values())
        if len(data) != BLOCK * len(counts):
            raise ValueError(f"{len(data)} bytes for {len(counts)} area codes")
        self._data = data
        self._file = file
        self._size, self._size_now = len(data), data.__len__ if file is None else file.size_now
        self._without_look = 0  # so many single questions more
        self._array: Bytes = np.frombuffer(data, np.uint8)
        self._starts = np.full(AREA_CODES, -1, np.int64)
        self._starts[[area_of(prefix) for prefix in self.covered]] = np.arange(len(counts)) * BLOCK
        # The bit at which line 0 of each area code would stand.
        self._line_0: list[int] = np.where(self._starts < 0, _NOWHERE, self._starts * 8 - FIRST_LINE).tolist()

    @classmethod
    def mapped(cls, folder: Path, counts: Mapping[str, int]) -> "NanpBits":
        """The set in `folder`. ValueError or OSError when the file is not there or has another size."""
        file = MappedFile(folder / FILE)
        return cls(counts, file.data, file)

    def changed(self) -> bool:
        """Whether somebody wrote to the file, or cut it, since it was mapped."""
        return self._file is not None and self._file.changed()

    def ask(self, number: str) -> Answer:
        national = number[2:]
        if len(national) != 10 or number[:2] != "+1" or not (national.isdecimal() and national.isascii()):
            return _UNKNOWN
        area, line = divmod(int(national), AREA)
        bit = self._line_0[area] + line
        if bit < 0 or line < FIRST_LINE:
            return _UNKNOWN
        if self._without_look:
            self._without_look -= 1
        elif not self._whole():
            return _UNKNOWN
        return _LISTED if self._data[bit >> 3] >> (bit & 7) & 1 else _CLEAR

    def ask_many(self, numbers: Digits) -> Answers:
        answers = np.empty(len(numbers), np.uint8)
        for begin in range(0, len(numbers), _SLICE):
            answers[begin : begin + _SLICE] = self._answers(numbers[begin : begin + _SLICE])
        return answers

    def block(self, prefix: str) -> Bytes | None:
        """The million bytes of an area code, None when it is not covered."""
        start = int(self._starts[area_of(prefix)])
        return None if start < 0 else self._array[start : start + BLOCK]

    def _whole(self) -> bool:
        """Whether the file has all its bytes; if so, the next single questions do not look."""
        whole = self._size_now() >= self._size
        self._without_look = LOOK_EVERY - 1 if whole else 0
        return whole

    def _answers(self, numbers: Digits) -> Answers:
        if not self._whole():
            return np.zeros(len(numbers), np.uint8)
        area, bit, _ = places(numbers)
        start = self._starts[area]
        known = start >= 0
        if not known.all():
            start, bit = np.where(known, start, 0), np.where(known, bit, 0)
        listed = self._array[start + (bit >> 3)] >> (bit & 7).astype(np.uint8) & np.uint8(1)
        answers: Answers = np.where(known, listed + np.uint8(Answer.CLEAR), np.uint8(Answer.UNKNOWN))
        return answers


class NanpBitsBuilder:
    """Collects numbers of North America in any order.

    `expected`: the area codes of the subscription, which are covered even when empty; None: those that occur.
    Only what is touched takes memory: an area code one megabyte.
    """

    def __init__(self, expected: Iterable[str] | None) -> None:
        self._bits: Bytes = np.zeros(AREA_CODES * BLOCK, np.uint8)
        self._starts = np.full(AREA_CODES, -1, np.int64)
        self._used = 0
        self._open_to_more = expected is None
        self._give_room(area_of(prefix) for prefix in sorted(set(expected or ())))

    @classmethod
    def copy_of(cls, before: NanpBits, covered: Iterable[str]) -> "NanpBitsBuilder":
        """Everything of `before` in the area codes `covered`, to be changed."""
        copy = cls(covered)
        for prefix in copy.covered:
            block = before.block(prefix)
            if block is not None:
                copy._block(prefix)[:] = block
        return copy

    @property
    def covered(self) -> tuple[str, ...]:
        return tuple(f"1{area}" for area in np.flatnonzero(self._starts >= 0).tolist())

    def add(self, numbers: Digits) -> Mask:
        """Lists the numbers; True for each that this set cannot hold or that is outside the subscription."""
        outside = np.zeros(len(numbers), np.bool_)
        for begin in range(0, len(numbers), _SLICE):
            outside[begin : begin + _SLICE] = self._add(numbers[begin : begin + _SLICE])
        return outside

    def _add(self, numbers: Digits) -> Mask:
        area, bit, possible = places(numbers)
        start = self._starts[area]
        if self._open_to_more and (start < 0).any():
            self._give_room(np.unique(area[possible & (start < 0)]).tolist())
            start = self._starts[area]
        outside = start < 0
        if outside.any():
            start, bit = start[~outside], bit[~outside]
        byte, mask = _spot(start, bit)
        np.bitwise_or.at(self._bits, byte, mask)
        return outside

    def remove(self, numbers: Digits) -> None:
        """Takes off those of the numbers that are listed."""
        area, bit, _ = places(numbers)
        inside = self._starts[area] >= 0
        byte, mask = _spot(self._starts[area[inside]], bit[inside])
        np.bitwise_and.at(self._bits, byte, ~mask)

    def outside(self, numbers: Digits) -> Mask:
        """True for each that this set cannot hold or that is outside the subscription."""
        outside: Mask = self._starts[places(numbers)[0]] < 0
        return outside

    def counts(self) -> dict[str, int]:
        """How many numbers each covered area code has."""
        return {prefix: _ones(self._block(prefix)) for prefix in self.covered}

    def difference(self, before: "NanpBits | None") -> tuple[int, int]:
        """How many numbers are here and not in `before`, and how many the other way round."""
        added = removed = 0
        nothing = np.zeros(BLOCK, np.uint8)
        covered = self.covered
        for prefix in sorted({*covered, *(before.covered if before else ())}):
            new = self._block(prefix) if prefix in covered else nothing
            old = before.block(prefix) if before else None
            old = nothing if old is None else old
            added += _ones(new & ~old)
            removed += _ones(old & ~new)
        return added, removed

    def as_set(self) -> NanpBits:
        """What was collected so far, as a set in memory."""
        blocks = [self._block(prefix) for prefix in self.covered]
        return NanpBits(self.counts(), memoryview(np.concatenate(blocks).tobytes() if blocks else b""))

    def write(self, folder: Path) -> tuple[DataFile, ...]:
        """The file of a generation, durable on the disk."""
        return (write_sealed(folder / FILE, (self._block(prefix).data for prefix in self.covered)),)

    def _give_room(self, areas: Iterable[int]) -> None:
        """Side by side in the order in which they come, since the system gives memory in large pages."""
        for area in areas:
            self._starts[area] = self._used
            self._used += BLOCK

    def _block(self, prefix: str) -> Bytes:
        start = int(self._starts[area_of(prefix)])
        return self._bits[start : start + BLOCK]


def area_of(prefix: str) -> int:
    """212 for `1212`; ValueError when it is no area code of North America."""
    if len(prefix) != 4 or prefix[0] != "1" or prefix[1] not in "23456789" or not prefix.isdecimal():
        raise ValueError(f"not +1 and an area code: {prefix[:20]!r}")
    return int(prefix[1:])


def places(numbers: Digits) -> tuple[Digits, Digits, Mask]:
    """Area code, bit within its block, and whether the number can exist; if not, its area code is 0, which none has."""
    national = numbers - NATIONAL
    area = national // AREA
    bit = national - area * AREA - FIRST_LINE
    possible = (area >= 200) & (area < AREA_CODES) & (bit >= 0)
    return (area if possible.all() else np.where(possible, area, 0)), bit, possible


def _spot(start: Digits, bit: Digits) -> tuple[Digits, Bytes]:
    mask: Bytes = np.left_shift(np.uint8(1), (bit & 7).astype(np.uint8))
    return start + (bit >> 3), mask


def _ones(block: Bytes) -> int:
    return int(np.bitwise_count(block.view(np.uint64)).sum())

"""Is this number of any country on the list? A compressed set for lists that are no bit set per area code.

pyroaring's 32-bit sets, one for every 2^32 numbers: asking a 64-bit one takes ten times as long.
"""

import array
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from campaigns.registry.answers import Answer, Answers, Digits, Mask
from campaigns.registry.coverage import LONGEST, Coverage, ranges_of
from campaigns.registry.sealed_files import DataFile, write_sealed

_LOW = 0xFFFF_FFFF
_FEW = 20_000  # fewer numbers are asked one by one; more are sorted and compared with the whole set
_PLACE_BITS = 20
_SLICE = 1 << _PLACE_BITS
_NONE = BitMap()


class RoaringSet:
    """A `NumberSet` in memory."""

    def __init__(self, coverage: Coverage, parts: Mapping[int, BitMap]) -> None:
        self._coverage = coverage
        self._parts = dict(parts)
        self.count = sum(map(len, self._parts.values()))

    @classmethod
    def loaded(cls, folder: Path, covered: Iterable[str], files: Iterable[str]) -> "RoaringSet":
        """The set in `folder`; the caller has compared the checksums, since damaged bytes would crash the reader."""
        return cls(Coverage(covered), {_part_of(name): BitMap.deserialize(_bytes(folder / name)) for name in files})

    @property
    def covered(self) -> tuple[str, ...]:
        return self._coverage.prefixes

    @property
    def parts(self) -> Mapping[int, BitMap]:
        return self._parts

    def ask(self, number: str) -> Answer:
        digits = number[1:]
        if number[:1] != "+" or len(digits) > LONGEST or not (digits.isdecimal() and digits.isascii()):
            return Answer.UNKNOWN
        if digits[0] == "0":
            return Answer.UNKNOWN
        value = int(digits)
        if not self._coverage.covers_number(value):
            return Answer.UNKNOWN
        return Answer.LISTED if value & _LOW in self._parts.get(value >> 32, _NONE) else Answer.CLEAR

    def ask_many(self, numbers: Digits) -> Answers:
        listed = self._one_by_one(numbers) if len(numbers) < _FEW else self._sorted(numbers)
        covered = self._coverage.covers_many(numbers)
        answers: Answers = np.where(covered, listed + np.uint8(Answer.CLEAR), np.uint8(Answer.UNKNOWN))
        return answers

    def _one_by_one(self, numbers: Digits) -> Answers:
        parts = self._parts
        found = [value & _LOW in parts.get(value >> 32, _NONE) for value in numbers.tolist()]
        return np.array(found, np.bool_).view(np.uint8)

    def _sorted(self, numbers: Digits) -> Answers:
        """Sorted questions walk through a sorted set; one by one in any order each would wait for the memory."""
        listed = np.zeros(len(numbers), np.uint8)
        part_of = numbers >> 32
        for part, members in self._parts.items():
            places = np.flatnonzero(part_of == part)
            if len(places) and len(members):
                array_of_members = np.frombuffer(members.to_array(), np.uint32)
                for begin in range(0, len(places), _SLICE):
                    some = places[begin : begin + _SLICE]
                    low, order = _with_order(numbers[some] & _LOW)
                    found = np.searchsorted(array_of_members, low)
                    np.minimum(found, len(array_of_members) - 1, out=found)
                    listed[some[order]] = array_of_members[found] == low
        return listed


class RoaringBuilder:
    """Collects numbers under the prefixes `covered` in any order."""

    def __init__(self, covered: Iterable[str]) -> None:
        self._coverage = Coverage(covered)
        self._parts: dict[int, BitMap] = {}

    @classmethod
    def copy_of(cls, before: RoaringSet, covered: Iterable[str]) -> "RoaringBuilder":
        """Everything of `before` under the prefixes `covered`, to be changed."""
        copy = cls(covered)
        for part, members in before.parts.items():
            copy._parts[part] = members & _span(part, copy._coverage.ranges())
        return copy

    @property
    def covered(self) -> tuple[str, ...]:
        return self._coverage.prefixes

    def add(self, numbers: Digits) -> Mask:
        """Lists the numbers; True for each that is outside the prefixes."""
        inside = self._coverage.covers_many(numbers)
        for part, members in _split(numbers[inside]):
            self._parts.setdefault(part, BitMap()).update(members)
        return ~inside

    def remove(self, numbers: Digits) -> None:
        """Takes off those of the numbers that are listed."""
        for part, members in _split(numbers):
            self._parts.get(part, BitMap()).difference_update(members)

    def outside(self, numbers: Digits) -> Mask:
        """True for each that is outside the prefixes."""
        return ~self._coverage.covers_many(numbers)

    def counts(self) -> dict[str, int]:
        """How many numbers each covered prefix has."""
        return {prefix: self._count(ranges_of(prefix)) for prefix in self.covered}

    def difference(self, before: RoaringSet | None) -> tuple[int, int]:
        """How many numbers are here and not in `before`, and how many the other way round."""
        old = before.parts if before else {}
        added = removed = 0
        for part in {*self._parts, *old}:
            new_members, old_members = self._parts.get(part, _NONE), old.get(part, _NONE)
            added += new_members.difference_cardinality(old_members)
            removed += old_members.difference_cardinality(new_members)
        return added, removed

    def as_set(self) -> RoaringSet:
        """What was collected so far, as a set in memory."""
        return RoaringSet(self._coverage, self._parts)

    def write(self, folder: Path) -> tuple[DataFile, ...]:
        """The files of a generation, durable on the disk; none for an empty set."""
        files = []
        for part, members in sorted(self._parts.items()):
            members.run_optimize()
            files.append(write_sealed(folder / f"numbers-{part}.roaring", [members.serialize()]))
        return tuple(files)

    def _count(self, ranges: Iterable[tuple[int, int]]) -> int:
        ranges = list(ranges)
        return sum(members.intersection_cardinality(_span(part, ranges)) for part, members in self._parts.items())


def _span(part: int, ranges: Iterable[tuple[int, int]]) -> BitMap:
    """What of `ranges` falls into one part."""
    span = BitMap()
    base = part << 32
    for begin, end in ranges:
        low, high = max(begin - base, 0), min(end - base, _LOW + 1)
        if low < high:
            span.add_range(low, high)
    return span


def _with_order(low: Digits) -> tuple[npt.NDArray[np.uint32], Digits]:
    """The 32-bit values sorted, and the place that each had. Sorting both as one number is three times as fast."""
    both = low << _PLACE_BITS | np.arange(len(low))
    both.sort()
    return (both >> _PLACE_BITS).astype(np.uint32), both & (_SLICE - 1)


def _runs(ordered: Digits) -> Iterator[tuple[int, int, int]]:
    """Part, begin and end of each stretch of sorted numbers within one part."""
    parts = ordered >> 32
    edges = [0, *(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(ordered)]
    for begin, end in pairwise(edges):
        if begin < end:
            yield int(parts[begin]), begin, end


def _split(numbers: Digits) -> Iterator[tuple[int, BitMap]]:
    ordered = np.sort(numbers)
    for part, begin, end in _runs(ordered):
        low = (ordered[begin:end] & _LOW).astype(np.uint32)
        yield part, BitMap(array.array("I", low.tobytes()))


def _part_of(name: str) -> int:
    """102 for `numbers-102.roaring`."""
    return int(name.removeprefix("numbers-").removesuffix(".roaring"))


def _bytes(path: Path) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        return file.read()

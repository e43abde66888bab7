"""Which numbers does a list speak about at all?"""

import re
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

from campaigns.registry.answers import Digits, Mask

SHORTEST, LONGEST = 7, 15
_PREFIX = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)


class Coverage:
    """A set of prefixes: digits of E.164 without the plus sign, such as `44` or `1212`.

    Prefixes that another one contains are dropped. ValueError when one is not a row of digits.
    """

    def __init__(self, prefixes: Iterable[str]) -> None:
        self.prefixes = _without_contained(prefixes)
        self._bounds = [bound for pair in self.ranges() for bound in pair]
        self._bound_array = np.array(self._bounds, np.int64)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coverage) and self.prefixes == other.prefixes

    def __hash__(self) -> int:
        return hash(self.prefixes)

    def covers(self, digits: str) -> bool:
        """True when a prefix begins `digits` and there may be a number of that length; False for any other text."""
        written = len(digits) <= LONGEST and digits.isascii() and digits.isdecimal() and digits[0] != "0"
        return written and self.covers_number(int(digits))

    def covers_number(self, number: int) -> bool:
        """The same for the digits as an integer. Bounds are sorted and disjoint, so an odd place is inside a range."""
        return bisect_right(self._bounds, number) & 1 == 1

    def covers_many(self, numbers: Digits) -> Mask:
        """One truth value for each number."""
        inside: Mask = np.searchsorted(self._bound_array, numbers, side="right") % 2 == 1
        return inside

    def ranges(self) -> list[tuple[int, int]]:
        """The covered numbers as half-open ranges of integers, sorted and disjoint."""
        return sorted(pair for prefix in self.prefixes for pair in ranges_of(prefix))


def ranges_of(prefix: str) -> list[tuple[int, int]]:
    """The numbers that begin with `prefix`: one half-open range for every length of number."""
    lengths = (length for length in possible_lengths(prefix) if length >= len(prefix))
    steps = [(int(prefix), 10 ** (length - len(prefix))) for length in lengths]
    return [(first * step, (first + 1) * step) for first, step in steps]


def may_exist(digits: str) -> bool:
    """True for the digits of an E.164 number as far as its length tells; `12025550101` without the plus sign."""
    return _EVERYWHERE.covers(digits)


def may_exist_many(numbers: Digits) -> Mask:
    """The same for many."""
    return _EVERYWHERE.covers_many(numbers)


def possible_lengths(digits: str) -> range:
    """How many digits a number that begins so may have: in North America eleven, elsewhere seven to fifteen."""
    return range(11, 12) if digits.startswith("1") else range(SHORTEST, LONGEST + 1)


def _without_contained(prefixes: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not the beginning of an E.164 number: {prefix[:20]!r}")
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)


_EVERYWHERE = Coverage("123456789")

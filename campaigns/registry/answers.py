"""What does a registry know about a number: is it listed, clear, or can nobody say?"""

from enum import IntEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

Digits = npt.NDArray[np.int64]
"""E.164 numbers as integers, without the plus sign: `+12125550101` is 12125550101."""
Answers = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class Answer(IntEnum):
    """UNKNOWN blocks like LISTED, and is zero: an answer that nobody has filled in releases nobody."""

    UNKNOWN = 0
    CLEAR = 1
    LISTED = 2

    @property
    def blocks(self) -> bool:
        return self is not Answer.CLEAR


class NumberSet(Protocol):
    """The numbers of one list and the prefixes that the list speaks about.

    A number outside `covered` is UNKNOWN, as is a text that is no E.164 number; nothing is raised. What is
    inside is CLEAR or LISTED, never a guess. `covered`: digits without the plus sign, sorted.
    """

    @property
    def count(self) -> int: ...

    @property
    def covered(self) -> tuple[str, ...]: ...

    def ask(self, number: str) -> Answer:
        """The answer for one number in E.164 (`+12125550101`)."""
        ...

    def ask_many(self, numbers: Digits) -> Answers:
        """One `Answer` for each number, in their order."""
        ...


class NothingKnown:
    """The set of a list that cannot be read: every number is UNKNOWN."""

    count = 0
    covered: tuple[str, ...] = ()

    def ask(self, number: str) -> Answer:  # noqa: ARG002 - whatever the number is
        return Answer.UNKNOWN

    def ask_many(self, numbers: Digits) -> Answers:
        return np.zeros(len(numbers), np.uint8)

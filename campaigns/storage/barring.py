"""Which do-not-call entries bar these numbers, by the very number or by a pattern such as +4930*?

A pattern is found by its text, like a number: a number's own beginnings, each with a star, are looked up in the same
index. Only beginnings as long as some pattern in force are asked for, so that a house without patterns pays nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, func, literal, literal_column, select

from campaigns.model import Suppression
from campaigns.storage.database import Database
from campaigns.storage.pseudonyms import spelled
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import SUPPRESSION

LONGEST = 15  # digits of an E.164 number
_IS_PATTERN = SUPPRESSION.c.pattern_digits > literal_column("0")  # as the partial index has it, not a parameter
_LENGTHS = select(SUPPRESSION.c.pattern_digits).where(_IS_PATTERN, SUPPRESSION.c.removed_at.is_(None)).distinct()
_IN_FORCE = select(*SUPPRESSION_COLUMNS).where(
    SUPPRESSION.c.number.in_(bindparam("numbers", expanding=True)), SUPPRESSION.c.removed_at.is_(None)
)


def pattern_digits(number: str) -> int:
    """How many digits of a pattern tell whom it bars; 0 for a whole number."""
    return len(number) - 2 if number.endswith("*") else 0


def pattern_lengths(database: Database) -> tuple[int, ...]:
    """The lengths of all patterns in force."""
    return tuple(sorted(database.execute(_LENGTHS).scalars()))


def names_of(number: str, lengths: Iterable[int]) -> list[str]:
    """Under which texts an entry bars this number: itself, and its beginnings of these lengths."""
    return [number, *(f"{number[: digits + 1]}*" for digits in lengths if digits < len(number))]


def entries_barring(database: Database, numbers: Iterable[str]) -> dict[str, list[Suppression]]:
    """The entries in force for those of the numbers that have any, the oldest first; one statement, or two.

    An entry for an erased number keeps its pseudonym. Raises KeyMissing when such entries cannot be recognised.
    """
    lengths = pattern_lengths(database)
    names: dict[str, list[str]] = {}
    for spelling, number in spelled(database, numbers).items():
        names.setdefault(number, []).extend(names_of(spelling, lengths if spelling == number else ()))
    asked = list(dict.fromkeys(name for each in names.values() for name in each))
    found: dict[str, list[Suppression]] = {}
    for row in database.execute(_IN_FORCE, {"numbers": asked}):
        entry = suppression_of(row)
        found.setdefault(entry.number, []).append(entry)
    if not found:
        return {}
    barring = {number: [entry for name in each for entry in found.get(name, ())] for number, each in names.items()}
    return {number: sorted(entries, key=lambda e: e.id or 0) for number, entries in barring.items() if entries}


def names_in_sql(column: Any, lengths: Sequence[int]) -> list[Any]:
    """The same names for a column of numbers, for a statement that asks about many leads at once."""
    return [column, *(func.substr(column, 1, digits + 1).concat(literal("*")) for digits in lengths)]

"""Does a text tell of a person? His numbers in any spelling, names and e-mails; and how they are made unreadable.

Names count only when they are whole: a first name alone is many people's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from campaigns.phone import PhoneNumber, parse_listed

ERASED = "erased"
ANOTHER = "(another person's number)"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = r"[\s().\-/\u00a0\u2010-\u2015]{0,3}"
_SHORTEST_NAME = 5


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a person is recognised by in a text."""

    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Matches any of them; none when there is nothing to look for."""
        parts = [_spellings(number) for number in self.numbers]
        parts += [rf"(?<!\w){re.escape(word)}(?!\w)" for word in self.words]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def digits(self) -> tuple[str, ...]:
        """The end of each number that every spelling without separators holds: a quick first look."""
        return tuple(number[1:][-7:] for number in self.numbers)


def traces_of(numbers: Iterable[str], words: Iterable[str]) -> Traces:
    """Numbers in E.164; of the words only those that name one person: an e-mail, or a name of two parts."""
    kept = (word.strip() for word in words)
    telling = {word for word in kept if len(word) >= _SHORTEST_NAME and ("@" in word or " " in word)}
    return Traces(numbers=tuple(dict.fromkeys(numbers)), words=tuple(sorted(telling)))


def scrubbed(value: Any, pattern: re.Pattern[str] | None) -> Any:
    """A plain value (texts, lists, objects) with each trace in its texts replaced."""
    if pattern is None:
        return value
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, list | tuple):
        return [scrubbed(item, pattern) for item in value]
    if isinstance(value, dict):
        return {scrubbed(key, pattern): scrubbed(item, pattern) for key, item in value.items()}
    return value


def without_others(value: Any, pattern: re.Pattern[str]) -> Any:
    """A plain value in which every number in E.164 but the person's own is made unreadable."""
    if isinstance(value, str):
        return _E164.sub(lambda found: found[0] if pattern.fullmatch(found[0]) else ANOTHER, value)
    if isinstance(value, list | tuple):
        return [without_others(item, pattern) for item in value]
    if isinstance(value, dict):
        return {without_others(key, pattern): without_others(item, pattern) for key, item in value.items()}
    return value


def _spellings(number: str) -> str:
    """With or without + and country code, with separators between digits, and never as part of a longer number."""
    digits = number.removeprefix("+")
    found = parse_listed(number, "US")
    code = str(found.country_code) if isinstance(found, PhoneNumber) else ""
    national = digits.removeprefix(code)
    prefix = rf"(?:\+?{code}{_BETWEEN}|0)?" if code else r"\+?"
    return rf"(?<!\d){prefix}{_BETWEEN.join(national)}(?!\d)"

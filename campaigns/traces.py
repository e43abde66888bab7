"""Does a text tell of a person? His numbers in any spelling, names, e-mails, the keys lists give him; and how they are
made unreadable.

Names count only when they are whole: a first name alone is many people's. So do keys: one without a digit, or of fewer
than five characters, would be found in what is about others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from campaigns.person_key import person_key
from campaigns.phone import EXTENSION_MARK, PhoneNumber, parse_listed

ERASED = "erased"
ANOTHER = "(another person's number)"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = ";ext="
_BEFORE_EXTENSION = rf"\s*{EXTENSION_MARK}[\s.:#]*"
_BETWEEN = r"[\s().\-/\u00a0\u2010-\u2015]{0,3}"
_SHORTEST_NAME = _SHORTEST_KEY = 5
_NO_PART_BEFORE, _NO_PART_AFTER = r"(?<![\w./-])", r"(?!\w|[./:-]\w)"  # of a version, a file's name
_ALONE_BEFORE, _ALONE_AFTER = r"(?:(?<=['\"])|\A)", r"(?=['\"]|\Z)"  # between quotes, or all that there is
_MARKS = r"[\W_]{0,3}"
# Free words about one person, in what a command answered about his number.
_FREE_WORDS = ("reason", "proof", "revoked_reason", "removed_reason", "note", "person_key", "debt")


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a person is recognised by in a text. `numbers`: in E.164, those that count only together with an extension
    as `with_extension` makes them. `keys`: his person keys and debts, as `campaigns.person_key` makes them."""

    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def without_keys(self) -> Traces:
        """For what never holds a key: there it would be found in what says something else."""
        return replace(self, keys=())

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Matches any of them; none when there is nothing to look for."""
        parts = [_spellings(number) for number in self.numbers]
        parts += [rf"(?<!\w){re.escape(word)}(?!\w)" for word in self.words]
        parts += [_as_written(key) for key in self.keys]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def digits(self) -> tuple[str, ...]:
        """The end of each number that every spelling without separators holds: a quick first look."""
        return tuple(number.partition(_EXTENSION)[0][1:][-7:] for number in self.numbers)

    def last_digits(self) -> tuple[str, ...]:
        """The last four of each number, which nobody parts: a first look at what people wrote."""
        return tuple(number.partition(_EXTENSION)[0][-4:] for number in self.numbers)


def with_extension(number: str, extension: str) -> str:
    """A number in E.164 that is somebody's only together with its extension (RFC 3966)."""
    return f"{number}{_EXTENSION}{extension}"


def traces_of(numbers: Iterable[str], words: Iterable[str], keys: Iterable[str] = ()) -> Traces:
    """Numbers in E.164; of the words only those that name one person: an e-mail, or a name of two parts. `keys` as they
    were written."""
    kept = (word.strip() for word in words)
    telling = {word for word in kept if len(word) >= _SHORTEST_NAME and ("@" in word or " " in word)}
    made = {key for key in map(person_key, keys) if len(key) >= _SHORTEST_KEY and any(map(str.isdigit, key))}
    return Traces(numbers=tuple(dict.fromkeys(numbers)), words=tuple(sorted(telling)), keys=tuple(sorted(made)))


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


def of_him_alone(answer: Any, pattern: re.Pattern[str] | None) -> bool:
    """Whether a command's kept answer is about this person: its message names him, or a value in it has his number.

    A list of bare numbers is a file's: what was said with it is not about him alone.
    """
    message = answer.get("message") if isinstance(answer, dict) else None
    named = bool(pattern and isinstance(message, str) and pattern.search(message))
    return named or _holds_his_number(answer, pattern)


def without_his_words(value: Any, pattern: re.Pattern[str] | None) -> Any:
    """A plain value in which the free words beside his number are blanked, and every trace is replaced."""
    if isinstance(value, list | tuple):
        return [without_his_words(item, pattern) for item in value]
    if not isinstance(value, dict):
        return scrubbed(value, pattern)
    plain = {scrubbed(key, pattern): without_his_words(item, pattern) for key, item in value.items()}
    return plain | {name: ERASED for name in _FREE_WORDS if plain.get(name)} if _is_his(value, pattern) else plain


def _holds_his_number(value: Any, pattern: re.Pattern[str] | None) -> bool:
    if isinstance(value, dict):
        return _is_his(value, pattern) or any(_holds_his_number(item, pattern) for item in value.values())
    return isinstance(value, list | tuple) and any(_holds_his_number(item, pattern) for item in value)


def _is_his(value: dict[str, Any], pattern: re.Pattern[str] | None) -> bool:
    """His number stands there, or that of somebody who was erased before these words were looked at."""
    number = value.get("number")
    return number == ERASED or bool(pattern and isinstance(number, str) and pattern.fullmatch(number))


def without_others(value: Any, pattern: re.Pattern[str], own: Collection[str] = ()) -> Any:
    """A plain value in which every number in E.164 but the person's `own`, and what matches, is made unreadable."""
    if isinstance(value, str):
        return _E164.sub(lambda hit: hit[0] if hit[0] in own or pattern.fullmatch(hit[0]) else ANOTHER, value)
    if isinstance(value, list | tuple):
        return [without_others(item, pattern, own) for item in value]
    if isinstance(value, dict):
        return {without_others(key, pattern, own): without_others(item, pattern, own) for key, item in value.items()}
    return value


def _spellings(number: str) -> str:
    """With or without + and country code, with separators between digits, and never as part of a longer number."""
    number, _, extension = number.partition(_EXTENSION)
    digits = number.removeprefix("+")
    found = parse_listed(number, "US")
    code = str(found.country_code) if isinstance(found, PhoneNumber) else ""
    national = digits.removeprefix(code)
    prefix = rf"(?:\+?{code}{_BETWEEN}|0)?" if code else r"\+?"
    behind = rf"{_BEFORE_EXTENSION}{extension}" if extension else ""
    return rf"(?<!\d){prefix}{_BETWEEN.join(national)}{behind}(?!\d)"


def _as_written(key: str) -> str:
    """A key with the marks, blanks and leading zeros it may be written with; one of digits only where it stands alone,
    for else it may be a count or a day."""
    if key.isdecimal():
        return rf"{_ALONE_BEFORE}0*{key}{_ALONE_AFTER}"
    written = _MARKS.join(map(re.escape, key))
    return rf"{_NO_PART_BEFORE}0*{written}{_NO_PART_AFTER}"

"""What did a command bring along? Each argument is read by name and type; a wrong one is told in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dialer.refusal import Refused

LONGEST_TEXT = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2100  # beyond them zones mean nothing and sums overflow


@dataclass(frozen=True, kw_only=True)
class Args:
    """The arguments of one command. Every method raises Refused for a missing or wrong one; nothing was done then."""

    command: str
    values: Mapping[str, Any]
    prepared: Any = None

    def with_prepared(self, prepared: Any) -> Args:
        return replace(self, prepared=prepared)

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A text that is not blank."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, "a text is needed")
        return self._short(name, value, longest)

    def optional_text(self, name: str, default: str = "", *, longest: int = LONGEST_TEXT) -> str:
        """A text, or the default when it is left out or null."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "a text is expected")
        return self._short(name, value, longest)

    def path(self, name: str) -> Path:
        """A file's name that the system can be asked for."""
        text = self.text(name, longest=4096)
        try:
            if b"\0" not in os.fsencode(text):
                return Path(text)
        except UnicodeEncodeError:
            pass
        raise self._wrong(name, "this can be no file's name")

    def integer(self, name: str, default: int | None = None, *, least: int = 0, most: int = 10**9) -> int:
        """A whole number within limits."""
        value = self.values.get(name, default)
        value = default if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, f"a whole number from {least} to {most} is expected")
        return value

    def number(self, name: str, default: float) -> float:
        """A finite number. A shell's nan and inf come as texts (`new_command`), a stranger's line may hold them."""
        value = self.values.get(name)
        value = default if value is None else value
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= sys.float_info.max:
            raise self._wrong(name, "a finite number is expected")
        return float(value)

    def flag(self, name: str) -> bool:
        """true or false; false when left out."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false is expected")
        return bool(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, possibly empty."""
        value = self.values.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, "a list of texts is expected")
        return tuple(value)

    def table(self, name: str) -> dict[str, Any]:
        """A JSON object, possibly empty."""
        value = self.values.get(name) or {}
        if not isinstance(value, Mapping):
            raise self._wrong(name, "an object is expected")
        return {str(key): item for key, item in value.items()}

    def instant(self, name: str) -> datetime | None:
        """An ISO 8601 instant with its zone, in UTC; none when left out."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            raise self._wrong(name, "an ISO 8601 time such as 2026-11-21T09:00:00-05:00 is expected") from None
        if at.tzinfo is None:
            raise self._wrong(name, "the time has no zone; add one such as -05:00 or Z")
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise self._wrong(name, f"a year from {FIRST_YEAR} to {LAST_YEAR} is expected")
        return at.astimezone(UTC)

    def day(self, name: str) -> date:
        """An ISO 8601 date."""
        found = self.optional_day(name)
        if found is None:
            raise self._wrong(name, "a date such as 2026-11-21 is needed")
        return found

    def optional_day(self, name: str) -> date | None:
        """An ISO 8601 date; none when left out."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            raise self._wrong(name, "a date such as 2026-11-21 is expected") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise self._wrong(name, f"a year from {FIRST_YEAR} to {LAST_YEAR} is expected")
        return day

    def _short(self, name: str, value: str, longest: int) -> str:
        if len(value) > longest:
            raise self._wrong(name, f"{len(value)} characters, the limit is {longest}")
        return value

    def _wrong(self, name: str, words: str) -> Refused:
        shown = repr(self.values.get(name))[:60]
        # Whoever typed --list-date knows it as "list date", and so does whoever sent list_date to the socket.
        return Refused(f"{self.command}: {name.replace('_', ' ')} = {shown}: {words}. Nothing was done.")

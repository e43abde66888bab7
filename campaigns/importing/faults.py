"""How is a fault of this file worded, and how many of them are remembered?"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from campaigns.foreign_text import inert
from campaigns.importing.report import Code, Fault, ImportRefused
from campaigns.phone import known_region

MAX_LISTED = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """Builds the sentences about one file: `leads.csv line 2, phone '555010…': too short for US.`"""

    file: str

    def in_row(
        self, line: int, code: Code, words: str, *, column: str | None = None, shown: str = "", sheet: str = ""
    ) -> Fault:
        """A fault of one row. `shown` must be inert already; `sheet` is a cell such as `Sheet1!C2`."""
        place = f"{self.file} {sheet}" if sheet else f"{self.file} line {line}"
        if column is not None and not sheet:
            place += f", {column}"
        if shown:
            place += f" '{shown}'"
        return Fault(line=line, column=column, code=code, reason=f"{place}: {words}")

    def of_file(self, code: Code, words: str, *, line: int | None = None) -> Fault:
        """A fault of the whole file: `leads.csv is empty (0 bytes). Nothing imported.`"""
        return Fault(line=line, column=None, code=code, reason=f"{self.file} {words}")

    def refuse(self, code: Code, words: str, *, line: int | None = None) -> ImportRefused:
        return ImportRefused(self.of_file(code, words, line=line))

    def repeats(self, line: int, first: int, column: str | None) -> Fault:
        """W-DUP: the number of `line` stood in the row of line `first` already."""
        reason = f"{self.file} line {line} repeats the number of line {first}; kept the first."
        return Fault(line=line, column=column, code=Code.DUPLICATE, reason=reason)

    def region(self, text: str) -> str:
        """The two-letter code of the region that the user named; ImportRefused when there is none."""
        region = known_region(text)
        if region is None:
            words = "was not read: --region names no known country. Use a two-letter code such as US or GB."
            raise self.refuse(Code.SETTING, words)
        return region


def many(count: int, word: str) -> str:
    """`1 row`, `3 rows`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def wording_for(name: str) -> Wording:
    return Wording(file=inert(name, 120))


@dataclass(slots=True)
class FaultList:
    """Faults in file order; the first `MAX_LISTED` are kept, all are counted, so memory stays bounded."""

    listed: list[Fault] = field(default_factory=list)
    total: int = 0

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.total += 1
            if len(self.listed) < MAX_LISTED:
                self.listed.append(fault)

    def as_tuple(self) -> tuple[Fault, ...]:
        return tuple(self.listed)

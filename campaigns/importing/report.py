"""What does a checked file look like to its owner: how much is good, what is wrong, and where?"""

from dataclasses import dataclass
from enum import StrEnum

JSON_KEYS = ("status", "rows", "accepted", "numbers", "rejected", "warnings", "message")


class ImportStatus(StrEnum):
    """OK and OK_WARN: every row counts. PARTIAL: some rows were rejected. REJECT: nothing is stored."""

    OK = "OK"
    OK_WARN = "OK_WARN"
    PARTIAL = "PARTIAL"
    REJECT = "REJECT"

    @property
    def refused(self) -> bool:
        """True when nothing of the file may be used."""
        return self is ImportStatus.REJECT


class Code(StrEnum):
    """The fault codes; a manual may be written about them, so they never change their meaning."""

    ENC = "E-ENC"
    EMPTY = "E-EMPTY"
    HEADER = "E-HEADER"
    DUPLICATE_COLUMN = "E-DUPCOL"
    QUOTE = "E-QUOTE"
    COLUMNS = "E-COLS"
    NUL = "E-NUL"
    CONTROL = "E-CTRL"
    LONG = "E-LONG"
    PHONE = "E-PHONE"
    TIMEZONE = "E-TZ"
    TYPE = "E-TYPE"
    SIZE = "E-SIZE"
    XLSX = "E-XLSX"
    FILE = "E-FILE"
    SETTING = "E-CFG"
    DNC_EMPTY = "E-DNC0"
    DNC = "E-DNC"
    DUPLICATE = "W-DUP"
    SHEET = "W-SHEET"
    PLACE = "W-PLACE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault or warning.

    `line`: physical line where the record starts, or sheet row; None when it concerns the whole file.
    `column`: the header's name, made inert; None when no single column is meant.
    `reason`: a whole sentence with file and place, inert, numbers masked after six digits.
    """

    line: int | None
    column: str | None
    code: Code
    reason: str

    def as_json(self) -> dict[str, object]:
        return {"line": self.line, "column": self.column, "code": str(self.code), "reason": self.reason}


class ImportRefused(Exception):
    """Nothing of the file may be used; `fault` says why. Whoever stores rows must roll back."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckReport:
    """The answer of a check. `rows`: data rows read, blank lines left out. `accepted`: rows that count.

    `numbers`: E.164 in file order, each once; empty when refused. `repeated`: numbers that an earlier row had.
    `rejected` and `warnings` hold at most `faults.MAX_LISTED` entries; `message` tells the full count.
    """

    status: ImportStatus
    rows: int
    accepted: int
    numbers: tuple[str, ...]
    rejected: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    message: str
    repeated: int = 0

    def as_json(self) -> dict[str, object]:
        """Exactly the keys that `leads check --json` and `dnc check-file --json` promise."""
        return {
            "status": str(self.status),
            "rows": self.rows,
            "accepted": self.accepted,
            "numbers": list(self.numbers),
            "rejected": [fault.as_json() for fault in self.rejected],
            "warnings": [fault.as_json() for fault in self.warnings],
            "message": self.message,
        }

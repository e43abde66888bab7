"""What can be wrong with a registry's file or with bringing it into force, and how is it told?"""

from dataclasses import dataclass, field
from enum import StrEnum

from campaigns.foreign_text import inert, mask_digits

FORMER_STAYS = "Nothing was stored; the former generation stays in force."
MAX_LISTED = 1_000
_LEAST_TO_JUDGE = 1_000


class RegistryCode(StrEnum):
    """The fault codes; a manual may be written about them, so they never change their meaning."""

    FILE = "E-REG-FILE"
    TYPE = "E-REG-TYPE"
    EMPTY = "E-REG-EMPTY"
    ROW = "E-REG-ROW"
    XML = "E-REG-XML"
    AREA = "E-REG-AREA"
    NO_AREA = "E-REG-NOAREA"
    SMALL = "E-REG-SMALL"
    FUTURE = "E-REG-FUTURE"
    OLD = "E-REG-OLD"
    GAP = "E-REG-GAP"
    ORDER = "E-REG-ORDER"
    BASE = "E-REG-BASE"
    TWICE = "E-REG-TWICE"
    BUSY = "E-REG-BUSY"
    DISK = "E-REG-DISK"
    REPEAT = "W-REG-REPEAT"
    DROPPED = "W-REG-DROPPED"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryFault:
    """One fault or warning. `line`: physical line in the file; None when it concerns more than a row.

    `reason`: a whole sentence with file and place, inert, numbers masked after six digits.
    """

    code: RegistryCode
    reason: str
    line: int | None = None

    def as_json(self) -> dict[str, object]:
        return {"line": self.line, "code": str(self.code), "reason": self.reason}


class RegistryRefused(Exception):
    """Nothing of the files may be used; `fault` says why."""

    def __init__(self, fault: RegistryFault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def refusal(code: RegistryCode, words: str, line: int | None = None) -> RegistryRefused:
    """`words` with the promise that nothing has changed."""
    return RegistryRefused(RegistryFault(code=code, reason=f"{words} {FORMER_STAYS}", line=line))


@dataclass(slots=True, kw_only=True)
class RowFaults:
    """The rows of one file that could not be read: the first are kept, all are counted.

    A file of which none of the first thousand rows can be read is something else: RegistryRefused.
    """

    file: str
    expected: str
    listed: list[RegistryFault] = field(default_factory=list)
    total: int = 0
    read: int = 0

    def add(self, line: int, found: bytes | str, why: str = "") -> None:
        self.total += 1
        if len(self.listed) < MAX_LISTED:
            shown = mask_digits(inert(found.decode("ascii", "replace") if isinstance(found, bytes) else found, 60))
            reason = f"{self.file} line {line}: '{shown}' is not {self.expected}{f' ({why})' if why else ''}."
            self.listed.append(RegistryFault(code=RegistryCode.ROW, reason=reason, line=line))
        if self.total >= _LEAST_TO_JUDGE and not self.read:
            words = f"{self.file} is no such list: none of its first {self.total:,} rows is {self.expected}."
            raise refusal(RegistryCode.TYPE, words)


def shown_name(name: str) -> str:
    """A file's name as it may be told."""
    return inert(name, 120)
